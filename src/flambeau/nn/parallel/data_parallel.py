"""DataParallel and its parts: without several GPUs, the module that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...tensor.tensor import Tensor
from ..module import Module
from .scatter_gather import check_gpu

__all__ = ["DataParallel", "data_parallel"]


class DataParallel(Module):
    """Splits batches over the GPUs of the machine; with none, as here, calls the module itself.

    The state dict's keys begin with `module.`.
    """

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[Any] = []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


DataParallel.__module__ = "torch.nn.parallel.data_parallel"


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Any = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: Any = None,
) -> Tensor:
    """`module(inputs)`, the batch split over GPUs. Raises RuntimeError, as there is none: call the module itself."""
    raise RuntimeError("device type could not be determined\n  There is no GPU: call module(inputs).")


def replicate(network: Module, devices: Sequence[Any], detach: bool = False) -> list[Module]:
    """A copy of a network on each of some GPUs. Raises unless there are none: parameters of the CPU stay there."""
    for where in devices:
        if not isinstance(where, int):
            check_gpu(where)
    if devices and (any(True for _ in network.parameters()) or any(True for _ in network.buffers())):
        raise AssertionError(
            "Broadcast function not implemented for CPU tensors\n"
            "  Flambeau computes on the CPU; copy.deepcopy(network) gives a network of its own parameters."
        )
    return [network for _ in devices]


def parallel_apply(
    modules: Sequence[Module],
    inputs: Sequence[Any],
    kwargs_tup: Sequence[dict[str, Any]] | None = None,
    devices: Sequence[Any] | None = None,
) -> list[Any]:
    """The result of each module on its inputs. Raises RuntimeError: it needs one GPU for each module."""
    for what, values in (("inputs", inputs), ("kwargs_tup", kwargs_tup), ("devices", devices)):
        if values is not None and len(modules) != len(values):
            raise AssertionError(
                f"The number of modules {len(modules)} is not equal to the number of {what} {len(values)}"
            )
    for where in [None] * len(modules) if devices is None else devices:
        check_gpu(where)
    return []
