"""`torch.distributed`, as PyTorch is when it was built without it: not available, and no group of processes exists.

Programs ask `is_available()` or `is_initialized()` first and then run on one process; what needs a group raises.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from enum import Enum
from typing import Any

from .. import missing as _missing

__all__ = ["ProcessGroup", "ReduceOp"]

# how what comes from several processes becomes one
ReduceOp = Enum("RedOpType", "SUM AVG PRODUCT MIN MAX BAND BOR BXOR PREMUL_SUM", start=0)  # type: ignore[misc]


def _no_instance(cls: type, *args: Any, **kwargs: Any) -> Any:
    """The `__new__` of classes of which there can be no object without a group of processes."""
    raise RuntimeError("torch.distributed is not available here: Flambeau has no groups of processes yet")


class ProcessGroup:
    """Processes that work together. There are none here: the class is for annotations and `isinstance`."""

    __new__ = _no_instance


def is_torchelastic_launched() -> bool:
    """Whether this process was started by torchrun."""
    return os.environ.get("TORCHELASTIC_RUN_ID") is not None


def _no(name: str, question: str) -> Callable[..., bool]:
    def answer(*args: Any) -> bool:
        return False

    answer.__name__ = answer.__qualname__ = name
    answer.__doc__ = f"Whether {question}: False."
    return answer


def _refuse() -> None:
    raise ValueError(
        "Default process group has not been initialized, please make sure to call init_process_group.\n"
        "  torch.distributed.is_available() is False here: this program runs as one process."
    )


def _needs_group(name: str) -> Callable[..., Any]:
    return _missing.stand_in(name, _refuse, "Raises ValueError: there is no group of processes.")


for _name, _question in {
    "is_available": "processes can work together",
    "is_initialized": "a group of processes exists",
    "is_backend_available": "this way of talking is there",
    "is_gloo_available": "Gloo is there",
    "is_mpi_available": "MPI is there",
    "is_nccl_available": "NCCL is there",
    "is_ucc_available": "UCC is there",
    "is_xccl_available": "XCCL is there",
}.items():
    globals()[_name] = _no(_name, _question)
_QUESTIONS = "get_rank get_world_size get_backend get_group_rank get_global_rank".split()
_TALK = (
    "barrier all_reduce all_gather all_gather_into_tensor all_gather_object all_to_all all_to_all_single broadcast "
    "broadcast_object_list gather gather_object irecv isend recv reduce reduce_scatter reduce_scatter_tensor scatter "
    "scatter_object_list send"
).split()
for _name in (*_QUESTIONS, *_TALK):
    globals()[_name] = _needs_group(_name)
__all__ += [_name for _name in globals() if _name.startswith("is_") or _name in _QUESTIONS or _name in _TALK]


def __getattr__(name: str) -> Any:
    if name in ("device_mesh", "rpc", "tensor"):
        return importlib.import_module(f".{name}", __name__)
    raise _missing.missing_attribute(__name__, name, __all__)
