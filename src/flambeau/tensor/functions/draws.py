"""Random numbers under `vmap`: other ones for each element of a batch, the same ones, or an error, as each level
asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import config
from ...device import Kind
from ..tensor import Tensor, kind_of, make

REFUSED = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
    "randomness "
    "flags on vmap or perform the randomness operation out of vmap"
)


def levels() -> tuple:
    """The `vmap`s in progress, oldest first. Raises RuntimeError where one allows no random numbers."""
    found = config.modes().levels
    if any(level.randomness == "error" for level in found):
        raise RuntimeError(REFUSED)
    return found


def drawn(shape: tuple[int, ...], kind: Kind, draw: Callable, generator: Any) -> Tensor:
    """A tensor of random numbers, inside of `vmap`: `draw(generator, array)` fills an array for all elements."""
    different = [level for level in levels() if level.randomness == "different"]
    array = kind.xp.empty((*(level.size for level in different), *shape), dtype=kind.native)
    draw(generator, array)
    for level in different:
        array = level.batch(array)
    return make(array, kind_of(array))


def fill(t: Tensor, draw: Callable, generator: Any) -> Any:
    """Fill the memory of a tensor, inside of `vmap`; returns that memory."""
    array = t._array
    batches = {}
    while hasattr(array, "level"):
        batches[array.level] = array
        array = array.inner
    for level in levels():
        if level.randomness == "different" and level not in batches:
            raise RuntimeError(
                "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same "
                "randomness. If this is necessary for your usage, please file an issue with functorch."
            )
    if any(level.randomness == "same" and level in batches for level in levels()):
        t._array.write(drawn(t._array.shape, t._kind, draw, generator)._array)
    else:
        draw(generator, array)
    return array


def sampled(draw: Callable, *inputs: Any) -> Any:
    """What `draw(*arrays)` gives, inside of `vmap`, where the numbers depend on those of the arrays.

    `draw` computes for each element of a leading axis by itself.
    """
    found = levels()
    for level in found:
        if level.randomness == "same" and any(_is_batched(x, level) for x in inputs):
            raise RuntimeError(
                "Vmap does not currently support same randomness with a batched tensor input. Please file an issue "
                "with "
                "functorch"
            )
    different = [level for level in found if level.randomness == "different"]
    arrays = list(inputs)
    for level in reversed(different):
        arrays = [level.whole(x) for x in arrays]
    result = draw(*arrays)
    for level in different:
        result = level.batch(result)
    return result


def _is_batched(array: Any, level: Any) -> bool:
    while hasattr(array, "level"):
        if array.level is level:
            return True
        array = array.inner
    return False
