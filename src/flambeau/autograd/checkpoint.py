"""Checkpointing: keep less in the forward pass, and compute it again when the backward pass needs it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from .. import config, random
from ..tensor.engine import pass_is_limited, passes
from ..tensor.tensor import Tensor
from .differentiate import backward
from .function import Function
from .graph import saved_tensors_hooks

__all__ = ["CheckpointError", "checkpoint", "checkpoint_sequential"]


class CheckpointError(RuntimeError):
    """The second run of a checkpointed function differed from the first."""


CheckpointError.__module__ = "torch.utils.checkpoint"


class _Stop(Exception):
    """Everything that the backward pass needs has been computed again."""


def checkpoint(
    function: Callable,
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable | None = None,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """`function(*args)`, whose inner values are not kept but computed again in the backward pass.

    use_reentrant: False keeps the graph's semantics whole and is the better choice; True (the old way) needs an input
    that requires a gradient. preserve_rng_state: the second run draws the same random numbers.
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, "
            "calling checkpoint without use_reentrant will raise an exception. use_reentrant=False is recommended, "
            "but if "
            "you need to preserve the current default behavior, you can pass use_reentrant=True. Refer to docs for "
            "more "
            "details on the differences between the two variants.",
            stacklevel=2,
        )
        use_reentrant = True
    if use_reentrant:
        if kwargs:
            raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
        if not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
        return _Reentrant.apply(function, preserve_rng_state, *args)
    return _keeping_nothing(function, args, kwargs, preserve_rng_state, context_fn, early_stop)


class _Reentrant(Function):
    """Runs a function without recording, and in the backward pass once more with."""

    @staticmethod
    def forward(ctx: Any, function: Callable, preserve: bool, *args: Any) -> Any:
        passes.watched = True
        ctx.run = function
        ctx.rng = random.default_generator.get_state_bytes() if preserve else None
        ctx.arguments = [None if isinstance(a, Tensor) else a for a in args]
        ctx.save_for_backward(*[a if isinstance(a, Tensor) else None for a in args])
        return function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        if pass_is_limited():
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` "
                "parameter to .backward(). To resolve this error, you can either set use_reentrant=False, or call "
                ".backward() without passing the `inputs` argument."
            )
        inputs = []
        for t, other in zip(ctx.saved_tensors, ctx.arguments, strict=True):
            if t is None:
                inputs.append(other)
                continue
            fresh = t.detach()
            fresh.requires_grad = t.requires_grad
            inputs.append(fresh)
        outside = random.default_generator.get_state_bytes()
        if ctx.rng is not None:
            random.default_generator.set_state_bytes(ctx.rng)
        before = config.set_mode("grad", True)
        try:
            outputs = ctx.run(*inputs)
        finally:
            config.set_mode("grad", before)
            random.default_generator.set_state_bytes(outside)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        live = [(o, g) for o, g in zip(outputs, grads, strict=True) if isinstance(o, Tensor) and o.requires_grad]
        if not live:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([o for o, _ in live], [g for _, g in live])
        return (None, None, *[x.grad if isinstance(x, Tensor) else None for x in inputs])


def _keeping_nothing(
    function: Callable, args: tuple, kwargs: dict, preserve: bool, context_fn: Callable | None, early_stop: bool
) -> Any:
    """Replace everything that the function saves by a promise to compute it again."""
    contexts = context_fn() if context_fn is not None else None
    rng = random.default_generator.get_state_bytes() if preserve else None
    count = 0
    again: dict[int, Tensor] = {}

    def pack(t: Tensor) -> int:
        nonlocal count
        count += 1
        return count - 1

    def unpack(number: int) -> Tensor:
        if number not in again:
            _compute_again(function, args, kwargs, rng, again, count if early_stop else None, contexts)
        if number not in again:
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {count}\nNumber of tensors saved during "
                f"recomputation: {len(again)}."
            )
        return again.pop(number)

    with saved_tensors_hooks(pack, unpack):
        if contexts is None:
            return function(*args, **kwargs)
        with contexts[0]:
            return function(*args, **kwargs)


def _compute_again(
    function: Callable, args: tuple, kwargs: dict, rng: Any, again: dict[int, Tensor], stop: int | None, contexts: Any
) -> None:
    """Run the function once more and collect what it saves."""
    number = 0

    def collect(t: Tensor) -> Tensor:
        nonlocal number
        again[number] = t.detach()  # type: ignore[attr-defined]
        number += 1
        if number == stop:
            raise _Stop
        return again[number - 1]

    fresh = []
    for a in args:
        if isinstance(a, Tensor):
            copy = a.detach()  # type: ignore[attr-defined]
            copy.requires_grad = a.requires_grad
            fresh.append(copy)
        else:
            fresh.append(a)
    outside = random.default_generator.get_state_bytes()
    if rng is not None:
        random.default_generator.set_state_bytes(rng)
    before = config.set_mode("grad", True)
    try:
        with saved_tensors_hooks(collect, lambda t: t):
            if contexts is None:
                function(*fresh, **kwargs)
            else:
                with contexts[1]:
                    function(*fresh, **kwargs)
    except _Stop:
        pass
    finally:
        config.set_mode("grad", before)
        random.default_generator.set_state_bytes(outside)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True
) -> Any:
    """Run a Sequential, or a list of functions, in `segments` parts, all but the last checkpointed."""
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly.",
            stacklevel=2,
        )
        use_reentrant = True
    steps = list(functions.children()) if hasattr(functions, "children") else list(functions)

    def part(start: int, end: int) -> Callable:
        def run(x: Any) -> Any:
            for step in steps[start:end]:
                x = step(x)
            return x

        return run

    size = len(steps) // segments
    end = 0
    for start in range(0, size * (segments - 1), size):
        end = start + size
        input = checkpoint(part(start, end), input, use_reentrant=use_reentrant, preserve_rng_state=preserve_rng_state)
    return part(end, len(steps))(input)
