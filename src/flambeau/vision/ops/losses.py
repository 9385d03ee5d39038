"""Losses of detectors, one number for each box or score, or `reduction="mean"` or `"sum"` of them."""

from __future__ import annotations

from ...nn.functional import binary_cross_entropy_with_logits
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from .boxes import box_area, centres_apart, proportions_apart


def _reduced(loss: Tensor, reduction: str) -> Tensor:
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(
            f"Invalid Value for arg 'reduction': '{reduction} \n Supported reduction modes: 'none', 'mean', 'sum'"
        )
    return loss if reduction == "none" else getattr(fn, reduction)(loss)


def _of_boxes(loss: Tensor, reduction: str) -> Tensor:
    """As `_reduced`, but the mean over no boxes is zero."""
    return 0.0 * loss.sum() if reduction == "mean" and loss.numel() == 0 else _reduced(loss, reduction)


def _floating(boxes: Tensor) -> Tensor:
    return boxes if boxes.dtype.itemsize >= 4 and boxes.is_floating_point() else boxes.float()


def _overlap(boxes1: Tensor, boxes2: Tensor) -> tuple[Tensor, Tensor]:
    """(intersection, union) of the first with the first, the second with the second, and so on."""
    size = fn.minimum(boxes1[..., 2:], boxes2[..., 2:]) - fn.maximum(boxes1[..., :2], boxes2[..., :2])
    inter = fn.where((size > 0).all(-1), size.prod(-1), 0)
    return inter, box_area(boxes1) + box_area(boxes2) - inter


def generalized_box_iou_loss(boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7) -> Tensor:
    """One less the overlap, more for what of the box around both neither fills (Rezatofighi et al., 2019): (N,)."""
    boxes1, boxes2 = _floating(boxes1), _floating(boxes2)
    inter, union = _overlap(boxes1, boxes2)
    hull = fn.maximum(boxes1[..., 2:], boxes2[..., 2:]) - fn.minimum(boxes1[..., :2], boxes2[..., :2])
    area = hull.prod(-1)
    return _of_boxes(1 - inter / (union + eps) + (area - union) / (area + eps), reduction)


def distance_box_iou_loss(boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7) -> Tensor:
    """One less the overlap, more where the centres are apart (Zheng et al., 2019): (N,)."""
    boxes1, boxes2 = _floating(boxes1), _floating(boxes2)
    inter, union = _overlap(boxes1, boxes2)
    return _of_boxes(1 - inter / (union + eps) + centres_apart(boxes1, boxes2, eps), reduction)


def complete_box_iou_loss(boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7) -> Tensor:
    """As `distance_box_iou_loss`, and more where the proportions differ (Zheng et al., 2019): (N,)."""
    boxes1, boxes2 = _floating(boxes1), _floating(boxes2)
    inter, union = _overlap(boxes1, boxes2)
    iou = inter / (union + 1e-7)  # eps is for the proportions alone
    apart = centres_apart(boxes1, boxes2, 1e-7) + proportions_apart(boxes1, boxes2, iou, eps)
    return _of_boxes(1 - iou + apart, reduction)


def sigmoid_focal_loss(
    inputs: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2, reduction: str = "none"
) -> Tensor:
    """Binary cross-entropy of scores, less for what is already right (Lin et al., 2017). Raises ValueError."""
    if not (0 <= alpha <= 1) and alpha != -1:
        raise ValueError(f"Invalid alpha value: {alpha}. alpha must be in the range [0,1] or -1 for ignore.")
    p = fn.sigmoid(inputs)
    loss = (
        binary_cross_entropy_with_logits(inputs, targets, reduction="none")
        * (1 - (p * targets + (1 - p) * (1 - targets))) ** gamma
    )
    if alpha >= 0:
        loss = (alpha * targets + (1 - alpha) * (1 - targets)) * loss
    return _reduced(loss, reduction)
