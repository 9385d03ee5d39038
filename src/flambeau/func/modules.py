"""Modules as functions of their parameters: for gradients per example, and for many models as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..nn.modules.batchnorm import _BatchNorm
from ..nn.utils.stateless import _functional_call
from ..tensor import functions as fn
from ..tensor.tensor import Tensor


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with given tensors in place of its parameters and buffers, which stay as they are.

    parameter_and_buffer_dicts: tensors by name, as `dict(module.named_parameters())`, or several such dicts.
    tie_weights: a name given stands for all names of the same parameter. strict: all names must be given, and no
    others.
    """
    if isinstance(parameter_and_buffer_dicts, dict):
        given = parameter_and_buffer_dicts
    elif isinstance(parameter_and_buffer_dicts, Sequence):
        if not all(isinstance(d, dict) for d in parameter_and_buffer_dicts):
            raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
        names = [name for d in parameter_and_buffer_dicts for name in d]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous")
        given = {name: value for d in parameter_and_buffer_dicts for name, value in d.items()}
    else:
        raise ValueError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(parameter_and_buffer_dicts)}"
        )
    return _functional_call(module, given, args, kwargs, tie_weights=tie_weights, strict=strict)


def stack_module_state(models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the parameters, the buffers) of several models of one class, stacked by name, for `vmap` over
    `functional_call`."""
    models = list(models)
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if any(m.training is not models[0].training for m in models):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if any(type(m) is not type(models[0]) for m in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    parameters = [dict(m.named_parameters()) for m in models]
    buffers = [dict(m.named_buffers()) for m in models]
    return _stacked(parameters), _stacked(buffers)


def _stacked(dicts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: _stack([d[name] for d in dicts]) for name in dicts[0]}


def _stack(tensors: list[Tensor]) -> Tensor:
    """Tensors as one; of leaves a leaf, that requires a gradient as they do."""
    if all(t.is_leaf for t in tensors):
        if any(t.requires_grad is not tensors[0].requires_grad for t in tensors):
            raise RuntimeError("Expected tensors from each model to have the same .requires_grad")
        return fn.stack([t.detach() for t in tensors]).requires_grad_(tensors[0].requires_grad)  # type: ignore[attr-defined]
    return fn.stack(tensors)


def replace_all_batch_norm_modules_(root: Any) -> Any:
    """Let the batch normalisations of a module keep no running statistics, in place; returns the module."""
    for part in root.modules():
        if isinstance(part, _BatchNorm):
            part.running_mean = None
            part.running_var = None
            part.num_batches_tracked = None
            part.track_running_stats = False
    return root
