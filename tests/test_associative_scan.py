"""Running totals of an associative function are those of folding one step after the other."""

import pytest

import flambeau as torch
from flambeau._higher_order_ops import associative_scan


def linear(left, right):
    """Composition of the maps x -> a x + b."""
    return {"a": left["a"] * right["a"], "b": right["a"] * left["b"] + right["b"]}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_totals_are_those_of_a_loop(count, reverse):
    torch.manual_seed(0)
    xs = {"a": torch.rand(2, count, 3, requires_grad=True), "b": torch.rand(2, count, 3)}
    found = associative_scan(linear, xs, dim=1, reverse=reverse, combine_mode="generic")
    order = list(range(count))[:: -1 if reverse else 1]
    total, totals = None, {}
    for i in order:
        here = {name: x[:, i] for name, x in xs.items()}
        total = totals[i] = here if total is None else linear(total, here)
    expected = {name: torch.stack([totals[i][name] for i in range(count)], 1) for name in xs}
    for name in xs:
        torch.testing.assert_close(found[name], expected[name])
    (grad,) = torch.autograd.grad(found["b"].sum() + found["a"].sum(), xs["a"])
    (wanted,) = torch.autograd.grad(expected["b"].sum() + expected["a"].sum(), xs["a"])
    torch.testing.assert_close(grad, wanted)


def test_sizes_must_agree_and_the_mode_must_be_one_for_this_device():
    x = torch.ones(3)
    with pytest.raises(ValueError, match="need to be on CUDA"):
        associative_scan(torch.add, x, 0)
    with pytest.raises(ValueError, match="same number of elements"):
        associative_scan(linear, {"a": x, "b": torch.ones(2)}, 0, combine_mode="generic")
