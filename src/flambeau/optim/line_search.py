"""A line search for the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, section 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..storage import bump
from ..tensor.tensor import Tensor, wrap
from ..xp import numpy as xnp

# Up to this size a dot product is added up in the order of PyTorch's library; of more terms it takes too long.
ORDERED = 512
# up to this size, sums with a product are rounded once
FUSED = 65536


def dot(a: Tensor, b: Tensor) -> Tensor:
    """The dot product; of few terms in the order in which MKL adds them up with AVX-512.

    Four registers of 16 lanes take blocks of 64 terms, two what is left of 32, the first what is left then; then the
    halves of what they hold are added. Once a search has come down to rounding errors, its steps depend on that order.
    """
    x, y = a._array, b._array
    n = x.size
    if not a._kind.local or x.dtype != xnp.float32 or n > ORDERED:
        return a.dot(b)  # type: ignore[attr-defined]
    # exact in float64, so that adding to float32 rounds once, as a fused instruction does
    products = x.astype(xnp.float64) * y
    lanes = xnp.zeros(64, dtype=xnp.float32)
    begin = 0
    for width in (*(64,) * (n // 64), 32, 16, n % 16):
        if width and begin + width <= n:
            lanes[:width] += products[begin : begin + width]
            begin += width
    lanes = lanes.reshape(2, 2, 16)
    lanes = lanes[:, 0] + lanes[:, 1]
    total = lanes[0] + lanes[1]
    for half in (8, 4):
        total = total[:half] + total[half:]
    return wrap(xnp.asarray((total[0] + total[1]) + (total[2] + total[3])))


def add_scaled(target: Tensor, vector: Tensor, factor: Any) -> None:
    """`target += factor * vector`, rounded once, as the fused instruction does that PyTorch uses."""
    kind, array = target._kind, target._array
    if not kind.local or array.dtype != xnp.float32 or array.size > FUSED:
        target.add_(vector, alpha=factor)  # type: ignore[attr-defined]
        return
    number = float(xnp.float32.type(float(factor)))
    array[...] = array + vector._array.astype(xnp.float64) * number
    bump(array)


class Point(NamedTuple):
    """A point of the line: its distance, and the loss, gradient and slope there."""

    t: Any
    loss: Any
    gradient: Any
    slope: Any


# how much the loss must fall, and the slope flatten
SUFFICIENT_DECREASE = 1e-4
CURVATURE = 0.9
# shorter brackets are as good as a point
LEAST_WIDTH = 1e-9


def cubic_minimum(a: Point, b: Point, low: Any = None, high: Any = None) -> Any:
    """The minimum of the cubic through two points with their slopes, kept within bounds (equation 3.59)."""
    if low is None:
        low, high = (a.t, b.t) if a.t <= b.t else (b.t, a.t)
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2.0
    d2 = square.sqrt()
    if a.t <= b.t:
        found = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    else:
        found = a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
    return min(max(found, low), high)


def strong_wolfe(
    evaluate: Callable[[Any], tuple[float, Tensor]], t: Any, direction: Tensor, loss: float, gradient: Tensor,
    slope: Tensor, max_evaluations: int = 25,
) -> tuple[float, Tensor, Any, int]:  # fmt: skip
    """A distance at which the loss has fallen enough and the slope is flat enough.

    evaluate: loss and gradient at a distance. Returns loss, gradient and distance, and how many evaluations it took.
    """
    search = _Search(evaluate, direction, Point(0, loss, gradient.clone(), slope), max_evaluations)
    bracket, done = search.bracket(t)
    point = bracket[0] if done else search.zoom(bracket)
    return point.loss, point.gradient, point.t, search.evaluations


class _Search:
    """One search: what stays the same while the bracket shrinks."""

    def __init__(self, evaluate: Callable, direction: Tensor, start: Point, most: int) -> None:
        self.evaluate = evaluate
        self.direction = direction
        self.start = start
        self.most = most
        self.evaluations = 0
        self.rounds = 0

    def at(self, t: Any) -> Point:
        loss, gradient = self.evaluate(t)
        self.evaluations += 1
        return Point(t, loss, gradient, dot(gradient, self.direction))

    def falls_enough(self, point: Point) -> bool:
        return not point.loss > self.start.loss + SUFFICIENT_DECREASE * point.t * self.start.slope

    def is_flat(self, point: Point) -> bool:
        return bool(abs(point.slope) <= -CURVATURE * self.start.slope)

    def bracket(self, t: Any) -> tuple[list[Point], bool]:
        """Two points with a good one between them; or one that is good already, and True."""
        before, now = self.start, self.at(t)
        while self.rounds < self.most:
            if not self.falls_enough(now) or (self.rounds > 1 and now.loss >= before.loss):
                return [before, now], False
            if self.is_flat(now):
                return [now], True
            if now.slope >= 0:
                return [before, now], False
            further = cubic_minimum(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10)
            before, now = now, self.at(further)
            self.rounds += 1
        return [self.start, now], False

    def zoom(self, bracket: list[Point]) -> Point:
        """Shrink the bracket until a point in it is good, or the evaluations are used up; the best point."""
        stuck = False
        longest = self.direction.abs().max()
        low, high = (0, 1) if bracket[0].loss <= bracket[-1].loss else (1, 0)
        while self.rounds < self.most:
            if abs(bracket[1].t - bracket[0].t) * longest < LEAST_WIDTH:
                break
            t, stuck = self.inside(bracket, cubic_minimum(bracket[0], bracket[1]), stuck)
            point = self.at(t)
            self.rounds += 1
            if not self.falls_enough(point) or point.loss >= bracket[low].loss:
                bracket[high] = point
                low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
                continue
            done = self.is_flat(point)
            if not done and point.slope * (bracket[high].t - bracket[low].t) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = point
            if done:
                break
        return bracket[low]

    @staticmethod
    def inside(bracket: list[Point], t: Any, stuck: bool) -> tuple[Any, bool]:
        """A distance moved away from the ends of the bracket if it is near one for the second time, or beyond it."""
        first, last = min(p.t for p in bracket), max(p.t for p in bracket)
        margin = 0.1 * (last - first)
        if min(last - t, t - first) >= margin:
            return t, False
        if not stuck and first < t < last:
            return t, True
        return (last - margin if abs(t - last) < abs(t - first) else first + margin), False
