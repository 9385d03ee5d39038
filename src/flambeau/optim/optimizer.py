"""Optimizer: parameters in groups with their options, state for each parameter, hooks, and `state_dict`.

A subclass defines `step`. Hooks cost nothing until one is registered: a subclass's `step` is wrapped once, when the
class is made; `ElementwiseOptimizer` asks for them itself.
"""

from __future__ import annotations

import copy
import functools
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeAlias

from .. import config, dtypes
from ..tensor import functions as fn
from ..tensor.node import AccumulateGrad, RemovableHandle
from ..tensor.tensor import Tensor, current_edge

# names for annotations
ParamsT: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]
Args: TypeAlias = tuple[Any, ...]
Kwargs: TypeAlias = dict[str, Any]
StateDict: TypeAlias = dict[str, Any]
DeviceDict = dict[Any, Tensor]
DeviceDtypeDict = dict[Any, Tensor]
GlobalOptimizerPreHook: TypeAlias = Callable[["Optimizer", Args, Kwargs], Any]
GlobalOptimizerPostHook: TypeAlias = Callable[["Optimizer", Args, Kwargs], None]

# hooks of every optimizer
PRE_HOOKS: OrderedDict[int, Callable] = OrderedDict()
POST_HOOKS: OrderedDict[int, Callable] = OrderedDict()


class _Required:
    def __repr__(self) -> str:
        return "<required parameter>"


# the default of an option that every group must give
required = _Required()


class grad_mode:
    """A block in which operations are recorded, or are not."""

    __slots__ = ("enabled", "before")

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled

    def __enter__(self) -> None:
        self.before = config.set_mode("grad", self.enabled)

    def __exit__(self, *error: object) -> None:
        config.set_mode("grad", self.before)


def register_optimizer_step_pre_hook(hook: Callable) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` before every step of every optimizer; it may return other arguments."""
    return RemovableHandle(PRE_HOOKS, hook)


def register_optimizer_step_post_hook(hook: Callable) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` after every step of every optimizer."""
    return RemovableHandle(POST_HOOKS, hook)


def with_hooks(func: Callable) -> Callable:
    """A `step` that calls the optimizer's hooks and those of all optimizers, and notes that there was a step."""

    def hooked(*args: Any, **kwargs: Any) -> Any:
        self = args[0]
        self._opt_called = True
        if self._has_step_hooks or PRE_HOOKS or POST_HOOKS:
            return call_hooked(func, args, kwargs)
        return func(*args, **kwargs)

    hooked.__name__ = hooked.__qualname__ = "step"
    hooked.__doc__ = func.__doc__
    hooked.__module__ = func.__module__
    hooked.__wrapped__ = func  # type: ignore[attr-defined]
    hooked.hooked = True  # type: ignore[attr-defined]
    return hooked


def call_hooked(step: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
    """`step(*args, **kwargs)` between the hooks of the optimizer, which is `args[0]`."""
    self = args[0]
    for hook in [*PRE_HOOKS.values(), *self._optimizer_step_pre_hooks.values()]:
        result = hook(self, args, kwargs)
        if result is None:
            continue
        if not isinstance(result, tuple) or len(result) != 2:
            raise RuntimeError(f"{step} must return None or a tuple of (new_args, new_kwargs), but got {result}.")
        args, kwargs = result
    result = step(*args, **kwargs)
    for hook in [*self._optimizer_step_post_hooks.values(), *POST_HOOKS.values()]:
        hook(self, args, kwargs)
    return result


_HOOKS = (
    "_optimizer_step_pre_hooks",
    "_optimizer_step_post_hooks",
    "_optimizer_state_dict_pre_hooks",
    "_optimizer_state_dict_post_hooks",
    "_optimizer_load_state_dict_pre_hooks",
    "_optimizer_load_state_dict_post_hooks",
)


class Optimizer:
    """Base of all optimizers: changes parameters after their gradients. A subclass defines `step`.

    params: tensors, (name, tensor) pairs, or dicts with "params" and options of their own; defaults: the options of
    groups that do not give them. Raises TypeError and ValueError for anything that cannot be optimized.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.SGD([w], lr=0.1)
    >>> (w * 2).sum().backward()
    >>> optimizer.step()
    >>> w
    Parameter containing:
    tensor([0.8000], requires_grad=True)
    """

    OptimizerPreHook: TypeAlias = Callable[["Optimizer", Args, Kwargs], Any]
    OptimizerPostHook: TypeAlias = Callable[["Optimizer", Args, Kwargs], None]

    _has_step_hooks = False
    _opt_called = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        step = cls.__dict__.get("step")
        if step is not None and not hasattr(step, "hooked"):
            cls.step = with_hooks(step)  # type: ignore[method-assign]

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._make_hooks()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{type_name(params)}\n  One tensor goes into a list: [tensor]."
            )
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if not groups:
            raise ValueError(
                "optimizer got an empty parameter list\n"
                "  A generator such as model.parameters() gives its parameters once only; or the model has none."
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def _make_hooks(self) -> None:
        for name in _HOOKS:
            if name not in self.__dict__:
                self.__dict__[name] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._make_hooks()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [""] * (i > 0) + [f"Parameter Group {i}"]
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join(lines) + "\n)"

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimize further parameters: a dict with "params" and the options in which they differ from the defaults.

        Raises TypeError for what is no tensor, ValueError for non-leaves and parameters of another group.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        group = param_group
        _list_parameters(group)
        for p in group["params"]:
            _check_parameter(p, bool(self.defaults.get("differentiable")))
        for name, default in self.defaults.items():
            if default is required and name not in group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            group.setdefault(name, default)
        self._check_new(group)
        self.param_groups.append(group)

    def _check_new(self, group: dict[str, Any]) -> None:
        """Compare a group with itself and with the groups that are there: nothing twice, names for all or none."""
        ids = {id(p) for p in group["params"]}
        if len(ids) != len(group["params"]):
            import warnings

            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=4,
            )
        for other in self.param_groups:
            if ("param_names" in group) != ("param_names" in other):
                kind = "with names" if "param_names" in group else "without names"
                raise ValueError(
                    "all optimizer param groups should be with/without names. "
                    f"cannot add param group {kind} to the optimizer"
                )
        if any(id(p) in ids for other in self.param_groups for p in other["params"]):
            raise ValueError("some parameters appear in more than one parameter group")

    def step(self, closure: Callable | None = None) -> Any:
        """Change the parameters once. `closure`, if given, computes the loss and the gradients first."""
        raise NotImplementedError

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: set them to None, or to zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = None
                elif p._grad is not None:
                    grad = p._grad
                    if grad.grad_fn is not None:
                        grad.detach_()
                    else:
                        grad.requires_grad_(False)
                    grad.zero_()

    # ---- state -----------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """The state and the groups as a dict, in which parameters are numbered in the order of the groups.

        Tensors in it are the optimizer's own, not copies.
        """
        for hook in self._hooks("state_dict_pre"):
            hook(self)
        numbers: dict[int, int] = {}
        groups = []
        count = 0
        for group in self.param_groups:
            for place, p in enumerate(group["params"], count):
                numbers.setdefault(id(p), place)
            packed = {key: value for key, value in group.items() if key != "params"}
            packed["params"] = [numbers[id(p)] for p in group["params"]]
            groups.append(packed)
            count += len(packed["params"])
        state = {numbers[id(k)] if isinstance(k, Tensor) else k: v for k, v in self.state.items()}
        result = {"state": state, "param_groups": groups}
        for hook in self._hooks("state_dict_post"):
            changed = hook(self, result)
            if changed is not None:
                result = changed
        return result

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned, here or in PyTorch. Parameters are matched by their order.

        Raises ValueError where the groups differ in number or size.
        """
        state_dict = dict(state_dict)
        for hook in self._hooks("load_state_dict_pre"):
            changed = hook(self, state_dict)
            if changed is not None:
                state_dict = changed
        groups = self.param_groups
        saved = copy.deepcopy(state_dict["param_groups"])
        if len(groups) != len(saved):
            raise ValueError(
                "loaded state dict has a different number of parameter groups\n"
                f"  saved: {len(saved)}, here: {len(groups)}."
            )
        for i, (group, loaded) in enumerate(zip(groups, saved, strict=True)):
            if len(group["params"]) != len(loaded["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group\n"
                    f"  group {i}: {len(loaded['params'])} parameters were saved, {len(group['params'])} are here."
                )
        keys = chain.from_iterable(g["params"] for g in saved)
        by_key = dict(zip(keys, chain.from_iterable(g["params"] for g in groups), strict=True))
        options = {key: group for group in state_dict["param_groups"] for key in group["params"]}
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in by_key:
                state[by_key[key]] = _adapted(by_key[key], value, options[key])
            else:
                state[key] = value
        for group, loaded in zip(groups, saved, strict=True):
            loaded["params"] = group["params"]
            if "param_names" in group:
                loaded.setdefault("param_names", group["param_names"])
        self.__setstate__({"state": state, "param_groups": saved})
        for hook in self._hooks("load_state_dict_post"):
            hook(self)

    # ---- hooks -----------------------------------------------------------------------------------------------------

    def _hooks(self, when: str) -> list[Callable]:
        return list(self.__dict__[f"_optimizer_{when}_hooks"].values())

    def _register(self, when: str, hook: Callable, prepend: bool = False) -> RemovableHandle:
        hooks = self.__dict__[f"_optimizer_{when}_hooks"]
        handle = RemovableHandle(hooks, hook)
        if prepend:
            hooks.move_to_end(handle.id, last=False)
        if when.startswith("step"):
            self._has_step_hooks = True
        return handle

    def register_step_pre_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each step; it may return other (args, kwargs)."""
        return self._register("step_pre", hook)

    def register_step_post_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return self._register("step_post", hook)

    def register_state_dict_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` before `state_dict` collects anything."""
        return self._register("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` on what `state_dict` returns; it may return another one."""
        return self._register("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before a state is loaded; it may return another one."""
        return self._register("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` after a state was loaded."""
        return self._register("load_state_dict_post", hook, prepend)

    profile_hook_step = staticmethod(with_hooks)

    def _patch_step_function(self) -> None:
        """Let steps call hooks: for optimizers that wrap another one and do not call `Optimizer.__init__`."""
        if not hasattr(type(self).step, "hooked"):
            type(self).step = with_hooks(type(self).step)  # type: ignore[method-assign]


def type_name(value: Any) -> str:
    """The full name of a value's type, in PyTorch's way."""
    if isinstance(value, Tensor):
        return value.type() if type(value) is Tensor else f"{type(value).__module__}.{type(value).__qualname__}"
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _list_parameters(group: dict[str, Any]) -> None:
    """Make "params" of a group a list of tensors, and "param_names" their names where they are given in pairs."""
    params = group["params"]
    if isinstance(params, Tensor):
        params = [params]
    elif isinstance(params, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
            "will change between runs. Please use a list instead."
        )
    listed = list(params)
    names = [p[0] for p in listed if isinstance(p, tuple)]
    group["params"] = [p[1] if isinstance(p, tuple) else p for p in listed]
    if names:
        if len(names) != len(listed):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        group["param_names"] = names


def _check_parameter(p: Any, differentiable: bool) -> None:
    if not isinstance(p, Tensor):
        raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type_name(p)}")
    edge = current_edge(p)
    if edge is None or type(edge) is AccumulateGrad or differentiable or p.retains_grad:
        return
    raise ValueError(
        "can't optimize a non-leaf Tensor\n"
        "  It was computed from other tensors, so its own memory is no parameter. Optimize the tensors that it came "
        "from, or make it one with tensor.detach().requires_grad_()."
    )


def _adapted(p: Tensor, value: Any, options: dict[str, Any], key: Any = None) -> Any:
    """Loaded state as a parameter needs it: floating-point tensors in its dtype, but for the count of steps."""
    if isinstance(value, Tensor):
        if key == "step":
            if options.get("capturable") or options.get("fused"):
                return value.to(dtype=config.dtypes.float32, device=p.device)
            return value
        if p.dtype.is_floating_point:
            return value.to(dtype=p.dtype, device=p.device)
        return value.to(device=p.device)
    if isinstance(value, dict):
        return {k: _adapted(p, v, options, k) for k, v in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return type(value)(_adapted(p, v, options) for v in value)  # type: ignore[call-arg]
    return value


def check_lr(lr: Any, message: str = "Invalid learning rate: {}") -> None:
    """Raise ValueError unless `lr` is one number that is not negative."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not lr >= 0.0:
        raise ValueError(message.format(lr))


def check_betas(betas: Any) -> None:
    """Raise ValueError unless both decay rates are in [0, 1)."""
    for i, beta in enumerate(betas[:2]):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")


def check_at_least_zero(value: Any, what: str) -> None:
    """Raise ValueError for a negative option."""
    if not value >= 0.0:
        raise ValueError(f"Invalid {what}: {value}")


def check_fused(fused: Any, foreach: Any, differentiable: bool) -> None:
    """Raise RuntimeError where `fused` is combined with what excludes it."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")


def tensors_of(groups: list[dict[str, Any]]) -> Iterator[Tensor]:
    """All parameters, group by group."""
    for group in groups:
        yield from group["params"]


# ---- what optimizers of others import from here ----------------------------------------------------------------------


def _use_grad_for_differentiable(func: Callable) -> Callable:
    """A `step` that is recorded only where the optimizer is to be differentiated."""

    @functools.wraps(func)
    def step(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        with grad_mode(self.defaults["differentiable"]):
            return func(self, *args, **kwargs)

    return step


def _get_value(x: Any) -> Any:
    return x.item() if isinstance(x, Tensor) else x


def _to_scalar(x: Any) -> Any:
    return x.squeeze() if isinstance(x, Tensor) and x.ndim else x  # type: ignore[attr-defined]


def _default_to_fused_or_foreach(
    params: list[Tensor], differentiable: bool, use_fused: bool = False
) -> tuple[bool, bool]:
    """Whether an update runs fused, and whether over lists of tensors, which no device here gains by."""
    return use_fused and not differentiable and all(p is None or p.is_floating_point() for p in params), False


def _view_as_real(params: list[Tensor], *state_and_grads: list[Tensor]) -> None:
    """Make complex parameters, and what belongs to them, pairs of real numbers, in place of the lists."""
    for i, p in enumerate(params):
        if p.is_complex():
            for several in (params, *state_and_grads):
                several[i] = fn.view_as_real(several[i])


def _get_scalar_dtype(is_fused: bool | None = None) -> dtypes.dtype:
    return dtypes.float64 if not is_fused and config.default_dtype() is dtypes.float64 else dtypes.float32
