"""Images of another size, images seen through a map of coordinates, channels as pixels."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ... import errors
from ...tensor import functions as fn
from ...tensor import rows
from ...tensor.tensor import Tensor
from .pool import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, local

__all__ = [
    "affine_grid",
    "grid_sample",
    "interpolate",
    "pixel_shuffle",
    "pixel_unshuffle",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]

pixel_shuffle = fn.pixel_shuffle
pixel_unshuffle = fn.pixel_unshuffle

# mode -> (ndim that it needs or None, our word for it)
MODES = {
    "nearest": (None, "nearest"),
    "nearest-exact": (None, "nearest-exact"),
    "linear": (3, "linear"),
    "bilinear": (4, "linear"),
    "trilinear": (5, "linear"),
    "bicubic": (4, "cubic"),
    "lanczos": (4, "lanczos"),
}
# the modes of which PyTorch says what they need
NAMED = ("linear", "bilinear", "trilinear")


# ---- another size ----------------------------------------------------------------------------------------------------


def _several(value: Any, dims: int) -> Any:
    return list(value) if isinstance(value, (tuple, list)) else [value] * dims


def _target(input: Tensor, size: Any, scale_factor: Any, recompute: bool, mode: str) -> tuple[Any, Any]:
    """The sizes of the result, and the scales that positions are computed with (None: ratios of the sizes)."""
    own = list(input._array.shape[2:])
    dims = len(own)
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        if isinstance(size, (tuple, list)) and len(size) != dims:
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got input with spatial "
                f"dimensions of {own} and output size of {size}. Please provide input tensor in (N, C, d1, d2, ...,dK) "
                "format and output size in (o1, o2, ...,oK) format."
            )
        if recompute:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
        sizes = _several(size, dims)
        for n in sizes:
            if not hasattr(n, "__index__"):
                raise TypeError(f"interpolate(): argument 'size' must be ints, not {type(n).__name__}")
        return tuple(n.__index__() for n in sizes), (None,) * dims
    if scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if isinstance(scale_factor, (tuple, list)) and len(scale_factor) != dims:
        raise ValueError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial "
            f"dimensions of {own} and scale_factor of shape {scale_factor}. Please provide input tensor in (N, C, d1, "
            "d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format."
        )
    scales = [float(s) for s in _several(scale_factor, dims)]
    sizes = tuple(math.floor(n * s) for n, s in zip(own, scales, strict=True))
    return sizes, (None,) * dims if recompute or mode == "area" else tuple(scales)


def _check_sizes(input: Tensor, sizes: Any, row: str) -> None:
    own = input._array.shape[2:]
    if min(sizes) <= 0 or 0 in own:
        names = {1: ("W",), 2: ("H", "W"), 3: ("D", "H", "W")}[len(sizes)]
        have = ", ".join(f"{n}: {v}" for n, v in zip(names, own, strict=True))
        want = ", ".join(f"{n}: {v}" for n, v in zip(names, sizes, strict=True))
        both = " and" if len(sizes) == 1 else ""
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({have}){both} output ({want})"
        )
    if input._array.shape[1] == 0:
        raise RuntimeError(
            f"Non-empty {input._array.ndim}D data tensor expected but got a tensor with sizes "
            f"{list(input._array.shape)}"
        )
    dtype = input.dtype
    if not (dtype.is_floating_point or str(dtype) == "torch.uint8"):
        raise errors.not_for_dtype(row, dtype)


@local
def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """Images (N, C, *S) resampled to another size, given as `size` or as `scale_factor` times the input's.

    mode: nearest, nearest-exact, linear (3-d), bilinear or bicubic (4-d), trilinear (5-d), area; antialias smooths
    before images shrink. align_corners: the corner elements keep their values. Raises ValueError for settings that do
    not go together.
    """
    ndim = input._array.ndim
    if mode in ("nearest", "area", "nearest-exact"):
        if align_corners is not None:
            raise ValueError(
                "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | "
                "trilinear"
            )
    elif align_corners is None:
        align_corners = False
    sizes, scales = _target(input, size, scale_factor, bool(recompute_scale_factor), mode)
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and ndim == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode == "area" and ndim in (3, 4, 5):
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[ndim - 3](input, sizes)
    needs, kind = MODES.get(mode, (0, ""))
    if ndim not in (3, 4, 5) or (needs is not None and needs != ndim):
        if ndim in (3, 4, 5) and mode in NAMED:
            raise NotImplementedError(f"Got {ndim}D input, but {mode} mode needs {needs}D input")
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {ndim}D) for the modes: nearest | linear | "
            f"bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode})"
        )
    if kind == "lanczos":
        if align_corners:
            raise ValueError("Lanczos mode does not support align_corners=True")
        if not antialias:
            raise ValueError("Lanczos mode requires antialias=True")
    suffix = "_channels_last" if ndim == 4 else ""
    _check_sizes(input, sizes, f"upsample_{mode.replace('-', '_')}{ndim - 2}d{suffix}")
    row = getattr(rows, f"upsample_{kind.replace('-', '_')}_{ndim - 2}{'_aa' if antialias else ''}")
    return row(input, sizes, kind, bool(align_corners), scales, bool(antialias))


@local
def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """`interpolate` under its former name."""
    warnings.warn("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=3)
    return interpolate(input, size, scale_factor, mode, align_corners)


@local
def upsample_nearest(input, size=None, scale_factor=None):
    """`interpolate` with mode 'nearest', under its former name."""
    warnings.warn(
        "`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=3
    )
    return interpolate(input, size, scale_factor, mode="nearest")


@local
def upsample_bilinear(input, size=None, scale_factor=None):
    """`interpolate` with mode 'bilinear' and aligned corners, under its former name."""
    warnings.warn(
        "`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=3
    )
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


# ---- maps of coordinates ---------------------------------------------------------------------------------------------

GRID_SAMPLE_INTERPOLATION_MODES = {"bilinear": 0, "nearest": 1, "bicubic": 2}
GRID_SAMPLE_PADDING_MODES = {"zeros": 0, "border": 1, "reflection": 2}


@local
def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """Images (N, C, H, W) seen through `grid` (N, OH, OW, 2), which says for each pixel where to look, as (x, y).

    Coordinates go from -1 to 1, to the centres of the corner pixels with `align_corners`, else to their outer edges.
    Volumes (N, C, D, H, W) take (x, y, z). padding_mode: zeros, border, reflection.
    """
    if mode not in GRID_SAMPLE_INTERPOLATION_MODES:
        raise ValueError(
            f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in GRID_SAMPLE_PADDING_MODES:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: "
            f"'{padding_mode}'"
        )
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please "
            "specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for "
            "details.",
            stacklevel=3,
        )
        align_corners = False
    how, outside = GRID_SAMPLE_INTERPOLATION_MODES[mode], GRID_SAMPLE_PADDING_MODES[padding_mode]
    return fn.grid_sampler(input, grid, how, outside, align_corners)


@local
def affine_grid(theta, size, align_corners=None):
    """The grid, for `grid_sample`, of an affine map: theta is (N, 2, 3) for size (N, C, H, W), (N, 3, 4) for "
    "volumes."""
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please "
            "specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for "
            "details.",
            stacklevel=3,
        )
        align_corners = False
    if not theta._kind.dtype.is_floating_point:
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    dims = len(size) - 2
    if dims not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. "
            f"Got size {size}."
        )
    if theta._array.ndim != 3 or theta._array.shape[1:] != (dims, dims + 1):
        raise ValueError(
            f"Expected a batch of {dims}D affine matrices of shape Nx{dims}x{dims + 1} for size {size}. Got "
            f"{theta.shape}."
        )
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return fn.affine_grid_generator(theta, size, align_corners)
