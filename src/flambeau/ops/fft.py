"""Discrete Fourier transforms. The adjoint of each is the transform in the other direction, with its own scale."""

from __future__ import annotations

from .table import op

# the mode in which the other direction has the scale that this direction has
ADJOINT = {"backward": "forward", "ortho": "ortho", "forward": "backward"}


def resized(xp, x, sizes, dim):
    """Dims cut, or filled up with zeros at the end."""
    for n, axis in zip(sizes, dim, strict=True):
        have = x.shape[axis]
        if n < have:
            x = x[(slice(None),) * axis + (slice(0, n),)]
        elif n > have:
            shape = (*x.shape[:axis], n - have, *x.shape[axis + 1 :])
            x = xp.concat([x, xp.zeros(shape, dtype=x.dtype)], axis=axis)
    return x


def _c2c_rule(xp, g, input, dim, norm, forward):
    back = xp.fft_c2c(g, dim, ADJOINT[norm], not forward)
    return back if xp.is_complex(input) else xp.real(back)


@op(input=_c2c_rule, public=False, method=False, node="FftC2C")
def fft_c2c(xp, input, dim: tuple, norm: str = "backward", forward: bool = True):
    """The transform of complex or real numbers over some dims."""
    return xp.fft_c2c(input, dim, norm, forward)


@op(input=_c2c_rule, public=False, method=False, node="FftR2C")
def fft_of_real(xp, input, dim: tuple, norm: str = "backward", forward: bool = True):
    """The whole transform of real numbers."""
    return xp.fft_c2c(input, dim, norm, forward)


def _r2c_rule(xp, g, input_shape, dim, norm):
    whole = resized(xp, g, (input_shape[dim[-1]],), (dim[-1],))
    return xp.real(xp.fft_c2c(whole, dim, ADJOINT[norm], False))


@op(input=_r2c_rule, public=False, method=False, node="FftR2C")
def fft_r2c(xp, input, dim: tuple, norm: str = "backward"):
    """The forward transform of real numbers; half of the last dim, since the other half mirrors it."""
    return xp.fft_r2c(input, dim, norm)


def _c2r_rule(xp, g, dim, norm, size):
    """All but the first, and for an even size the last, stand for two numbers each."""
    back = xp.fft_r2c(g, dim, ADJOINT[norm])
    half = back.shape[dim[-1]]
    double = size - half
    place = xp.arange(half)
    factor = 1 + xp.astype((place >= 1) & (place <= double), g.dtype)
    shape = [1] * g.ndim
    shape[dim[-1]] = half
    return back * xp.reshape(factor, tuple(shape))


@op(input=_c2r_rule, public=False, method=False, node="FftC2R")
def fft_c2r(xp, input, dim: tuple, norm: str = "backward", size: int = 1):
    """The backward transform to `size` real numbers along the last dim, of the half that stands for all."""
    return xp.fft_c2r(input, dim, norm, size)


def _frames_rule(xp, g, input_shape, step):
    return resized(xp, xp.overlap_add(g, step), (input_shape[-1],), (len(input_shape) - 1,))


@op(input=_frames_rule, public=False, method=False, node="Unfold")
def frames_of(xp, input, size: int, step: int):
    """Pieces of `size` neighbours along the last dim, one every `step`: (…, count, size)."""
    return xp.frames_of(input, size, step)


@op(
    input=lambda xp, g, input_shape, step: xp.frames_of(g, input_shape[-1], step),
    public=False,
    method=False,
    node="UnfoldBackward",
)
def overlap_add(xp, input, step: int):
    """The sum of pieces (…, count, size), each laid `step` further than the one before."""
    return xp.overlap_add(input, step)
