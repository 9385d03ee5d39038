"""The words: one function for each mistake that we explain. They return the exception, for the caller to raise.

The first line is PyTorch's own, since ported code matches on it; the lines below show the real shapes, the rule, and
the likely way out. Messages are built only after something failed.

    Exception
    ├── RuntimeError        shapes, devices, autograd, most of PyTorch's errors
    │   ├── NotImplementedError   an operation that PyTorch has not for a dtype, or Flambeau has not yet
    │   └── LinAlgError           a matrix that is singular, or not positive definite
    ├── IndexError          a dimension or an index that is out of range
    ├── TypeError           an argument of the wrong type
    └── ValueError          an argument of the right type with a value that makes no sense
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any


class LinAlgError(RuntimeError):
    """A linear-algebra routine met a matrix that it cannot handle."""


LinAlgError.__module__ = "torch._C"
LinAlgError.__qualname__ = LinAlgError.__name__ = "_LinAlgError"


def broadcast(names: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> RuntimeError:
    """Shapes that do not broadcast: which axis, and what would fit."""
    (name_a, a), (name_b, b) = _first_clash(names, shapes)
    width = max(len(a), len(b))
    clashing = [
        i
        for i in range(width - 1, -1, -1)
        if _from_right(a, width - i) not in (1, _from_right(b, width - i)) and _from_right(b, width - i) != 1
    ]
    if not clashing:
        # they broadcast, but not to the shape of what is written to
        return RuntimeError(f"output with shape {list(a)} doesn't match the broadcast shape {list(b)}")
    axis = clashing[0]
    x, y = _from_right(a, width - axis), _from_right(b, width - axis)
    texts = [_shape_text(s, width) for s in (a, b)]
    # the caret stands under the number that disagrees, counted from the right so that the axes line up
    column = texts[0][1][axis]
    lines = [
        f"The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {axis}",
        f"  {name_a}: {texts[0][0]}",
        f"  {name_b}: {texts[1][0]}",
        " " * (4 + column) + f" ^ {x} and {y} differ; counted from the right, sizes must be equal or one of them 1",
    ]
    if len(b) == 1 and len(a) == 2 and a[0] == b[0]:
        lines.append(
            f"  b fits as ({a[1]},), one value per column, or as ({a[0]}, 1), one value per row: b.unsqueeze(1)."
        )
    return RuntimeError("\n".join(lines))


def _first_clash(names: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> tuple:
    """The first two operands that do not fit, called a and b as in PyTorch's first line."""
    for j in range(1, len(shapes)):
        for i in range(j):
            a, b = shapes[i], shapes[j]
            if any(x != y and 1 not in (x, y) for x, y in zip(reversed(a), reversed(b), strict=False)):
                return ("a", a), ("b", b)
    return ("a", shapes[0]), ("b", shapes[-1])


def _from_right(shape: tuple[int, ...], k: int) -> int:
    return shape[-k] if k <= len(shape) else 1


def _shape_text(shape: tuple[int, ...], width: int) -> tuple[str, list[int]]:
    """The shape as text, padded so that axes of several shapes stand under each other, and the column of each axis."""
    cells = [""] * (width - len(shape)) + [str(n) for n in shape]
    text, columns = "", []
    for i, cell in enumerate(cells):
        opening = "(" if i == width - len(shape) else " "
        columns.append(len(text) + len(opening) - 1)
        text += opening + (cell or " ") + ("," if cell and (i < width - 1 or len(shape) == 1) else "" if cell else " ")
    return text + ")", columns


_TYPE_NAMES = {"float16": "torch.HalfTensor", "bfloat16": "torch.BFloat16Tensor", "float32": "torch.FloatTensor",
               "float64": "torch.DoubleTensor", "complex64": "torch.ComplexFloatTensor", "uint8": "torch.ByteTensor",
               "complex128": "torch.ComplexDoubleTensor", "int8": "torch.CharTensor", "int16": "torch.ShortTensor",
               "int32": "torch.IntTensor", "int64": "torch.LongTensor", "bool": "CPUBoolType"}  # fmt: skip


def changed_in_place(
    node: Any, array: Any, origin: Any, versions: tuple[int, int], anomaly: bool, writer: str = ""
) -> RuntimeError:
    """A value that the backward pass needs was overwritten, last by the operation `writer`."""
    now, then = versions
    what = f"[{_TYPE_NAMES.get(array.dtype.name, array.dtype.name)} {list(array.shape)}]"
    if origin == -1:
        source = f", which is output 0 of {_operation(type(node).__name__)},"
    elif writer:
        source = f", which is output 0 of {_operation(writer)},"
    elif origin is None:
        source = ""
    else:
        edge = node.edges[origin] if origin < len(node.edges) else None
        maker = getattr(edge, "node", edge)
        number = 0 if edge is maker else edge.index  # type: ignore[union-attr]
        source = (
            ""
            if maker is None or maker.kind is None
            else f", which is output {number} of {_operation(type(maker).__name__)},"
        )
    hint = (
        "the backtrace further above shows the operation that failed to compute its gradient. The variable in question "
        "was changed in there or anywhere later. Good luck!"
        if anomaly
        else "enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )
    return RuntimeError(
        f"one of the variables needed for gradient computation has been modified by an inplace operation: {what}"
        f"{source} is at version {now}; expected version {then} instead. Hint: {hint}\n"
        f"  {type(node).__name__} keeps its {'result' if origin == -1 else 'input'} for the backward pass, and an "
        "in-place "
        "operation (add_, x[...] = ..., +=) has overwritten it since.\n"
        "  Use the operation that makes a new tensor (y = y + 1 for y += 1), or change a y.clone()."
    )


def _operation(node: str) -> str:
    """The name of a node's operation, without the ending that tells that it goes backward."""
    return node.removesuffix("Backward0").replace("Backward", "")


def warn_anomaly(name: str, forward: str) -> None:
    """Anomaly mode: show the line of the forward pass whose backward failed."""
    warnings.warn(
        f"Error detected in {name}. Traceback of forward call that caused the error:\n{forward}", stacklevel=2
    )


def caller_line() -> str:
    """The stack up to the first frame outside of this package, as text."""
    import traceback

    frame = sys._getframe(1)
    package = __name__.rpartition(".")[0]
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(package):
        frame = frame.f_back
    return "".join(traceback.format_stack(frame))


def not_for_dtype(name: str, dtype: Any) -> Exception:
    """An operation that PyTorch has not for a dtype."""
    return NotImplementedError(f"\"{name}\" not implemented for '{dtype.scalar_name}'")


def out_with_grad(name: str) -> RuntimeError:
    return RuntimeError(
        f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments "
        "requires grad."
    )


_C_NAMES = {"Double": "double", "Float": "float", "Half": "c10::Half", "BFloat16": "c10::BFloat16", "Long": "long int",
            "Int": "int", "Short": "short int", "Char": "signed char", "Byte": "unsigned char", "Bool": "bool",
            "ComplexFloat": "c10::complex<float>", "ComplexDouble": "c10::complex<double>"}  # fmt: skip


def c_name(dtype: Any) -> str:
    """What C++ calls a dtype; some of PyTorch's messages do too."""
    return _C_NAMES.get(dtype.scalar_name, dtype.scalar_name)


def grad_of_other_dtype(given: Any, expected: Any) -> RuntimeError:
    """A gradient that is assigned to a tensor of another dtype."""
    return RuntimeError(
        f"attempting to assign a gradient with dtype '{c_name(given)}' to a tensor with grad_dtype "
        f"'{expected.scalar_name}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's "
        "dtype). You "
        "can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype "
        "with "
        "caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they "
        "match."
    )


def out_of_other_dtype(expected: Any, given: Any) -> RuntimeError:
    """An `out` tensor of another dtype than the result, where PyTorch does not convert."""
    return RuntimeError(f"Expected out tensor to have dtype {c_name(expected)}, but got {c_name(given)} instead")


def inference_saved() -> RuntimeError:
    return RuntimeError(
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
        "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it "
        "in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
    )


def inference_inplace() -> RuntimeError:
    return RuntimeError(
        "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal "
        "tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
    )


def inplace_on_leaf(view: bool) -> RuntimeError:
    what = "a view of a leaf Variable" if view else "a leaf Variable"
    return RuntimeError(
        f"{what} that requires grad is being used in an in-place operation.\n"
        "  Its old value would be lost to the graph. To update a parameter by hand, do it under torch.no_grad():\n"
        "      with torch.no_grad():\n"
        "          w -= lr * w.grad"
    )


def inplace_on_silent_view() -> RuntimeError:
    return RuntimeError(
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this "
        "use case "
        "is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the "
        "inplace "
        "either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you "
        "want "
        "the inplace to be tracked)."
    )


def inplace_on_multi_view(edge: Any) -> RuntimeError:
    name = type(edge.node).__name__.removesuffix("Backward0")
    return RuntimeError(
        f"Output {edge.index} of {name} is a view and is being modified inplace. This view is the output of a function "
        "that returns multiple views. Such functions do not allow the output views to be modified inplace. You should "
        "replace the inplace operation by an out-of-place one."
    )


def overlapping_write() -> RuntimeError:
    return RuntimeError(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
        "Please clone() the tensor before performing the operation."
    )


def read_only() -> RuntimeError:
    return RuntimeError(
        "the tensor's memory is read-only\n"
        "  It came from a NumPy array or a buffer that may not be written; change a clone() of it."
    )


def warn_resized_out(old: tuple[int, ...], new: tuple[int, ...]) -> None:
    warnings.warn(
        f"An output with one or more elements was resized since it had shape {list(old)}, which does not match the "
        f"required output shape {list(new)}. This behavior is deprecated, and in a future PyTorch release outputs will "
        "not be resized unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, "
        "inplace, to zero elements with t.resize_(0).",
        stacklevel=3,
    )


def too_large(text: str) -> RuntimeError:
    return RuntimeError(
        f"[enforce fail at alloc_cpu.cpp] . DefaultCPUAllocator: can't allocate memory: {text}\n"
        "  The tensor would need more memory than there is; look for a size or a broadcast that is larger than meant."
    )


# ---- indexing --------------------------------------------------------------------------------------------------------


def index_of_scalar() -> IndexError:
    return IndexError(
        "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a "
        "0-dim "
        "tensor to a number"
    )


def index_error(error: IndexError) -> IndexError:
    """NumPy's complaint about an index in PyTorch's words."""
    text = str(error)
    if "out of bounds" in text:
        return IndexError(text.replace("axis", "dimension"))
    if text.startswith("too many indices"):
        ndim = text.partition("array is ")[2].partition("-")[0]
        return IndexError(f"too many indices for tensor of dimension {ndim}")
    if "broadcast together" in text:
        shapes = text.rpartition("shapes ")[2].strip()
        listed = ", ".join(f"[{', '.join(p for p in s.strip('()').split(',') if p)}]" for s in shapes.split(" "))
        return IndexError(f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}")
    return IndexError(text)


def index_put_shape(values: tuple[int, ...], result: tuple[int, ...], error: Exception) -> RuntimeError:
    return RuntimeError(
        f"shape mismatch: value tensor of shape {list(values)} cannot be broadcast to indexing result of shape "
        f"{list(result)}"
    )


def check_number(value: Any, dtype: Any) -> None:
    """Refuse a Python number that a dtype cannot hold. Integers may wrap to the other sign, as in PyTorch."""
    if dtype.is_floating_point or dtype.is_complex:
        if isinstance(value, complex) and not dtype.is_complex:
            raise number_overflow(dtype)
        return
    if dtype.name == "bool":
        return
    if isinstance(value, complex):
        raise number_overflow(dtype)
    bits = dtype.itemsize * 8
    high = 2 ** (bits - 1) - 1 if dtype.is_signed else 2**bits - 1
    low = -high - 1 if dtype.is_signed else -high
    if not low <= value <= high:
        raise number_overflow(dtype)


def number_overflow(dtype: Any) -> RuntimeError:
    names = {
        "float32": "float",
        "float64": "double",
        "bool": "bool",
        "int32": "int",
        "float16": "at::Half",
        "bfloat16": "at::BFloat16",
    }
    name = names.get(dtype.name, f"{dtype.name}_t")
    return RuntimeError(f"value cannot be converted to type {name} without overflow")


def warn_sequence_index() -> None:
    warnings.warn(
        "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; "
        "use "
        "x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, "
        "x[torch.tensor(seq)], "
        "which will result either in an error or a different result",
        stacklevel=5,
    )


def warn_byte_index() -> None:
    warnings.warn(
        "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.", stacklevel=6
    )


def warn_copy_construct() -> None:
    warnings.warn(
        "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
        "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
        stacklevel=4,
    )


def warn_read_only_array() -> None:
    warnings.warn(
        "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means "
        "writing to "
        "this tensor will result in undefined behavior. You may want to copy the array to protect its data or make it "
        "writable before converting it to a tensor. This type of warning will be suppressed for the rest of this "
        "program.",
        stacklevel=4,
    )


def warn_range() -> None:
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with "
        "Python's range builtin. Instead, use torch.arange, which produces values in [start, end).",
        stacklevel=4,
    )


def warn_matrix_transpose() -> None:
    warnings.warn(
        "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will "
        "throw an "
        "error in a future release. Consider `x.mT` to transpose batches of matrices or "
        "`x.permute(*torch.arange(x.ndim - "
        "1, -1, -1))` to reverse the dimensions of a tensor.",
        stacklevel=4,
    )


# ---- backward --------------------------------------------------------------------------------------------------------


def no_grad_fn(position: int) -> RuntimeError:
    return RuntimeError(
        f"element {position} of tensors does not require grad and does not have a grad_fn\n"
        "  Nothing that led to it was recorded: no input has requires_grad=True, or it was computed under no_grad() or "
        "from detached, integer or NumPy values."
    )


def backward_of_many(shape: Sequence[int]) -> RuntimeError:
    return RuntimeError(
        "grad can be implicitly created only for scalar outputs\n"
        f"  This tensor has shape {list(shape)}. Reduce it to one number first, as loss.mean().backward(), or say "
        "which "
        "weights the elements have: y.backward(gradient=torch.ones_like(y))."
    )


def backward_in_transform() -> RuntimeError:
    """The error of `backward()` inside of a transform of torch.func."""
    return RuntimeError(
        "backward() called inside a functorch transform. This is not supported, please use functorch.grad or "
        "functorch.vjp "
        "instead or call backward() outside of functorch transforms."
    )
