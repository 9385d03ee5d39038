"""Attention with scores and masks by functions of positions gives PyTorch's numbers, blocks, prints and errors."""

from __future__ import annotations

import importlib
import warnings

import pytest

import flambeau

pytest.importorskip("torch")


def flex_of(torch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module(torch.__name__ + ".nn.attention.flex_attention")
    module._FLEX_ATTENTION_DISABLE_COMPILE_DEBUG = True  # PyTorch would compile the functions
    return module


def functions(torch, flex):
    documents, slopes = torch.tensor([[0, 0, 1, 1, 1], [0, 0, 0, 0, 1]]), torch.tensor([0.5, 0.25])

    def causal(b, h, q, k):
        return q >= k

    masks = {
        "causal": causal,
        "documents": lambda b, h, q, k: documents[b, q] == documents[b, k],
        "picked twice": lambda b, h, q, k: documents[b][q] == documents[b][k],
        "near": flex.and_masks(causal, lambda b, h, q, k: q - k < 3),
        "either": flex.or_masks(causal, lambda b, h, q, k: k == 4),
        "nothing": lambda b, h, q, k: q > 100,
    }
    scores = {
        "slope": lambda s, b, h, q, k: s + slopes[h] * (q - k),
        "soft": lambda s, b, h, q, k: torch.tanh(s / 2) * 2,
        "masked": lambda s, b, h, q, k: torch.where(q >= k, s, -float("inf")),
    }
    return masks, scores


def test_scores_and_masks_by_position(agree):
    @agree
    def session(torch, error):
        flex = flex_of(torch)
        masks, scores = functions(torch, flex)
        torch.manual_seed(0)
        q, k, v = (torch.randn(2, 2, 5, 4) for _ in range(3))
        for mask in [None, *masks.values()]:
            blocks = None if mask is None else flex.create_block_mask(mask, 2, 2, 5, 5, device="cpu", BLOCK_SIZE=2)
            for score in [None, *scores.values()]:
                yield flex.flex_attention(q, k, v, score, blocks).tolist()
        out, aux = flex.flex_attention(q, k, v, scale=0.2, return_aux=flex.AuxRequest(lse=True))
        yield out.tolist(), aux.lse.tolist(), aux.max_scores
        yield flex.flex_attention(q, k[:, :1], v[:, :1], enable_gqa=True).tolist()
        yield (
            error(lambda: flex.flex_attention(q, k[:, :1], v[:, :1])),
            error(lambda: flex.flex_attention(q[0], k[0], v[0])),
        )
        for size in (3, 9):
            blocks = flex.create_block_mask(masks["causal"], 1, 1, size, size, device="cpu")
            yield error(lambda: flex.flex_attention(q, k, v, block_mask=blocks))  # noqa: B023


def test_blocks_of_masks(agree):
    @agree
    def session(torch, error):
        flex = flex_of(torch)
        masks, scores = functions(torch, flex)
        blocks = flex.create_block_mask(masks["causal"], 1, 2, 700, 520, device="cpu", BLOCK_SIZE=(64, 128))
        for mask in (blocks, blocks[0, 1], blocks[:, :, 2], blocks._adjust(300, 300)):
            yield (
                str(mask),
                repr(mask),
                mask.shape,
                mask.sparsity(),
                [t if t is None else t.tolist() for t in mask.as_tuple()[2:10]],
            )
        yield blocks.to_dense(), blocks.to_string(grid_size=3), len(blocks.as_tuple()), len(blocks.as_tuple(False))
        whole = flex.create_block_mask(masks["causal"], None, None, 256, 256, device="cpu", separate_full_blocks=False)
        yield whole.full_kv_num_blocks, whole.kv_num_blocks, whole.q_indices
        yield flex.create_mask(masks["causal"], 1, 1, 3, 4, device="cpu")
        yield flex.create_mask(scores["masked"], 1, 2, 2, 3, device="cpu")
        yield error(lambda: flex.create_mask(lambda a: a, 1, 1, 2, 2, device="cpu")), error(lambda: flex.and_masks(3))
        q = torch.ones(1, 2, 700, 4)
        yield error(lambda: flex.flex_attention(q, q[:, :, :520], q[:, :, :520], block_mask=blocks[0]))


def test_gradients_flow_to_what_scores_are_made_of():
    flex, torch = flex_of(flambeau), flambeau
    torch.manual_seed(0)
    q, k, v = (torch.randn(1, 2, 5, 4, dtype=torch.float64, requires_grad=True) for _ in range(3))
    bias = torch.randn(2, dtype=torch.float64, requires_grad=True)
    blocks = flex.create_block_mask(lambda b, h, q, k: q >= k, 1, 2, 5, 5)

    def attention(q, k, v, bias):
        return flex.flex_attention(q, k, v, lambda s, b, h, i, j: s * bias[h] + bias[h] * (i - j), blocks)

    assert torch.autograd.gradcheck(attention, (q, k, v, bias))
