"""Recurrent networks: RNN, LSTM, GRU, of several layers and directions, and their cells for one step."""

from __future__ import annotations

import math
import warnings
from numbers import Number
from typing import Any

from ... import config
from ...tensor import functions as fn
from ...tensor.tensor import Parameter, Tensor
from .. import init
from ..module import Module
from ..utils.rnn import PackedSequence

__all__ = ["RNNBase", "RNN", "LSTM", "GRU", "RNNCellBase", "RNNCell", "LSTMCell", "GRUCell"]


# how many vectors of hidden_size each mode's weights make of an input
GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def apply_permutation(tensor: Any, permutation: Any, dim: int = 1) -> Any:
    """The older name of `tensor.index_select(dim, permutation)`."""
    warnings.warn(
        "`apply_permutation` is deprecated, please use `tensor.index_select(dim, permutation)` instead",
        FutureWarning,
        stacklevel=2,
    )
    return tensor.index_select(dim, permutation)


class RNNBase(Module):
    """What RNN, LSTM and GRU share.

    Weights of layer k: `weight_ih_l{k}`, `weight_hh_l{k}`, `bias_ih_l{k}`, `bias_hh_l{k}`, and `weight_hr_l{k}` of a
    projection; those of the other direction end in `_reverse`.
    """

    __constants__ = ("mode input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size").split()

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        _check_dropout(dropout, num_layers)
        _check_sizes(bias, batch_first, input_size, hidden_size, num_layers, proj_size)
        if mode not in GATES:
            raise ValueError(f"Unrecognized RNN mode: {mode}")
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._all_weights = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse")[: self._directions]:
                shapes = self._shapes(layer)
                for name, shape in shapes.items():
                    weight = Parameter(fn.empty(shape, device=device, dtype=dtype))
                    setattr(self, f"{name}_l{layer}{suffix}", weight)
                self._all_weights.append([f"{name}_l{layer}{suffix}" for name in shapes])
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        """The shapes of a layer's weights in one direction."""
        gates = GATES[self.mode] * self.hidden_size
        output = self.proj_size or self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (gates, self.input_size if layer == 0 else output * self._directions),
            "weight_hh": (gates, output),
        }
        if self.bias:
            shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        return shapes

    def reset_parameters(self) -> None:
        """Draw all weights anew: uniform numbers within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for names in self._all_weights for name in names]

    @property
    def _flat_weights(self) -> list[Any]:
        return [getattr(self, name) for name in self._flat_weights_names]

    @property
    def all_weights(self) -> list[list[Any]]:
        """The weights, a list for each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def flatten_parameters(self) -> None:
        """For GPUs, where weights are put side by side; on the CPU there is nothing to do."""

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        usual = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        for name, value in usual.items():
            if getattr(self, name) != value:
                text += f", {name}={getattr(self, name)}"
        return text

    def __setstate__(self, state: dict[str, Any]) -> None:
        # what PyTorch's pickles hold, and is computed here
        state = {k: v for k, v in state.items() if k not in ("_flat_weights", "_flat_weights_names", "all_weights")}
        super().__setstate__(state)
        self.__dict__.setdefault("proj_size", 0)

    # ---- checks ------------------------------------------------------------------------------------------------------

    def check_input(self, input: Any, batch_sizes: Any) -> None:
        """Raise unless the input fits."""
        dtype = self.weight_ih_l0.dtype
        if input.dtype != dtype and config.modes().autocast is None:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({dtype}). Convert input: "
                f"input.to({dtype}), or convert model: model.to({input.dtype})"
            )
        dims = 3 if batch_sizes is None else 2
        if input.ndim != dims:
            raise RuntimeError(f"input must have {dims} dimensions, got {input.ndim}")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.shape[-1]}"
            )

    def get_expected_hidden_size(self, input: Any, batch_sizes: Any) -> tuple[int, int, int]:
        """The shape of the hidden state for an input."""
        return self._state_shape(input, batch_sizes, self.proj_size or self.hidden_size)

    def _state_shape(self, input: Any, batch_sizes: Any, size: int) -> tuple[int, int, int]:
        batch = input.shape[0 if self.batch_first else 1] if batch_sizes is None else int(batch_sizes[0])
        return self.num_layers * self._directions, batch, size

    def check_hidden_size(
        self, hx: Any, expected_hidden_size: tuple[int, ...], msg: str = "Expected hidden size {}, got {}"
    ) -> None:
        """Raise unless a state has its shape."""
        if tuple(hx.shape) != expected_hidden_size:
            raise RuntimeError(msg.format(expected_hidden_size, list(hx.shape)))

    def check_forward_args(self, input: Any, hidden: Any, batch_sizes: Any) -> None:
        """Raise unless input and state fit."""
        self.check_input(input, batch_sizes)
        self.check_hidden_size(hidden, self.get_expected_hidden_size(input, batch_sizes))

    def permute_hidden(self, hx: Any, permutation: Any) -> Any:
        """A state in another order of the batch."""
        return hx if permutation is None else hx.index_select(1, permutation)

    # ---- computation -------------------------------------------------------------------------------------------------

    # the states' names in messages about a wrong number of dimensions
    _state_words = "hx should also be"

    def _run(self, input: Any, batch_sizes: Any, state: tuple) -> tuple[Any, tuple]:
        run = getattr(fn, self.mode.lower())
        hx = state if self.mode == "LSTM" else state[0]
        settings = (self._flat_weights, self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        if batch_sizes is None:
            output, *last = run(input, hx, *settings, self.batch_first)
        else:
            output, *last = run(input, batch_sizes, hx, *settings)
        return output, tuple(last)

    def _zeros(self, input: Any, batch_sizes: Any) -> Any:
        """The state to start from."""
        return input.new_zeros(self.get_expected_hidden_size(input, batch_sizes))

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Run over sequences (T, N, input_size), batch first if so set, without N, or packed, from state `hx`."""
        if isinstance(input, PackedSequence):
            data, batch_sizes, order, back = input
            hx = self._zeros(data, batch_sizes) if hx is None else self.permute_hidden(hx, order)
            self.check_forward_args(data, hx, batch_sizes)
            output, last = self._run(data, batch_sizes, self._as_tuple(hx))
            return PackedSequence(output, batch_sizes, order, back), self.permute_hidden(self._from_tuple(last), back)
        if input.ndim not in (2, 3):
            word = "tensor " if type(self) is RNN else ""
            raise ValueError(f"{self._family}: Expected input to be 2D or 3D, got {input.ndim}D {word}instead")
        batched = input.ndim == 3
        if hx is not None:
            self._check_dims(hx, batched)
        batch_dim = 0 if self.batch_first else 1
        if not batched:
            input = input.unsqueeze(batch_dim)
            hx = None if hx is None else self._from_tuple(tuple(s.unsqueeze(1) for s in self._as_tuple(hx)))
        if hx is None:
            hx = self._zeros(input, None)
        self.check_forward_args(input, hx, None)
        output, last = self._run(input, None, self._as_tuple(hx))
        if not batched:
            output, last = output.squeeze(batch_dim), tuple(s.squeeze(1) for s in last)
        return output, self._from_tuple(last)

    @property
    def _family(self) -> str:
        return self.mode.partition("_")[0]

    def _as_tuple(self, hx: Any) -> tuple:
        return (hx,)

    def _from_tuple(self, state: tuple) -> Any:
        return state[0]

    def _check_dims(self, hx: Any, batched: bool) -> None:
        if hx.ndim != (3 if batched else 2):
            which = "batched 3-D" if batched else "unbatched 2-D"
            raise RuntimeError(
                f"For {which} input, hx should also be {3 if batched else 2}-D but got {hx.ndim}-D tensor"
            )


def _check_dropout(dropout: Any, num_layers: int) -> None:
    if not isinstance(dropout, Number) or isinstance(dropout, bool) or not 0 <= dropout <= 1:  # type: ignore[operator]
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
        )
    if dropout > 0 and num_layers == 1:  # type: ignore[operator]
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers "
            f"greater than 1, but got dropout={dropout} and num_layers={num_layers}",
            stacklevel=4,
        )


def _check_sizes(
    bias: Any, batch_first: Any, input_size: Any, hidden_size: Any, num_layers: int, proj_size: int
) -> None:
    for name, value, kind in (
        ("bias", bias, bool),
        ("batch_first", batch_first, bool),
        ("input_size", input_size, int),
        ("hidden_size", hidden_size, int),
    ):
        if not isinstance(value, kind):
            raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
        if kind is int and value <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if num_layers <= 0:
        raise ValueError("num_layers must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")


def _without_projection(kwargs: dict[str, Any]) -> None:
    if "proj_size" in kwargs:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class RNN(RNNBase):
    """Layers of `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)`, or with ReLU (Elman 1990).

    Takes `input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False, dropout=0.0,
    bidirectional=False`. Returns the outputs (T, N, hidden_size) and the last state (num_layers, N, hidden_size).

    >>> output, last = RNN(3, 4)(zeros(5, 2, 3))
    >>> output.shape, last.shape
    (torch.Size([5, 2, 4]), torch.Size([1, 2, 4]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _without_projection(kwargs)
        if len(args) > 3:
            nonlinearity, args = args[3], (*args[:3], *args[4:])
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        self.nonlinearity = nonlinearity
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)


class LSTM(RNNBase):
    """Layers with a cell state, and gates for what enters, stays and leaves (Hochreiter and Schmidhuber 1997).

    Takes `input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
    proj_size=0`. Returns the outputs (T, N, hidden_size) and the last `(h, c)`, each (num_layers, N, hidden_size).

    >>> output, (h, c) = LSTM(3, 4, num_layers=2)(zeros(5, 2, 3))
    >>> output.shape, h.shape, c.shape
    (torch.Size([5, 2, 4]), torch.Size([2, 2, 4]), torch.Size([2, 2, 4]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def get_expected_cell_size(self, input: Any, batch_sizes: Any) -> tuple[int, int, int]:
        """The shape of the cell state for an input."""
        return self._state_shape(input, batch_sizes, self.hidden_size)

    def check_forward_args(self, input: Any, hidden: Any, batch_sizes: Any) -> None:
        """Raise unless input and states fit."""
        self.check_input(input, batch_sizes)
        shapes = (self.get_expected_hidden_size(input, batch_sizes), self.get_expected_cell_size(input, batch_sizes))
        for i, shape in enumerate(shapes):
            self.check_hidden_size(hidden[i], shape, f"Expected hidden[{i}] size {{}}, got {{}}")

    def permute_hidden(self, hx: Any, permutation: Any) -> Any:
        """The states in another order of the batch."""
        return hx if permutation is None else tuple(s.index_select(1, permutation) for s in hx)

    def _zeros(self, input: Any, batch_sizes: Any) -> Any:
        return (
            input.new_zeros(self.get_expected_hidden_size(input, batch_sizes)),
            input.new_zeros(self.get_expected_cell_size(input, batch_sizes)),
        )

    def _as_tuple(self, hx: Any) -> tuple:
        return tuple(hx)

    def _from_tuple(self, state: tuple) -> Any:
        return state

    def _check_dims(self, hx: Any, batched: bool) -> None:
        dims = 3 if batched else 2
        if hx[0].ndim != dims or hx[1].ndim != dims:
            which = "batched 3-D" if batched else "unbatched 2-D"
            raise RuntimeError(
                f"For {which} input, hx and cx should also be {dims}-D but got ({hx[0].ndim}-D, {hx[1].ndim}-D) tensors"
            )


class GRU(RNNBase):
    """Layers with gates for what is forgotten and what is renewed (Cho et al. 2014).

    Takes `input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False`.
    Returns the outputs (T, N, hidden_size) and the last state (num_layers, N, hidden_size).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _without_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)


# ---- cells -----------------------------------------------------------------------------------------------------------


class RNNCellBase(Module):
    """What the cells share: the weights of one step."""

    __constants__ = ["input_size", "hidden_size", "bias"]
    bias_ih: Any
    bias_hh: Any

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates = num_chunks * hidden_size
        self.weight_ih = Parameter(fn.empty((gates, input_size), device=device, dtype=dtype))
        self.weight_hh = Parameter(fn.empty((gates, hidden_size), device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(fn.empty(gates, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights anew: uniform numbers within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text

    def _step(self, cell: Any, input: Any, state: Any) -> Any:
        return cell(input, state, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)

    def _checked(self, input: Any, hx: Any) -> tuple[Any, Any]:
        """Input and state with a batch dimension; a state of zeros where none is given."""
        name = type(self).__name__
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        if hx is not None and hx.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected hidden to be 1D or 2D, got {hx.ndim}D instead")
        batched = input.ndim == 2
        input = input if batched else input.unsqueeze(0)
        if hx is None:
            return input, input.new_zeros(input.shape[0], self.hidden_size)
        return input, hx if batched else hx.unsqueeze(0)


class RNNCell(RNNCellBase):
    """One step `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)`, or with ReLU. x: (N, input_size), h: (N, hidden_size)."""

    __constants__ = ["input_size", "hidden_size", "bias", "nonlinearity"]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=1, device=device, dtype=dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        x, h = self._checked(input, hx)
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        cell = fn.rnn_tanh_cell if self.nonlinearity == "tanh" else fn.rnn_relu_cell
        new = self._step(cell, x, h)
        return new if input.ndim == 2 else new.squeeze(0)


class LSTMCell(RNNCellBase):
    """One step of an LSTM. input: (N, input_size), state: (h, c), each (N, hidden_size). Returns the new (h, c)."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=4, device=device, dtype=dtype)

    def forward(self, input: Any, hx: Any = None) -> tuple[Tensor, Tensor]:
        for i, state in enumerate(hx or ()):
            if state.ndim not in (1, 2) and input.ndim in (1, 2):
                raise ValueError(f"LSTMCell: Expected hx[{i}] to be 1D or 2D, got {state.ndim}D instead")
        x, h = self._checked(input, None if hx is None else hx[0])
        if hx is None:
            state = (h, h)
        else:
            state = (h, hx[1] if input.ndim == 2 else hx[1].unsqueeze(0))
        new_h, new_c = self._step(fn.lstm_cell, x, state)
        return (new_h, new_c) if input.ndim == 2 else (new_h.squeeze(0), new_c.squeeze(0))


class GRUCell(RNNCellBase):
    """One step of a GRU. input: (N, input_size), h: (N, hidden_size). Returns the new h."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=3, device=device, dtype=dtype)

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        x, h = self._checked(input, hx)
        new = self._step(fn.gru_cell, x, h)
        return new if input.ndim == 2 else new.squeeze(0)
