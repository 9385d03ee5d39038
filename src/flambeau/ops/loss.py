"""Losses: how far predictions are from targets, element by element, then averaged or summed.

`reduction` is PyTorch's number: 0 keeps every element, 1 takes the mean, 2 the sum.
"""

from __future__ import annotations

from . import shapes
from .table import Array, Index, op

NONE, MEAN, SUM = 0, 1, 2
REAL = ("bool", "integer", "complex")  # what a loss of real floating numbers refuses


def reduced(xp, values, reduction):
    """The loss of all elements, as the reduction says."""
    if reduction == NONE:
        return values
    return xp.sum(values) / shapes.numel(values.shape) if reduction == MEAN else xp.sum(values)


def share(g, shape, reduction):
    """The gradient of the loss of each element; it broadcasts to the elements."""
    return g / max(shapes.numel(shape), 1) if reduction == MEAN else g


# ---- distances -------------------------------------------------------------------------------------------------------


def _mse_grad(g, difference, shape, reduction):
    return difference * (2 * share(g, shape, reduction))


@op(
    input=lambda g, input, target, reduction: _mse_grad(g, input - target, input.shape, reduction),
    target=lambda g, input, target, reduction: _mse_grad(g, target - input, input.shape, reduction),
    promote="same",
    public=False,
    method=False,
    refuses=("bool", "integer", "complex"),
)
def mse_loss(xp, input, target, reduction=MEAN):
    """The squared difference of two arrays of one shape."""
    difference = input - target
    if reduction == NONE:
        return xp.square(difference)
    total = xp.total_of_squares(difference)
    return total / shapes.numel(difference.shape) if reduction == MEAN else total


def _smooth_l1_grad(xp, g, difference, reduction, beta):
    slope = xp.minimum(xp.maximum(difference, -beta), beta)
    return slope * (share(g, difference.shape, reduction) / beta)


@op(
    input=lambda xp, g, input, target, reduction, beta: _smooth_l1_grad(xp, g, input - target, reduction, beta),
    target=lambda xp, g, input, target, reduction, beta: _smooth_l1_grad(xp, g, target - input, reduction, beta),
    promote="same",
    public=False,
    method=False,
    node="SmoothL1Loss",
    refuses=REAL,
)
def smooth_l1_loss(xp, input, target, reduction=MEAN, beta=1.0):
    """The absolute difference, less `beta / 2`, rounded off to a parabola where it is below `beta`."""
    d = xp.abs(input - target)
    bent = xp.minimum(d, beta)
    return reduced(xp, bent * (d - 0.5 * bent) / beta, reduction)


def _huber_grad(xp, g, difference, reduction, delta):
    return xp.minimum(xp.maximum(difference, -delta), delta) * share(g, difference.shape, reduction)


@op(
    input=lambda xp, g, input, target, reduction, delta: _huber_grad(xp, g, input - target, reduction, delta),
    target=lambda xp, g, input, target, reduction, delta: _huber_grad(xp, g, target - input, reduction, delta),
    promote="same",
    public=False,
    method=False,
    refuses=REAL,
)
def huber_loss(xp, input, target, reduction=MEAN, delta=1.0):
    """Half the squared difference up to `delta`, and its tangent from there on."""
    d = xp.abs(input - target)
    bent = xp.minimum(d, delta)
    return reduced(xp, bent * (d - 0.5 * bent), reduction)


@op(
    input=lambda xp, g, input, target, reduction: (
        -target * xp.sigmoid(-target * input) * share(g, input.shape, reduction)
    ),
    promote="same",
    public=False,
    method=False,
    refuses=REAL,
)
def soft_margin_loss(xp, input, target, reduction=MEAN):
    """`log(1 + exp(-target * input))`, for targets -1 and 1."""
    return reduced(xp, xp.log1p(xp.exp(-target * input)), reduction)


# ---- cross entropy of two classes ------------------------------------------------------------------------------------

LOWEST_LOG = -100.0  # log(0) is taken to be this, so that a certain mistake costs much and not everything
SMALLEST_VARIANCE = 1e-12  # of x * (1 - x) in the gradient's denominator


def _weighted(values, weight):
    return values if weight is None else values * weight


def _floored_log(xp, x):
    return xp.maximum(xp.log(x), LOWEST_LOG)


@op(
    input=lambda xp, g, input, target, weight, reduction: _weighted(
        share(g, input.shape, reduction) * (input - target) / xp.maximum((1 - input) * input, SMALLEST_VARIANCE),
        weight,
    ),
    target=lambda xp, g, input, weight, reduction: _weighted(
        share(g, input.shape, reduction) * (_floored_log(xp, 1 - input) - _floored_log(xp, input)), weight
    ),
    public=False,
    method=False,
    refuses=REAL,
)
def binary_cross_entropy(xp, input, target, weight: Array | None, reduction=MEAN):
    """`-(target * log(input) + (1 - target) * log(1 - input))` for probabilities `input`."""
    values = (target - 1) * xp.maximum(xp.log1p(-input), LOWEST_LOG) - target * _floored_log(xp, input)
    return reduced(xp, _weighted(values, weight), reduction)


def _log_sigmoid(xp, x):
    return xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x)))


def _logits_grad(xp, g, input, target, weight, pos_weight, reduction):
    slope = xp.sigmoid(input)
    if pos_weight is None:
        slope = slope - target
    else:
        positive = pos_weight * target
        slope = (positive + 1 - target) * slope - positive
    return _weighted(slope * share(g, input.shape, reduction), weight)


def _logits_target_grad(xp, g, input, weight, pos_weight, reduction):
    if pos_weight is None:
        slope = -input
    else:
        slope = _log_sigmoid(xp, -input) - pos_weight * _log_sigmoid(xp, input)
    return _weighted(slope * share(g, input.shape, reduction), weight)


@op(
    input=lambda xp, g, input, target, weight, pos_weight, reduction: _logits_grad(
        xp, g, input, target, weight, pos_weight, reduction
    ),
    target=lambda xp, g, input, weight, pos_weight, reduction: _logits_target_grad(
        xp, g, input, weight, pos_weight, reduction
    ),
    promote="same",
    public=False,
    method=False,
    node="BinaryCrossEntropyWithLogits",
    refuses=REAL,
)
def bce_with_logits(xp, input, target, weight: Array | None, pos_weight: Array | None, reduction=MEAN):
    """Binary cross entropy of `sigmoid(input)`, without overflow; `pos_weight` multiplies the loss of positives."""
    # the softplus of the size of the input, which is the part that is not linear
    bend = xp.log1p(xp.exp(-xp.abs(input)))
    surprise = bend - xp.minimum(input, 0)
    if pos_weight is not None:
        surprise = ((pos_weight - 1) * target + 1) * surprise
    # in PyTorch's order, which decides what infinite inputs give
    values = (1 - target) * input + surprise
    return reduced(xp, _weighted(values, weight), reduction)


# ---- classes ---------------------------------------------------------------------------------------------------------


@op(
    input=lambda xp, g, input_shape, target, weight, reduction, ignore_index: xp.nll_grad(
        g, target, weight, input_shape, reduction, ignore_index
    ),
    public=False,
    method=False,
    refuses=REAL,
)
def nll_loss(xp, input, target: Index, weight: Array | None, reduction=MEAN, ignore_index=-100):
    """Minus the entry of each row of `input`, (N, C) or (C,), that its target class names."""
    return xp.nll(input, target, weight, reduction, ignore_index)


@op(
    input=lambda xp, g, input_shape, target, weight, reduction, ignore_index: xp.nll_grad(
        g, target, weight, input_shape, reduction, ignore_index
    ),
    public=False,
    method=False,
    node="NllLoss2D",
    refuses=REAL,
)
def nll_loss_nd(xp, input, target: Index, weight: Array | None, reduction=MEAN, ignore_index=-100):
    """`nll_loss` of (N, C, ...) with targets (N, ...)."""
    return xp.nll(input, target, weight, reduction, ignore_index)


@op(composite=True, public=False, method=False)
def nll_grad(xp, g, target, weight: Array | None, shape: tuple, reduction: int, ignore_index: int):
    """The gradient of `nll_loss`: minus the class's weight at the target, divided by the sum of weights for a mean."""
    axis = 1 if len(shape) > 1 else 0
    column = (1,) * axis + (shape[axis],) + (1,) * (len(shape) - axis - 1)
    classes = xp.reshape(xp.arange(shape[axis]), column)
    aim = xp.expand_dims(target, axis=axis) if axis else xp.reshape(target, (1,))
    hot = xp.astype((aim == classes) & (aim != ignore_index), g.dtype)
    if weight is not None:
        hot = hot * xp.reshape(weight, column)
    if reduction == NONE:
        return -hot * (xp.expand_dims(g, axis=axis) if axis else xp.reshape(g, (1,)))
    return -hot * (g / xp.sum(hot) if reduction == MEAN else g)


# ---- margins over classes --------------------------------------------------------------------------------------------


def _one_hot(xp, target, classes):
    """Where a class is the target of its row, (N, C); (C,) for one target."""
    return xp.expand_dims(target, axis=-1) == xp.arange(classes)


def _violations(xp, input, hot, margin):
    """By how much each score comes too near to that of the target, (N, C); 0 at the target itself."""
    score = xp.sum(xp.where(hot, input, xp.zeros_like(input)), axis=-1, keepdims=True)
    z = margin - score + input
    return xp.where(hot, xp.zeros_like(z), xp.maximum(z, 0))


def _class_weights(xp, hot, weight, dtype):
    """The weight of the target of each row, (N, 1)."""
    return xp.sum(xp.astype(hot, dtype) * weight, axis=-1, keepdims=True)


def _multi_margin_grad(xp, g, input, target, weight, p, margin, reduction):
    classes = input.shape[-1]
    hot = _one_hot(xp, target, classes)
    z = _violations(xp, input, hot, margin)
    slope = 2 * z if p == 2 else xp.astype(z > 0, z.dtype)
    if weight is not None:
        slope = slope * _class_weights(xp, hot, weight, z.dtype)
    slope = xp.where(hot, -xp.sum(slope, axis=-1, keepdims=True), slope) / classes
    return slope * (xp.expand_dims(g, axis=-1) if reduction == NONE else share(g, input.shape[:-1], reduction))


@op(
    input=lambda xp, g, input, target, weight, p, margin, reduction: _multi_margin_grad(
        xp, g, input, target, weight, p, margin, reduction
    ),
    public=False,
    method=False,
    refuses=REAL,
)
def multi_margin_loss(xp, input, target: Index, weight: Array | None, p=1, margin=1.0, reduction=MEAN):
    """The mean over classes of `max(0, margin - score of the target + score) ** p`, for (N, C) and (N,) or one row."""
    hot = _one_hot(xp, target, input.shape[-1])
    z = _violations(xp, input, hot, margin)
    values = xp.sum(z * z if p == 2 else z, axis=-1) / input.shape[-1]
    if weight is not None:
        values = values * xp.reshape(_class_weights(xp, hot, weight, z.dtype), values.shape)
    return reduced(xp, values, reduction)


def _label_violations(xp, input, hot, any_label):
    """By how much each class that is no label comes too near to each label: (N, labels, C)."""
    picked = xp.sum(xp.where(hot, xp.expand_dims(input, axis=1), 0.0), axis=2, keepdims=True)
    z = 1 - picked + xp.expand_dims(input, axis=1)
    counts = xp.any(hot, axis=2, keepdims=True) & xp.logical_not(xp.expand_dims(any_label, axis=1))
    return xp.where(counts, xp.maximum(z, 0), xp.zeros_like(z))


def _multilabel_margin_grad(xp, g, input, hot, any_label, reduction):
    count, classes = input.shape
    z = _label_violations(xp, input, hot, any_label)
    too_near = xp.astype(z > 0, z.dtype)
    of_labels = xp.sum(xp.astype(hot, z.dtype) * xp.sum(too_near, axis=2, keepdims=True), axis=1)
    slope = (xp.sum(too_near, axis=1) - of_labels) / classes
    return slope * (xp.expand_dims(g, axis=1) if reduction == NONE else share(g, (count,), reduction))


@op(
    input=lambda xp, g, input, hot, any_label, reduction: _multilabel_margin_grad(
        xp, g, input, hot, any_label, reduction
    ),
    public=False,
    method=False,
    refuses=REAL,
)
def multilabel_margin_loss(xp, input, hot: Index, any_label: Index, reduction=MEAN):
    """The mean over classes of the violations; `hot` (N, labels, C) is true at a label's class, `any_label` (N, C)."""
    z = _label_violations(xp, input, hot, any_label)
    return reduced(xp, xp.sum(z, axis=(1, 2)) / input.shape[1], reduction)


# ---- alignment -------------------------------------------------------------------------------------------------------


@op(
    log_probs=lambda xp, g, log_probs, targets, steps, labels, out, blank, zero_infinity: xp.ctc_grad(
        g, log_probs, targets, steps, labels, out, blank, zero_infinity
    ),
    public=False,
    method=False,
    refuses=REAL,
)
def ctc_loss(xp, log_probs, targets: Index, steps: Index, labels: Index, blank: int, zero_infinity: bool):
    """The loss of each of N sequences: log-probabilities (T, N, C), targets (N, S), and the lengths of both (N,)."""
    return xp.ctc(log_probs, targets, steps, labels, blank, zero_infinity)


def _no_second_derivative(g):
    raise RuntimeError("derivative for aten::_ctc_loss_backward is not implemented")


@op(g=_no_second_derivative, log_probs=_no_second_derivative, public=False, method=False)
def ctc_grad(xp, g, log_probs, targets, steps, labels, loss, blank: int, zero_infinity: bool):
    """The gradient of `ctc_loss`; it cannot be differentiated again."""
    return xp.ctc_grad(g, log_probs, targets, steps, labels, loss, blank, zero_infinity)
