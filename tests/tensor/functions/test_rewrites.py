"""Changes of a tensor's own shape and elements in place."""

from __future__ import annotations

import pytest

import flambeau as torch


def test_shapes_change_in_place_and_the_history_follows():
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 2
    assert y.t_() is y and y.shape == (3, 2)
    y.unsqueeze_(0).squeeze_().transpose_(0, 1)
    (y * torch.arange(6.0).view(2, 3)).sum().backward()
    assert x.grad.tolist() == [[0, 2, 4], [6, 8, 10]]


def test_a_view_reshaped_in_place_still_writes_to_its_base():
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 2
    part = y[0:1]
    part.t_()
    part.mul_(3)
    assert y.tolist() == [[6, 6, 6], [2, 2, 2]]
    y.sum().backward()
    assert x.grad.tolist() == [[6, 6, 6], [2, 2, 2]]


def test_a_leaf_is_not_reshaped_in_place():
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        torch.ones(2, 3, requires_grad=True).t_()


def test_sum_to_size_undoes_broadcasting():
    x = torch.arange(6.0).view(2, 3)
    assert x.sum_to_size(1, 3).tolist() == [[3, 5, 7]]
    assert x.sum_to_size(3).tolist() == [3, 5, 7]
    assert x.sum_to_size(2, 3).data_ptr() != x.data_ptr()
    with pytest.raises(RuntimeError, match="is not expandable to size"):
        x.sum_to_size(2, 2)


def test_the_diagonal_is_filled_and_wraps_in_tall_matrices():
    assert torch.zeros(3, 3).fill_diagonal_(1).tolist() == torch.eye(3).tolist()
    assert torch.zeros(7, 2).fill_diagonal_(1, wrap=True).sum(1).tolist() == [1, 1, 0, 1, 1, 0, 1]
    assert torch.zeros(3, 3, 3).fill_diagonal_(1).sum() == 3
    with pytest.raises(RuntimeError, match="dimensions must larger than 1"):
        torch.zeros(3).fill_diagonal_(1)


def test_elements_may_be_computed_by_python():
    assert torch.tensor([1.0, 2.0]).apply_(lambda x: x + 1).tolist() == [2, 3]
    assert torch.tensor([1, 2]).map_(torch.tensor([10]), lambda a, b: a + b).tolist() == [11, 12]
    with pytest.raises(RuntimeError, match=r"Can't call apply_\(\) on Variable that requires grad"):
        torch.ones(1, requires_grad=True).apply_(abs)


def test_positions_become_coordinates():
    rows, columns = torch.unravel_index(torch.tensor([5, 1]), (2, 3))
    assert rows.tolist() == [1, 0] and columns.tolist() == [2, 1]


def test_equal_tensors_have_equal_hashes():
    x = torch.arange(6.0)
    assert torch.hash_tensor(x) == torch.hash_tensor(x.clone())
    assert torch.hash_tensor(x) != torch.hash_tensor(x + 1)


def test_segments_are_reduced():
    x = torch.arange(6.0, requires_grad=True)
    y = torch.segment_reduce(x, "mean", lengths=torch.tensor([2, 4]))
    assert y.tolist() == [0.5, 3.5]
    y[0].backward()
    assert x.grad.tolist() == [0.5, 0.5, 0, 0, 0, 0]
    assert torch.segment_reduce(x.detach(), "max", lengths=torch.tensor([0, 6])).tolist() == [float("-inf"), 5]
    with pytest.raises(RuntimeError, match="sum to data.size"):
        torch.segment_reduce(x, "sum", lengths=torch.tensor([1]))
