"""Tensors of what is there already: Python numbers and lists, NumPy's arrays, other libraries' tensors, buffers, files.

`tensor` copies; `as_tensor` and `asarray` copy where they must; `from_numpy`, `from_dlpack`, `frombuffer` and
`from_file` share memory.
"""

from __future__ import annotations

from math import inf
from typing import Any

from ... import config, dtypes, errors
from ...dtypes import PYTHON_TYPES
from ...dtypes import dtype as Dtype
from ...xp import numpy as xnp
from ..operands import type_name
from ..public import public
from ..tensor import KIND_BY_NUMBER, KINDS, Tensor, make, set_requires_grad
from .allocation import allocate, finish, kind_for

PYTHON_NUMBERS = frozenset(PYTHON_TYPES)


@public(method=False)
def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A new tensor holding a copy of `data`: a number, nested lists, an array, or a tensor.

    dtype: by default int64 for ints, the default dtype for floats, an array's own. Raises ValueError for ragged lists.

    >>> tensor([[1., 2.], [3., 4.]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    if isinstance(data, Tensor):
        errors.warn_copy_construct()
        made = make(xnp.copy(data._array), data._kind)
        made = made.to(dtype=dtype, device=device) if dtype is not None or device is not None else made  # type: ignore[attr-defined]
        if requires_grad:
            set_requires_grad(made, True)
        return made
    array, found = array_of(data, dtype)
    kind = kind_for(found, device)
    if kind.native is not array.dtype and kind.xp is xnp:
        array = xnp.run(array.astype, kind.native)
    t = make(kind.xp.asarray(array, dtype=kind.native), kind)
    if requires_grad:
        set_requires_grad(t, True)
    return t


def array_of(data: Any, dtype: Dtype | None) -> tuple[Any, Dtype]:
    """Data as a fresh NumPy array, and the dtype that it is to have."""
    if dtype is not None and not isinstance(dtype, Dtype):
        if dtype in PYTHON_TYPES:
            return array_of(data, PYTHON_TYPES[dtype])
        raise TypeError(f"tensor(): argument 'dtype' must be torch.dtype, not {type_name(dtype)}")
    kind = type(data)
    if kind is float:
        if dtype is not None:
            _check_floats(xnp.array(data), dtype)
        return xnp.array(data), dtype or config.default_dtype()
    if kind is xnp.ndarray or isinstance(data, (xnp.ndarray, xnp.generic)):
        return xnp.array(data, copy=True, order="C"), dtype or dtype_of_array(data)
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{kind.__name__}'")
    if _is_sequence(data):
        data = list(data)
    if not isinstance(data, (list, tuple, int, float, complex)):
        foreign = _foreign(data)
        if foreign is None:
            raise _no_number(data, dtype)
        return foreign, dtype or dtype_of_array(foreign)
    leaf = _first_leaf(data)
    python = leaf is None or type(leaf) in PYTHON_NUMBERS
    kinds = set() if dtype is not None and python else _kinds_in(data)
    common = None
    if any(isinstance(k, Dtype) for k in kinds):
        data = _without_tensors(data)
        common = _common_dtype(kinds)
    try:
        array = xnp.array(data, None if common is None else KINDS[common].native)
    except (ValueError, OverflowError, TypeError):
        _explain_data(data, dtype)
        raise
    if array.dtype.kind not in "biufcV" or array.dtype.num not in KIND_BY_NUMBER:
        data = _without_tensors(data)
        _explain_data(data, dtype)
        array = xnp.array(data)
    if common is not None:
        inferred = common
    elif leaf is None or array.dtype.kind == "f":
        inferred = config.default_dtype()
    elif array.dtype.kind == "c":
        inferred = config.default_dtype().to_complex()
    else:
        if array.dtype.kind == "u" and dtype is None:
            raise ValueError("Overflow when unpacking long long")
        inferred = dtype_of_array(array)
    if (
        dtype is not None
        and array.size
        and array.dtype.kind in "iu"
        and not (dtype.is_floating_point or dtype.is_complex)
    ) and dtype is not dtypes.bool_:
        low, high = int(array.min()), int(array.max())
        for value in (low, high):
            errors.check_number(value, dtype)
    if dtype is not None:
        _check_floats(array, dtype)
    if dtype is not None and array.dtype.kind == "c" and not dtype.is_complex:
        if not python:
            raise errors.number_overflow(dtype)
        if dtype is not dtypes.bool_:
            raise _no_number(1j, dtype)
    return array, dtype or inferred


def _check_floats(array: Any, dtype: Dtype) -> None:
    """Refuse fractions that an integer dtype cannot hold even when cut off."""
    if array.dtype.kind != "f" or dtype.category != 1 or not array.size:
        return
    for bound in (float(array.min()), float(array.max())):
        if abs(bound) == inf:
            raise errors.number_overflow(dtype)
        if bound == bound:
            errors.check_number(int(bound), dtype)


def _is_sequence(data: Any) -> bool:
    """Whether data is read item by item: a deque, a range, bytes; not what offers an array, nor a list or tuple."""
    kind = type(data)
    return (
        hasattr(kind, "__getitem__")
        and hasattr(kind, "__len__")
        and not isinstance(data, (list, tuple, dict, str, bytes, Tensor))
        and not any(hasattr(kind, name) for name in ("__array_interface__", "__array__", "__dlpack__"))
    )


def _first_leaf(data: Any) -> Any:
    while isinstance(data, (list, tuple)) or _is_sequence(data):
        if not len(data):
            return None
        data = data[0]
    return data


def _kinds_in(data: Any) -> set:
    """What nested lists hold: dtypes, of tensors and of NumPy's numbers and arrays, and types, of all else."""
    if not isinstance(data, (list, tuple)):
        return {type(data)}
    found: set[Any] = set(map(type, data))
    if found <= PYTHON_NUMBERS:
        return found
    found.clear()
    for x in data:
        if isinstance(x, Tensor):
            found.add(x._kind.dtype)
        elif isinstance(x, (xnp.generic, xnp.ndarray)) and x.dtype.num in KIND_BY_NUMBER:
            found.add(dtype_of_array(x))
        else:
            found |= _kinds_in(list(x) if _is_sequence(x) else x)
    return found


def _common_dtype(kinds: set) -> Dtype | None:
    """The dtype that holds all: that of a number of Python's is as if it stood alone. None for what is no number."""
    common = None
    real = config.default_dtype()
    standing = {**PYTHON_TYPES, float: real, complex: real.to_complex()}
    for kind in kinds:
        if not isinstance(kind, Dtype):
            kind = next((standing[base] for base in kind.__mro__ if base in standing), None)
            if kind is None:
                return None
        common = kind if common is None else dtypes.promote_types(common, kind)
    return common


def _foreign(data: Any) -> Any:
    """The array that another library's object offers, or None."""
    if hasattr(data, "__array_interface__") or hasattr(data, "__array__"):
        return xnp.array(data)
    if hasattr(data, "__dlpack__"):
        return xnp.array(xnp.from_dlpack(data))
    try:
        return xnp.array(memoryview(data))
    except TypeError:
        return None


def _without_tensors(data: Any) -> Any:
    """Nested lists in which tensors have become arrays."""
    if isinstance(data, Tensor):
        if data._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return data._array.reshape(())
    if isinstance(data, (list, tuple)) or _is_sequence(data):
        return [_without_tensors(x) for x in data]
    return data


def _no_number(x: Any, dtype: Dtype | None) -> Exception:
    """The complaint about what is no number of a dtype, or of any."""
    if dtype is None:
        return RuntimeError(f"Could not infer dtype of {type(x).__name__}")
    if dtype.is_floating_point or dtype.is_complex:
        return TypeError(f"must be real number, not {type_name(x)}")
    return TypeError(f"'{type_name(x)}' object cannot be interpreted as an integer")


def _explain_data(data: Any, dtype: Dtype | None) -> None:
    """Raise PyTorch's complaint about nested lists that are no array."""
    shape: list[int] = []
    level = data
    if isinstance(leaf := _first_leaf(data), str):
        raise ValueError(f"too many dimensions '{type(leaf).__name__}'")
    while isinstance(level, (list, tuple, xnp.ndarray)) and getattr(level, "ndim", 1):  # type: ignore[arg-type]
        shape.append(len(level))
        if not len(level):
            break
        level = level[0]

    def visit(x: Any, depth: int) -> None:
        if isinstance(x, str) and dtype is None:
            raise TypeError(f"new(): invalid data type '{type(x).__name__}'")
        if depth == len(shape):
            if isinstance(x, (list, tuple)):
                raise TypeError(f"must be real number, not {type_name(x)}")
            if isinstance(x, int) and not -(2**63) <= x < 2**63:
                raise ValueError("Overflow when unpacking long long")
            if x is None or not isinstance(x, (int, float, complex, xnp.generic, xnp.ndarray)):
                raise _no_number(x, dtype)
            return
        if not isinstance(x, (list, tuple, xnp.ndarray)):
            raise TypeError(f"len() of unsized object: expected a sequence at dim {depth}, got {type(x).__name__}")
        if len(x) != shape[depth]:
            raise ValueError(f"expected sequence of length {shape[depth]} at dim {depth} (got {len(x)})")
        for item in x:
            visit(item, depth + 1)

    visit(data, 0)


def dtype_of_array(array: Any) -> Dtype:
    """The dtype of a NumPy array. Raises TypeError where PyTorch has none such."""
    kind = KIND_BY_NUMBER.get(array.dtype.num)
    if kind is None:
        raise TypeError(
            f"can't convert np.ndarray of type {array.dtype.type.__module__}.{array.dtype.type.__name__}. The only "
            "supported types are: float64, "
            "float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and "
            "bool."
        )
    return kind.dtype


@public(method=False)
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor, without a copy where it is a tensor or an array of the right dtype and device already."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device) if dtype is not None or device is not None else data  # type: ignore[attr-defined]
    if type(data) is xnp.ndarray:
        shared = from_numpy(data)
        return shared.to(dtype=dtype, device=device) if dtype is not None or device is not None else shared  # type: ignore[attr-defined]
    return tensor(data, dtype=dtype, device=device)


@public(method=False)
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool | None = None
) -> Tensor:
    """`obj` as a tensor: copied if `copy`, never copied if `copy` is False (ValueError if it must be), else if
    needed. A tensor keeps its history unless `requires_grad` is False."""
    if isinstance(obj, Tensor):
        t = obj
    elif isinstance(obj, xnp.ndarray):
        t = from_numpy(obj)
    elif hasattr(obj, "__dlpack__") and not isinstance(obj, xnp.generic):
        t = from_dlpack(obj)
    elif isinstance(obj, (list, tuple, int, float, complex, str, range, xnp.generic)):
        if copy is False:
            raise ValueError("can't alias arbitrary sequence into a tensor.")
        t = tensor(obj, dtype=dtype, device=device)
        copy = None
    elif isinstance(getattr(obj, "_array", None), xnp.ndarray):  # a storage
        t = from_numpy(obj._array)
    else:
        try:
            memoryview(obj)
        except TypeError:
            raise RuntimeError(f"Could not infer dtype of {type(obj).__name__}") from None
        t = frombuffer(obj, dtype=dtype or config.default_dtype())
    changed = t.to(dtype=dtype, device=device) if dtype is not None or device is not None else t  # type: ignore[attr-defined]
    if copy is False and changed is not t:
        if changed.dtype is not t.dtype:
            before, after = t.dtype.scalar_name, changed.dtype.scalar_name
            raise ValueError(f"can't alias tensor with dtype '{before}' into dtype '{after}'.")
        raise ValueError(f"can't alias tensor from device '{t.device}' to '{changed.device}'.")
    if copy and changed is t:
        changed = t.clone()  # type: ignore[attr-defined]
    if requires_grad is not None:
        if not requires_grad and not changed.is_leaf:
            changed = changed.detach()  # type: ignore[attr-defined]
        set_requires_grad(changed, bool(requires_grad))
    return changed


# ---- sharing memory --------------------------------------------------------------------------------------------------


@public(method=False)
def from_numpy(ndarray: Any) -> Tensor:
    """A tensor that shares the memory of a NumPy array: changes of one show in the other.

    Raises TypeError for what is no array and for dtypes that PyTorch has not.
    """
    if not isinstance(ndarray, xnp.ndarray):
        raise TypeError(f"expected np.ndarray (got {type_name(ndarray)})")
    dtype_of_array(ndarray)
    if any(s < 0 for s in ndarray.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array  with "
            "array.copy().) "
        )
    if not ndarray.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
            "currently not supported."
        )
    if any(s % ndarray.itemsize for s in ndarray.strides):
        raise ValueError(
            "given numpy array strides not a multiple of the element byte size. Copy the numpy array to reallocate the "
            "memory."
        )
    if not ndarray.flags.writeable:
        errors.warn_read_only_array()
    plain = ndarray if type(ndarray) is xnp.ndarray else ndarray.view(xnp.ndarray)
    kind = KIND_BY_NUMBER[plain.dtype.num]
    return make(plain, kind_for(kind.dtype, "cpu") if config.modes().inference else kind)


class _Capsule:
    """Offers a DLPack capsule, the older form of the protocol, as an object of the newer one."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **options: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


@public(method=False)
def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor that shares the memory of another library's, through the DLPack protocol."""
    if isinstance(ext_tensor, Tensor):
        return ext_tensor.view_as(ext_tensor)  # type: ignore[attr-defined]
    if type(ext_tensor).__name__ == "PyCapsule":
        # this older form of the protocol cannot say whether memory may be written, which NumPy takes for no
        array = xnp.writable(xnp.from_dlpack(_Capsule(ext_tensor)))
    else:
        array = xnp.from_dlpack(ext_tensor)
    t = make(array, KIND_BY_NUMBER[array.dtype.num])
    return t.clone() if copy else t  # type: ignore[attr-defined]


@public(method=False)
def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A one-dimensional tensor that shares the memory of a Python buffer."""
    kind = kind_for(dtype, "cpu")
    length = memoryview(buffer).nbytes
    size = kind.native.itemsize
    if not length:
        raise ValueError(f"both buffer length ({length}) and count ({count}) must not be 0")
    if not 0 <= offset < length:
        raise ValueError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({length} bytes) minus 1"
        )
    if count == 0:
        raise ValueError(f"both buffer length ({length}) and count (0) must not be 0")
    if count < 0 and (length - offset) % size:
        raise ValueError(
            f"buffer length ({length - offset} bytes) after offset ({offset} bytes) must be a multiple of element size "
            f"({size})"
        )
    if count > 0 and offset + count * size > length:
        raise ValueError(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({length} bytes)"
        )
    array = xnp.frombuffer(buffer, dtype=kind.native, count=count, offset=offset)
    if not array.flags.writeable:
        errors.warn_read_only_array()
    return finish(array, kind, requires_grad)


@public(method=False)
def from_file(filename: str, shared: bool | None = None, size: int | None = 0, *, dtype: Any = None, layout: Any = None,
              device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A vector of `size` elements in the memory of a mapped file; with `shared`, writes go to the file.

    shared: the file is made, or made longer, where it is too short; else RuntimeError is raised.
    """
    kind, count = kind_for(dtype, "cpu"), int(size or 0)
    wanted = count * kind.native.itemsize
    if shared:
        with open(filename, "ab") as file:
            file.truncate(max(file.tell(), wanted))
    with open(filename, "r+b" if shared else "rb") as file:
        length = file.seek(0, 2)
        if length < wanted:
            raise RuntimeError(f"file {filename} of {length} bytes is too short for {count} elements of {kind.dtype}")
        if not wanted:
            return finish(allocate((0,), kind), kind, requires_grad)
        import mmap  # half a millisecond, which most programs need not spend

        access = mmap.ACCESS_WRITE if shared else mmap.ACCESS_COPY
        mapped = mmap.mmap(file.fileno(), wanted, access=access)
    return finish(xnp.frombuffer(mapped, dtype=kind.native), kind, requires_grad)
