"""Short-time Fourier transforms, there and back, and the windows that they use."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ... import config, dtypes, errors
from ...ops import shapes
from .. import rows
from ..operands import type_name
from ..public import public
from ..tensor import KINDS, Tensor, make, numbers
from .creation import ones
from .padding import constant_padded
from .ranges import arange

# ---- words -----------------------------------------------------------------------------------------------------------


def _flag(value: Any) -> str:
    return "None" if value is None else str(int(value))


def _window_text(window: Any) -> str:
    return "None" if window is None else f"torch.{window.dtype.scalar_name}Tensor{{{list(window._array.shape)}}}"


# ---- stft ------------------------------------------------------------------------------------------------------------


@public()
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """Fourier transforms of overlapping pieces of a signal: (T,) or (b, T) gives (b, frequencies, pieces).

    Each piece has `n_fft` numbers, begins `hop_length` after the one before, and is multiplied by the window. center:
    piece t has its middle at t * hop_length, and the signal is extended by `pad_mode` at both ends.

    >>> stft(ones(16), 8, window=hann_window(8), return_complex=True).shape
    torch.Size([5, 9])
    """
    if align_to_window is not None and center:
        raise RuntimeError("stft align_to_window should only be set when center = false")
    if center:
        input = _extended(input, n_fft // 2, pad_mode)
    hop = n_fft // 4 if hop_length is None else hop_length
    length = n_fft if win_length is None else win_length
    shape = input._array.shape

    def wrong(text: str) -> RuntimeError:
        return RuntimeError(
            f"stft(torch.{input.dtype.scalar_name}Tensor{list(shape)}, n_fft={n_fft}, hop_length={hop}, "
            f"win_length={length}, "
            f"window={_window_text(window)}, normalized={int(normalized)}, onesided={_flag(onesided)}, "
            f"return_complex={_flag(return_complex)}, align_to_window={_flag(align_to_window)}) : {text}"
        )

    if window is None:
        warnings.warn(
            "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. "
            "Other windows such as torch.hann_window or torch.hamming_window are recommended to reduce spectral "
            "leakage."
            "To suppress this warning and use a rectangular window, explicitly set "
            "`window=torch.ones(n_fft, device=<device>)`.",
            stacklevel=3,
        )
    complex_in = input.dtype.is_complex or (window is not None and window.dtype.is_complex)
    if return_complex is None:
        if not complex_in:
            raise RuntimeError(
                "stft requires the return_complex parameter be given for real inputs, and will further require that "
                "return_complex=True in a future PyTorch release."
            )
        return_complex = True
    if not (input.dtype.is_floating_point or input.dtype.is_complex):
        raise wrong("expected a tensor of floating point or complex values")
    if not 1 <= len(shape) <= 2:
        raise wrong("expected a 1D or 2D tensor")
    if not 0 < n_fft <= shape[-1]:
        raise wrong(f"expected 0 < n_fft < {shape[-1]}, but got n_fft={n_fft}")
    if hop <= 0:
        raise wrong(f"expected hop_length > 0, but got hop_length={hop}")
    if not 0 < length <= n_fft:
        raise wrong(f"expected 0 < win_length <= n_fft, but got win_length={length}")
    if window is not None and tuple(window._array.shape) != (length,):
        raise wrong(
            f"expected a 1D window tensor of size equal to win_length={length}, but got window with size "
            f"{list(window._array.shape)}"
        )
    if onesided is None:
        onesided = not complex_in
    elif onesided and complex_in:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    if input._kind.half:
        raise RuntimeError(f"MKL FFT doesn't support tensors of type: {input.dtype.scalar_name}")
    result = _transformed(input, n_fft, hop, length, window, normalized, onesided, align_to_window)
    return result if return_complex else rows.view_as_real(result)


def _transformed(
    x: Tensor, n_fft: int, hop: int, length: int, window: Any, normalized: bool, onesided: bool, align: bool | None
) -> Tensor:
    before = (n_fft - length) // 2
    if align and length < n_fft:
        # pieces may begin so early, and end so late, that only the window's part lies within the signal
        x = constant_padded(x, (before, n_fft - length - before), 0)
    pieces = rows.frames_of(x, size=n_fft, step=hop)
    if window is not None or length < n_fft:
        pieces = rows.mul(pieces, _full_window(window, x, n_fft, length))
    norm = "ortho" if normalized else "backward"
    last = (pieces._array.ndim - 1,)
    if onesided:
        result = rows.fft_r2c(pieces, dim=last, norm=norm)
    else:
        result = rows.fft_c2c(pieces, dim=last, norm=norm, forward=True)
    return rows.transpose(result, -2, -1)


def _full_window(window: Tensor | None, like: Tensor, n_fft: int, length: int) -> Tensor:
    """The window in the middle of zeros."""
    if window is None:
        kind = like._kind
        ones = kind.xp.ones((length,), dtype=kind.xp.real(like._array[..., :0]).dtype)
        window = make(ones, KINDS[dtypes.float64 if ones.dtype.itemsize == 8 else dtypes.float32])
    if length == n_fft:
        return window
    before = (n_fft - length) // 2
    return constant_padded(window, (before, n_fft - length - before), 0)


def _extended(x: Tensor, width: int, mode: str) -> Tensor:
    """A signal with `width` numbers more at both ends."""
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if mode == "constant":
        return constant_padded(x, (width, width), 0)
    size = x._array.shape[-1] if x._array.ndim else 1
    if mode == "reflect" and width >= size:
        full = [1] * (3 - x._array.ndim) + list(x._array.shape)
        raise RuntimeError(
            "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
            f"({width}, {width}) at dimension 2 of input {full}"
        )
    return rows.repeating_pad(x, pad=(width, width), mode=mode)


# ---- istft -----------------------------------------------------------------------------------------------------------


@public()
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """The signal whose `stft` comes closest to the input: (b, frequencies, pieces) gives (b, T).

    >>> window = hann_window(8)
    >>> istft(stft(ones(16), 8, window=window, return_complex=True), 8, window=window).shape
    torch.Size([16])
    """
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    shape = input._array.shape

    def wrong(text: str) -> RuntimeError:
        return RuntimeError(
            f"istft(CPU{input.dtype.scalar_name}Type{list(shape)}, n_fft={n_fft}, hop_length={hop}, "
            f"win_length={width}, "
            f"window={_window_text(window)}, center={int(center)}, normalized={int(normalized)}, "
            f"onesided={_flag(onesided)}, length={length}, return_complex={int(return_complex)}){text}"
        )

    if not input.dtype.is_complex:
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True."
        )
    if not input._array.size:
        raise wrong(" : input tensor cannot be empty.")
    shapes.one_dim(-3, len(shape) + 1)
    if len(shape) not in (2, 3):
        raise wrong(f" : expected a tensor with 3 or 4 dimensions, but got {len(shape) + 1}")
    one = shape[-2] != n_fft if onesided is None else onesided
    if one and shape[-2] != n_fft // 2 + 1:
        raise wrong(
            " : expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 when "
            f"onesided=True, but got {shape[-2]}"
        )
    if not one and shape[-2] != n_fft:
        raise wrong(
            " : expected the frequency dimension (3rd to the last) of the input tensor to match n_fft when "
            f"onesided=False, but got {shape[-2]}"
        )
    if not 0 < hop <= width:
        raise wrong(" : expected 0 < hop_length <= win_length")
    if not 0 < width <= n_fft:
        raise wrong(" : expected 0 < win_length <= n_fft")
    if window is not None and tuple(window._array.shape) != (width,):
        raise wrong(" : Invalid window shape. window has to be 1D and length of `win_length`")
    if return_complex and one:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    full = _full_window(window, input, n_fft, width)
    signal, envelope = _overlapped(input, n_fft, hop, full, normalized, one, return_complex)
    begin = n_fft // 2 if center else 0
    have = signal._array.shape[-1]
    end = begin + length if length is not None else have - n_fft // 2 if center else have
    signal, envelope = (rows.slice_index(x, (..., slice(begin, min(end, have)))) for x in (signal, envelope))
    if float(abs(numbers(envelope._array)).min()) < 1e-11:
        raise wrong(" window overlap add min: 1\n[ CPUBoolType{} ]")
    result = rows.true_div(signal, envelope)
    if length is not None and end > have:
        warnings.warn(
            "The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. "
            "Please check your center, n_fft and hop_length settings.",
            stacklevel=3,
        )
        result = constant_padded(result, (0, end - have), 0)
    return result


def _overlapped(
    x: Tensor, n_fft: int, hop: int, window: Tensor, normalized: bool, onesided: bool, return_complex: bool
) -> tuple[Tensor, Tensor]:
    """The sum of the pieces, weighted again, and the sum of the squared windows."""
    pieces = rows.transpose(x, -2, -1)
    norm = "ortho" if normalized else "backward"
    last = (pieces._array.ndim - 1,)
    if return_complex:
        pieces = rows.fft_c2c(pieces, dim=last, norm=norm, forward=False)
    else:
        if not onesided:
            pieces = rows.slice_index(pieces, (..., slice(0, n_fft // 2 + 1)))
        pieces = rows.fft_c2r(pieces, dim=last, norm=norm, size=n_fft)
    signal = rows.overlap_add(rows.mul(pieces, window), step=hop)
    squares = rows.expand_to(rows.square(window), shape=(pieces._array.shape[-2], n_fft))
    return signal, rows.overlap_add(squares, step=hop)


# ---- windows ---------------------------------------------------------------------------------------------------------


def _window(name: str, length: int, periodic: bool, values: Any, given: tuple) -> Tensor:
    """A window: `values(k, n)` computes it for the numbers k = 0, 1, …, n - 1."""
    dtype, layout, device, requires_grad = given
    if not isinstance(length, int) or isinstance(length, bool):
        raise TypeError(f"{name}(): argument 'window_length' (position 1) must be int, not {type_name(length)}")
    dtype = config.default_dtype() if dtype is None else dtype
    if not (dtype.is_floating_point or dtype.is_complex):
        raise RuntimeError(
            f"{name} expects floating point dtypes, got: TensorOptions(dtype={errors.c_name(dtype)}, "
            "device=cpu, layout=Strided (default), requires_grad=false (default), pinned_memory=false, "
            "memory_format=(nullopt))"
        )
    if length < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={length}")
    if dtype.is_complex:
        raise errors.not_for_dtype("arange_cpu", dtype)
    if length < 2:
        return ones((length,), dtype=dtype, device=device, requires_grad=requires_grad)
    count = length + 1 if periodic else length
    # in the dtype asked for at each step: half types give PyTorch's numbers so
    window = values(arange(count, dtype=dtype, device=device), count)
    window = rows.slice_index(window, (slice(0, length),)) if periodic else window
    return window.requires_grad_() if requires_grad else window  # type: ignore[attr-defined]


def _cosine_sum(alpha: float, beta: float) -> Any:
    return lambda k, n: rows.cos(k * (2 * math.pi / (n - 1))) * -beta + alpha


@public(method=False)
def hann_window(window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None,
                device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Hann's window, one arch of a squared sine. periodic: for transforms; else symmetric, for filters.

    >>> hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _window(
        "hann_window", window_length, periodic, _cosine_sum(0.5, 0.5), (dtype, layout, device, requires_grad)
    )


@public(method=False)
def hamming_window(window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *,
                   dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
                   requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Hamming's window, `alpha - beta * cos`."""
    return _window(
        "hamming_window", window_length, periodic, _cosine_sum(alpha, beta), (dtype, layout, device, requires_grad)
    )


def _blackman(k: Tensor, n: int) -> Tensor:
    k = rows.mul(k, math.pi / (n - 1))
    return rows.cos(rows.mul(k, 4)) * 0.08 - rows.cos(rows.mul(k, 2)) * 0.5 + 0.42


@public(method=False)
def blackman_window(window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None,
                    device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Blackman's window, a sum of two cosines."""
    return _window("blackman_window", window_length, periodic, _blackman, (dtype, layout, device, requires_grad))


def _bartlett(k: Tensor, n: int) -> Tensor:
    up = rows.mul(k, 2 / (n - 1))
    return rows.where_same(rows.le(k, (n - 1) // 2), up, rows.add(rows.neg(up), 2))


@public(method=False)
def bartlett_window(window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None,
                    device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Bartlett's window, a triangle."""
    return _window("bartlett_window", window_length, periodic, _bartlett, (dtype, layout, device, requires_grad))


def kaiser(beta: float) -> Any:
    """Kaiser's window as a function of places from 0 to n - 1."""

    def values(k: Tensor, n: int) -> Tensor:
        x = rows.sub(rows.mul(k, 2 / (n - 1)), 1)
        inside = rows.relu(rows.sub(1, rows.square(x)))
        return rows.true_div(
            rows.i0(rows.mul(rows.sqrt(inside), beta)), rows.i0(rows.mul(rows.add(rows.mul(k, 0), 1), beta))
        )

    return values


@public(method=False)
def kaiser_window(window_length: int, periodic: bool = True, beta: float = 12.0, *, dtype: Any = None,
                  layout: Any = None, device: Any = None, pin_memory: bool = False,
                  requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Kaiser's window, of Bessel's function I0; `beta` trades the width of the peak for the height of its sides."""
    return _window("kaiser_window", window_length, periodic, kaiser(beta), (dtype, layout, device, requires_grad))
