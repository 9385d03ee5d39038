"""Reductions, scans and sorting give what PyTorch gives: values, dtypes, shapes, gradients, printed results."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")

NAN = float("nan")
ARRAYS = {
    "matrix": np.array([[3.0, 1.0, 2.0, -1.5], [0.5, -4.0, 6.0, 0.0], [2.5, 7.0, -2.0, 1.25]]),
    "cube": np.random.default_rng(0).permutation(24).reshape(2, 3, 4) - 11.5,
    "vector": np.array([2.0, -1.0, 0.5, 4.0, 3.0]),
    "scalar": np.array(2.5),
}
DIMS = ["", "0", "-1", "0, True", "dim=-1, keepdim=True"]
CALLS = [
    *[
        f"x.{name}({a})"
        for name in "sum mean nansum nanmean prod max min amax amin argmax argmin".split()
        for a in DIMS
    ],
    *[f"x.{name}({a})" for name in "all any std var median nanmedian".split() for a in DIMS],
    *[f"x.norm({p})" for p in ("", "1", "3", "float('inf')", "2, 0", "0.5, -1, True")],
    *[f"x.{name}(0)" for name in "cumsum cumprod cummax cummin logcumsumexp logsumexp sort".split()],
    *[f"x.{call}" for call in ("sort(-1, True)", "argsort()", "msort()", "topk(1)", "kthvalue(1)", "mode()")],
    *[f"L.{call}" for call in ("aminmax(x)", "std_mean(x)", "var_mean(x, 0)", "count_nonzero(x)", "diff(x)")],
    *[
        f"L.{call}"
        for call in ("trapezoid(x, dx=0.5)", "cumulative_trapezoid(x)", "gradient(x)", "cov(x)", "dist(x, x + 1)")
    ],
    *[
        f"L.{call}"
        for call in ("quantile(x, 0.3)", "quantile(x, 0.3, 0)", "nanquantile(x, 0.6)", "renorm(x, 2, 0, 1.0)")
    ],
    *[f"L.{call}" for call in ("cdist(x, x * 2)", "pdist(x)", "isin(x, 2.5)")],
]

# what PyTorch has no derivative for
COUNTS = ["unique(x)", "unique(x, return_inverse=True, return_counts=True)", "unique_consecutive(x)", "histc(x, 4)",
          "histogram(x, 3)", "histogram(x, 5, density=True)", "norm(x, 0)"]  # fmt: skip


def run(library, call, array, dtype, grad):
    """The results of a call as text and arrays, or the kind of error."""
    x = library.tensor(array.tolist(), dtype=getattr(library, dtype))
    x = x.requires_grad_() if grad else x
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = eval(call, {"x": x, "L": library})
    except Exception as error:
        return type(error).__name__, str(error).partition("\n")[0].partition(" - got ")[0]
    results = result if isinstance(result, tuple) else (result,)
    found = [type(result).__name__, *[(str(r.dtype), list(r.shape), r.detach().numpy().tolist()) for r in results]]
    floating = [r for r in results if r.requires_grad]
    if floating:
        weights = [library.arange(1.0, r.numel() + 1).reshape(r.shape).to(r.dtype) for r in floating]
        found.append(library.autograd.grad(floating, x, weights)[0].numpy().tolist())
    return found


def same(a, b):
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True) if isinstance(a, (float, int)) else a == b


@pytest.mark.parametrize("which", ARRAYS)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_gives_what_pytorch_gives(call, which):
    """In double precision with gradients, and for integers, errors included."""
    for dtype, grad in (("float64", True), ("int64", False)):
        ours, theirs = (run(library, call, ARRAYS[which], dtype, grad) for library in (flambeau, torch))
        assert same(ours, theirs), f"{dtype}: ours {ours}\ntheirs {theirs}"


@pytest.mark.parametrize("which", ARRAYS)
@pytest.mark.parametrize("call", COUNTS)
def test_counting_gives_what_pytorch_gives(call, which):
    for dtype in ("float64", "float32", "int64"):
        ours, theirs = (run(library, f"L.{call}", ARRAYS[which], dtype, False) for library in (flambeau, torch))
        assert same(ours, theirs), f"{dtype}: ours {ours}\ntheirs {theirs}"


@pytest.mark.parametrize(
    "call", ["x.max(1)", "x.sort()", "x.std()", "x.norm()", "x.sum(1)", "x.mean()", "x.topk(1)", "x.cumprod(0)"]
)
def test_a_result_with_history_prints_as_in_pytorch(call):
    texts = [
        repr(eval(call, {"x": library.tensor([[1.0, 2.0], [4.0, 3.0]], requires_grad=True)}))
        for library in (flambeau, torch)
    ]
    assert texts[0] == texts[1]
