"""Grids, files, boxes, and the arithmetic of boxes."""

from __future__ import annotations

import pytest

import flambeau as torch
from flambeau.vision import io, ops, utils

pytest.importorskip("PIL")


def test_a_grid_shows_each_image_in_its_place():
    images = torch.arange(1.0, 6.0)[:, None, None, None].expand(5, 1, 2, 3)
    grid = utils.make_grid(images, nrow=3, padding=1, pad_value=-1.0)
    assert grid.shape == (3, 7, 13)
    for i in range(5):
        top, left = i // 3 * 3 + 1, i % 3 * 4 + 1
        assert (grid[:, top : top + 2, left : left + 3] == i + 1).all()
    assert (grid == -1).sum().item() == grid.numel() - 5 * 18
    with pytest.raises(TypeError, match="tensor or list of tensors expected, got <class 'int'>"):
        utils.make_grid(3)


def test_saved_images_are_read_back(tmp_path):
    image = (torch.arange(3 * 5 * 7) * 37 % 256).to(torch.uint8).reshape(3, 5, 7)
    path = str(tmp_path / "a.png")
    utils.save_image(image / 255, path)
    assert torch.equal(io.read_image(path), image)
    io.write_png(image, path)
    assert torch.equal(io.decode_image(io.read_file(path)), image)
    assert io.read_image(path, io.ImageReadMode.GRAY).shape == (1, 5, 7)
    (tmp_path / "b.png").write_bytes(b"no image")
    with pytest.raises(RuntimeError, match="Unsupported image file"):
        io.read_image(str(tmp_path / "b.png"))


def test_boxes_and_masks_are_drawn():
    black = torch.zeros(3, 10, 12, dtype=torch.uint8)
    drawn = utils.draw_bounding_boxes(black, torch.tensor([[2, 3, 8, 7]]), colors="red")
    assert (drawn[0] == 255).sum().item() == 2 * 7 + 2 * 3
    assert drawn[1:].sum().item() == 0
    mask = torch.zeros(10, 12, dtype=torch.bool)
    mask[2:4] = True
    assert utils.draw_segmentation_masks(black, mask, alpha=0.5, colors="blue")[2].sum().item() == 24 * 127
    with pytest.raises(ValueError, match="Boxes need to be in"):
        utils.draw_bounding_boxes(black, torch.tensor([[8, 3, 2, 7]]))


@pytest.mark.parametrize("there", ["xyxy", "xywh", "cxcywh"])
def test_boxes_come_back_from_each_format(there):
    boxes = torch.tensor([[1.0, 2.0, 5.0, 8.0], [0.0, 0.0, 2.0, 2.0]])
    assert torch.equal(ops.box_convert(ops.box_convert(boxes, "xyxy", there), there, "xyxy"), boxes)


def test_overlap_and_suppression():
    boxes = torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 5], [10, 10, 12, 12]])
    assert ops.box_iou(boxes, boxes)[0].tolist() == pytest.approx([1, 0.8, 0])
    assert ops.generalized_box_iou(boxes, boxes)[0].tolist() == pytest.approx([1, 0.8, -(144 - 20) / 144])
    scores = torch.tensor([0.5, 0.9, 0.1])
    assert ops.nms(boxes, scores, 0.7).tolist() == [1, 2]
    assert ops.nms(boxes, scores, 0.85).tolist() == [1, 0, 2]
    assert ops.batched_nms(boxes, scores, torch.tensor([0, 1, 0]), 0.7).tolist() == [1, 0, 2]
