"""Moving the memory of tensors to where other processes see it.

A tensor has no storage object that could be moved under it and all others that share it. So they are found: references
to the memory, and to each view of it, are counted, and those that tensors hold account for all or not. Where a NumPy
array or a value kept for the backward pass looks at the memory too, it would be left behind; then nothing is moved.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from sys import getrefcount
from typing import Any

from ..storage import SilentHolder, StridedHolder, is_shared, memory, owner, silent, succeed
from ..tensor.methods.copying import place_in, placed
from ..tensor.tensor import Tensor
from ..xp import numpy as xnp
from .memory import allocate

_EXAMPLE = [object()]
# what an object that only a list holds counts, when it is asked for
_ALONE = getrefcount(_EXAMPLE[0])


def share_memory_(self: Tensor) -> Tensor:
    """Move the memory of this tensor, with all tensors that are views of it, to where other processes see it.

    They stay the same tensors with the same values; from now on processes that get them see each other's writes.
    Raises RuntimeError where a NumPy array or a graph that is still alive looks at the memory too.

    >>> t = torch.zeros(3).share_memory_()
    >>> t.is_shared()
    True
    """
    if not isinstance(self._array, xnp.ndarray):
        self.is_shared()
        raise RuntimeError("_share_fd_: only available on CPU")
    if not shared(self, together=True):
        raise RuntimeError(
            f"cannot move a tensor of shape {list(self.shape)} to shared memory: not only tensors look at its memory\n"
            "  A NumPy array does (of from_numpy or numpy()), or a graph that keeps it for backward(): that would go "
            "on with the old memory.\n"
            "  Share the tensor before, or drop the array or the graph first, or share a copy: "
            "t = t.detach().clone().share_memory_()"
        )
    return self


def shared(t: Tensor, together: bool) -> bool:
    """Whether the memory of a tensor is shared, or could be moved so. Raises RuntimeError where that fails."""
    if is_shared(t._array):
        return True
    tensors = [t]
    if not _hold_all(tensors):
        place = id(memory(t._array))
        tensors = [other for other in gc.get_objects() if Tensor in type(other).__mro__ and _is_at(other, place)]
        if not _hold_all(tensors):
            return False
    _move(tensors, together)
    return True


def _is_at(t: Any, place: int) -> bool:
    try:
        array = Tensor._array.__get__(t)
    except AttributeError:
        # it is being made
        return False
    return isinstance(array, xnp.ndarray) and id(memory(array)) == place


def _hold_all(tensors: list[Tensor]) -> bool:
    """Whether the references to the memory of some tensors, and to all views of it, come from these tensors."""
    counts: dict[int, int] = {}
    objects: list[Any] = []
    waiting = [t._array for t in tensors]
    while waiting:
        held = waiting.pop()
        counts[id(held)] = counts.get(id(held), 0) + 1
        if counts[id(held)] > 1:
            continue
        objects.append(held)
        further = _references(held)
        if further is None:
            return False
        waiting += further
    held = further = None
    return all(getrefcount(objects[i]) == _ALONE + counts[id(objects[i])] for i in range(len(objects)))


def _references(held: Any) -> Iterable[Any] | None:
    """What an array, or something that lends it memory, holds on the way to the memory; None where that is not known,
    since the memory is not NumPy's own, or may not be written."""
    if isinstance(held, xnp.ndarray):
        if held.base is None:
            return () if held.flags.owndata and held.flags.writeable else None
        return (held.base,)
    if type(held) is tuple:
        # that, and its array structure
        return held[:1]
    if type(held) is SilentHolder:
        # itself, and through its array structure
        return held.array, held.array
    return (held.owner,) if type(held) is StridedHolder else None


def _move(tensors: list[Tensor], together: bool) -> None:
    whole = memory(tensors[0]._array)
    # an array without elements is at some place, too
    target = allocate(whole.nbytes or whole.itemsize, together)
    xnp.copyto(target[: whole.nbytes], whole.ravel("K").view(xnp.uint8))
    # a tensor's `data` counts writes apart, and goes on to
    owners: dict[int, Any] = {id(whole): target}
    succeed(whole, target)
    for t in tensors:
        old = t._array
        counted = owner(old)
        if id(counted) not in owners:
            owners[id(counted)] = silent(target)
            succeed(counted, owner(owners[id(counted)]))
        t._array = placed(owners[id(counted)], old.dtype, *place_in(old, whole))
