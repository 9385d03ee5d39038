"""Regions of mixed precision: nesting, decorators, gradients, the cache, functions with gradients of their own."""

from __future__ import annotations

import threading

import pytest

import flambeau as torch
from flambeau import config


def test_a_region_casts_products_and_ends():
    x = torch.ones(2, 2)
    with torch.autocast("cpu"):
        assert (x @ x).dtype is torch.bfloat16
        assert torch.is_autocast_enabled("cpu") and not torch.is_autocast_enabled()
        with torch.autocast("cpu", dtype=torch.float16):
            assert (x @ x).dtype is torch.float16 is torch.get_autocast_dtype("cpu")
        with torch.autocast("cpu", enabled=False):
            assert (x @ x).dtype is torch.float32
        assert (x @ x).dtype is torch.bfloat16
    assert (x @ x).dtype is torch.float32
    assert config.state.special == 0, "the fast path is open again"


def test_a_region_ends_with_an_error():
    with pytest.raises(ZeroDivisionError), torch.autocast("cpu"):
        raise ZeroDivisionError
    assert not torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") is torch.bfloat16


def test_a_decorated_function_runs_in_a_region():
    @torch.autocast("cpu")
    def product(x):
        return x @ x

    assert product(torch.ones(2, 2)).dtype is torch.bfloat16
    assert product.__name__ == "product"


def test_other_threads_are_outside():
    found = []
    with torch.autocast("cpu"):
        thread = threading.Thread(target=lambda: found.append((torch.ones(2, 2) @ torch.ones(2, 2)).dtype))
        thread.start()
        thread.join()
    assert found == [torch.float32]


def test_out_and_in_place_forms_are_left_alone():
    x, out = torch.ones(2, 2), torch.zeros(2, 2)
    with torch.autocast("cpu"):
        assert torch.mm(x, x, out=out).dtype is torch.float32
        assert x.addmm_(torch.ones(2, 2), torch.ones(2, 2)).dtype is torch.float32
    assert out.tolist() == [[2, 2], [2, 2]]


def test_gradients_come_back_in_the_dtype_of_the_parameters():
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    x, target = torch.randn(5, 3), torch.tensor([0, 1, 0, 1, 0])
    with torch.autocast("cpu"):
        scores = model(x)
        loss = torch.nn.functional.cross_entropy(scores, target)
    assert scores.dtype is torch.bfloat16 and loss.dtype is torch.float32
    loss.backward()
    mixed = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(x), target).backward()
    for half, exact in zip(mixed, [p.grad for p in model.parameters()], strict=True):
        assert half.dtype is torch.float32
        assert torch.allclose(half, exact, atol=0.02)


@pytest.mark.parametrize("cached", [True, False])
def test_a_parameter_is_cast_once_for_a_region_if_the_cache_is_on(cached):
    weight = torch.ones(2, 2, requires_grad=True)
    with torch.autocast("cpu", cache_enabled=cached):
        first, second = torch.mm(weight, weight).grad_fn.next_functions
        assert (first[0] is second[0]) is cached
    with torch.autocast("cpu", cache_enabled=cached):
        weight.data.fill_(2.0)
        assert torch.mm(weight, weight)[0, 0].item() == 8, "a new region casts anew"


def test_what_was_cast_without_gradients_does_not_lose_them_later():
    weight = torch.ones(2, 2, requires_grad=True)
    with torch.autocast("cpu"):
        with torch.no_grad():
            torch.mm(weight, weight)
        assert torch.mm(weight, weight).requires_grad


def test_functions_with_gradients_of_their_own_choose_their_dtype():
    class Product(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu", cast_inputs=torch.float32)
        def forward(ctx, x):
            ctx.save_for_backward(x)
            seen.append((x.dtype, torch.is_autocast_enabled("cpu")))
            return x @ x

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            seen.append((g.dtype, torch.is_autocast_enabled("cpu")))
            return g @ x.t() + x.t() @ g

    seen = []
    x = torch.ones(2, 2, dtype=torch.bfloat16, requires_grad=True)
    with torch.autocast("cpu"):
        y = Product.apply(x)
    y.sum().backward()
    assert seen == [(torch.float32, False), (torch.float32, False)]
    assert x.grad.dtype is torch.bfloat16


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: torch.autocast(torch.device("cpu")), ValueError, "Expected `device_type` of type `str`"),
        (lambda: torch.autocast("meta"), RuntimeError, "unsupported scalarType"),
        (lambda: torch.autocast("cpu")(3), TypeError, "requires a callable, but got int"),
        (lambda: torch.get_autocast_dtype(3), TypeError, r"argument 'device_type' \(position 1\) must be str, not int"),
        (lambda: torch.is_autocast_enabled("meta"), RuntimeError, "unknown device type for autocast"),
    ],
)
def test_wrong_arguments_are_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_what_pytorch_turns_off_with_a_warning_is_turned_off():
    with pytest.warns(UserWarning, match="CUDA is not available or torch_xla is imported"):
        torch.autocast("cuda")
    with (
        pytest.warns(UserWarning, match="In CPU autocast, but the target dtype is not supported"),
        torch.autocast("cpu", dtype=torch.float32),
    ):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32


def test_old_names_work_and_warn():
    with pytest.warns(DeprecationWarning, match=r"Please use torch\.get_autocast_dtype\('cpu'\) instead"):
        assert torch.get_autocast_cpu_dtype() is torch.bfloat16
    with pytest.warns(FutureWarning, match=r"torch\.cpu\.amp\.autocast\(args\.\.\.\)` is deprecated"):
        region = torch.cpu.amp.autocast()
    with region:
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.bfloat16
