"""State dicts: taking a module's parameters and buffers out by name, and putting them back. Methods of Module."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..tensor.node import RemovableHandle
from ..tensor.tensor import Parameter, Tensor
from .grad_mode import unrecorded
from .hooks import BoundHook, HookHandle
from .parameter import is_lazy

EXTRA = "_extra_state"


class _Keys(NamedTuple):
    missing_keys: list[str]
    unexpected_keys: list[str]


class IncompatibleKeys(_Keys):
    """What `load_state_dict` returns: the keys that did not match."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"

    __str__ = __repr__


def hooks_of(module: Any, table: str) -> list[Callable]:
    """The hooks in a table of a module, which may not have been made yet."""
    found = module.__dict__.get(table)
    return list(found.values()) if found else []


# ---- taking out ------------------------------------------------------------------------------------------------------


def state_dict(self: Any, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
    """The parameters and persistent buffers by dotted name; they share memory with the module.

    keep_vars: keep the Parameters themselves, with their history, instead of detached tensors.

    >>> list(torch.nn.Linear(2, 1).state_dict())
    ['weight', 'bias']
    """
    if args:
        warnings.warn(
            "Positional args are being deprecated, use kwargs instead. Refer to https://pytorch.org/docs/main/generated/"
            "torch.nn.Module.html#torch.nn.Module.state_dict for details.",
            FutureWarning,
            stacklevel=2,
        )
        destination = args[0] if destination is None else destination
        prefix = args[1] if len(args) > 1 and prefix == "" else prefix
        keep_vars = args[2] if len(args) > 2 and keep_vars is False else keep_vars
    if destination is None:
        destination = OrderedDict()
        destination._metadata = OrderedDict()  # type: ignore[attr-defined]
    local_metadata = {"version": self._version}
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = local_metadata
    for hook in hooks_of(self, "_state_dict_pre_hooks"):
        hook(self, prefix, keep_vars)
    self._save_to_state_dict(destination, prefix, keep_vars)
    for name, module in self._modules.items():
        if module is not None:
            module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    for hook in hooks_of(self, "_state_dict_hooks"):
        replaced = hook(self, destination, prefix, local_metadata)
        if replaced is None:
            continue
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError("state_dict post-hook must return None")
        destination = replaced
    return destination


def _save_to_state_dict(self: Any, destination: Any, prefix: str, keep_vars: bool) -> None:
    """Put the module's own state, without that of its submodules, into `destination`."""
    temporary = self._non_persistent_buffers_set
    kept = [*self._parameters.items(), *((n, b) for n, b in self._buffers.items() if n not in temporary)]
    for name, tensor in kept:
        if tensor is not None:
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
    if has_own(self, "get_extra_state", get_extra_state):
        destination[prefix + EXTRA] = self.get_extra_state()


def has_own(module: Any, method: str, default: Callable) -> bool:
    """Whether a subclass has defined a method of its own."""
    return getattr(type(module), method, default) is not default


def get_extra_state(self: Any) -> Any:
    """What to keep in the state dict besides tensors: a subclass may define it, with `set_extra_state`."""
    raise RuntimeError(_undefined("get_extra_state"))


def set_extra_state(self: Any, state: Any) -> None:
    """Take back what `get_extra_state` gave."""
    raise RuntimeError(_undefined("set_extra_state"))


def _undefined(name: str) -> str:
    return (
        f"Reached a code path in Module.{name}() that should never be called. Please file an issue at "
        "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report this bug.\n"
        "  A module with extra state defines both get_extra_state() and set_extra_state(state)."
    )


# ---- putting back ----------------------------------------------------------------------------------------------------


def load_state_dict(
    self: Any, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
) -> IncompatibleKeys:
    """Copy parameters and buffers from a state dict into this module.

    strict: raise RuntimeError unless the keys are exactly the module's. assign: take the tensors themselves, with their
    dtype and device, instead of copying their values. Shapes must agree in any case. Returns the keys that did not
    match.

    >>> source, target = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    >>> target.load_state_dict(source.state_dict())
    <All keys matched successfully>
    """
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    missing: list[str] = []
    unexpected: list[str] = []
    errors: list[str] = []
    metadata = getattr(state_dict, "_metadata", None)
    entries: Any = OrderedDict(state_dict)
    if metadata is not None:
        entries._metadata = metadata

    def load(module: Any, entries: Any, prefix: str) -> None:
        local_metadata = {} if metadata is None else metadata.get(prefix[:-1], {})
        if assign:
            local_metadata["assign_to_params_buffers"] = assign
        module._load_from_state_dict(entries, prefix, local_metadata, True, missing, unexpected, errors)
        for name, child in module._modules.items():
            if child is not None:
                path = f"{prefix}{name}."
                load(child, {key: value for key, value in entries.items() if key.startswith(path)}, path)
        keys = IncompatibleKeys(missing, unexpected)
        for hook in hooks_of(module, "_load_state_dict_post_hooks"):
            if hook(module, keys) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                    "values, if incompatible_keys need to be modified, it should be done inplace."
                )

    load(self, entries, "")
    if strict and unexpected:
        errors.insert(0, f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
    if strict and missing:
        errors.insert(0, f"Missing key(s) in state_dict: {_quoted(missing)}. ")
    if errors:
        name = type(self).__name__
        raise RuntimeError(f"Error(s) in loading state_dict for {name}:\n\t" + "\n\t".join(errors))
    return IncompatibleKeys(missing, unexpected)


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)


def _load_from_state_dict(
    self: Any,
    state_dict: Any,
    prefix: str,
    local_metadata: dict[str, Any],
    strict: bool,
    missing_keys: list[str],
    unexpected_keys: list[str],
    error_msgs: list[str],
) -> None:
    """Take the module's own state, without that of its submodules, from `state_dict`."""
    for hook in hooks_of(self, "_load_state_dict_pre_hooks"):
        hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
    temporary = self._non_persistent_buffers_set
    kept = [*self._parameters.items(), *((n, b) for n, b in self._buffers.items() if n not in temporary)]
    local = {name: tensor for name, tensor in kept if tensor is not None}
    assign = local_metadata.get("assign_to_params_buffers", False)
    for name, tensor in local.items():
        key = prefix + name
        if key in state_dict:
            complaint = _load_one(self, name, key, tensor, state_dict[key], assign)
            if complaint is not None:
                error_msgs.append(complaint)
        elif strict:
            missing_keys.append(key)
    extra = prefix + EXTRA
    if has_own(self, "set_extra_state", set_extra_state):
        if extra in state_dict:
            self.set_extra_state(state_dict[extra])
        elif strict:
            missing_keys.append(extra)
    elif strict and extra in state_dict:
        unexpected_keys.append(extra)
    if strict:
        for key in state_dict:
            if key.startswith(prefix) and key != extra:
                name, dot, _ = key[len(prefix) :].partition(".")
                if name not in (self._modules if dot else local):
                    unexpected_keys.append(key)


def _load_one(module: Any, name: str, key: str, tensor: Any, given: Any, assign: bool) -> str | None:
    """Put one tensor of a state dict in its place, or say why it does not fit."""
    if not (isinstance(given, Tensor) or hasattr(given, "__torch_function__")):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint '
            f"but received {type(given)}"
        )
    lazy = is_lazy(tensor)
    if not lazy and not tensor.shape and tuple(given.shape) == (1,):
        # scalars were saved with one dimension once
        given = given[0]
    if not lazy and given.shape != tensor.shape:
        return (
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, the shape in current "
            f"model is {tensor.shape}."
        )
    if tensor.device.type == "meta" and given.device.type != "meta" and not assign:
        warnings.warn(
            f"for {key}: copying from a non-meta parameter in the checkpoint to a meta parameter in the current model, "
            "which is a no-op. (Did you mean to pass `assign=True` to assign items in the state dictionary to their "
            "corresponding key in the module instead of copying them in place?)",
            stacklevel=4,
        )
        return None
    try:
        with unrecorded():
            if not assign:
                tensor.copy_(given)
            elif not isinstance(tensor, Parameter):
                setattr(module, name, given)
            elif isinstance(given, Parameter):
                setattr(module, name, given.requires_grad_(tensor.requires_grad))
            else:
                setattr(module, name, Parameter(given, requires_grad=tensor.requires_grad))
    except Exception as error:
        return (
            f'While copying the parameter named "{key}", whose dimensions in the model are {tensor.shape} and whose '
            f"dimensions in the checkpoint are {given.shape}, an exception occurred : {error.args}."
        )
    return None


# ---- hooks -----------------------------------------------------------------------------------------------------------


def register_state_dict_pre_hook(self: Any, hook: Callable) -> RemovableHandle:
    """Call `hook(module, prefix, keep_vars)` before the state is taken."""
    return HookHandle(self._state_dict_pre_hooks, hook)


def register_state_dict_post_hook(self: Any, hook: Callable) -> RemovableHandle:
    """Call `hook(module, state_dict, prefix, local_metadata)`, which may change the dict, after the state is taken."""
    hook._from_public_api = True  # type: ignore[attr-defined]
    return HookHandle(self._state_dict_hooks, hook)


def _register_state_dict_hook(self: Any, hook: Callable) -> RemovableHandle:
    """As the public form; the hook may return another dict."""
    if getattr(hook, "_from_public_api", False):
        raise RuntimeError(
            "Cannot register the same function as the state dict post hook that was previously registered via "
            "register_state_dict_post_hook"
        )
    return HookHandle(self._state_dict_hooks, hook)


def register_load_state_dict_pre_hook(self: Any, hook: Callable) -> RemovableHandle:
    """Call `hook(module, state_dict, prefix, local_metadata, strict, missing, unexpected, errors)` before loading."""
    return self._register_load_state_dict_pre_hook(hook, with_module=True)


def _register_load_state_dict_pre_hook(self: Any, hook: Callable, with_module: bool = False) -> RemovableHandle:
    return HookHandle(self._load_state_dict_pre_hooks, BoundHook(hook, self if with_module else None))


def register_load_state_dict_post_hook(self: Any, hook: Callable) -> RemovableHandle:
    """Call `hook(module, incompatible_keys)` after loading; it may change the lists of keys."""
    return HookHandle(self._load_state_dict_post_hooks, hook)
