"""What Tensor gets beside its slots: operators, conversions, facts about its memory, and every function as a method.

Functions become methods when they are first looked up: `LazyMethod` then puts the function itself into the class.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from .. import config, dtypes, errors, missing
from ..ops.shapes import numel as numel_of
from ..ops.table import TABLE
from ..storage import memory, memory_bounds, sparse_coo, strided
from ..xp import numpy as xnp
from ..xp.sparse import Coo, refused
from . import dispatch, indexing, printing, rows
from . import functions as fn
from .engine import Captured, passes, run_backward, run_plain
from .functions import products
from .overrides import kind_in
from .public import METHODS
from .tensor import CPU, KIND_BY_NUMBER, Parameter, Size, Tensor, current_edge, make, new, set_requires_grad, size, wrap

NUMBERS = (int, float, complex)

# the gradient of a number with respect to itself
SEEDS = {kind: kind.native.type(1) for kind in KIND_BY_NUMBER.values() if kind.floating}


class LazyMethod:
    """Stands in the class for a method until it is first used."""

    __slots__ = ("name", "find")

    def __init__(self, name: str, find: Callable[[], Callable]) -> None:
        self.name = name
        self.find = find

    def __get__(self, instance: Any, owner: type) -> Any:
        function = self.find()
        setattr(Tensor, self.name, function)
        return function if instance is None else function.__get__(instance, owner)


def attach() -> None:
    """Give Tensor the methods of all rows and public functions."""
    for row in TABLE.values():
        for known in (row.name, *row.aliases):
            if row.method:
                _attach(known, partial(getattr, rows, row.name))
            if row.inplace and row.method:
                _attach(f"{known}_", partial(_in_place, row.name))
    for name, function in METHODS.items():
        setattr(Tensor, name, function)


def _attach(name: str, find: Callable[[], Callable]) -> None:
    setattr(Tensor, name, LazyMethod(name, find))


def _in_place(name: str) -> Callable:
    if name not in dispatch.INPLACE:
        getattr(rows, name)
    return dispatch.INPLACE[name]


# ---- operators -------------------------------------------------------------------------------------------------------


def _function_operator(name: str, function: str, swapped: bool = False) -> None:
    """An operator that is a public function, which gives way to classes that it does not know."""

    def operate(self: Tensor, other: Any) -> Any:
        if not isinstance(self, Tensor):
            raise dispatch.no_method(name, self)
        if isinstance(other, xnp.generic):
            other = other.item()
        elif not isinstance(other, (Tensor, int, float, complex)):
            if isinstance(other, xnp.ndarray) and other.dtype.num in KIND_BY_NUMBER:
                other = wrap(other)
            else:
                return NotImplemented
        f = getattr(fn, function)
        return f(other, self) if swapped else f(self, other)

    operate.__name__ = operate.__qualname__ = name
    setattr(Tensor, name, operate)


def _row_operator(name: str, row: str, lead: int = 0, node_name: str | None = None) -> None:
    """An operator that is a row: its generated function itself stands in the class, bound on first use."""

    def find() -> Callable:
        getattr(rows, row)
        return dispatch.bind_operator(TABLE[row], name, lead, node_name)

    _attach(name, find)


def _divide_other(self: Tensor, other: Any) -> Any:
    """PyTorch rounds `other / x` twice, and its graph shows that."""
    return rows.reciprocal(self).__mul__(other)


def _attach_operators() -> None:
    for name, row in {
        "add": "add", "sub": "sub", "mul": "mul", "truediv": "true_div", "mod": "remainder", "and": "bitwise_and",
        "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift",
    }.items():  # fmt: skip
        _row_operator(f"__{name}__", row)
        _row_operator(f"__r{name}__", row, lead=1)
    _row_operator("__rsub__", "sub", 1, "RsubBackward1")
    Tensor.__rtruediv__ = _divide_other  # type: ignore[method-assign]
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        _row_operator(f"__{name}__", name)
    for name, function in {"floordiv": "floor_divide", "pow": "pow", "matmul": "matmul"}.items():
        _function_operator(f"__{name}__", function)
        _function_operator(f"__r{name}__", function, swapped=True)
    Tensor.__matmul__ = products.operator_matmul  # type: ignore[attr-defined, method-assign]
    for name in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift", "pow", "truediv"):
        method = {
            "truediv": "div_", "floordiv": "floor_divide_", "mod": "remainder_", "and": "bitwise_and_",
            "or": "bitwise_or_", "xor": "bitwise_xor_", "lshift": "bitwise_left_shift_",
            "rshift": "bitwise_right_shift_",
        }.get(name, f"{name}_")  # fmt: skip
        _attach_inplace_operator(f"__i{name}__", method)


def _attach_inplace_operator(name: str, method: str) -> None:
    def operate(self: Tensor, other: Any) -> Any:
        if not isinstance(other, (Tensor, int, float, complex, xnp.generic)):
            return NotImplemented
        return getattr(self, method)(other)

    operate.__name__ = operate.__qualname__ = name
    setattr(Tensor, name, operate)


def method(f: Callable) -> Callable:
    """Put a function into the class under its own name; `type_` stands for `type`."""
    if f.__name__ in ("type_",):
        f.__name__ = f.__name__[:-1]
    f.__module__ = "torch"
    f.__qualname__ = f"Tensor.{f.__name__}"
    setattr(Tensor, f.__name__, f)
    return f


def prop(f: Callable) -> Callable:
    """Put a function into the class as a property under its own name."""
    setattr(Tensor, f.__name__, property(f))
    return f


@method
def __neg__(self: Tensor) -> Tensor:
    return rows.neg(self)


@method
def __pos__(self: Tensor) -> Tensor:
    return fn.positive(self)


@method
def __abs__(self: Tensor) -> Tensor:
    return rows.abs(self)


@method
def __invert__(self: Tensor) -> Tensor:
    return rows.bitwise_not(self)


@method
def __hash__(self: Tensor) -> int:
    return id(self)


@method
def __bool__(self: Tensor) -> bool:
    array = self._array
    if array.size != 1:
        if not array.size:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError(
            "Boolean value of Tensor with more than one value is ambiguous\n"
            f"  The tensor has shape {list(array.shape)}; say what is meant: x.any(), x.all() or x.numel() > 0."
        )
    # a batch under vmap refuses in words of its own
    return bool(array if self._kind.batched else self.item())  # type: ignore[attr-defined]


@method
def __float__(self: Tensor) -> float:
    value = _only(self)
    if isinstance(value, complex):
        if value.imag:
            raise _complex_to("double", value)
        value = value.real
    return float(value)


@method
def __int__(self: Tensor) -> int:
    value = _only(self)
    if isinstance(value, complex):
        if value.imag:
            raise _complex_to("int64_t", value)
        value = value.real
    return int(value)


Tensor.__long__ = __int__  # type: ignore[attr-defined]


def _complex_to(name: str, value: complex) -> Exception:
    return RuntimeError(f"value cannot be converted to type {name} without overflow")


@method
def __complex__(self: Tensor) -> complex:
    return complex(_only(self))


@method
def __index__(self: Tensor) -> int:
    if self._array.size != 1 or self.dtype.is_floating_point or self.dtype.is_complex:
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self._array.reshape(())[()])


def _only(t: Tensor) -> Any:
    if t._array.size != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    return t.item()  # type: ignore[attr-defined]


@method
def __len__(self: Tensor) -> int:
    if not self._array.ndim:
        raise TypeError("len() of a 0-d tensor")
    return self._array.shape[0]


@method
def __iter__(self: Tensor) -> Any:
    if not self._array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(fn.unbind(self, 0))


@method
def __contains__(self: Tensor, element: Any) -> bool:
    if isinstance(element, (Tensor, int, float, complex)):
        return bool((self == element).any())  # type: ignore[attr-defined]
    raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}.")


@method
def __dir__(self: Tensor) -> list[str]:
    known = {name for name in dir(type(self)) if type(vars(Tensor).get(name)) is not Lacking}
    return sorted(known | set(self.__dict__))


Tensor.__getitem__ = indexing.getitem  # type: ignore[method-assign]
Tensor.__setitem__ = indexing.setitem  # type: ignore[method-assign]
Tensor.__repr__ = printing.tensor_str  # type: ignore[assignment, method-assign]
Tensor.__format__ = printing.tensor_format  # type: ignore[assignment, method-assign]
Parameter.__repr__ = printing.parameter_str  # type: ignore[assignment, method-assign]


# ---- to Python and to NumPy ------------------------------------------------------------------------------------------


@method
def item(self: Tensor) -> Any:
    """The only element, as a Python number. Raises RuntimeError where there are several."""
    array = self._array
    if array.size != 1:
        raise RuntimeError(
            f"a Tensor with {array.size} elements cannot be converted to Scalar\n"
            f"  Its shape is {list(array.shape)}; x.tolist() gives all elements, x.mean().item() one number."
        )
    _refuse_meta(self, "item")
    value = array.item()
    return value if type(value) in NUMBERS or type(value) is bool else float(value)


def _refuse_meta(t: Tensor, name: str) -> None:
    if t._kind.batched and name != "item":
        raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")
    if t._kind.device.type == "meta":
        if name == "item":
            raise RuntimeError("Tensor.item() cannot be called on meta tensors")
        raise NotImplementedError("Cannot copy out of meta tensor; no data!")


@method
def tolist(self: Tensor) -> Any:
    """The elements as nested lists of Python numbers; a number for a 0-d tensor."""
    _refuse_meta(self, "tolist")
    array = self._array
    return (array.astype(xnp.float32) if self._kind.half else array).tolist()


@method
def numpy(self: Tensor, *, force: bool = False) -> Any:
    """The tensor as a NumPy array that shares its memory.

    Raises RuntimeError where a gradient is wanted, unless `force`, which detaches, and copies where it must.
    """
    if not force and current_edge(self) is not None:
        raise RuntimeError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.\n"
            "  NumPy would not follow the graph: detach() says that this is meant."
        )
    if self._kind.device.type != "cpu":
        raise TypeError(
            f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host "
            "memory "
            "first."
        )
    if self._kind.half and self.dtype is not dtypes.float16:
        raise TypeError(f"Got unsupported ScalarType {self.dtype.scalar_name}")
    return self._array[...] if type(self._array) is xnp.ndarray else self._kind.xp.to_numpy(self._array)


@method
def __array__(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    array = self.numpy()  # type: ignore[attr-defined]
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


@method
def __array_wrap__(self: Tensor, array: Any, context: Any = None, return_scalar: bool = False) -> Tensor:
    if array.dtype == xnp.bool_:
        array = array.astype(xnp.uint8)
    return wrap(array)


def array_namespace() -> Any:
    """The array API standard over tensors, which is built upon this; the package puts what finds it in this place."""
    return dispatch.tensor_namespace()


@method
def __array_namespace__(self: Tensor, *, api_version: str | None = None) -> Any:
    """The functions of the Python array API standard for tensors. Raises ValueError for a version that is not kept."""
    found = array_namespace()
    if api_version is not None and api_version not in found.VERSIONS:
        raise ValueError(f"Flambeau keeps the array API standard of {', '.join(found.VERSIONS)}, not {api_version!r}")
    return found


@method
def to_device(self: Tensor, device: Any, /, *, stream: Any = None) -> Tensor:
    """The tensor on a device: `to` in the words of the array API standard. There are no streams."""
    if stream is not None:
        raise ValueError("to_device(): no device of Flambeau has streams")
    return self.to(device)


@method
def __dlpack__(
    self: Tensor, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None
) -> Any:
    if current_edge(self) is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return self._array.__dlpack__(max_version=max_version, dl_device=dl_device, copy=copy)


@method
def __dlpack_device__(self: Tensor) -> tuple[int, int]:
    return self._array.__dlpack_device__()


@method
def __buffer__(self: Tensor, flags: int) -> memoryview:
    return memoryview(self._array)


# ---- facts about the memory ------------------------------------------------------------------------------------------


@method
def dim(self: Tensor) -> int:
    """The number of dimensions."""
    return self._array.ndim


@method
def ndimension(self: Tensor) -> int:
    """The number of dimensions."""
    return self._array.ndim


@method
def size_of(self: Tensor, dim: int | None = None) -> Any:
    """The shape, or the size of one dim."""
    if dim is None:
        return size(self._array.shape)
    shape = self._array.shape
    if not -len(shape) <= dim < len(shape):
        if not shape:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-len(shape)}, {len(shape) - 1}], but got {dim})"
        )
    return shape[dim]


Tensor.size = size_of  # type: ignore[attr-defined]
size_of.__name__ = "size"


@method
def numel(self: Tensor) -> int:
    """The number of elements."""
    return self._array.size


Tensor.nelement = numel  # type: ignore[attr-defined]


@method
def element_size(self: Tensor) -> int:
    """The size of an element in bytes."""
    return self._kind.dtype.itemsize


@prop
def itemsize(self: Tensor) -> int:
    return self._kind.dtype.itemsize


@prop
def nbytes(self: Tensor) -> int:
    return self._array.size * self._kind.dtype.itemsize


def strides(self: Tensor) -> tuple[int, ...]:
    """The strides in elements. Of dims of size 1, whose stride means nothing, those that a row-major tensor would
    have."""
    array, width = self._array, self._kind.dtype.itemsize
    if not array.size:
        found, step = [], 1
        for n in reversed(array.shape):
            found.append(step)
            step *= n or 1
        return tuple(found[::-1])
    found = [s // width for s in array.strides]
    if 0 in found:
        shape = array.shape
        for i in range(len(found) - 1, -1, -1):
            if not found[i] and shape[i] == 1:
                found[i] = shape[i + 1] * found[i + 1] if i + 1 < len(found) else 1
    return tuple(found)


@method
def stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements apart neighbours along each dim (or one dim) lie in memory."""
    found = strides(self)
    return found if dim is None else found[dim]


@method
def data_ptr(self: Tensor) -> int:
    """The address of the first element."""
    if not self._array.size:
        return 0
    return xnp.address(self._array)


@method
def storage_offset(self: Tensor) -> int:
    """How many elements after the start of its storage the tensor begins."""
    if not isinstance(self._array, xnp.ndarray):
        return 0
    begin, _ = memory_bounds(self._array)
    return (xnp.address(self._array) - begin) // self._kind.dtype.itemsize if self._array.size else 0


@method
def is_contiguous(self: Tensor, memory_format: Any = None) -> bool:
    """Whether the elements lie in memory row by row, or in another format."""
    if type(self._array) is Coo:
        return False
    return not isinstance(self._array, xnp.ndarray) or fn.shape.in_format(self._array, memory_format)


@method
def _is_view(self: Tensor) -> bool:
    return self._view is not None


@method
def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both look at the same elements of the same memory in the same way."""
    a, b = self._array, tensor._array
    return memory(a) is memory(b) and a.shape == b.shape and a.strides == b.strides and xnp.address(a) == xnp.address(b)


@method
def is_floating_point(self: Tensor) -> bool:
    return self._kind.dtype.is_floating_point


@method
def is_complex(self: Tensor) -> bool:
    return self._kind.dtype.is_complex


@method
def is_signed(self: Tensor) -> bool:
    return self._kind.dtype.is_signed


@method
def is_inference(self: Tensor) -> bool:
    return self._kind.inference


@method
def is_pinned(self: Tensor, device: Any = None) -> bool:
    return False


@method
def pin_memory(self: Tensor, device: Any = None) -> Tensor:
    raise RuntimeError("Cannot access accelerator device when none is available.")


@method
def is_shared(self: Tensor) -> bool:
    return False


@method
def get_device(self: Tensor) -> int:
    """The index of the device, -1 for the CPU."""
    return -1 if self._kind.device.index is None else self._kind.device.index


@method
def type_(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type, or the tensor converted to another."""
    if dtype is None:
        return f"torch.{'sparse.' if self.is_sparse else ''}{self.dtype.scalar_name}Tensor"
    return self.to(as_dtype(dtype))  # type: ignore[attr-defined]


def as_dtype(value: Any) -> Any:
    """A dtype, or the one that a name such as `torch.FloatTensor` stands for."""
    if isinstance(value, dtypes.dtype):
        return value
    name = value if isinstance(value, str) else f"{value.__module__}.{value.__name__}"
    found = {f"torch.{d.scalar_name}Tensor": d for d in dtypes.ALL}.get(name)
    if found is None:
        raise ValueError(f"invalid type: '{value}'")
    return found


for _name in ("is_cuda", "is_quantized", "is_mkldnn", "is_xpu", "is_xla", "is_mps", "is_nested",
              "is_sparse_csr", "is_vulkan", "is_ipu", "is_maia", "is_mtia"):  # fmt: skip
    setattr(Tensor, _name, property(lambda self: False))
Tensor.is_cpu = property(lambda self: self._kind.device.type == "cpu")  # type: ignore[attr-defined]
Tensor.is_meta = property(lambda self: self._kind.device.type == "meta")  # type: ignore[attr-defined]
Tensor.is_sparse = property(lambda self: type(self._array) is Coo)  # type: ignore[attr-defined]
Tensor.layout = property(lambda self: sparse_coo if type(self._array) is Coo else strided)  # type: ignore[attr-defined]
Tensor.names = property(lambda self: (None,) * self._array.ndim)  # type: ignore[attr-defined]
Tensor.name = property(lambda self: None)  # type: ignore[attr-defined]


@prop
def grad_dtype(self: Tensor) -> Any:
    """The dtype of the gradient: that of the tensor."""
    return self._kind.dtype


@method
def has_names(self: Tensor) -> bool:
    return False


def _set_real(self: Tensor, value: Any) -> None:
    fn.real(self).copy_(value)


def _set_imag(self: Tensor, value: Any) -> None:
    fn.imag(self).copy_(value)


Tensor.real = property(lambda self: fn.real(self), _set_real, doc="The real parts: a view.")  # type: ignore[attr-defined, misc]
Tensor.imag = property(lambda self: fn.imag(self), _set_imag, doc="The imaginary parts: a view.")  # type: ignore[attr-defined, misc]


@prop
def T(self: Tensor) -> Tensor:
    """The dims in reverse order."""
    ndim = self._array.ndim
    if ndim == 2:
        return rows.permute_dims(self, (1, 0))
    errors.warn_matrix_transpose()
    return rows.permute_dims(self, tuple(range(ndim))[::-1])


@prop
def mT(self: Tensor) -> Tensor:
    """The last two dims swapped."""
    if self._array.ndim < 2:
        raise RuntimeError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {self._array.ndim}-D tensor."
        )
    return rows.transpose(self, -2, -1)


@prop
def H(self: Tensor) -> Tensor:
    """The conjugate transpose of a matrix."""
    if self._array.ndim not in (0, 2):
        raise RuntimeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {self._array.ndim}-D tensor."
            + (" For batches of matrices, consider using tensor.mH" if self._array.ndim > 2 else "")
        )
    return fn.adjoint(self)


@prop
def mH(self: Tensor) -> Tensor:
    """The last two dims swapped, and complex numbers conjugated."""
    if self._array.ndim < 2:
        raise RuntimeError(
            f"tensor.mH is only supported on matrices or batches of matrices. Got {self._array.ndim}-D tensor."
        )
    return fn.adjoint(self)


# ---- writing ---------------------------------------------------------------------------------------------------------


@method
def copy_(self: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Copy the elements of `src`, broadcast and converted, into this tensor."""
    if not isinstance(src, Tensor):
        if not isinstance(src, NUMBERS):
            raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {src.__class__.__name__}")
        src = fn.scalar_tensor(src, dtype=self.dtype)
    if type(self._array) is Coo or type(src._array) is Coo:
        return fn.sparse_functions.copy_(self, src)
    if src._kind.device.type != self._kind.device.type:
        src = src.to(self.device)  # type: ignore[attr-defined]
    return dispatch.general_inplace(TABLE["copy"], (self, src), {"non_blocking": non_blocking})


@method
def fill_(self: Tensor, value: Any) -> Tensor:
    """Write one number to all elements."""
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
            )
        return dispatch.general_inplace(TABLE["fill"], (self, value), {})
    number = indexing._value(self, value)
    if not config.state.special and (self._edge is None and self._view is None):
        dispatch.write(self, number._array)
        return self
    return dispatch.general_inplace(TABLE["fill"], (self, number), {})


@method
def zero_(self: Tensor) -> Tensor:
    """Set all elements to 0."""
    return fn.sparse_functions.zero_(self) if type(self._array) is Coo else self.fill_(0)  # type: ignore[attr-defined]


@method
def set_(self: Tensor, source: Any = None, storage_offset: int = 0, size: Any = (), stride: Any = ()) -> Tensor:
    """Let this tensor look at the memory of another."""
    if type(self._array) is Coo:
        raise refused("set_")
    if source is None:
        self._array = xnp.empty((0,), dtype=self._kind.native)
        return self
    if isinstance(source, Tensor):
        if source.dtype is not self.dtype:
            raise RuntimeError(
                "Could not set tensor of type "
                f"{source.dtype.scalar_name.lower()} to a tensor of type {self.dtype.scalar_name.lower()}"
            )
        self._array = source._array
        return self
    array = source._array.view(self._kind.native)
    self._array = xnp.as_strided(array, tuple(size) or (array.size,), tuple(stride) or (1,), storage_offset)
    return self


@method
def resize_(self: Tensor, *sizes: Any, memory_format: Any = None) -> Tensor:
    """Change the shape in place; elements that are new have no defined values."""
    shape = fn.creation.sizes("resize_", sizes)
    if current_edge(self) is not None:
        raise RuntimeError("cannot resize variables that require grad")
    old, count = self._array, numel_of(shape)
    if count == old.size and old.flags.c_contiguous:
        self._array = old.reshape(shape)
        return self
    if count <= memory(old).size and isinstance(old, xnp.ndarray) and old.size:
        row_major, step = [], 1
        for n in reversed(shape):
            row_major.append(step)
            step *= n
        if self.storage_offset() + count <= memory(old).size:  # type: ignore[attr-defined]
            self._array = xnp.as_strided(old, shape, tuple(row_major[::-1]), self.storage_offset())  # type: ignore[attr-defined]
            return self
    array = fn.creation.allocate(shape, self._kind)
    flat = old.reshape(-1)
    array.reshape(-1)[: min(flat.size, array.size)] = flat[: array.size]
    self._array = array
    return self


@method
def resize_as_(self: Tensor, other: Tensor, memory_format: Any = None) -> Tensor:
    """Change the shape in place to that of another tensor."""
    return self.resize_(*other.shape)  # type: ignore[attr-defined]


# ---- autograd --------------------------------------------------------------------------------------------------------


@method
def backward(
    self: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """Compute the gradients of this tensor with respect to the leaves of its graph, and add them to their `grad`.

    gradient: the gradient of something with respect to this tensor, needed unless it has one element.
    Raises RuntimeError where there is no graph, or where it was freed by an earlier pass.
    """
    edge = current_edge(self)
    if edge is None:
        raise errors.backward_in_transform() if config.functional.depth else errors.no_grad_fn(0)
    if config.functional.depth:
        raise errors.backward_in_transform()
    if gradient is None:
        array = self._array
        if array.size != 1:
            raise errors.backward_of_many(array.shape)
        kind = self._kind
        if not create_graph and inputs is None and kind.floating and not passes.watched:
            seed = xnp.ones(array.shape, kind.native) if array.ndim else SEEDS[kind]
            # run_backward in one call less
            xnp.isolated(run_plain, (edge,), (seed,), bool(retain_graph), make)
            return
    elif not isinstance(gradient, Tensor):
        gradient = tuple(gradient)
        if len(gradient) != 1:
            raise RuntimeError(f"got 1 tensors and {len(gradient)} gradients")
        gradient = gradient[0]
    backward_all((self,), (gradient,), retain_graph, create_graph, inputs)


def backward_all(tensors: Any, gradients: Any, retain_graph: Any, create_graph: bool, inputs: Any) -> None:
    """Send gradients back from several tensors."""
    if config.functional.depth:
        raise errors.backward_in_transform()
    seeds = [check_gradient(t, g, i) for i, (t, g) in enumerate(zip(tensors, gradients, strict=True))]
    wanted = None
    if inputs is not None:
        inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
        edges = [current_edge(t) for t in inputs]
        if any(e is None for e in edges):
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        wanted = [Captured(e) for e in edges]
    run_backward(
        [current_edge(t) for t in tensors],
        seeds if create_graph else [s._array for s in seeds],
        retain=create_graph if retain_graph is None else bool(retain_graph),
        tensors=dispatch.tensor_namespace() if create_graph else None,
        wanted=wanted,
        wrap=make,
    )
    if wanted is not None:
        for t, capture in zip(inputs, wanted, strict=True):
            if not t.is_leaf and capture.grad is not None:
                t._accumulate(capture.grad, False)


def check_gradient(t: Tensor, gradient: Any, position: int) -> Tensor:
    """The gradient to start with at a tensor: ones if none is given for a single element."""
    if gradient is None:
        if current_edge(t) is None:
            raise errors.no_grad_fn(position)
        if t._array.size != 1:
            raise errors.backward_of_many(t._array.shape)
        if not t.dtype.is_floating_point:
            raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got {t.dtype}")
        return fn.ones_like(t)
    if not isinstance(gradient, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {gradient.__class__.__name__}")
    if gradient._array.shape != t._array.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{position}] has a shape of {gradient.shape} and output[{position}] has a "
            f"shape of {t.shape}."
        )
    if gradient.dtype.is_complex != t.dtype.is_complex:
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: "
            f"grad_output[{position}] has a dtype of {gradient.dtype} and output[{position}] has a dtype of {t.dtype}."
        )
    if current_edge(t) is None:
        raise errors.no_grad_fn(position)
    return gradient if gradient.dtype is t.dtype else gradient.to(t.dtype)  # type: ignore[attr-defined]


# ---- copies, pickles, subclasses -------------------------------------------------------------------------------------


@method
def __deepcopy__(self: Tensor, memo: dict) -> Tensor:
    if id(self) in memo:
        return memo[id(self)]
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment. "
            " If "
            "you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
            "https://github.com/pytorch/pytorch/pull/103001"
        )
    copied = make_as(self.__class__, _copied(self._array, memo), self._kind)
    memo[id(self)] = copied
    if self.requires_grad:
        set_requires_grad(copied, True)
    if self._grad is not None:
        copied._grad = __deepcopy__(self._grad, memo)
    for name, value in self.__dict__.items():
        copied.__dict__[name] = copy.deepcopy(value, memo)
    return copied


def _copied(array: Any, memo: dict) -> Any:
    """A copy of an array in a copy of its memory, which the copies of other tensors over it share."""
    if not isinstance(array, xnp.ndarray) or not array.size:
        return array.copy()
    whole = memory(array)
    found = memo.get(id(whole))
    if found is None:
        found = memo[id(whole)] = whole.copy("K")
        # the memo's key must not be used again for another array
        memo.setdefault(id(memo), []).append(whole)
    return found if array is whole else _placed(found, array.dtype, *_place(array, whole))


def _place(array: Any, whole: Any) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Where an array lies in its memory: shape, strides and offset in elements."""
    width = array.itemsize
    offset = (xnp.address(array) - xnp.address(whole)) // width
    return array.shape, tuple([s // width for s in array.strides]), offset


def _placed(whole: Any, dtype: Any, shape: tuple, strides: tuple, offset: int) -> Any:
    """The array at a place of some memory."""
    if whole.dtype != dtype:
        whole = whole.ravel("K").view(dtype)
    return xnp.as_strided(whole, shape, strides, offset)


def make_as(cls: Any, array: Any, kind: Any) -> Any:
    """A tensor of a subclass around an array."""
    t = make(array, kind_in(cls, kind))
    if cls is Tensor:
        return t
    made = new(cls)
    for slot in ("_array", "_kind", "_edge", "_grad", "_view", "_rewrites"):
        setattr(made, slot, getattr(t, slot))
    return made


@method
def as_subclass(self: Tensor, cls: Any) -> Any:
    """The same tensor as an instance of a subclass."""
    made = make_as(cls, self._array, self._kind)
    made._edge = current_edge(self)
    return made


@method
def __reduce_ex__(self: Tensor, protocol: Any) -> Any:
    state = dict(self.__dict__) or None
    # the class itself goes by the name torch.Tensor, which may be someone else's
    cls = None if self.__class__ is Tensor else self.__class__
    array = self._array
    if type(array) is Coo:
        return (rebuild_sparse, (array.indices, array.values, array.shape, array.coalesced))
    if not isinstance(array, xnp.ndarray) or not array.size:
        return (rebuild, (cls, array, self.dtype, self.requires_grad), state)
    # the memory is what tensors share, in a pickle too
    whole = memory(array)
    place = None if whole is array else _place(array, whole)
    return (rebuild, (cls, whole, self.dtype, self.requires_grad, place), state)


def rebuild_sparse(*parts: Any) -> Any:
    """A sparse tensor from its pickle."""
    array = Coo(*parts)
    return make(array, array.kind)


def rebuild(cls: Any, array: Any, dtype: Any, requires_grad: bool, place: tuple | None = None) -> Any:
    """A tensor from its pickle: memory, and where in it the elements lie."""
    if place is not None:
        array = _placed(array, CPU.kinds[dtype].native, *place)
    t = make_as(cls or Tensor, array, CPU.kinds[dtype])
    if requires_grad:
        set_requires_grad(t, True)
    return t


def construct(
    cls: Any, *args: Any, device: Any = None, dtype: Any = None, requires_grad: bool = False, data: Any = None
) -> Any:
    """What `Tensor(...)` makes: an uninitialised tensor of sizes, or data converted to the default dtype."""
    if data is not None:
        args = (data,)
    dtype = dtype or config.default_dtype()
    if len(args) == 1 and not isinstance(args[0], int):
        one = args[0]
        if isinstance(one, Tensor):
            made = rows.alias(one)
        elif isinstance(one, Size):
            made = fn.empty(one, dtype=dtype, device=device)
        elif isinstance(one, str):
            raise TypeError("new(): invalid data type 'str'")
        elif isinstance(one, float) or one is None:
            raise TypeError(f"new(): data must be a sequence (got {one.__class__.__name__})")
        else:
            made = fn.tensor(one, dtype=dtype, device=device)
    else:
        made = fn.empty(*(args or (0,)), dtype=dtype, device=device)
    return made if cls is Tensor else make_as(cls, made._array, made._kind)


Tensor._construct = staticmethod(construct)


@method
def new_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """A tensor of this one's dtype, of sizes or data."""
    return construct(Tensor, *args, dtype=self.dtype, **kwargs)


Tensor.new = new_  # type: ignore[attr-defined]
del Tensor.new_  # type: ignore[attr-defined]

attach()
_attach_operators()


class Lacking:
    """Stands in the class for a method that PyTorch has and Flambeau has not: says so when it is asked for.

    A `__getattr__` would say more, of any name; but a class that has one reads its slots three times as slowly, and
    every
    operation reads eight of them (0.15 µs of 0.7).
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        raise missing.missing_member(owner.__name__, "torch.Tensor", self.name, lambda: there)


there = set(dir(Tensor))
for _name in missing.members("torch.Tensor") - there:
    if not _name.startswith("__"):
        setattr(Tensor, _name, Lacking(_name))
Tensor.__div__ = Tensor.__truediv__  # type: ignore[attr-defined]
Tensor.__idiv__ = Tensor.__itruediv__  # type: ignore[attr-defined]
