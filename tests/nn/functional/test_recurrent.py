"""Recurrent networks: a layer is the cell, step by step, and its gradients are right, to the second order."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch
from flambeau.autograd import gradcheck, gradgradcheck

GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}


def draw(seed, *shape):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape) * 0.7).requires_grad_()


def network(mode, layers, directions, biases, projection=0, features=3, size=2):
    """First states and parameters."""
    rows, out = GATES[mode] * size, projection or size
    states = [draw(1, layers * directions, 3, out)]
    if mode == "lstm":
        states.append(draw(2, layers * directions, 3, size))
    params = []
    for layer in range(layers):
        for _ in range(directions):
            seed = 10 * len(params)
            params += [draw(seed, rows, features if layer == 0 else out * directions), draw(seed + 1, rows, out)]
            params += [draw(seed + 2, rows), draw(seed + 3, rows)] if biases else []
            params += [draw(seed + 4, out, size)] if projection else []
    return states, params


def call(mode, x, states, params, biases, layers, both, sizes=None, batch_first=False):
    hx = tuple(states) if mode == "lstm" else states[0]
    settings = (params, biases, layers, 0.0, False, both)
    if sizes is not None:
        return getattr(torch, mode)(x, torch.tensor(sizes), hx, *settings)
    return getattr(torch, mode)(x, hx, *settings, batch_first)


@pytest.mark.parametrize("mode", GATES)
def test_a_layer_is_the_cell_step_by_step(mode):
    states, params = network(mode, 1, 1, True)
    x = draw(7, 4, 3, 3)
    y, *last = call(mode, x, states, params, True, 1, False)
    hx = [s[0] for s in states]
    for t in range(4):
        new = getattr(torch, f"{mode}_cell")(x[t], tuple(hx) if mode == "lstm" else hx[0], *params)
        hx = list(new) if mode == "lstm" else [new]
        assert torch.allclose(y[t], hx[0])
    for a, b in zip(last, hx, strict=True):
        assert torch.allclose(a[0], b)


@pytest.mark.parametrize("mode", GATES)
@pytest.mark.parametrize("both", [False, True])
def test_a_packed_sequence_is_each_sequence_by_itself(mode, both):
    states, params = network(mode, 2, 1 + both, True)
    lengths, sizes = [4, 2, 1], [3, 2, 1, 1]
    x = draw(7, sum(sizes), 3)
    y, *last = call(mode, x, states, params, True, 2, both, sizes)
    starts = np.cumsum([0, *sizes[:-1]])
    for n, length in enumerate(lengths):
        places = torch.tensor([int(starts[t]) + n for t in range(length)])
        alone = call(mode, x[places][:, None], [s[:, n : n + 1] for s in states], params, True, 2, both)
        assert torch.allclose(y[places], alone[0][:, 0])
        for a, b in zip(last, alone[1:], strict=True):
            assert torch.allclose(a[:, n], b[:, 0])


@pytest.mark.parametrize("mode", GATES)
def test_batch_first_swaps_the_first_two_dims(mode):
    states, params = network(mode, 1, 2, False)
    x = draw(7, 4, 3, 3)
    a = call(mode, x, states, params, False, 1, True)
    b = call(mode, x.transpose(0, 1), states, params, False, 1, True, batch_first=True)
    assert torch.equal(a[0], b[0].transpose(0, 1))
    assert torch.equal(a[1], b[1])


CASES = [(m, b, p, s) for m in ("lstm", "gru", "rnn_tanh") for b, p, s in ((True, 0, None), (False, 0, [3, 2, 1]))]
CASES += [("lstm", True, 1, [3, 1]), ("rnn_relu", True, 0, None)]


@pytest.mark.parametrize("mode, biases, projection, sizes", CASES)
def test_gradients_are_the_numerical_ones_to_the_second_order(mode, biases, projection, sizes):
    states, params = network(mode, 1, 2, biases, projection)
    x = draw(7, 3, 3, 3) if sizes is None else draw(7, sum(sizes), 3)

    def function(x, *rest):
        return call(mode, x, rest[: len(states)], list(rest[len(states) :]), biases, 1, True, sizes)

    assert gradcheck(function, (x, *states, *params), check_undefined_grad=False)
    assert gradgradcheck(function, (x, *states, *params), check_undefined_grad=False)


def test_dropout_between_layers_draws_as_dropout_does():
    states, params = network("gru", 2, 1, True)
    x = draw(7, 4, 3, 3)
    torch.manual_seed(3)
    y, _ = torch.gru(x, states[0], params, True, 2, 0.5, True, False, False)
    first, _ = call("gru", x, [states[0][:1]], params[:4], True, 1, False)
    torch.manual_seed(3)
    second, _ = call("gru", torch.nn.functional.dropout(first, 0.5), [states[0][1:]], params[4:], True, 1, False)
    assert torch.allclose(y, second)


def test_wrong_sizes_are_refused():
    states, params = network("gru", 1, 1, True)
    with pytest.raises(RuntimeError, match="Expected 3, got 4"):
        call("gru", draw(7, 4, 3, 4), states, params, True, 1, False)
    with pytest.raises(RuntimeError, match="Expected hidden"):
        call("gru", draw(7, 4, 2, 3), states, params, True, 1, False)
    with pytest.raises(RuntimeError, match="parameters"):
        call("gru", draw(7, 4, 3, 3), states, params, True, 2, False)
