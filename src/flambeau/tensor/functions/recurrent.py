"""Recurrent networks as functions: all layers and directions of an RNN, LSTM or GRU over sequences, and single "
"cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import rows
from ..public import public
from ..tensor import Tensor
from . import join, neural, products, shape

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


# ---- one layer in one direction --------------------------------------------------------------------------------------


def _lstm(x: Tensor, state: Sequence[Tensor], w: list, sizes: tuple, reverse: bool) -> tuple:
    y, h, c, _, _ = rows.lstm_layer(x, *state, *w, sizes=sizes, reverse=reverse)
    return y, (h, c)


def _gru(x: Tensor, state: Sequence[Tensor], w: list, sizes: tuple, reverse: bool) -> tuple:
    y, h, _, _ = rows.gru_layer(x, *state, *w[:4], sizes=sizes, reverse=reverse)
    return y, (h,)


def _rnn(relu: bool) -> Callable:
    def layer(x: Tensor, state: Sequence[Tensor], w: list, sizes: tuple, reverse: bool) -> tuple:
        y, h = rows.rnn_layer(x, *state, *w[:4], sizes=sizes, reverse=reverse, relu=relu)
        return y, (h,)

    return layer


LAYERS: dict[str, Callable] = {"LSTM": _lstm, "GRU": _gru, "RNN_TANH": _rnn(False), "RNN_RELU": _rnn(True)}


# ---- all layers ------------------------------------------------------------------------------------------------------


def _weights(params: list, has_biases: bool) -> list:
    """w_ih, w_hh, b_ih, b_hh, w_hr of one direction of a layer, None for what is not there."""
    w_ih, w_hh, *rest = params
    b_ih, b_hh = (rest.pop(0), rest.pop(0)) if has_biases else (None, None)
    return [w_ih, w_hh, b_ih, b_hh, rest[0] if rest else None]


def _check(mode: str, x: Tensor, state: Sequence[Tensor], w: list, batch: int) -> None:
    """Raise where the sizes of the inputs, the states and the weights do not fit."""
    w_ih, w_hh = w[0]._array.shape, w[1]._array.shape
    if x._array.shape[-1] != w_ih[1]:
        raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {w_ih[1]}, got {x._array.shape[-1]}")
    wanted = (w_hh[1], w_ih[0] // GATES[mode])
    for i, s in enumerate(state):
        if s._array.shape != (batch, wanted[i]):
            raise RuntimeError(f"Expected hidden[{i}] size {(batch, wanted[i])}, got {list(s._array.shape)}")
    for t in (*w, *state):
        if t is not None and t.dtype is not x.dtype:
            raise RuntimeError(f"expected scalar type {x.dtype.scalar_name} but found {t.dtype.scalar_name}")


def network(
    mode: str, x: Tensor, sizes: tuple, state: Sequence[Tensor], params: Any, has_biases: bool, num_layers: int,
    dropout: float, train: bool, bidirectional: bool,
) -> tuple:  # fmt: skip
    """All layers over the steps `x` (all steps, features), `sizes[t]` sequences at step t: outputs and last states."""
    if not sizes:
        raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
    directions = 2 if bidirectional else 1
    params = list(params)
    each = (4 if has_biases else 2) + (
        1 if mode == "LSTM" and _projected(params, num_layers, directions, has_biases) else 0
    )
    if len(params) != each * num_layers * directions:
        raise RuntimeError(
            f"{mode.lower()}: {num_layers} layers in {directions} direction(s) need {each * num_layers * directions} "
            f"parameters, but got {len(params)}"
        )
    ends: list[tuple] = []
    for layer in range(num_layers):
        outputs = []
        for direction in range(directions):
            at = layer * directions + direction
            w = _weights(params[at * each : (at + 1) * each], has_biases)
            start = [s[at] for s in state]
            _check(mode, x, start, w, sizes[0])
            y, end = LAYERS[mode](x, start, w, sizes, direction == 1)
            outputs.append(y)
            ends.append(end)
        x = outputs[0] if directions == 1 else join.cat(outputs, -1)
        if dropout and train and layer < num_layers - 1:
            x = neural.dropout(x, dropout, True)
    return (x, *[join.stack([end[i] for end in ends]) for i in range(len(state))])


def _projected(params: list, num_layers: int, directions: int, has_biases: bool) -> bool:
    return len(params) == (5 if has_biases else 3) * num_layers * directions


def run(
    mode: str, input: Tensor, state: Sequence[Tensor], params: Any, has_biases: bool, num_layers: int, dropout: float,
    train: bool, bidirectional: bool, batch_first: bool = False, batch_sizes: Tensor | None = None,
) -> tuple[Tensor, tuple]:  # fmt: skip
    """All layers over sequences (T, N, features), (N, T, features) with batch_first, or over a packed sequence.

    Returns the outputs, and the last states as a tuple.
    """
    settings = (state, params, has_biases, num_layers, dropout, train, bidirectional)
    if batch_sizes is not None:
        y, *last = network(mode, input, tuple(batch_sizes._array.tolist()), *settings)
        return y, tuple(last)
    if batch_first:
        input = rows.transpose(input, 0, 1)
    steps, batch, features = input._array.shape
    flat = shape.reshape(input, (steps * batch, features))
    y, *last = network(mode, flat, (batch,) * steps, *settings)
    y = shape.reshape(y, (steps, batch, y._array.shape[1]))
    return (rows.transpose(y, 0, 1) if batch_first else y), tuple(last)


NAMES = ("params", "has_biases", "num_layers", "dropout", "train", "bidirectional", "batch_first")


def _given(name: str, input: Any, args: tuple, kwargs: dict, several: bool) -> tuple:
    """The arguments of the two signatures: packed (data, batch_sizes, hx, params, …) or whole (input, hx, params, "
    "…)."""
    is_state = (lambda v: isinstance(v, (tuple, list))) if several else (lambda v: isinstance(v, Tensor))
    packed = "batch_sizes" in kwargs or (
        len(args) > 0 and isinstance(args[0], Tensor) and (several or (len(args) > 1 and is_state(args[1])))
    )
    names = ("batch_sizes", "hx", *NAMES[:-1]) if packed else ("hx", *NAMES)
    values = dict(zip(names, args, strict=False))
    if len(args) > len(names) or any(k not in names or k in values for k in kwargs):
        raise TypeError(f"{name}() received an invalid combination of arguments")
    values.update(kwargs)
    missing = [n for n in names if n not in values]
    if missing or not isinstance(input, Tensor):
        raise TypeError(
            f"{name}() received an invalid combination of arguments"
            + (
                f"\n  missing: {', '.join(missing)}"
                if missing
                else f"\n  input is a {type(input).__name__}, not a Tensor"
            )
        )
    return packed, [values[n] for n in names]


def _run(name: str, mode: str, input: Any, args: tuple, kwargs: dict) -> tuple:
    several = mode == "LSTM"
    packed, values = _given(name, input, args, kwargs, several)
    at = 1 if packed else 0
    hx = values[at]
    if several:
        if not isinstance(hx, (tuple, list)) or len(hx) != 2:
            raise RuntimeError("lstm expects two hidden states")
        state = tuple(hx)
    else:
        state = (hx,)
    if packed:
        output, last = run(mode, input, state, *values[2:], batch_sizes=values[0])  # type: ignore[misc]
    else:
        output, last = run(mode, input, state, *values[1:])
    return output, *last


@public(method=False)
def lstm(input, *args, **kwargs):
    """All layers of an LSTM over sequences (T, N, features), or over a packed sequence.

    lstm(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first), or
    lstm(data, batch_sizes, hx, params, has_biases, num_layers, dropout, train, bidirectional). hx: the first hidden
    states and cells, each (layers * directions, N, size). params: for each layer and direction w_ih, w_hh, then b_ih,
    b_hh with `has_biases`, then w_hr for projected states. Returns outputs, last hidden states and last cells.

    >>> w = [ones(8, 3), ones(8, 2)]
    >>> y, h, c = lstm(ones(5, 1, 3), (zeros(1, 1, 2), zeros(1, 1, 2)), w, False, 1, 0.0, False, False, False)
    >>> y.shape
    torch.Size([5, 1, 2])
    """
    return _run("lstm", "LSTM", input, args, kwargs)


@public(method=False)
def gru(input, *args, **kwargs):
    """All layers of a GRU. As `lstm`, with one state: returns outputs and last hidden states.

    >>> y, h = gru(ones(5, 1, 3), zeros(1, 1, 2), [ones(6, 3), ones(6, 2)], False, 1, 0.0, False, False, False)
    >>> y.shape
    torch.Size([5, 1, 2])
    """
    return _run("gru", "GRU", input, args, kwargs)


@public(method=False)
def rnn_tanh(input, *args, **kwargs):
    """All layers of a plain RNN with tanh. As `lstm`, with one state: returns outputs and last hidden states."""
    return _run("rnn_tanh", "RNN_TANH", input, args, kwargs)


@public(method=False)
def rnn_relu(input, *args, **kwargs):
    """All layers of a plain RNN with relu. As `lstm`, with one state: returns outputs and last hidden states."""
    return _run("rnn_relu", "RNN_RELU", input, args, kwargs)


# ---- cells -----------------------------------------------------------------------------------------------------------


def _check_cell(mode: str, input: Tensor, state: Sequence[Tensor], w_ih: Tensor, w_hh: Tensor) -> None:
    x, features = input._array.shape, w_ih._array.shape[1]
    if x[-1] != features:
        raise RuntimeError(
            f"input has inconsistent input_size: got {x[-1]} expected {features}\n  input: {x}, (batch, input_size)."
        )
    for i, s in enumerate(state):
        wanted = w_hh._array.shape[1] if i == 0 else w_ih._array.shape[0] // GATES[mode]
        if x[0] != s._array.shape[0]:
            raise RuntimeError(f"Input batch size {x[0]} doesn't match hidden{i} batch size {s._array.shape[0]}")
        if s._array.shape[-1] != wanted:
            raise RuntimeError(f"hidden{i} has inconsistent hidden_size: got {s._array.shape[-1]}, expected {wanted}")


def _gates(input: Tensor, hidden: Tensor, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> tuple[Tensor, Tensor]:
    return products.linear(input, w_ih, b_ih), products.linear(hidden, w_hh, b_hh)


@public(method=False)
def lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of an LSTM: the new hidden state and cell for input (N, features) and `hx`, the pair of the old ones."""
    if len(hx) != 2:
        raise RuntimeError("lstm_cell expects two hidden states")
    hidden, cell = hx
    _check_cell("LSTM", input, (hidden, cell), w_ih, w_hh)
    own, old = _gates(input, hidden, w_ih, w_hh, b_ih, b_hh)
    i, f, new, o = (own + old).chunk(4, 1)
    cell = f.sigmoid() * cell + i.sigmoid() * new.tanh()
    return o.sigmoid() * cell.tanh(), cell


@public(method=False)
def gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of a GRU: the new state for input (N, features) and the old state `hx`."""
    _check_cell("GRU", input, (hx,), w_ih, w_hh)
    own, old = _gates(input, hx, w_ih, w_hh, b_ih, b_hh)
    reset, update, new = own.chunk(3, 1)
    old_reset, old_update, old_new = old.chunk(3, 1)
    update = (update + old_update).sigmoid()
    new = (new + (reset + old_reset).sigmoid() * old_new).tanh()
    return (hx - new) * update + new


@public(method=False)
def rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of a plain RNN with tanh: the new state for input (N, features) and the old state `hx`."""
    _check_cell("RNN_TANH", input, (hx,), w_ih, w_hh)
    own, old = _gates(input, hx, w_ih, w_hh, b_ih, b_hh)
    return (own + old).tanh()


@public(method=False)
def rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of a plain RNN with relu: the new state for input (N, features) and the old state `hx`."""
    _check_cell("RNN_RELU", input, (hx,), w_ih, w_hh)
    own, old = _gates(input, hx, w_ih, w_hh, b_ih, b_hh)
    return (own + old).relu()
