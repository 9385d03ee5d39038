"""`torch.nn.attention.flex_attention`: attention whose scores are changed, or masked, by functions of positions.

The functions see one score and four numbers (example, head, query, key); they are run once, on batches of all of them.
Scores are computed in full: a BlockMask says what is masked, and saves neither time nor memory here.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple, TypedDict

from ... import dtypes
from ...tensor import functions as fn
from ...tensor.batching import batch_in, batch_out, batched_over
from ...tensor.tensor import Tensor

__all__ = [
    "AuxOutput",
    "AuxRequest",
    "BlockMask",
    "FlexKernelOptions",
    "and_masks",
    "create_block_mask",
    "create_mask",
    "flex_attention",
    "noop_mask",
    "or_masks",
]

BLOCK = _DEFAULT_SPARSE_BLOCK_SIZE = 128


class FlexKernelOptions(TypedDict, total=False):
    """Options of PyTorch's kernels for GPUs, which change nothing here."""

    BACKEND: str
    BLOCK_M: int
    BLOCK_N: int


class AuxRequest(NamedTuple):
    """What is wanted beside the result."""

    lse: bool = False
    max_scores: bool = False


class AuxOutput(NamedTuple):
    """The logarithm of each query's sum of exponentials, and its largest score."""

    lse: Tensor | None = None
    max_scores: Tensor | None = None


# ---- functions of positions ------------------------------------------------------------------------------------------


def noop_mask(batch: Any, head: Any, token_q: Any, token_kv: Any) -> Tensor:
    """The mask that lets every query look at every key."""
    return batch.new_ones((), dtype=dtypes.bool_)


def _combined(mask_mods: tuple, start: bool, join: Callable) -> Callable:
    if not all(callable(mask) for mask in mask_mods):
        raise RuntimeError(f"All inputs should be callable mask_mods: {mask_mods}")

    def mask(b: Any, h: Any, q_idx: Any, kv_idx: Any) -> Tensor:
        result = b.new_full((), start, dtype=dtypes.bool_)
        for one in mask_mods:
            result = join(result, one(b, h, q_idx, kv_idx))
        return result

    return mask


def or_masks(*mask_mods: Callable) -> Callable:
    """The mask that lets a query look where one of several does."""
    return _combined(mask_mods, False, lambda a, b: a | b)


def and_masks(*mask_mods: Callable) -> Callable:
    """The mask that lets a query look where all of several do."""
    return _combined(mask_mods, True, lambda a, b: a & b)


def _everywhere(mod: Callable, sizes: tuple[int, ...], scores: Tensor | None = None) -> Tensor:
    """What a function gives for all positions at once: (B, H, Q, K)."""
    with ExitStack() as stack:
        levels = [stack.enter_context(batched_over(n)) for n in sizes]
        positions = [batch_in(fn.arange(n), level, 0) for n, level in zip(sizes, levels, strict=True)]
        if scores is not None:
            for level in levels:
                scores = batch_in(scores, level, 0)  # type: ignore[arg-type]
            positions.insert(0, scores)  # type: ignore[arg-type]
        result = mod(*positions)
        for level in reversed(levels):
            result = batch_out(result, level, 0)
    return result


def _positions_taken(mod: Callable) -> int:
    """How many arguments a function must be given: 5 with a score, 4 for a mask."""
    parameters = inspect.signature(mod).parameters.values()
    count = sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    if count not in (4, 5):
        raise AssertionError(f"Expected 4 or 5 positional args, got {count}")
    return count


def create_mask(mod_fn: Callable, B: int | None, H: int | None, Q_LEN: int, KV_LEN: int, device: Any = None) -> Tensor:
    """A mask, or where a function of scores leaves them finite, as bools (B, H, Q_LEN, KV_LEN).

    >>> create_mask(lambda b, h, q, k: q >= k, None, None, 2, 3)
    tensor([[[[ True, False, False],
              [ True,  True, False]]]])
    """
    sizes = (B or 1, H or 1, Q_LEN, KV_LEN)
    if _positions_taken(mod_fn) == 4:
        return _everywhere(mod_fn, sizes)
    return ~fn.isneginf(_everywhere(mod_fn, sizes, fn.zeros(sizes)))


# ---- blocks ----------------------------------------------------------------------------------------------------------


def _ordered(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """For each row of 0s and 1s, how many 1s there are, and the columns, those of 1s first."""
    numbers = blocks.to(dtypes.int32)  # type: ignore[attr-defined]
    return numbers.sum(-1).to(dtypes.int32), numbers.argsort(dim=-1, descending=True, stable=True).to(dtypes.int32)


def _dense(count: Tensor, columns: Tensor) -> Tensor:
    """The 0s and 1s again."""
    width = columns.size(-1)  # type: ignore[attr-defined]
    listed = fn.arange(width) < count.unsqueeze(-1)  # type: ignore[attr-defined]
    places = fn.where(listed, columns, width).to(dtypes.int64)
    result = fn.zeros((*columns.shape[:-1], width + 1), dtype=dtypes.int32)
    return result.scatter(-1, places, 1)[..., :width].contiguous()


def _sliced_mask_mod_error(*positions: Any) -> Any:
    raise RuntimeError(
        "Cannot use mask_mod from a sliced BlockMask. When you slice a BlockMask using [], the mask_mod attribute is "
        "reset. You must set it from the original BlockMask's mask_mod."
    )


class BlockMask:
    """A mask that is known by blocks: which blocks of keys each block of queries looks at, in part or in full.

    Made by `create_block_mask`. `kv_indices[..., i, :kv_num_blocks[..., i]]` are the blocks that block i of the queries
    looks at in part; `full_kv_indices` those in full; `q_indices` and `full_q_indices` are the same by keys.
    """

    def __init__(
        self, seq_lengths: tuple[int, int], kv_num_blocks: Tensor, kv_indices: Tensor, full_kv_num_blocks: Any,
        full_kv_indices: Any, q_num_blocks: Any, q_indices: Any, full_q_num_blocks: Any, full_q_indices: Any,
        BLOCK_SIZE: tuple[int, int] = (BLOCK, BLOCK), mask_mod: Callable = noop_mask,
    ) -> None:  # fmt: skip
        if kv_indices.dim() < 2:
            raise RuntimeError("BlockMask must have at least 2 dimensions")
        for name, count, columns in (
            ("kv", full_kv_num_blocks, full_kv_indices),
            ("q", full_q_num_blocks, full_q_indices),
        ):
            if (count is None) != (columns is None):
                raise AssertionError(f"full_{name}_num_blocks and full_{name}_indices must be both provided or omitted")
        self.seq_lengths, self.BLOCK_SIZE, self.mask_mod = seq_lengths, BLOCK_SIZE, mask_mod
        self.kv_num_blocks, self.kv_indices = kv_num_blocks, kv_indices
        self.full_kv_num_blocks, self.full_kv_indices = full_kv_num_blocks, full_kv_indices
        self.q_num_blocks, self.q_indices = q_num_blocks, q_indices
        self.full_q_num_blocks, self.full_q_indices = full_q_num_blocks, full_q_indices

    @classmethod
    def from_kv_blocks(
        cls, kv_num_blocks: Tensor, kv_indices: Tensor, full_kv_num_blocks: Any = None, full_kv_indices: Any = None,
        BLOCK_SIZE: Any = BLOCK, mask_mod: Callable | None = None, seq_lengths: Any = None,
        compute_q_blocks: bool = True,
    ) -> BlockMask:  # fmt: skip
        """A mask from the blocks of keys that each block of queries looks at."""
        if kv_indices.dim() < 2:
            raise RuntimeError("BlockMask must have at least 2 dimensions")
        size = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else BLOCK_SIZE
        by_keys: list[Any] = []
        for count, columns in ((kv_num_blocks, kv_indices), (full_kv_num_blocks, full_kv_indices)):
            known = compute_q_blocks and count is not None
            by_keys += _ordered(_dense(count, columns).transpose(-2, -1)) if known else (None, None)  # type: ignore[attr-defined]
        if seq_lengths is None:
            seq_lengths = (kv_indices.shape[-2] * size[0], kv_indices.shape[-1] * size[1])
        given: list[Any] = [kv_num_blocks, kv_indices, full_kv_num_blocks, full_kv_indices]
        return cls(seq_lengths, *given, *by_keys, size, mask_mod or noop_mask)  # type: ignore[call-arg]

    @property
    def shape(self) -> tuple[int, ...]:
        return (*self.kv_indices.shape[:-2], *self.seq_lengths)

    def as_tuple(self, flatten: bool = True) -> tuple[Any, ...]:
        """All parts, the sizes of blocks and the mask last."""
        lengths = self.seq_lengths if flatten else (self.seq_lengths,)
        parts = (
            self.kv_num_blocks, self.kv_indices, self.full_kv_num_blocks, self.full_kv_indices, self.q_num_blocks,
            self.q_indices, self.full_q_num_blocks, self.full_q_indices, None, None, None, None,
        )  # fmt: skip
        return (*lengths, *parts, *(self.BLOCK_SIZE if flatten else (self.BLOCK_SIZE,)), self.mask_mod)

    def _changed(self, change: Callable, seq_lengths: Any, mask_mod: Callable) -> BlockMask:
        full: Any = (None, None)
        if self.full_kv_num_blocks is not None:
            full = change(self.full_kv_num_blocks, self.full_kv_indices)
        blocks = change(self.kv_num_blocks, self.kv_indices)
        known = self.q_indices is not None
        return BlockMask.from_kv_blocks(
            *blocks,
            *full,
            self.BLOCK_SIZE,
            mask_mod,
            seq_lengths,
            known,  # type: ignore[call-arg]
        )

    def __getitem__(self, index: Any) -> BlockMask:
        index = index if isinstance(index, tuple) else (index,)
        padded = (*index, slice(None), slice(None), slice(None))[:3]
        sizes = self.kv_num_blocks.shape[:3]
        kept = tuple(slice(i % n, i % n + 1) if isinstance(i, int) else i for i, n in zip(padded, sizes, strict=True))
        return self._changed(
            lambda count, columns: (count[kept], columns[kept]), self.seq_lengths, _sliced_mask_mod_error
        )

    def _adjust(self, new_q_len: int, new_kv_len: int) -> BlockMask:
        """The upper left corner, for fewer queries and keys."""
        rows, width = -(-new_q_len // self.BLOCK_SIZE[0]), -(-new_kv_len // self.BLOCK_SIZE[1])

        def cropped(count: Any, columns: Any) -> tuple:
            columns = columns[:, :, :rows, :width]
            count = count[:, :, :rows].clamp(max=width)
            return (columns < count[..., None]).sum(-1).to(dtypes.int32), columns

        return self._changed(cropped, (new_q_len, new_kv_len), self.mask_mod)

    def numel(self) -> int:
        return math.prod(self.shape)

    def sparsity(self) -> float:
        """The share of blocks that are masked, in percent."""
        looked_at = self.kv_num_blocks.sum().item()  # type: ignore[attr-defined]
        if self.full_kv_num_blocks is not None:
            looked_at += self.full_kv_num_blocks.sum().item()
        return 100 * (1 - looked_at * self.BLOCK_SIZE[0] * self.BLOCK_SIZE[1] / self.numel())

    def to_dense(self) -> Tensor:
        """For each pair of blocks whether it is looked at, as 0 or 1."""
        result: Any = _dense(self.kv_num_blocks, self.kv_indices)
        if self.full_kv_num_blocks is not None:
            result = result | _dense(self.full_kv_num_blocks, self.full_kv_indices)
        return result

    def to(self, device: Any) -> BlockMask:
        return self._changed(
            lambda count, columns: (count.to(device), columns.to(device)), self.seq_lengths, self.mask_mod
        )

    def to_string(self, grid_size: Any = (20, 20), limit: int = 4) -> str:
        """A drawing of the blocks, of `limit` examples and heads: full, in part, and empty places."""
        blocks: Any = self.to_dense()
        *batch, rows, columns = blocks.shape
        most = (rows, columns) if grid_size == -1 else (grid_size,) * 2 if isinstance(grid_size, int) else grid_size
        height, width = max(1, -(-rows // most[0])), max(1, -(-columns // most[1]))
        drawings = []
        for i, which in enumerate(itertools.product(*map(range, batch))):
            if i == limit:
                drawings += [
                    "...",
                    "To print out more, set BlockMask.to_string(limit=N)",
                    "You can also index (BlockMask[batch, head]) to choose a specific batch or head",
                ]
                break
            text = f"{which}\n"
            for r in range(0, rows, height):
                for c in range(0, columns, width):
                    share = blocks[which][r : r + height, c : c + width].float().mean().item()
                    text += ("█" if share == 1 else " " if share == 0 else "░") * 2
                text += "\n"
            drawings.append(text)
        return "\n".join(drawings)

    def __str__(self) -> str:
        return f"BlockMask(shape={self.shape}, sparsity={self.sparsity():.2f}%, \n{self.to_string().strip()}\n)"

    def __repr__(self) -> str:
        names = (
            "kv_num_blocks kv_indices full_kv_num_blocks full_kv_indices q_num_blocks q_indices full_q_num_blocks "
            "full_q_indices"
        ).split()
        facts = {n: None if getattr(self, n) is None else getattr(self, n).shape for n in names}
        facts |= {"BLOCK_SIZE": self.BLOCK_SIZE, "shape": self.shape, "sparsity": f"{self.sparsity():.2f}%"}
        facts["mask_mod"] = getattr(self.mask_mod, "__name__", self.mask_mod)
        return "BlockMask(\n" + ",\n".join(f"    {name}={value}" for name, value in facts.items()) + "\n)"


def create_block_mask(
    mask_mod: Callable, B: int | None, H: int | None, Q_LEN: int, KV_LEN: int, device: Any = None,
    BLOCK_SIZE: int | tuple[int, int] = BLOCK, _compile: bool = False, separate_full_blocks: bool = True,
    compute_dq_write_order: bool = False, dq_kv_order: bool = True,
) -> BlockMask:  # fmt: skip
    """A BlockMask of a mask, a function of example, head, query and key.

    >>> create_block_mask(lambda b, h, q, k: q >= k, None, None, 256, 256).sparsity()
    25.0
    """
    if _positions_taken(mask_mod) != 4:
        raise AssertionError(f"create-block_mask requires a mask_mod function! Got {mask_mod}")
    if compute_dq_write_order:
        raise NotImplementedError("compute_dq_write_order: the order in which GPUs add up gradients; there is no GPU")
    high, wide = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else BLOCK_SIZE
    mask = fn.constant_pad_nd(create_mask(mask_mod, B, H, Q_LEN, KV_LEN), (0, -KV_LEN % wide, 0, -Q_LEN % high), False)
    b, h, q, k = mask.shape
    looks = mask.view(b, h, q // high, high, k // wide, wide).sum((3, 5))
    full = looks == high * wide if separate_full_blocks else fn.zeros_like(looks, dtype=dtypes.bool_)
    blocks = _ordered((looks > 0) & ~full)
    both: Any = (*blocks, *_ordered(full)) if separate_full_blocks else (*blocks, None, None)
    return BlockMask.from_kv_blocks(*both, (high, wide), mask_mod, (Q_LEN, KV_LEN))  # type: ignore[call-arg]


# ---- attention -------------------------------------------------------------------------------------------------------


def _check(query: Any, key: Any, value: Any, block_mask: Any, enable_gqa: bool) -> None:
    if query.size(-1) != key.size(-1):
        raise ValueError(
            "Expect query and key/value to have the same embedding dimension but got "
            f"E={query.size(-1)} and E={key.size(-1)}."
        )
    if query.dim() != 4 or key.dim() != 4 or value.dim() != 4:
        raise NotImplementedError("NYI: query, key, and value must be 4D tensors")
    heads, shared = query.size(1), key.size(1)
    if heads != shared and not enable_gqa:
        raise ValueError(
            f"Expect query and key/value to have the same number of heads but got Hq={heads} and Hkv={shared}. Try "
            "setting enable_gqa=True for GQA."
        )
    if heads % shared:
        raise ValueError(
            f"Expect number of query heads to be a multiple of kv heads for GQA but got Hq={heads} and Hkv={shared}."
        )
    if block_mask is None:
        return
    if block_mask.mask_mod is _sliced_mask_mod_error:
        raise RuntimeError("Cannot use mask_mod from a sliced BlockMask")
    have, want = (query.size(-2), key.size(-2)), block_mask.shape[-2:]
    if have != tuple(want):
        larger = have[0] > want[0] or have[1] > want[1]
        raise ValueError(
            f"block_mask was created for block_mask.shape={block_mask.shape} but got q_len={have[0]} and kv_len="
            f"{have[1]}. As the block mask was created for a {'smaller' if larger else 'larger'} length than you're "
            "using it for, you "
            + (
                "likely need to create a new block mask."
                if larger
                else "can either 1. create a new block mask with the correct length, or 2. 'adjust' the existing block "
                "mask to the correct length by calling block_mask._adjust(q_len, kv_len). This essentially 'crops' the "
                "block mask to the upper left corner, which does not work for all mask_mods!"
            )
        )


def flex_attention(
    query: Any, key: Any, value: Any, score_mod: Callable | None = None, block_mask: BlockMask | None = None,
    scale: float | None = None, enable_gqa: bool = False, return_lse: bool = False, kernel_options: Any = None, *,
    return_aux: AuxRequest | None = None,
) -> Any:  # fmt: skip
    """Attention with scores changed by `score_mod(score, b, h, q_idx, kv_idx)` and masked by `block_mask`.

    query: (B, H, L, E); key: (B, H, S, E); value: (B, H, S, V), with fewer heads where `enable_gqa`. Returns
    (B, H, L, V), with `return_aux` also an AuxOutput. A query without keys gets zeros.

    >>> x = ones(1, 1, 2, 4)
    >>> flex_attention(x, x, x, lambda score, b, h, q, k: score - (q - k).abs()).shape
    torch.Size([1, 1, 2, 4])
    """
    _check(query, key, value, block_mask, enable_gqa)
    if return_lse and return_aux is not None:
        raise ValueError(
            "Cannot specify both return_lse and return_aux. return_lse is deprecated, please use "
            "return_aux=AuxRequest(lse=True) instead."
        )
    if query.size(1) != key.size(1):
        key, value = (t.repeat_interleave(query.size(1) // key.size(1), 1) for t in (key, value))
    wide = dtypes.float64 if query.dtype is dtypes.float64 else dtypes.float32
    scores = (query @ key.transpose(-2, -1)).to(wide) * (1 / math.sqrt(query.size(-1)) if scale is None else scale)
    sizes = tuple(scores.shape)
    if score_mod is not None:
        scores = _everywhere(score_mod, sizes, scores).to(wide)
    if block_mask is not None:
        scores = scores.masked_fill(~_everywhere(block_mask.mask_mod, sizes), -math.inf)
    empty = (scores == -math.inf).all(-1, keepdim=True)
    weights = fn.softmax(scores.masked_fill(empty, 0.0), -1).masked_fill(empty, 0.0)
    result = weights.to(query.dtype) @ value
    if not return_lse and return_aux is None:
        return result
    lse = scores.logsumexp(-1) if return_lse or return_aux.lse else None  # type: ignore[union-attr]
    if return_lse:
        return result, lse
    return result, AuxOutput(lse, scores.amax(-1) if return_aux.max_scores else None)  # type: ignore[union-attr]
