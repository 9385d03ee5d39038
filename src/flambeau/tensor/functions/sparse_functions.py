"""The functions of tensors that there are for sparse ones, and which of them a call means.

A function of tensors that is given a sparse one is looked up here under its public name; one that is not there is
refused. Most compute on the tensor of the values, so that gradients come by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ... import config, dtypes
from ...ops.shapes import one_dim
from ...storage import bump
from ...xp import numpy as xnp
from ...xp import sparse as xsp
from ...xp.sparse import Coo, refused
from .. import later
from ..inplace import check_inplace, inplace_result
from ..operands import result_dtype
from ..outputs import overlaps_itself
from ..public import FUNCTIONS
from ..recording import rename_node, renamed_class
from ..tensor import Tensor, kind_of, make, wrap
from .sparse import (
    SparseNode,
    check_layout,
    coalesce,
    is_sparse,
    masked,
    of_values,
    passed,
    record,
    sparse_mask,
    to_dense,
    values_of,
)
from .sparse_dims import cat, indexed, permute, select, stack, t, transpose, unbind, unsqueeze

# ---- arithmetic ------------------------------------------------------------------------------------------------------


def _number(x: Any) -> bool:
    """Whether x is a number, or a tensor of one without dims, of any layout."""
    return not isinstance(x, Tensor) or not x._array.ndim


def _plain(x: Any) -> Any:
    return to_dense(x) if is_sparse(x) else x


def add(input: Any, other: Any, *, alpha: Any = 1, name: str = "AddBackward0") -> Tensor:
    if not is_sparse(other) or not isinstance(input, Tensor):
        raise RuntimeError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.")
    if input.shape != other.shape:
        if is_sparse(input):
            raise RuntimeError(
                f"add: expected sizes of 'self' and 'other' to match, but {list(input.shape)} != {list(other.shape)}"
            )
        raise RuntimeError(
            f"add: expected 'self' and 'other' to have same size, but self has size {list(input.shape)} while other "
            f"has size {list(other.shape)} (FYI: dense-sparse addition does not currently support broadcasting)"
        )
    if is_sparse(input) and input._array.indices.shape[0] != other._array.indices.shape[0]:
        raise RuntimeError("add: expected 'self' and 'other' to have same density")
    native = xnp.NATIVE[result_dtype([input, other])]
    a, b = xsp.astype(input._array, native), xsp.astype(other._array, native)
    b = b if alpha == 1 else b * native.type(alpha)
    rules = (lambda g: g.to(input.dtype), lambda g: (g if alpha == 1 else g * alpha).to(other.dtype))
    return record(name, xnp.run(xsp.add, a, b) if is_sparse(input) else a + b.to_dense(), (input, other), rules)


def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    return add(input, other, alpha=-alpha, name="SubBackward0")


def mul(input: Any, other: Any) -> Tensor:
    a, b = (input, other) if is_sparse(input) and (not _number(input) or _number(other)) else (other, input)
    x = a._array
    if _number(b):
        return of_values(x, values_of(a) * _plain(b), "Mul")
    if is_sparse(b):
        if a.shape != b.shape:
            raise RuntimeError(f"mul operands have incompatible sizes: {list(a.shape)} and {list(b.shape)}")
        a, b = coalesce(a), coalesce(b)
        y = b._array
        found, there = xsp.positions(a._array, y)
        array = Coo(y.indices[:, there], a._array.values[found[there]] * y.values[there], y.shape, True)
    else:
        array = x * xnp.broadcast_to(b._array, x.shape)
    native = xnp.NATIVE[result_dtype([a, b])]
    rules = (lambda g, a, b: (g * b).to(a.dtype), lambda g, a, b: (g * a).to(b.dtype))
    return record("MulBackward0", xsp.astype(array, native), (a, b), rules, (a, b))


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    if not is_sparse(input):
        raise refused("div")
    if not _number(other):
        raise RuntimeError(
            "Sparse division requires a scalar or zero-dim dense tensor divisor "
            f"(got shape {list(other.shape)} for divisor)"
        )
    f = partial(FUNCTIONS["div"], rounding_mode=rounding_mode)
    if rounding_mode is not None:
        return on_values("Div", f, input, _plain(other))
    return of_values(input._array, f(values_of(input), _plain(other)), "Div")


def pow_(input: Any, exponent: Any) -> Tensor:
    if isinstance(exponent, Tensor) or not is_sparse(input):
        raise refused("pow")
    if not exponent:
        raise RuntimeError("pow: cannot raise to zeroth power on sparse tensor; it would make the result tensor dense")
    return on_values("Pow", FUNCTIONS["pow"], input, exponent)


# ---- products --------------------------------------------------------------------------------------------------------


def _matrix(t: Tensor, name: str = "addmm") -> None:
    if t._array.ndim != 2 or is_sparse(t) and t._array.indices.shape[0] != 2:
        dims = t._array.indices.shape[0] if is_sparse(t) else t._array.ndim
        raise RuntimeError(f"{name}: matrices expected, got {dims}D tensor")


def mm(input: Tensor, mat2: Tensor, *, masked_grad: bool = False) -> Tensor:
    """A product of two matrices, the first of them sparse; the second is a vector too."""
    if input.dtype is not mat2.dtype:
        names = [t.dtype.scalar_name for t in (input, mat2)]
        raise RuntimeError(f"expected scalar type {names[0]} but found {names[1]}")
    _matrix(input)
    if not is_sparse(input):
        _matrix(mat2)
        return mm(mat2.t(), input.t(), masked_grad=masked_grad).transpose(0, 1)  # type: ignore[attr-defined]
    if mat2._array.ndim > 1:
        _matrix(mat2)
    n, k = input._array.shape[1], mat2._array.shape[0]
    if n != k:
        raise RuntimeError(f"addmm: Argument #3 (dense): Expected dim 0 size {n}, got {k}")
    array = xnp.run(xsp.mm, input._array, mat2._array)
    where = input._array
    if type(array) is Coo:
        name = "SparseSparseMatmulBackward0"
        rules = (
            lambda g, a, b: masked(g @ b.t().conj(), a._array.coalesce()),
            lambda g, a, b: masked(a.t().conj() @ g, b._array.coalesce()),
        )
    else:
        name = "MvBackward0" if mat2._array.ndim == 1 else "SparseAddmmBackward0" if masked_grad else "MmBackward0"

        def first(g: Tensor, a: Tensor, b: Tensor) -> Tensor:
            grad = g.outer(b.conj()) if b.dim() == 1 else g @ b.t().conj()  # type: ignore[attr-defined]
            return masked(grad, where.coalesce()) if masked_grad else grad

        rules = (first, lambda g, a, b: a.t().conj() @ g)
    return record(name, array, (input, mat2), rules, (input, mat2))


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1, masked_grad: Any = False) -> Any:
    if is_sparse(input):
        raise refused("addmm")
    product = mm(mat1, mat2, masked_grad=masked_grad)
    product = product if alpha == 1 else product * alpha
    sum = product if beta == 0 else (input if beta == 1 else input * beta) + product
    return rename_node(sum, "SparseAddmmBackward0")


def matmul(input: Tensor, other: Tensor) -> Tensor:
    if input._array.ndim > 2 or other._array.ndim > 2:
        raise RuntimeError("expand is unsupported for Sparse tensors")
    return mm(input, other)


def linear(input: Tensor, weight: Tensor, bias: Any = None) -> Tensor:
    product = matmul(input, weight.t())  # type: ignore[attr-defined]
    return product if bias is None else product + bias


# ---- sums ------------------------------------------------------------------------------------------------------------


def sum_all(input: Tensor, dtype: Any = None) -> Tensor:
    total = values_of(input).detach().sum(dtype=dtype)  # type: ignore[attr-defined]
    return record("SumBackward0", total._array, (input,), (lambda g: g.to(input.dtype).expand(input.shape),))


def sum_over(input: Tensor, dim: Any = None, dtype: Any = None, keepdim: bool = False) -> Tensor:
    """The sum over some dims: sparse, while a sparse dim is left."""
    t = coalesce(input if dtype is None else to(input, dtype))
    x = t._array
    if dim is None:
        return values_of(t).sum()  # type: ignore[attr-defined]
    count = x.indices.shape[0]
    dims = {one_dim(d, x.ndim) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))}
    if not dims:
        return input
    dense = tuple([d - count + 1 for d in dims if d >= count])
    values = values_of(t).sum(dense, keepdim=keepdim) if dense else values_of(t)  # type: ignore[attr-defined]
    left = [d for d in range(count) if d not in dims]
    if not left and not keepdim:
        return values.sum(0)
    shape = [1 if d in dims else n for d, n in enumerate(x.shape) if keepdim or d not in dims]
    indices = [
        x.indices[d] if d in left else xnp.zeros_like(x.indices[d]) for d in range(count) if keepdim or d in left
    ]
    where = Coo(xnp.stack(indices), values._array, shape, len(left) == count)
    total = coalesce(of_values(where, values, "SparseSum"))
    if total._edge is not None:
        total._edge.__class__ = renamed_class(SparseNode, "SparseSumBackward0")
    return total


def sum_(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    if dim is None:
        return sum_all(input, dtype)
    return sum_over(input, dim, dtype, keepdim)


def softmax(input: Tensor, dim: int, dtype: Any = None, log: bool = False) -> Tensor:
    """The softmax (or its logarithm) along a dim of the values that are there."""
    t = coalesce(input if dtype is None else to(input, dtype))
    x = t._array
    dim = one_dim(dim, x.ndim)
    count, values = x.indices.shape[0], values_of(t)
    name = "SparseLogSoftmax" if log else "SparseSoftmax"
    if dim >= count:
        return of_values(x, FUNCTIONS["log_softmax" if log else "softmax"](values, dim - count + 1), name)
    numbers, n = xsp.groups(x, dim)
    shifted = values - wrap(xsp.group_maxima(x.values, numbers, n)[numbers])
    powers, group = shifted.exp(), wrap(numbers)
    totals = FUNCTIONS["zeros"]((n, *x.split[1]), dtype=t.dtype).index_add(0, group, powers).index_select(0, group)
    return of_values(x, shifted - totals.log() if log else powers / totals, name)


# ---- copies and conversions ------------------------------------------------------------------------------------------


def to(input: Tensor, *args: Any, method: str = "to", **kwargs: Any) -> Tensor:
    if any(str(a) == "meta" for a in (*args, *kwargs.values())):
        raise refused("to", "Meta")
    values = values_of(input)
    moved = getattr(values, method)(*args, **kwargs)
    return input if moved is values else of_values(input._array, moved, "ToCopy")


def zeros_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **ignored: Any) -> Tensor:
    x = input._array
    native = x.dtype if dtype is None else xnp.NATIVE[dtype]
    array = Coo(x.indices[:, :0], xnp.zeros((0, *x.split[1]), dtype=native), x.shape, True)
    return make(array, array.kind).requires_grad_(requires_grad)


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    return record("CloneBackward0", input._array.copy(), (input,), (passed,))


def detach(input: Tensor) -> Tensor:
    return make(input._array, input._kind)


# ---- in place --------------------------------------------------------------------------------------------------------


def replace(t: Tensor, result: Tensor, in_memory: bool = True) -> Tensor:
    """Let a sparse tensor be what was computed of it; in its memory, where the places are the same."""
    if not is_sparse(result):
        raise refused("copy_")
    if not dtypes.can_cast(result.dtype, t.dtype):
        raise RuntimeError(
            f"result type {result.dtype.scalar_name} can't be cast to the desired output type {t.dtype.scalar_name}"
        )
    check_inplace(t, config.modes())
    old, new = t._array, xsp.astype(result._array, t._array.dtype)
    if in_memory and new.indices is old.indices and not overlaps_itself(old.values):
        old.values[...] = new.values
        new = new.with_values(old.values)
    t._array, t._edge = new, result._edge
    bump(new.values)
    return t


def add_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    if is_sparse(input):
        return replace(input, add(input.clone() if input is other else input, other, alpha=alpha))
    return inplace_result(input, lambda: add(input, other, alpha=alpha))


def copy_(input: Tensor, src: Any, *args: Any, **kwargs: Any) -> Tensor:
    if not (is_sparse(input) and is_sparse(src)):
        raise RuntimeError(
            f"copy_() between dense and sparse Tensors is not implemented! Found self type = {input.type()} and src "
            f"type = {src.type()}"  # type: ignore[attr-defined]
        )
    return replace(input, clone(src))


def zero_(input: Tensor) -> Tensor:
    return replace(input, zeros_like(input))


def sparse_resize_(input: Tensor, size: Any, sparse_dim: int, dense_dim: int, clear: bool = False) -> Tensor:
    x, size = input._array, tuple(size)
    sparse, dense = x.split
    if len(size) != sparse_dim + dense_dim:
        raise RuntimeError(
            f"'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = {len(size)}, sparse_dim = "
            f"{sparse_dim}, dense_dim = {dense_dim}"
        )
    if clear or not x.indices.shape[1]:
        empty = xnp.zeros((sparse_dim, 0), dtype=xnp.int64), xnp.zeros((0, *size[sparse_dim:]), dtype=x.dtype)
        input._array = Coo(*empty, size, True)
        return input
    for what, old, count in (("sparse", sparse, sparse_dim), ("dense", dense, dense_dim)):
        new = size[:count] if what == "sparse" else size[sparse_dim:]
        if len(old) != count:
            text = f"changing the number of {what} dimensions (from {len(old)} to {count})"
        elif any(n < m for n, m in zip(new, old, strict=True)):
            text = f"shrinking the size of {what} dimensions (from {list(old)} to {list(new)})"
        else:
            continue
        raise RuntimeError(f"{text} on a non-empty sparse tensor is not supported.")
    values = xnp.zeros((x.indices.shape[1], *size[sparse_dim:]), dtype=x.dtype)
    values[tuple([slice(n) for n in x.values.shape])] = x.values
    input._array = Coo(x.indices, values, size, x.coalesced)
    return input


def _itself(input: Tensor, sparse_dim: int | None = None, *, layout: Any = None, **kwargs: Any) -> Tensor:
    check_layout(layout)
    return input


def _coalesced_(input: Tensor, coalesced: bool) -> Tensor:
    x = input._array
    input._array = Coo(x.indices, x.values, x.shape, coalesced)
    return input


def _indices(input: Tensor) -> Tensor:
    return wrap(input._array.indices)


def _of_coalesced(name: str, f: Callable, input: Tensor) -> Any:
    if not input._array.coalesced:
        raise RuntimeError(f"Cannot get {name} on an uncoalesced tensor, please call .coalesce() first")
    return f(input)


def on_values(name: str, f: Callable, t: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """A function that keeps zeros, of the values of a coalesced tensor."""
    t = coalesce(t)
    return of_values(t._array, f(values_of(t), *args, **kwargs), name)


def _elementwise(name: str, t: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    return on_values(name.capitalize(), getattr(Tensor, name), t, *args, **kwargs)


def _error(text: str, *args: Any, **kwargs: Any) -> Any:
    raise RuntimeError(text)


def _norm(t: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    if dim is not None and len(dim if isinstance(dim, (tuple, list)) else (dim,)) != t._array.ndim:
        raise RuntimeError(
            "norm_sparse currently only supports full reductions, so 'dim' must either be empty or contain all "
            "dimensions of the input"
        )
    return FUNCTIONS["norm"](values_of(coalesce(t)).reshape(-1), 2 if p == "fro" else p, dtype=dtype)  # type: ignore


# ---- which function is which -----------------------------------------------------------------------------------------

HANDLERS: dict[str, Callable] = {
    "add": add, "sub": sub, "subtract": sub, "mul": mul, "multiply": mul, "div": div, "divide": div, "true_div": div,
    "true_divide": div, "floor_divide": partial(div, rounding_mode="floor"), "pow": pow_, "__pow__": pow_, "mm": mm,
    "mv": mm, "spmm": mm, "matmul": matmul, "addmm": addmm, "linear": linear, "sum": sum_, "permute": permute, "t": t,
    "permute_dims": permute, "transpose": transpose, "swapaxes": transpose, "swapdims": transpose,
    "unsqueeze": unsqueeze, "select": select, "cat": cat, "concat": cat, "concatenate": cat, "to": to, "clone": clone,
    "detach": detach, "alias": detach, "zeros_like": zeros_like, "empty_like": zeros_like, "coalesce": coalesce,
    "to_dense": to_dense, "to_sparse": _itself, "to_sparse_coo": _itself, "as_tensor": _itself,
    "stack": stack, "linear_without_bias": linear, "sparse_mask": sparse_mask,
    "add_": add_, "sub_": lambda a, b, alpha=1: add_(a, b, alpha=-alpha), "copy_": copy_, "zero_": zero_,
    "sparse_resize_": sparse_resize_, "sparse_resize_and_clear_": partial(sparse_resize_, clear=True),
    "_coalesced_": _coalesced_, "is_coalesced": lambda t: t._array.coalesced,
    "_nnz": lambda t: t._array.indices.shape[1],
    "sparse_dim": lambda t: t._array.indices.shape[0], "dense_dim": lambda t: t._array.values.ndim - 1,
    "indices": partial(_of_coalesced, "indices", _indices), "values": partial(_of_coalesced, "values", values_of),
    "_indices": _indices, "_values": lambda t: make(t._array.values, kind_of(t._array.values)), "norm": _norm,
    "select_index": indexed, "insert_index": indexed, "any": lambda t: values_of(coalesce(t)).bool().any(),
    "reshape": partial(_error, "reshape is not implemented for sparse tensors"),
    "flatten": partial(_error, "reshape is not implemented for sparse tensors"),
    "expand": partial(_error, "expand is unsupported for Sparse tensors"),
    "contiguous": partial(_error, "unsupported memory format option Contiguous"),
    "unbind": unbind,
    "adjoint": lambda x: t(x.conj()) if x.is_complex() else t(x),
}  # fmt: skip
for _name, _kind in {"crow_": "row", "col_": "row", "ccol_": "column", "row_": "column"}.items():
    _text = f"{_name}indices expected sparse {_kind} compressed tensor layout but got Sparse"
    HANDLERS[f"{_name}indices"] = partial(_error, _text)
HANDLERS["_dimI"], HANDLERS["_dimV"] = HANDLERS["sparse_dim"], HANDLERS["dense_dim"]
for _name in (
    "abs asin asinh atan atanh ceil deg2rad erf erfinv expm1 floor frac log1p nan_to_num neg positive rad2deg relu "
    "round sgn sign signbit sin sinh sqrt square tan tanh trunc isnan isinf isposinf isneginf conj conj_physical "
    "absolute negative arcsin arcsinh arctan arctanh fix"
).split():
    HANDLERS[_name] = partial(_elementwise, _name)
HANDLERS["neg"] = HANDLERS["negative"] = lambda t: of_values(t._array, values_of(t).neg(), "Neg")
for _name in "double float half bfloat16 long int short char byte bool cfloat cdouble cpu".split():
    HANDLERS[_name] = partial(to, method=_name)
# what is true of every tensor
AS_THEY_ARE = (
    "is_floating_point is_complex is_tensor is_same_size numel real result_type can_cast is_conj is_neg".split()
)


# what may have a dense tensor as its first
_DENSE_FIRST = (
    "add sub subtract mul multiply mm mv spmm matmul addmm linear linear_without_bias add_ sub_ copy_ sparse_mask"
).split()


def call(func: Callable, args: Any, kwargs: dict[str, Any]) -> Any:
    """What a function of tensors gives where some arguments are sparse; NotImplemented for facts of any tensor."""
    name = func.__name__
    if name in AS_THEY_ARE:
        return NotImplemented
    kwargs = {{"axis": "dim", "keepdims": "keepdim"}.get(key, key): value for key, value in kwargs.items()}
    out = kwargs.pop("out", None)
    for key in ("input", "self", "tensors"):
        if not args and key in kwargs:
            args = (kwargs.pop(key),)
    first = args[0] if args else None
    if name not in _DENSE_FIRST and not (is_sparse(first) or isinstance(first, (tuple, list))):
        raise refused(name)
    handler = HANDLERS.get(name)
    if handler is not None:
        result = handler(*args, **kwargs)
    elif not name.endswith("_") or name[:-1] not in HANDLERS:
        raise refused(name)
    elif not first._array.coalesced and name not in ("mul_", "div_", "neg_", "multiply_", "divide_"):  # type: ignore
        raise RuntimeError(f"{name} requires coalesced input")
    else:
        out, result = first, HANDLERS[name[:-1]](*args, **kwargs)
    if out is not None and not (is_sparse(out) and is_sparse(result)):
        raise refused(f"{name}.out")
    return result if out is None else replace(out, result, in_memory=name != "mul_")


later.sparse_call = call
later.replace_sparse = replace
