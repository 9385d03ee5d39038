"""The losses that PyTorch has under `torch` itself. `reduction` is a number here: 0 none, 1 mean, 2 sum."""

from __future__ import annotations

import math
from typing import Any

from ... import errors
from ...xp import numpy as xnp
from .. import rows
from ..public import public
from ..tensor import Tensor, kind_of, make, numbers, wrap

NO_TARGET_GRADIENT = "the derivative for '{}' is not implemented"


def reduce(values: Any, reduction: int) -> Any:
    """Every loss, their mean, or their sum."""
    return values if reduction == 0 else values.mean() if reduction == 1 else values.sum()


def refuse_gradient(**tensors: Any) -> None:
    """Raise where a gradient is asked for an argument that has none."""
    for name, one in tensors.items():
        if one is not None and one.requires_grad:
            raise RuntimeError(NO_TARGET_GRADIENT.format(name))


# ---- two distributions -----------------------------------------------------------------------------------------------


@public(method=False)
def binary_cross_entropy_with_logits(input, target, weight=None, pos_weight=None, reduction=0):
    """The cross entropy of `sigmoid(input)` and `target`."""
    refuse_gradient(weight=weight, pos_weight=pos_weight)
    if not target._kind.dtype.is_floating_point:
        raise RuntimeError(
            f"result type {input._kind.dtype.scalar_name} can't be cast to the desired output type "
            f"{target._kind.dtype.scalar_name}\n  The target must be floating point: target.to(input.dtype)."
        )
    return rows.bce_with_logits(input, target, weight, pos_weight, reduction)


@public(method=False)
def kl_div(input, target, reduction=0, *, log_target=False):
    """`target * (log(target) - input)` of log-probabilities `input` and probabilities `target`.

    log_target: the target holds log-probabilities too.
    """
    for one in (input, target):
        if one._kind.dtype.category < 2:
            raise RuntimeError(
                "kl_div: Integral inputs not supported.\n  Both arguments are floating point: log-probabilities, and "
                "probabilities."
            )
        if one._kind.dtype.is_complex:
            raise RuntimeError("kl_div: Complex inputs not supported.")
    if log_target:
        return reduce(target.exp() * (target - input), reduction)
    return reduce(target.xlogy(target) - target * input, reduction)


@public(method=False)
def poisson_nll_loss(input, target, log_input, full, eps, reduction):
    """The negative log-likelihood of counts `target` under Poisson rates `exp(input)`, or `input`."""
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + stirling.masked_fill(target <= 1, 0)
    return reduce(loss, reduction)


# ---- margins ---------------------------------------------------------------------------------------------------------


@public(method=False)
def hinge_embedding_loss(input, target, margin=1.0, reduction=0):
    """`input` where the target is 1, `max(0, margin - input)` where it is -1."""
    zero = input.new_zeros(())
    far = (margin - input).clamp_min(0).where(target != 1, zero)
    near = input.where(target != -1, zero)
    return reduce(far + near, reduction)


@public(method=False)
def margin_ranking_loss(input1, input2, target, margin=0.0, reduction=0):
    """`max(0, margin - target * (input1 - input2))`."""
    return reduce((-target * (input1 - input2) + margin).clamp_min(0), reduction)


@public(method=False)
def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction=0):
    """`1 - cos` of rows whose target is 1, `max(0, cos - margin)` where it is -1."""
    a, b, n = list(input1.shape), list(input2.shape), target.dim()
    if n > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if (len(a), len(b)) != (n + 1, n + 1):
        raise RuntimeError(
            f"{n}D target tensor expects {n + 1}D input tensors, but found inputs with sizes {a} and {b}."
        )
    tiny = 1e-12
    product = (input1 * input2).sum(n)
    squares = ((input1 * input1).sum(n) + tiny) * ((input2 * input2).sum(n) + tiny)
    cos = product / squares.sqrt()
    zero = cos.new_zeros(())
    near = (1 - cos).where(target == 1, zero)
    far = (cos - margin).clamp_min(0).where(target == -1, zero)
    return reduce(near + far, reduction)


@public(method=False)
def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-06, swap=False, reduction=0):
    """`max(0, margin + d(anchor, positive) - d(anchor, negative))`, with the p-norm as the distance."""
    a, b, c = anchor.dim(), positive.dim(), negative.dim()
    if not a == b == c:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {a}D, positive {b}D, and negative {c}D inputs"
        )
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = rows.minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduce((margin + near - far).clamp_min(0), reduction)


# ---- distances -------------------------------------------------------------------------------------------------------


@public(method=False)
def pairwise_distance(x1, x2, p=2.0, eps=1e-06, keepdim=False):
    """The p-norm of `x1 - x2 + eps` along the last dim. Shapes broadcast.

    >>> pairwise_distance(tensor([[0., 0.]]), tensor([[3., 4.]]))
    tensor([5.0000])
    """
    difference = x1 - x2 + eps
    return rows.vector_norm(difference, p, (-1,), keepdim)


@public(method=False)
def cosine_similarity(x1, x2, dim=1, eps=1e-08):
    """The cosine of the angle between vectors along `dim`; each length counts as `eps` at least. Shapes broadcast.

    >>> cosine_similarity(tensor([[1., 0.]]), tensor([[1., 1.]]))
    tensor([0.7071])
    """
    common = rows.mul(x1, x2)
    dtype = common._kind.dtype
    if not dtype.is_floating_point:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {dtype.scalar_name}")
    shape = common._array.shape
    parts = []
    for x in (x1, x2):
        x = x.to(dtype).expand(shape)
        length = rows.vector_norm(x, 2, (dim,), True).clone()
        # the gradient is as if the length were not cut off below
        length.detach().clamp_min_(eps)
        parts.append(x / length)
    return (parts[0] * parts[1]).sum(dim)


# ---- alignment -------------------------------------------------------------------------------------------------------


def _lengths(value: Any, name: str, batch: int) -> Any:
    """The lengths of the sequences as an array of int64."""
    if isinstance(value, Tensor):
        if value._kind.dtype.category != 1:
            raise RuntimeError(f"{name} must be integral")
        array = xnp.reshape(value._array, (-1,)).astype(xnp.int64)
    else:
        array = xnp.asarray(list(value) if hasattr(value, "__iter__") else [value], xnp.int64)
    if array.size != batch:
        raise RuntimeError(
            f"{name} must be of size batch_size\n  There are {batch} sequences, and {array.size} lengths."
        )
    return array


_CHECKING = "(while checking arguments for ctc_loss_allocate_outputs)"


def _padded_targets(targets: Tensor, lengths: Any) -> Any:
    """The targets as an array (N, S), from one or from all in a row."""
    array = targets._array.astype(xnp.int64)
    longest = int(lengths.max()) if lengths.size else 0
    if array.ndim == 1:
        total = int(lengths.sum())
        if array.size != total:
            raise RuntimeError(
                f"Expected tensor to have size {total} at dimension 0, but got size {array.size} for argument #2 "
                f"'targets' {_CHECKING}"
            )
        padded = xnp.zeros((lengths.size, longest), dtype=xnp.int64)
        padded[xnp.arange(longest) < lengths[:, None]] = array
        return padded
    if array.ndim != 2:
        raise RuntimeError(
            f"Expected 1 to 2 dimensions, but got {array.ndim}-dimensional tensor for argument #2 'targets' {_CHECKING}"
        )
    if array.shape[0] != lengths.size:
        raise RuntimeError(
            f"Expected tensor to have size {lengths.size} at dimension 0, but got size {array.shape[0]} for argument "
            f"#2 'targets' {_CHECKING}"
        )
    if array.shape[1] < longest:
        raise RuntimeError(
            f"Expected tensor to have size at least {longest} at dimension 1, but got size {array.shape[1]} for "
            f"argument #2 'targets' {_CHECKING}"
        )
    return array[:, :longest]


@public(method=False)
def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction=0, zero_infinity=False):
    """Minus the log-probability that (T, N, C) log-probabilities spell the targets, summed over all alignments.

    From Graves et al., "Connectionist Temporal Classification", 2006.
    """
    if not log_probs._kind.dtype.is_floating_point or log_probs._kind.half:
        raise errors.not_for_dtype("ctc_loss_cpu", log_probs._kind.dtype)
    single = log_probs.dim() != 3
    if single:
        log_probs = log_probs.unsqueeze(1)
        if targets.dim() == 1:
            targets = targets.unsqueeze(0)
    if log_probs.dim() != 3:
        raise RuntimeError(
            f"Expected 3-dimensional tensor, but got {log_probs.dim()}-dimensional tensor for argument #1 'log_probs' "
            f"{_CHECKING}"
        )
    longest, batch, classes = log_probs._array.shape
    if not 0 <= blank < classes:
        raise RuntimeError(f"blank must be in label range\n  blank is {blank}; labels go from 0 to {classes - 1}.")
    steps = _lengths(input_lengths, "input_lengths", batch)
    labels = _lengths(target_lengths, "target_lengths", batch)
    for name, lengths in (("input_lengths", steps), ("target_lengths", labels)):
        if lengths.size and lengths.min() < 0:
            raise RuntimeError(f"Expected {name} to have value at least 0, but got value {lengths.min()} {_CHECKING}")
    if steps.size and steps.max() > longest:
        raise RuntimeError(
            f"Expected input_lengths to have value at most {longest}, but got value {steps.max()} {_CHECKING}"
        )
    if single and targets._array.shape[-1] != int(labels[0]) and targets._array.ndim == 2:
        raise RuntimeError(
            f"Expected tensor to have size {int(labels[0])} at dimension 0, but got size "
            f"{targets._array.shape[-1]} for argument #2 'targets' {_CHECKING}"
        )
    padded = _padded_targets(targets, labels)
    inside = xnp.arange(padded.shape[1]) < labels[:, None]
    if (inside & ((padded < 0) | (padded >= classes))).any():
        raise IndexError(f"ctc_loss(): a target is out of range; labels go from 0 to {classes - 1}")
    loss = rows.ctc_loss(log_probs, wrap(padded), wrap(steps), wrap(labels), blank, zero_infinity)
    if reduction == 1:
        return (loss / wrap(xnp.maximum(labels, 1)).to(loss.dtype)).mean()
    if reduction == 2:
        return loss.sum()
    return loss.squeeze(0) if single else loss


# ---- margins over classes --------------------------------------------------------------------------------------------


def multi_margin(input: Any, target: Any, p: int, margin: float, weight: Any, reduction: int) -> Any:
    """The mean over classes of `max(0, margin - score of the target + score) ** p`."""
    shape = input._array.shape
    if len(shape) > 2 or (shape and 0 in shape[1:]):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(shape)}"
        )
    batch = shape[0] if len(shape) == 2 else 1
    classes = shape[-1] if shape else 1
    have = target._array.shape
    if len(have) > 1 or target._array.size != batch:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size [{batch}], but got {list(have)}. Input has shape {list(shape)}."
        )
    if target._kind.dtype.name != "int64":
        raise RuntimeError(f"expected scalar type Long but found {target._kind.dtype.scalar_name}")
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight._array.shape)}")
    array = numbers(target._array)
    if array.size and (target._kind.local or target._kind.batched) and not (array.min() >= 0 and array.max() < classes):
        raise RuntimeError(f"target out of range\n  The input scores {classes} classes, 0 to {classes - 1}.")
    refuse_gradient(weight=weight)
    # the losses have the shape of the target, which may be (1,) or () for one row
    if not shape or len(shape) == 1 and have:
        input = input.reshape(1, classes) if have else input.reshape(classes)
    elif len(shape) == 2 and not have:
        target = target.reshape(batch)
    return rows.multi_margin_loss(input, target, weight, p, margin, reduction)


def multilabel_margin(input: Any, target: Any, reduction: int) -> Any:
    """The mean over classes of how far the score of each label is from one above that of each class that is none."""
    shape = input._array.shape
    if len(shape) > 2 or (shape and 0 in shape[1:]):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(shape)}"
        )
    if target._array.size != input._array.size or (len(shape) == 2 and target._array.shape != shape):
        raise RuntimeError(f"inconsistent target size: {list(target._array.shape)} for input of size: {list(shape)}")
    if target._kind.dtype.name != "int64":
        raise RuntimeError(f"expected scalar type Long but found {target._kind.dtype.scalar_name}")
    classes = shape[-1] if shape else 1
    labels = target._array.reshape(-1, classes)
    all_labels = numbers(labels)
    if labels.size and not (all_labels.min() >= -1 and all_labels.max() < classes):
        raise RuntimeError("argument #2 'target' is out of range")
    # labels stand before the first -1
    kept = xnp.logical_and.accumulate(labels >= 0, axis=1)
    hot = (labels[:, :, None] == xnp.arange(classes)) & kept[:, :, None]
    loss = rows.multilabel_margin_loss(
        input.reshape(-1, classes), make(hot, kind_of(hot)), make(hot.any(1), kind_of(hot)), reduction
    )
    return loss.reshape(()) if reduction == 0 and len(shape) < 2 else loss
