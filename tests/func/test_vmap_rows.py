"""Under vmap every row of the op table, and its gradient rules, give what they give for each slice by itself."""

from __future__ import annotations

import importlib
import pkgutil
import zlib

import numpy as np
import pytest
from tests.ops import samples
from tests.ops.samples import A

import flambeau as torch
from flambeau.func import grad, jacfwd, jacrev, vmap
from flambeau.tensor import rows

COUNT = 3
FAMILIES = {
    m.name: importlib.import_module(f"{samples.__name__}.{m.name}") for m in pkgutil.iter_modules(samples.__path__)
}
SAMPLES = [s for family in FAMILIES.values() for s in family.SAMPLES]
IDS = [f"{i}-{s.op}" for i, s in enumerate(SAMPLES)]
# rows whose meaning under vmap is an error: strides of one element's memory, shapes that depend on numbers
REFUSED = {"as_strided", "strided_view", "strided_write", "masked_select", "nonzero", "argwhere"}
# rows whose gradient rule selects by a mask
MASKED = {"masked_scatter"}


class Slot:
    """The place of the n-th tensor in the arguments of a sample."""

    def __init__(self, number: int) -> None:
        self.number = number


def make(a: A, rng: np.random.Generator, dtype: str) -> np.ndarray:
    if a.values is not None:
        return np.array(a.values, a.dtype or dtype)
    if a.dtype is not None and a.dtype.startswith(("int", "uint")):
        return rng.integers(int(a.low), max(int(a.high), int(a.low) + 1), size=a.shape).astype(a.dtype)
    if a.dtype == "bool":
        return rng.random(a.shape) < 0.5
    array = np.asarray(rng.uniform(a.low, a.high, size=a.shape))
    if dtype.startswith("complex"):
        array = array + 1j * rng.uniform(a.low, a.high, size=a.shape)
    return np.asarray(array).astype(a.dtype or dtype)


def batch_of(s, dtype="float64"):
    """(the tensors of a sample with COUNT slices each, a function that calls the row on tensors, which are floats)."""
    rng = np.random.default_rng(zlib.crc32(s.op.encode()))
    described: list[A] = []

    def slots(x):
        if isinstance(x, A):
            described.append(x)
            return Slot(len(described) - 1)
        return type(x)(slots(y) for y in x) if isinstance(x, (list, tuple)) else x

    args, kwargs = slots(s.args), {k: slots(v) for k, v in s.kwargs.items()}
    batches = [torch.from_numpy(np.stack([make(a, rng, dtype) for _ in range(COUNT)])) for a in described]

    def call(*tensors):
        def fill(x):
            if isinstance(x, Slot):
                return tensors[x.number]
            return type(x)(fill(y) for y in x) if isinstance(x, (list, tuple)) else x

        result = getattr(rows, s.op)(*fill(args), **{k: fill(v) for k, v in kwargs.items()})
        return tuple(result) if isinstance(result, (list, tuple)) else (result,)

    return batches, call, [a.grad for a in described]


def close(found, expected):
    assert found.shape == expected.shape and found.dtype is expected.dtype
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-9, atol=1e-11)


def patterns(count: int):
    """Which tensors are batched: all, and each alone."""
    yield (True,) * count
    if count > 1:
        for i in range(count):
            yield tuple(j == i for j in range(count))


def by_slices(call, batches, batched):
    each = [call(*(b[i] if yes else b[0] for b, yes in zip(batches, batched, strict=False))) for i in range(COUNT)]
    return [torch.stack(list(column)) for column in zip(*each, strict=False)]


KEPT = [(i, s, dtype) for i, s in enumerate(SAMPLES) for dtype in ("float64", "complex128")
        if s.op not in REFUSED and (s.complex or dtype == "float64")]  # fmt: skip


@pytest.mark.parametrize(("s", "dtype"), [k[1:] for k in KEPT], ids=[f"{IDS[i]}-{dtype}" for i, _, dtype in KEPT])
def test_values_are_those_of_each_slice(s, dtype):
    batches, call, _ = batch_of(s, dtype)
    if not batches:
        return
    for batched in patterns(len(batches)):
        given = [b if yes else b[0] for b, yes in zip(batches, batched, strict=False)]
        try:
            expected = by_slices(call, batches, batched)
        except RuntimeError:
            # the slices cannot be mixed
            continue
        found = vmap(call, in_dims=tuple(0 if yes else None for yes in batched))(*given)
        for a, b in zip(found, expected, strict=True):
            close(a, b)


DIFFERENTIABLE = [(i, s) for i, s in enumerate(SAMPLES) if s.grad and s.op not in REFUSED | MASKED]


@pytest.mark.parametrize("s", [s for _, s in DIFFERENTIABLE], ids=[IDS[i] for i, _ in DIFFERENTIABLE])
def test_gradients_are_those_of_each_slice(s):
    """Also those of tensors that are the same for all slices: one gradient for each slice inside of vmap."""
    batches, call, wanted = batch_of(s)
    numbers = tuple(
        i for i, (b, yes) in enumerate(zip(batches, wanted, strict=False)) if yes and b.dtype.is_floating_point
    )
    if not numbers:
        return

    def loss(*tensors):
        total = torch.zeros((), dtype=torch.float64)
        for k, y in enumerate(call(*tensors)):
            if y.dtype.is_complex:
                y = torch.view_as_real(y)
            if y.dtype.is_floating_point:
                total = total + (y * torch.linspace(0.5, 1.5, y.numel(), dtype=y.dtype).reshape(y.shape)).sum() * (
                    k + 1
                )
        return total

    gradients = grad(loss, argnums=numbers)
    for batched in patterns(len(batches)):
        given = [b if yes else b[0] for b, yes in zip(batches, batched, strict=False)]
        try:
            expected = by_slices(gradients, batches, batched)
        except RuntimeError:
            continue
        found = vmap(gradients, in_dims=tuple(0 if yes else None for yes in batched))(*given)
        for a, b in zip(found, expected, strict=True):
            close(a, b)
        # outside of vmap, gradients of what all slices share are sums
        dims = tuple(0 if yes else None for yes in batched)
        total = grad(lambda *xs, dims=dims: vmap(loss, in_dims=dims)(*xs).sum(), argnums=numbers)
        for a, b, n in zip(total(*given), expected, numbers, strict=True):
            close(a, b if batched[n] else b.sum(0))


@pytest.mark.parametrize(
    "s", [k[1] for k in KEPT if k[2] == "float64"], ids=[IDS[k[0]] for k in KEPT if k[2] == "float64"]
)
def test_levels_nest(s):
    """The first tensor is batched by the outer vmap, the others by the inner one."""
    batches, call, _ = batch_of(s)
    if len(batches) < 2:
        return
    first, rest = batches[0], batches[1:]
    try:
        expected = [
            torch.stack(list(c)) for c in zip(*[vmap(lambda *r, a=a: call(a, *r))(*rest) for a in first], strict=False)
        ]
    except RuntimeError:
        return
    found = vmap(lambda a: vmap(lambda *r: call(a, *r))(*rest))(first)
    for a, b in zip(found, expected, strict=True):
        close(a, b)


@pytest.mark.parametrize("s", [s for _, s in DIFFERENTIABLE], ids=[IDS[i] for i, _ in DIFFERENTIABLE])
def test_jacobians_forwards_and_backwards_are_gradients_of_each_output(s):
    """Batches of gradients pass through a graph that was made without batches."""
    batches, call, wanted = batch_of(s)
    places = [i for i, (b, yes) in enumerate(zip(batches, wanted, strict=False)) if yes and b.dtype.is_floating_point]
    if not places:
        return
    place = places[0]

    def function(x):
        y = call(*(x if i == place else b[0] for i, b in enumerate(batches)))[0]
        return (torch.view_as_real(y) if y.dtype.is_complex else y).reshape(-1)[:4]

    x = batches[place][0].clone().requires_grad_()
    y = function(x)
    if not y.dtype.is_floating_point or not y.requires_grad:
        return
    rows_of = [
        torch.autograd.grad(one, x, retain_graph=True, allow_unused=True, materialize_grads=True)[0] for one in y
    ]
    expected = torch.stack(rows_of) if len(rows_of) else torch.zeros(0, *x.shape, dtype=x.dtype)
    close(jacrev(function)(x.detach()), expected)
    if s.second:
        close(jacfwd(function)(x.detach()), expected)
