"""Images seen through a map of coordinates."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ... import dtypes, errors
from .. import rows
from ..public import public
from ..tensor import Tensor
from . import creation, join, pointwise, products, ranges

BILINEAR, NEAREST, BICUBIC = range(3)
ZEROS, BORDER, REFLECTION = range(3)
# the free parameter of the cubic kernel
CUBIC = -0.75


# ---- coordinates -----------------------------------------------------------------------------------------------------


def _pixels(c: Tensor, size: int, align: bool) -> Tensor:
    """Coordinates from -1 to 1 as pixel numbers."""
    return (c + 1) / 2 * (size - 1) if align else ((c + 1) * size - 1) / 2


def _reflected(c: Tensor, size: int, align: bool) -> Tensor:
    """Coordinates mirrored at the centres (align) or the outer edges of the outermost pixels."""
    low, span = (0.0, float(size - 1)) if align else (-0.5, float(size))
    if span == 0:
        return pointwise.where(c.isnan() | True, creation.zeros_like(c), c)
    c = rows.abs(c - low)
    rest = rows.fmod(c, span)
    odd = rows.remainder(rows.floor(c.detach() / span), 2) == 1
    return pointwise.where(odd, span - rest, rest) + low


def _kept_inside(c: Tensor, size: int, align: bool, padding: int) -> Tensor:
    if padding == ZEROS:
        return c
    if padding == REFLECTION:
        c = _reflected(c, size, align)
    # the outermost pixels' own places count as outside: no gradient there
    c = pointwise.where(c > 0, c, creation.zeros_like(c))
    return pointwise.where(c < size - 1, c, creation.full_like(c, size - 1))


# ---- sums over neighbours --------------------------------------------------------------------------------------------


def _picked(input: Tensor, places: Any) -> tuple[Tensor, Tensor]:
    """The pixels at integer places, one tensor of numbers for each dim, and where these lie inside the image."""
    inside: Any = None
    flat: Any = None
    for n, size in zip(places, input._array.shape[2:], strict=True):
        within = (n >= 0) & (n < size)
        inside = within if inside is None else inside & within
        n = pointwise.clamp(n, 0, size - 1)
        flat = n if flat is None else flat * size + n
    return rows.pick_places(input, flat.unsqueeze(1)), inside.unsqueeze(1)


def _whole(c: Tensor) -> Tensor:
    """Whole numbers as integers; what is no number, or too large for one, lies outside of every image."""
    c = c.detach()
    return pointwise.where(rows.abs(c) < 2.0**31, c, creation.full_like(c, -(2.0**31))).to(dtypes.int64)


def _linear_terms(axes: list[Tensor]) -> Iterator[tuple[list[Tensor], Tensor]]:
    """The corners of the cell around each point: integer places and weights."""
    lows = [rows.floor(c.detach()) for c in axes]
    for corner in itertools.product((0, 1), repeat=len(axes)):
        weight: Any = None
        for c, low, up in zip(axes, lows, corner, strict=True):
            w = c - low if up else (low + 1) - c
            weight = w if weight is None else weight * w
        yield [_whole(low + up) for low, up in zip(lows, corner, strict=True)], weight


def _cubic_weights(t: Tensor) -> list[Tensor]:
    """The weights of the four neighbours of a point that lies `t` after the second (Keys, 1981)."""

    def near(x: Any) -> Any:
        return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1

    def far(x: Any) -> Any:
        return ((x - 5) * x + 8) * x * CUBIC - 4 * CUBIC

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def _cubic_terms(axes: list[Tensor], sizes: Any, align: bool, padding: int) -> Iterator[tuple[list[Tensor], Tensor]]:
    lows = [rows.floor(c.detach()) for c in axes]
    weights = [_cubic_weights(c - low) for c, low in zip(axes, lows, strict=True)]
    places = [
        [_whole(_kept_inside(low + k, n, align, padding)) for k in (-1, 0, 1, 2)]
        for low, n in zip(lows, sizes, strict=True)
    ]
    for i, j in itertools.product(range(4), repeat=2):
        yield [places[0][i], places[1][j]], weights[0][i] * weights[1][j]


def _check(input: Tensor, grid: Tensor, mode: int) -> None:
    x, g = input._array.shape, grid._array.shape
    if len(g) < 1 or x[0] != g[0]:
        raise RuntimeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
            f"{list(x)} and grid with sizes {list(g)}"
        )
    if g[-1] != len(x) - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {len(x) - 2} in last dimension, but got grid with sizes "
            f"{list(g)}"
        )
    for i, n in enumerate(x[2:], 2):
        if n == 0:
            raise RuntimeError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
                f"{list(x)} with dimension {i} being empty"
            )
    if len(x) not in (4, 5) or len(x) != len(g):
        raise RuntimeError(
            f"grid_sampler(): expected {4 if len(x) == 4 else 5}D input and grid with same number of dimensions, but "
            f"got input with sizes {list(x)} and grid with sizes {list(g)}"
        )
    if len(x) == 5 and mode == BICUBIC:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if input.dtype is not grid.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.scalar_name} but found {grid.dtype.scalar_name}")
    if not input.dtype.is_floating_point:
        raise errors.not_for_dtype(
            "grid_sampler_2d_cpu_kernel_impl" if len(x) == 4 else "grid_sampler3d_cpu", input.dtype
        )


@public(method=False)
def grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners):
    """Images seen through a grid of coordinates: `nn.functional.grid_sample` with numbers for modes.

    >>> grid_sampler(ones(1, 1, 2, 2), zeros(1, 1, 1, 2), 0, 0, False)
    tensor([[[[1.]]]])
    """
    _check(input, grid, interpolation_mode)
    if input._kind.half:
        # positions and weights need more digits than half types have
        wide = grid_sampler(input.float(), grid.float(), interpolation_mode, padding_mode, align_corners)
        return wide.to(input.dtype)
    sizes = input._array.shape[2:]
    dims = len(sizes)
    # the grid says (x, y, z); axes are counted (z, y, x)
    axes = [_pixels(grid[..., dims - 1 - i], n, align_corners) for i, n in enumerate(sizes)]
    if dims == 3 and padding_mode == ZEROS:
        # what is no number lies outside; in two dims it makes the pixel one
        axes = [pointwise.where(c.isfinite(), c, creation.full_like(c, -2.0)) for c in axes]
    if interpolation_mode != BICUBIC:
        axes = [_kept_inside(c, n, align_corners, padding_mode) for c, n in zip(axes, sizes, strict=True)]
    if interpolation_mode == NEAREST:
        found, inside = _picked(input, [_whole(pointwise.round_(c.detach())) for c in axes])
        blank = creation.zeros_like(found)
        if grid.requires_grad:  # its gradient is zero, not missing
            never = grid[..., :1].detach().movedim(-1, 1).isnan() & False
            blank = pointwise.where(never, grid[..., :1].movedim(-1, 1), blank)
        return pointwise.where(inside, found, blank)
    terms = (
        _linear_terms(axes)
        if interpolation_mode == BILINEAR
        else _cubic_terms(axes, sizes, align_corners, padding_mode)
    )
    total: Any = None
    for places, weight in terms:
        found, inside = _picked(input, places)
        part = pointwise.where(inside, found, creation.zeros_like(found)) * weight.unsqueeze(1)
        total = part if total is None else total + part
    return total


@public(method=False)
def grid_sampler_2d(input, grid, interpolation_mode, padding_mode, align_corners):
    """`grid_sampler` for images."""
    return grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)


@public(method=False)
def grid_sampler_3d(input, grid, interpolation_mode, padding_mode, align_corners):
    """`grid_sampler` for volumes."""
    return grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)


@public(method=False)
def affine_grid_generator(theta, size, align_corners):
    """The grid of an affine map, for `grid_sampler`: theta is (N, 2, 3) for size (N, C, H, W), (N, 3, 4) for volumes.

    >>> affine_grid_generator(tensor([[[1., 0., 0.], [0., 1., 0.]]]), (1, 1, 1, 2), True)
    tensor([[[[-1.,  0.],
              [ 1.,  0.]]]])
    """
    spatial = tuple(size)[2:]
    axes = []
    for n in spatial:
        steps = (
            ranges.linspace(-1, 1, n, dtype=theta.dtype, device=theta.device)
            if n > 1
            else creation.zeros(1, dtype=theta.dtype, device=theta.device)
        )
        axes.append(steps if align_corners or n <= 1 else steps * (n - 1) / n)
    points = [a.reshape([-1 if i == j else 1 for j in range(len(spatial))]).expand(spatial) for i, a in enumerate(axes)]
    base = join.stack([*reversed(points), creation.ones(spatial, dtype=theta.dtype, device=theta.device)], -1)
    flat = base.reshape(1, -1, len(spatial) + 1).expand(int(size[0]), -1, -1)
    return products.bmm(flat, theta.transpose(1, 2)).reshape(int(size[0]), *spatial, len(spatial))
