"""Resampling of images to another size, in one to three dims."""

from __future__ import annotations

from .pool import renamed
from .table import op


def _resample_rule(xp, g, input_shape, mode, align, scales, antialias):
    return xp.resample_gradient(g, tuple(input_shape[2:]), mode, align, scales, antialias)


def resample(xp, input, sizes: tuple, mode: str, align: bool, scales: tuple, antialias: bool):
    """Images (N, C, *S) resampled to spatial shape `sizes`; mode is nearest, nearest-exact, linear, cubic or "
    "lanczos."""
    return xp.resample(input, sizes, mode, align, scales, antialias)


op(input=_resample_rule, public=False, method=False)(resample)

# PyTorch's names of the graph nodes
NODES = {
    "upsample_nearest_1": "UpsampleNearest1D",
    "upsample_nearest_2": "UpsampleNearest2D",
    "upsample_nearest_3": "UpsampleNearest3D",
    "upsample_nearest_exact_1": "UpsampleNearestExact1D",
    "upsample_nearest_exact_2": "UpsampleNearestExact2D",
    "upsample_nearest_exact_3": "UpsampleNearestExact3D",
    "upsample_linear_1": "UpsampleLinear1D",
    "upsample_linear_2": "UpsampleBilinear2D",
    "upsample_linear_3": "UpsampleTrilinear3D",
    "upsample_cubic_2": "UpsampleBicubic2D",
    "upsample_linear_2_aa": "UpsampleBilinear2DAa",
    "upsample_cubic_2_aa": "UpsampleBicubic2DAa",
    "upsample_lanczos_2_aa": "UpsampleLanczos2DAa",
}
for _name, _node in NODES.items():
    op(input=_resample_rule, public=False, method=False, node=_node)(renamed(resample, _name))


def _transposed_rule(xp, g, input_shape, mode, align, scales, antialias):
    return xp.resample(g, tuple(input_shape[2:]), mode, align, scales, antialias)


@op(input=_transposed_rule, public=False, method=False)
def resample_gradient(xp, input, spatial: tuple, mode: str, align: bool, scales: tuple, antialias: bool):
    """The transpose of `resample`, for images of spatial shape `spatial`."""
    return xp.resample_gradient(input, spatial, mode, align, scales, antialias)


# ---- channels and pixels ---------------------------------------------------------------------------------------------


def _shuffle(xp, x, factor):
    """Channels to pixels: (*, C r r, H, W) to (*, C, H r, W r)."""
    if factor == 1:
        return xp.copy(x)
    batch, (c, h, w) = tuple(x.shape[:-3]), x.shape[-3:]
    b = len(batch)
    parts = xp.reshape(x, (*batch, c // (factor * factor), factor, factor, h, w))
    order = (*range(b), b, b + 3, b + 1, b + 4, b + 2)
    return xp.reshape(xp.permute_dims(parts, order), (*batch, c // (factor * factor), h * factor, w * factor))


def _unshuffle(xp, x, factor):
    """Pixels to channels: (*, C, H r, W r) to (*, C r r, H, W)."""
    if factor == 1:
        return xp.copy(x)
    batch, (c, h, w) = tuple(x.shape[:-3]), x.shape[-3:]
    b = len(batch)
    parts = xp.reshape(x, (*batch, c, h // factor, factor, w // factor, factor))
    order = (*range(b), b, b + 2, b + 4, b + 1, b + 3)
    return xp.reshape(xp.permute_dims(parts, order), (*batch, c * factor * factor, h // factor, w // factor))


@op(input=lambda xp, g, upscale_factor: _unshuffle(xp, g, upscale_factor), moves=True, method=False)
def pixel_shuffle(xp, input, upscale_factor: int):
    """Channels laid out as pixels: (*, C r r, H, W) to (*, C, H r, W r), r = `upscale_factor`."""
    if len(input.shape) < 3:
        raise RuntimeError(
            f"pixel_shuffle expects input to have at least 3 dimensions, but got input with {len(input.shape)} "
            f"dimension(s)"
        )
    if upscale_factor <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {upscale_factor}")
    if input.shape[-3] % upscale_factor**2:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            f"but input.size(-3)={input.shape[-3]} is not divisible by {upscale_factor**2}"
        )
    return _shuffle(xp, input, upscale_factor)


@op(input=lambda xp, g, downscale_factor: _shuffle(xp, g, downscale_factor), moves=True, method=False)
def pixel_unshuffle(xp, input, downscale_factor: int):
    """Pixels gathered in channels: (*, C, H r, W r) to (*, C r r, H, W), r = `downscale_factor`."""
    if len(input.shape) < 3:
        raise RuntimeError(
            "pixel_unshuffle expects input to have at least 3 dimensions, but got input with "
            f"{len(input.shape)} dimension(s)"
        )
    if downscale_factor <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {downscale_factor}")
    for name, axis in (("height", -2), ("width", -1)):
        if input.shape[axis] % downscale_factor:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size({axis})="
                f"{input.shape[axis]} is not divisible by {downscale_factor}"
            )
    return _unshuffle(xp, input, downscale_factor)
