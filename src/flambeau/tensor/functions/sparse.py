"""Sparse tensors in coordinates: how they are made of values, and values and dense tensors of them.

What is computed is recorded as a `SparseNode`, whose rules are functions of tensors. The gradient of a sparse tensor is
sparse or dense, and means what it means as a dense one: values at one place add up.
"""

from __future__ import annotations

from typing import Any

from ... import config, errors
from ...ops.shapes import numel
from ...storage import layout, sparse_coo, version, writer
from ...xp import numpy as xnp
from ...xp import sparse as xsp
from ...xp.sparse import Coo, refused
from .. import later
from .. import node as graph
from ..node import Node
from ..public import FUNCTIONS, public
from ..recording import renamed_class
from ..tensor import Tensor, current_edge, kind_of, make, set_requires_grad, wrap
from .from_data import tensor
from .shape import converted

# ---- recording -------------------------------------------------------------------------------------------------------


class SparseNode(Node):
    """A step from or to a sparse tensor: one rule for each input, of the gradient and of the tensors saved."""

    __slots__ = ("rules", "then")
    rules: tuple
    # the arrays of the saved tensors, and how often they had been written
    then: list
    on_tensors = True

    @staticmethod
    def backward(node: SparseNode, g: Any, lifted: bool) -> list[Any]:  # type: ignore[override]
        for t, (array, then) in zip(node.saved, node.then, strict=True):
            if t._array is not array or version(array) != then:
                now, mode = max(version(t._array), then + 1), config.modes().anomaly
                raise errors.changed_in_place(node, array, None, (now, then), mode, writer(array))
        before = config.set_mode("grad", lifted)
        try:
            g = g if lifted else make(g, kind_of(g))
            grads = [
                None if e is None else rule(g, *node.saved) for e, rule in zip(node.edges, node.rules, strict=True)
            ]
        finally:
            config.set_mode("grad", before)
        return grads if lifted else [None if t is None else t._array for t in grads]


def record(name: str, array: Any, inputs: tuple, rules: tuple, saved: tuple = ()) -> Tensor:
    """A tensor of an array, and the node that says what it was computed of."""
    dual = config.modes().dual
    if dual is not None and dual.wants(inputs):
        raise refused(f"{name} (forward mode)")
    out = make(array, kind_of(array))
    edges = tuple([current_edge(t) for t in inputs])
    if config.grad_enabled() and any(e is not None for e in edges):
        node: Any = renamed_class(SparseNode, name)(edges, saved, array.shape, out._kind)
        node.rules, node.then = rules, [(t._array, version(t._array)) for t in saved]
        graph.more(node)
        out._edge = node
    return out


def is_sparse(x: Any) -> bool:
    return isinstance(x, Tensor) and type(x._array) is Coo


def passed(g: Tensor, *saved: Any) -> Tensor:
    return g


# ---- from values to sparse tensors and back --------------------------------------------------------------------------


def of_values(like: Coo, values: Tensor, name: str = "SparseCooTensorWithDimsAndTensors", shape: Any = None) -> Tensor:
    """The sparse tensor of values that stand where those of `like` do."""
    if type(values._array) is not xnp.ndarray:
        raise refused("sparse_coo_tensor", values.device.type.upper())
    array = Coo(like.indices, values._array, like.shape if shape is None else shape, like.coalesced)
    return record(f"{name}Backward0", array, (values,), (lambda g: values_at(g, array),))


def values_of(t: Tensor) -> Tensor:
    """The values of a sparse tensor, in its memory."""
    x = t._array

    def rule(g: Tensor) -> Tensor:
        if x.coalesced:
            return of_values(x, g)
        # the functions that take values as they stand do with all at one place the same
        chosen, where = x.one_each()
        return of_values(where, g.index_select(0, wrap(chosen)))

    return record("ValuesBackward0", x.values, (t,), (rule,))


def values_at(t: Tensor, where: Coo) -> Tensor:
    """The values of a tensor of any layout at the places of a sparse array."""
    if is_sparse(t):
        x = t._array
        if x.indices is where.indices and (x.coalesced or where.coalesced):
            return values_of(t)
        t = coalesce(t)
        found, there = xsp.positions(t._array, where)
        values, mask = values_of(t), wrap(there.reshape(-1, *(1,) * len(where.split[1])))
        if not t._array.indices.shape[1]:
            return FUNCTIONS["zeros"]((there.size, *where.split[1]), dtype=t.dtype)
        return values.index_select(0, wrap(found)) * mask
    sparse, dense = where.split
    flat = t.reshape(numel(sparse), *dense)  # type: ignore[attr-defined]
    return flat.index_select(0, wrap(where.keys()))


def masked(t: Tensor, where: Coo, name: str = "SparseMask") -> Tensor:
    """The sparse tensor of what stands in `t` at the places of a sparse array."""
    return of_values(where, values_at(t, where), name)


def _indices(data: Any) -> Any:
    t = data if isinstance(data, Tensor) else tensor(data)
    return t._array.astype(xnp.int64, copy=False)


@public(method=False)
def sparse_coo_tensor(*given: Any, indices: Any = None, values: Any = None, size: Any = None, dtype: Any = None,
                      device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
                      check_invariants: bool | None = None, is_coalesced: bool | None = None) -> Tensor:  # fmt: skip
    """A sparse tensor: `values[k]`, a number or a dense tensor, stands at `indices[:, k]`; the rest is 0.

    indices: (sparse dims, n). values: (n, *dense dims). size: by default as small as the indices allow. Values at one
    place add up. Raises RuntimeError for indices that are negative or do not fit the size, and for sizes that differ.

    >>> sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.]).to_dense()
    tensor([[0., 0., 3.],
            [4., 0., 0.]])
    """
    if len(given) == 1 and values is None and indices is None and size is None:
        size, given = given[0], ()
    if not given and indices is None and values is None and size is not None:
        indices, values = xnp.zeros((len(size), 0), dtype=xnp.int64), []
    indices, values, size = [*given, *(indices, values, size)[len(given) :]]
    if indices is None or values is None:
        raise TypeError("sparse_coo_tensor() received an invalid combination of arguments")
    values = converted(values, dtype) if isinstance(values, Tensor) else tensor(values, dtype=dtype)
    values = values.reshape(1) if not values._array.ndim else values  # type: ignore[attr-defined]
    where = _indices(wrap(indices) if isinstance(indices, xnp.ndarray) else indices)
    shape = _checked(where, values._array.shape, None if size is None else tuple(size))
    if is_coalesced and not Coo(where, values._array, shape).coalesce().indices.shape == where.shape:
        raise RuntimeError("cannot set is_coalesced to true if indices correspond to uncoalesced COO tensor")
    if device is not None and str(device) != "cpu":
        raise refused("sparse_coo_tensor", "Meta")
    t = of_values(Coo(where, values._array, shape, bool(is_coalesced)), values)
    if requires_grad and t._edge is None:
        set_requires_grad(t, True)
    return t


def _checked(where: Any, values: tuple, size: tuple | None) -> tuple[int, ...]:
    """The shape of a sparse tensor. Raises where indices, the shape of the values and sizes do not fit together."""
    if where.ndim != 2:
        raise RuntimeError(f"indices must be sparse_dim x nnz, but got: {list(where.shape)}")
    count, n = where.shape
    if n != values[0]:
        raise RuntimeError(
            f"indices and values must have same nnz, but got nnz from indices: {n}, nnz from values: {values[0]}"
        )
    largest = where.max(1, initial=-1).tolist()
    for dim, low in enumerate(where.min(1, initial=0).tolist()):
        if low < 0:
            raise RuntimeError(f"found negative index {low} for dim {dim}")
    if size is None:
        return (*[m + 1 for m in largest], *values[1:])
    if len(size) != count + len(values) - 1:
        raise RuntimeError(
            f"'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = {len(size)}, sparse_dim = {count}, "
            f"dense_dim = {len(values) - 1}"
        )
    if values[1:] != size[count:]:
        raise RuntimeError(f"values has incorrect size, expected {[n, *size[count:]]}, got {list(values)}")
    for dim, (m, n) in enumerate(zip(largest, size, strict=False)):
        if m >= n:
            raise RuntimeError(f"size is inconsistent with indices: for dim {dim}, size is {n} but found index {m}")
    return size


def coalesce(input: Tensor) -> Tensor:
    x = input._array
    return input if x.coalesced else record("CoalesceBackward0", x.coalesce(), (input,), (passed,))


def to_dense(input: Tensor, dtype: Any = None, *, masked_grad: bool | None = None) -> Tensor:
    if dtype is not None:
        raise RuntimeError("dtype argument is not supported by sparse_to_dense")
    x, dims = input._array, input._array.indices.shape[0]
    rule = (lambda g: to_sparse(g, dims)) if masked_grad is False else (lambda g: masked(g, x.coalesce()))
    return record("ToDenseBackward0", x.to_dense(), (input,), (rule,))


def check_layout(wanted: layout | None) -> None:
    if wanted is not None and wanted is not sparse_coo:
        raise NotImplementedError(
            f"to_sparse(): the layout {wanted} is not supported\n  Flambeau has sparse tensors of one layout, "
            "torch.sparse_coo."
        )


@public(function=False)
def to_sparse(input: Tensor, sparse_dim: int | None = None, *, layout: Any = None, blocksize: Any = None,
              dense_dim: Any = None) -> Tensor:  # fmt: skip
    """What is not 0, as a sparse tensor; `sparse_dim`: of how many dims places are kept, by default all."""
    check_layout(layout)
    ndim = input._array.ndim
    count = ndim if sparse_dim is None else sparse_dim
    if not 0 <= count <= ndim:
        raise RuntimeError(f"dense_to_sparse: sparse_dim argument must be in [0,{ndim}] range, but {count} is given")
    if not count and ndim:
        raise RuntimeError("dense_to_sparse: sparse_dim argument must be in >0 when self.dim()>0")
    if type(input._array) is not xnp.ndarray:
        raise refused("to_sparse", input.device.type.upper())
    array = xsp.from_dense(input._array, count)
    name = f"ToSparseBackward{0 if sparse_dim is not None else 1}"
    return record(name, array, (input,), (lambda g: g.to_dense(masked_grad=False) if is_sparse(g) else g,))


@public(function=False)
def to_sparse_coo(input: Tensor) -> Tensor:
    """What is not 0, as a sparse tensor."""
    return to_sparse(input)


def sparse_mask(input: Tensor, mask: Tensor) -> Tensor:
    """The elements at the places of a sparse tensor, as a sparse tensor."""
    if not is_sparse(mask):
        raise refused("sparse_mask", "CPU")
    if input.shape != mask.shape:
        raise RuntimeError(
            f"sparse_mask(): operands have incompatible sizes; self has size {list(input.shape)} but mask has size "
            f"{list(mask.shape)}"
        )
    return masked(input, mask._array)


public(function=False)(sparse_mask)
for _name in ("csr", "csc", "bsr", "bsc"):

    def _compressed(*args: Any, layout: Any = f"torch.sparse_{_name}", **kwargs: Any) -> Any:
        check_layout(layout)

    public(function=False, name=f"to_sparse_{_name}")(_compressed)
    public(method=False, name=f"sparse_{_name}_tensor")(_compressed)
public(method=False, name="sparse_compressed_tensor")(_compressed)


def of_layout(name: str, args: Any, kwargs: dict[str, Any]) -> Tensor:
    """What a function that makes dense tensors makes in another layout."""
    check_layout(kwargs.pop("layout"))
    if name.removeprefix("new_") not in ("zeros", "empty"):
        raise RuntimeError(f"{'full' if name == 'ones' else name}(...) is not implemented for sparse layout")
    dense = FUNCTIONS[name](*args, **{**kwargs, "device": "meta"})
    native = xnp.NATIVE[dense.dtype]
    array = Coo(xnp.zeros((dense.dim(), 0), dtype=xnp.int64), xnp.zeros(0, dtype=native), dense.shape, True)
    return make(array, array.kind).requires_grad_(bool(kwargs.get("requires_grad")))


later.of_layout = of_layout


def _strided(name: str) -> None:
    def refuse(input: Tensor, *args: Any) -> Any:
        raise refused(name, "CPU")

    refuse.__doc__ = "Raises NotImplementedError: this tensor is dense."
    public(function=False, name=name)(refuse)


for _name in "_nnz _indices _values _dimI _dimV _coalesced_ sparse_resize_ sparse_resize_and_clear_".split():
    _strided(_name)


def embedding(weight: Tensor, indices: Tensor, padding_idx: int, scale_grad_by_freq: bool) -> Tensor:
    """Rows of a table, whose gradient is sparse."""
    shape = weight._array.shape

    def rule(g: Tensor) -> Tensor:
        if scale_grad_by_freq:
            raise RuntimeError("embedding_backward: scale_grad_by_freq not supported with sparse gradients")
        numbers = indices._array.reshape(-1).astype(xnp.int64)
        values = g.reshape(numbers.size, shape[1])  # type: ignore[attr-defined]
        if padding_idx != -1 and (kept := numbers != padding_idx).sum() < numbers.size:
            numbers, values = numbers[kept], values.index_select(0, wrap(xnp.nonzero(kept)[0]))
        return of_values(Coo(numbers[None], values._array, shape), values)

    return record("EmbeddingBackward0", xnp.take(weight._array, indices._array, axis=0), (weight,), (rule,))
