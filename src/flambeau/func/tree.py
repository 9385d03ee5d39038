"""Nested tuples, lists and dicts of tensors ("pytrees"): taken apart into their leaves, and put together again."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

from ..tensor.return_types import NamedResult


class Structure:
    """How a tree is nested: a kind of container, what belongs to it (the keys of a dict), the parts; None for a
    leaf."""

    __slots__ = ("kind", "keys", "parts", "count")

    def __init__(self, kind: Any = None, keys: Any = None, parts: tuple[Structure, ...] = ()) -> None:
        self.kind = kind
        self.keys = keys
        self.parts = parts
        self.count = 1 if kind is None else sum(p.count for p in parts)  # type: ignore[has-type]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Structure)
            and self.kind is other.kind
            and _comparable(self) == _comparable(other)
            and self.parts == other.parts
        )

    def __hash__(self) -> int:
        return hash((self.kind, self.count))

    def __str__(self) -> str:
        """In short: `(*, {'a': *})`."""
        if self.kind is None:
            return "*"
        inner = [str(p) for p in self.parts]
        if self.kind is list:
            return f"[{', '.join(inner)}]"
        if self.keys is not None:
            return "{" + ", ".join(f"{k!r}: {p}" for k, p in zip(self.keys, inner, strict=True)) + "}"
        return f"({inner[0]},)" if len(inner) == 1 else f"({', '.join(inner)})"

    def __repr__(self) -> str:
        """As PyTorch writes it: one part of a container in a line."""
        return self._written(0)

    def _written(self, indent: int) -> str:
        if self.kind is None:
            return "*"
        head = f"TreeSpec({self.kind.__name__}, {list(self.keys) if self.keys is not None else None}, ["
        parts = [p._written(indent + 2) for p in self.parts]
        return head + f",\n{' ' * (indent + 2)}".join(parts) + "])"


def _comparable(structure: Structure) -> Any:
    return structure.keys if structure.kind is not dict else set(structure.keys)


def is_leaf(value: Any) -> bool:
    """Whether a value is no container."""
    return _children(value) is None


def _children(value: Any) -> tuple[Any, Any, list] | None:
    """(the kind, the keys, the parts) of a container."""
    kind = type(value)
    if kind is tuple or kind is list:
        return kind, None, list(value)
    if kind is dict or kind is OrderedDict:
        return kind, tuple(value), list(value.values())
    if kind is defaultdict:
        return kind, tuple(value), list(value.values())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind, None, list(value)
    if isinstance(value, NamedResult):
        return kind, None, list(value)
    return None


def flatten(tree: Any) -> tuple[list, Structure]:
    """(the leaves from left to right, the structure)."""
    leaves: list[Any] = []
    return leaves, _take(tree, leaves)


def _take(tree: Any, leaves: list) -> Structure:
    found = _children(tree)
    if found is None:
        leaves.append(tree)
        return LEAF
    kind, keys, parts = found
    return Structure(kind, keys, tuple([_take(p, leaves) for p in parts]))


LEAF = Structure()


def unflatten(leaves: Any, structure: Structure) -> Any:
    """The tree of a structure with given leaves."""
    return _build(iter(leaves), structure)


def _build(leaves: Any, structure: Structure) -> Any:
    if structure.kind is None:
        return next(leaves)
    parts = [_build(leaves, p) for p in structure.parts]
    kind = structure.kind
    if structure.keys is not None:
        pairs = zip(structure.keys, parts, strict=True)
        return defaultdict(None, pairs) if kind is defaultdict else kind(pairs)
    if kind is tuple or kind is list:
        return kind(parts)
    return kind(parts) if issubclass(kind, NamedResult) else kind(*parts)


def map_leaves(f: Callable, tree: Any) -> Any:
    """The tree with `f` applied to every leaf."""
    leaves, structure = flatten(tree)
    return unflatten([f(leaf) for leaf in leaves], structure)


def spread(prefix: Any, structure: Structure, is_end: Callable[[Any], bool] = is_leaf) -> list | None:
    """One value for each leaf of a structure, from a tree that may stop early; None where it does not fit.

    A leaf of the prefix stands for all leaves below its place.
    """
    if is_end(prefix):
        return [prefix] * structure.count
    kind, keys, parts = _children(prefix)  # type: ignore[misc]
    if structure.kind is None or len(parts) != len(structure.parts):
        return None
    if kind is not structure.kind:
        return None
    if keys is not None:
        if set(keys) != set(structure.keys):
            return None
        parts = [prefix[k] for k in structure.keys]
    found: list[Any] = []
    for part, below in zip(parts, structure.parts, strict=True):
        values = spread(part, below, is_end)
        if values is None:
            return None
        found += values
    return found
