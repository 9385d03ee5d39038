"""How tensors are written as text.

Three steps, each on the result of the one before: choose the values that are shown (`_shown`), turn them into
cells of equal width (`_cells`), lay the cells out in brackets (`_layout`). `format_array` does this for an array;
`tensor_str` adds what only a tensor knows: its class, device and place in the graph.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .. import config, dtypes
from .tensor import Parameter, Tensor, kind_of, make

__all__ = [
    "PRINT_OPTS",
    "format_array",
    "get_printoptions",
    "parameter_str",
    "printoptions",
    "return_type_str",
    "set_printoptions",
    "tensor_format",
    "tensor_str",
]


class PrintOptions:
    """What `set_printoptions` sets."""

    def __init__(self) -> None:
        self.precision = 4
        self.threshold: float = 1000
        self.edgeitems = 3
        self.linewidth = 80
        self.sci_mode: bool | None = None


PRINT_OPTS = PrintOptions()

_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how tensors print; options left out stay, except `sci_mode`, which goes back to automatic.

    precision: digits after the point. threshold: the most elements shown in full. edgeitems: elements shown at
    each end of a shortened axis. linewidth: characters to a line. profile: "default", "short" or "full", applied
    before the others. sci_mode: True or False forces scientific notation on or off.

    >>> set_printoptions(precision=2)
    >>> tensor([1.12345])
    tensor([1.12])
    >>> set_printoptions(profile="default")
    """
    chosen = dict(_PROFILES.get(profile, {})) if profile is not None else {}
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    chosen.update((name, value) for name, value in given.items() if value is not None)
    for name, value in chosen.items():
        setattr(PRINT_OPTS, name, value)
    PRINT_OPTS.sci_mode = sci_mode


def get_printoptions() -> dict[str, Any]:
    """The print options in force, as keyword arguments for `set_printoptions`.

    >>> get_printoptions()["precision"]
    4
    """
    return dict(vars(PRINT_OPTS))


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Set print options, named as in `set_printoptions`, for the length of a `with` block.

    >>> with printoptions(precision=1):
    ...     print(tensor([0.25, 1.75]))
    tensor([0.2, 1.8])
    """
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


# --- which values are shown


def _shown(array: Any) -> tuple[list[Any], list[int], list[bool]]:
    """The values to print in row-major order, the shape they form, and which axes lack their middle."""
    shape = list(array.shape)
    if not shape or array.size <= PRINT_OPTS.threshold:
        return array.reshape(-1).tolist(), shape, [False] * len(shape)
    edge = PRINT_OPTS.edgeitems
    shortened = [size > 2 * edge for size in shape]
    shape = [2 * edge if short else size for size, short in zip(shape, shortened, strict=True)]
    return _edge_values(array, edge), shape, shortened


def _edge_values(array: Any, edge: int) -> list[Any]:
    """The values left when every axis longer than `2 * edge` loses its middle; only these are read."""
    size = array.shape[0]
    whole = size <= 2 * edge
    if array.ndim == 1:
        return array.tolist() if whole else array[:edge].tolist() + array[size - edge :].tolist()
    kept = range(size) if whole else (*range(edge), *range(size - edge, size))
    return [value for index in kept for value in _edge_values(array[index], edge)]


# --- values to cells

# The zero of float8_e8m0fnu is its smallest power of two: the format has no true zero.
_E8M0_ZERO = 2.0**-127


def _measured(values: list[float], dtype: dtypes.dtype) -> list[float]:
    """The values that decide notation and width: those that are finite and not zero."""
    if dtype is dtypes.float8_e8m0fnu:
        return [value for value in values if value != _E8M0_ZERO]  # PyTorch takes its NaN for finite
    return [value for value in values if value and math.isfinite(value)]


def _is_scientific(measured: list[float]) -> bool:
    if PRINT_OPTS.sci_mode is not None:
        return PRINT_OPTS.sci_mode
    if any(map(math.isnan, measured)):
        return False
    magnitudes = [abs(value) for value in measured]
    low, high = min(magnitudes), max(magnitudes)
    return high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4


def _whole_text(value: float) -> str:
    return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"


def _float_writer(measured: list[float]) -> Callable[[float], str]:
    """How every value of a floating array is written, given the values that decide it."""
    if not measured:
        return _whole_text
    if _is_scientific(measured):
        return f"{{:.{PRINT_OPTS.precision}e}}".format
    if all(value.is_integer() for value in measured):
        return _whole_text
    return f"{{:.{PRINT_OPTS.precision}f}}".format


def _float_cells(values: list[float], dtype: dtypes.dtype) -> tuple[list[str], int]:
    """Right-aligned texts and their width. Zeros, infinities and NaNs are fitted in, not measured."""
    measured = _measured(values, dtype)
    write = _float_writer(measured)
    width = max((len(write(value)) for value in measured), default=1)
    return [write(value).rjust(width) for value in values], width


def _complex_cells(values: list[complex], dtype: dtypes.dtype) -> tuple[list[str], int]:
    """Real and imaginary parts are aligned each on their own; the width counts both and the `j`."""
    reals, real_width = _float_cells([value.real for value in values], dtype)
    imags, imag_width = _float_cells([value.imag for value in values], dtype)
    cells = []
    for real, padded in zip(reals, imags, strict=True):
        imag = padded.lstrip()
        cells.append(f"{real}{imag}j" if imag[0] == "-" else f"{real}+{imag}j")
    return cells, real_width + imag_width + 1


def _cells(values: list[Any], dtype: dtypes.dtype) -> tuple[list[str], int]:
    if dtype.is_complex:
        return _complex_cells(values, dtype)
    if dtype.is_floating_point:
        return _float_cells(values, dtype)
    texts = [str(value) for value in values]
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts], width


# --- cells to brackets


def _row(cells: list[str], per_line: int, shortened: bool, indent: int) -> str:
    if shortened:
        half = len(cells) // 2
        cells = [*cells[:half], " ...", *cells[half:]]
    lines = [", ".join(cells[start : start + per_line]) for start in range(0, len(cells), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _layout(cells: list[str], width: int, shape: list[int], shortened: list[bool], indent: int) -> str:
    """Brackets around brackets, built from the last axis outwards; `indent` is the column of the first one."""
    if not shape:
        return cells[0]
    last = len(shape) - 1
    room = PRINT_OPTS.linewidth - indent - last
    per_line = max(1, math.floor(room / (width + 2)))  # a comma and a space follow every cell
    blocks = [
        _row(cells[start : start + shape[last]], per_line, shortened[last], indent + last)
        for start in range(0, len(cells), shape[last])
    ]
    for axis in range(last - 1, -1, -1):
        joint = "," + "\n" * (last - axis) + " " * (indent + axis + 1)
        half = shape[axis] // 2
        groups = [blocks[start : start + shape[axis]] for start in range(0, len(blocks), shape[axis])]
        if shortened[axis]:
            groups = [[*group[:half], "...", *group[half:]] for group in groups]
        blocks = [f"[{joint.join(group)}]" for group in groups]
    return blocks[0]


def _array_text(array: Any, dtype: dtypes.dtype, indent: int) -> str:
    if not array.size:
        return "[]"
    values, shape, shortened = _shown(array)
    if not values:  # no edge items: nothing is left of a shortened axis
        return "[...]"
    cells, width = _cells(values, dtype)
    return _layout(cells, width, shape, shortened, indent)


# --- the notes after the numbers


def _dtype_notes(dtype: dtypes.dtype, obvious: tuple[dtypes.dtype, ...]) -> list[str]:
    return [] if dtype in obvious else [f"dtype={dtype}"]


def _obvious_dtypes(default: dtypes.dtype) -> tuple[dtypes.dtype, ...]:
    """The dtypes that the numbers alone tell, given the default floating dtype."""
    default_complex = dtypes.complex128 if default is dtypes.float64 else dtypes.complex64
    return default, default_complex, dtypes.int64, dtypes.bool_


def _size_note(shape: Iterable[int]) -> str:
    return f"size={tuple(shape)}"


def _array_notes(shape: Sequence[int], dtype: dtypes.dtype, default: dtypes.dtype) -> list[str]:
    """Size and dtype, where the numbers do not show them."""
    if 0 in shape:
        size = [] if len(shape) == 1 else [_size_note(shape)]
        return size + _dtype_notes(dtype, (default,))
    size = [] if PRINT_OPTS.edgeitems else [_size_note(shape)]
    return size + _dtype_notes(dtype, _obvious_dtypes(default))


def _tensor_notes(tensor: Tensor) -> list[str]:
    """What the numbers do not show: device, size, dtype and place in the graph."""
    default = config.default_dtype()
    device = [] if tensor.device.type == "cpu" else [f"device='{tensor.device}'"]
    if tensor.is_sparse:
        count = f"nnz={tensor._nnz()}"
        data = [_size_note(tensor.shape), count, *_dtype_notes(tensor.dtype, _obvious_dtypes(default))]
        data.append("layout=torch.sparse_coo")
    elif tensor.device.type == "meta":
        data = [_size_note(tensor.shape), *_dtype_notes(tensor.dtype, (default,))]
    else:
        data = _array_notes(tensor.shape, tensor.dtype, default)
    return [*device, *data, *_grad_notes(tensor)]


def _grad_notes(tensor: Tensor) -> list[str]:
    try:
        grad_fn = tensor.grad_fn
    except RuntimeError:  # a view written in place under no_grad has no valid history, and still prints
        return ["grad_fn=<Invalid>"]
    if grad_fn is not None:
        return [f"grad_fn=<{type(grad_fn).__name__}>"]
    return ["requires_grad=True"] if tensor.requires_grad else []


def _close(text: str, notes: list[str], indent: int, new_line: bool = False) -> str:
    """`text` with its notes and closing bracket; a note that would pass the line width starts a new line."""
    used = len(text) - text.rfind("\n") + 1
    for note in notes:
        if new_line or used + len(note) + 2 > PRINT_OPTS.linewidth:
            text += ",\n" + " " * indent + note
            used = indent + len(note)
            new_line = False
        else:
            text += ", " + note
            used += len(note) + 2
    return text + ")"


# --- the public texts


def format_array(array: Any, dtype: dtypes.dtype, *, name: str = "tensor", notes: Iterable[str] = ()) -> str:
    """The text of a tensor that holds `array`: `name([...], dtype=..., notes)`.

    array: any shape, of any library whose arrays have `tolist`; only the elements that are shown are read.
    dtype: the tensor's dtype; the array may store it in a wider type. notes: further `key=value` texts.
    """
    prefix = name + "("
    text = prefix + _array_text(array, dtype, len(prefix))
    return _close(text, [*_array_notes(array.shape, dtype, config.default_dtype()), *notes], len(prefix))


def tensor_str(tensor: Tensor, *, tensor_contents: str | None = None) -> str:
    """The text of a tensor, as `repr` and `str` give it; `tensor_contents` stands in for the numbers.

    >>> tensor_str(tensor([[1.0, 2.5], [3.0, -4.0]], dtype=float64))
    'tensor([[ 1.0000,  2.5000],\\n        [ 3.0000, -4.0000]], dtype=torch.float64)'
    """
    if tensor._kind.batched and hasattr(tensor._array, "level"):
        return _batch_str(tensor)
    kind = type(tensor)
    is_plain = kind is Tensor or kind is Parameter
    prefix = "tensor(" if is_plain else f"{kind.__name__}("
    if tensor_contents is None:
        if tensor.is_sparse:
            tensor_contents = _sparse_contents(tensor, len(prefix))
        else:
            is_meta = tensor.device.type == "meta"
            tensor_contents = "..." if is_meta else _array_text(tensor._array, tensor.dtype, len(prefix))
    notes = _tensor_notes(tensor)
    level = config.modes().dual
    tangent = None if level is None else level.tangent_of(tensor)
    if tangent is not None:
        notes = [*notes, f"tangent={tensor_str(tangent)}"]
    text = _close(prefix + tensor_contents, notes, len(prefix), new_line=tensor.is_sparse)
    is_parameter = isinstance(tensor, Parameter) or getattr(tensor, "_is_param", False)
    return f"Parameter({text})" if is_parameter and not is_plain else text


def _sparse_contents(tensor: Tensor, indent: int) -> str:
    """The indices and the values of a sparse tensor, each as a tensor of its own."""
    parts = []
    for label, array in (("indices", tensor._array.indices), ("values", tensor._array.values)):
        prefix = f"{label}=tensor("
        text = _array_text(array, kind_of(array).dtype, indent + len(prefix))
        size = f", {_size_note(array.shape)}" if 0 in array.shape else ""
        parts.append(f"{prefix}{text}{size})")
    return (",\n" + " " * indent).join(parts)


def _batch_str(tensor: Tensor) -> str:
    """A batch under vmap: the whole of it, indented."""
    array = tensor._array
    value = tensor_str(make(array.inner, kind_of(array.inner))).replace("\n", "\n    ")
    return f"BatchedTensor(lvl={array.level.number}, bdim=0, value=\n    {value}\n)"


def parameter_str(parameter: Parameter) -> str:
    """The text of a parameter: that of the tensor, under a heading.

    >>> print(parameter_str(Parameter(tensor([1.0, 2.0]))))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """
    return "Parameter containing:\n" + tensor_str(parameter)


def tensor_format(tensor: Tensor, spec: str) -> str:
    """What `format(tensor, spec)` gives: a 0-dim Tensor formats as its number, anything else takes no spec.

    Raises TypeError where a spec is given and the tensor is not 0-dim, is of a subclass, or holds no data.

    >>> tensor_format(tensor(0.1), ".3f")
    '0.100'
    """
    if type(tensor) is Tensor and tensor.ndim == 0 and tensor.device.type != "meta":
        return format(tensor._array.item(), spec)
    return object.__format__(tensor, spec)


def return_type_str(name: str, fields: Mapping[str, Any]) -> str:
    """The text of a named result, one field to a line; `name` is that of the function, as in "linalg_qr".

    >>> print(return_type_str("max", {"values": tensor(3.0), "indices": tensor(1)}))
    torch.return_types.max(
    values=tensor(3.),
    indices=tensor(1))
    """
    lines = ",\n".join(f"{field}={value!r}" for field, value in fields.items())
    return f"torch.return_types.{name}(\n{lines})"
