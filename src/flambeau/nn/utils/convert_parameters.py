"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from ..module import typename

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Any]) -> Tensor:
    """The numbers of all parameters, one after the other: (n,).

    >>> parameters_to_vector([ones(2, 2), zeros(1)])
    tensor([1., 1., 1., 1., 0.])
    """
    parameters = list(parameters)
    _check_devices(parameters)
    return fn.cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Make parameters views of the slices of a vector (n,)."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {typename(vec)}")
    parameters = list(parameters)
    _check_devices(parameters)
    start = 0
    for parameter in parameters:
        stop = start + parameter.numel()
        parameter.data = vec[start:stop].view(parameter.shape).data  # type: ignore[attr-defined, index]
        start = stop


def _check_devices(parameters: list[Any]) -> None:
    if (
        len(
            {str(p.device) for p in parameters if p.device.type == "cuda"}
            | {p.device.type == "cuda" for p in parameters}
        )
        > 2
    ):
        raise TypeError("Found two parameters on different devices, this is currently not supported.")
