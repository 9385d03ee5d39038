"""The kernels of connectionist temporal classification: one step in time for all sequences and states at once.

A target of S labels has 2S + 1 states: its labels with a blank before, between and behind. In each step a sequence
stays in its state, goes to the next one, or from one label to another label right behind the blank between them.
"""

from __future__ import annotations

import numpy as np

ndarray = np.ndarray
NOTHING = -np.inf


def _states(targets: ndarray, blank: int) -> tuple[ndarray, ndarray]:
    """The label of each state, (N, 2S + 1), and whether a state can be reached from two before it."""
    count, length = targets.shape
    labels = np.full((count, 2 * length + 1), blank, np.int64)
    labels[:, 1::2] = targets
    skips = np.zeros(labels.shape, bool)
    skips[:, 3::2] = targets[:, 1:] != targets[:, :-1]
    return labels, skips


def _log_sum(parts: ndarray) -> ndarray:
    """The logarithm of the sum of exponentials over the first axis."""
    top = parts.max(0)
    shift = np.where(np.isneginf(top), 0, top)
    return np.log(np.exp(parts - shift).sum(0)) + shift


def _forward(scores: ndarray, skips: ndarray, steps: ndarray) -> ndarray:
    """For each time and state, the log-probability of all ways there: (T, N, states). `scores` has that shape."""
    alpha = np.full(scores.shape, NOTHING, scores.dtype)
    if not len(scores):
        return alpha
    alpha[0, :, :2] = scores[0, :, :2]
    ways = np.full((3, *scores.shape[1:]), NOTHING, scores.dtype)
    for t in range(1, len(scores)):
        ways[0] = alpha[t - 1]
        ways[1, :, 1:] = alpha[t - 1, :, :-1]
        ways[2, :, 2:] = np.where(skips[:, 2:], alpha[t - 1, :, :-2], NOTHING)
        alpha[t] = _log_sum(ways) + scores[t]
    return alpha


def _backward(scores: ndarray, skips: ndarray, steps: ndarray, labels: ndarray) -> ndarray:
    """For each time and state, the log-probability of all ways from there, itself included, to the end."""
    beta = np.full(scores.shape, NOTHING, scores.dtype)
    everyone = np.arange(scores.shape[1])
    ways = np.full((3, *scores.shape[1:]), NOTHING, scores.dtype)
    for t in range(len(scores) - 1, -1, -1):
        if t + 1 < len(scores):
            after = beta[t + 1]
            ways[0] = after
            ways[1, :, :-1] = after[:, 1:]
            ways[2, :, :-2] = np.where(skips[:, 2:], after[:, 2:], NOTHING)
            beta[t] = _log_sum(ways) + scores[t]
        ends = everyone[steps == t + 1]
        for last in (2 * labels[ends], 2 * labels[ends] - 1):
            inside = last >= 0
            beta[t, ends[inside], last[inside]] = scores[t, ends[inside], last[inside]]
    return beta


def _scores(log_probs: ndarray, states: ndarray) -> ndarray:
    """The log-probability of each state's label at each time, (T, N, states)."""
    return np.take_along_axis(log_probs, np.broadcast_to(states, (len(log_probs), *states.shape)), 2)


def ctc(
    log_probs: ndarray, targets: ndarray, steps: ndarray, labels: ndarray, blank: int, zero_infinity: bool
) -> ndarray:
    """Minus the log-probability of each target, (N,). Where `zero_infinity`, 0 for a target that does not fit."""
    states, skips = _states(targets, blank)
    everyone = np.arange(len(steps))
    if not len(log_probs):
        loss = np.where(labels == 0, 0, np.inf).astype(log_probs.dtype)
    else:
        alpha = _forward(_scores(log_probs, states), skips, steps)[np.maximum(steps, 1) - 1, everyone]
        ends = np.stack([alpha[everyone, 2 * labels], np.where(labels > 0, alpha[everyone, 2 * labels - 1], NOTHING)])
        loss = np.where(steps > 0, -_log_sum(ends), np.where(labels == 0, 0, np.inf)).astype(log_probs.dtype)
    return np.where(np.isinf(loss), 0, loss).astype(loss.dtype) if zero_infinity else loss


def ctc_grad(
    g: ndarray,
    log_probs: ndarray,
    targets: ndarray,
    steps: ndarray,
    labels: ndarray,
    loss: ndarray,
    blank: int,
    zero_infinity: bool,
) -> ndarray:
    """The gradient for the scores that log-softmax made `log_probs` of: probability less the share of all ways."""
    states, skips = _states(targets, blank)
    scores = _scores(log_probs, states)
    both = _forward(scores, skips, steps) + _backward(scores, skips, steps, labels)
    own = np.arange(states.shape[1]) < 2 * labels[:, None] + 1
    both = np.where(own, both, NOTHING)
    exact = ctc(log_probs, targets, steps, labels, blank, False)
    # scores are in both directions, so they count once too often
    share = np.exp(both - scores + exact[:, None])
    share = np.where(np.isneginf(both), 0, share)
    result = np.exp(log_probs)
    time, sequence = np.ogrid[: log_probs.shape[0], : log_probs.shape[1]]
    np.subtract.at(result, (time[:, :, None], sequence[:, :, None], states[None]), share)
    result *= g[:, None]
    # a target that does not fit has no alignments, of which none has a share: 0 / 0
    result[:, np.isinf(exact)] = 0 if zero_infinity else np.nan
    result[np.arange(len(result))[:, None] >= steps] = 0
    return result
