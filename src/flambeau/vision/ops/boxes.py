"""Boxes (N, 4) in images, as corners (x1, y1, x2, y2) unless said otherwise."""

from __future__ import annotations

from math import pi

from ...autograd import no_grad
from ...dtypes import float32, int64
from ...tensor import functions as fn
from ...tensor.tensor import Tensor


def _real(t: Tensor) -> Tensor:
    """In a dtype in which products do not overflow."""
    if t.is_floating_point():
        return t if t.dtype.itemsize >= 4 else t.float()
    return t if t.dtype.itemsize >= 4 else t.int()


def box_area(boxes: Tensor, fmt: str = "xyxy") -> Tensor:
    """The area of each box: (N,)."""
    if fmt != "xyxy":
        boxes = box_convert(boxes, fmt, "xyxy")
    boxes = _real(boxes)
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def _corners(boxes: Tensor, fmt: str) -> Tensor:
    a, b, c, d = boxes.unbind(-1)
    if fmt == "xyxy":
        return boxes
    if fmt == "xywh":
        return fn.stack((a, b, a + c, b + d), dim=-1)
    return fn.stack((a - 0.5 * c, b - 0.5 * d, a + 0.5 * c, b + 0.5 * d), dim=-1)


def box_convert(boxes: Tensor, in_fmt: str, out_fmt: str) -> Tensor:
    """Between corners (xyxy), corner and size (xywh), and centre and size (cxcywh). Raises ValueError.

    >>> box_convert(torch.tensor([[1.0, 2.0, 5.0, 8.0]]), "xyxy", "cxcywh")
    tensor([[3., 5., 4., 6.]])
    """
    allowed = ("xyxy", "xywh", "cxcywh")
    if in_fmt not in allowed or out_fmt not in allowed:
        raise ValueError(f"Unsupported Bounding Box Conversions for given in_fmt {in_fmt} and out_fmt {out_fmt}")
    if in_fmt == out_fmt:
        return boxes.clone()
    x1, y1, x2, y2 = _corners(boxes, in_fmt).unbind(-1)
    if out_fmt == "xyxy":
        return fn.stack((x1, y1, x2, y2), dim=-1)
    if out_fmt == "xywh":
        return fn.stack((x1, y1, x2 - x1, y2 - y1), dim=-1)
    return fn.stack(((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1), dim=-1)


def _overlap(boxes1: Tensor, boxes2: Tensor) -> tuple[Tensor, Tensor]:
    """(intersection, union) of each box with each: (N, M)."""
    low = fn.maximum(boxes1[..., None, :2], boxes2[..., None, :, :2])
    high = fn.minimum(boxes1[..., None, 2:], boxes2[..., None, :, 2:])
    inter = _real(high - low).clamp(min=0).prod(-1)
    return inter, box_area(boxes1)[..., None] + box_area(boxes2)[..., None, :] - inter


def box_iou(boxes1: Tensor, boxes2: Tensor, fmt: str = "xyxy") -> Tensor:
    """The intersection of each box with each, through their union: (N, M)."""
    if fmt != "xyxy":
        boxes1, boxes2 = box_convert(boxes1, fmt, "xyxy"), box_convert(boxes2, fmt, "xyxy")
    inter, union = _overlap(boxes1, boxes2)
    return inter / union


def _hull(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Width and height of the smallest box around each pair: (N, M, 2)."""
    low = fn.minimum(boxes1[:, None, :2], boxes2[:, :2])
    high = fn.maximum(boxes1[:, None, 2:], boxes2[:, 2:])
    return _real(high - low).clamp(min=0)


def generalized_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """`box_iou` less the share of the box around both that neither fills (Rezatofighi et al., 2019): (N, M)."""
    inter, union = _overlap(boxes1, boxes2)
    area = _hull(boxes1, boxes2).prod(-1)
    return inter / union - (area - union) / area


def centres_apart(boxes1: Tensor, boxes2: Tensor, eps: float) -> Tensor:
    """The squared distance of the centres over that of the hull's corners, for boxes that broadcast."""
    low = fn.minimum(boxes1[..., :2], boxes2[..., :2])
    high = fn.maximum(boxes1[..., 2:], boxes2[..., 2:])
    diagonal = _real(high - low).clamp(min=0).square().sum(-1) + eps
    between = (boxes1[..., :2] + boxes1[..., 2:]) / 2 - (boxes2[..., :2] + boxes2[..., 2:]) / 2
    return _real(between).square().sum(-1) / diagonal


def proportions_apart(boxes1: Tensor, boxes2: Tensor, iou: Tensor, eps: float) -> Tensor:
    """How much the ratio of width to height differs, weighed by the overlap `iou`, for boxes that broadcast."""
    angle1, angle2 = (fn.atan((b[..., 2] - b[..., 0]) / (b[..., 3] - b[..., 1])) for b in (boxes1, boxes2))
    apart = 4 / pi**2 * (angle1 - angle2).square()
    with no_grad():
        weight = apart / (1 - iou + apart + eps)
    return weight * apart


def distance_box_iou(boxes1: Tensor, boxes2: Tensor, eps: float = 1e-7) -> Tensor:
    """`box_iou` less how far the centres are apart (Zheng et al., 2019): (N, M)."""
    boxes1, boxes2 = _real(boxes1), _real(boxes2)
    return box_iou(boxes1, boxes2) - centres_apart(boxes1[..., None, :], boxes2[..., None, :, :], eps)


def complete_box_iou(boxes1: Tensor, boxes2: Tensor, eps: float = 1e-7) -> Tensor:
    """`distance_box_iou` less how much the proportions differ (Zheng et al., 2019): (N, M)."""
    boxes1, boxes2 = _real(boxes1), _real(boxes2)
    apart = proportions_apart(boxes1[..., None, :], boxes2[..., None, :, :], box_iou(boxes1, boxes2), eps)
    return distance_box_iou(boxes1, boxes2, eps) - apart


def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Boxes cut at the edges of an image of size (height, width)."""
    height, width = size
    x, y = boxes[..., 0::2].clamp(0, width), boxes[..., 1::2].clamp(0, height)
    return fn.stack((x, y), dim=boxes.ndim).reshape(boxes.shape)


def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """The numbers of the boxes with both sides at least `min_size`."""
    wide = boxes[:, 2] - boxes[:, 0] >= min_size
    return fn.where(wide & (boxes[:, 3] - boxes[:, 1] >= min_size))[0]


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """The numbers of the boxes that overlap no better one by more than the threshold, best first: int64.

    Raises RuntimeError for shapes other than (N, 4) and (N,).
    """
    if boxes.ndim != 2:
        raise RuntimeError(f"boxes should be a 2d tensor, got {boxes.ndim}D")
    if boxes.shape[1] != 4:
        raise RuntimeError(f"boxes should have 4 elements in dimension 1, got {boxes.shape[1]}")
    if scores.ndim != 1:
        raise RuntimeError(f"scores should be a 1d tensor, got {scores.ndim}D")
    if len(boxes) != len(scores):
        raise RuntimeError(
            f"boxes and scores should have same number of elements in dimension 0, got {len(boxes)} and {len(scores)}"
        )
    left = scores.detach().argsort(descending=True, stable=True)
    boxes = boxes.detach()
    kept = []
    while len(left):
        best, left = left[:1], left[1:]
        kept.append(best)
        if len(left):
            left = left[~(box_iou(boxes[best], boxes[left])[0] > iou_threshold)]
    return fn.cat(kept) if kept else fn.empty(0, dtype=int64)


def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """`nms` within each class; `idxs` (N,) says which class a box is of."""
    if boxes.numel() == 0:
        return fn.empty(0, dtype=int64)
    # classes are moved so far apart that no boxes of two of them overlap
    step = boxes.max() + fn.tensor(1).to(boxes.dtype)
    return nms(boxes + (idxs.to(boxes.dtype) * step)[:, None], scores, iou_threshold)


def masks_to_boxes(masks: Tensor) -> Tensor:
    """The box around each mask (N, H, W): (N, 4), float32."""
    found = []
    for mask in masks:
        y, x = fn.where(mask != 0)
        found.append(fn.stack((x.min(), y.min(), x.max(), y.max())).to(float32))
    return fn.stack(found) if found else fn.zeros(0, 4)
