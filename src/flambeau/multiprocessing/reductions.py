"""How tensors are pickled for another process: as a handle of their memory.

Only what `multiprocessing` itself pickles goes so: what is sent through its queues and pipes, and the arguments of
processes that it starts. `pickle.dumps` and `torch.save` keep the values.
"""

from __future__ import annotations

import warnings
from multiprocessing import context
from multiprocessing.reduction import ForkingPickler
from typing import Any

from .. import dtypes
from ..storage import memory
from ..tensor.functions.storages import UntypedStorage
from ..tensor.methods.copying import make_as, place_in, placed
from ..tensor.tensor import KINDS, Parameter, Tensor, current_edge, make, set_requires_grad
from ..xp import numpy as xnp
from . import strategy
from .memory import CAN_SHARE, received, sent
from .sharing import shared

# dtypes are pickled by name, so that a process need not find them under PyTorch's
KIND_OF_NAME = {kind.dtype.name: kind for kind in KINDS.values()}


def reduce_tensor(tensor: Tensor) -> tuple:
    """The pickle of a tensor for another process: of its memory, which is moved to where that can see it.

    Where more than tensors look at the memory, or it cannot be shared, the values are copied. Raises RuntimeError for
    a tensor in a graph.
    """
    edge = current_edge(tensor)
    if edge is not None and not tensor.is_leaf:
        raise RuntimeError(
            "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support "
            "crossing process boundaries.  If you just want to transfer the data, call detach() on the tensor before "
            "serializing (e.g., putting it on the queue)."
        )
    for hook in (getattr(edge, "hooks", None) or {}).values():
        if not hasattr(hook, "__torch_unserializable__"):
            warnings.warn(
                f"backward hook {hook!r} on tensor will not be serialized.  If this is expected, you can decorate the "
                "function with @torch.utils.hooks.unserializable_hook to suppress this warning",
                stacklevel=2,
            )
    # few files for what stays; for what passes through a queue, memory that ends with it
    together = context.get_spawning_popen() is not None or strategy.chosen == "file_system"
    kind = type(tensor)
    if not (_has_memory(tensor) and CAN_SHARE and shared(tensor, together)):
        base: Any = Parameter if issubclass(kind, Parameter) else Tensor
        return base.__reduce_ex__(tensor, 4)
    array = tensor._array
    whole = memory(array)
    cls = None if kind in (Tensor, Parameter) else kind
    arguments = (cls, kind is Parameter, tensor.dtype.name, tensor.requires_grad, place_in(array, whole), sent(whole))
    return rebuild_tensor, arguments, None if cls is None else tensor.__dict__ or None


def _has_memory(tensor: Tensor) -> bool:
    return isinstance(tensor._array, xnp.ndarray) and tensor._array.size > 0


def rebuild_tensor(
    cls: Any, is_parameter: bool, dtype: str, requires_grad: bool, place: tuple, handle: tuple
) -> Tensor:
    """A tensor on the memory that another process sent."""
    kind = KIND_OF_NAME[dtype]
    array = placed(received(*handle), kind.native, *place)
    if is_parameter:
        return Parameter(make(array, kind), requires_grad)
    t = make_as(cls or Tensor, array, kind)
    if requires_grad:
        set_requires_grad(t, True)
    return t


def reduce_storage(storage: UntypedStorage) -> Any:
    """The pickle of a storage for another process: its memory where that is shared, or else its bytes."""
    return rebuild_storage, (make(storage._array, KINDS[dtypes.uint8]),)


def rebuild_storage(octets: Tensor) -> UntypedStorage:
    """A storage of the tensor of its bytes."""
    return UntypedStorage._of(octets._array)


def init_reductions() -> None:
    """Let `multiprocessing` pickle tensors so. Done when `torch.multiprocessing` is loaded."""
    ForkingPickler.register(Tensor, reduce_tensor)
    ForkingPickler.register(Parameter, reduce_tensor)
    ForkingPickler.register(UntypedStorage, reduce_storage)
