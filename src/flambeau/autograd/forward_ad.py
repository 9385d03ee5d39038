"""Forward-mode differentiation: dual numbers, which carry a tangent along.

Inside of a level, an operation whose inputs have tangents gives its outputs theirs. The derivative of one operation
along a direction is the gradient of its gradient rule, which is linear in the gradient that comes in: so the rules that
exist serve both modes, and tangents can be differentiated backwards. A tangent of a view is a view of the tangent.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import config, missing
from ..tensor import functions as fn
from ..tensor import rows
from ..tensor.pullback import Pushforward
from ..tensor.tensor import Tensor, current_edge, make, set_requires_grad

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, globals())


class UnpackedDualTensor(NamedTuple):
    """A tensor without its tangent, and the tangent or None."""

    primal: Tensor
    tangent: Tensor | None


class Level:
    """What operations do while tangents are followed. `tensor.dispatch` calls `push` for what it computes."""

    def __init__(self) -> None:
        # id -> (array, tangent) of what nodes may have kept, for gradients that are differentiated forwards
        self._kept: dict[int, tuple[Any, Tensor]] = {}

    def keep(self, tensors: Any) -> None:
        """Remember the tangents of the operands and results of an operation that is recorded."""
        for x in tensors:
            tangent = self.tangent_of(x)
            if tangent is not None:
                self._kept[id(x._array)] = x._array, tangent

    def kept(self, array: Any) -> Tensor | None:
        """The tangent of an array that a node kept."""
        found = self._kept.get(id(array))
        return None if found is None else found[1]

    def tangent_of(self, x: Any) -> Tensor | None:
        """The tangent of a value in this level."""
        if not isinstance(x, Tensor):
            return None
        found = x.__dict__.get("_tangent")
        if found is not None and found[0] is self:
            return found[1]
        # a view made before its base got a tangent
        if x._view is not None and self.tangent_of(x._view[0]) is not None:
            return self._through_view(x)
        return None

    def _through_view(self, x: Tensor) -> Tensor | None:
        """The tangent of a view: the same view of the tangent of what it is a view of."""
        if x._view is None:
            return self.tangent_of(x)
        _, parent, row, attributes, _ = x._view
        above = self._through_view(parent)
        if above is None:
            return None
        return self._quietly(lambda: getattr(rows, row.name)(above, **attributes))

    def _quietly(self, call: Any) -> Any:
        before = config.set_mode("dual", None)
        try:
            return call()
        finally:
            config.set_mode("dual", before)

    def set(self, x: Tensor, tangent: Tensor | None) -> None:
        """Give a value a tangent; through a view, that is written into the tangent of its base."""
        if tangent is None:
            return
        if x._view is None:
            x.__dict__["_tangent"] = (self, tangent)
            return
        base = x._view[0]
        if self.tangent_of(base) is None:
            self._quietly(lambda: self.set(base, fn.zeros_like(base)))
        target = self._through_view(x)
        assert target is not None
        self._quietly(lambda: target.copy_(tangent))  # type: ignore[union-attr, attr-defined]

    def without_history(self, x: Tensor) -> Tensor:
        """A value that is not recorded, nor is its tangent."""
        t = make(x._array, x._kind)
        tangent = self.tangent_of(x)
        if tangent is not None:
            t.__dict__["_tangent"] = self, make(tangent._array, tangent._kind)
        return t

    def wants(self, operands: Any) -> bool:
        """Whether some operand has a tangent."""
        return any(self.tangent_of(x) is not None for x in operands)

    def push(self, row: Any, operands: list, listed: bool, attributes: dict[str, Any]) -> list[Tensor | None]:
        """The tangents of the results of a row."""
        tangents = [self.tangent_of(x) for x in operands]
        if row.view is not None:
            return self._quietly(lambda: [getattr(rows, row.name)(tangents[0], **attributes)])
        before = config.set_mode("grad", True)
        try:
            return self._quietly(lambda: self._derivative(row, operands, listed, attributes, tangents, before))
        finally:
            config.set_mode("grad", before)

    def _derivative(
        self, row: Any, operands: list, listed: bool, attributes: dict[str, Any], tangents: list, recorded: bool
    ) -> list[Tensor | None]:
        inputs = [x if t is None else _start(x, recorded) for x, t in zip(operands, tangents, strict=True)]
        result = getattr(rows, row.name)(*([inputs] if listed else inputs), **attributes)
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        live = [(x, t) for x, t in zip(inputs, tangents, strict=True) if t is not None]
        derivative = Pushforward(results, [x for x, _ in live])
        outside = recorded and any(
            isinstance(x, Tensor) and current_edge(x) is not None for x in (*operands, *[t for _, t in live])
        )
        directions = [t if t.dtype is x.dtype else t.to(x.dtype) for x, t in live]  # type: ignore[attr-defined]
        found = derivative.push(directions, outside)
        return [
            None if t is None and v is None else fn.zeros_like(y) if t is None else t
            for t, v, y in zip(found, derivative.vectors, results, strict=True)
        ]


def _start(x: Tensor, recorded: bool) -> Tensor:
    """An operand as the start of a graph, which goes on from the old one where that is recorded."""
    if recorded and current_edge(x) is not None:
        return rows.alias(x)
    fresh = make(x._array, x._kind)
    set_requires_grad(fresh, True)
    return fresh


# the level that was entered last, as a number: -1 outside of all
_current_level = -1


def enter_dual_level() -> int:
    """Start to follow tangents. Returns the number of the level. Levels do not nest."""
    global _current_level
    if config.modes().dual is not None:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    config.set_mode("dual", Level())
    _current_level = 0
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Stop: all tangents of the level are gone."""
    global _current_level
    if config.modes().dual is None:
        raise RuntimeError("Dual level must be a positive number.")
    if level is not None and level != _current_level:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    config.set_mode("dual", None)
    _current_level = -1


class dual_level:
    """A block in which tangents are followed.

    >>> with dual_level():
    ...     y = make_dual(tensor(3.), tensor(1.)) ** 2
    ...     print(unpack_dual(y).tangent)
    tensor(6.)
    """

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *error: object) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A tensor like `tensor` that has a tangent of the same shape.

    Raises RuntimeError outside of a level, ValueError for tensors that are not floating point or complex.
    """
    current = config.modes().dual
    if current is None and (level is None or level < 0):
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    if current is None or (level is not None and level != _current_level):
        raise RuntimeError("Invalid level given to _make_dual")
    for what, x in (("primal", tensor), ("tangent", tangent)):
        if not (x.dtype.is_floating_point or x.dtype.is_complex):
            raise ValueError(f"Expected {what} to be floating point or complex, but got: {x.dtype}")
    if tensor.shape != tangent.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {list(tensor.shape)} while the given forward gradient is of size "
            f"{list(tangent.shape)}."
        )
    dual = current._quietly(lambda: _start_of_dual(tensor, current))
    dual.__dict__["_tangent"] = (current, tangent)
    return dual


def _start_of_dual(tensor: Tensor, level: Level) -> Tensor:
    if not config.grad_enabled() or current_edge(tensor) is None:
        return make(tensor._array, tensor._kind)
    linked = rows.alias(tensor)
    # the same memory, but not the tangent of what it is a view of
    linked.__dict__["_tangent"] = (level, None)
    return linked


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """(the tensor without its tangent, the tangent or None)."""
    current = config.modes().dual
    if current is None or (level is not None and level < 0):
        return UnpackedDualTensor(tensor, None)
    tangent = current.tangent_of(tensor)
    return UnpackedDualTensor(current._quietly(lambda: _start_of_dual(tensor, current)), tangent)
