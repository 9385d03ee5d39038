"""Samples of the losses."""

from __future__ import annotations

import math

import numpy as np

from . import A, Mistake, Sample


def reduced(values, reduction):
    return values if reduction == 0 else values.mean() if reduction == 1 else values.sum()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def smooth_l1(x, t, reduction=1, beta=1.0):
    d = abs(x - t)
    return reduced(np.where(d < beta, d * d / (2 * beta), d - beta / 2), reduction)


def huber(x, t, reduction=1, delta=1.0):
    d = abs(x - t)
    return reduced(np.where(d < delta, d * d / 2, delta * (d - delta / 2)), reduction)


def cross_entropy(x, t, weight, reduction=1):
    values = -(t * np.log(x) + (1 - t) * np.log(1 - x))
    return reduced(values if weight is None else values * weight, reduction)


def with_logits(x, t, weight, pos_weight, reduction=1):
    values = -((1 if pos_weight is None else pos_weight) * t * np.log(sigmoid(x)) + (1 - t) * np.log(1 - sigmoid(x)))
    return reduced(values if weight is None else values * weight, reduction)


def nll(logp, target, weight, reduction=1, ignore_index=-100):
    classes = np.moveaxis(np.atleast_2d(logp) if logp.ndim == 1 else logp, 1, -1)
    flat, t = classes.reshape(-1, classes.shape[-1]), np.asarray(target).reshape(-1)
    scale = np.array([0.0 if k == ignore_index else 1.0 if weight is None else weight[k] for k in t])
    values = np.array([0.0 if k == ignore_index else -row[k] for row, k in zip(flat, t, strict=True)]) * scale
    if reduction == 0:
        return values.reshape(np.shape(target))
    return values.sum() / scale.sum() if reduction == 1 else values.sum()


def multi_margin(x, target, weight, p=1, margin=1.0, reduction=1):
    if x.ndim == 1:
        return multi_margin(x[None], target[None], weight, p, margin, reduction).reshape(())
    rows = []
    for row, t in zip(x, target, strict=True):
        terms = [max(0.0, margin - row[t] + v) ** p for j, v in enumerate(row) if j != t]
        rows.append(sum(terms) / len(row) * (1 if weight is None else weight[t]))
    return reduced(np.array(rows), reduction)


def multilabel_margin(x, hot, any_label, reduction=1):
    rows = []
    for row, labels, mine in zip(x, hot, any_label, strict=True):
        picked = [row[k.argmax()] for k in labels if k.any()]
        rows.append(
            sum(max(0.0, 1 - p + v) for p in picked for v, m in zip(row, mine, strict=True) if not m) / len(row)
        )
    return reduced(np.array(rows), reduction)


def ctc(logp, targets, steps, labels, blank, zero_infinity):
    """The sum over all paths, one by one."""
    from itertools import product

    losses = []
    for n, (t, s) in enumerate(zip(steps, labels, strict=True)):
        total = 0.0
        for path in product(range(logp.shape[2]), repeat=int(t)):
            spelled = [k for i, k in enumerate(path) if k != blank and (i == 0 or path[i - 1] != k)]
            if spelled == list(targets[n, :s]):
                total += math.exp(sum(logp[i, n, k] for i, k in enumerate(path)))
        losses.append(-math.log(total) if total else 0.0 if zero_infinity else math.inf)
    return np.array(losses)


X, T = A((3, 4)), A((3, 4))
FAR = A((3, 4), 2.5, 4.0)
PROBABILITY = A((3, 4), 0.1, 0.9)
CLASSES = A((3,), dtype="int64", values=[2, 0, 3], grad=False)
CLASS = A((), dtype="int64", values=2, grad=False)
WEIGHT = A((4,), 0.5, 1.5, grad=False)
LABELS = A((3, 2, 4), dtype="bool", values=np.eye(4, dtype=bool)[[[1, 2], [0, 3], [2, 2]]], grad=False)
ANY_LABEL = A((3, 4), dtype="bool", values=[[0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 0]], grad=False)
ALIGNED = (
    A((4, 3, 3), -2.0, -0.5),
    A((3, 2), dtype="int64", values=[[1, 2], [1, 1], [2, 0]], grad=False),
    A((3,), dtype="int64", values=[4, 3, 2], grad=False),
    A((3,), dtype="int64", values=[2, 2, 1], grad=False),
)

SAMPLES = [
    *(Sample("mse_loss", (X, T, r), reference=lambda x, t, r: reduced((x - t) ** 2, r)) for r in (0, 1, 2)),
    *(Sample("smooth_l1_loss", (X, other, r), reference=smooth_l1) for r in (0, 1, 2) for other in (T, FAR)),
    Sample("smooth_l1_loss", (X, T, 1, 0.3), reference=smooth_l1),
    *(Sample("huber_loss", (X, other, r), reference=huber) for r in (0, 1, 2) for other in (T, FAR)),
    Sample("huber_loss", (X, T, 2, 0.3), reference=huber),
    *(
        Sample(
            "soft_margin_loss",
            (X, A((3, 4), grad=False), r),
            reference=lambda x, t, r: reduced(np.log1p(np.exp(-t * x)), r),
        )
        for r in (0, 1, 2)
    ),
    *(Sample("binary_cross_entropy", (PROBABILITY, PROBABILITY, None, r), reference=cross_entropy) for r in (0, 1, 2)),
    Sample("binary_cross_entropy", (PROBABILITY, PROBABILITY, A((3, 4), grad=False), 1), reference=cross_entropy),
    Sample(
        "binary_cross_entropy",
        (A((2,), values=[0.0, 1.0]), A((2,), values=[1.0, 0.0]), None, 0),
        reference=lambda x, t, w, r: np.array([100.0, 100.0]),
        grad=False,
    ),
    *(Sample("bce_with_logits", (X, PROBABILITY, None, None, r), reference=with_logits) for r in (0, 1, 2)),
    Sample(
        "bce_with_logits",
        (X, PROBABILITY, A((3, 4), grad=False), A((4,), 0.5, 2.0, grad=False), 1),
        reference=with_logits,
    ),
    Sample(
        "bce_with_logits",
        (A((2,), values=[-1000.0, 1000.0]), A((2,), values=[1.0, 0.0]), None, None, 0),
        reference=lambda x, t, w, p, r: np.array([1000.0, 1000.0]),
        grad=False,
    ),
    *(Sample("nll_loss", (X, CLASSES, w, r), reference=nll) for r in (0, 1, 2) for w in (None, WEIGHT)),
    *(Sample("nll_loss", (X, CLASSES, w, r, 3), reference=nll) for r in (0, 1, 2) for w in (None, WEIGHT)),
    Sample("nll_loss", (A((4,)), A((), dtype="int64", values=2, grad=False), None, 1), reference=nll),
    Sample(
        "nll_loss_nd",
        (A((2, 3, 2)), A((2, 2), dtype="int64", values=[[0, 2], [1, -100]], grad=False), None, 1),
        reference=nll,
    ),
    Sample(
        "nll_loss_nd",
        (A((2, 3, 2, 1)), A((2, 2, 1), dtype="int64", values=[[[0], [2]], [[1], [1]]], grad=False), None, 0),
        reference=nll,
    ),
    Sample(
        "nll_grad", (A(()), CLASSES, None, (3, 4), 1, -100), reference=lambda g, t, w, s, r, i: -g * np.eye(4)[t] / 3
    ),
    Sample(
        "nll_grad",
        (A((3,)), CLASSES, WEIGHT, (3, 4), 0, 0),
        reference=lambda g, t, w, s, r, i: -g[:, None] * np.eye(4)[t] * (w * (t != 0)[:, None]),
    ),
    *(
        Sample("multi_margin_loss", (X, CLASSES, w, p, 0.7, r), reference=multi_margin)
        for w in (None, WEIGHT)
        for p, r in ((1, 1), (2, 2), (2, 0))
    ),
    *(Sample("multi_margin_loss", (A((4,)), CLASS, WEIGHT, 2, 0.7, r), reference=multi_margin) for r in (0, 1)),
    *(Sample("multilabel_margin_loss", (X, LABELS, ANY_LABEL, r), reference=multilabel_margin) for r in (0, 1, 2)),
    # the gradient is that for the scores of log-softmax, which tests/nn/functional checks
    Sample("ctc_loss", (*ALIGNED, 0, False), reference=ctc, grad=False),
    Sample(
        "ctc_loss",
        (*ALIGNED[:2], A((3,), dtype="int64", values=[2, 2, 0], grad=False), ALIGNED[3], 0, True),
        reference=ctc,
        grad=False,
    ),
    Sample("ctc_grad", (A((3,)), *ALIGNED, A((3,), grad=False), 0, False), grad=False),
]

ERRORS = [
    Mistake(
        lambda torch: torch.nn.functional.cross_entropy(torch.ones(2, 3), torch.tensor([1, 3])),
        IndexError,
        r"(?s)^Target 3 is out of bounds\..*targets go from 0 to 2\..*subtract 1",
    ),
    Mistake(
        lambda torch: torch.nn.functional.cross_entropy(torch.ones(2, 3), torch.tensor([1, -1])),
        IndexError,
        r"(?s)^Target -1 is out of bounds\..*ignore_index=-1",
    ),
    Mistake(
        lambda torch: torch.nn.functional.cross_entropy(torch.ones(2, 3), torch.ones(2)),
        RuntimeError,
        "^expected target dtype to be Long or Byte, but got Float",
    ),
    Mistake(
        lambda torch: torch.nn.functional.nll_loss(torch.ones(2, 3), torch.ones(3).long()),
        ValueError,
        r"^Expected input batch_size \(2\) to match target batch_size \(3\)\.",
    ),
    Mistake(
        lambda torch: torch.nn.functional.nll_loss(torch.ones(2, 3), torch.ones(2, 1).long()),
        RuntimeError,
        r"(?s)^0D or 1D target tensor expected, multi-target not supported.*squeeze\(1\)",
    ),
    Mistake(
        lambda torch: torch.nn.functional.mse_loss(torch.ones(2), torch.ones(2), reduction="mean2"),
        ValueError,
        "^mean2 is not a valid value for reduction",
    ),
    Mistake(
        lambda torch: torch.nn.functional.binary_cross_entropy(torch.ones(2) + 1, torch.ones(2)),
        RuntimeError,
        "(?s)^all elements of input should be between 0 and 1.*binary_cross_entropy_with_logits",
    ),
    Mistake(
        lambda torch: torch.nn.functional.multi_margin_loss(torch.ones(2, 3), torch.tensor([0, 3])),
        RuntimeError,
        "^target out of range",
    ),
    Mistake(
        lambda torch: torch.nn.functional.ctc_loss(torch.zeros(2, 1, 3), torch.tensor([[1]]), [3], [1]),
        RuntimeError,
        "^Expected input_lengths to have value at most 2, but got value 3",
    ),
]
