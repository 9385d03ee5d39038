"""Hooks of modules: what to call before and after `forward`, and before and after a module's backward pass."""

from __future__ import annotations

import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .. import config
from ..tensor.node import Node, Output, RemovableHandle, more
from ..tensor.tensor import Tensor, current_edge, make

# id -> hook, for all modules
_global_backward_pre_hooks: OrderedDict[int, Callable] = OrderedDict()
_global_backward_hooks: OrderedDict[int, Callable] = OrderedDict()
_global_forward_pre_hooks: OrderedDict[int, Callable] = OrderedDict()
_global_forward_hooks: OrderedDict[int, Callable] = OrderedDict()
_global_forward_hooks_always_called: OrderedDict[int, bool] = OrderedDict()
_global_forward_hooks_with_kwargs: OrderedDict[int, bool] = OrderedDict()
_global_buffer_registration_hooks: OrderedDict[int, Callable] = OrderedDict()
_global_module_registration_hooks: OrderedDict[int, Callable] = OrderedDict()
_global_parameter_registration_hooks: OrderedDict[int, Callable] = OrderedDict()
# whether the global backward hooks are full ones; None while there was none
full_backward: dict[str, bool | None] = {"global": None}

# tables that a call of a module looks at, and those of its state; a module gets each when it is first asked for
CALL_TABLES = frozenset(
    """_backward_pre_hooks _backward_hooks _forward_hooks _forward_hooks_with_kwargs _forward_hooks_always_called
    _forward_pre_hooks _forward_pre_hooks_with_kwargs""".split()
)
STATE_TABLES = frozenset(
    "_state_dict_hooks _state_dict_pre_hooks _load_state_dict_pre_hooks _load_state_dict_post_hooks".split()
)


class HookHandle(RemovableHandle):
    """Takes a hook out of its table, and its id out of the tables that say how to call it."""

    def __init__(self, hooks: OrderedDict, hook: Callable, flags: tuple[OrderedDict, ...] = (), first: bool = False):
        super().__init__(hooks, hook)
        self._flags = tuple(weakref.ref(table) for table in flags)
        if first:
            hooks.move_to_end(self.id, last=False)

    def remove(self) -> None:
        super().remove()
        for reference in self._flags:
            table = reference()
            if table is not None:
                table.pop(self.id, None)

    def __getstate__(self) -> tuple:
        return self.id, self._hooks(), tuple(reference() for reference in self._flags)

    def __setstate__(self, state: tuple) -> None:
        # a copy takes the hook out of the copied tables
        self.id, hooks, flags = state
        self._hooks = weakref.ref(OrderedDict() if hooks is None else hooks)
        self._flags = tuple(weakref.ref(table) for table in flags if table is not None)
        RemovableHandle._next_id = max(RemovableHandle._next_id, self.id + 1)


HookHandle.__module__ = "torch.utils.hooks"
HookHandle.__qualname__ = HookHandle.__name__ = "RemovableHandle"


class BoundHook:
    """A hook that gets its module as first argument, and does not keep it alive."""

    def __init__(self, hook: Callable, module: Any = None) -> None:
        self.hook = hook
        self.module = None if module is None else weakref.ref(module)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.module is None:
            return self.hook(*args, **kwargs)
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args, **kwargs)

    def __getstate__(self) -> dict[str, Any]:
        return {"hook": self.hook, "module": self.module if self.module is None else self.module()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.hook = state["hook"]
        self.module = None if state["module"] is None else weakref.ref(state["module"])


# ---- registration on one module: these are methods of Module ---------------------------------------------------------


def register_forward_pre_hook(
    self: Any, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False
) -> RemovableHandle:
    """Call `hook(module, args)` before `forward`; what it returns replaces the arguments.

    prepend: before the hooks that are there already. with_kwargs: `hook(module, args, kwargs)`, which returns None or
    new `(args, kwargs)`.
    """
    object.__setattr__(self, "_hooked", True)
    flags = self._forward_pre_hooks_with_kwargs
    handle = HookHandle(self._forward_pre_hooks, hook, (flags,), prepend)
    if with_kwargs:
        flags[handle.id] = True
    return handle


def register_forward_hook(
    self: Any, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call `hook(module, args, output)` after `forward`; what it returns replaces the output.

    prepend: before the hooks that are there already. with_kwargs: `hook(module, args, kwargs, output)`. always_call:
    even where `forward` raised.
    """
    object.__setattr__(self, "_hooked", True)
    flags = (self._forward_hooks_with_kwargs, self._forward_hooks_always_called)
    handle = HookHandle(self._forward_hooks, hook, flags, prepend)
    for table, wanted in zip(flags, (with_kwargs, always_call), strict=True):
        if wanted:
            table[handle.id] = True
    return handle


def register_full_backward_pre_hook(self: Any, hook: Callable, prepend: bool = False) -> RemovableHandle:
    """Call `hook(module, grad_output)` before the module's backward pass; what it returns replaces the gradients."""
    object.__setattr__(self, "_hooked", True)
    return HookHandle(self._backward_pre_hooks, hook, (), prepend)


def register_full_backward_hook(self: Any, hook: Callable, prepend: bool = False) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` after the module's backward pass.

    What it returns replaces the gradients of the inputs.
    """
    _refuse_other_kind(self._is_full_backward_hook is False, "on a single Module")
    object.__setattr__(self, "_hooked", True)
    object.__setattr__(self, "_is_full_backward_hook", True)
    return HookHandle(self._backward_hooks, hook, (), prepend)


def register_backward_hook(self: Any, hook: Callable) -> RemovableHandle:
    """The older form, which sees the inputs of the module's last operation only. Use `register_full_backward_hook`."""
    _refuse_other_kind(self._is_full_backward_hook is True, "on a single Module")
    object.__setattr__(self, "_hooked", True)
    object.__setattr__(self, "_is_full_backward_hook", False)
    return HookHandle(self._backward_hooks, hook)


def _refuse_other_kind(other: bool, where: str) -> None:
    if other:
        raise RuntimeError(
            f"Cannot use both regular backward hooks and full backward hooks {where}. Please use only one of them."
        )


# ---- registration on all modules -------------------------------------------------------------------------------------


def register_module_buffer_registration_hook(hook: Callable) -> RemovableHandle:
    """Call `hook(module, name, buffer)` wherever a buffer is registered; what it returns takes the buffer's place."""
    return HookHandle(_global_buffer_registration_hooks, hook)


def register_module_module_registration_hook(hook: Callable) -> RemovableHandle:
    """Call `hook(module, name, submodule)` wherever one is registered; what it returns takes its place."""
    return HookHandle(_global_module_registration_hooks, hook)


def register_module_parameter_registration_hook(hook: Callable) -> RemovableHandle:
    """Call `hook(module, name, parameter)` wherever one is registered; what it returns takes its place."""
    return HookHandle(_global_parameter_registration_hooks, hook)


def register_module_forward_pre_hook(hook: Callable) -> RemovableHandle:
    """Call `hook(module, args)` before `forward` of every module; what it returns replaces the arguments."""
    watch_all_calls()
    return HookHandle(_global_forward_pre_hooks, hook)


def register_module_forward_hook(
    hook: Callable, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call `hook(module, args, output)` after `forward` of every module; what it returns replaces the output."""
    watch_all_calls()
    flags = (_global_forward_hooks_with_kwargs, _global_forward_hooks_always_called)
    handle = HookHandle(_global_forward_hooks, hook, flags)
    for table, wanted in zip(flags, (with_kwargs, always_call), strict=True):
        if wanted:
            table[handle.id] = True
    return handle


def register_module_full_backward_pre_hook(hook: Callable) -> RemovableHandle:
    """Call `hook(module, grad_output)` before the backward pass of every module."""
    watch_all_calls()
    return HookHandle(_global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook: Callable) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` after the backward pass of every module."""
    _refuse_other_kind(full_backward["global"] is False, "as a global Module hook")
    watch_all_calls()
    full_backward["global"] = True
    return HookHandle(_global_backward_hooks, hook)


def register_module_backward_hook(hook: Callable) -> RemovableHandle:
    """The older form of `register_module_full_backward_hook`."""
    _refuse_other_kind(full_backward["global"] is True, "as a global Module hook")
    watch_all_calls()
    full_backward["global"] = False
    return HookHandle(_global_backward_hooks, hook)


# the class Module, which puts itself here
bases: list[Any] = []


def watch_all_calls() -> None:
    """From now on, calls of all modules look for global hooks."""
    for base in bases:
        base._hooked = True


# ---- a call with hooks -----------------------------------------------------------------------------------------------


def call_with_hooks(module: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """`module.forward`, between its hooks and the global ones."""
    tables = module.__dict__
    before = [*_global_forward_pre_hooks.items(), *tables.get("_forward_pre_hooks", {}).items()]
    after = [*_global_forward_hooks.items(), *tables.get("_forward_hooks", {}).items()]
    backward_pre = [*_global_backward_pre_hooks.values(), *tables.get("_backward_pre_hooks", {}).values()]
    full, partial = backward_hooks(module)
    if not (before or after or backward_pre or full or partial):
        return module.forward(*args, **kwargs)
    pre_flags = tables.get("_forward_pre_hooks_with_kwargs", {})
    called: set[int] = set()
    result = None
    try:
        for number, hook in before:
            args, kwargs = _call_before(module, hook, number in pre_flags, args, kwargs)
        watcher = BackwardHook(module, full, backward_pre) if full or backward_pre else None
        if watcher is not None:
            args = watcher.setup_input_hook(args)
        result = module.forward(*args, **kwargs)
        for number, hook in after:
            called.add(number)
            changed = _call_after(module, number, hook, args, kwargs, result)
            result = result if changed is None else changed
        if watcher is not None:
            if not isinstance(result, (Tensor, tuple)):
                warnings.warn(
                    "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but "
                    f"received {type(result)}",
                    stacklevel=2,
                )
            result = watcher.setup_output_hook(result)
        if partial:
            _watch_last_node(module, partial, args, result)
        return result
    except Exception:
        for number, hook in after:
            if number in called or not _flag(module, number, "_forward_hooks_always_called"):
                continue
            try:
                changed = _call_after(module, number, hook, args, kwargs, result)
                result = result if changed is None else changed
            except Exception as error:
                which = "global module" if number in _global_forward_hooks else "module"
                warnings.warn(
                    f"{which} forward hook with ``always_call=True`` raised an exception that was silenced as another "
                    f"error was raised in forward: {error}",
                    stacklevel=2,
                )
        raise


def _call_before(module: Any, hook: Callable, with_kwargs: bool, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    if not with_kwargs:
        changed = hook(module, args)
        if changed is not None:
            args = changed if isinstance(changed, tuple) else (changed,)
        return args, kwargs
    changed = hook(module, args, kwargs)
    if changed is None:
        return args, kwargs
    if isinstance(changed, tuple) and len(changed) == 2:
        return changed
    raise RuntimeError(f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}.")


def _flag(module: Any, number: int, table: str) -> bool:
    return number in module.__dict__.get(table, ()) or number in globals()[f"_global{table}"]


def _call_after(module: Any, number: int, hook: Callable, args: tuple, kwargs: dict, result: Any) -> Any:
    if _flag(module, number, "_forward_hooks_with_kwargs"):
        return hook(module, args, kwargs, result)
    return hook(module, args, result)


def backward_hooks(module: Any) -> tuple[list[Callable], list[Callable]]:
    """The full backward hooks that concern a module, and those of the older form."""
    own = list(module.__dict__.get("_backward_hooks", {}).values())
    everyones = list(_global_backward_hooks.values())
    both = [(everyones, full_backward["global"]), (own, module._is_full_backward_hook)]
    full = [hook for hooks, is_full in both if is_full is True for hook in hooks]
    return full, [hook for hooks, is_full in both if is_full is False for hook in hooks]


# ---- backward hooks --------------------------------------------------------------------------------------------------


class BackwardHookFunctionBackward(Node):
    """A node that passes gradients on as they are: a place to hang hooks on."""

    __slots__ = ()

    on_tensors = True

    @staticmethod
    def backward(node: Node, g: list, lifted: bool) -> list:  # type: ignore[override]
        return g

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{type(self).__name__} object at {hex(id(self))}>"


def pass_through(tensors: list[Tensor]) -> tuple[list[Tensor], Node]:
    """The same tensors as outputs of one new node; those without a gradient stay without."""
    edges = tuple(current_edge(t) for t in tensors)
    node = BackwardHookFunctionBackward(edges, (), tensors[0]._array.shape, tensors[0]._kind)
    more(node).outputs = [(t._array.shape, t._kind) for t in tensors]
    outputs = [
        make(t._array, t._kind, Output(node, i) if edge is not None else None)
        for i, (t, edge) in enumerate(zip(tensors, edges, strict=True))
    ]
    return outputs, node


class BackwardHook:
    """Brackets a module's graph between two nodes, and calls its backward hooks as gradients pass them."""

    def __init__(self, module: Any, hooks: list[Callable], pre_hooks: list[Callable]) -> None:
        self.module = module
        self.hooks = hooks
        self.pre_hooks = pre_hooks
        self.grad_outputs: tuple | None = None
        # how many inputs and outputs there are, and which of them are tensors; None where none wants a gradient
        self.inputs: tuple[int, list[int] | None] = (0, None)
        self.outputs: tuple[int, list[int] | None] = (0, None)

    def setup_input_hook(self, args: tuple) -> tuple:
        """The arguments, behind a node at which the gradients of the inputs are complete."""
        args, positions = self._behind_node(args, self._at_inputs)
        self.inputs = (len(args), positions)
        return args

    def setup_output_hook(self, result: Any) -> Any:
        """The result, behind a node at which the gradients of the outputs arrive."""
        results = result if isinstance(result, tuple) else (result,)
        results, positions = self._behind_node(results, self._at_outputs)
        self.outputs = (len(results), positions)
        return results if isinstance(result, tuple) else results[0]

    def _behind_node(self, values: tuple, hook: Callable) -> tuple[tuple, list[int] | None]:
        positions = [i for i, value in enumerate(values) if isinstance(value, Tensor)]
        if not (config.grad_enabled() and any(values[i].requires_grad for i in positions)):
            return values, None
        outputs, node = pass_through([values[i] for i in positions])
        node.register_hook(hook)
        listed = list(values)
        for i, output in zip(positions, outputs, strict=True):
            listed[i] = output
        return (tuple(listed) if type(values) is tuple else type(values)(*listed)), positions

    def _at_outputs(self, _: tuple, grads: tuple) -> tuple | None:
        count, positions = self.outputs
        assert positions is not None
        self.grad_outputs = spread(grads, positions, count)
        for hook in self.pre_hooks:
            changed = hook(self.module, self.grad_outputs)
            if changed is None:
                continue
            if len(changed) != count:
                raise RuntimeError(
                    "Backward pre hook returned an invalid number of grad_output, "
                    f"got {len(changed)}, but expected {count}"
                )
            self.grad_outputs = changed
        passed = tuple(self.grad_outputs[i] for i in positions)
        if self.inputs[1] is None:
            self._without_inputs()
        return passed

    def _without_inputs(self) -> None:
        """No input wants a gradient: the hooks are called as soon as those of the outputs are known."""
        warnings.warn(
            "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs "
            "require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#"
            "torch.nn.Module.register_full_backward_hook for more details.",
            stacklevel=5,
        )
        for hook in self.hooks:
            changed = hook(self.module, (None,) * self.inputs[0], self.grad_outputs)
            if changed is not None and not (isinstance(changed, tuple) and all(one is None for one in changed)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )
        self.grad_outputs = None

    def _at_inputs(self, grads: tuple, _: tuple) -> tuple | None:
        if self.grad_outputs is None:
            # the gradient reached the inputs by another way than through the outputs
            return None
        count, positions = self.inputs
        assert positions is not None
        seen = spread(grads, positions, count)
        for hook in self.hooks:
            changed = hook(self.module, seen, self.grad_outputs)
            if changed is None:
                continue
            if len(changed) != count:
                raise RuntimeError(
                    f"Backward hook returned an invalid number of grad_input, got {len(changed)}, but expected {count}"
                )
            seen = changed
        self.grad_outputs = None
        return tuple(seen[i] for i in positions)


def spread(values: tuple, positions: list[int], count: int) -> tuple:
    """`values` at their positions among `count`, None elsewhere."""
    spread_out = [None] * count
    for i, value in zip(positions, values, strict=True):
        spread_out[i] = value
    return tuple(spread_out)


def _watch_last_node(module: Any, hooks: list[Callable], args: tuple, result: Any) -> None:
    """Hang hooks of the older form on the node of the result, and warn of what they will not see."""
    value = result
    while not isinstance(value, Tensor):
        value = next(v for v in value.values() if isinstance(v, Tensor)) if isinstance(value, dict) else value[0]
    node = value.grad_fn
    if node is None:
        return
    for hook in hooks:
        node.register_hook(BoundHook(hook, module))
    complaint = _what_is_missed(args, result, node)
    if complaint is not None:
        warnings.warn(complaint, FutureWarning, stacklevel=4)


def _what_is_missed(args: tuple, result: Any, node: Node) -> str | None:
    results = result if isinstance(result, tuple) else (result,)
    instead = "Please use register_full_backward_hook to get the documented behavior."
    old = "Using non-full backward hooks on a Module that does not"
    if not all(isinstance(r, Tensor) for r in results):
        return (
            f"{old} return a single Tensor or a tuple of Tensors is deprecated and will be removed in future versions. "
            f"This hook will be missing some of the grad_output. {instead}"
        )
    if not all(isinstance(a, Tensor) for a in args):
        return (
            f"{old} take as input a single Tensor or a tuple of Tensors is deprecated and will be removed in future "
            f"versions. This hook will be missing some of the grad_input. {instead}"
        )
    makers = {r.grad_fn for r in results if r.grad_fn is not None}
    if not makers or (len(makers) == 1 and node not in makers):
        return (
            "Using a non-full backward hook when outputs are nested in python data structure is deprecated and will be "
            "removed in future versions. This hook will be missing some grad_output."
        )
    if len(makers) > 1:
        return (
            "Using a non-full backward hook when outputs are generated by different autograd Nodes is deprecated and "
            f"will be removed in future versions. This hook will be missing some grad_output. {instead}"
        )
    if {a.grad_fn for a in args if a.grad_fn is not None} != {following[0] for following in node.next_functions}:
        return (
            "Using a non-full backward hook when the forward contains multiple autograd Nodes is deprecated and will "
            f"be removed in future versions. This hook will be missing some grad_input. {instead}"
        )
    return None
