"""Sequences of different lengths: padded to one length, or packed, step after step, without padding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ... import dtypes
from ...tensor import functions as fn
from ...tensor.tensor import Tensor

__all__ = (
    "PackedSequence invert_permutation pack_padded_sequence pad_packed_sequence pad_sequence unpad_sequence "
    "pack_sequence unpack_sequence"
).split()


class PackedSequence_(NamedTuple):
    data: Any
    batch_sizes: Any
    sorted_indices: Any
    unsorted_indices: Any


class PackedSequence(PackedSequence_):
    """Sequences without padding: the first steps of all, then the second steps of those that have one, and so on.

    data: (sum of lengths, *). batch_sizes: how many sequences have each step. sorted_indices, unsorted_indices: the
    order of the sequences, and back, where they were sorted by length. Made by `pack_sequence` and
    `pack_padded_sequence`.
    """

    __slots__ = ()

    def __new__(
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        if batch_sizes is None:
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        elif batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually. "
                "They should be instantiated by functions like pack_sequence and pack_padded_sequences in nn.utils.rnn."
                " https://pytorch.org/docs/stable/nn.html#torch.nn.utils.rnn.pack_sequence"
            )
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def __getnewargs__(self) -> tuple:
        return tuple(self)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The data on another device or in another dtype; the sequence itself where nothing changes."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        moved = [i if i is None else i.to(data.device) for i in (self.sorted_indices, self.unsorted_indices)]
        return type(self)(data, self.batch_sizes, *moved)

    def cpu(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The sequence on the CPU."""
        return self.to(*args, **{"device": "cpu", **kwargs})

    def cuda(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The sequence on a GPU."""
        return self.to(*args, **{"device": "cuda", **kwargs})

    def pin_memory(self) -> PackedSequence:
        """The sequence in memory that a GPU can read directly."""
        tensors = (self.data, self.sorted_indices, self.unsorted_indices)
        data, order, back = (t if t is None else t.pin_memory() for t in tensors)
        return type(self)(data, self.batch_sizes, order, back)

    def double(self) -> PackedSequence:
        return self.to(dtype=dtypes.float64)

    def float(self) -> PackedSequence:
        return self.to(dtype=dtypes.float32)

    def half(self) -> PackedSequence:
        return self.to(dtype=dtypes.float16)

    def long(self) -> PackedSequence:
        return self.to(dtype=dtypes.int64)

    def int(self) -> PackedSequence:
        return self.to(dtype=dtypes.int32)

    def short(self) -> PackedSequence:
        return self.to(dtype=dtypes.int16)

    def char(self) -> PackedSequence:
        return self.to(dtype=dtypes.int8)

    def byte(self) -> PackedSequence:
        return self.to(dtype=dtypes.uint8)

    @property
    def is_cuda(self) -> bool:
        return self.data.is_cuda

    def is_pinned(self) -> bool:
        """Whether the data is in pinned memory."""
        return self.data.is_pinned()


def invert_permutation(permutation: Any) -> Any:
    """The permutation that undoes another one. None stays None."""
    return None if permutation is None else fn.argsort(permutation)


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack padded sequences (T, N, *), or (N, T, *) where `batch_first`, of the given lengths.

    enforce_sorted: refuse sequences that are not sorted by length, the longest first, instead of sorting them.

    >>> pack_padded_sequence(tensor([[1, 2], [3, 0]]), [2, 1], batch_first=True).data
    tensor([1, 3, 2])
    """
    lengths = fn.as_tensor(lengths, dtype=dtypes.int64) if not isinstance(lengths, Tensor) else lengths
    if lengths.device.type != "cpu":
        raise RuntimeError(f"'lengths' argument should be a 1D CPU int64 tensor, but got {lengths.dim()}D "
                           f"{lengths.device} {lengths.dtype.scalar_name} tensor")  # fmt: skip
    sizes = lengths.tolist()
    order = None
    if not enforce_sorted:
        _, order = fn.sort(lengths, descending=True)
        input = input.index_select(0 if batch_first else 1, order)
        sizes = [sizes[i] for i in order.tolist()]
    steps = input.transpose(0, 1) if batch_first else input
    _check_lengths(sizes, steps)
    batch_sizes = [sum(size > t for size in sizes) for t in range(sizes[0])]
    data = fn.cat([steps[t, :size] for t, size in enumerate(batch_sizes)])
    return PackedSequence(data, fn.tensor(batch_sizes, dtype=dtypes.int64), order)


def _check_lengths(sizes: list[int], steps: Any) -> None:
    if steps.numel() == 0:
        raise RuntimeError("Cannot pack empty tensors.")
    if len(sizes) != steps.shape[1]:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(sizes)} (batch_size={steps.shape[1]})"
        )
    if min(sizes) <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if any(before < after for before, after in zip(sizes, sizes[1:], strict=False)):
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you "
            "do not need ONNX exportability."
        )
    if sizes[0] > steps.shape[0]:
        raise RuntimeError(
            f"Expected length of all samples to be at most {steps.shape[0]}, the length of the input; got {sizes[0]}"
        )


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Any]:
    """Undo packing. Returns the padded sequences (T, N, *), or (N, T, *), and their lengths.

    total_length: T, where it is to be more than the longest sequence has.
    """
    sizes = sequence.batch_sizes.tolist()
    longest = len(sizes)
    if total_length is not None:
        if total_length < longest:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {longest}"
            )
        longest = total_length
    data, count = sequence.data, sizes[0]
    # where each element of the padded result is in the data; one more row there is the padding
    rows = fn.full((longest, count), data.shape[0], dtype=dtypes.int64)
    start = 0
    for t, size in enumerate(sizes):
        rows[t, :size] = fn.arange(start, start + size)
        start += size
    padding = data.new_full((1, *data.shape[1:]), padding_value)
    padded = fn.cat([data, padding]).index_select(0, rows.reshape(-1)).reshape(longest, count, *data.shape[1:])
    lengths = fn.tensor([sum(size > i for size in sizes) for i in range(count)], dtype=dtypes.int64)
    if batch_first:
        padded = padded.transpose(0, 1)
    back = sequence.unsorted_indices
    if back is None:
        return padded, lengths
    return padded.index_select(0 if batch_first else 1, back), lengths[back.cpu()]


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Any:
    """Stack sequences (L, *) of different lengths, padded to the longest: (T, N, *), or (N, T, *) where `batch_first`.

    >>> pad_sequence([tensor([1, 2]), tensor([3])], batch_first=True)
    tensor([[1, 2],
            [3, 0]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    sequences = list(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    longest = max(s.shape[0] for s in sequences)
    padded = []
    for sequence in sequences:
        missing = longest - sequence.shape[0]
        if missing:
            border = sequence.new_full((missing, *sequence.shape[1:]), padding_value)
            sequence = fn.cat([sequence, border] if padding_side == "right" else [border, sequence])
        padded.append(sequence)
    return fn.stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences that `pad_sequence` padded, as a list."""
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [s[:length] for s, length in zip(padded_sequences.unbind(0), lengths.tolist(), strict=True)]


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (L, *) of different lengths."""
    sequences = list(sequences)
    lengths = [s.shape[0] for s in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences that were packed, as a list."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
