"""Copies, pickles, subclasses, and the constructor `Tensor(...)`.

Tensors that share memory share it still when they are copied or pickled together: what is copied is the memory.
"""

from __future__ import annotations

import copy
from typing import Any

from ... import config
from ...device import backend
from ...storage import memory
from ...xp import numpy as xnp
from ...xp.sparse import Coo
from .. import functions as fn
from .. import later, rows
from ..functions.allocation import sizes
from ..functions.arguments import mismatch
from ..operands import type_name
from ..overrides import kind_in
from ..size import Size
from ..tensor import CPU, Tensor, current_edge, make, new, set_requires_grad
from .members import method


@method
def __deepcopy__(self: Tensor, memo: dict) -> Tensor:
    if id(self) in memo:
        return memo[id(self)]
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment. "
            " If "
            "you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
            "https://github.com/pytorch/pytorch/pull/103001"
        )
    copied = make_as(self.__class__, _copied(self._array, memo), self._kind)
    memo[id(self)] = copied
    if self.requires_grad:
        set_requires_grad(copied, True)
    if self._grad is not None:
        copied._grad = __deepcopy__(self._grad, memo)
    for name, value in self.__dict__.items():
        copied.__dict__[name] = copy.deepcopy(value, memo)
    return copied


def _copied(array: Any, memo: dict) -> Any:
    """A copy of an array in a copy of its memory, which the copies of other tensors over it share."""
    if not isinstance(array, xnp.ndarray) or not array.size:
        return array.copy()
    whole = memory(array)
    found = memo.get(id(whole))
    if found is None:
        found = memo[id(whole)] = whole.copy("K")
        # the memo's key must not be used again for another array
        memo.setdefault(id(memo), []).append(whole)
    return found if array is whole else placed(found, array.dtype, *place_in(array, whole))


def place_in(array: Any, whole: Any) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Where an array lies in its memory: shape, strides and offset in elements."""
    width = array.itemsize
    offset = (xnp.address(array) - xnp.address(whole)) // width
    return array.shape, tuple([s // width for s in array.strides]), offset


def placed(whole: Any, dtype: Any, shape: tuple, strides: tuple, offset: int) -> Any:
    """The array at a place of some memory."""
    if whole.dtype != dtype:
        whole = whole.ravel("K").view(dtype)
    return xnp.as_strided(whole, shape, strides, offset)


@method
def __reduce_ex__(self: Tensor, protocol: Any) -> Any:
    if later.is_for_process():
        return later.process_sharing().reductions.reduce_tensor(self)
    state = dict(self.__dict__) or None
    # the class itself goes by the name torch.Tensor, which may be someone else's
    cls = None if self.__class__ is Tensor else self.__class__
    array = self._array
    if type(array) is Coo:
        return (rebuild_sparse, (array.indices, array.values, array.shape, array.coalesced))
    if not isinstance(array, xnp.ndarray) or not array.size:
        return (rebuild, (cls, array, self.dtype, self.requires_grad), state)
    # the memory is what tensors share, in a pickle too
    whole = memory(array)
    place = None if whole is array else place_in(array, whole)
    return (rebuild, (cls, whole, self.dtype, self.requires_grad, place), state)


def rebuild(cls: Any, array: Any, dtype: Any, requires_grad: bool, place: tuple | None = None) -> Any:
    """A tensor from its pickle: memory, and where in it the elements lie."""
    if place is not None:
        array = placed(array, CPU.kinds[dtype].native, *place)
    kinds = CPU.kinds if isinstance(array, xnp.ndarray) else backend("meta").kinds
    t = make_as(cls or Tensor, array, kinds[dtype])
    if requires_grad:
        set_requires_grad(t, True)
    return t


def rebuild_sparse(*parts: Any) -> Any:
    """A sparse tensor from its pickle."""
    array = Coo(*parts)
    return make(array, array.kind)


# ---- subclasses, and the constructor ---------------------------------------------------------------------------------


def make_as(cls: Any, array: Any, kind: Any) -> Any:
    """A tensor of a subclass around an array."""
    t = make(array, kind_in(cls, kind))
    if cls is Tensor:
        return t
    made = new(cls)
    for slot in ("_array", "_kind", "_edge", "_grad", "_view", "_rewrites"):
        setattr(made, slot, getattr(t, slot))
    return made


@method
def as_subclass(self: Tensor, cls: Any) -> Any:
    """The same tensor as an instance of a subclass."""
    made = make_as(cls, self._array, self._kind)
    made._edge = current_edge(self)
    return made


def _make_subclass(cls: Any, data: Tensor, require_grad: bool = False) -> Any:
    """A tensor with the memory of another, and without its history, as an instance of a subclass."""
    if not isinstance(data, Tensor):
        raise TypeError(f"_make_subclass(): argument 'data' (position 2) must be Tensor, not {type_name(data)}")
    if not issubclass(cls, Tensor):
        raise TypeError(
            "Creating a Tensor subclass from a class that does not inherit from Tensor is not possible. Make sure your "
            "class inherits from Tensor."
        )
    made = make_as(cls, data._array, data._kind)
    if require_grad:
        set_requires_grad(made, True)
    return made


Tensor._make_subclass = staticmethod(_make_subclass)  # type: ignore[attr-defined]


_CONSTRUCTORS = """ * (*, torch.device device = None)
 * (torch.Storage storage)
 * (Tensor other)
 * (tuple of ints size, *, torch.device device = None)
 * (object data, *, torch.device device = None)
"""


def construct(
    cls: Any, *args: Any, device: Any = None, dtype: Any = None, requires_grad: bool = False, data: Any = None
) -> Any:
    """What `Tensor(...)` makes: an uninitialised tensor of sizes, or data converted to the default dtype."""
    if data is not None:
        args = (data,)
    dtype = dtype or config.default_dtype()
    one = args[0] if len(args) == 1 else None
    if isinstance(one, Tensor):
        made = rows.alias(one)
    elif isinstance(one, str):
        raise TypeError("new(): invalid data type 'str'")
    elif isinstance(one, Size) or len(args) != 1 or type(one) is int or isinstance(one, xnp.integer):
        if len(args) > 1 and isinstance(args[0], (Tensor, float)):
            raise mismatch("new", args, _CONSTRUCTORS)
        made = fn.empty(sizes("new", args or (0,)), dtype=dtype, device=device)
    elif isinstance(one, (bool, dict, xnp.generic)) or not hasattr(one, "__getitem__"):
        raise TypeError(f"new(): data must be a sequence (got {type_name(one)})")
    else:
        made = fn.tensor(one, dtype=dtype, device=device)
    return made if cls is Tensor else make_as(cls, made._array, made._kind)


Tensor._construct = staticmethod(construct)


@method
def new_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """A tensor of this one's dtype, of sizes or data."""
    return construct(Tensor, *args, dtype=self.dtype, **kwargs)


Tensor.new = new_  # type: ignore[attr-defined]

del Tensor.new_  # type: ignore[attr-defined]
