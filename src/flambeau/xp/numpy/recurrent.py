"""Recurrent layers over whole sequences: the kernels of the rows in ops/rnn.py.

All steps lie one after another in one array, of `sizes[t]` sequences at step t (fewer and fewer in a packed sequence);
what inputs contribute to the gates is one product for all steps. Forward keeps the gates. Backward works out, for all
steps at once, everything that does not depend on later steps; a step is then two or three multiplications and a
product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np


def _steps(sizes: Sequence[int], reverse: bool) -> list[tuple[int, int]]:
    """Where each step's sequences begin and end, in the order of computing."""
    steps, at = [], 0
    for n in sizes:
        steps.append((at, at + n))
        at += n
    return steps[::-1] if reverse else steps


def _before(states: Any, start: Any, steps: list[tuple[int, int]]) -> Any:
    """For each sequence at each step the state before it: that of the step computed before, or the initial one."""
    result = np.empty((len(states), start.shape[1]), states.dtype)
    a, b = steps[0]
    result[a:b] = start[: b - a]
    for (c, d), (a, b) in zip(steps, steps[1:], strict=False):
        same = min(d - c, b - a)
        result[a : a + same] = states[c : c + same]
        result[a + same : b] = start[same : b - a]
    return result


def _inputs_share(x: Any, weight: Any, bias: Any) -> Any:
    gates = np.matmul(x, weight.T)
    return gates if bias is None else np.add(gates, bias, out=gates)


def _sigmoid(x: Any) -> None:
    """In place; by tanh, which NumPy computes several elements at a time."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5


def _back(steps: list[tuple[int, int]], gy: Any, gh: Any) -> Iterator[tuple[int, int, Any]]:
    """The steps in reverse, and the gradient that arrives at the state of each, to be overwritten with the one "
    "before's."""
    for a, b in reversed(steps):
        g = gh[: b - a]
        g += gy[a:b]
        yield a, b, g


def vjp(body: Any, inputs: Any, grads: Any, kernel: Any) -> Any:
    """The gradients of `body(*inputs)` given those of its results; on arrays, `kernel()` computes them."""
    return kernel()


# ---- LSTM ------------------------------------------------------------------------------------------------------------


def _sorted_gates(w: Any) -> Any:
    """Rows for the gates (in, forget, new, out) as (in, forget, out, new), so that the three sigmoids stand "
    "together."""
    if w is None:
        return None
    h = len(w) // 4
    return np.concatenate([w[: 2 * h], w[3 * h :], w[2 * h : 3 * h]])


def lstm_layer(
    x: Any, h0: Any, c0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any, sizes: Sequence[int], reverse: bool
) -> tuple[Any, ...]:
    """Outputs, last hidden state and cell of a layer, and what backward needs: gates and cells of every step."""
    size = len(w_hh) // 4
    bias = None if b_ih is None else _sorted_gates(b_ih + b_hh)
    # what enters the sigmoids is halved: `sigmoid(z)` is `tanh(z / 2) / 2 + 1 / 2`, and one tanh serves all gates
    half = np.ones((4, size, 1), x.dtype)
    half[:3] = 0.5
    half = half.reshape(4 * size, 1)
    if bias is not None:
        bias *= half[:, 0]
    gates = _inputs_share(x, _sorted_gates(w_ih) * half, bias)
    across = np.ascontiguousarray((_sorted_gates(w_hh) * half).T)
    cells = np.empty((len(x), size), gates.dtype)
    y = np.empty((len(x), size if w_hr is None else len(w_hr)), gates.dtype)
    h, c = h0.copy(), c0.copy()
    share, scratch = np.empty((len(h0), 4 * size), gates.dtype), np.empty((len(h0), size), gates.dtype)
    for a, b in _steps(sizes, reverse):
        n = b - a
        z, old, part = gates[a:b], c[:n], scratch[:n]
        z += np.matmul(h[:n], across, out=share[:n])
        np.tanh(z, out=z)
        sigmoids, new = z[:, : 3 * size], z[:, 3 * size :]
        sigmoids *= 0.5
        sigmoids += 0.5
        old *= z[:, size : 2 * size]
        old += np.multiply(z[:, :size], new, out=part)
        cells[a:b] = old
        np.tanh(old, out=part)
        if w_hr is None:
            h[:n] = np.multiply(part, z[:, 2 * size : 3 * size], out=y[a:b])
        else:
            part *= z[:, 2 * size : 3 * size]
            h[:n] = np.matmul(part, w_hr.T, out=y[a:b])
    return y, h, c, gates, cells


def lstm_layer_gradient(
    gy: Any, gh: Any, gc: Any, x: Any, h0: Any, c0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, w_hr: Any,
    y: Any, gates: Any, cells: Any, sizes: Sequence[int], reverse: bool,
) -> tuple[Any, ...]:  # fmt: skip
    """The gradients of `lstm_layer` for its eight arrays."""
    size = len(w_hh) // 4
    steps = _steps(sizes, reverse)
    i, f, o, new = (gates[:, k * size : (k + 1) * size] for k in range(4))
    tanh = np.tanh(cells)
    # the derivatives of the cell (of the hidden state, for the output gate) for what enters the gates
    slopes = np.empty((len(x), 4, size), gates.dtype)
    np.multiply(new * i, 1 - i, out=slopes[:, 0])
    np.multiply(_before(cells, c0, steps) * f, 1 - f, out=slopes[:, 1])
    np.multiply(tanh * o, 1 - o, out=slopes[:, 2])
    np.multiply(i, 1 - new * new, out=slopes[:, 3])
    through = o * (1 - tanh * tanh)
    flat = slopes.reshape(len(x), 4 * size)
    across = np.ascontiguousarray(_sorted_gates(w_hh))
    gh, gc = gh.copy(), gc.copy()
    projected = None if w_hr is None else np.empty((len(x), len(w_hr)), gates.dtype)
    for a, b, g in _back(steps, gy, gh):
        n, s = b - a, slopes[a:b]
        hidden = g
        if projected is not None:
            projected[a:b] = g
            hidden = np.matmul(g, w_hr)
        cell = gc[:n]
        cell += np.multiply(through[a:b], hidden, out=through[a:b])
        s[:, :2] *= cell[:, None]
        s[:, 2] *= hidden
        s[:, 3] *= cell
        np.matmul(flat[a:b], across, out=g)
        cell *= f[a:b]
    gradients = _sum_up(flat, x, _before(y, h0, steps), w_ih, b_ih, _sorted_gates, _unsorted_gates)
    gx, gw_ih, gw_hh, gb = gradients
    gw_hr = None if projected is None else np.matmul(projected.T, o * tanh)
    return gx, gh, gc, gw_ih, gw_hh, gb, gb, gw_hr


def _unsorted_gates(w: Any) -> Any:
    h = len(w) // 4
    return np.concatenate([w[: 2 * h], w[3 * h :], w[2 * h : 3 * h]])


def _sum_up(g: Any, x: Any, before: Any, w_ih: Any, b_ih: Any, order: Any, back: Any) -> tuple[Any, ...]:
    """Of the gradient for what enters the gates those for the inputs, both matrices and the bias."""
    gx = np.matmul(g, order(w_ih))
    gb = None if b_ih is None else back(g.sum(0))
    return gx, back(np.matmul(g.T, x)), back(np.matmul(g.T, before)), gb


# ---- GRU -------------------------------------------------------------------------------------------------------------


def gru_layer(
    x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, sizes: Sequence[int], reverse: bool
) -> tuple[Any, ...]:
    """Outputs and last state of a layer, and what backward needs: the gates (reset, update, new), the state's share."""
    size = len(w_hh) // 3
    gates = _inputs_share(x, w_ih, b_ih)
    across = np.ascontiguousarray(w_hh.T)
    y, shares = np.empty((len(x), size), gates.dtype), np.empty((len(x), size), gates.dtype)
    h = h0.copy()
    scratch = np.empty((len(h0), 3 * size), gates.dtype)
    for a, b in _steps(sizes, reverse):
        n = b - a
        z, state = gates[a:b], h[:n]
        part = np.matmul(state, across, out=scratch[:n])
        if b_hh is not None:
            part += b_hh
        both, new, own = z[:, : 2 * size], z[:, 2 * size :], shares[a:b]
        both += part[:, : 2 * size]
        _sigmoid(both)
        own[...] = part[:, 2 * size :]
        new += np.multiply(z[:, :size], own, out=part[:, :size])
        np.tanh(new, out=new)
        # new + update * (state - new)
        state -= new
        state *= z[:, size : 2 * size]
        state += new
        y[a:b] = state
    return y, h, gates, shares


def gru_layer_gradient(
    gy: Any, gh: Any, x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, y: Any, gates: Any, shares: Any,
    sizes: Sequence[int], reverse: bool,
) -> tuple[Any, ...]:  # fmt: skip
    """The gradients of `gru_layer` for its six arrays."""
    size = len(w_hh) // 3
    steps = _steps(sizes, reverse)
    reset, update, new = (gates[:, k * size : (k + 1) * size] for k in range(3))
    before = _before(y, h0, steps)
    slope = (1 - update) * (1 - new * new)
    # the derivatives of the state for what the states before contribute to the gates
    slopes = np.empty((len(x), 3, size), gates.dtype)
    np.multiply(slope * shares, reset * (1 - reset), out=slopes[:, 0])
    np.multiply(before - new, update * (1 - update), out=slopes[:, 1])
    np.multiply(slope, reset, out=slopes[:, 2])
    flat = slopes.reshape(len(x), 3 * size)
    gh = gh.copy()
    for a, b, g in _back(steps, gy, gh):
        slopes[a:b] *= g[:, None]
        slope[a:b] *= g
        g *= update[a:b]
        g += np.matmul(flat[a:b], w_hh)
    gw_hh = np.matmul(flat.T, before)
    gb_hh = None if b_hh is None else flat.sum(0)
    # the inputs' share of the new state is not multiplied by the reset gate
    slopes[:, 2] = slope
    gb_ih = None if b_ih is None else flat.sum(0)
    return np.matmul(flat, w_ih), gh, np.matmul(flat.T, x), gw_hh, gb_ih, gb_hh


# ---- plain RNN -------------------------------------------------------------------------------------------------------


def rnn_layer(
    x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, sizes: Sequence[int], reverse: bool, relu: bool
) -> tuple[Any, ...]:
    """Outputs and last state of a layer of `tanh(W x + V h + b)`, or of relu."""
    y = _inputs_share(x, w_ih, None if b_ih is None else b_ih + b_hh)
    across = np.ascontiguousarray(w_hh.T)
    h = h0.copy()
    for a, b in _steps(sizes, reverse):
        n = b - a
        z = y[a:b]
        z += np.matmul(h[:n], across)
        if relu:
            np.maximum(z, 0, out=z)
        else:
            np.tanh(z, out=z)
        h[:n] = z
    return y, h


def rnn_layer_gradient(
    gy: Any, gh: Any, x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, y: Any, sizes: Sequence[int],
    reverse: bool, relu: bool,
) -> tuple[Any, ...]:  # fmt: skip
    """The gradients of `rnn_layer` for its six arrays."""
    steps = _steps(sizes, reverse)
    slopes = (y > 0).astype(y.dtype) if relu else 1 - y * y
    gh = gh.copy()
    for a, b, g in _back(steps, gy, gh):
        slopes[a:b] *= g
        np.matmul(slopes[a:b], w_hh, out=g)
    same = lambda w: w
    gx, gw_ih, gw_hh, gb = _sum_up(slopes, x, _before(y, h0, steps), w_ih, b_ih, same, same)
    return gx, gh, gw_ih, gw_hh, gb, gb
