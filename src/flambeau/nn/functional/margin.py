"""Losses with margins, and losses between distributions, in PyTorch's signatures."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ...tensor import functions as fn
from ...tensor.functions import losses
from ...tensor.tensor import Tensor, numbers
from .activation import logsigmoid
from .linear import linear
from .loss import cross_entropy
from .reduction import number, word

# ---- distributions ---------------------------------------------------------------------------------------------------


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """The Kullback-Leibler divergence of log-probabilities `input` from probabilities `target`.

    reduction: "batchmean" divides the sum by the number of examples, which is the mathematical mean; "mean" divides by
    the number of elements. log_target: the target holds log-probabilities too.

    >>> kl_div(tensor([[-1., -1.]]), tensor([[0.5, 0.5]]), reduction="batchmean")
    tensor(0.3069)
    """
    if size_average is not None or reduce is not None:
        reduction = word(reduction, size_average, reduce)
    elif reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides "
            "only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the "
            "same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    if reduction == "batchmean":
        total = fn.kl_div(input, target, 2, log_target=log_target)
        return total / input.size(0) if input.dim() else total
    return fn.kl_div(input, target, number(reduction), log_target=log_target)


def poisson_nll_loss(
    input,
    target,
    log_input=True,
    full=False,
    size_average=None,
    eps=1e-08,
    reduce=None,
    reduction="mean",
):
    """The negative log-likelihood of counts `target` under Poisson rates `exp(input)`, or `input` if not `log_input`.

    full: with Stirling's approximation of the term that does not depend on `input`.

    >>> poisson_nll_loss(tensor([0.]), tensor([2.]))
    tensor(1.)
    """
    reduction = word(reduction, size_average, reduce)
    return fn.poisson_nll_loss(input, target, log_input, full, eps, number(reduction))


def gaussian_nll_loss(input, target, var, full=False, eps=1e-06, reduction="mean"):
    """The negative log-likelihood of targets under normal distributions of means `input` and variances `var`.

    var: of the shape of `input`, or with 1, or nothing, for its last dim; or a number. It counts as `eps` at least.
    full: with the constant term.

    >>> gaussian_nll_loss(tensor([0.]), tensor([2.]), tensor([1.]))
    tensor(2.)
    """
    if not isinstance(var, Tensor):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = var * fn.ones_like(input)
    elif (numbers(var._array) < 0).any():
        raise ValueError("var has negative entry/entries")
    if var.shape != input.shape:
        if input.shape[:-1] == var.shape:
            var = var.unsqueeze(-1)
        elif not _one_differs(input.shape, var.shape):
            raise ValueError(
                f"var is of incorrect size\n  input: {tuple(input.shape)}, var: {tuple(var.shape)}; they are equal, or "
                "var has size 1 where the input has more."
            )
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    # what is cut off keeps its gradient, as if it were eps
    var = var.clone()
    var.detach().clamp_(min=eps)
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return losses.reduce(loss, number(reduction))


def _one_differs(full: Any, given: Any) -> bool:
    """Whether `given` is `full` but for one dim, of size 1."""
    return (
        len(full) == len(given)
        and sum(a != b for a, b in zip(full, given, strict=True)) == 1
        and all(b in (1, a) for a, b in zip(full, given, strict=True))
    )


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """Minus the log-probability that a sequence of predictions spells the target, summed over all alignments.

    log_probs: (T, N, C) or (T, C), of log_softmax. targets: (N, S) padded, or all in a row. The lengths: (N,).
    reduction: "mean" divides each loss by the length of its target first. zero_infinity: 0 for targets that do not fit.
    From Graves et al., "Connectionist Temporal Classification", 2006.

    >>> ctc_loss(zeros(2, 1, 2).log_softmax(2), tensor([[1]]), [2], [1])
    tensor(0.2877)
    """
    return fn.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, number(reduction), zero_infinity)


# ---- margins ---------------------------------------------------------------------------------------------------------


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """`input`, a distance, where the target is 1; `max(0, margin - input)` where it is -1.

    >>> hinge_embedding_loss(tensor([0.5, 0.5]), tensor([1., -1.]))
    tensor(0.5000)
    """
    return fn.hinge_embedding_loss(input, target, margin, number(word(reduction, size_average, reduce)))


def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """`max(0, margin - target * (input1 - input2))`: the target is 1 where `input1` should be larger, else -1.

    >>> margin_ranking_loss(tensor([1.]), tensor([3.]), tensor([1.]))
    tensor(2.)
    """
    how = number(word(reduction, size_average, reduce))
    if not input1.dim() == input2.dim() == target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return fn.margin_ranking_loss(input1, input2, target, margin, how)


def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """`1 - cos` of pairs of vectors whose target is 1, `max(0, cos - margin)` where it is -1.

    input1, input2: (N, D) with a target (N,), or (D,) with a number.

    >>> cosine_embedding_loss(tensor([[1., 0.]]), tensor([[0., 1.]]), tensor([1]))
    tensor(1.)
    """
    how = number(word(reduction, size_average, reduce))
    return fn.cosine_embedding_loss(input1, input2, target, margin, how)


def _check_margin(margin: float) -> None:
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")


def triplet_margin_loss(
    anchor,
    positive,
    negative,
    margin=1.0,
    p=2,
    eps=1e-06,
    swap=False,
    size_average=None,
    reduce=None,
    reduction="mean",
):
    """`max(0, margin + d(anchor, positive) - d(anchor, negative))`, with the p-norm as the distance; all (N, D).

    swap: use d(positive, negative) where it is smaller. From Balntas et al., "Learning local feature descriptors with
    triplets and shallow convolutional neural networks", 2016.

    >>> triplet_margin_loss(tensor([[0.]]), tensor([[1.]]), tensor([[3.]]), margin=4.)
    tensor(2.)
    """
    how = number(word(reduction, size_average, reduce))
    _check_margin(margin)
    return fn.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, how)


def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """`triplet_margin_loss` with any distance: a function of two tensors, by default `pairwise_distance`.

    >>> triplet_margin_with_distance_loss(tensor([[0.]]), tensor([[1.]]), tensor([[3.]]), margin=4.)
    tensor(2.)
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    _check_margin(margin)
    distance = fn.pairwise_distance if distance_function is None else distance_function
    a, b, c = anchor.ndim, positive.ndim, negative.ndim
    if not a == b == c:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {a}D, positive {b}D, and negative {c}D inputs"
        )
    near = distance(anchor, positive)
    far = distance(anchor, negative)
    if swap:
        far = fn.minimum(far, distance(positive, negative))
    return losses.reduce((margin + near - far).clamp_min(0), number(reduction))


# ---- classes ---------------------------------------------------------------------------------------------------------


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    """The mean over classes of `max(0, margin - score of the target + score) ** p`.

    input: (N, C) or (C,). target: (N,) class numbers, or one. p: 1 or 2. weight: (C,).

    >>> multi_margin_loss(tensor([[0.5, 1.]]), tensor([0]))
    tensor(0.7500)
    """
    how = number(word(reduction, size_average, reduce))
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.dim() != 1:
        raise ValueError("weight must be one-dimensional")
    return losses.multi_margin(input, target, p, margin, weight, how)


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """How much less than 1 the score of each label is above that of each class that is no label; sum, over C.

    input: (N, C) or (C,). target: the same shape, int64: the numbers of the labels, and -1 behind the last of them.

    >>> multilabel_margin_loss(tensor([0.5, 1.]), tensor([0, -1]))
    tensor(0.7500)
    """
    return losses.multilabel_margin(input, target, number(word(reduction, size_average, reduce)))


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """The mean over classes of the binary cross entropy of `sigmoid(input)` and targets 0 and 1; both (N, C).

    >>> multilabel_soft_margin_loss(tensor([[0., 0.]]), tensor([[1., 0.]]))
    tensor(0.6931)
    """
    reduction = word(reduction, size_average, reduce)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    dim = input.dim() - 1
    values = loss.sum(dim=dim) / input.size(dim)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    return losses.reduce(values, number(reduction))


def linear_cross_entropy(
    input,
    linear_weight,
    target,
    *,
    linear_bias=None,
    weight=None,
    reduction="mean",
    ignore_index=None,
    label_smoothing=0.0,
    options=None,
):
    """`cross_entropy(linear(input, linear_weight, linear_bias), target)`.

    input: (N, D) or (D,). linear_weight: (C, D), or (C, d1, ..., D) for scores (N, C, d1, ...). target: (N,) or
    (N, d1, ...), or probabilities of the shape of the scores. `options` say how memory is saved, and change no number.

    >>> linear_cross_entropy(zeros(1, 3), zeros(2, 3), tensor([1]))
    tensor(0.6931)
    """
    if input.dim() < 1 or input.dim() > 2:
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.dim()}")
    if linear_weight.dim() < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {linear_weight.dim()}")
    width = linear_weight.shape[-1]
    if input.shape[-1] != width:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), "
            f"got {input.shape[-1]} and {width}, respectively"
        )
    outputs = tuple(linear_weight.shape[:-1])
    if linear_bias is not None and tuple(linear_bias.shape) != outputs:
        raise RuntimeError(f"expected linear_bias shape {outputs}, got {tuple(linear_bias.shape)}")
    if len(outputs) > 1 and input.dim() == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(linear_weight.shape)} requires batched input, "
            f"(N, {width}), got unbatched input with shape {tuple(input.shape)}"
        )
    flat_bias = None if linear_bias is None else linear_bias.reshape(-1)
    scores = linear(input, linear_weight.reshape(-1, width), flat_bias).reshape(*input.shape[:-1], *outputs)
    if target.shape == scores.shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    return cross_entropy(
        scores,
        target,
        weight=weight,
        reduction=reduction,
        ignore_index=-100 if ignore_index is None else ignore_index,
        label_smoothing=label_smoothing,
    )
