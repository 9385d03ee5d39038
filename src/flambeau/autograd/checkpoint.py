"""Checkpointing: keep less in the forward pass, and compute it again when the backward pass needs it."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .. import config, errors, random
from ..storage import version, writer
from ..tensor.engine import pass_is_limited, passes
from ..tensor.tensor import Tensor
from .differentiate import backward
from .function import Function
from .graph import saved_tensors_hooks

__all__ = ["CheckpointError", "CheckpointFunction", "checkpoint", "checkpoint_sequential", "noop_context_fn"]


class CheckpointError(RuntimeError):
    """The second run of a checkpointed function differed from the first."""


CheckpointError.__module__ = "torch.utils.checkpoint"


class _Stop(BaseException):
    """Everything that the backward pass needs has been computed again. No fast path may take it for a mistake."""


class Overriding:
    """What blocks set for all checkpoints inside; None leaves it to the arguments of each."""

    early_stop: bool | None = None
    debug: bool | None = None
    # the GraphExecGroup in which backward passes run
    group: Any = None


def noop_context_fn() -> tuple[AbstractContextManager, AbstractContextManager]:
    """Two contexts, for both runs of a checkpointed function, that do nothing."""
    return nullcontext(), nullcontext()


def checkpoint(
    function: Callable,
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """`function(*args)`, whose inner values are not kept but computed again in the backward pass.

    use_reentrant: False keeps the graph's semantics whole and is the better choice; True (the old way) needs an input
    that requires a gradient. preserve_rng_state: the second run draws the same random numbers. determinism_check:
    "default" compares shapes and dtypes of the two runs, "none" does not. debug: errors tell the lines that differ.
    Raises CheckpointError in the backward pass where the second run differs from the first.
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, "
            "calling checkpoint without use_reentrant will raise an exception. use_reentrant=False is recommended, "
            "but if you need to preserve the current default behavior, you can pass use_reentrant=True. Refer to docs "
            "for more details on the differences between the two variants.",
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
        if context_fn is not noop_context_fn or debug is not False:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        if not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
        return CheckpointFunction.apply(function, preserve, *args)
    if determinism_check not in ("default", "none"):
        raise ValueError(f"determinism_check should be one of ['default', 'none'], but got {determinism_check}")
    region = Region(function, args, kwargs, preserve, context_fn())
    region.checks = determinism_check == "default"
    region.debug = debug if Overriding.debug is None else Overriding.debug
    region.early_stop = early_stop if Overriding.early_stop is None else Overriding.early_stop
    return region.run()


class Surroundings:
    """What a function's result depends on beside its arguments: the random state, and the casts of autocast."""

    def __init__(self, preserve: bool) -> None:
        self.rng = random.default_generator.get_state_bytes() if preserve else None
        self.casts = config.modes().autocast

    def again(self, function: Callable, *args: Any) -> Any:
        """Run a function in them, recorded."""
        outside = random.default_generator.get_state_bytes() if self.rng is not None else None
        if self.rng is not None:
            random.default_generator.set_state_bytes(self.rng)
        before = config.set_mode("grad", True), config.set_mode("autocast", self.casts)
        try:
            return function(*args)
        finally:
            config.set_mode("grad", before[0])
            config.set_mode("autocast", before[1])
            if outside is not None:
                random.default_generator.set_state_bytes(outside)


def _fresh(value: Any) -> Any:
    """A tensor cut from its graph that requires a gradient if it did; other values as they are."""
    if not isinstance(value, Tensor):
        return value
    cut = value.detach()  # type: ignore[attr-defined]
    cut.requires_grad = value.requires_grad
    return cut


class CheckpointFunction(Function):
    """Runs a function without recording, and in the backward pass once more with."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable, preserve_rng_state: bool, *args: Any) -> Any:
        passes.watched = True
        ctx.run = run_function
        ctx.surroundings = Surroundings(preserve_rng_state)
        ctx.arguments = [None if isinstance(a, Tensor) else a for a in args]
        ctx.save_for_backward(*[a if isinstance(a, Tensor) else None for a in args])
        return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        if pass_is_limited():
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` "
                "parameter to .backward(). To resolve this error, you can either set use_reentrant=False, or call "
                ".backward() without passing the `inputs` argument."
            )
        pairs = zip(ctx.saved_tensors, ctx.arguments, strict=True)
        inputs = [other if t is None else _fresh(t) for t, other in pairs]
        outputs = ctx.surroundings.again(ctx.run, *inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        live = [(o, g) for o, g in zip(outputs, grads, strict=True) if isinstance(o, Tensor) and o.requires_grad]
        if not live:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([o for o, _ in live], [g for _, g in live])
        return (None, None, *[x.grad if isinstance(x, Tensor) else None for x in inputs])


class Region:
    """One call of a checkpointed function: everything that it saves is replaced by a promise to compute it again."""

    checks = early_stop = True
    debug = False
    # what errors need to know of a node of the graph
    edges: tuple = ()

    def __init__(
        self, function: Callable, args: tuple, kwargs: dict[str, Any], preserve: bool, contexts: tuple
    ) -> None:
        self.function, self.args, self.kwargs, self.contexts = function, args, kwargs, contexts
        self.surroundings = Surroundings(preserve)
        inputs = [t for t in (*args, *kwargs.values()) if isinstance(t, Tensor)]
        self.versions = [(t, version(t._array)) for t in inputs]
        # of each saved tensor: its metadata, and in debug mode the line that saved it
        self.saved: list[tuple[dict[str, Any], str]] = []
        self.again: dict[int, Tensor] = {}

    def run(self) -> Any:
        """The first run."""
        with saved_tensors_hooks(self.pack, self.unpack), self.contexts[0]:
            return self.function(*self.args, **self.kwargs)

    def facts(self, t: Tensor) -> tuple[dict[str, Any], str]:
        return {"shape": t.shape, "dtype": t.dtype, "device": t.device}, _user_line() if self.debug else ""

    def pack(self, t: Tensor) -> int:
        self.saved.append(self.facts(t))
        return len(self.saved) - 1

    def unpack(self, number: int) -> Tensor:
        if number not in self.again:
            self.surroundings.again(self.compute)
        return self.again[number] if Overriding.group is not None else self.again.pop(number)

    def compute(self) -> None:
        """The second run, which collects what the function saves. Raises CheckpointError where it differs."""
        for t, then in self.versions:
            now = version(t._array)
            if now != then:
                anomaly = config.modes().anomaly
                raise errors.changed_in_place(self, t._array, 0, (now, then), anomaly, writer(t._array))
        count = len(self.saved)
        found: list[tuple[dict[str, Any], str]] = []

        def collect(t: Tensor) -> Tensor:
            if len(found) == count:
                raise CheckpointError(
                    "torch.utils.checkpoint: trying to save more tensors during recomputation than during the original "
                    f"forward pass.{_user_line() if self.debug else ''}\n{TIP}"
                )
            self.again[len(found)] = cut = t.detach()  # type: ignore[attr-defined]
            found.append(self.facts(t))
            if self.early_stop and len(found) == count:
                raise _Stop
            return cut

        args = [_fresh(a) for a in self.args]
        try:
            with saved_tensors_hooks(collect, lambda t: t), self.contexts[1]:
                self.function(*args, **self.kwargs)
        except _Stop:
            pass
        if len(found) != count:
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {count}\nNumber of tensors saved during "
                f"recomputation: {len(found)}.\n{TIP}"
            )
        if self.checks:
            self.compare(found)

    def compare(self, found: list[tuple[dict[str, Any], str]]) -> None:
        """Raise CheckpointError where the second run saved tensors of another shape, dtype or device."""
        lines = [
            f"tensor at position {i}:\nsaved metadata: {a}{line}\nrecomputed metadata: {b}{line_again}\n"
            for i, ((a, line), (b, line_again)) in enumerate(zip(self.saved, found, strict=True))
            if a != b
        ]
        if lines:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
                f"during the forward pass.\n{''.join(lines)}.\n{TIP}"
            )


TIP = "  Both runs must do the same: what a function changes outside of itself, the second run finds changed."


def _user_line() -> str:
    """The line of the program that is being run, outside of this package."""
    package = __name__.partition(".")[0]
    frames = [f for f, _ in traceback.walk_stack(None) if not f.f_globals.get("__name__", "").startswith(package)]
    return f" in {frames[0].f_code.co_filename}, line {frames[0].f_lineno}" if frames else ""


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """Run a Sequential, or a list of functions, in `segments` parts, all but the last checkpointed."""
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly.",
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
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
        input = checkpoint(part(start, end), input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return part(end, len(steps))(input)
