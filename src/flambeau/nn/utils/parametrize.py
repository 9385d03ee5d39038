"""Parametrizations: a parameter that is computed, by modules, from another one that is trained."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ...tensor.tensor import Parameter, Tensor
from .. import registry
from ..grad_mode import unrecorded
from ..module import Module, is_parameter
from ..modules.container import ModuleDict, ModuleList

__all__ = [
    "cached",
    "ParametrizationList",
    "register_parametrization",
    "is_parametrized",
    "remove_parametrizations",
    "type_before_parametrizations",
    "transfer_parametrizations_and_params",
]


class _Cache:
    """Values that were computed in a `cached` block: (id of the module, name) -> tensor."""

    depth = 0
    values: dict[tuple[int, str], Any] = {}


@contextmanager
def cached() -> Iterator[None]:
    """A block in which each parametrized tensor is computed once."""
    _Cache.depth += 1
    try:
        yield
    finally:
        _Cache.depth -= 1
        if not _Cache.depth:
            _Cache.values = {}


def _register(module: Any, name: str, tensor: Any) -> None:
    (module.register_parameter if is_parameter(tensor) else module.register_buffer)(name, tensor)


def _check_alike(what: str, before: Any, after: Any, names: tuple[str, str]) -> None:
    """Raise ValueError where a tensor changed its dtype or shape."""
    for property in ("dtype", "shape"):
        old, new = getattr(before, property), getattr(after, property)
        if old != new:
            raise ValueError(
                what.format(property=property)
                + f"{names[0].format(property=property)}: {old}\n{names[1].format(property=property)}: {new}"
            )


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, in the order in which they are applied to what is trained.

    That is `original`, or `original0`, `original1`, … where the first one's `right_inverse` gives several tensors.
    """

    original: Any
    unsafe: bool

    def __init__(self, modules: Sequence[Module], original: Any, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        new = original
        with unrecorded():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    try:
                        new = module.right_inverse(new)
                    except NotImplementedError:
                        pass
        if not isinstance(new, (Tensor, Sequence)):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(new).__name__}"
            )
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if isinstance(new, Tensor) else len(new)
        if isinstance(new, Tensor):
            self._keep_one(original, new)
        else:
            self._keep_several(original, new)
        if not unsafe:
            self._check_result(self(), dtype, shape)

    def _keep_one(self, original: Any, new: Any) -> None:
        for name in ("dtype", "device"):
            if getattr(original, name) != getattr(new, name):
                raise ValueError(
                    f"When `right_inverse` outputs one tensor, it may not change the {name}.\n"
                    f"original.{name}: {getattr(original, name)}\n"
                    f"right_inverse(original).{name}: {getattr(new, name)}"
                )
        with unrecorded():
            original.data = new.data
        _register(self, "original", original)

    def _keep_several(self, original: Any, new: Sequence) -> None:
        for i, one in enumerate(new):
            if not isinstance(one, Tensor):
                raise ValueError(
                    "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                    f"Got element {i} of the sequence with type {type(one).__name__}."
                )
            if is_parameter(original):
                one = Parameter(one, original.requires_grad)
            one.requires_grad_(original.requires_grad)
            _register(self, f"original{i}", one)

    @staticmethod
    def _check_result(result: Any, dtype: Any, shape: Any) -> None:
        if not isinstance(result, Tensor):
            raise ValueError(f"A parametrization must return a tensor. Got {type(result).__name__}.")
        for name, before in (("dtype", dtype), ("shape", shape)):
            if getattr(result, name) != before:
                raise ValueError(
                    f"Registering a parametrization may not change the {name} of the tensor, unless `unsafe` flag is "
                    f"enabled.\nunparametrized {name}: {before}\nparametrized {name}: {getattr(result, name)}"
                )

    def right_inverse(self, value: Any) -> None:
        """Set what is trained so that the parametrized tensor becomes `value`."""
        with unrecorded():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(f"parametrization {type(module).__name__} does not implement right_inverse.")
                value = module.right_inverse(value)
            if self.is_tensor:
                if not isinstance(value, Tensor):
                    raise ValueError(f"`right_inverse` should return a tensor. Got {type(value).__name__}")
                if value.dtype != self.original.dtype:
                    raise ValueError(
                        f"The tensor returned by `right_inverse` has dtype {value.dtype} while `original` has dtype "
                        f"{self.original.dtype}"
                    )
                self.original.data = value.data
                return
            self._set_several(value)

    def _set_several(self, values: Any) -> None:
        if not isinstance(values, Sequence):
            raise ValueError(f"'right_inverse' must return a sequence of tensors. Got {type(values).__name__}.")
        if len(values) != self.ntensors:
            raise ValueError(
                f"'right_inverse' must return a sequence of tensors of length {self.ntensors}. "
                f"Got a sequence of length {len(values)}."
            )
        for i, tensor in enumerate(values):
            original = getattr(self, f"original{i}")
            if not isinstance(tensor, Tensor):
                raise ValueError(
                    "'right_inverse' must return a sequence of tensors or reference-type opaques. "
                    f"Got element {i} of type {type(tensor).__name__}."
                )
            if original.dtype != tensor.dtype:
                raise ValueError(
                    f"Tensor {i} returned by `right_inverse` has dtype {tensor.dtype} while `original{i}` has dtype "
                    f"{original.dtype}"
                )
            original.data = tensor.data

    def forward(self) -> Any:
        first, *others = self
        if self.is_tensor:
            x = first(self.original)
        else:
            x = first(*(getattr(self, f"original{i}") for i in range(self.ntensors)))
        for module in others:
            x = module(x)
        return x


def _deep_copy(self: Any, memo: dict) -> Any:
    if id(self) in memo:
        return memo[id(self)]
    replica = self.__new__(type(self))
    memo[id(self)] = replica
    for name, value in Module.__getstate__(self).items():
        replica.__dict__[name] = copy.deepcopy(value, memo)
    registry.own(replica)
    return replica


def _refuse_pickle(self: Any) -> Any:
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(). See:\n"
        "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
        "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
    )


def _give_own_class(module: Any) -> None:
    """Give a module a class of its own, to put properties on."""
    kind = type(module)
    members: dict[str, Any] = {"__getstate__": _refuse_pickle, "__module__": "torch.nn.utils.parametrize"}
    if not hasattr(kind, "__deepcopy__"):
        members["__deepcopy__"] = _deep_copy
    module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), members)


def _put_property(module: Any, name: str) -> None:
    """Make a name of the module's class the parametrized tensor."""

    def get(self: Any) -> Any:
        parametrization = self.parametrizations[name]
        if not _Cache.depth:
            return parametrization()
        key = (id(self), name)
        if key not in _Cache.values:
            _Cache.values[key] = parametrization()
        return _Cache.values[key]

    def put(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    setattr(type(module), name, property(get, put))


def register_parametrization(module: Any, tensor_name: str, parametrization: Any, *, unsafe: bool = False) -> Any:
    """Compute a parameter or buffer of a module by another module from now on. Returns the module.

    The former tensor becomes `module.parametrizations.<name>.original`, which is trained. Where the parametrization has
    a `right_inverse`, values can be assigned. unsafe: allow it to change dtype and shape.

    >>> class Symmetric(torch.nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    >>> m = register_parametrization(torch.nn.Linear(2, 2), "weight", Symmetric())
    >>> torch.equal(m.weight, m.weight.T)
    True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            _check_next(module, tensor_name, parametrization)
        module.parametrizations[tensor_name].append(parametrization)
        module.parametrizations[tensor_name].unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        parametrizations = ParametrizationList([parametrization], original, unsafe=unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            _give_own_class(module)
            module.parametrizations = ModuleDict()
        _put_property(module, tensor_name)
        module.parametrizations[tensor_name] = parametrizations
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    return module


def _check_next(module: Any, name: str, parametrization: Any) -> None:
    """Refuse one more parametrization that changes the dtype or shape of a tensor."""
    before = getattr(module, name)
    after = parametrization(before)
    if not isinstance(after, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(after).__name__}.")
    _check_alike(
        "Registering a parametrization may not change the {property} of the tensor, unless the `unsafe` flag is "
        "enabled.\n",
        before,
        after,
        (f"module.{name}.{{property}}", f"parametrization(module.{name}).{{property}}"),
    )
    if not hasattr(parametrization, "right_inverse"):
        return
    try:
        back = parametrization.right_inverse(after)
    except NotImplementedError:
        return
    if not isinstance(back, Tensor):
        raise ValueError(f"parametrization.right_inverse must return a tensor. Got: {type(back).__name__}")
    _check_alike(
        "The tensor returned by parametrization.right_inverse must have the same {property} as "
        f"module.{name}, unless the `unsafe` flag is enabled.\n",
        before,
        back,
        (f"module.{name}.{{property}}", "returned {property}"),
    )


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrizations, or one for a name."""
    parametrizations = getattr(module, "parametrizations", None)
    if not isinstance(parametrizations, ModuleDict):
        return False
    return bool(len(parametrizations)) if tensor_name is None else tensor_name in parametrizations


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Make a parametrized tensor a plain one again. Returns the module.

    leave_parametrized: with its present value, rather than with that of `original`.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    kept = module.parametrizations[tensor_name]
    if kept.is_tensor:
        original = kept.original
        if leave_parametrized:
            with unrecorded():
                original.data = getattr(module, tensor_name).data
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value.detach()) if value.requires_grad else value
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            "sequence of tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _register(module, tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Any) -> type:
    """The class of a module, were it not parametrized."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module: Any, to_module: Any, tensor_name: str | None = None) -> Any:
    """Give one module the parametrizations of another, and what they are computed from. Returns the former."""
    if not is_parametrized(from_module):
        return to_module
    for name in list(from_module.parametrizations) if tensor_name is None else [tensor_name]:
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name)))
        source = from_module.parametrizations[name]
        for parametrization in source:
            register_parametrization(to_module, name, parametrization)
        target = to_module.parametrizations[name]
        for original in ["original"] if source.is_tensor else [f"original{i}" for i in range(source.ntensors)]:
            setattr(target, original, getattr(source, original))
    return to_module


ParametrizationList.__module__ = "torch.nn.utils.parametrize"
