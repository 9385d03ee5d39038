"""Pieces, joins and strided views: shared memory, the graph, and what may be changed in place."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch
from flambeau.tensor.functions import arguments

CUTS = {
    "split": lambda t: t.split(2, 1),
    "split sizes": lambda t: t.split([1, 0, 4], 1),
    "chunk": lambda t: t.chunk(3, 1),
    "unbind": lambda t: t.unbind(1),
    "tensor_split": lambda t: t.tensor_split((1, 3), 1),
    "hsplit": lambda t: t.hsplit((2,)),
}


def base():
    return torch.arange(20.0).reshape(4, 5)


@pytest.mark.parametrize("name", CUTS)
def test_pieces_are_views(name):
    t = base()
    for piece in CUTS[name](t):
        piece.zero_()
    assert not t.any()


@pytest.mark.parametrize("name", CUTS)
def test_the_gradient_of_all_pieces_is_that_of_the_whole(name):
    x = base().requires_grad_()
    sum((i + 1) * (p * p).sum() for i, p in enumerate(CUTS[name](x))).backward()
    weights = torch.zeros(4, 5)
    for i, piece in enumerate(CUTS[name](weights)):
        piece.fill_(i + 1.0)
    np.testing.assert_array_equal(x.grad.numpy(), (2 * weights * base()).numpy())


@pytest.mark.parametrize("name", CUTS)
def test_the_gradient_of_one_piece_is_zero_elsewhere(name):
    x = base().requires_grad_()
    CUTS[name](x)[0].sum().backward()
    marks = torch.zeros(4, 5)
    CUTS[name](marks)[0].fill_(1.0)
    assert torch.equal(x.grad, marks)


@pytest.mark.parametrize("name", ["split", "split sizes", "chunk", "unbind"])
def test_pieces_made_by_one_node_may_not_be_changed_in_place(name):
    piece = CUTS[name](base().requires_grad_() * 1)[0]
    with pytest.raises(RuntimeError, match="is a view and is being modified inplace"):
        piece.mul_(2)


@pytest.mark.parametrize("name", ["unsafe_split", "unsafe_chunk"])
def test_unsafe_pieces_may_be_changed_in_place(name):
    piece = getattr(torch, name)(base().requires_grad_() * 1, 2)[0]
    assert type(piece.mul_(2).grad_fn).__name__ == "MulBackward0"


def test_a_change_of_the_base_reaches_the_history_of_its_pieces():
    x = base().requires_grad_()
    y = x * 1
    first = y.split(2)[0]
    y.mul_(3)
    first.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.repeat([3.0, 0.0], [10, 10]).reshape(4, 5))


def test_a_write_with_a_gradient_into_a_piece_reaches_the_base():
    y, w = base(), torch.ones(2, 5, requires_grad=True)
    y.tensor_split(2)[0].mul_(w)
    y.sum().backward()
    assert torch.equal(w.grad, base()[:2])


def test_the_graph_names_are_pytorchs():
    x = base().requires_grad_()
    found = {
        "Split": x.split(2)[0], "SplitWithSizes": x.split([1, 3])[0], "Unbind": x.unbind()[0],
        "Slice": x.tensor_split(2)[0],
        "UnsafeSplit": torch.unsafe_split(x, 2)[0], "Cat": torch.cat([x, x]), "Stack": torch.stack([x, x]),
        "Repeat": x.repeat(2, 2), "Roll": x.roll(1), "Flip": x.flip(0), "Gather": x.gather(0, torch.tensor([[0]])),
        "IndexSelect": x.index_select(0, torch.tensor([0])), "Take": x.take(torch.tensor(0)),
        "Unfold": x.unfold(0, 2, 1),
        "AsStrided": x.as_strided((2,), (1,)), "DiagEmbed": torch.diag_embed(x), "Diagonal": x.diagonal(),
        "Trace": x.trace(), "MaskedSelect": x.masked_select(x > 3), "Rot90": torch.rot90(x),
    }  # fmt: skip
    assert {type(t.grad_fn).__name__ for t in found.values()} == {f"{name}Backward0" for name in found}


@pytest.mark.parametrize("join", [torch.cat, torch.stack])
def test_joins_take_the_common_dtype_and_give_each_its_own_gradient(join):
    a, b = torch.ones(2, 3, requires_grad=True), torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    joined = join([a, b, torch.ones(2, 3, dtype=torch.int32)])
    assert joined.dtype is torch.float64
    joined.sum().backward()
    assert a.grad.dtype is torch.float32
    assert b.grad.dtype is torch.float64


def test_empty_vectors_fit_everywhere_and_count_for_their_dtype():
    assert torch.cat([torch.ones(2, 3), torch.empty(0)], 1).shape == (2, 3)
    assert torch.cat([torch.ones(2, 3), torch.empty(0, dtype=torch.float64)], 1).dtype is torch.float64
    assert torch.cat([torch.empty(0), torch.empty(0)], 0).shape == (0,)


def test_under_no_grad_nothing_is_recorded():
    x = base().requires_grad_()
    with torch.no_grad():
        assert not torch.cat([x, x]).requires_grad
        assert all(p.requires_grad and p.grad_fn is None for p in x.split(2))
        assert not any(p.requires_grad for p in x.detach().split(2))


@pytest.mark.parametrize(
    "copy",
    [
        lambda t: t.roll(20),
        lambda t: t.roll((4, 0), (0, 1)),
        lambda t: t.flip(()),
        lambda t: torch.rot90(t, 4),
        lambda t: t.repeat(1, 1),
        lambda t: t.repeat_interleave(1, 0),
        lambda t: torch.cat([t]),
        lambda t: t.tril(9),
        lambda t: t[0].diag_embed().diagonal_scatter(t[0]),
    ],
)
def test_what_moves_nothing_is_a_copy_all_the_same(copy):
    t = base()
    copy(t).zero_()
    assert torch.equal(t, base())


GEOMETRIES = [
    (lambda x: x, (3, 2), (1, 2), 1),
    (lambda x: x[1:], (3, 2), (1, 2), 4),
    (lambda x: x.t(), (3, 2), (5, 1), None),
    (lambda x: x[0].expand(3, 5), (3, 2), (1, 1), None),
    (lambda x: x[::2, 1::2], (2, 2), (0, 3), None),
]


@pytest.mark.parametrize("view, size, stride, offset", GEOMETRIES)
def test_the_gradient_of_a_strided_view_counts_what_lies_at_one_place_once(view, size, stride, offset):
    x = base().requires_grad_()
    weights = torch.arange(1.0, 1 + np.prod(size)).reshape(size)
    inside = view(x)
    (inside.as_strided(size, stride, offset) * weights).sum().backward()
    start = inside.storage_offset() if offset is None else offset
    memory, seen = np.zeros(20), np.zeros(20, bool)
    for place, w in zip(np.ndindex(*size), weights.flatten().tolist(), strict=True):
        memory[start + np.dot(place, stride)] += w
    seen[np.unique(view(torch.arange(20).reshape(4, 5)).numpy())] = True
    np.testing.assert_allclose(x.grad.numpy().reshape(-1), np.where(seen, memory, 0))


def test_a_search_puts_numbers_behind_a_nan():
    sequence = torch.tensor([0.0, 1.0, float("nan")])
    assert torch.searchsorted(sequence, torch.tensor([float("nan"), 3.0, 0.5])).tolist() == [3, 3, 1]


def test_a_search_in_rows_finds_what_a_search_in_each_row_finds():
    rng = np.random.default_rng(3)
    for n in (1, 2, 5, 8, 33):
        rows = np.sort(rng.integers(0, 20, (3, 4, n)), -1)
        values = rng.integers(-2, 23, (3, 4, 7))
        for side in ("left", "right"):
            expected = [
                np.searchsorted(r, v, side) for r, v in zip(rows.reshape(-1, n), values.reshape(-1, 7), strict=True)
            ]
            found = torch.searchsorted(torch.from_numpy(rows), torch.from_numpy(values), side=side)
            np.testing.assert_array_equal(found.numpy().reshape(-1, 7), expected)


def test_meshgrid_asks_for_its_indexing(monkeypatch):
    monkeypatch.setattr(arguments, "_warned", set())
    with pytest.warns(
        UserWarning, match="torch.meshgrid: in an upcoming release, it will be required to pass the indexing"
    ):
        torch.meshgrid(torch.ones(2), torch.ones(3))


def test_the_message_about_sizes_names_the_dim_as_it_was_given():
    for dim in (1, -1):
        with pytest.raises(RuntimeError, match=rf"\(input tensor's size at dimension {dim}\)"):
            torch.ones(2, 5).split([1, 2], dim=dim)
