"""Pooling: the largest or the mean element of windows and regions, and picking elements by their place.

Sizes of results are worked out by the functions that call these rows; `out` there is the spatial shape of the result.
Max pooling keeps its input and finds the maxima again for the gradient, which is cheaper than keeping their places.
"""

from __future__ import annotations

from .table import op

# ---- windows ---------------------------------------------------------------------------------------------------------


def _max_pool_rule(xp, g, input, out, kernel, stride, padding, dilation, sizes):
    return xp.max_pool_gradient(g, input, out, kernel, stride, padding, dilation, sizes)


def max_pool(xp, input, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, sizes: tuple):
    """The largest element of each window over the last dims; the gradient goes to the first of equal ones."""
    return xp.max_pool(input, kernel, stride, padding, dilation, sizes)


def renamed(forward, name):
    """A copy of a row's body under another name: rows that differ in the name of their node only."""
    copy = type(forward)(forward.__code__, forward.__globals__, name, forward.__defaults__)
    copy.__doc__, copy.__annotations__ = forward.__doc__, forward.__annotations__
    copy.__kwdefaults__, copy.__module__ = forward.__kwdefaults__, forward.__module__
    return copy


for _dims in (2, 3):
    op(
        input=_max_pool_rule,
        public=False,
        method=False,
        node=f"MaxPool{_dims}DWithIndices",
        again=True,
        refuses=("bool", "complex"),
    )(renamed(max_pool, f"max_pool_{_dims}"))


@op(
    grad=lambda xp, g, input, kernel, stride, padding, dilation, sizes: xp.max_pool_select(
        g, input, kernel, stride, padding, dilation, sizes
    ),
    public=False,
    method=False,
)
def max_pool_gradient(
    xp, grad, input, maxima, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, sizes: tuple
):
    """The gradient of `max_pool`, whose result was `maxima`."""
    return xp.max_pool_gradient(grad, input, maxima, kernel, stride, padding, dilation, sizes)


@op(
    values=lambda xp, g, input, kernel, stride, padding, dilation, sizes: xp.max_pool_gradient(
        g, input, xp.max_pool(input, kernel, stride, padding, dilation, sizes), kernel, stride, padding, dilation, sizes
    ),
    public=False,
    method=False,
)
def max_pool_select(xp, values, input, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, sizes: tuple):
    """The elements of `values` at the places of the maxima of `input`."""
    return xp.max_pool_select(values, input, kernel, stride, padding, dilation, sizes)


@op(public=False, method=False)
def max_pool_places(xp, input, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, sizes: tuple):
    """The number of each window's maximum in its image, counted in reading order."""
    return xp.max_pool_places(input, kernel, stride, padding, dilation, sizes)


def _avg_pool_rule(xp, g, input_shape, kernel, stride, padding, sizes, count_include_pad, divisor):
    spatial = tuple(input_shape[len(input_shape) - len(kernel) :])
    return xp.avg_pool_gradient(g, spatial, kernel, stride, padding, sizes, count_include_pad, divisor)


def avg_pool(
    xp, input, kernel: tuple, stride: tuple, padding: tuple, sizes: tuple, count_include_pad: bool, divisor: int | None
):
    """The mean of each window over the last dims."""
    return xp.avg_pool(input, kernel, stride, padding, sizes, count_include_pad, divisor)


for _dims in (2, 3):
    op(input=_avg_pool_rule, public=False, method=False, node=f"AvgPool{_dims}D")(
        renamed(avg_pool, f"avg_pool_{_dims}")
    )


@op(
    input=lambda xp, g, kernel, stride, padding, sizes, count_include_pad, divisor: xp.avg_pool(
        g, kernel, stride, padding, sizes, count_include_pad, divisor
    ),
    public=False,
    method=False,
)
def avg_pool_gradient(
    xp, input, spatial: tuple, kernel: tuple, stride: tuple, padding: tuple, sizes: tuple, count_include_pad: bool,
    divisor: int | None,
):  # fmt: skip
    """The transpose of `avg_pool`, for images of spatial shape `spatial`."""
    return xp.avg_pool_gradient(input, spatial, kernel, stride, padding, sizes, count_include_pad, divisor)


# `max_pool` and `avg_pool` as names for the rules that call them
op(input=_max_pool_rule, public=False, method=False, again=True)(max_pool)
op(input=_avg_pool_rule, public=False, method=False)(avg_pool)


# ---- regions ---------------------------------------------------------------------------------------------------------


def _adaptive_rule(xp, g, input_shape, sizes):
    return xp.adaptive_avg_pool_gradient(g, tuple(input_shape[len(input_shape) - len(sizes) :]))


def adaptive_avg_pool(xp, input, sizes: tuple):
    """The means of nearly equal regions that cover the last dims."""
    return xp.adaptive_avg_pool(input, sizes)


for _dims in (2, 3):
    op(input=_adaptive_rule, public=False, method=False, node=f"AdaptiveAvgPool{_dims}D")(
        renamed(adaptive_avg_pool, f"adaptive_avg_pool_{_dims}")
    )
op(input=_adaptive_rule, public=False, method=False)(adaptive_avg_pool)


@op(
    input=lambda xp, g, input_shape, spatial: xp.adaptive_avg_pool(
        g, tuple(input_shape[len(input_shape) - len(spatial) :])
    ),
    public=False,
    method=False,
)
def adaptive_avg_pool_gradient(xp, input, spatial: tuple):
    """The transpose of `adaptive_avg_pool`, for images of spatial shape `spatial`."""
    return xp.adaptive_avg_pool_gradient(input, spatial)


@op(public=False, method=False)
def adaptive_max_places(xp, input, sizes: tuple):
    """The number of the maximum of each of nearly equal regions, counted in reading order over the image."""
    return xp.adaptive_max_places(input, sizes)


# ---- elements by place -----------------------------------------------------------------------------------------------


def _pick_rule(xp, g, places, input_shape):
    return xp.add_places(g, places, tuple(input_shape[2:]))


def pick_places(xp, input, places):
    """`input[n, c, places[n, c]]`, places counted over all dims after the second."""
    return xp.pick_places(input, places)


op(input=_pick_rule, public=False, method=False)(pick_places)
for _dims in (2, 3):
    for _kind in ("Adaptive", "Fractional"):
        op(input=_pick_rule, public=False, method=False, node=f"{_kind}MaxPool{_dims}D")(
            renamed(pick_places, f"{_kind.lower()}_max_pool_{_dims}")
        )


@op(input=lambda xp, g, places: xp.pick_places(g, places), public=False, method=False)
def add_places(xp, input, places, spatial: tuple):
    """The transpose of `pick_places`: zeros of spatial shape `spatial`, to which `input` is added at its places."""
    return xp.add_places(input, places, spatial)


def _put_rule(xp, g, places):
    return xp.pick_places(g, places)


def put_places(xp, input, places, spatial: tuple):
    """Zeros of spatial shape `spatial` in which the elements of `input` are written at their places."""
    return xp.put_places(input, places, spatial)


for _dims in (2, 3):
    op(input=_put_rule, public=False, method=False, node=f"MaxUnpool{_dims}D")(
        renamed(put_places, f"max_unpool_{_dims}")
    )


# ---- patches ---------------------------------------------------------------------------------------------------------


def _unfold_rule(xp, g, input_shape, kernel, stride, padding, dilation, sizes):
    return xp.fold_patches(g, tuple(input_shape[2:]), kernel, stride, padding, dilation, sizes)


@op(input=_unfold_rule, public=False, method=False, node="Im2Col")
def unfold_patches(xp, input, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, sizes: tuple):
    """The patches of images as columns: (N, C * kernel, places)."""
    return xp.unfold_patches(input, kernel, stride, padding, dilation, sizes)


@op(
    input=lambda xp, g, kernel, stride, padding, dilation, sizes: xp.unfold_patches(
        g, kernel, stride, padding, dilation, sizes
    ),
    public=False,
    method=False,
    node="Col2Im",
)
def fold_patches(
    xp, input, spatial: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, sizes: tuple
):
    """The transpose of `unfold_patches`: columns added into images of spatial shape `spatial`."""
    return xp.fold_patches(input, spatial, kernel, stride, padding, dilation, sizes)
