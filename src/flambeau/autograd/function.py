"""`Function`: an operation whose forward and backward the user writes, over tensors."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from .. import config, errors
from ..storage import bump, version, writer
from ..tensor import functions as fn
from ..tensor import node as graph
from ..tensor.batching import batch_in, batch_out, is_batched
from ..tensor.inplace import check_inplace
from ..tensor.node import FREED, Node, Output
from ..tensor.tensor import Tensor, current_edge, kind_of, make, set_requires_grad
from ..tensor.views import set_history
from ..xp import numpy as xnp


class FunctionCtx:
    """What `forward` is given first: it keeps what `backward` needs. It is the node of the graph itself."""

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep input and output tensors (or None) for `saved_tensors`."""
        for t in tensors:
            if t is not None and not isinstance(t, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument 0 is of type {type(t).__name__}"
                )
        self.to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for `jvp`."""
        self.saved_for_forward = tensors

    def mark_dirty(self, *args: Tensor) -> None:
        """Say that `forward` changed these inputs in place; each must be returned."""
        self.dirty_tensors = args

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Say that these outputs have no gradient."""
        self.non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` gets zeros (the default) or None for outputs that no gradient arrived at."""
        self.materialize_grads = value


class BackwardCFunction(Node, FunctionCtx):
    """The node of a user's function: `ctx` in forward and backward."""

    on_tensors = True
    function: type[Function]
    to_save: tuple = ()
    saved_for_forward: tuple = ()
    dirty_tensors: tuple = ()
    non_differentiable: tuple = ()
    materialize_grads = True
    needs_input_grad: tuple[bool, ...] = ()
    positions: tuple[int, ...] = ()
    # the places of results that are no tensors, for which backward gets None
    numbers: tuple[int, ...] = ()

    __repr__ = object.__repr__

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    @property
    def saved_tensors(self) -> tuple:
        """The tensors that `forward` saved. Raises RuntimeError once they are freed, or changed in place."""
        if self.saved is FREED:
            raise RuntimeError(graph.freed_message())
        return tuple(_unpack(self, entry) for entry in self.saved)

    saved_variables = saved_tensors

    @staticmethod
    def backward(node: Any, g: Any, lifted: bool) -> list[Any]:  # type: ignore[override]
        """What the engine calls: the user's backward, on tensors."""
        outputs = node.extra.outputs if node.extra is not None and node.extra.outputs is not None else None
        kinds = [kind for _, kind in outputs] if outputs else [node.kind]
        shapes = [shape for shape, _ in outputs] if outputs else [node.shape]
        grads: list[Any] = []
        for one, kind, shape in zip(g if outputs else [g], kinds, shapes, strict=True):
            if one is None:
                grads.append(fn.zeros(shape, dtype=kind.dtype, device=kind.device) if node.materialize_grads else None)
            else:
                grads.append(one if lifted else _as_tensor(one, kind))
        if node.numbers:
            for position in node.numbers:
                grads.insert(position, None)
        before = config.set_mode("grad", lifted)
        try:
            results = _user_backward(node)(node, *grads)
        finally:
            config.set_mode("grad", before)
        return _checked(node, results, lifted)


def _as_tensor(array: Any, kind: Any) -> Tensor:
    unusual = hasattr(array, "level") or hasattr(array, "coalesced")
    return make(array, kind_of(array)) if unusual else make(xnp.asarray(array), kind)


def _user_backward(node: Any) -> Callable:
    cls = node.function
    own_backward, own_vjp = cls.backward is not Function.backward, cls.vjp is not Function.vjp
    if own_backward and own_vjp:
        raise RuntimeError(
            "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement "
            "one "
            "of them."
        )
    return cls.vjp if own_vjp else cls.backward


def _checked(node: Any, results: Any, lifted: bool) -> list[Any]:
    """The gradients that a backward returned, for the tensor inputs only, in their dtypes."""
    results = results if isinstance(results, tuple) else (results,)
    count = len(node.needs_input_grad)
    if len(results) > count and all(r is None for r in results[count:]):
        results = results[:count]
    if len(results) != count:
        raise RuntimeError(
            f"function {type(node).__name__} returned an incorrect number of gradients (expected {count}, got "
            f"{len(results)})"
        )
    found: list[Any] = []
    for edge, position in zip(node.edges, node.positions, strict=True):
        grad = results[position]
        if edge is None or grad is None:
            found.append(None)
            continue
        if not isinstance(grad, Tensor):
            raise RuntimeError(
                f"expected Variable or None (got {type(grad).__name__})\n"
                f"  {type(node).__name__}.backward returns one gradient, a tensor or None, for each argument of "
                "forward."
            )
        wanted = _shape_of(edge)
        if wanted is not None and not _reducible(grad._array.shape, wanted):
            raise RuntimeError(
                f"Function {type(node).__name__} returned an invalid gradient at index {position} - got "
                f"{list(grad._array.shape)} but expected shape compatible with {list(wanted)}"
            )
        found.append(grad if lifted else grad._array)
    return found


def _shape_of(edge: Any) -> Any:
    if type(edge) is Output:
        return edge.node.extra.outputs[edge.index][0]
    if edge.shape is not None:
        return edge.shape
    leaf = edge.leaf()
    return None if leaf is None else leaf._array.shape


def _reducible(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether a gradient can be summed to the shape of its tensor."""
    if len(shape) < len(wanted):
        return False
    return all(w in (1, n) for n, w in zip(reversed(shape), reversed(wanted), strict=False))


def _pack(node: Any, t: Tensor | None, outputs: list[Tensor]) -> Any:
    """What is kept of a saved tensor: an output as (array, number), since a reference to it would be a cycle."""
    if t is None:
        return None
    hooks = config.modes().saved_hooks
    if hooks:
        pack, unpack = hooks[-1]
        return ("packed", pack(t.detach()), unpack)  # type: ignore[attr-defined]
    for i, out in enumerate(outputs):
        if out is t:
            return ("output", t._array, t._kind, i, version(t._array))
    return ("tensor", t, version(t._array))


def _unpack(node: Any, entry: Any) -> Tensor | None:
    if entry is None:
        return None
    if entry[0] == "packed":
        return entry[2](entry[1])
    array = entry[1] if entry[0] == "output" else entry[1]._array
    then, now = entry[-1], version(array)
    if now != then:
        origin = -1 if entry[0] == "output" else 0
        raise errors.changed_in_place(node, array, origin, (now, then), config.modes().anomaly, writer(array))
    if entry[0] == "tensor":
        return entry[1]
    _, array, kind, index, _ = entry
    several = node.extra is not None and node.extra.outputs is not None
    return make(array, kind, Output(node, index) if several else node)


class Function:
    """An operation with a forward and a backward of one's own.

    Subclasses have the static methods `forward(ctx, *args)` and `backward(ctx, *grad_outputs)`, which returns one
    gradient (or None) for each argument of forward; or `forward(*args)` with `setup_context(ctx, inputs, output)`. Call
    it as `MyFunction.apply(*args)`.

    >>> class Double(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         return grad * 2
    >>> Double.apply(tensor(3.))
    tensor(6.)
    """

    generate_vmap_rule = False
    _node_class = BackwardCFunction

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._node_class = type(  # type: ignore[assignment]
            f"{cls.__name__}Backward", (BackwardCFunction,), {"function": cls, "__module__": "torch.autograd.function"}
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version "
            "of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            "function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the result."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Any) -> Any:
        """Keep what backward needs, where `forward` takes no ctx."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the inputs from those of the outputs."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    @staticmethod
    def vjp(ctx: Any, *grad_outputs: Any) -> Any:
        """Another name for `backward`."""
        raise NotImplementedError("vjp is not implemented.")

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """The derivative along directions of the inputs."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """What to do under vmap."""
        raise NotImplementedError("vmap is not implemented.")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Compute the result and record the function."""
        if config.functional.depth or config.modes().dual is not None:
            found = transformed(cls, args, kwargs)
            if found is not NotImplemented:
                return found
        return cls._apply(*args, **kwargs)

    @classmethod
    def _apply(cls, *args: Any, _made: list | None = None, **kwargs: Any) -> Any:
        node = cls._node_class.__new__(cls._node_class)
        tensors = [(i, a) for i, a in enumerate(args) if isinstance(a, Tensor)]
        recorded = config.grad_enabled() and any(current_edge(t) is not None for _, t in tensors)
        edges = tuple(current_edge(t) if recorded else None for _, t in tensors)
        Node.__init__(node, edges)
        graph.more(node)
        if _made is not None:
            _made.append(node)
        node.positions = tuple(i for i, _ in tensors)
        wants = dict(zip(node.positions, edges, strict=True))
        node.needs_input_grad = tuple(wants.get(i) is not None for i in range(len(args)))
        before = config.set_mode("grad", False)
        try:
            if cls.setup_context is not Function.setup_context:
                result = cls.forward(*args, **kwargs)
                cls.setup_context(node, args, result)
            else:
                result = cls.forward(node, *args, **kwargs)
        finally:
            config.set_mode("grad", before)
        return _finish(node, result, [t for _, t in tensors], recorded)


class VmapInfo(NamedTuple):
    """What the `vmap` of a function is told: how many slices there are, and what random functions are to do."""

    batch_size: int
    randomness: str


_NOTES = "For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"


def transformed(cls: Any, args: tuple, kwargs: dict) -> Any:
    """The result inside of a transform of torch.func or a level of dual numbers; NotImplemented to go on as usual."""
    if config.functional.depth and cls.setup_context is Function.setup_context:
        raise RuntimeError(
            "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must "
            f"override the setup_context staticmethod. {_NOTES}"
        )
    batches = [a._array for a in args if isinstance(a, Tensor) and hasattr(a._array, "level")]
    if batches and not cls.generate_vmap_rule:
        if cls.vmap is Function.vmap:
            raise RuntimeError(
                f"You tried to vmap over {cls.__name__}, but it does not have vmap support. Please override and "
                "implement "
                f"the vmap staticmethod or set generate_vmap_rule=True. {_NOTES}"
            )
        return _mapped(cls, args, max((b.level for b in batches), key=lambda level: level.start))
    if batches and cls.vmap is not Function.vmap:
        raise RuntimeError(
            f"You tried to vmap over {cls.__name__}, but it has both generate_vmap_rule=True and an overriden vmap "
            f"staticmethod. Please set generate_vmap_rule=False or delete the overriden vmap staticmethod to avoid "
            f"ambiguity. {_NOTES}"
        )
    dual = config.modes().dual
    if dual is None or not dual.wants(args):
        return NotImplemented
    return _with_tangents(cls, args, kwargs, dual)


def _mapped(cls: Any, args: tuple, level: Any) -> Any:
    """What the function's own `vmap` gives for whole batches."""
    batched = [isinstance(a, Tensor) and is_batched(a, level) for a in args]
    before = config.set_mode("levels", tuple(x for x in config.modes().levels if x is not level))
    try:
        whole = [batch_out(a, level, 0) if yes else a for a, yes in zip(args, batched, strict=True)]
        info = VmapInfo(level.size, level.randomness)
        result, out_dims = cls.vmap(info, tuple(0 if yes else None for yes in batched), *whole)
    finally:
        config.set_mode("levels", before)
    if not isinstance(result, tuple):
        return result if out_dims is None else batch_in(result, level, out_dims)
    dims = out_dims if isinstance(out_dims, tuple) else (out_dims,) * len(result)
    return tuple(y if d is None else batch_in(y, level, d) for y, d in zip(result, dims, strict=True))


def _with_tangents(cls: Any, args: tuple, kwargs: dict, dual: Any) -> Any:
    """The result with the tangents that the function's own `jvp` gives."""
    nodes: list[Any] = []
    tangents = [dual.tangent_of(a) for a in args]
    before = config.set_mode("dual", None)
    try:
        result = cls._apply(*args, _made=nodes, **kwargs)
        node = nodes[0]
        kept = node.saved_for_forward
        node.saved = node.saved if node.saved else tuple([_pack(node, t, []) for t in kept])
        found = cls.jvp(node, *tangents)
    finally:
        config.set_mode("dual", before)
    results = result if isinstance(result, tuple) else (result,)
    for y, t in zip(results, found if isinstance(found, tuple) else (found,), strict=True):
        if isinstance(y, Tensor) and t is not None:
            dual.set(y, t)
    return result


def _finish(node: Any, result: Any, inputs: list[Tensor], recorded: bool) -> Any:
    """Make the results outputs of the node."""
    several = isinstance(result, (tuple, list))
    results = list(result) if several else [result]
    dirty = {id(t) for t in node.dirty_tensors}
    ours = {id(t) for t in inputs}
    constant = {id(t) for t in node.non_differentiable}
    outputs = [t for t in results if isinstance(t, Tensor)]
    for t in outputs:
        if id(t) in dirty:
            if recorded and t._view is None and type(current_edge(t)) is graph.AccumulateGrad:
                raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
            check_inplace(t, config.modes())
            bump(t._array)
    replaced = {id(t): make(t._array, t._kind) for t in outputs if id(t) in ours and id(t) not in dirty}
    final = [replaced.get(id(t), t) if isinstance(t, Tensor) else t for t in results]
    made = [t for t in final if isinstance(t, Tensor)]
    if len(made) < len(final):
        node.numbers = tuple([i for i, t in enumerate(final) if not isinstance(t, Tensor)])
    if recorded:
        if len(made) > 1:
            graph.more(node).outputs = [(t._array.shape, t._kind) for t in made]
        elif made:
            node.shape, node.kind = made[0]._array.shape, made[0]._kind
        # an input that is returned as it is was saved as the input
        node.saved = tuple(
            _pack(node, t, [x for x in made if id(x) not in dirty or id(x) in ours]) for t in node.to_save
        )
        for i, (t, original) in enumerate(zip(made, outputs, strict=True)):
            if id(original) in constant or not (t.dtype.is_floating_point or t.dtype.is_complex):
                continue
            edge = Output(node, i) if len(made) > 1 else node
            if id(original) in dirty:
                set_history(t, cast(Any, edge))
            else:
                t._view = None
                t._edge = edge
        if config.modes().anomaly:
            graph.more(node).traceback = errors.caller_line()
    node.to_save = ()
    if not several:
        return final[0]
    return tuple(final)


def once_differentiable(function: Callable) -> Callable:
    """A decorator of `backward`s that cannot be differentiated: their results have no graph, and say so."""

    @functools.wraps(function)
    def called(ctx: Any, *grads: Any) -> Any:
        wanted = config.grad_enabled() and any(isinstance(g, Tensor) and current_edge(g) is not None for g in grads)
        before = config.set_mode("grad", False)
        try:
            results = function(ctx, *grads)
        finally:
            config.set_mode("grad", before)
        if not wanted:
            return results
        several = isinstance(results, tuple)
        return tuple(_Refuse.apply(r) if isinstance(r, Tensor) else r for r in (results if several else (results,)))

    return called


class _Refuse(Function):
    """Passes a gradient on, and refuses to be differentiated."""

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        (grad,) = args
        marker = make(grad._array, grad._kind)
        set_requires_grad(marker, True)
        return super().apply(marker)

    @staticmethod
    def forward(ctx: Any, grad: Tensor) -> Tensor:
        return grad.clone()  # type: ignore[attr-defined]

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


for _cls in (Function, FunctionCtx, BackwardCFunction):
    _cls.__module__ = "torch.autograd.function"
