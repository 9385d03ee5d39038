"""Losses, in PyTorch's signatures: shapes are judged here, the numbers come from rows."""

from __future__ import annotations

import warnings
from typing import Any

from ... import errors
from ...ops import shapes
from ...tensor import functions as fn
from ...tensor import rows
from ...tensor.functions import losses
from ...tensor.public import autocasting
from ...tensor.size import size
from ...tensor.tensor import Tensor, numbers
from .reduction import number, word


def _same_shape(input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The two, broadcast if need be, which is hardly ever meant and so gives a warning."""
    a, b = input._array.shape, target._array.shape
    if a == b:
        return input, target
    warnings.warn(
        f"Using a target size ({size(b)}) that is different to the input size ({size(a)}). This will likely lead to "
        "incorrect results due to broadcasting. Please ensure they have the same size.",
        stacklevel=3,
    )
    return fn.broadcast_tensors(input, target)


def _check_weight(input: Tensor, weight: Tensor) -> None:
    if weight._array.shape != input._array.shape:
        raise ValueError("Weights and input must have the same size.")


def _weighted_mean(values: Any, weight: Any, reduction: str) -> Any:
    """The losses times their weights; the mean is over the weights."""
    values = values * weight
    how = number(reduction)
    return values if how == 0 else values.sum() / weight.sum() if how == 1 else values.sum()


# ---- distances -------------------------------------------------------------------------------------------------------


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """The mean of `(input - target) ** 2`; weighted by `weight`, of the same shape, if given.

    reduction: "mean", "sum" or "none". Shapes that differ broadcast, with a warning.

    >>> mse_loss(tensor([1., 2.]), tensor([1., 4.]))
    tensor(2.)
    """
    input, target = _same_shape(input, target)
    reduction = word(reduction, size_average, reduce)
    if weight is not None:
        _check_weight(input, weight)
        return _weighted_mean((input - target) ** 2, weight, reduction)
    how = number(reduction)
    if target._kind is not input._kind or not input._kind.inexact or input._kind.dtype.is_complex:
        _check_real("mse_cpu", input, target)
    return rows.mse_loss(input, target, how)


def _check_real(kernel: str, input: Tensor, target: Tensor) -> None:
    """Raise unless the common dtype is a real floating one."""
    dtype = fn.result_type(input, target)
    if not dtype.is_floating_point:
        raise errors.not_for_dtype(kernel, dtype)


@autocasting
def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """The mean of `|input - target|`; weighted by `weight`, of the same shape, if given.

    >>> l1_loss(tensor([1., 2.]), tensor([1., 4.]))
    tensor(1.)
    """
    input, target = _same_shape(input, target)
    reduction = word(reduction, size_average, reduce)
    values = (input - target).abs()
    if weight is not None:
        _check_weight(input, weight)
        return _weighted_mean(values, weight, reduction)
    return losses.reduce(values, number(reduction))


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """The absolute difference less `beta / 2`, rounded off to a parabola where it is below `beta`.

    >>> smooth_l1_loss(tensor([1., 2.]), tensor([1., 4.]))
    tensor(0.7500)
    """
    input, target = _same_shape(input, target)
    how = number(word(reduction, size_average, reduce))
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return losses.reduce((input - target).abs(), how)
    _check_real("smooth_l1_cpu", input, target)
    return rows.smooth_l1_loss(input, target, how, beta)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """Half the squared difference up to `delta`, and its tangent from there on; times `weight` if given.

    >>> huber_loss(tensor([1., 2.]), tensor([1., 4.]))
    tensor(0.7500)
    """
    input, target = _same_shape(input, target)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    _check_real("huber_cpu", input, target)
    if weight is None:
        return rows.huber_loss(input, target, number(reduction), delta)
    _check_weight(input, weight)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")
    return losses.reduce(rows.huber_loss(input, target, 0, delta) * weight, number(reduction))


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """The mean of `log(1 + exp(-target * input))`, for targets -1 and 1.

    >>> soft_margin_loss(tensor([0.]), tensor([1.]))
    tensor(0.6931)
    """
    how = number(word(reduction, size_average, reduce))
    losses.refuse_gradient(target=target)
    if not fn.result_type(input, target).is_floating_point:
        raise RuntimeError("result type Float can't be cast to the desired output type Long")
    return rows.soft_margin_loss(*fn.broadcast_tensors(input, target), how)


# ---- cross entropy ---------------------------------------------------------------------------------------------------


def _no_broadcast(have: tuple, want: tuple) -> RuntimeError:
    """A weight that does not broadcast to the shape of the input."""
    if len(have) > len(want):
        return RuntimeError(f"The weight has more dims than the input: {list(have)} and {list(want)}")
    i = next(i for i in range(1, len(have) + 1) if have[-i] not in (1, want[-i]))
    return RuntimeError(
        f"Attempting to broadcast a dimension of length {have[-i]} at {-i}! Mismatching argument at index 1 had "
        f"{size(have)}; but expected shape should be broadcastable to {list(want)}"
    )


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """The cross entropy of probabilities `input` and targets between 0 and 1, of one shape and dtype.

    Raises RuntimeError for inputs outside of [0, 1]: apply sigmoid first, or use `binary_cross_entropy_with_logits`.

    >>> binary_cross_entropy(tensor([0.5]), tensor([1.]))
    tensor(0.6931)
    """
    how = number(word(reduction, size_average, reduce))
    if target._array.shape != input._array.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
            "Please ensure they have the same size."
        )
    if weight is not None:
        if shapes.broadcast(weight._array.shape, input._array.shape) != input._array.shape:
            raise _no_broadcast(weight._array.shape, input._array.shape)
        weight = weight.expand(input._array.shape)
        losses.refuse_gradient(weight=weight)
    for other in (target, weight):
        if other is not None and other._kind.dtype is not input._kind.dtype:
            raise RuntimeError(
                f"Found dtype {other._kind.dtype.scalar_name} but expected {input._kind.dtype.scalar_name}\n"
                f"  Input and target must have one dtype: target.to(input.dtype)."
            )
    array = numbers(input._array)
    if array.size and (input._kind.local or input._kind.batched) and not (array.min() >= 0 and array.max() <= 1):
        raise RuntimeError(
            "all elements of input should be between 0 and 1\n"
            f"  They go from {float(array.min()):g} to {float(array.max()):g}. Apply sigmoid first, or use "
            "binary_cross_entropy_with_logits, which takes any numbers."
        )
    return rows.binary_cross_entropy(input, target, weight, how)


def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """`binary_cross_entropy(sigmoid(input), target)`, without overflow. `pos_weight` multiplies the loss of positives.

    >>> binary_cross_entropy_with_logits(tensor([0.]), tensor([1.]))
    tensor(0.6931)
    """
    how = number(word(reduction, size_average, reduce))
    if target._array.shape != input._array.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    return fn.binary_cross_entropy_with_logits(input, target, weight, pos_weight, how)


def _check_batch(input: Tensor, target: Tensor) -> None:
    """Raise unless the target has one entry for each row of the input."""
    a, b = input._array.shape, target._array.shape
    if not a:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    if len(a) == 1 and len(b) == 1 and b[0] != 1:
        raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {b[0]}")
    if len(a) != 1 and (not b or a[0] != b[0]):
        raise ValueError(
            f"Expected input batch_size ({a[0]}) to match target batch_size ({b[0] if b else 0}).\n"
            f"  input: {a}, target: {b}; the first dim of both counts the examples."
        )


def _check_classes(input: Tensor, target: Tensor, weight: Tensor | None) -> None:
    """Raise unless targets are class numbers of the right shape, and weights one for each class."""
    a, b = input._array.shape, target._array.shape
    name = target._kind.dtype.name
    if len(a) <= 2 and len(b) > 1:
        raise RuntimeError(
            "0D or 1D target tensor expected, multi-target not supported\n"
            f"  input: {a}, target: {b}; the target holds one class number for each row of the input. "
            "A target of shape (N, 1) becomes (N,) by target.squeeze(1), a one-hot one by target.argmax(1)."
        )
    if len(a) > 2 and b[1:] != a[2:]:
        if len(a) == 4 and len(b) == 3:
            raise RuntimeError(f"size mismatch (got input: {list(a)} , target: {list(b)}")
        if len(a) == 4:
            raise RuntimeError(
                f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {len(b)}"
            )
        raise RuntimeError(f"Expected target size {[a[0], *a[2:]]}, got {list(b)}")
    if name not in ("int64", "uint8"):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {target._kind.dtype.scalar_name}\n"
            "  Class numbers are integers: target.long()."
        )
    if weight is not None:
        classes = a[1] if len(a) > 1 else a[0]
        if weight._array.shape != (classes,):
            raise RuntimeError(
                f"weight tensor should be defined either for all {classes} classes or no classes but got weight "
                f"tensor of shape: {list(weight._array.shape)}"
            )
        if weight._kind.dtype is not input._kind.dtype:
            raise RuntimeError(
                f"expected scalar type {input._kind.dtype.scalar_name} but found {weight._kind.dtype.scalar_name}"
            )
        losses.refuse_gradient(weight=weight)


def _nll(input: Tensor, target: Tensor, weight: Tensor | None, how: int, ignore_index: int) -> Tensor:
    _check_batch(input, target)
    _check_classes(input, target, weight)
    row = rows.nll_loss if input._array.ndim <= 2 else rows.nll_loss_nd
    return row(input, target, weight, how, ignore_index)


@autocasting
def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """Minus the log-probability that `input` gives to the target classes, on average.

    input: (N, C, ...) or (C,) log-probabilities. target: (N, ...) class numbers, int64; `ignore_index` marks those that
    do not count. weight: (C,). Raises IndexError for a class that is not there.

    >>> nll_loss(tensor([[-1., -2.]]), tensor([1]))
    tensor(2.)
    """
    return _nll(input, target, weight, number(word(reduction, size_average, reduce)), ignore_index)


@autocasting
def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    """The cross entropy between scores and targets: `nll_loss(log_softmax(input), target)`.

    input: (N, C, ...) or (C,) scores, not probabilities. target: class numbers (N, ...), int64, or probabilities of the
    shape of `input`. weight: (C,). label_smoothing: how much of the target goes to all classes evenly.

    >>> cross_entropy(tensor([[0., 0.]]), tensor([1]))
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = word(reduction, size_average, reduce)
    how = number(reduction)
    shape = input._array.shape
    axis = 0 if len(shape) == 1 else 1
    if target._array.shape == shape:
        return _against_probabilities(input, target, weight, how, ignore_index, label_smoothing, axis)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    logp = rows.log_softmax_dim(input, axis) if input._kind.floating else fn.log_softmax(input, axis)
    loss = _nll(logp, target, weight, how, ignore_index)
    if label_smoothing == 0:
        return loss
    even = _against_all(logp, target, weight, how, ignore_index, axis)
    return loss * (1 - label_smoothing) + even * (label_smoothing / input._array.shape[axis])


def _class_column(weight: Tensor, ndim: int, axis: int) -> Tensor:
    """One weight for each class, in the shape that broadcasts along the axis of classes."""
    return weight.reshape((1,) * axis + (-1,) + (1,) * (ndim - axis - 1))  # type: ignore[attr-defined]


def _against_all(logp: Any, target: Any, weight: Any, how: int, ignore_index: int, axis: int) -> Any:
    """The loss against all classes at once: what label smoothing mixes in."""
    values = -(logp if weight is None else logp * _class_column(weight, logp.ndim, axis)).sum(axis)
    ignored = target == ignore_index
    if values.ndim != ignored.ndim:
        ignored = ignored.reshape(values.shape)
    values = values.masked_fill(ignored, 0.0)
    if how == 0:
        return values
    if how == 2:
        return values.sum()
    if weight is None:
        return values.sum() / (~ignored).sum()
    chosen = weight[target.masked_fill(ignored.reshape(target.shape), 0)]
    return values.sum() / chosen.masked_fill(ignored.reshape(target.shape), 0.0).sum()


def _against_probabilities(
    input: Any, target: Any, weight: Any, how: int, ignore_index: int, label_smoothing: float, axis: int
) -> Any:
    """Cross entropy where the target gives each class a probability."""
    if not target.dtype.is_floating_point:
        raise RuntimeError(
            f"Expected floating point type for target with class probabilities, got {target.dtype.scalar_name}\n"
            "  A target of the shape of the input means probabilities; class numbers have no dim of classes."
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    classes = input.shape[axis]
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or no classes but got "
            f"weight tensor of shape: {list(weight._array.shape)}"
        )
    logp = fn.log_softmax(input, axis)
    if label_smoothing > 0:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    values = logp * target
    if weight is not None:
        values = values * _class_column(weight, input.ndim, axis)
    if how == 0:
        return -values.sum(axis)
    if how == 2:
        return -values.sum()
    return -values.sum() / (input.numel() / classes if classes else 0)
