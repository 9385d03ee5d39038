"""The Tensor: one array, how to read it, and where its gradient flows.

A tensor's slots are what the hot path reads and writes; everything else is a property. Methods that are operations are
attached in `methods`.

- `_array`: the array, a strided view of some memory. `_kind`: dtype, device and array namespace of it.
- `_edge`: where gradients go: the node that made the tensor, its `AccumulateGrad` for a leaf, None without gradient.
- `_grad`: the accumulated gradient. `_view`: for a view, the tuple (base, parent, op, attributes, rewrites seen).
- `_rewrites`: how often in-place operations gave the tensor, or a view of it, a new history.
"""

from __future__ import annotations

import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import config, dtypes, errors
from ..device import BATCHED, Kind, backend
from ..device import device as Device
from ..storage import bump, silent, version
from ..xp import numpy as xnp
from ..xp.sparse import Coo
from . import later
from . import node as graph
from .engine import lies_as
from .node import AccumulateGrad, Node, Output, RemovableHandle
from .size import Size, size
from .visits import layout_kind

new = object.__new__
CPU = backend("cpu")
KINDS = CPU.kinds
KIND_BY_NUMBER: dict[int, Kind] = {kind.native.num: kind for kind in KINDS.values()}
# `long long` and `unsigned long long` are types of their own in NumPy, with the layout of int64 and uint64
KIND_BY_NUMBER[xnp.longlong.num] = KINDS[dtypes.int64]

KIND_BY_NUMBER[xnp.ulonglong.num] = KINDS[dtypes.uint64]


class Tensor:
    """An array of numbers of one dtype, which remembers how it was computed if a gradient may be asked for.

    Make one with `tensor`, `zeros`, `from_numpy`, …; `Tensor(2, 3)` is uninitialised, `Tensor([1, 2])` converts to the
    default dtype.

    >>> x = tensor([1., 2.], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ("_array", "_kind", "_edge", "_grad", "_view", "_rewrites", "__dict__", "__weakref__")

    _array: Any
    _kind: Kind
    _edge: Any
    _grad: Tensor | None
    _view: tuple | None
    _rewrites: int

    __array_priority__ = 1000

    if TYPE_CHECKING:
        # `methods` attaches most methods
        def __getattr__(self, name: str) -> Any: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...
        def __neg__(self) -> Any: ...
        def __invert__(self) -> Any: ...
        def __abs__(self) -> Any: ...
        def __float__(self) -> float: ...
        def __int__(self) -> int: ...
        def __index__(self) -> int: ...
        def __complex__(self) -> complex: ...
        def __bool__(self) -> bool: ...
        def __len__(self) -> int: ...
        def __iter__(self) -> Any: ...
        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __floordiv__(self, other: Any) -> Any: ...
        def __rfloordiv__(self, other: Any) -> Any: ...
        def __mod__(self, other: Any) -> Any: ...
        def __rmod__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __matmul__(self, other: Any) -> Any: ...
        def __rmatmul__(self, other: Any) -> Any: ...
        def __and__(self, other: Any) -> Any: ...
        def __or__(self, other: Any) -> Any: ...
        def __xor__(self, other: Any) -> Any: ...
        def __lshift__(self, other: Any) -> Any: ...
        def __rshift__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __getitem__(self, other: Any) -> Any: ...
        def __iadd__(self, other: Any) -> Any: ...
        def __isub__(self, other: Any) -> Any: ...
        def __imul__(self, other: Any) -> Any: ...
        def __itruediv__(self, other: Any) -> Any: ...
        def __iand__(self, other: Any) -> Any: ...
        def __ior__(self, other: Any) -> Any: ...

    # set by `methods`, which knows how to build tensors of Python data
    _construct: Callable

    def __new__(cls, *args: Any, **kwargs: Any) -> Tensor:
        return cls._construct(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Everything is done in __new__; subclasses may take arguments of their own."""

    # ---- what it is ------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The sizes of the dimensions."""
        return size(self._array.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        return self._kind.dtype

    @property
    def device(self) -> Device:
        return self._kind.device

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it: its gradient is kept in `grad`."""
        edge = current_edge(self)
        return edge is None or type(edge) is AccumulateGrad

    @property
    def grad_fn(self) -> Node | None:
        """The node of the operation that made it, or None."""
        edge = current_edge(self)
        if type(edge) is Output:
            return edge.node
        return None if type(edge) is AccumulateGrad else edge

    @property
    def output_nr(self) -> int:
        edge = current_edge(self)
        return edge.index if type(edge) is Output else 0

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded. Only leaves can be told to; only floats can be differentiated."""
        return (self._edge if self._view is None else current_edge(self)) is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if type(value) is not bool:
            raise RuntimeError("requires_grad must be a bool")
        if value and not (self._kind.dtype.is_floating_point or self._kind.dtype.is_complex):
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        set_requires_grad(self, value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for a gradient (or no longer), in place."""
        if requires_grad and config.functional.depth:
            raise RuntimeError(
                "You are attempting to call Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* "
                "APIs) "
                "inside of a function being transformed by a functorch transform. This is unsupported, please "
                "attempt to "
                "use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call requires_grad_() "
                "outside "
                "of a function being transformed instead."
            )
        if type(requires_grad) is not bool:
            raise TypeError(
                "requires_grad_(): argument 'requires_grad' (position 1) must be bool, not "
                f"{type(requires_grad).__name__}"
            )
        if requires_grad and not (self._kind.dtype.is_floating_point or self._kind.dtype.is_complex):
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        set_requires_grad(self, requires_grad)
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward` accumulated, or None."""
        if self._grad is None and not self.is_leaf and not self.retains_grad:
            warn_non_leaf_grad()
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        self._grad = check_grad(self, value)

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def _base(self) -> Tensor | None:
        return None if self._view is None else self._view[0]

    @property
    def _version(self) -> int:
        if self._kind.inference:
            raise RuntimeError("Inference tensors do not track version counter.")
        return version(self._array)

    @property
    def data(self) -> Tensor:
        """The same memory, as a tensor that no operation of which is recorded, and no change of which is noticed."""
        array, kind = self._array, self._kind
        return make(silent(array) if type(array) is xnp.ndarray else array, kind.original or kind)

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if self.requires_grad and not (value.dtype.is_floating_point or value.dtype.is_complex):
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        self._array = value._array
        self._kind = value._kind

    # ---- hooks -----------------------------------------------------------------------------------------------------

    def register_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(grad)` when the gradient is computed; a tensor that it returns replaces it.

        Raises RuntimeError where no gradient is wanted.
        """
        edge = current_edge(self)
        if edge is None:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if type(edge) is AccumulateGrad:
            if edge.hooks is None:
                edge.hooks = OrderedDict()
            return RemovableHandle(edge.hooks, hook)
        node, index = graph.target(edge)
        extra = graph.more(node)
        if extra.output_hooks is None:
            extra.output_hooks = {}
        return RemovableHandle(extra.output_hooks.setdefault(index, OrderedDict()), hook)

    def register_post_accumulate_grad_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(self)` after a gradient was added to the `grad` of this leaf."""
        edge = current_edge(self)
        if edge is None:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if type(edge) is not AccumulateGrad:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if edge.post_hooks is None:
            edge.post_hooks = OrderedDict()
        return RemovableHandle(edge.post_hooks, hook)

    def retain_grad(self) -> None:
        """Keep the gradient of this non-leaf in `grad`, as that of a leaf is."""
        edge = current_edge(self)
        if edge is None:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if type(edge) is AccumulateGrad:
            return
        node, index = graph.target(edge)
        extra = graph.more(node)
        if extra.retained is None:
            extra.retained = {}
        extra.retained[index] = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad` was called on this non-leaf."""
        edge = current_edge(self)
        if edge is None or type(edge) is AccumulateGrad:
            return False
        node, index = graph.target(edge)
        return node.extra is not None and node.extra.retained is not None and index in node.extra.retained

    def _accumulate(self, grad: Any, fresh: bool) -> None:
        """Add an array (or, from create_graph, a tensor) to `grad`. A fresh array may become it without a copy."""
        if type(grad) is Coo or type(self._array) is Coo or self._grad is not None and type(self._grad._array) is Coo:
            self._accumulate_layout(grad)
        elif isinstance(grad, Tensor):
            self._grad = grad if self._grad is None else self._grad + grad
        elif self._grad is None:
            # a copy where other gradients or saved values may share the memory
            grad = xnp.asarray(grad) if isinstance(grad, xnp.generic) else grad
            if not lies_as(grad, self._array):
                grad, fresh = _laid_out_as(grad, self._array), True
            kind = self._kind
            self._grad = make(grad if fresh else kind.xp.copy(grad), kind.original or kind)
        elif current_edge(self._grad) is not None:
            self._grad = self._grad + make(xnp.asarray(grad), self._kind)
        else:
            self._kind.run(self._kind.xp.add, self._grad._array, grad, out=self._grad._array)
            bump(self._grad._array)

    def _accumulate_layout(self, grad: Any) -> None:
        """The same where tensor or gradient are sparse: a sparse sum keeps its identity, as a dense one does."""
        kind = self._kind.original or self._kind
        plain = KINDS[kind.dtype] if kind.device.type == "cpu" else kind
        given = grad if isinstance(grad, Tensor) else make(grad, layout_kind(grad, plain))
        before = self._grad
        if before is None:
            self._grad = given if given is grad else make(given._array.copy(), given._kind)
        elif given is grad or type(before._array) is Coo and type(grad) is not Coo:
            self._grad = _sum_of_layouts(before, given)
        else:
            total = self._kind.run(lambda: before._array + given._array)
            if type(total) is Coo:
                before._array = total
            else:
                before._array[...] = total
            bump(before._array)


def _sum_of_layouts(a: Any, b: Any) -> Any:
    """The sum of two tensors, of which the second alone may be sparse."""
    return b + a if type(a._array) is Coo and type(b._array) is not Coo else a + b


def _laid_out_as(grad: Any, array: Any) -> Any:
    """A copy of a gradient that lies in memory as its tensor does, or row by row where that has gaps or overlaps."""
    dense = array.size == 0 or xnp.dense(array)
    copied = xnp.empty_like(array, dtype=grad.dtype, order="K" if dense else "C", subok=False)
    copied[...] = grad
    return copied


Tensor.__module__ = "torch"
# those who ask for the types of a subclass's attributes would look their words up in the module `torch`
del Tensor.__annotations__


class Parameter(Tensor):
    """A tensor that a module finds as its own: it requires a gradient, and the optimizer changes it.

    >>> Parameter(tensor([1., 2.]))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            data = make(xnp.empty(0, xnp.float32), KINDS[dtypes.float32])
        if not isinstance(data, Tensor):
            raise TypeError(
                f"Parameter data must be a tensor, not {type(data).__name__}; wrap it as torch.tensor(...) first"
            )
        self = new(cls)
        self._array = data._array
        self._kind = data._kind.original or data._kind
        self._edge = None
        self._grad = None
        self._view = None
        self._rewrites = 0
        if requires_grad:
            set_requires_grad(self, True)
        return self

    def __deepcopy__(self, memo: dict) -> Parameter:
        if id(self) in memo:
            return memo[id(self)]
        copied = Parameter(make(self._kind.xp.copy(self._array), self._kind), self.requires_grad)
        memo[id(self)] = copied
        copied.__dict__.update(self.__dict__)
        return copied

    def __reduce_ex__(self, protocol: Any):
        if later.is_for_process():
            return later.process_sharing().reductions.reduce_tensor(self)
        return (_rebuild_parameter, (self.data, self.requires_grad))


Parameter.__module__ = "torch.nn.parameter"


def _rebuild_parameter(data: Tensor, requires_grad: bool) -> Parameter:
    return Parameter(data, requires_grad)


def make(array: Any, kind: Kind, edge: Any = None) -> Tensor:
    """A tensor around an array, which must be of that kind."""
    t = new(Tensor)
    t._array = array
    t._kind = kind
    t._edge = edge
    t._grad = None
    t._view = None
    t._rewrites = 0
    return t


def wrap(array: Any) -> Tensor:
    """A tensor around a NumPy array or scalar of a dtype that PyTorch has."""
    if type(array) is not xnp.ndarray:
        array = xnp.asarray(array)
    return make(array, KIND_BY_NUMBER[array.dtype.num])


def numbers(array: Any) -> Any:
    """The numbers of an array, or of all elements of a batch, to be checked."""
    return array.memory if hasattr(array, "level") else array


def kind_of(array: Any) -> Kind:
    """The kind of an array of NumPy's, or of a batch of such."""
    kind = KIND_BY_NUMBER[array.dtype.num]
    if type(array) is Coo:
        return array.kind
    return BATCHED[kind.dtype] if hasattr(array, "level") else kind


def current_edge(t: Tensor) -> Any:
    """The tensor's edge; that of a view is made anew where its base was given another history in place."""
    view = t._view
    if view is None or view[4] == view[0]._rewrites:
        return t._edge
    return later.refresh_view(t)


def set_requires_grad(t: Tensor, value: bool) -> None:
    """What `requires_grad = value` does."""
    edge = current_edge(t)
    if edge is not None and type(edge) is not AccumulateGrad:
        if not value:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in "
                "a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            )
        return
    if not value:
        t._edge = None
    elif edge is None:
        if not (t._kind.dtype.is_floating_point or t._kind.dtype.is_complex):
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        if t._kind.inference and not config.modes().inference:
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        t._edge = AccumulateGrad(t)
        if type(t._array) is Coo:
            # its gradient may be of another layout, which the engine's quick end does not look at
            graph.more(t._edge)


def check_grad(t: Tensor, value: Any) -> Tensor | None:
    """Refuse a gradient that does not fit its tensor."""
    if value is None:
        return None
    if not isinstance(value, Tensor):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}")
    if value is t:
        raise RuntimeError("can't assign Variable as its own grad")
    if value._array.shape != t._array.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size '{list(value._array.shape)}' to a tensor of size "
            f"'{list(t._array.shape)}'. Please ensure that the gradient and the tensor are the same size"
        )
    if value.dtype is not t.dtype:
        raise errors.grad_of_other_dtype(value.dtype, t.dtype)
    if value.device != t.device:
        raise RuntimeError(
            f"attempting to assign a gradient with device type '{value.device.type}' to a tensor with device type "
            f"'{t.device.type}'. Please ensure that the gradient and the tensor are on the same device"
        )
    return value


def warn_non_leaf_grad() -> None:
    warnings.warn(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
        "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf "
        "Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure "
        "you access the leaf Tensor instead.",
        stacklevel=3,
    )
