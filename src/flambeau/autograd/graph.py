"""Looking into the graph and changing what it keeps: hooks of saved tensors, of several gradients, edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from .. import config, missing
from ..storage import bump
from ..tensor import node as graph
from ..tensor.engine import passes, visited_nodes
from ..tensor.node import Node, RemovableHandle
from ..tensor.tensor import Tensor, current_edge

__all__ = [
    "GradientEdge",
    "Node",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, globals())


class GradientEdge(NamedTuple):
    """A place in the graph that a gradient arrives at: an output of a node."""

    node: Node
    output_nr: int
    ownership_token: Any = None


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge that leads to a tensor's gradient. Raises RuntimeError where it has none."""
    edge = current_edge(tensor)
    if edge is None:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    node, index = graph.target(edge)
    return GradientEdge(node, index)


class saved_tensors_hooks:
    """What operations inside save for the backward pass goes through `pack_hook`, and back through `unpack_hook`.

    >>> with saved_tensors_hooks(lambda t: t.numpy(), lambda a: from_numpy(a)):
    ...     y = tensor([2.], requires_grad=True) ** 2
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        if _disabled:
            raise RuntimeError(_disabled[-1])
        config.set_mode("saved_hooks", (*config.modes().saved_hooks, (self.pack_hook, self.unpack_hook)))

    def __exit__(self, *error: object) -> None:
        config.set_mode("saved_hooks", config.modes().saved_hooks[:-1])


class save_on_cpu(saved_tensors_hooks):
    """Saved tensors are kept in the CPU's memory and brought back to their device when they are needed."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda t: (t.device, t.cpu()), lambda packed: packed[1].to(packed[0]))  # type: ignore[attr-defined]


_disabled: list[str] = []


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Inside, using saved-tensor hooks raises RuntimeError with this message."""
    if config.modes().saved_hooks:
        raise RuntimeError(error_message)
    _disabled.append(error_message)
    try:
        yield
    finally:
        _disabled.pop()


def increment_version(tensor: Any) -> None:
    """Say that tensors were written in place by other means, so that the backward pass notices."""
    for t in (tensor,) if isinstance(tensor, Tensor) else tensor:
        bump(t._array)


class _Handles:
    """Several handles that are removed together."""

    def __init__(self, handles: Sequence[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> _Handles:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def register_multi_grad_hook(tensors: Sequence[Tensor], fn: Callable, *, mode: str = "all") -> Any:
    """Call `fn` when the gradients of all tensors (mode "all": with the list of them), or the first ("any"), are
    there."""
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    count = len(tensors)
    if mode == "any":
        fired: list[bool] = []

        def first(grad: Tensor) -> None:
            if not fired:
                fired.append(True)
                fn(grad)

        return _Handles([t.register_hook(first) for t in tensors if t.requires_grad])
    passes.watched = True
    found: list[Any] = [None] * count
    nodes = [graph.target(current_edge(t))[0] if t.requires_grad else None for t in tensors]
    waiting: list[int] = []

    def hook(i: int) -> Callable:
        def collect(grad: Tensor) -> None:
            if not waiting:
                visited = visited_nodes()
                waiting.append(sum(node in visited for node in nodes))
            found[i] = grad
            waiting[0] -= 1
            if not waiting[0]:
                grads = list(found)
                found[:] = [None] * count
                waiting.clear()
                fn(grads)

        return collect

    return _Handles([t.register_hook(hook(i)) for i, t in enumerate(tensors) if t.requires_grad])
