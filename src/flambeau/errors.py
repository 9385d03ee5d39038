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
    axis = next(
        i
        for i in range(width - 1, -1, -1)
        if _from_right(a, width - i) not in (1, _from_right(b, width - i)) and _from_right(b, width - i) != 1
    )
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
        lines.append(f"  b fits as ({a[1]},), one value per column, or as ({a[0]}, 1), one value per row: b.unsqueeze(1).")
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


def changed_in_place(
    node: Any, array: Any, origin: Any, versions: tuple[int, int], anomaly: bool
) -> RuntimeError:
    """A value that the backward pass needs was overwritten."""
    now, then = versions
    scalar = {"f4": "Float", "f8": "Double", "i8": "Long", "c8": "ComplexFloat"}.get(array.dtype.str[1:], "Float")
    what = f"[torch.{scalar}Tensor {list(array.shape)}]"
    if origin == -1:
        source = f", which is output 0 of {type(node).__name__},"
    else:
        edge = node.edges[origin] if origin < len(node.edges) else None
        maker = getattr(edge, "node", edge)
        source = "" if maker is None or maker.kind is None else f", which is output 0 of {type(maker).__name__},"
    hint = (
        "the backtrace further above shows the operation that failed to compute its gradient. The variable in question "
        "was changed in there or anywhere later. Good luck!"
        if anomaly
        else "enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True)."
    )
    return RuntimeError(
        f"one of the variables needed for gradient computation has been modified by an inplace operation: {what}"
        f"{source} is at version {now}; expected version {then} instead. Hint: {hint}\n"
        f"  {type(node).__name__} keeps its {'result' if origin == -1 else 'input'} for the backward pass, and an in-place "
        "operation (add_, x[...] = ..., +=) has overwritten it since.\n"
        "  Use the operation that makes a new tensor (y = y + 1 for y += 1), or change a y.clone()."
    )


def warn_anomaly(name: str, forward: str) -> None:
    """Anomaly mode: show the line of the forward pass whose backward failed."""
    import warnings

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
    return NotImplementedError(f'"{name}" not implemented for \'{dtype.scalar_name}\'')


def out_with_grad(name: str) -> RuntimeError:
    return RuntimeError(
        f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments "
        "requires grad."
    )


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


def inplace_on_multi_view(edge: Any) -> RuntimeError:
    name = type(edge.node).__name__
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
    import warnings

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
