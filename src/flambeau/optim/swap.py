"""Running an optimizer, for a while, on other parameters and another state."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ..tensor.tensor import Tensor
from .optimizer import Optimizer

_CALLER = "swap_in_optimizer_params_and_state"


@contextlib.contextmanager
def swap_in_optimizer_params_and_state(
    optimizer: Optimizer, swapin_parameters: dict[str, Tensor], swapin_optim_state: dict[str, Any]
) -> Iterator[None]:
    """A block in which the optimizer has the given parameters, and the state and options of a `state_dict`.

    Parameters are taken in the order of the groups. At the end the optimizer is what it was. Raises RuntimeError where
    the groups do not fit.
    """
    state, groups = _checked(optimizer, swapin_optim_state)
    parameters = list(swapin_parameters.values())
    if sum(len(g["params"]) for g in groups) > len(parameters):
        raise RuntimeError(f"{_CALLER} requires the explicit parameter state to match optimizer.param_groups ordering.")
    keys = {key for group in groups for key in group["params"]}
    extra = [key for key in state if key not in keys]
    if extra:
        raise RuntimeError(
            f"{_CALLER} requires swapin_optim_state['state'] to be keyed only by packed parameter ids from "
            f"param_groups[*]['params']; got extra keys {extra!r}."
        )
    before = [dict(group) for group in optimizer.param_groups]
    state_before = optimizer.state
    try:
        swapped: defaultdict[Any, Any] = defaultdict(dict)
        for live, group in zip(optimizer.param_groups, groups, strict=True):
            chosen, parameters = parameters[: len(group["params"])], parameters[len(group["params"]) :]
            live.update({**group, "params": chosen})
            for p, key in zip(chosen, group["params"], strict=True):
                swapped[p] = dict(state.get(key, {}))
        optimizer.state = swapped
        yield
    finally:
        for live, kept in zip(optimizer.param_groups, before, strict=True):
            live.clear()
            live.update(kept)
        optimizer.state = state_before


def _checked(optimizer: Optimizer, saved: Any) -> tuple[dict[Any, Any], list[dict[str, Any]]]:
    """State and groups of a `state_dict`. Raises RuntimeError where it is none, or none of this optimizer."""
    if not optimizer.state:
        raise RuntimeError(f"{_CALLER} requires initialized optimizer state.")
    if not isinstance(saved, dict):
        raise RuntimeError(f"{_CALLER} requires a DCP-style optimizer state_dict.")
    state, groups = saved.get("state"), saved.get("param_groups")
    if not isinstance(state, dict):
        raise RuntimeError(
            f"{_CALLER} requires swapin_optim_state['state'] to be a dict mapping packed parameter ids to per-param "
            f"state dicts, got {type(state).__name__}."
        )
    if any(isinstance(key, Tensor) for key in state):
        raise RuntimeError(f"{_CALLER} requires optimizer.state_dict()-style state keyed by packed parameter ids.")
    if any(isinstance(key, int) and not isinstance(value, dict) for key, value in state.items()):
        raise RuntimeError(f"{_CALLER} requires per-parameter optimizer state entries to be dictionaries.")
    if not isinstance(groups, list):
        raise RuntimeError(
            f"{_CALLER} requires swapin_optim_state['param_groups'] to be a list of param-group dicts, got "
            f"{type(groups).__name__}."
        )
    if len(groups) != len(optimizer.param_groups):
        raise RuntimeError("swapin_optim_state has a different number of parameter groups than the live optimizer.")
    for i, (live, group) in enumerate(zip(optimizer.param_groups, groups, strict=True)):
        _check_group(i, live, group)
    return state, groups


def _check_group(i: int, live: dict[str, Any], group: Any) -> None:
    if not isinstance(group, dict):
        raise RuntimeError(f"{_CALLER} requires each optimizer param group to be a dictionary.")
    keys = group.get("params")
    if not isinstance(keys, list) or not all(isinstance(key, int) for key in keys):
        raise RuntimeError(
            f"{_CALLER} requires optimizer.state_dict()-style param_groups[*]['params'] entries keyed by packed "
            "parameter ids."
        )
    if len(keys) != len(live["params"]):
        raise RuntimeError(
            f"swapin_optim_state param group {i} has a different number of params than the live optimizer param group."
        )
    theirs, ours = [k for k in group if k not in live], [k for k in live if k not in group]
    if theirs or ours:
        raise RuntimeError(
            f"{_CALLER} requires optimizer.state_dict()-style param group keys to exactly match the live optimizer "
            f"group keys for group {i}. Keys only in swap-in: {theirs}. Keys only in live: {ours}."
        )
