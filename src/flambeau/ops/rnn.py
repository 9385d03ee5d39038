"""Recurrent layers over whole sequences, one row for each kind of layer.

A row takes all steps one after another in one array, `sizes[t]` sequences at step t; `reverse` begins with the last
step. What follows the outputs and the last state is kept for the gradient, and nobody differentiates it. The gradient
is a kernel of its own; where it is itself to be differentiated, the body below, written step by step, is.
"""

from __future__ import annotations

from .table import Array, op


def _pieces(xp, x, sizes):
    """The steps of a sequence."""
    result, at = [], 0
    for n in sizes:
        result.append(xp.getitem(x, (slice(at, at + n),)))
        at += n
    return result


def _unrolled(xp, step, gates, states, sizes, reverse):
    """Run `step(gates, states)` over a sequence; states of sequences that take no part in a step stay as they are."""
    pieces = _pieces(xp, gates, sizes)
    outputs = [None] * len(pieces)
    for t in range(len(pieces))[:: -1 if reverse else 1]:
        n = sizes[t]
        rest = [xp.getitem(s, (slice(n, None),)) for s in states]
        new = step(pieces[t], [xp.getitem(s, (slice(0, n),)) for s in states])
        outputs[t] = new[0]
        states = [xp.concat([a, b], axis=0) for a, b in zip(new, rest, strict=True)]
    return (xp.concat(outputs, axis=0), *states)


def _affine(xp, x, weight, bias):
    result = xp.matmul(x, xp.matrix_transpose(weight))
    return result if bias is None else result + bias


def _gate(xp, z, k, size):
    return xp.getitem(z, (slice(None), slice(k * size, (k + 1) * size)))


# ---- LSTM ------------------------------------------------------------------------------------------------------------


def lstm_body(xp, input, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr, sizes, reverse):
    size = w_hh.shape[0] // 4

    def step(gates, states):
        h, c = states
        z = gates + _affine(xp, h, w_hh, b_hh)
        i, f, new, o = (_gate(xp, z, k, size) for k in range(4))
        c = xp.sigmoid(f) * c + xp.sigmoid(i) * xp.tanh(new)
        h = xp.sigmoid(o) * xp.tanh(c)
        return [h if w_hr is None else _affine(xp, h, w_hr, None), c]

    return _unrolled(xp, step, _affine(xp, input, w_ih, b_ih), [h0, c0], sizes, reverse)


def _lstm_rule(xp, g, input, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr, out, sizes, reverse):
    return xp.lstm_layer_gradient(
        g[0], g[1], g[2], input, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr, out[0], out[3], out[4], sizes, reverse
    )


@op(joint=_lstm_rule, outputs=5, public=False, method=False, node="MkldnnRnnLayer")
def lstm_layer(
    xp,
    input,
    h0,
    c0,
    w_ih,
    w_hh,
    b_ih: Array | None,
    b_hh: Array | None,
    w_hr: Array | None,
    sizes: tuple,
    reverse: bool,
):
    """Outputs, last hidden state and last cell of an LSTM layer, its gates and cells at every step."""
    return xp.lstm_layer(input, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr, sizes, reverse)


@op(composite=True, outputs=None, public=False, method=False)
def lstm_layer_gradient(
    xp, gy, gh, gc, input, h0, c0, w_ih, w_hh, b_ih: Array | None, b_hh: Array | None, w_hr: Array | None, y, gates,
    cells, sizes: tuple, reverse: bool,
):  # fmt: skip
    """The gradients of `lstm_layer` for its eight arrays."""
    return xp.vjp(
        lambda *arrays: lstm_body(xp, *arrays, sizes, reverse),  # type: ignore[call-arg]
        (input, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr),
        (gy, gh, gc),
        lambda: xp.lstm_layer_gradient(
            gy, gh, gc, input, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr, y, gates, cells, sizes, reverse
        ),
    )


# ---- GRU -------------------------------------------------------------------------------------------------------------


def gru_body(xp, input, h0, w_ih, w_hh, b_ih, b_hh, sizes, reverse):
    size = w_hh.shape[0] // 3

    def step(gates, states):
        (h,) = states
        own = _affine(xp, h, w_hh, b_hh)
        reset, update = (xp.sigmoid(_gate(xp, gates, k, size) + _gate(xp, own, k, size)) for k in range(2))
        new = xp.tanh(_gate(xp, gates, 2, size) + reset * _gate(xp, own, 2, size))
        return [new + update * (h - new)]

    return _unrolled(xp, step, _affine(xp, input, w_ih, b_ih), [h0], sizes, reverse)


def _gru_rule(xp, g, input, h0, w_ih, w_hh, b_ih, b_hh, out, sizes, reverse):
    return xp.gru_layer_gradient(g[0], g[1], input, h0, w_ih, w_hh, b_ih, b_hh, out[0], out[2], out[3], sizes, reverse)


@op(joint=_gru_rule, outputs=4, public=False, method=False, again=True)
def gru_layer(xp, input, h0, w_ih, w_hh, b_ih: Array | None, b_hh: Array | None, sizes: tuple, reverse: bool):
    """Outputs and last state of a GRU layer, its gates, and what states contributed to the new ones."""
    return xp.gru_layer(input, h0, w_ih, w_hh, b_ih, b_hh, sizes, reverse)


@op(composite=True, outputs=None, public=False, method=False)
def gru_layer_gradient(
    xp,
    gy,
    gh,
    input,
    h0,
    w_ih,
    w_hh,
    b_ih: Array | None,
    b_hh: Array | None,
    y,
    gates,
    shares,
    sizes: tuple,
    reverse: bool,
):
    """The gradients of `gru_layer` for its six arrays."""
    return xp.vjp(
        lambda *arrays: gru_body(xp, *arrays, sizes, reverse),  # type: ignore[call-arg]
        (input, h0, w_ih, w_hh, b_ih, b_hh),
        (gy, gh),
        lambda: xp.gru_layer_gradient(gy, gh, input, h0, w_ih, w_hh, b_ih, b_hh, y, gates, shares, sizes, reverse),
    )


# ---- plain RNN -------------------------------------------------------------------------------------------------------


def rnn_body(xp, input, h0, w_ih, w_hh, b_ih, b_hh, sizes, reverse, relu):
    def step(gates, states):
        z = gates + _affine(xp, states[0], w_hh, b_hh)
        return [xp.where(z > 0, z, xp.zeros_like(z)) if relu else xp.tanh(z)]

    return _unrolled(xp, step, _affine(xp, input, w_ih, b_ih), [h0], sizes, reverse)


def _rnn_rule(xp, g, input, h0, w_ih, w_hh, b_ih, b_hh, out, sizes, reverse, relu):
    return xp.rnn_layer_gradient(g[0], g[1], input, h0, w_ih, w_hh, b_ih, b_hh, out[0], sizes, reverse, relu)


@op(joint=_rnn_rule, outputs=2, public=False, method=False, again=True)
def rnn_layer(
    xp, input, h0, w_ih, w_hh, b_ih: Array | None, b_hh: Array | None, sizes: tuple, reverse: bool, relu: bool
):
    """Outputs and last state of a layer of `tanh(W x + V h + b)`, or of relu in place of tanh."""
    return xp.rnn_layer(input, h0, w_ih, w_hh, b_ih, b_hh, sizes, reverse, relu)


@op(composite=True, outputs=None, public=False, method=False)
def rnn_layer_gradient(
    xp,
    gy,
    gh,
    input,
    h0,
    w_ih,
    w_hh,
    b_ih: Array | None,
    b_hh: Array | None,
    y,
    sizes: tuple,
    reverse: bool,
    relu: bool,
):
    """The gradients of `rnn_layer` for its six arrays."""
    return xp.vjp(
        lambda *arrays: rnn_body(xp, *arrays, sizes, reverse, relu),  # type: ignore[call-arg]
        (input, h0, w_ih, w_hh, b_ih, b_hh),
        (gy, gh),
        lambda: xp.rnn_layer_gradient(gy, gh, input, h0, w_ih, w_hh, b_ih, b_hh, y, sizes, reverse, relu),
    )
