"""Calling a module with other parameters than its own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..parallel import DataParallel

__all__ = ["functional_call"]


def functional_call(
    module: Any,
    parameters_and_buffers: dict[str, Any],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """The older place of `torch.func.functional_call`."""
    warnings.warn(
        "`torch.nn.utils.stateless.functional_call` is deprecated as of PyTorch 2.0 and will be removed in a future "
        "version of PyTorch. Please use `torch.func.functional_call` instead which is a drop-in replacement.",
        FutureWarning,
        stacklevel=2,
    )
    return _functional_call(module, parameters_and_buffers, args, kwargs, tie_weights=tie_weights, strict=strict)


def _functional_call(
    module: Any,
    parameters_and_buffers: dict[str, Any],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with given tensors, by dotted name, in place of its parameters and buffers.

    tie_weights: names that stand for one tensor get the one that is given for any of them. strict: all names must be
    given, and no others.
    """
    if isinstance(module, DataParallel):
        raise RuntimeError("The stateless API can't be used with nn.DataParallel module")
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _reparametrize_module(module, parameters_and_buffers, tie_weights=tie_weights, strict=strict):
        return module(*args, **(kwargs or {}))


@contextmanager
def _reparametrize_module(
    module: Any,
    parameters_and_buffers: dict[str, Any],
    tie_weights: bool = False,
    strict: bool = False,
    stack_weights: bool = False,
) -> Iterator[None]:
    """A block in which a module has other tensors; what it put in their place meanwhile goes back into the dict."""
    given = _with_tied_names(module, parameters_and_buffers) if tie_weights else parameters_and_buffers
    if strict:
        _check_names(module, given)
    before = _swap(module, given)
    try:
        yield
    finally:
        now = _swap(module, dict(reversed(before.items())))
        parameters_and_buffers.update({name: now[name] for name in parameters_and_buffers if name in now})


MISSING = object()


def _swap(module: Any, tensors: dict[str, Any]) -> dict[str, Any]:
    """Put tensors into their places; returns what was there."""
    before = {}
    for path, tensor in tensors.items():
        home, _, name = path.rpartition(".")
        part = module.get_submodule(home)
        table = part._buffers if name in part._buffers else part._parameters
        if name in table:
            before[path] = table[name]
            table[name] = tensor
        else:
            # a name that was no parameter: a plain attribute, or none
            before[path] = getattr(part, name, MISSING)
            if tensor is MISSING:
                delattr(part, name)
            else:
                object.__setattr__(part, name, tensor)
    return before


def _names(module: Any) -> dict[str, Any]:
    return dict([*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)])


def _check_names(module: Any, given: dict[str, Any]) -> None:
    there = _names(module)
    complaints = []
    unexpected = [name for name in given if name not in there]
    missing = [name for name in there if name not in given]
    if unexpected:
        complaints.append(f"Unexpected key(s): {', '.join(map(repr, unexpected))}.")
    if missing:
        complaints.append(f"Missing key(s): {', '.join(map(repr, missing))}.")
    if complaints:
        raise RuntimeError(f"Error(s) in reparametrizing for {module._get_name()}:\n\t" + "\n\t".join(complaints))


def _with_tied_names(module: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What is given, under all names that the module has for the same tensors."""
    tied: dict[int, list[str]] = {}
    for name, tensor in _names(module).items():
        tied.setdefault(id(tensor), []).append(name)
    complete = dict(given)
    for names in tied.values():
        chosen = [name for name in names if name in given]
        if len(names) < 2 or not chosen:
            continue
        if len({id(given[name]) for name in chosen}) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(names)}, which are tied. Consider using "
                "tie_weights=False"
            )
        complete.update(dict.fromkeys(names, given[chosen[0]]))
    return complete
