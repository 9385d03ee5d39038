"""Resampling of images to another size, in one to three dims."""

from __future__ import annotations

from .pool import renamed
from .table import op


def _resample_rule(xp, g, input_shape, mode, align, scales, antialias):
    return xp.resample_gradient(g, tuple(input_shape[2:]), mode, align, scales, antialias)


def resample(xp, input, sizes: tuple, mode: str, align: bool, scales: tuple, antialias: bool):
    """Images (N, C, *S) resampled to spatial shape `sizes`; mode is nearest, nearest-exact, linear or cubic."""
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
}
for _name, _node in NODES.items():
    op(input=_resample_rule, public=False, method=False, node=_node)(renamed(resample, _name))


def _transposed_rule(xp, g, input_shape, mode, align, scales, antialias):
    return xp.resample(g, tuple(input_shape[2:]), mode, align, scales, antialias)


@op(input=_transposed_rule, public=False, method=False)
def resample_gradient(xp, input, spatial: tuple, mode: str, align: bool, scales: tuple, antialias: bool):
    """The transpose of `resample`, for images of spatial shape `spatial`."""
    return xp.resample_gradient(input, spatial, mode, align, scales, antialias)
