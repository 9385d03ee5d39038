"""A kernel gives the same whoever runs it: Python's numbers, one piece, many, threads, tensors; and hooks work."""

import numpy as np
import pytest

import flambeau
from flambeau import optim
from flambeau.nn import Parameter
from flambeau.optim import pieces

KERNELS = [
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}), ("SGD", {}), ("Adam", {"amsgrad": True}),
    ("AdamW", {}), ("Adamax", {}), ("Adadelta", {}), ("Adagrad", {}), ("ASGD", {"t0": 1}), ("NAdam", {}), ("RAdam", {}),
    ("RMSprop", {"centered": True, "momentum": 0.5}), ("Rprop", {}),
]  # fmt: skip
each_kernel = pytest.mark.parametrize(("name", "options"), KERNELS)


def trained(name, options, value, steps=3, change=lambda p: p):
    """The parameter after some steps whose gradients depend on nothing but its shape."""
    p = change(Parameter(flambeau.from_numpy(value.copy())))
    optimizer = getattr(optim, name)([p], lr=0.1, **options)
    random = np.random.default_rng(3)
    for _ in range(steps):
        p.grad = flambeau.from_numpy(random.standard_normal(value.shape).astype(value.dtype))
        optimizer.step()
    return p.detach().numpy()


@each_kernel
def test_pieces_and_threads_give_what_one_piece_gives(name, options, monkeypatch):
    value = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    whole = trained(name, options, value)
    monkeypatch.setattr(pieces, "SMALL", 1)
    monkeypatch.setattr(pieces, "PIECE", 64)
    np.testing.assert_array_equal(trained(name, options, value), whole)
    monkeypatch.setattr(pieces, "SHARED", 1)
    monkeypatch.setattr(pieces, "SHARED_PIECE", 100)
    monkeypatch.setattr(pieces, "threads", lambda: 3)
    np.testing.assert_array_equal(trained(name, options, value), whole)


@each_kernel
def test_one_element_is_updated_as_several_are(name, options):
    values = np.full(4, 0.7)
    whole = trained(name, options, np.array([[0.7]]))
    random = np.random.default_rng(3)
    gradients = [random.standard_normal((1, 1)) for _ in range(3)]
    p = Parameter(flambeau.from_numpy(values.copy()))
    optimizer = getattr(optim, name)([p], lr=0.1, **options)
    for gradient in gradients:
        p.grad = flambeau.from_numpy(np.full(4, gradient.item()))
        optimizer.step()
    np.testing.assert_allclose(p.detach().numpy(), np.full(4, whole.item()), rtol=1e-12)


@each_kernel
def test_recorded_updates_are_those_of_arrays(name, options):
    value = np.random.default_rng(0).standard_normal((3, 4))
    p = flambeau.from_numpy(value.copy())
    optimizer = getattr(optim, name)([p], lr=0.1, differentiable=True, **options)
    random = np.random.default_rng(3)
    for _ in range(3):
        p.grad = flambeau.from_numpy(random.standard_normal(value.shape))
        optimizer.step()
    np.testing.assert_allclose(p.detach().numpy(), trained(name, options, value), rtol=1e-12)


@each_kernel
def test_the_layout_of_the_memory_makes_no_difference(name, options, monkeypatch):
    value = np.random.default_rng(0).standard_normal((40, 30)).astype(np.float32)
    whole = trained(name, options, value)
    monkeypatch.setattr(pieces, "SMALL", 1)
    turned = trained(name, options, value, change=lambda p: Parameter(p.detach().t().contiguous().t()))
    np.testing.assert_array_equal(turned, whole)


def test_infinities_and_zeros_give_what_numpy_gives():
    """Python's numbers would raise; the update must not."""
    p = Parameter(flambeau.tensor([1.0]))
    optimizer = optim.Adam([p], lr=0.1, eps=0.0)
    p.grad = flambeau.tensor([0.0])
    optimizer.step()
    assert np.isnan(p.item())


def test_no_gradient_means_no_change_and_no_state():
    p = Parameter(flambeau.ones(2))
    optimizer = optim.Adam([p])
    optimizer.step()
    assert p.tolist() == [1.0, 1.0]
    assert optimizer.state_dict()["state"] == {}


def test_a_step_is_noticed_by_autograd():
    """The backward pass of a graph from before the step would use the new values."""
    p = Parameter(flambeau.ones(3))
    loss = (p * p).sum()
    p.grad = flambeau.ones(3)
    optim.SGD([p], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_gradients_are_left_alone():
    p = Parameter(flambeau.ones(3))
    p.grad = flambeau.full((3,), 2.0)
    for name, options in KERNELS:
        getattr(optim, name)([p], lr=0.1, maximize=True, **options).step()
    assert p.grad.tolist() == [2.0, 2.0, 2.0]


def test_zero_grad_forgets_or_zeroes():
    p = Parameter(flambeau.ones(2))
    optimizer = optim.SGD([p])
    p.grad = grad = flambeau.ones(2)
    optimizer.zero_grad(set_to_none=False)
    assert p.grad is grad and grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert p.grad is None


def test_a_closure_is_called_with_recording_on_and_its_loss_returned():
    p = Parameter(flambeau.tensor([2.0]))
    optimizer = optim.SGD([p], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with flambeau.no_grad():
        assert optimizer.step(closure).item() == 4.0
    assert p.item() == 1.0


def test_hooks_are_called_around_the_step_and_can_be_removed():
    calls = []
    p = Parameter(flambeau.ones(1))
    optimizer = optim.SGD([p])
    handles = [
        optimizer.register_step_pre_hook(lambda o, args, kwargs: calls.append("pre")),
        optimizer.register_step_post_hook(lambda o, args, kwargs: calls.append("post")),
        optim.optimizer.register_optimizer_step_pre_hook(lambda o, args, kwargs: calls.append("all pre")),
        optim.optimizer.register_optimizer_step_post_hook(lambda o, args, kwargs: calls.append("all post")),
    ]
    optimizer.step()
    assert calls == ["all pre", "pre", "post", "all post"]
    for handle in handles:
        handle.remove()
    optimizer.step()
    assert len(calls) == 4


def test_hooks_reach_optimizers_that_users_write():
    class Mine(optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"lr": 1.0})

        def step(self, closure=None):
            return "stepped"

    calls = []
    optimizer = Mine([Parameter(flambeau.ones(1))])
    optimizer.register_step_pre_hook(lambda o, args, kwargs: calls.append(o))
    assert optimizer.step() == "stepped"
    assert calls == [optimizer]


def test_hooks_of_states_may_replace_them():
    p = Parameter(flambeau.ones(1))
    optimizer = optim.SGD([p], lr=0.1)
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "note": 1})
    saved = optimizer.state_dict()
    assert saved["note"] == 1
    optimizer.register_load_state_dict_pre_hook(
        lambda o, state: {**state, "param_groups": [{**state["param_groups"][0], "lr": 0.5}]}
    )
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_named_parameters_keep_their_names():
    model = flambeau.nn.Linear(2, 2)
    optimizer = optim.SGD(model.named_parameters(), lr=0.1)
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


def test_a_learning_rate_may_be_a_tensor():
    p = Parameter(flambeau.tensor([1.0]))
    optimizer = optim.SGD([p], lr=flambeau.tensor(0.5))
    p.grad = flambeau.tensor([1.0])
    optimizer.step()
    assert p.item() == 0.5


def test_swapped_in_parameters_are_the_ones_that_move():
    p, other = Parameter(flambeau.ones(1)), Parameter(flambeau.ones(1))
    optimizer = optim.Adam([p], lr=0.1)
    p.grad = other.grad = flambeau.ones(1)
    optimizer.step()
    before = p.item()
    with optim.swap_in_optimizer_params_and_state(optimizer, {"w": other}, optimizer.state_dict()):
        optimizer.step()
    assert p.item() == before and other.item() < 1.0
    assert optimizer.param_groups[0]["params"] == [p]
