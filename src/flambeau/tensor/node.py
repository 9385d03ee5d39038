"""The graph: nodes, and the edges between them.

A node remembers one operation: the edges to the producers of its inputs, and what its gradient rules named. An edge is
the producing node itself, an `Output` where that node has several outputs, or None where no gradient is wanted.
Nodes are ordered by the time of their creation, which is all that the engine needs to visit them in the right order.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..storage import tick
from . import later

FREED = ("freed",)


class Extra:
    """What few nodes have: hooks, metadata, several outputs, gradients to cast."""

    __slots__ = ("hooks", "prehooks", "output_hooks", "retained", "metadata", "traceback", "casts", "outputs", "unpack")

    def __init__(self) -> None:
        self.hooks: OrderedDict[int, Callable] | None = None
        self.prehooks: OrderedDict[int, Callable] | None = None
        # output index -> hooks of the tensor that is that output, and the tensors that retain their gradient
        self.output_hooks: dict[int, OrderedDict[int, Callable]] | None = None
        self.retained: dict[int, weakref.ref] | None = None
        self.metadata: dict[str, Any] | None = None
        self.traceback: str | None = None
        # whether gradients may have another dtype than the inputs had
        self.casts = False
        # (shape, kind) of each output, where there are several
        self.outputs: list[tuple[tuple[int, ...], Any]] | None = None
        self.unpack: Callable | None = None


class Node:
    """One recorded operation. Its class is named as PyTorch names it (`MulBackward0`)."""

    __slots__ = ("edges", "saved", "shape", "kind", "seq", "extra", "__weakref__")
    extra: Any

    op: Any = None
    # input number of each saved value: -1 for the op's own output, None for metadata and attributes
    origins: tuple = ()
    # whether the backward pass frees what was saved: tensors, but not shapes and numbers
    frees = True
    # nodes of user-defined functions compute with tensors instead of arrays
    on_tensors = False
    backward: Callable
    # the same for results of no dimension
    scalar_backward: Callable

    def __init__(self, edges: tuple = (), saved: tuple = (), shape: tuple = (), kind: Any = None) -> None:
        self.edges = edges
        self.saved = saved
        self.shape = shape
        self.kind = kind
        self.seq = tick()
        self.extra: Any = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {hex(id(self))}>"

    def name(self) -> str:
        return type(self).__name__

    @property
    def next_functions(self) -> tuple:
        """The edges, each as (node, number of the node's output)."""
        pairs = []
        for edge in self.edges:
            if type(edge) is Output:
                pairs.append((edge.node, edge.index))
            else:
                pairs.append((edge, 0))
        return tuple(pairs)

    @property
    def metadata(self) -> dict[str, Any]:
        """A dict for whatever the user wants to attach."""
        extra = more(self)
        if extra.metadata is None:
            extra.metadata = {}
        return extra.metadata

    def _sequence_nr(self) -> int:
        return self.seq

    def register_hook(self, fn: Callable) -> Any:
        """Call `fn(grad_inputs, grad_outputs)` after this node's gradients are computed."""
        extra = more(self)
        if extra.hooks is None:
            extra.hooks = OrderedDict()
        return RemovableHandle(extra.hooks, fn)

    def register_prehook(self, fn: Callable) -> Any:
        """Call `fn(grad_outputs)` before this node's gradients are computed."""
        extra = more(self)
        if extra.prehooks is None:
            extra.prehooks = OrderedDict()
        return RemovableHandle(extra.prehooks, fn)

    # no __getattr__: a class that has one reads its slots three times as slowly, of which the engine's pass consists

    def unpack_saved(self, name: str) -> Any:
        """What was saved under a name of the op's, as a tensor: the attribute `_saved_<name>`."""
        if self.saved is FREED:
            raise RuntimeError(freed_message())
        at = self.op.saved.index(name)
        value = self.saved[at]
        if self.origins[at] is None or value is None:
            return value
        return later.lift_saved(self)[at]


class Output:
    """The edge to one of several outputs of a node."""

    __slots__ = ("node", "index")
    # the engine asks the node for the shapes of its outputs
    shape = None

    def __init__(self, node: Node, index: int) -> None:
        self.node = node
        self.index = index


class AccumulateGrad(Node):
    """The end of the graph: adds what arrives to the gradient of a leaf.

    It knows its leaf weakly, since the leaf knows it: no reference cycle is left for the collector to find.
    """

    __slots__ = ("leaf", "post_hooks", "hooks")

    def __init__(self, tensor: Any) -> None:
        super().__init__()
        self.leaf = weakref.ref(tensor)
        self.shape = None  # type: ignore[assignment]
        self.hooks: OrderedDict[int, Callable] | None = None
        self.post_hooks: OrderedDict[int, Callable] | None = None

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    @property
    def variable(self) -> Any:
        """The leaf, or None where it is gone."""
        return self.leaf()


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away again. Works as a context manager too."""

    _next_id = 0

    def __init__(self, hooks: OrderedDict, fn: Callable) -> None:
        self.id = RemovableHandle._next_id
        RemovableHandle._next_id += 1
        self._hooks: Any = weakref.ref(hooks) if type(hooks) is not OrderedDict else _WeakDict(hooks)
        hooks[self.id] = fn

    def remove(self) -> None:
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class _WeakDict:
    """A reference to a dict, called like a weak one; OrderedDict supports weak references."""

    __slots__ = ("ref",)

    def __init__(self, hooks: OrderedDict) -> None:
        self.ref = weakref.ref(hooks)

    def __call__(self) -> OrderedDict | None:
        return self.ref()


def more(node: Node) -> Extra:
    """The node's extra record, made on first use."""
    if node.extra is None:
        node.extra = Extra()
    return node.extra


def target(edge: Any) -> tuple[Node, int]:
    """The node and the output number that an edge leads to."""
    return (edge.node, edge.index) if type(edge) is Output else (edge, 0)


def freed_message() -> str:
    return (
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
        "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
        "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
        "saved tensors after calling backward.\n"
        "  Each training step needs a forward pass of its own: compute the loss anew, or add the losses of one graph "
        "and "
        "call backward once."
    )
