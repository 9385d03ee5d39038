"""The plane: sizes, affine maps and perspective maps, as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ... import linalg
from ...dtypes import float64
from ...tensor import functions as fn

Numbers = Sequence[float]


def resized(size: tuple[int, int], wanted: Any, max_size: int | None = None) -> list[int]:
    """(height, width) after `resize`: one wanted number is the shorter edge, and the shape is kept.

    size: (height, width). wanted: None, [edge] or [height, width]; None scales the longer edge to `max_size`.
    """
    h, w = size
    short, long = sorted((h, w))
    if wanted is None:
        assert max_size is not None
        new_short, new_long = int(max_size * short / long), max_size
    elif len(wanted) == 1:
        edge = wanted[0]
        new_short, new_long = edge, int(edge * long / short)
        if max_size is not None:
            if max_size <= edge:
                raise ValueError(
                    f"max_size = {max_size} must be strictly greater than the requested size for the smaller edge "
                    f"size = {wanted}"
                )
            if new_long > max_size:
                new_short, new_long = int(max_size * new_short / new_long), max_size
    else:
        return [wanted[0], wanted[1]]
    return [new_long, new_short] if w <= h else [new_short, new_long]


def sides(padding: Any) -> list[int]:
    """[left, top, right, bottom] from one number, two (left and right, top and bottom) or four."""
    if isinstance(padding, int):
        return [padding] * 4
    if len(padding) == 1:
        return [padding[0]] * 4
    if len(padding) == 2:
        return [padding[0], padding[1]] * 2
    return list(padding)


def inverse_affine(
    center: Numbers, angle: float, translate: Numbers, scale: float, shear: Numbers, inverted: bool = True
) -> list[float]:
    """Six numbers (rows of a 2 by 3 matrix) that take a pixel of the result to where it comes from.

    The map itself is: shear, turn by `angle` degrees, scale about `center`, then `translate`. `inverted=False` gives
    that map.
    """
    turn, shear_x, shear_y = (math.radians(degrees) for degrees in (angle, shear[0], shear[1]))
    (cx, cy), (tx, ty) = center, translate
    a = math.cos(turn - shear_y) / math.cos(shear_y)
    b = -math.cos(turn - shear_y) * math.tan(shear_x) / math.cos(shear_y) - math.sin(turn)
    c = math.sin(turn - shear_y) / math.cos(shear_y)
    d = -math.sin(turn - shear_y) * math.tan(shear_x) / math.cos(shear_y) + math.cos(turn)
    if inverted:  # the determinant of (a b; c d) is 1
        m = [d / scale, -b / scale, 0.0, -c / scale, a / scale, 0.0]
        m[2] += m[0] * (-cx - tx) + m[1] * (-cy - ty) + cx
        m[5] += m[3] * (-cx - tx) + m[4] * (-cy - ty) + cy
    else:
        m = [a * scale, b * scale, 0.0, c * scale, d * scale, 0.0]
        m[2] += m[0] * -cx + m[1] * -cy + cx + tx
        m[5] += m[3] * -cx + m[4] * -cy + cy + ty
    return m


def expanded_size(matrix: Numbers, width: int, height: int) -> tuple[int, int]:
    """(width, height) of a box that holds an image of this size after the map."""
    half = fn.tensor([0.5 * width, 0.5 * height])
    corners = fn.tensor([[-1.0, -1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, -1.0, 1.0]])
    corners[:, :2] *= half
    ends = fn.matmul(corners, fn.tensor(matrix).reshape(2, 3).T)
    # whole numbers that a rounding error missed stay what they are
    low, high = (fn.trunc((end + half) / 1e-4) * 1e-4 for end in (ends.amin(0), ends.amax(0)))
    size = (fn.ceil(high) - fn.floor(low)).tolist()
    return int(size[0]), int(size[1])


def perspective_coefficients(startpoints: Sequence[Numbers], endpoints: Sequence[Numbers]) -> list[float]:
    """Eight numbers (a … h): a pixel (x, y) of the result comes from ((ax+by+c), (dx+ey+f)) / (gx+hy+1).

    Raises ValueError unless there are four points each.
    """
    if len(startpoints) != 4 or len(endpoints) != 4:
        raise ValueError(
            f"Please provide exactly four corners, got {len(startpoints)} startpoints and {len(endpoints)} endpoints."
        )
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(endpoints, startpoints, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    wanted = fn.tensor([n for point in startpoints for n in point], dtype=float64)
    found = linalg.lstsq(fn.tensor(rows, dtype=float64), wanted[:, None]).solution
    return found[:, 0].float().tolist()
