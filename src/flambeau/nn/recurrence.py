"""Recurrent networks as functions: `torch.lstm`, `torch.gru`, `torch.rnn_tanh`, `torch.rnn_relu` and their cells.

Sequences go through a layer step by step. What the inputs contribute to the gates is one matrix product for all steps;
a step adds what the state contributes. In a packed sequence, the first `batch_sizes[t]` sequences have a step t.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from . import functional as F

# ---- one step: of the inputs' share of the gates and the state, the new state ----------------------------------------


def _tanh_step(gates: Any, state: tuple, weight: Any, bias: Any) -> tuple:
    return (fn.tanh(gates + F.linear(state[0], weight, bias)),)


def _relu_step(gates: Any, state: tuple, weight: Any, bias: Any) -> tuple:
    return (fn.relu(gates + F.linear(state[0], weight, bias)),)


def _lstm_step(gates: Any, state: tuple, weight: Any, bias: Any) -> tuple:
    hidden, cell = state
    enter, forget, new, leave = (gates + F.linear(hidden, weight, bias)).chunk(4, -1)
    cell = fn.sigmoid(forget) * cell + fn.sigmoid(enter) * fn.tanh(new)
    return fn.sigmoid(leave) * fn.tanh(cell), cell


def _gru_step(gates: Any, state: tuple, weight: Any, bias: Any) -> tuple:
    hidden = state[0]
    reset, update, new = gates.chunk(3, -1)
    old_reset, old_update, old_new = F.linear(hidden, weight, bias).chunk(3, -1)
    keep = fn.sigmoid(update + old_update)
    new = fn.tanh(new + fn.sigmoid(reset + old_reset) * old_new)
    return (new + keep * (hidden - new),)


STEPS: dict[str, Callable] = {"RNN_TANH": _tanh_step, "RNN_RELU": _relu_step, "LSTM": _lstm_step, "GRU": _gru_step}

# ---- a layer in one direction ----------------------------------------------------------------------------------------


def _layer(
    step: Callable, input: Any, state: tuple, weights: list, sizes: list[int] | None, backwards: bool
) -> tuple[Any, tuple]:
    """Run a layer over (T, N, …), or over a packed sequence; returns the outputs and the last state."""
    weight_ih, weight_hh, bias_ih, bias_hh, projection = weights
    gates = F.linear(input, weight_ih, bias_ih)
    steps = gates.unbind(0) if sizes is None else gates.split(sizes)
    order = range(len(steps) - 1, -1, -1) if backwards else range(len(steps))
    outputs: list[Any] = [None] * len(steps)
    initial, finished = state, []
    if sizes is not None and backwards:
        state = tuple(s[: sizes[-1]] for s in initial)
    for t in order:
        if sizes is not None:
            state, ended = _fitted(state, initial, sizes[t])
            finished.append(ended)
        state = step(steps[t], state, weight_hh, bias_hh)
        if projection is not None:
            state = (F.linear(state[0], projection), *state[1:])
        outputs[t] = state[0]
    if sizes is None:
        return fn.stack(outputs), state
    # sequences that ended earlier stand behind those that ended later
    ends = [state, *(ended for ended in reversed(finished) if ended is not None)]
    last = tuple(fn.cat([end[i] for end in ends]) if len(ends) > 1 else state[i] for i in range(len(state)))
    return fn.cat(outputs), last


def _fitted(state: tuple, initial: tuple, size: int) -> tuple[tuple, tuple | None]:
    """The state for a step of `size` sequences, and the state of those that ended before it.

    Going backwards, sequences join with their initial state.
    """
    have = state[0].shape[0]
    if size < have:
        return tuple(s[:size] for s in state), tuple(s[size:] for s in state)
    if size > have:
        return tuple(fn.cat([s, start[have:size]]) for s, start in zip(state, initial, strict=True)), None
    return state, None


# ---- the whole network -----------------------------------------------------------------------------------------------


def run(
    mode: str,
    input: Any,
    state: tuple,
    params: Any,
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool = False,
    batch_sizes: Any = None,
) -> tuple[Any, tuple]:
    """All layers in all directions. Returns the outputs and the last states, each (layers * directions, N, size)."""
    sizes = None if batch_sizes is None else batch_sizes.tolist()
    step, directions = STEPS[mode], 2 if bidirectional else 1
    params = list(params)
    each = len(params) // (num_layers * directions)
    starts = [s.unbind(0) for s in state]
    ends: list[tuple] = []
    if batch_first and sizes is None:
        input = input.transpose(0, 1)
    for layer in range(num_layers):
        outputs = []
        for direction in range(directions):
            at = layer * directions + direction
            weights = _named(params[at * each : (at + 1) * each], has_biases)
            output, end = _layer(step, input, tuple(s[at] for s in starts), weights, sizes, direction == 1)
            outputs.append(output)
            ends.append(end)
        input = outputs[0] if directions == 1 else fn.cat(outputs, -1)
        if dropout and train and layer < num_layers - 1:
            input = F.dropout(input, dropout, True)
    last = tuple(fn.stack([end[i] for end in ends]) for i in range(len(state)))
    return (input.transpose(0, 1) if batch_first and sizes is None else input), last


def _named(weights: list, has_biases: bool) -> list:
    """w_ih, w_hh, b_ih, b_hh and w_hr, None for what is not there."""
    w_ih, w_hh, *rest = weights
    b_ih, b_hh = (rest.pop(0), rest.pop(0)) if has_biases else (None, None)
    return [w_ih, w_hh, b_ih, b_hh, rest[0] if rest else None]


def _public(mode: str, name: str) -> Callable:
    """The function of torch: with `hx` second for whole sequences, with `batch_sizes` second for packed ones."""

    def function(input: Any, *args: Any, **kwargs: Any) -> tuple:
        packed = (len(args) > 1 and isinstance(args[0], Tensor) and not isinstance(args[1], (bool, int))) and (
            mode == "LSTM" or isinstance(args[1], Tensor)
        )
        names = ["params", "has_biases", "num_layers", "dropout", "train", "bidirectional", "batch_first"]
        named = dict(zip((["batch_sizes"] if packed else []) + ["hx", *names], args, strict=False), **kwargs)
        hx = named.pop("hx")
        output, last = run(mode, named.pop("data", input), tuple(hx) if mode == "LSTM" else (hx,), **named)
        return output, *last

    function.__name__ = function.__qualname__ = name
    function.__module__ = "torch"
    function.__doc__ = f"All layers of a network of mode {mode}; returns the outputs and the last states."
    return function


lstm = _public("LSTM", "lstm")
gru = _public("GRU", "gru")
rnn_tanh = _public("RNN_TANH", "rnn_tanh")
rnn_relu = _public("RNN_RELU", "rnn_relu")


def lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> tuple[Any, Any]:
    """One step of an LSTM: of input (N, input_size) and state (h, c) the new (h, c)."""
    return _cell("LSTM", input, tuple(hx), w_ih, w_hh, b_ih, b_hh)  # type: ignore[return-value]


def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a GRU: of input (N, input_size) and state (N, hidden_size) the new state."""
    return _cell("GRU", input, (hx,), w_ih, w_hh, b_ih, b_hh)[0]


def rnn_tanh_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of an RNN with tanh."""
    return _cell("RNN_TANH", input, (hx,), w_ih, w_hh, b_ih, b_hh)[0]


def rnn_relu_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of an RNN with ReLU."""
    return _cell("RNN_RELU", input, (hx,), w_ih, w_hh, b_ih, b_hh)[0]


GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def _cell(mode: str, input: Any, state: tuple, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> tuple:
    if input.shape[1] != w_ih.shape[1]:
        raise RuntimeError(
            f"input has inconsistent input_size: got {input.shape[1]} expected {w_ih.shape[1]}\n"
            f"  input: {tuple(input.shape)}, (batch, input_size)."
        )
    for i, hidden in enumerate(state):
        if input.shape[0] != hidden.shape[0]:
            raise RuntimeError(
                f"Input batch size {input.shape[0]} doesn't match hidden{i} batch size {hidden.shape[0]}"
            )
        expected = w_hh.shape[1] if i == 0 else w_ih.shape[0] // GATES[mode]
        if hidden.shape[1] != expected:
            raise RuntimeError(
                f"hidden{i} has inconsistent hidden_size: got {hidden.shape[1]}, expected {expected}\n"
                f"  hidden: {tuple(hidden.shape)}, (batch, hidden_size)."
            )
    return STEPS[mode](F.linear(input, w_ih, b_ih), state, w_hh, b_hh)
