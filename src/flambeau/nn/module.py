"""Module: a part of a network, with its parameters, buffers and submodules.

A call costs as little as Python allows: reading `module.__call__` gives `module.forward` itself, unless some hook asks
for more (`_Call`). Parameters, buffers and submodules are kept in `_parameters`, `_buffers` and `_modules`, which keep
the module's attributes equal to them (`registry`).
"""

from __future__ import annotations

import sys
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, TypeVar

from ..tensor.tensor import Parameter, Tensor
from . import conversion, hooks, registry, state
from .hooks import CALL_TABLES, STATE_TABLES, call_with_hooks
from .parameter import Buffer
from .registry import Registry

OWN_DICTS = frozenset(registry.NAMES)
# plain attributes whose assignment must be noticed
NOTICED = OWN_DICTS | CALL_TABLES | {"__class__"}
TABLES = CALL_TABLES | STATE_TABLES
# what compiles a callable; a higher layer sets it
compiler: Callable | None = None


class _Call(property):
    """`module(x)`: Python reads `__call__` from the class, here a property, and calls what it gives.

    Without hooks that is `module.forward`, so that no frame stands between, and no arguments are packed (95 ns less
    than a method `__call__(self, *args, **kwargs)`). Read from the class itself, `Module.__call__(m, x)` works too.
    """

    def __call__(self, module: Any, *args: Any, **kwargs: Any) -> Any:
        return self.fget(module)(*args, **kwargs)  # type: ignore[misc]


def _what_to_call(module: Module) -> Callable:
    return module._wrapped_call_impl if module._hooked else module.forward


def typename(x: Any) -> str:
    """The type of an object as PyTorch names it in messages."""
    if isinstance(x, Tensor):
        return x.type()  # type: ignore[attr-defined]
    kind = x if isinstance(x, type) else type(x)
    home = kind.__module__
    return kind.__qualname__ if home in ("", "builtins", "__builtin__") else f"{home}.{kind.__qualname__}"


class Module:
    """A part of a network: subclass it, make parameters and submodules in `__init__`, compute in `forward`.

    Tensors that are `Parameter`s, and modules, become part of the module by being assigned to its attributes.

    >>> class Affine(Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.scale = Parameter(ones(2))
    ...
    ...     def forward(self, x):
    ...         return self.scale * x
    >>> Affine()(tensor([1.0, 2.0]))
    tensor([1., 2.], grad_fn=<MulBackward0>)
    >>> [name for name, _ in Affine().named_parameters()]
    ['scale']
    """

    dump_patches: bool = False
    # of the layout of the state dict; a module may raise it and convert older ones in `_load_from_state_dict`
    _version: int = 1
    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    call_super_init: bool = False
    _compiled_call_impl: Callable | None = None
    # whether a call must look for hooks: True in a module that ever had any
    _hooked: bool = False
    _is_full_backward_hook: bool | None = None
    T_destination = TypeVar("T_destination", bound=dict[str, Any])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make the module ready to have parameters and submodules: call it first in a subclass's `__init__`."""
        if (args or kwargs) and not self.call_super_init:
            raise TypeError(_too_many_arguments(type(self).__name__, args, kwargs))
        attributes = self.__dict__
        if "_parameters" in attributes:
            # called a second time: what was registered is forgotten
            for name in registry.NAMES:
                attributes[name].hide(self)
        owners = (weakref.ref(self),)
        attributes["training"] = True
        attributes["_parameters"] = Registry((), owners)
        attributes["_buffers"] = Registry((), owners)
        attributes["_non_persistent_buffers_set"] = set()
        attributes["_modules"] = Registry((), owners)
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def forward(self, *input: Any) -> Any:
        """What the module computes: every subclass says it."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function\n'
            "  Define `def forward(self, x): ...` in the class, indented as deep as `__init__`."
        )

    __call__: Callable[..., Any] = _Call(_what_to_call)  # type: ignore[assignment]

    def _call_impl(self, *args: Any, **kwargs: Any) -> Any:
        return call_with_hooks(self, args, kwargs)

    def _wrapped_call_impl(self, *args: Any, **kwargs: Any) -> Any:
        if self._compiled_call_impl is not None:
            return self._compiled_call_impl(*args, **kwargs)
        return call_with_hooks(self, args, kwargs)

    # ---- parameters, buffers, submodules -----------------------------------------------------------------------------

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a buffer: a tensor that belongs to the module's state, moves with it, and is not trained.

        persistent: whether it is part of the state dict.
        """
        buffers = self.__dict__.get("_buffers")
        if buffers is None:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        self._check_name("buffer", name, buffers)
        if tensor is not None and not _tensor_like(tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        for hook in hooks._global_buffer_registration_hooks.values():
            replaced = hook(self, name, tensor)
            tensor = tensor if replaced is None else replaced
        buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter. None keeps the name for one that may come."""
        parameters = self.__dict__.get("_parameters")
        if parameters is None:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        self._check_name("parameter", name, parameters)
        if param is None:
            parameters[name] = None
            return
        if not is_parameter(param):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        if param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
                f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        for hook in hooks._global_parameter_registration_hooks.values():
            replaced = hook(self, name, param)
            param = param if replaced is None else replaced
        parameters[name] = param

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a submodule under a name, as `setattr` does."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_name("module", name, self._modules)
        self._place_module(name, module)

    def register_module(self, name: str, module: Module | None) -> None:
        """The same as `add_module`."""
        self.add_module(name, module)

    def _place_module(self, name: str, module: Any) -> None:
        for hook in hooks._global_module_registration_hooks.values():
            replaced = hook(self, name, module)
            module = module if replaced is None else replaced
        self._modules[name] = module

    def _check_name(self, what: str, name: Any, there: dict[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {typename(name)}")
        if "." in name:
            raise KeyError(f'{what} name can\'t contain "."' + (f", got: {name}" if what == "module" else ""))
        if name == "":
            raise KeyError(f'{what} name can\'t be empty string ""')
        if name not in there and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    def __getattr__(self, name: str) -> Any:
        """What is not found otherwise: a hook table asked for the first time, or an entry of a foreign dict."""
        attributes = self.__dict__
        if name in TABLES:
            table: OrderedDict = OrderedDict()
            attributes[name] = table
            if name in CALL_TABLES:
                attributes["_hooked"] = True
            return table
        for kept in registry.NAMES:
            content = attributes.get(kept)
            if content is not None and name in content:
                return content[name]
        message = f"'{type(self).__name__}' object has no attribute '{name}'"
        if isinstance(getattr(type(self), name, None), property):
            message += f"\n  The class has a property {name}, but it raised an AttributeError itself."
        raise AttributeError(message)

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = self.__dict__
        parameters = attributes.get("_parameters")
        if is_parameter(value):
            if parameters is None:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._remove(name, "_buffers", "_modules")
            attributes.pop(name, None)
            self.register_parameter(name, value)
        elif parameters is None:
            if isinstance(value, Module):
                raise AttributeError("cannot assign module before Module.__init__() call")
            if isinstance(value, Buffer):
                raise AttributeError("cannot assign buffer before Module.__init__() call")
            object.__setattr__(self, name, value)
        elif name in parameters:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{typename(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)"
                )
            self.register_parameter(name, None)
        elif isinstance(value, Module):
            self._remove(name, "_parameters", "_buffers")
            attributes.pop(name, None)
            self._place_module(name, value)
        elif name in attributes["_modules"]:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{typename(value)}' as child module '{name}' (torch.nn.Module or None expected)"
                )
            self._place_module(name, None)
        elif name in attributes["_buffers"] or isinstance(value, Buffer):
            self._set_buffer(name, value)
        elif name in NOTICED:
            self._replace_dict(name, value)
        else:
            object.__setattr__(self, name, value)

    def _set_buffer(self, name: str, value: Any) -> None:
        if value is not None and not _tensor_like(value):
            raise TypeError(
                f"cannot assign '{typename(value)}' as buffer '{name}' (torch.nn.Buffer, torch.Tensor or None expected)"
            )
        if isinstance(value, Buffer):
            persistent = value.persistent  # type: ignore[attr-defined]
        else:
            persistent = name not in self._non_persistent_buffers_set
        try:
            register: Any = type(self).register_buffer
            accepts = register is Module.register_buffer or "persistent" in register.__code__.co_varnames
        except AttributeError:
            accepts = True
        if accepts:
            self.register_buffer(name, value, persistent)
        elif persistent:
            self.register_buffer(name, value)
        else:
            raise RuntimeError(
                "Registering a non-persistent buffer on a Module subclass that implements register_buffer() without "
                "the persistent argument is not allowed."
            )

    def _replace_dict(self, name: str, value: Any) -> None:
        """A hook table, the dict of parameters, buffers or submodules itself, or the class is assigned."""
        attributes = self.__dict__
        if name == "__class__":
            for kept in registry.NAMES:
                registry.disown(self, kept)
            object.__setattr__(self, name, value)
            registry.own(self)
            return
        if name in CALL_TABLES:
            attributes["_hooked"] = True
        else:
            registry.disown(self, name)
        attributes[name] = value
        registry.own(self)

    def _remove(self, name: str, *kept: str) -> None:
        """Take a name out of other dicts than the one that it is about to enter."""
        attributes = self.__dict__
        for which in kept:
            if name in attributes[which]:
                del attributes[which][name]
        attributes["_non_persistent_buffers_set"].discard(name)

    def __delattr__(self, name: str) -> None:
        attributes = self.__dict__
        for kept in registry.NAMES:
            if name in attributes.get(kept, ()):
                del attributes[kept][name]
                if kept == "_buffers":
                    self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = {*dir(type(self)), *self.__dict__, *self._parameters, *self._modules, *self._buffers}
        return sorted(name for name in names if not name[0].isdigit())

    # ---- copies and pickles ------------------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """The attributes, each registered thing once."""
        attributes = self.__dict__.copy()
        attributes.pop("_compiled_call_impl", None)
        for kept in registry.NAMES:
            for name, value in attributes.get(kept, {}).items():
                if attributes.get(name, attributes) is value:
                    del attributes[name]
        return attributes

    def __reduce_ex__(self, protocol: Any) -> Any:
        """As Python does it; where `torch` is not this package, by the place where a class of ours really stands."""
        kind = type(self)
        reduced = object.__reduce_ex__(self, protocol)
        home = kind.__module__
        if not home.startswith("torch.nn.") or getattr(sys.modules.get(home), kind.__qualname__, None) is kind:
            return reduced
        return (_remade, (home, kind.__qualname__), *reduced[2:])

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.setdefault("_non_persistent_buffers_set", set())
        registry.own(self)
        for name in CALL_TABLES & state.keys():
            if state[name]:
                self.__dict__["_hooked"] = True
            else:
                # made anew, and noticed, when it is asked for
                self.__dict__.pop(name)

    # ---- what is inside ----------------------------------------------------------------------------------------------

    def get_submodule(self, target: str) -> Module:
        """The submodule at a dotted path. Raises AttributeError where there is none."""
        module = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put a module at a dotted path, in place of another one; only there, where `strict`."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if hasattr(parent, name):
            if not isinstance(getattr(parent, name), Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        elif strict:
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path. Raises AttributeError where there is none."""
        module, name = self._owner_of(target)
        found = getattr(module, name)
        if not is_parameter(found):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted path. Raises AttributeError where there is none."""
        module, name = self._owner_of(target)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return getattr(module, name)

    def _owner_of(self, target: str) -> tuple[Module, str]:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        return module, name

    def _named_members(
        self, get_members_fn: Callable, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        seen = set()
        inside = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for path, module in inside:
            for name, member in get_members_fn(module):
                if member is None or member in seen:
                    continue
                if remove_duplicate:
                    seen.add(member)
                yield (f"{path}.{name}" if path else name), member

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, for an optimizer; those of submodules too, unless `recurse=False`. Each comes once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their dotted names."""
        yield from self._named_members(
            lambda module: module._parameters.items(),
            prefix=prefix,
            recurse=recurse,
            remove_duplicate=remove_duplicate,
        )

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers; those of submodules too, unless `recurse=False`."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their dotted names."""
        yield from self._named_members(
            lambda module: module._buffers.items(), prefix=prefix, recurse=recurse, remove_duplicate=remove_duplicate
        )

    def children(self) -> Iterator[Module]:
        """The direct submodules, each once."""
        for _, module in self.named_children():
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct submodules with their names."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """The module itself and all below it, each once."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """The module itself and all below it, with their dotted names."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, path, remove_duplicate)

    def apply(self, fn: Callable[[Module], None]) -> Module:
        """Call `fn` on every submodule, then on the module itself: to initialise parameters, for example."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # ---- modes -------------------------------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Module:
        """Set the training mode of the module and all below it: dropout and batch norms behave differently in it."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Module:
        """Set the evaluation mode: the same as `train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Say whether the parameters want gradients: `False` freezes the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the parameters' gradients, or fill them with zeros."""
        if getattr(self, "_is_replica", False):
            warnings.warn(
                "Calling .zero_grad() from a module created with nn.DataParallel() has no effect. The parameters are "
                "copied (in a differentiable manner) from the original module. This means they are not leaf nodes in "
                "autograd and so don't accumulate gradients. If you need gradients in your forward method, consider "
                "using autograd.grad instead.",
                stacklevel=2,
            )
        for parameter in self.parameters():
            grad = parameter._grad
            if grad is None:
                continue
            if set_to_none:
                parameter._grad = None
            elif grad.grad_fn is not None:
                parameter.grad = grad.detach().zero_()  # type: ignore[attr-defined]
            else:
                grad.requires_grad_(False).zero_()  # type: ignore[attr-defined]

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile calls of this module, where a compiler is at hand; they give the same results in any case."""
        if compiler is not None:
            object.__setattr__(self, "_compiled_call_impl", compiler(self._call_impl, *args, **kwargs))
            self.__dict__["_hooked"] = True

    # ---- text --------------------------------------------------------------------------------------------------------

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What `print(module)` shows in the parentheses: a subclass may say its sizes here."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        extra_lines = extra.split("\n") if extra else []
        child_lines = [f"({name}): {indented(repr(module), 2)}" for name, module in self._modules.items()]
        name = self._get_name()
        if len(extra_lines) == 1 and not child_lines:
            return f"{name}({extra})"
        if not extra_lines and not child_lines:
            return f"{name}()"
        return f"{name}(\n  " + "\n  ".join(extra_lines + child_lines) + "\n)"

    def _replicate_for_data_parallel(self) -> Module:
        replica = self.__new__(type(self))
        replica.__dict__ = self.__getstate__()
        replica.__dict__["_parameters"] = {}
        for name in ("_buffers", "_modules"):
            replica.__dict__[name] = replica.__dict__[name].copy()
        registry.own(replica)
        replica._is_replica = True  # type: ignore[attr-defined]
        return replica

    _apply = conversion._apply
    to = conversion.to
    to_empty = conversion.to_empty
    type = conversion.type_
    float = conversion.float_
    double = conversion.double
    half = conversion.half
    bfloat16 = conversion.bfloat16
    cpu = conversion.cpu
    cuda = conversion.cuda
    ipu = conversion.ipu
    xpu = conversion.xpu
    mtia = conversion.mtia
    share_memory = conversion.share_memory

    register_forward_pre_hook = hooks.register_forward_pre_hook
    register_forward_hook = hooks.register_forward_hook
    register_full_backward_pre_hook = hooks.register_full_backward_pre_hook
    register_full_backward_hook = hooks.register_full_backward_hook
    register_backward_hook = hooks.register_backward_hook

    state_dict = state.state_dict
    load_state_dict = state.load_state_dict
    get_extra_state = state.get_extra_state
    set_extra_state = state.set_extra_state
    _save_to_state_dict = state._save_to_state_dict
    _load_from_state_dict = state._load_from_state_dict
    register_state_dict_post_hook = state.register_state_dict_post_hook
    register_state_dict_pre_hook = state.register_state_dict_pre_hook
    _register_state_dict_hook = state._register_state_dict_hook
    register_load_state_dict_pre_hook = state.register_load_state_dict_pre_hook
    _register_load_state_dict_pre_hook = state._register_load_state_dict_pre_hook
    register_load_state_dict_post_hook = state.register_load_state_dict_post_hook


hooks.bases.append(Module)


registry.LOOK_UP.append(Module.__getattr__)


def _remade(home: str, name: str) -> Any:
    """A module of a class of ours, known by PyTorch's path, without attributes yet: what a pickle starts from."""
    kind = getattr(import_module(home.removeprefix("torch.nn"), __package__), name)
    return kind.__new__(kind)


def is_parameter(value: Any) -> bool:
    """Whether a module takes it for a parameter: a Parameter, or a tensor of another class that was made one."""
    return isinstance(value, Parameter) or (isinstance(value, Tensor) and getattr(value, "_is_param", False))


def _tensor_like(value: Any) -> bool:
    return isinstance(value, Tensor) or hasattr(value, "__torch_function__")


def _too_many_arguments(name: str, args: tuple, kwargs: dict[str, Any]) -> str:
    if kwargs:
        return f"{name}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'"
    return f"{name}.__init__() takes 1 positional argument but {len(args) + 1} were given"


def indented(text: str, spaces: int) -> str:
    """All lines but the first moved to the right; empty ones stay empty."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * spaces + line if line.strip() else "" for line in rest)])
