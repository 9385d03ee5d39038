"""Splitting values over several GPUs, and joining them again. There is no GPU here, so tensors cannot be split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...device import device
from ...tensor.tensor import Tensor

__all__ = ["gather", "scatter", "scatter_kwargs"]


def check_gpu(where: Any) -> None:
    """Raise for what PyTorch takes for the number of a GPU: the CPU is none, and there is no other."""
    if isinstance(where, str):
        where = device(where)
    if isinstance(where, device) and where.type == "cpu":
        raise ValueError(f"Expected a non cpu device, but got: {where}")
    raise RuntimeError("Cannot access accelerator device when none is available.\n  Flambeau computes on the CPU.")


def scatter(inputs: Any, target_gpus: Sequence[Any], dim: int = 0) -> Any:
    """One value for each device: tensors split along `dim`, containers of such parts, and others as they are.

    Raises ValueError or RuntimeError for tensors, since there is no GPU.
    """
    if isinstance(inputs, Tensor):
        for where in target_gpus:
            check_gpu(where)
        return ()
    if isinstance(inputs, (tuple, list, dict)) and inputs:
        values = inputs.items() if isinstance(inputs, dict) else inputs
        parts = zip(*[scatter(v, target_gpus, dim) for v in values], strict=False)
        return [_like(inputs, p) for p in parts]
    return [inputs for _ in target_gpus]


def _like(container: Any, values: Any) -> Any:
    """Values in a container of the same type."""
    if isinstance(container, tuple):
        return type(container)(*values) if hasattr(container, "_fields") else values
    return list(values) if isinstance(container, list) else type(container)(values)


def scatter_kwargs(
    inputs: tuple, kwargs: dict[str, Any] | None, target_gpus: Sequence[Any], dim: int = 0
) -> tuple[tuple, tuple]:
    """Positional and keyword arguments for each device, as many of the one as of the other."""
    positional = list(scatter(inputs, target_gpus, dim)) if inputs else []
    named = list(scatter(kwargs, target_gpus, dim)) if kwargs else []
    positional += [()] * (len(named) - len(positional))
    named += [{} for _ in range(len(positional) - len(named))]
    return tuple(positional), tuple(named)


def gather(outputs: Any, target_device: Any, dim: int = 0) -> Any:
    """One value of those of several devices: containers part by part. Raises AssertionError for tensors of the CPU."""
    first = outputs[0]
    if isinstance(first, Tensor):
        raise AssertionError("Gather function not implemented for CPU tensors\n  To join them, use cat or stack.")
    if first is None:
        return None
    if isinstance(first, dict):
        if any(len(first) != len(d) for d in outputs):
            raise ValueError("All dicts must have the same number of keys")
        return type(first)((k, gather([d[k] for d in outputs], target_device, dim)) for k in first)
    make: Callable = type(first)._make if hasattr(first, "_fields") else type(first)  # type: ignore[attr-defined]
    return make([gather(values, target_device, dim) for values in zip(*outputs, strict=True)])
