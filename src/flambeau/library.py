"""`torch.library`: operations of one's own, under a name in `torch.ops`, with a gradient and a form on the meta device.

>>> import torch
>>> @torch.library.custom_op("shop::double", mutates_args=())
... def double(x: torch.Tensor) -> torch.Tensor:
...     return x * 2
>>> double.register_autograd(lambda ctx, g: g * 2)
>>> torch.ops.shop.double(torch.ones(2, requires_grad=True))
tensor([2., 2.], grad_fn=<GeneratedBackwardFor_shop_double_defaultBackward>)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from . import missing as _missing
from .autograd import Function, no_grad
from .operators import OpOverloadPacket, ops
from .storage import owner as _owner
from .tensor.tensor import Tensor
from .utils import _pytree

__all__ = ["custom_op", "register_autograd", "register_fake", "register_kernel"]


class CustomOpDef:
    """An operation that a program defines. Calling it runs its kernel, and records its gradient."""

    def __init__(self, namespace: str, name: str, function: Callable) -> None:
        self._namespace, self._name = namespace, name
        self._signature = inspect.signature(function)
        self._kernels: dict[str | None, Callable] = {None: function}
        self._setup_context: Callable | None = None
        self._node: Any = None
        self._backward: Callable = self._no_backward
        self.__name__, self.__doc__ = name, function.__doc__

    def __repr__(self) -> str:
        return f"<CustomOpDef({self._namespace}::{self._name})>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        leaves = _pytree.tree_leaves((bound.args, bound.kwargs))
        tensors = [x for x in leaves if isinstance(x, Tensor)]
        if not any(t.requires_grad for t in tensors):
            with no_grad():
                return self._run(bound.args, bound.kwargs, tensors)
        if any(x.requires_grad for x in tensors if all(x is not a for a in bound.args)):
            raise NotImplementedError(
                f"{self!r}: gradients of tensors in lists, or given by keyword only, are not here yet"
            )
        return self._function().apply(*bound.args, *bound.kwargs.values())

    def _run(self, args: tuple, kwargs: dict, tensors: list[Tensor]) -> Any:
        device = tensors[0].device.type if tensors else None
        if device == "meta" and "meta" not in self._kernels:
            raise RuntimeError(
                f"There was no fake impl registered for {self!r}. This is necessary for torch.compile/export/fx "
                f"tracing to work. Please use `{self._name}.register_fake` to add an fake impl."
            )
        result = self._kernels.get(device, self._kernels[None])(*args, **kwargs)
        owners = [_owner(t._array) for t in tensors]
        for one in _pytree.tree_leaves(result):
            if isinstance(one, Tensor):
                if any(_owner(one._array) is taken for taken in owners):
                    raise RuntimeError(
                        f"{self._name}: "
                        "The output of this custom operator (1) must not also be an input to this custom "
                        "operator and (2) may not alias any inputs to this custom operator or other returns. "
                        "The most common way to trigger this error is if we have y = custom_op(x) and y and x "
                        "are the same Tensor. Please instead return a clone of the offending output tensor(s) "
                        "(e.g. return x.clone()) or refactor the custom operator to not return y."
                    )
                owners.append(_owner(one._array))
        return result

    def _no_backward(self, ctx: Any, *grads: Any) -> Any:
        raise RuntimeError(
            f"Trying to backward through {self._namespace}.{self._name}.default but no autograd formula was "
            "registered. Please use register_autograd to add one."
        )

    def _function(self) -> type[Function]:
        """The operation as an autograd function: its node has the operation's name."""
        if self._node is None:
            names = [p.name for p in self._signature.parameters.values() if p.kind is p.KEYWORD_ONLY]

            def split(inputs: tuple) -> tuple[tuple, dict]:
                positional = len(inputs) - len(names)
                return inputs[:positional], dict(zip(names, inputs[positional:], strict=True))

            def forward(*inputs: Any) -> Any:
                return self._run(*split(inputs), [x for x in inputs if isinstance(x, Tensor)])

            def setup_context(ctx: Any, inputs: tuple, output: Any) -> None:
                if self._setup_context is not None:
                    args, keywords = split(inputs)
                    more = {"keyword_only_inputs": keywords} if names else {}
                    self._setup_context(ctx=ctx, inputs=args, output=output, **more)

            def backward(ctx: Any, *grads: Any) -> tuple:
                found = self._backward(ctx, *grads)
                return (*(found if isinstance(found, tuple) else (found,)), *[None] * len(names))

            body = {f.__name__: staticmethod(f) for f in (forward, setup_context, backward)}
            name = f"GeneratedBackwardFor_{self._namespace}_{self._name}_default"
            self._node = type(name, (Function,), body)
        return self._node

    def register_fake(self, fn: Callable, /) -> Callable:
        """Say how the results look, from tensors on the meta device. A decorator."""
        self._kernels["meta"] = fn
        return fn

    def register_kernel(self, device_types: Any, fn: Callable | None = None, /) -> Callable:
        """Say how to compute on some devices. A decorator, or with the function at once."""
        if fn is None:
            return lambda function: self.register_kernel(device_types, function)
        for device in (device_types,) if isinstance(device_types, str) or device_types is None else device_types:
            self._kernels[device] = fn
        return fn

    def register_autograd(self, backward: Callable, /, *, setup_context: Callable | None = None) -> None:
        """Give the gradient: `backward(ctx, *grads)`, and `setup_context(ctx, inputs, output)`, which keeps things."""
        self._backward, self._setup_context = backward, setup_context


def custom_op(
    name: str,
    fn: Callable | None = None,
    /,
    *,
    mutates_args: str | Iterable[str],
    device_types: Any = None,
    schema: str | None = None,
    tags: Any = None,
) -> Any:
    """Make a function an operation named `namespace::name`. A decorator, or with the function at once.

    `mutates_args` and `schema` are for compilers. The operation may return no input, nor a view of one.
    Raises ValueError where a parameter has no annotation and no schema is given.
    """
    if fn is None:
        return lambda function: custom_op(name, function, mutates_args=mutates_args, schema=schema)
    if schema is None:
        _check_annotated(fn)
    namespace, _, short = name.partition("::")
    made = CustomOpDef(namespace, short, fn)
    setattr(getattr(ops, namespace), short, OpOverloadPacket(f"{namespace}.{short}", made))
    return made


def _check_annotated(function: Callable) -> None:
    signature = inspect.signature(function)
    for parameter in signature.parameters.values():
        if parameter.annotation is parameter.empty:
            raise ValueError(
                f"infer_schema(func): Parameter {parameter.name} must have a type annotation. Got func with signature "
                f"{signature})"
            )


def _find(op: Any) -> CustomOpDef:
    if isinstance(op, CustomOpDef):
        return op
    namespace, _, name = op.partition("::")
    found = vars(getattr(ops, namespace)).get(name)
    if found is None or not isinstance(found.function, CustomOpDef):
        raise RuntimeError(f"operator {op} does not exist")
    return found.function


def register_fake(op: Any, func: Callable | None = None, /, **options: Any) -> Callable:
    """Say how the results of an operation look, from tensors on the meta device. A decorator, or with the function."""
    found = _find(op)
    return found.register_fake if func is None else found.register_fake(func)


def register_kernel(op: Any, device_types: Any, func: Callable | None = None, /, **options: Any) -> Callable:
    """Say how to compute an operation on some devices. A decorator, or with the function at once."""
    return _find(op).register_kernel(device_types, func)


def register_autograd(
    op: Any, backward: Callable, /, *, setup_context: Callable | None = None, lib: Any = None
) -> None:
    """Give the gradient of an operation, as its method of the same name does."""
    _find(op).register_autograd(backward, setup_context=setup_context)


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
