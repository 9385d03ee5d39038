"""DataParallel: without several GPUs, the module that it is given."""

from __future__ import annotations

from typing import Any

from ..module import Module

__all__ = ["DataParallel"]


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
