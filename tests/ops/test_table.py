"""Every row of the op table keeps every promise of the table, on the samples of its family."""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from functools import partial

import numpy as np
import pytest

import flambeau as torch
from flambeau.autograd import gradcheck, gradgradcheck
from flambeau.ops.table import TABLE
from flambeau.tensor import rows
from flambeau.tensor.later import INPLACE

from . import samples
from .samples import A, Sample

FAMILIES = {
    m.name: importlib.import_module(f"{samples.__name__}.{m.name}") for m in pkgutil.iter_modules(samples.__path__)
}
SAMPLES = [s for family in FAMILIES.values() for s in family.SAMPLES]
MISTAKES = [m for family in FAMILIES.values() for m in family.ERRORS]


def names(of: list[Sample]) -> list[str]:
    """`add-0`, `add-1`, …: which sample of which row."""
    counts: dict[str, int] = {}
    result = []
    for s in of:
        result.append(f"{s.op}-{counts.setdefault(s.op, 0)}")
        counts[s.op] += 1
    return result


def build(s: Sample, dtype: str = "float64", grad: bool = False, strided: bool = False):
    """The arguments of a sample as tensors. The numbers depend on the row's name only, not on the order of tests."""
    rng = np.random.default_rng(zlib.crc32(s.op.encode()))

    def make(a: A):
        if a.values is not None:
            array = np.array(a.values, a.dtype or dtype)
        elif a.dtype is not None and a.dtype.startswith(("int", "uint")):
            array = rng.integers(int(a.low), max(int(a.high), int(a.low) + 1), size=a.shape).astype(a.dtype)
        elif a.dtype == "bool":
            array = rng.random(a.shape) < 0.5
        else:
            array = np.asarray(rng.uniform(a.low, a.high, size=a.shape))
            if dtype.startswith("complex"):
                array = array + 1j * rng.uniform(a.low, a.high, size=a.shape)
            array = np.asarray(array).astype(a.dtype or dtype)
        if strided and array.ndim:
            spaced = np.zeros([2 * n for n in array.shape], array.dtype).T
            view = spaced[tuple(slice(None, None, 2) for _ in array.shape)].T
            view[...] = array
            array = view
        t = torch.from_numpy(array)
        wanted = grad and a.grad and (t.dtype.is_floating_point or t.dtype.is_complex)
        return t.requires_grad_() if wanted else t

    def visit(x):
        if isinstance(x, A):
            return make(x)
        return type(x)(visit(y) for y in x) if isinstance(x, (list, tuple)) else x

    return [visit(x) for x in s.args], {k: visit(v) for k, v in s.kwargs.items()}


def run(s: Sample, args, kwargs):
    return getattr(rows, s.op)(*args, **kwargs)


def several(result) -> list:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def arrays(values):
    return [
        v.detach().numpy() if isinstance(v, torch.Tensor) else type(v)(arrays(v)) if isinstance(v, (list, tuple)) else v
        for v in values
    ]


def test_every_row_has_a_sample():
    assert sorted(set(TABLE) - {s.op for s in SAMPLES}) == []


def test_no_sample_is_of_a_row_that_is_gone():
    assert sorted({s.op for s in SAMPLES} - set(TABLE)) == []


WITH_REFERENCE = [s for s in SAMPLES if s.reference is not None]


@pytest.mark.parametrize("s", WITH_REFERENCE, ids=names(WITH_REFERENCE))
def test_values_are_numpys(s):
    args, kwargs = build(s)
    found = several(run(s, args, kwargs))
    expected = s.reference(*arrays(args), **{k: arrays([v])[0] for k, v in kwargs.items()})
    expected = list(expected) if isinstance(expected, (tuple, list)) else [expected]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.numpy(), b, rtol=1e-7, atol=1e-9)


def leaves(values) -> list:
    found = []
    for v in values:
        if isinstance(v, (list, tuple)):
            found += leaves(v)
        elif isinstance(v, torch.Tensor) and v.requires_grad:
            found.append(v)
    return found


def as_function(s: Sample, args, kwargs):
    """The row as a function of the tensors that want a gradient, and those tensors."""
    wanted = leaves([*args, *kwargs.values()])

    def function(*given):
        replaced = dict(zip(map(id, wanted), given, strict=True))

        def visit(x):
            if isinstance(x, (list, tuple)):
                return type(x)(visit(y) for y in x)
            return replaced.get(id(x), x)

        return run(s, [visit(a) for a in args], {k: visit(v) for k, v in kwargs.items()})

    return function, tuple(wanted)


DIFFERENTIABLE = [
    s for s in SAMPLES if s.grad and s.op in TABLE and (TABLE[s.op].differentiable or TABLE[s.op].composite)
]


@pytest.mark.parametrize("s", DIFFERENTIABLE, ids=names(DIFFERENTIABLE))
def test_gradients_are_the_numerical_ones(s):
    function, wanted = as_function(s, *build(s, grad=True))
    if wanted:
        gradcheck(function, wanted, check_undefined_grad=False)


TWICE = [s for s in DIFFERENTIABLE if s.second]


@pytest.mark.parametrize("s", TWICE, ids=names(TWICE))
def test_second_gradients_are_the_numerical_ones(s):
    function, wanted = as_function(s, *build(s, grad=True))
    if wanted:
        gradgradcheck(function, wanted, check_undefined_grad=False)


COMPLEX = [s for s in DIFFERENTIABLE if s.complex]


@pytest.mark.parametrize("s", COMPLEX, ids=names(COMPLEX))
def test_complex_gradients_are_the_numerical_ones(s):
    function, wanted = as_function(s, *build(s, dtype="complex128", grad=True))
    if wanted:
        gradcheck(function, wanted, check_undefined_grad=False)


ANY_LAYOUT = [s for s in SAMPLES if s.layout]


@pytest.mark.parametrize("s", ANY_LAYOUT, ids=names(ANY_LAYOUT))
def test_the_layout_of_the_inputs_in_memory_changes_nothing(s):
    plain = several(run(s, *build(s)))
    strided = several(run(s, *build(s, strided=True)))
    for a, b in zip(plain, strided, strict=True):
        np.testing.assert_allclose(b.numpy(), a.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("s", SAMPLES, ids=names(SAMPLES))
def test_float32_gives_float64s_results_to_its_precision(s):
    for a, b in zip(several(run(s, *build(s, "float32"))), several(run(s, *build(s))), strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=2e-4, atol=2e-4)


def on_meta(x):
    """A tensor, or nested tensors, as tensors without data."""
    if isinstance(x, (list, tuple)):
        return type(x)(on_meta(y) for y in x)
    return x.to("meta") if isinstance(x, torch.Tensor) else x


# shapes that depend on values (the pairs of `pdist_of` are found so), or arrays that come from outside
BY_VALUE = {"nonzero", "masked_select", "pdist_of", "drawn_from", "normal_from", "standard_gamma", "sample_dirichlet"}
SHAPED = [s for s in SAMPLES if s.op not in BY_VALUE]


@pytest.mark.parametrize("s", SHAPED, ids=names(SHAPED))
def test_the_meta_device_tells_the_shape_and_dtype(s):
    args, kwargs = build(s, "float32")
    expected = several(run(s, args, kwargs))
    found = several(run(s, on_meta(args), {k: on_meta(v) for k, v in kwargs.items()}))
    assert [(f.shape, f.dtype) for f in found] == [(e.shape, e.dtype) for e in expected]
    assert all(f.is_meta for f in found)


IN_PLACE = [s for s in SAMPLES if s.op in TABLE and TABLE[s.op].inplace]


@pytest.mark.parametrize("s", IN_PLACE, ids=names(IN_PLACE))
def test_the_in_place_method_leaves_what_the_function_gives(s):
    args, kwargs = build(s)
    expected = run(s, args, kwargs)
    args, kwargs = build(s)
    getattr(rows, s.op)  # binds the row, and its in-place function with it
    method = partial(INPLACE[s.op], args[0])
    if expected.shape != args[0].shape:
        before = args[0].clone()
        with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
            method(*args[1:], **kwargs)
        assert torch.equal(args[0], before)
        return
    if not torch.can_cast(expected.dtype, args[0].dtype):
        with pytest.raises(RuntimeError, match="can't be cast"):
            method(*args[1:], **kwargs)
        return
    assert method(*args[1:], **kwargs) is args[0]
    np.testing.assert_array_equal(args[0].numpy(), expected.to(args[0].dtype).numpy())


WITH_OUT = [s for s in SAMPLES if s.op in TABLE and TABLE[s.op].public and TABLE[s.op].view is None]


@pytest.mark.parametrize("s", WITH_OUT, ids=names(WITH_OUT))
def test_out_receives_the_result(s):
    args, kwargs = build(s)
    expected = run(s, args, kwargs)
    if not isinstance(expected, torch.Tensor):
        out = tuple(torch.empty(0, dtype=e.dtype) for e in expected)
    else:
        out = torch.empty(0, dtype=expected.dtype)
    found = run(s, args, {**kwargs, "out": out})
    for a, b, o in zip(several(found), several(expected), several(out), strict=True):
        assert a is o
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("mistake", MISTAKES, ids=[str(i) for i in range(len(MISTAKES))])
def test_a_mistake_is_explained(mistake):
    with pytest.raises(mistake.error, match=mistake.match):
        mistake.call(torch)
