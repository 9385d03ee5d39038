"""`torch.utils._pytree`: nested tuples, lists and dicts as trees, whose leaves are everything else.

>>> from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten
>>> leaves, spec = tree_flatten({"a": 1, "b": (2, [3])})
>>> leaves, tree_unflatten([10 * x for x in leaves], spec)
([1, 2, 3], {'a': 10, 'b': (20, [30])})
>>> tree_map(lambda x: -x, (1, [2]))
(-1, [-2])

Where a leaf stands is a tuple of keys, one for each container around it:

>>> from torch.utils._pytree import keystr, tree_flatten_with_path
>>> [(keystr(path), leaf) for path, leaf in tree_flatten_with_path({"a": 1, "b": (2, [3])})[0]]
[("['a']", 1), ("['b'][0]", 2), ("['b'][1][0]", 3)]
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..tensor.size import Size

PyTree = Any
Context = Any
FlattenFn = Callable[[Any], tuple[list, Any]]
UnflattenFn = Callable[[Iterable, Any], Any]
FlattenWithKeysFn = Callable[[Any], tuple[list[tuple[Any, Any]], Any]]


class NodeDef(NamedTuple):
    """How a container is taken apart, without keys or with them, and put together."""

    type: Any
    flatten_fn: FlattenFn
    unflatten_fn: UnflattenFn
    flatten_with_keys_fn: FlattenWithKeysFn | None


class _Key:
    """One step on the way to a leaf. Its one field is named as the arguments of the class are."""

    field: str
    shown: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        (value,) = args or (kwargs.pop(self.field),)
        setattr(self, self.field, value)

    def _value(self) -> Any:
        return getattr(self, self.field)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._value() == self._value()

    def __hash__(self) -> int:
        return hash((type(self), self._value()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.field}={self._value()!r})"

    def __str__(self) -> str:
        return self.shown.format(self._value())

    def get(self, parent: Any) -> Any:
        """What stands there in a container."""
        return parent[self._value()]


class SequenceKey(_Key):
    """A place in a list or tuple: `[0]`."""

    field, shown = "idx", "[{}]"


class MappingKey(_Key):
    """A key of a dict: `['a']`."""

    field, shown = "key", "[{!r}]"


class GetAttrKey(_Key):
    """A field of an object: `.a`."""

    field, shown = "name", ".{}"

    def get(self, parent: Any) -> Any:
        """The attribute of that name."""
        return getattr(parent, self._value())


KeyEntry = _Key
KeyPath = tuple[KeyEntry, ...]


def keystr(kp: KeyPath) -> str:
    """A path as Python would write it behind the name of the tree."""
    return "".join(map(str, kp))


def key_get(obj: Any, kp: KeyPath) -> Any:
    """What stands at the end of a path in a tree."""
    for key in kp:
        obj = key.get(obj)
    return obj


def is_namedtuple_class(cls: type) -> bool:
    """Whether a class was made by `namedtuple`."""
    return isinstance(cls, type) and issubclass(cls, tuple) and isinstance(getattr(cls, "_fields", None), tuple)


def is_namedtuple_instance(obj: Any) -> bool:
    """Whether an object is a named tuple."""
    return is_namedtuple_class(type(obj))


def is_namedtuple(obj: Any) -> bool:
    """Whether an object, or a class, is a named tuple."""
    return is_namedtuple_class(obj if isinstance(obj, type) else type(obj))


def _dict_flatten(d: dict) -> tuple[list, Any]:
    return list(d.values()), list(d)


def _dict_flatten_with_keys(d: dict) -> tuple[list[tuple[Any, Any]], Any]:
    return [(MappingKey(key), value) for key, value in d.items()], list(d)


def _dict_unflatten(values: Iterable, context: Any) -> dict:
    return dict(zip(context, values, strict=True))


def _defaultdict_context(d: defaultdict) -> list:
    return [d.default_factory, list(d)]


def _numbered(values: Iterable) -> list[tuple[Any, Any]]:
    return [(SequenceKey(i), value) for i, value in enumerate(values)]


def _named(values: Any) -> list[tuple[Any, Any]]:
    return [(GetAttrKey(name), value) for name, value in zip(values._fields, values, strict=True)]


SUPPORTED_NODES: dict[Any, NodeDef] = {
    node.type: node
    for node in (
        NodeDef(tuple, lambda t: (list(t), None), lambda v, _: tuple(v), lambda t: (_numbered(t), None)),
        # put together again it is a plain tuple, as in PyTorch
        NodeDef(Size, lambda t: (list(t), None), lambda v, _: tuple(v), lambda t: (_numbered(t), None)),
        NodeDef(list, lambda t: (list(t), None), lambda v, _: list(v), lambda t: (_numbered(t), None)),
        NodeDef(dict, _dict_flatten, _dict_unflatten, _dict_flatten_with_keys),
        NodeDef(
            OrderedDict,
            _dict_flatten,
            lambda v, keys: OrderedDict(zip(keys, v, strict=True)),
            _dict_flatten_with_keys,
        ),
        NodeDef(
            defaultdict,
            lambda d: (list(d.values()), _defaultdict_context(d)),
            lambda v, context: defaultdict(context[0], zip(context[1], v, strict=True)),
            lambda d: (_dict_flatten_with_keys(d)[0], _defaultdict_context(d)),
        ),
        NodeDef(
            deque, lambda d: (list(d), d.maxlen), lambda v, n: deque(v, maxlen=n), lambda d: (_numbered(d), d.maxlen)
        ),
        NodeDef(namedtuple, lambda t: (list(t), type(t)), lambda v, cls: cls(*v), lambda t: (_named(t), type(t))),
    )
}


def register_pytree_node(
    cls: type,
    flatten_fn: FlattenFn,
    unflatten_fn: UnflattenFn,
    *,
    serialized_type_name: str | None = None,
    flatten_with_keys_fn: FlattenWithKeysFn | None = None,
    **kwargs: Any,
) -> None:
    """Let objects of a class be containers. Raises ValueError where they are already."""
    if cls in SUPPORTED_NODES:
        raise ValueError(f"{cls} is already registered as pytree node.")
    SUPPORTED_NODES[cls] = NodeDef(cls, flatten_fn, unflatten_fn, flatten_with_keys_fn)


def _get_node_type(tree: Any) -> Any:
    return namedtuple if is_namedtuple_instance(tree) else type(tree)


def tree_is_leaf(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> bool:
    """Whether something is a leaf: no container, or one that `is_leaf` says is one."""
    return (is_leaf is not None and is_leaf(tree)) or _get_node_type(tree) not in SUPPORTED_NODES


class TreeSpec:
    """The shape of a tree: the type of a container, what it needs beside its children, and their shapes."""

    def __init__(self, type: Any, context: Any, children_specs: Iterable[TreeSpec] = ()) -> None:
        self.type = type
        self.context = context
        self.children_specs = list(children_specs)
        self.num_leaves = 1 if type is None else sum(c.num_leaves for c in self.children_specs)  # type: ignore[has-type]
        self.num_nodes = 1 + sum(c.num_nodes for c in self.children_specs)  # type: ignore[has-type]
        self.num_children = len(self.children_specs)

    def is_leaf(self) -> bool:
        """Whether this is the shape of a leaf."""
        return self.type is None

    def children(self) -> list[TreeSpec]:
        """The shapes of the children."""
        return list(self.children_specs)

    def child(self, index: int) -> TreeSpec:
        """The shape of one child."""
        return self.children_specs[index]

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        """The tree of this shape with these leaves."""
        return tree_unflatten(leaves, self)

    def flatten_up_to(self, tree: Any) -> list:
        """The parts of a tree that stand where this shape has leaves."""
        if self.is_leaf():
            return [tree]
        if _get_node_type(tree) is not self.type:
            raise ValueError(f"Type mismatch; expected {self.type!r}, but got {_get_node_type(tree)!r}.")
        children, context = SUPPORTED_NODES[self.type].flatten_fn(tree)
        if len(children) != self.num_children:
            raise ValueError(f"Node arity mismatch; expected {self.num_children}, but got {len(children)}.")
        return [
            part
            for spec, child in zip(self.children_specs, children, strict=True)
            for part in spec.flatten_up_to(child)
        ]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TreeSpec)
            and self.type is other.type
            and self.context == other.context
            and self.children_specs == other.children_specs
        )

    def __hash__(self) -> int:
        return hash((self.type, str(self.context), tuple(self.children_specs)))

    def __repr__(self) -> str:
        if self.is_leaf():
            return "*"
        return f"TreeSpec({self.type.__name__}, {self.context}, {self.children_specs})"


class LeafSpec(TreeSpec):
    """The shape of a leaf."""

    def __init__(self) -> None:
        super().__init__(None, None)


PyTreeSpec = TreeSpec
_LEAF = LeafSpec()


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list, TreeSpec]:
    """The leaves of a tree from left to right, and its shape."""
    leaves: list = []
    return leaves, _collect(tree, leaves, is_leaf)


def _collect(tree: Any, leaves: list, is_leaf: Callable[[Any], bool] | None) -> TreeSpec:
    if tree_is_leaf(tree, is_leaf):
        leaves.append(tree)
        return _LEAF
    kind = _get_node_type(tree)
    children, context = SUPPORTED_NODES[kind].flatten_fn(tree)
    return TreeSpec(kind, context, [_collect(child, leaves, is_leaf) for child in children])


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """The tree of a shape with these leaves. Raises ValueError where they are not as many."""
    leaves = list(leaves)
    if len(leaves) != treespec.num_leaves:
        raise ValueError(
            f"tree_unflatten(leaves, treespec): `leaves` has length {len(leaves)} but the spec refers to a pytree that "
            f"holds {treespec.num_leaves} items ({treespec})."
        )
    waiting = iter(leaves)

    def build(spec: TreeSpec) -> Any:
        if spec.is_leaf():
            return next(waiting)
        return SUPPORTED_NODES[spec.type].unflatten_fn([build(c) for c in spec.children_specs], spec.context)

    return build(treespec)


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list:
    """The leaves of a tree from left to right."""
    return tree_flatten(tree, is_leaf)[0]


def tree_iter(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> Iterable:
    """The leaves of a tree, one after the other."""
    return iter(tree_leaves(tree, is_leaf))


def _paths(tree: Any, path: KeyPath, is_leaf: Callable[[Any], bool] | None) -> Iterable[tuple[KeyPath, Any]]:
    if tree_is_leaf(tree, is_leaf):
        yield path, tree
        return
    node = SUPPORTED_NODES[_get_node_type(tree)]
    if node.flatten_with_keys_fn is None:
        raise ValueError(
            f"Did not find a flatten_with_keys_fn for type: {node.type}. Please pass a flatten_with_keys_fn argument "
            "to register_pytree_node."
        )
    for key, child in node.flatten_with_keys_fn(tree)[0]:
        yield from _paths(child, (*path, key), is_leaf)


def tree_leaves_with_path(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[tuple[KeyPath, Any]]:
    """The leaves of a tree from left to right, each with the keys that lead to it. Raises ValueError without keys."""
    return list(_paths(tree, (), is_leaf))


def tree_flatten_with_path(
    tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> tuple[list[tuple[KeyPath, Any]], TreeSpec]:
    """The leaves of a tree from left to right, each with the keys that lead to it, and the tree's shape."""
    return tree_leaves_with_path(tree, is_leaf), tree_structure(tree, is_leaf)


def tree_map_with_path(func: Callable, tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """As `tree_map`, with a function that is given the path of the leaf first."""
    leaves, spec = tree_flatten_with_path(tree, is_leaf)
    columns = [[path for path, _ in leaves], [leaf for _, leaf in leaves], *[spec.flatten_up_to(r) for r in rests]]
    return tree_unflatten(list(map(func, *columns)), spec)


def tree_structure(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> TreeSpec:
    """The shape of a tree."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(func: Callable, tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """The tree with `func` of each leaf in its place; `rests` are trees of its shape, whose parts are given too."""
    leaves, spec = tree_flatten(tree, is_leaf)
    columns = [leaves, *[spec.flatten_up_to(r) for r in rests]]
    return tree_unflatten(list(map(func, *columns)), spec)


def tree_map_(func: Callable, tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """Call `func` with each leaf; the tree comes back as it is."""
    leaves, spec = tree_flatten(tree, is_leaf)
    deque(map(func, leaves, *[spec.flatten_up_to(r) for r in rests]), maxlen=0)
    return tree


def _wanted(kind: Any) -> Callable[[Any], bool]:
    return kind if callable(kind) and not isinstance(kind, type) else lambda x: isinstance(x, kind)


def tree_map_only(kind: Any, /, func: Callable, tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """The tree with `func` of each leaf of some types in its place."""
    wanted = _wanted(kind)
    return tree_map(lambda x: func(x) if wanted(x) else x, tree, is_leaf=is_leaf)


def tree_map_only_(kind: Any, /, func: Callable, tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """Call `func` with each leaf of some types; the tree comes back as it is."""
    wanted = _wanted(kind)
    return tree_map_(lambda x: func(x) if wanted(x) else x, tree, is_leaf=is_leaf)


def tree_all(pred: Callable[[Any], bool], tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> bool:
    """Whether `pred` holds for all leaves."""
    return all(map(pred, tree_leaves(tree, is_leaf)))


def tree_any(pred: Callable[[Any], bool], tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> bool:
    """Whether `pred` holds for some leaf."""
    return any(map(pred, tree_leaves(tree, is_leaf)))


def tree_all_only(kind: Any, /, pred: Callable, tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> bool:
    """Whether `pred` holds for all leaves of some types."""
    wanted = _wanted(kind)
    return all(pred(x) for x in tree_leaves(tree, is_leaf) if wanted(x))


def tree_any_only(kind: Any, /, pred: Callable, tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> bool:
    """Whether `pred` holds for some leaf of some types."""
    wanted = _wanted(kind)
    return any(pred(x) for x in tree_leaves(tree, is_leaf) if wanted(x))
