"""Overlaps of boxes: their values where these are known, and that losses agree with them."""

from __future__ import annotations

import pytest

import flambeau as torch
from flambeau.vision import ops

BOXES = torch.tensor([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 5.0], [4.0, 0.0, 6.0, 1.0]])


@pytest.mark.parametrize("name", ["generalized_box_iou", "distance_box_iou", "complete_box_iou"])
def test_each_loss_is_one_less_the_overlap_of_its_pair(name):
    overlap, loss = getattr(ops, name), getattr(ops, name + "_loss")
    others = BOXES.flip(0)
    expected = 1 - overlap(BOXES, others).diagonal()
    torch.testing.assert_close(loss(BOXES, others), expected)
    torch.testing.assert_close(loss(BOXES, others, reduction="mean"), expected.mean())
    assert float(loss(BOXES[:0], others[:0], reduction="mean")) == 0
    with pytest.raises(ValueError, match="Invalid Value for arg 'reduction'"):
        loss(BOXES, others, reduction="max")


def test_centres_and_proportions_count_against_an_overlap():
    first, second = BOXES[:1], BOXES[1:2]
    iou = 1 / (4 + 8 - 1)  # a square of side 1 in common
    # centres (1, 1) and (2, 3), corners of the hull (0, 0) and (3, 5)
    distance = iou - 5 / 34
    assert float(ops.distance_box_iou(first, second)) == pytest.approx(distance, abs=1e-6)
    angle = 4 / torch.pi**2 * (torch.atan(torch.tensor(0.5)) - torch.atan(torch.tensor(1.0))) ** 2
    complete = distance - float(angle**2 / (1 - iou + angle))
    assert float(ops.complete_box_iou(first, second)) == pytest.approx(complete, abs=1e-6)
    assert ops.complete_box_iou(BOXES, BOXES[:2].int()).shape == (3, 2)


def test_a_loss_draws_boxes_together():
    box = torch.tensor([[0.0, 0.0, 1.0, 1.0]], requires_grad=True)
    ops.complete_box_iou_loss(box, torch.tensor([[3.0, 0.0, 4.0, 1.0]]), reduction="sum").backward()
    assert box.grad[0, 0] + box.grad[0, 2] < 0  # to the right
