"""Contractions: einsum, tensordot, chains of matrices, kron, cross, vecdot. All end in products of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import errors
from ...ops import shapes
from .. import rows
from ..operands import type_name
from ..outputs import write_result
from ..public import public
from ..tensor import Tensor
from .arguments import need_tensor
from .products import _dtype_hint, _scalar_names, _unexpected_scalar, matmul, mm, refuse_bool

# ---- einsum ----------------------------------------------------------------------------------------------------------

# (equation, shapes) -> labels of each operand and of the result
_plans: dict[tuple, tuple[list[list[Any]], list[Any]]] = {}


@public(method=False)
def einsum(*args: Any) -> Tensor:
    """Sums of products in Einstein's notation: `einsum("ij,jk->ik", x, y)` is the product of two matrices.

    Each letter names a dim; a letter that the result lacks is summed over; `...` stands for dims that broadcast.
    Without `->` the result has the letters that occur once, in alphabetical order. Operands are taken from left to
    right, and each step is one product of matrices. Also `einsum(x, [0, 1], y, [1, 2], [0, 2])`.

    >>> einsum("ii", tensor([[1., 2.], [3., 4.]]))
    tensor(5.)
    """
    equation, operands = _einsum_arguments(args)
    key = (equation, *[x._array.shape for x in operands])
    plan = _plans.get(key)
    if plan is None:
        plan = _parse(equation, [x._array.shape for x in operands])
        if len(_plans) < 1024:
            _plans[key] = plan
    labels, result = plan
    return _contract_all([_without_repeats(x, names) for x, names in zip(operands, labels, strict=True)], result)


def _einsum_arguments(args: tuple) -> tuple[str, list[Tensor]]:
    """The equation and the operands; lists of numbers are turned into an equation."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    if isinstance(args[0], Tensor):
        parts = [_letters(subscripts) for subscripts in args[1::2]]
        operands = list(args[0 : len(args) - len(args) % 2 : 2])
        equation = ",".join(parts)
        if len(args) % 2:
            equation += "->" + _letters(args[-1])
    else:
        equation, operands = args[0], list(args[1:])
        if not isinstance(equation, str):
            raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {type_name(equation)}")
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = list(operands[0])
    for i, x in enumerate(operands):
        need_tensor("einsum", "operands", i + 2, x)
    return equation, operands


def _letters(subscripts: Sequence[Any]) -> str:
    text = ""
    for s in subscripts:
        if s is Ellipsis:
            text += "..."
        elif 0 <= s < 26:
            text += chr(ord("A") + s)
        elif 26 <= s < 52:
            text += chr(ord("a") + s - 26)
        else:
            raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
    return text


def _parse(equation: str, given: list[tuple]) -> tuple[list[list[Any]], list[Any]]:
    """The label of each dim of each operand, and those of the result. Dims under an ellipsis have numbers as labels."""
    left, arrow, right = equation.partition("->")
    terms = _terms(left)
    if len(terms) > len(given):
        raise RuntimeError("einsum(): fewer operands were provided than specified in the equation")
    if len(terms) < len(given):
        raise RuntimeError("einsum(): more operands were provided than specified in the equation")
    widths = [_check_rank(i, term, shape) for i, (term, shape) in enumerate(zip(terms, given, strict=True))]
    widest = max(widths, default=0)
    labels = []
    sizes: dict[Any, int] = {}
    for i, (term, shape, width) in enumerate(zip(terms, given, widths, strict=True)):
        names = _spell(term, range(widest - width, widest))
        labels.append(names)
        own: dict[Any, int] = {}
        for name, n in zip(names, shape, strict=True):
            if own.setdefault(name, n) != n:
                raise RuntimeError(
                    f"einsum(): subscript {name} is repeated for operand {i} but the sizes don't match, {n} != "
                    f"{own[name]}"
                )
            seen = sizes.get(name, 1)
            if seen != 1 and n not in (1, seen):
                raise RuntimeError(
                    f"einsum(): subscript {name} has size {n} for operand {i} which does not broadcast with previously "
                    f"seen size {seen}"
                )
            sizes[name] = max(seen, n) if n else 0
    if arrow:
        return labels, _result(right, left, sizes, widest)
    counts: dict[Any, int] = {}
    for names in labels:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return labels, [*range(widest), *sorted(n for n in counts if isinstance(n, str) and counts[n] == 1)]


def _terms(left: str) -> list[list[str]]:
    """The subscripts of each operand as a list of letters and "..."."""
    terms: list[list[str]] = [[]]
    i = 0
    while i < len(left):
        c = left[i]
        if c == ",":
            terms.append([])
        elif c == ".":
            if "..." in terms[-1]:
                raise RuntimeError(
                    f"einsum(): found '.' for operand {len(terms) - 1} for which an ellipsis was already found"
                )
            if left[i : i + 3] != "...":
                raise RuntimeError(f"einsum(): found '.' for operand {len(terms) - 1} that is not part of any ellipsis")
            terms[-1].append("...")
            i += 2
        elif c.isascii() and c.isalpha():
            terms[-1].append(c)
        elif c != " ":
            raise RuntimeError(_bad_subscript(i))
        i += 1
    return terms


def _bad_subscript(i: int) -> str:
    return f"einsum(): invalid subscript given at index {i} in the equation string, subscripts must be in [a-zA-Z]"


def _check_rank(i: int, term: list[str], shape: tuple) -> int:
    """How many dims the ellipsis of an operand stands for."""
    named = len(term) - ("..." in term)
    if "..." in term:
        if named > len(shape):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) is more than the number of dimensions "
                f"({len(shape)}) for operand {i}"
            )
        return len(shape) - named
    if named != len(shape):
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({named}) does not match the number of dimensions "
            f"({len(shape)}) for operand {i} and no ellipsis was given"
        )
    return 0


def _spell(term: list[str], ellipsis: range) -> list[Any]:
    names: list[Any] = []
    for name in term:
        names += list(ellipsis) if name == "..." else [name]
    return names


def _result(right: str, left: str, sizes: dict, widest: int) -> list[Any]:
    result: list[Any] = []
    i = 0
    while i < len(right):
        c = right[i]
        if c == ".":
            if right[i : i + 3] != "...":
                raise RuntimeError("einsum(): found '.' for output but an ellipsis (...) was already found")
            result += range(widest)
            i += 2
        elif c.isascii() and c.isalpha():
            if c in result:
                raise RuntimeError(f"einsum(): output subscript {c} appears more than once in the output")
            if c not in sizes:
                raise RuntimeError(
                    f"einsum(): output subscript {c} does not appear in the equation for any input operand"
                )
            result.append(c)
        elif c != " ":
            raise RuntimeError(_bad_subscript(len(left) + 2 + i))
        i += 1
    return result


def _without_repeats(x: Tensor, names: list[Any]) -> tuple[Tensor, list[Any]]:
    """The diagonal over dims that have the same label."""
    names = list(names)
    for name in [n for i, n in enumerate(names) if n in names[:i]]:
        first = names.index(name)
        second = names.index(name, first + 1)
        x = rows.diagonal(x, 0, first, second)
        names = [n for i, n in enumerate(names) if i not in (first, second)] + [name]
    return x, names


def _contract_all(operands: list[tuple[Tensor, list[Any]]], result: list[Any]) -> Tensor:
    x, names = operands[0]
    others = {n for _, labels in operands for n in labels}.difference(result)
    places = {n: i for i, n in enumerate([*result, *sorted(others, key=str)])}
    for i in range(1, len(operands)):
        later = {n for _, other in operands[i + 1 :] for n in other} | set(result)
        x, names = _contract(x, names, *operands[i], later, places, swaps=len(operands) == 2)
    x, names = _sum_out(x, names, set(result))
    missing = [n for n in result if n not in names]
    for name in missing:
        x, names = rows.unsqueeze(x, len(names)), [*names, name]
    order = tuple(names.index(n) for n in result)
    return x if order == tuple(range(len(order))) else rows.permute_dims(x, order)


def _sum_out(x: Tensor, names: list[Any], kept: set) -> tuple[Tensor, list[Any]]:
    """Sum over the dims whose labels nobody needs any more."""
    gone = tuple(i for i, n in enumerate(names) if n not in kept)
    if gone:
        x = x.sum(gone)  # type: ignore[attr-defined]
        names = [n for n in names if n in kept]
    return x, names


def _contract(
    a: Tensor, left: list, b: Tensor, right: list, kept: set, places: dict, swaps: bool
) -> tuple[Tensor, list[Any]]:
    """The product of two operands, summed over what is not kept, as one product of (batches of) matrices.

    Its dims come in the order of their `places` in the result as far as one product can give it, so that the result
    mostly needs no other order in memory. PyTorch `swaps` the operands for it where there are no others.
    """
    if a.dtype is not b.dtype:
        raise _unexpected_scalar(a, b)
    refuse_bool("bmm", a)
    a, left = _squeeze_shared(a, left, b, right)
    b, right = _squeeze_shared(b, right, a, left)
    a, left = _sum_out(a, left, kept | set(right))
    b, right = _sum_out(b, right, kept | set(left))
    batch = sorted([n for n in left if n in right and n in kept], key=places.__getitem__)
    summed = [n for n in left if n in right and n not in kept]
    only_a = sorted([n for n in left if n not in right], key=places.__getitem__)
    only_b = sorted([n for n in right if n not in left], key=places.__getitem__)
    if swaps and only_a and only_b and places[only_b[0]] < places[only_a[0]]:
        a, left, only_a, b, right, only_b = b, right, only_b, a, left, only_a
    sizes = dict(zip([*left, *right], [*a._array.shape, *b._array.shape], strict=True))
    names = [*batch, *only_a, *only_b]
    if not summed:
        names.sort(key=places.__getitem__)
        left_part = _aligned(a, left, names)
        return rows.mul(left_part, _aligned(b, right, names)), names
    first = _grouped(a, left, batch, only_a, summed, sizes)
    second = _grouped(b, right, batch, summed, only_b, sizes)
    product = matmul(first, second)
    return rows.reshape_to(product, shape=tuple(sizes[n] for n in names)), names


def _squeeze_shared(x: Tensor, names: list, other: Tensor, others: list) -> tuple[Tensor, list]:
    """Drop the dims of size 1 that broadcast against a larger dim of the other operand."""
    gone = tuple(
        i
        for i, n in enumerate(names)
        if x._array.shape[i] == 1 and n in others and other._array.shape[others.index(n)] != 1
    )
    if not gone:
        return x, names
    return rows.squeeze_dims(x, axes=gone), [n for i, n in enumerate(names) if i not in gone]


def _aligned(x: Tensor, names: list, target: list) -> Tensor:
    """Dims in the order of `target`, with size 1 where the operand has none."""
    order = tuple(names.index(n) for n in target if n in names)
    if order != tuple(range(len(order))):
        x = rows.permute_dims(x, order)
    shape, own = [], iter(x._array.shape)
    for n in target:
        shape.append(next(own) if n in names else 1)
    return x if tuple(shape) == x._array.shape else rows.reshape_to(x, shape=tuple(shape))


def _grouped(x: Tensor, names: list, batch: list, first: list, second: list, sizes: dict) -> Tensor:
    """A matrix, or a batch of them, whose rows and columns are groups of dims."""
    order = tuple(names.index(n) for n in [*batch, *first, *second])
    if order != tuple(range(len(order))):
        x = rows.permute_dims(x, order)
    rows_and_columns = (shapes.numel([sizes[n] for n in first]), shapes.numel([sizes[n] for n in second]))
    shape = rows_and_columns if not batch else (shapes.numel([sizes[n] for n in batch]), *rows_and_columns)
    return x if shape == x._array.shape else rows.reshape_to(x, shape=shape)


# ---- tensordot, chains -----------------------------------------------------------------------------------------------


@public(method=False, out=True)
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Sum of products over several dims of both: the last `dims` of `a` and the first of `b`, or two lists of dims.

    >>> tensordot(ones(3, 4, 5), ones(4, 5, 6), 2).shape
    torch.Size([3, 6])
    """
    need_tensor("tensordot", "a", 1, a)
    need_tensor("tensordot", "b", 2, b)
    over_a, over_b = _tensordot_dims(a, b, dims)
    if a.dtype is not b.dtype:
        raise RuntimeError(f"both inputs should have same dtype\n{_dtype_hint(a, b)}")
    if len(over_a) != len(over_b):
        raise RuntimeError("both dimension lists should have same length")
    sizes_a, sizes_b = list(a._array.shape), list(b._array.shape)
    axes_a, axes_b = shapes.dims(over_a, len(sizes_a)), shapes.dims(over_b, len(sizes_b))
    assert axes_a is not None and axes_b is not None
    for given_a, given_b, i, j in zip(over_a, over_b, axes_a, axes_b, strict=True):
        if sizes_a[i] == 1 or sizes_b[j] == 1:
            a, b = (
                rows.sum_dims(x, dim=(k,), keepdim=True) if x._array.shape[k] != 1 else x for x, k in ((a, i), (b, j))
            )
        elif sizes_a[i] != sizes_b[j]:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {sizes_a[i]} in dim {given_a} and second has "
                f"size {sizes_b[j]} in dim {given_b}"
            )
    free_a = [i for i in range(len(sizes_a)) if i not in axes_a]
    free_b = [j for j in range(len(sizes_b)) if j not in axes_b]
    inner = shapes.numel([a._array.shape[i] for i in axes_a])
    left = rows.permute_dims(a, (*free_a, *axes_a)) if free_a or axes_a else a
    right = rows.permute_dims(b, (*axes_b, *free_b)) if free_b or axes_b else b
    left = rows.reshape_to(left, shape=(shapes.numel([sizes_a[i] for i in free_a]), inner))
    right = rows.reshape_to(right, shape=(inner, shapes.numel([sizes_b[j] for j in free_b])))
    return rows.reshape_to(mm(left, right), shape=(*[sizes_a[i] for i in free_a], *[sizes_b[j] for j in free_b]))


def _tensordot_dims(a: Tensor, b: Tensor, dims: Any) -> tuple[list[int], list[int]]:
    if isinstance(dims, Tensor):
        dims = dims.tolist() if dims._array.ndim else int(dims.item())  # type: ignore[attr-defined]
    if isinstance(dims, (tuple, list)) and len(dims) == 2:
        first, second = dims
        return _as_list(first), _as_list(second)
    if not isinstance(dims, int):
        raise RuntimeError(
            "tensordot expects dims to be int or tuple[list[int], list[int]] or list[list[int]] containing two lists, "
            f"but got dims={dims}"
        )
    if dims < 0:
        raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
    if dims > min(a._array.ndim, b._array.ndim):
        raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
    return list(range(-dims, 0)), list(range(dims))


def _as_list(dims: Any) -> list[int]:
    return [dims] if isinstance(dims, int) else list(dims)


@public(method=False)
def chain_matmul(*matrices: Tensor, out: Tensor | None = None) -> Tensor:
    """The product of several matrices, in the order that costs least; `linalg.multi_dot` is its successor."""
    for i, x in enumerate(matrices):
        if not isinstance(x, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type_name(x)}")
    for x in matrices:
        if x._array.ndim != 2:
            raise RuntimeError(f"Tensor dimension is {x._array.ndim}, expected 2 instead.")
    if not matrices:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    result = rows.clone(matrices[0]) if len(matrices) == 1 else linalg_multi_dot(matrices)
    return result if out is None else write_result("chain_matmul", result, out)


@public(name="linalg_multi_dot", function=False, method=False, out=True)
def linalg_multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """`linalg.multi_dot`: a product of matrices in the order that costs least; the ends may be vectors."""
    count = len(tensors)
    if count < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {count}")
    ranks = [x._array.ndim for x in tensors]
    for place, i in (("first", 0), ("last", -1)):
        if ranks[i] not in (1, 2):
            raise RuntimeError(f"multi_dot(): the {place} tensor must be 1D or 2D but got {ranks[i]}D")
    for i, x in enumerate(tensors):
        if 0 < i < count - 1 and ranks[i] != 2:
            raise RuntimeError(f"multi_dot(): tensor {i} must be 2D but got {ranks[i]}D")
        if x.dtype is not tensors[0].dtype:
            raise RuntimeError(
                "multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                f"{errors.c_name(tensors[0].dtype)} and tensor {i} {errors.c_name(x.dtype)}"
            )
    for i in range(count - 1):
        a, b = tensors[i]._array.shape, tensors[i + 1]._array.shape
        if a[-1] != b[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {list(a)} and {list(b)} cannot be multiplied"
            )
    if count == 2:
        return matmul(tensors[0], tensors[1])
    sizes = [1 if ranks[0] == 1 else tensors[0]._array.shape[0], *[x._array.shape[0] for x in tensors[1:]]]
    if ranks[0] == 2:
        sizes = [x._array.shape[0] for x in tensors]
    sizes.append(1 if ranks[-1] == 1 else tensors[-1]._array.shape[1])
    return _multiply(tensors, _cheapest(sizes), 0, count - 1)


def _cheapest(sizes: list[int]) -> list[list[int]]:
    """Where to split each product of neighbours so that the fewest multiplications are needed."""
    n = len(sizes) - 1
    cost = [[0] * n for _ in range(n)]
    split = [[0] * n for _ in range(n)]
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i][j], split[i][j] = min(
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )
    return split


def _multiply(tensors: Sequence[Tensor], split: list[list[int]], i: int, j: int) -> Tensor:
    if i == j:
        return tensors[i]
    k = split[i][j]
    return matmul(_multiply(tensors, split, i, k), _multiply(tensors, split, k + 1, j))


# ---- kron, cross, vecdot ---------------------------------------------------------------------------------------------


@public(out=True)
def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: every element of `input` times all of `other`.

    >>> kron(tensor([1, 2]), tensor([1, 1, 1]))
    tensor([1, 1, 1, 2, 2, 2])
    """
    need_tensor("kron", "other", 2, other)
    n = max(input._array.ndim, other._array.ndim)
    a = (1,) * (n - input._array.ndim) + tuple(input._array.shape)
    b = (1,) * (n - other._array.ndim) + tuple(other._array.shape)
    left = rows.reshape_to(input, shape=tuple(k for size in a for k in (size, 1)))
    right = rows.reshape_to(other, shape=tuple(k for size in b for k in (1, size)))
    return rows.reshape_to(rows.mul(left, right), shape=tuple(x * y for x, y in zip(a, b, strict=True)))


@public(out=True)
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product of vectors of three elements along `dim`, by default the first dim of size 3.

    >>> cross(tensor([1., 0., 0.]), tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
    """
    if dim is None:
        found = [i for i, n in enumerate(input._array.shape) if n == 3]
        if not found:
            raise RuntimeError("no dimension of size 3 in input")
        dim = found[0]
    return linalg_cross(input, other, dim=dim)


@public(name="linalg_cross", function=False, method=False, out=True)
def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """`linalg.cross`: the cross product of vectors of three elements along `dim`."""
    need_tensor("linalg_cross", "other", 2, other)
    if input._array.ndim != other._array.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    axis = shapes.one_dim(dim, input._array.ndim)
    a, b = (x._array.shape[axis] if x._array.ndim else 1 for x in (input, other))
    if a != 3 or b != 3:
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {a} and {b}")
    if input.dtype is not other.dtype:
        first, second = _scalar_names(input, other)
        raise RuntimeError(f"expected scalar type {first} but found {second}\n{_dtype_hint(input, other)}")
    refuse_bool("cross", input)
    return rows.cross_product(input, other, axis=axis)


@public(name="linalg_vecdot", function=False, method=False, out=True)
def linalg_vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """`linalg.vecdot`: the sums of products along a dim, the first factor conjugated."""
    for one in (x, y):
        if not (one.dtype.is_floating_point or one.dtype.is_complex):
            raise RuntimeError(
                f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {one.dtype.scalar_name}"
            )
    if x.dtype is not y.dtype:
        first, second = _scalar_names(x, y)
        raise RuntimeError(
            f"linalg.vecdot: Expected x and y to have the same dtype, but found x of type {first} and y of type "
            f"{second} "
            f"instead\n{_dtype_hint(x, y)}"
        )
    conjugated = rows.conj(x) if x.dtype.is_complex else x
    return rows.mul(conjugated, y).sum(dim)  # type: ignore[attr-defined]
