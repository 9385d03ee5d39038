"""Making tensors: of Python data, of other libraries' arrays, filled with a value, with ranges of numbers."""

from __future__ import annotations

import builtins
from typing import Any

from ... import config, dtypes, errors
from ...device import BATCHED, Kind, backend_of, default_device
from ...device import CPU as CPU_DEVICE
from ...dtypes import dtype as Dtype
from ...storage import check_size, preserve_format
from ...xp import numpy as xnp
from ..dispatch import type_name, write_result
from ..public import public
from ..tensor import CPU, KIND_BY_NUMBER, Tensor, current_edge, make, set_requires_grad

# what Python's own types stand for where a dtype is asked for
PYTHON_TYPES: dict[Any, Dtype] = {
    float: dtypes.float64, int: dtypes.int64, bool: dtypes.bool_, complex: dtypes.complex128,
}  # fmt: skip


def kind_for(dtype: Dtype | None, where: Any = None) -> Kind:
    """The kind of a new tensor: dtype None means the default one, device None the default one."""
    if dtype is None:
        dtype = config.default_dtype()
    back = CPU if where is None and default_device() is CPU_DEVICE else backend_of(where)
    kinds = back.inference_kinds if config.modes().inference else back.kinds
    found = kinds.get(dtype)
    if found is None:
        if dtype in PYTHON_TYPES:
            return kind_for(PYTHON_TYPES[dtype], where)
        if not isinstance(dtype, Dtype):
            raise TypeError(f"argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
        raise NotImplementedError(f"Flambeau has no tensors of {dtype} on {back.device} yet")
    return found


def sizes(name: str, given: tuple, size: Any = None) -> tuple[int, ...]:
    """The shape that `f(2, 3)`, `f((2, 3))` or `f(size=(2, 3))` means."""
    if not given and size is not None:
        given = (size,)
    if len(given) == 1 and not isinstance(given[0], int) and not (isinstance(given[0], Tensor) and given[0].ndim == 0):
        one = given[0]
        if not isinstance(one, (tuple, list)):
            raise TypeError(f"{name}(): argument 'size' (position 1) must be tuple of ints, not {type(one).__name__}")
        given = tuple(one)
    elif len(given) == 1 and given[0] is True or len(given) == 1 and given[0] is False:
        raise TypeError(f"{name}(): argument 'size' (position 1) must be tuple of ints, not bool")
    shape = []
    for i, n in enumerate(given):
        if type(n) is not int:
            if isinstance(n, float) or not hasattr(n, "__index__"):
                if i:
                    raise TypeError(
                        f"{name}(): argument 'size' failed to unpack the object at pos {i + 1} with error \"type "
                        "must be "
                        f'tuple of ints,but got {type(n).__name__}"'
                    )
                raise TypeError(
                    f"{name}(): argument 'size' (position 1) must be tuple of ints, but found element of type "
                    f"{type(n).__name__} at pos {i}"
                )
            n = n.__index__()
        if not -(2**63) <= n < 2**63:
            raise TypeError(
                f"{name}(): argument 'size' failed to unpack the object at pos {i + 1} with error \"Overflow when "
                'unpacking long long"'
            )
        if n < 0 and name == "zeros":
            raise RuntimeError("zeros: Dimension size must be non-negative.")
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(given)}")
        shape.append(n)
    return tuple(shape)


def finish(array: Any, kind: Kind, requires_grad: bool, out: Any = None, name: str = "") -> Tensor:
    """A new tensor around a fresh array, or `out` with the array's values."""
    t = make(array, kind)
    if out is not None:
        return write_result(name, t, out)
    if requires_grad:
        set_requires_grad(t, True)
    return t


def allocate(shape: tuple[int, ...], kind: Kind) -> Any:
    """An uninitialised array. Raises RuntimeError, not a swap storm, where it cannot fit into memory."""
    if kind.device.type == "cpu":
        check_size(shape, kind.native.itemsize)
    try:
        return kind.xp.empty(shape, dtype=kind.native)
    except (MemoryError, ValueError) as error:
        raise errors.too_large(str(error)) from None


def filled(shape: tuple[int, ...], value: Any, kind: Kind) -> Any:
    """An array full of a number."""
    if isinstance(value, Tensor):
        value = value.item()
    if value == 0 and not isinstance(value, float) or value is False:
        if kind.device.type == "cpu":
            check_size(shape, kind.native.itemsize)
        try:
            return kind.xp.zeros(shape, dtype=kind.native)
        except (MemoryError, ValueError) as error:
            raise errors.too_large(str(error)) from None
    array = allocate(shape, kind)
    errors.check_number(value, kind.dtype)
    kind.run(kind.xp.fill, array, value)
    return array


# ---- of Python data --------------------------------------------------------------------------------------------------


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
        raise TypeError(f"tensor(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    kind = type(data)
    if kind is float:
        if dtype is not None:
            _check_floats(xnp.array(data), dtype)
        return xnp.array(data), dtype or config.default_dtype()
    if kind is xnp.ndarray or isinstance(data, (xnp.ndarray, xnp.generic)):
        return xnp.array(data, copy=True, order="C"), dtype or dtype_of_array(data)
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{kind.__name__}'")
    if isinstance(data, (bytearray, memoryview, builtins.range)):
        data = list(data)
    if not isinstance(data, (list, tuple, int, float, complex)):
        foreign = _foreign(data)
        if foreign is None:
            raise RuntimeError(f"Could not infer dtype of {kind.__name__}")
        return foreign, dtype or dtype_of_array(foreign)
    leaf = _first_leaf(data)
    if leaf is not None and not isinstance(leaf, (bool, int, float, complex)):
        data = _without_tensors(data)
    try:
        array = xnp.array(data)
    except (ValueError, OverflowError):
        _explain_data(data)
        raise
    if array.dtype.kind not in "biufcV" or array.dtype.num not in KIND_BY_NUMBER:
        data = _without_tensors(data)
        _explain_data(data)
        array = xnp.array(data)
    if leaf is None or array.dtype.kind == "f" and (array.dtype.itemsize == 8 and isinstance(leaf, (float, int))):
        inferred = config.default_dtype()
    elif array.dtype.kind == "c" and isinstance(leaf, (float, int, complex)):
        inferred = config.default_dtype().to_complex()
    else:
        if array.dtype.kind == "u" and isinstance(leaf, int) and dtype is None:
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
        raise errors.number_overflow(dtype)
    return array, dtype or inferred


def _check_floats(array: Any, dtype: Dtype) -> None:
    """Refuse fractions that an integer dtype cannot hold even when cut off."""
    if array.dtype.kind != "f" or dtype.category != 1 or not array.size:
        return
    for bound in (float(array.min()), float(array.max())):
        if abs(bound) == INFINITY:
            raise errors.number_overflow(dtype)
        if bound == bound:
            errors.check_number(int(bound), dtype)


def _first_leaf(data: Any) -> Any:
    while isinstance(data, (list, tuple)):
        if not data:
            return None
        data = data[0]
    return data


def _foreign(data: Any) -> Any:
    """The array that another library's object offers, or None."""
    if hasattr(data, "__array_interface__") or hasattr(data, "__array__"):
        return xnp.array(data)
    if hasattr(data, "__dlpack__"):
        return xnp.array(xnp.from_dlpack(data))
    if hasattr(data, "__len__") and hasattr(data, "__getitem__") and not isinstance(data, (dict, memoryview)):
        return xnp.array([data[i] for i in range(len(data))])
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
    if isinstance(data, (list, tuple)):
        return [_without_tensors(x) for x in data]
    return data


def _explain_data(data: Any) -> None:
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
        if isinstance(x, str):
            raise TypeError(f"new(): invalid data type '{type(x).__name__}'")
        if depth == len(shape):
            if isinstance(x, (list, tuple)):
                raise TypeError(f"must be real number, not {type(x).__name__}")
            if isinstance(x, int) and not -(2**63) <= x < 2**63:
                raise ValueError("Overflow when unpacking long long")
            if x is None or not isinstance(x, (int, float, complex, xnp.generic, xnp.ndarray)):
                raise RuntimeError(f"Could not infer dtype of {type(x).__name__}")
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
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """`obj` as a tensor: copied if `copy`, never copied if `copy` is False (ValueError if it must be), else if
    needed."""
    if isinstance(obj, Tensor):
        t = obj.detach() if current_edge(obj) is not None and not requires_grad else obj  # type: ignore[attr-defined]
    elif isinstance(obj, xnp.ndarray):
        t = from_numpy(obj)
    elif hasattr(obj, "__dlpack__") and not isinstance(obj, xnp.generic):
        t = from_dlpack(obj)
    elif isinstance(obj, (list, tuple, int, float, complex, str, builtins.range, xnp.generic)):
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
    if requires_grad:
        set_requires_grad(changed, True)
    return changed


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
        ext_tensor = _Capsule(ext_tensor)
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


# ---- filled with a value ---------------------------------------------------------------------------------------------


@public(method=False)
def empty(*given: Any, size: Any = None, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
          pin_memory: bool = False, requires_grad: bool = False, memory_format: Any = None) -> Tensor:  # fmt: skip
    """A tensor of a shape, whose elements have no defined values."""
    kind = kind_for(dtype if out is None else out.dtype, device)
    t = finish(allocate(sizes("empty", given, size), kind), kind, requires_grad, out, "empty")
    return t if memory_format is None else t.contiguous(memory_format=memory_format)  # type: ignore[attr-defined]


@public(method=False)
def zeros(*given: Any, size: Any = None, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
          pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A tensor of a shape, full of 0.

    >>> zeros(2, 3).sum()
    tensor(0.)
    """
    kind = kind_for(dtype if out is None else out.dtype, device)
    return finish(filled(sizes("zeros", given, size), 0, kind), kind, requires_grad, out, "zeros")


@public(method=False)
def ones(*given: Any, size: Any = None, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
         pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A tensor of a shape, full of 1."""
    kind = kind_for(dtype if out is None else out.dtype, device)
    return finish(filled(sizes("ones", given, size), 1, kind), kind, requires_grad, out, "ones")


@public(method=False)
def full(size: Any, fill_value: Any, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
         pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A tensor of a shape, full of a number, in the number's dtype by default."""
    if dtype is None:
        dtype = out.dtype if out is not None else dtype_of_number(fill_value)
    kind = kind_for(dtype, device)
    return finish(filled(sizes("full", (size,)), fill_value, kind), kind, requires_grad, out, "full")


def dtype_of_number(value: Any) -> Dtype:
    """The dtype that a Python number alone stands for."""
    if isinstance(value, Tensor):
        return value.dtype
    if isinstance(value, bool):
        return dtypes.bool_
    if isinstance(value, int):
        return dtypes.int64
    return config.default_dtype().to_complex() if isinstance(value, complex) else config.default_dtype()


@public(method=False)
def scalar_tensor(s: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
                  requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A 0-d tensor of a number, in the default dtype by default."""
    kind = kind_for(dtype, device)
    return finish(filled((), s, kind), kind, requires_grad)


@public(method=False)
def empty_strided(size: Any, stride: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
                  requires_grad: bool = False, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised tensor of a shape and of strides, counted in elements."""
    shape = sizes("empty_strided", (size,))
    if len(shape) != len(stride):
        raise RuntimeError(f"mismatch in length of strides and shape: {len(shape)} sizes, {len(stride)} strides")
    kind = kind_for(dtype, device)
    extent = 1 + sum((n - 1) * s for n, s in zip(shape, stride, strict=True)) if 0 not in shape else 0
    memory = allocate((extent,), kind)
    array = kind.xp.as_strided(memory, shape, tuple(stride)) if extent else allocate(shape, kind)
    return finish(array, kind, requires_grad)


@public(method=False)
def empty_permuted(size: Any, physical_layout: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
                   requires_grad: bool = False, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised dense tensor whose dims lie in memory in the order `physical_layout`, outermost first."""
    shape = sizes("empty_permuted", (size,))
    order = tuple(physical_layout)
    if len(order) != len(shape):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = "
            f"{len(shape)} is not equal to len(physical_layout) = {len(order)}"
        )
    for i, d in enumerate(order):
        if not 0 <= d < len(shape):
            raise RuntimeError(
                f"Dimension out of range (expected to be between 0 and {len(shape) - 1}, but got {d} at index {i}).  "
                "NB: negative dims not currently supported; file an issue if you want it."
            )
    if len(set(order)) != len(order):
        raise RuntimeError("Duplicate dim not allowed")
    strides, step = [0] * len(shape), 1
    for d in reversed(order):
        strides[d] = step
        step *= shape[d]
    return empty_strided(shape, strides, dtype=dtype, device=device, requires_grad=requires_grad)


def _like(input: Tensor, dtype: Any, where: Any) -> Kind:
    if not isinstance(input, Tensor):
        raise TypeError(f"argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    if input._kind.batched:
        return BATCHED[dtype or input.dtype]
    if dtype is None and where is None and not input._kind.inference and not config.modes().inference:
        return input._kind
    return kind_for(dtype or input.dtype, input.device if where is None else where)


def preserved(input: Tensor, kind: Kind, memory_format: Any = None) -> Any:
    """An uninitialised array of the shape of a tensor, laid out in memory as the tensor is where that is dense."""
    array = input._array
    if input._kind.batched:
        return kind.xp.empty_like(array, dtype=kind.native)
    if kind.xp is not xnp or input._kind.xp is not xnp:
        return allocate(array.shape, kind)
    check_size(array.shape, kind.native.itemsize)
    if memory_format is not None and memory_format is not preserve_format:
        fresh = make(allocate(array.shape, kind), kind)
        return fresh.contiguous(memory_format=memory_format)._array  # type: ignore[attr-defined]
    if 0 in array.strides and array.size > 1 and not array.flags.c_contiguous:
        return allocate(array.shape, kind)
    return xnp.empty_like(array, dtype=kind.native, order="K", subok=False)


@public(method=False)
def empty_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None,
               requires_grad: bool = False, memory_format: Any = None,
               pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised tensor of the shape of another, in its dtype by default."""
    kind = _like(input, dtype, device)
    return finish(preserved(input, kind, memory_format), kind, requires_grad)


@public(method=False)
def zeros_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None,
               requires_grad: bool = False, memory_format: Any = None,
               pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Zeros in the shape of another tensor, in its dtype by default."""
    return full_like(input, 0, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@public(method=False)
def ones_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None,
              requires_grad: bool = False, memory_format: Any = None,
              pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Ones in the shape of another tensor, in its dtype by default."""
    return full_like(input, 1, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@public(method=False)
def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
              pin_memory: bool = False, requires_grad: bool = False,
              memory_format: Any = None) -> Tensor:  # fmt: skip
    """A tensor of the shape of another, full of a number, in its dtype by default."""
    kind = _like(input, dtype, device)
    if isinstance(fill_value, Tensor):
        fill_value = fill_value.item()  # type: ignore[attr-defined]
    errors.check_number(fill_value, kind.dtype)
    array = preserved(input, kind, memory_format)
    kind.run(kind.xp.fill, array, fill_value)
    return finish(array, kind, requires_grad)


# ---- as methods: of the same dtype and device as a tensor ------------------------------------------------------------


def _new(input: Tensor, dtype: Any, device: Any) -> Kind:
    return kind_for(dtype or input.dtype, input.device if device is None else device)


def _finish_new(input: Tensor, array: Any, kind: Kind, requires_grad: bool) -> Tensor:
    """A new tensor; one for each element of a batch, if `input` is one, so that it can be written to."""
    if input._kind.batched:
        kind, array = BATCHED[kind.dtype], input._array.repeated(array)
    return finish(array, kind, requires_grad)


@public(function=False)
def new_empty(input: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
              requires_grad: bool = False, layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised tensor of a shape, of this one's dtype and device by default."""
    kind = _new(input, dtype, device)
    return _finish_new(input, allocate(sizes("new_empty", given, size), kind), kind, requires_grad)


@public(function=False)
def new_zeros(input: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
              requires_grad: bool = False, layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Zeros in a shape, of this tensor's dtype and device by default."""
    kind = _new(input, dtype, device)
    return _finish_new(input, filled(sizes("new_zeros", given, size), 0, kind), kind, requires_grad)


@public(function=False)
def new_ones(input: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
             requires_grad: bool = False, layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Ones in a shape, of this tensor's dtype and device by default."""
    kind = _new(input, dtype, device)
    return _finish_new(input, filled(sizes("new_ones", given, size), 1, kind), kind, requires_grad)


@public(function=False)
def new_full(input: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None,
             requires_grad: bool = False, layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A tensor of a shape, full of a number, of this tensor's dtype and device by default."""
    kind = _new(input, dtype, device)
    return _finish_new(input, filled(sizes("new_full", (size,)), fill_value, kind), kind, requires_grad)


@public(function=False)
def new_empty_strided(input: Tensor, size: Any, stride: Any, dtype: Any = None, device: Any = None,
                      requires_grad: bool = False, layout: Any = None,
                      pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised tensor of a shape and of strides, of this one's dtype and device by default."""
    return empty_strided(
        size, stride, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad
    )


@public(function=False)
def new_tensor(input: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
               layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A copy of `data`, of this tensor's dtype and device by default."""
    return tensor(data, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


# ---- ranges ----------------------------------------------------------------------------------------------------------


@public(method=False)
def arange(*bounds: Any, start: Any = None, end: Any = None, step: Any = None, out: Any = None, dtype: Any = None,
           layout: Any = None, device: Any = None, pin_memory: bool = False,
           requires_grad: bool = False) -> Tensor:  # fmt: skip
    """The numbers from `start` (0) up to but not including `end`, `step` (1) apart; int64 where all are ints.

    >>> arange(1, 4)
    tensor([1, 2, 3])
    """
    first, last, by = 0 if start is None else start, end, 1 if step is None else step
    if len(bounds) == 1:
        if end is not None:
            first = bounds[0]
        elif start is not None:
            raise TypeError("arange(): end is missing")
        else:
            last = bounds[0]
    elif len(bounds) >= 2:
        first, last = bounds[:2]
        if len(bounds) == 3:
            by = bounds[2]
    if last is None:
        raise TypeError("arange() received an invalid combination of arguments: the end is missing")
    first, last, by = (x.item() if isinstance(x, Tensor) else x for x in (first, last, by))
    if dtype is None:
        dtype = (
            out.dtype
            if out is not None
            else dtypes.int64
            if all(isinstance(x, int) for x in (first, last, by))
            else None
        )
    kind = kind_for(dtype, device)
    for x in (first, last, by):
        if not isinstance(x, (int, float, xnp.generic)):
            raise TypeError(f"arange(): argument must be Number, not {type(x).__name__}")
    if by == 0:
        raise RuntimeError("step must be nonzero")
    if last != last or first != first or abs(first) == INFINITY or abs(last) == INFINITY:
        raise RuntimeError(f"unsupported range: {first} -> {last}")
    if (last - first) * (1 if by > 0 else -1) < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    return finish(range_array(first, last, by, kind), kind, requires_grad, out, "arange")


INFINITY = float("inf")


def range_array(first: Any, last: Any, by: Any, kind: Kind) -> Any:
    """`first + i * by`, computed in double precision and rounded once, as PyTorch does."""
    if not (kind.dtype.is_floating_point or kind.dtype.is_complex):
        exact = first, last, by
        first, last, by = int(first), int(last), int(by)
        if by == 0:
            raise ValueError("step must be nonzero")
        # PyTorch counts in int64, but for narrower integers in double precision, before it cuts the numbers off
        narrow = kind.dtype is not dtypes.int64
        count = max(ceil_quotient(exact[1] - exact[0], exact[2]) if narrow else -((first - last) // by), 0)
    else:
        count = ceil_quotient(last - first, by)
    check_size((count,), kind.native.itemsize)
    if kind.xp is not xnp:
        return kind.xp.empty((count,), dtype=kind.native)
    if not kind.dtype.is_floating_point:
        # counted in int64, since the step may be negative where the dtype has no sign
        whole = kind.native if kind.dtype in (dtypes.int64, dtypes.uint64) else xnp.int64
        return xnp.arange(first, first + count * by, by, dtype=whole).astype(kind.native, copy=False)
    steps = xnp.arange(count, dtype=xnp.float64)
    if by != 1:
        steps *= by
    if first:
        steps += first
    return steps.astype(kind.native)


def ceil_quotient(a: float, b: float) -> int:
    """The quotient rounded up."""
    q = a / b
    whole = int(q)
    return whole + (whole < q)


@public(method=False)
def range(start: Any = 0, end: Any = None, step: Any = 1, *, out: Any = None, dtype: Any = None, layout: Any = None,
          device: Any = None, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """The numbers from `start` to `end`, both included; deprecated in favour of `arange`."""
    errors.warn_range()
    if end is None:
        start, end = 0, start
    kind = kind_for(dtype if out is None else out.dtype, device)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * (1 if step > 0 else -1) < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = int((end - start) / step) + 1
    array = (start + xnp.arange(count, dtype=xnp.float64) * step).astype(kind.native)
    return finish(array, kind, requires_grad, out, "range")


def _end_points(name: str, start: Any, end: Any, steps: Any) -> tuple[Any, Any, int]:
    start, end = (x.item() if isinstance(x, Tensor) else x for x in (start, end))
    steps = steps.__index__() if hasattr(steps, "__index__") else steps
    if not isinstance(steps, int):
        raise TypeError(f"{name}(): argument 'steps' (position 3) must be int, not {type(steps).__name__}")
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return start, end, steps


@public(method=False)
def linspace(start: Any, end: Any, steps: int, *, out: Any = None, dtype: Any = None, layout: Any = None,
             device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """`steps` numbers from `start` to `end`, evenly spaced, both included."""
    start, end, steps = _end_points("linspace", start, end, steps)
    if dtype is None and out is None and (isinstance(start, complex) or isinstance(end, complex)):
        dtype = config.default_dtype().to_complex()
    kind = kind_for(dtype if out is None else out.dtype, device)
    return finish(spaced(start, end, steps, kind), kind, requires_grad, out, "linspace")


def spaced(start: Any, end: Any, steps: int, kind: Kind) -> Any:
    """Evenly spaced numbers in PyTorch's arithmetic: the first half counts up from the start, the other down."""
    check_size((steps,), kind.native.itemsize)
    if kind.xp is not xnp:
        return kind.xp.empty((steps,), dtype=kind.native)
    if steps <= 1:
        return xnp.full(steps, start).astype(kind.native)
    exact = kind.wide.native
    index = xnp.arange(steps)
    if not (kind.dtype.is_floating_point or kind.dtype.is_complex):
        # the step is a C float where the numbers are integers
        step = xnp.float32.type(float(int(end) - int(start)) / (steps - 1))
        up = xnp.trunc(xnp.float32.type(int(start)) + step * index.astype(xnp.float32)).astype(kind.native)
        down = xnp.trunc(xnp.float32.type(int(end)) - step * (steps - 1 - index).astype(xnp.float32)).astype(
            kind.native
        )
        return xnp.where(index < steps // 2, up, down)
    first, last = exact.type(start), exact.type(end)
    step = (last - first) / exact.type(steps - 1)
    # multiplied and added at once, as the processor does it for PyTorch: rounded once
    wide = xnp.complex128 if kind.dtype.is_complex else xnp.float64
    up = wide.type(first) + wide.type(step) * index
    down = wide.type(last) - wide.type(step) * (steps - 1 - index)
    return xnp.where(index < steps // 2, up, down).astype(kind.native)


@public(method=False)
def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, out: Any = None, dtype: Any = None,
             layout: Any = None, device: Any = None, pin_memory: bool = False,
             requires_grad: bool = False) -> Tensor:  # fmt: skip
    """`base` to the power of `steps` evenly spaced numbers from `start` to `end`."""
    start, end, steps = _end_points("logspace", start, end, steps)
    kind = kind_for(dtype if out is None else out.dtype, device)
    wide = kind.wide if kind.dtype.is_floating_point or kind.dtype.is_complex else CPU.kinds[dtypes.float64]
    if kind.xp is not xnp:
        return finish(kind.xp.empty((steps,), dtype=kind.native), kind, requires_grad, out, "logspace")
    if wide.dtype is kind.wide.dtype or steps < 2:
        powers = xnp.run(xnp.pow, wide.native.type(base), spaced(start, end, steps, wide))
    else:
        powers = _whole_powers(int(start), int(end), steps, int(base))
    return finish(powers.astype(kind.native), kind, requires_grad, out, "logspace")


def _whole_powers(start: int, end: int, steps: int, base: int) -> Any:
    """PyTorch's arithmetic for `logspace` in integers: whole ends and base, a step in float32."""
    step = xnp.float32.type((end - start) / (steps - 1))
    index = xnp.arange(steps)
    up = xnp.float32.type(start) + step * index.astype(xnp.float32)
    down = xnp.float32.type(end) - step * (steps - 1 - index).astype(xnp.float32)
    return xnp.run(xnp.pow, xnp.float64.type(base), xnp.where(index < steps // 2, up, down).astype(xnp.float64))


@public(method=False)
def eye(n: int, m: int | None = None, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
        pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A matrix (n, m) with ones on the diagonal and zeros elsewhere."""
    if n < 0 or (m is not None and m < 0):
        raise RuntimeError(f"{'n' if n < 0 else 'm'} must be greater or equal to 0, got {n if n < 0 else m}")
    kind = kind_for(dtype if out is None else out.dtype, device)
    check_size((n, n if m is None else m), kind.native.itemsize)
    array = kind.xp.eye(n, n if m is None else m, dtype=kind.native)
    return finish(array, kind, requires_grad, out, "eye")
