"""Conditions that programs state, and questions they ask about what is at work."""

from __future__ import annotations


def test_a_condition_in_a_tensor_holds_or_raises(agree):
    def session(T, error):
        for value in (True, False, 2.0, [], [1, 1], [0], 0j):
            t = T.tensor(value)
            yield error(lambda t=t: T._assert_async(t)), error(lambda t=t: T._assert_async(t, "must hold"))
        yield error(lambda: T._assert_async(True)), T._assert_async(T.empty(1, device="meta"))

    agree(session)


def test_transforms_are_active_within_them_only(agree):
    def session(T, error):
        seen = []

        def f(x):
            seen.append(T._C._are_functorch_transforms_active())
            return (x * x).sum()

        x = T.ones(2, 2)
        for transform in (T.vmap, T.func.grad, T.func.jacrev, T.func.hessian):
            transform(f)(x)
        T.func.vjp(f, x)
        T.func.jvp(f, (x,), (x,))
        yield all(seen), T._C._are_functorch_transforms_active(), f(x), seen[-1]

    agree(session)


def test_nothing_is_traced_and_the_package_names_itself():
    import flambeau as torch
    from flambeau._subclasses.fake_tensor import is_fake
    from flambeau.fx.experimental.proxy_tensor import get_proxy_mode

    assert torch.torch is torch and not is_fake(torch.ones(1)) and get_proxy_mode() is None


def test_a_mode_that_would_see_no_operation_refuses_to_start():
    import pytest

    from flambeau.utils._python_dispatch import TorchDispatchMode

    class Counter(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {}))

    with pytest.raises(NotImplementedError, match="TorchFunctionMode sees"), Counter():
        pass
