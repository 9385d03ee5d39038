"""Samples of the recurrent layers. What they keep for the gradient is not differentiated: tests/tensor has the "
"gradients."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

STEPS, SIZE, FEATURES = (2, 2, 1), 3, 4


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def affine(x, w, b):
    return x @ w.T + (0 if b is None else b)


def unrolled(step, x, states, sizes, reverse):
    """One sequence after the other, each by itself: what a packed sequence stands for."""
    starts = np.cumsum([0, *sizes[:-1]])
    outputs = np.zeros((len(x), states[0].shape[1]))
    ends = [s.copy() for s in states]
    for n in range(len(states[0])):
        steps = [t for t, size in enumerate(sizes) if size > n]
        state = [s[n : n + 1] for s in states]
        for t in steps[::-1] if reverse else steps:
            state = step(x[starts[t] + n : starts[t] + n + 1], *state)
            outputs[starts[t] + n] = state[0][0]
        for end, s in zip(ends, state, strict=True):
            end[n] = s[0]
    return outputs, *ends


def lstm(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, sizes, reverse):
    def step(x, h, c):
        i, f, g, o = np.split(affine(x, w_ih, b_ih) + affine(h, w_hh, b_hh), 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        return [h if w_hr is None else h @ w_hr.T, c]

    return unrolled(step, x, [h, c], sizes, reverse)


def gru(x, h, w_ih, w_hh, b_ih, b_hh, sizes, reverse):
    def step(x, h):
        (r, z, n), (hr, hz, hn) = (np.split(affine(*a), 3, 1) for a in ((x, w_ih, b_ih), (h, w_hh, b_hh)))
        n = np.tanh(n + sigmoid(r + hr) * hn)
        z = sigmoid(z + hz)
        return [(1 - z) * n + z * h]

    return unrolled(step, x, [h], sizes, reverse)


def rnn(x, h, w_ih, w_hh, b_ih, b_hh, sizes, reverse, relu):
    def step(x, h):
        z = affine(x, w_ih, b_ih) + affine(h, w_hh, b_hh)
        return [np.maximum(z, 0) if relu else np.tanh(z)]

    return unrolled(step, x, [h], sizes, reverse)


def arrays(gates, bias=True, hidden=SIZE):
    """Steps, first hidden states, both matrices and both biases of a layer."""
    rows = gates * SIZE
    biases = (A((rows,)), A((rows,))) if bias else (None, None)
    return A((sum(STEPS), FEATURES)), A((STEPS[0], hidden)), A((rows, FEATURES)), A((rows, hidden)), *biases


SAMPLES = []
for _reverse in (False, True):
    for _bias in (True, False):
        _hidden = SIZE if _bias else 2
        _x, _h, _wi, _wh, _bi, _bh = arrays(4, _bias, _hidden)
        _projection = None if _bias else A((_hidden, SIZE))
        SAMPLES.append(
            Sample("lstm_layer", (_x, _h, A((2, SIZE)), _wi, _wh, _bi, _bh, _projection, STEPS, _reverse), grad=False)
        )
        SAMPLES.append(Sample("gru_layer", (*arrays(3, _bias), STEPS, _reverse), grad=False))
        SAMPLES.append(
            Sample("rnn_layer", (*arrays(1, _bias), STEPS, _reverse, not _bias), reference=rnn, second=_bias)
        )
_grads = (A((sum(STEPS), SIZE)), A((2, SIZE)))
_sigmoids = A((sum(STEPS), 4 * SIZE), 0.1, 0.9, grad=False)
_kept = A((sum(STEPS), SIZE), -0.9, 0.9, grad=False)
_x, _h, _wi, _wh, _bi, _bh = arrays(4)
SAMPLES += [
    # what was kept here is not what the layer would have kept: shapes and dtypes only
    Sample(
        "lstm_layer_gradient",
        (
            *_grads,
            A((2, SIZE)),
            _x,
            _h,
            A((2, SIZE)),
            _wi,
            _wh,
            _bi,
            _bh,
            A((SIZE, SIZE)),
            _kept,
            _sigmoids,
            _kept,
            STEPS,
            False,
        ),
        grad=False,
    ),
    Sample(
        "gru_layer_gradient",
        (*_grads, *arrays(3), _kept, A((sum(STEPS), 3 * SIZE), 0.1, 0.9, grad=False), _kept, STEPS, True),
        grad=False,
    ),
    Sample("rnn_layer_gradient", (*_grads, *arrays(1), _kept, STEPS, False, False), grad=False),
]

ERRORS = [
    Mistake(
        lambda torch: torch.lstm_cell(
            torch.ones(2, 5), (torch.ones(2, 4), torch.ones(2, 4)), torch.ones(16, 3), torch.ones(16, 4)
        ),
        RuntimeError,
        "input has inconsistent input_size: got 5 expected 3",
    ),
    Mistake(
        lambda torch: torch.gru_cell(torch.ones(2, 3), torch.ones(3, 4), torch.ones(12, 3), torch.ones(12, 4)),
        RuntimeError,
        "Input batch size 2 doesn't match hidden0 batch size 3",
    ),
    Mistake(
        lambda torch: torch.lstm(
            torch.ones(5, 2, 3),
            (torch.ones(1, 2, 4),),
            [torch.ones(16, 3), torch.ones(16, 4)],
            False,
            1,
            0.0,
            False,
            False,
            False,
        ),
        RuntimeError,
        "lstm expects two hidden states",
    ),
]
