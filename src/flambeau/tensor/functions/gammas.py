"""Gamma and Dirichlet random numbers, differentiable with respect to their concentrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import config, random
from ...random import default_generator
from ...xp import numpy as xnp
from .. import rows
from ..public import public
from ..tensor import Tensor
from . import draws


def _drawn(input: Tensor, draw: Callable, row: Callable, generator: Any) -> Tensor:
    if config.modes().levels:
        return row(input, values=draws.sampled(lambda a: draw(generator or default_generator, a), input._array))
    if input._kind.xp is not xnp:
        return row(input, values=input._kind.xp.empty_like(input._array))
    return row(input, values=draw(generator or default_generator, input._array))


@public(method=False)
def _standard_gamma(input: Tensor, generator: Any = None) -> Tensor:
    """Gamma random numbers of rate 1 whose concentrations are the elements (float32 or float64)."""
    return _drawn(input, random.standard_gamma, rows.standard_gamma, generator)


@public(method=False)
def _sample_dirichlet(input: Tensor, generator: Any = None) -> Tensor:
    """Points of the simplex along the last dim, whose concentrations are the elements (float32 or float64)."""
    return _drawn(input, random.dirichlet, rows.sample_dirichlet, generator)


@public(method=False)
def _standard_gamma_grad(input: Tensor, output: Tensor) -> Tensor:
    """The derivative of gamma numbers `output` with respect to their concentrations `input`."""
    _check(input, "_standard_gamma_grad_cpu", output)
    return rows.standard_gamma_grad(input, output)


@public(method=False)
def _dirichlet_grad(x: Tensor, alpha: Tensor, total: Tensor) -> Tensor:
    """The derivative of Dirichlet coordinates with respect to their own concentrations, divided by `1 - x`."""
    _check(x, "_dirichlet_grad_cpu", alpha, total)
    return rows.dirichlet_grad(x, alpha, total)


def _check(first: Tensor, kernel: str, *others: Tensor) -> None:
    """Refuse dtypes that are not all float32 or all float64."""
    for other in others:
        if other.dtype is not first.dtype:
            raise RuntimeError(f"Found dtype {other.dtype.scalar_name} but expected {first.dtype.scalar_name}")
    if first._kind.native.name not in ("float32", "float64"):
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{first.dtype.scalar_name}'")
