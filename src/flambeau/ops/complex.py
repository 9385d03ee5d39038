"""Complex numbers: their parts, angles and conjugates, and the same memory seen as pairs of real numbers."""

from __future__ import annotations

from .table import op


@op(
    input=lambda xp, g: xp.complex_of(g, xp.zeros_like(g)),
    view="always",
    retypes=True,
    public=False,
    method=False,
    node="Select",
)
def real(xp, input):
    """The real parts, as a view of the complex numbers."""
    return xp.real(input)


@op(
    input=lambda xp, g: xp.complex_of(xp.zeros_like(g), g),
    view="always",
    retypes=True,
    public=False,
    method=False,
    node="Select",
)
def imag(xp, input):
    """The imaginary parts, as a view of the complex numbers."""
    return xp.imag(input)


@op(input=lambda xp, g: xp.conj(g), public=False, method=False, node="Conj")
def conj(xp, input):
    """Elementwise complex conjugate."""
    return xp.conj(input)


@op(input=lambda xp, g: xp.view_as_complex(xp.contiguous(g)), view="always", retypes=True, public=False, method=False)
def view_as_real(xp, input):
    """The complex numbers as pairs of real ones, in a new last dim of size 2 of the same memory."""
    return xp.view_as_real(input)


@op(input=lambda xp, g: xp.view_as_real(g), view="always", retypes=True, public=False, method=False)
def view_as_complex(xp, input):
    """Pairs of real numbers, in a last dim of size 2, as complex numbers in the same memory."""
    return xp.view_as_complex(input)


@op(
    real=lambda xp, g: xp.real(g),
    imag=lambda xp, g: xp.imag(g),
    retypes=True,
    public=False,
    method=False,
    node="Complex",
)
def complex_of(xp, real, imag):
    """Complex numbers of two real arrays of one dtype."""
    return xp.complex_of(real, imag)


@op(
    abs=lambda xp, g, angle: xp.real(g) * xp.cos(angle) + xp.imag(g) * xp.sin(angle),
    angle=lambda xp, g, abs, angle: abs * (xp.imag(g) * xp.cos(angle) - xp.real(g) * xp.sin(angle)),
    retypes=True,
    public=False,
    method=False,
    node="Polar",
    refuses=("half",),
)
def polar(xp, abs, angle):
    """Complex numbers of their sizes and angles, two real arrays of one dtype."""
    return xp.complex_of(xp.multiply(abs, xp.cos(angle)), xp.multiply(abs, xp.sin(angle)))


def _angle_grad(xp, g, input):
    """The angle of a complex number grows across it, the slower the larger it is; that of a real one only jumps."""
    if not xp.is_complex(input):
        return xp.zeros_like(g)
    size = xp.square(xp.real(input)) + xp.square(xp.imag(input))
    nowhere = size == 0
    across = g / xp.where(nowhere, xp.ones_like(size), size)
    across = xp.where(nowhere, xp.zeros_like(across), across)
    return xp.complex_of(-xp.imag(input) * across, xp.real(input) * across)


@op(input=_angle_grad, retypes=True, public=False, method=False)
def angle(xp, input):
    """The angle of each complex number; of a real one 0 or pi."""
    return xp.angle(input)
