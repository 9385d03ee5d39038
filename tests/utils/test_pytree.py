"""Trees of containers are taken apart and put together again."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple

import pytest

from flambeau.utils import _pytree as pytree

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    "tree",
    [3, [], (1, [2, 3]), {"b": 1, "a": (2,)}, OrderedDict(x=1, y=[2]), Point(1, [2]), deque([1, 2], 5), {"n": None}],
    ids=str,
)
def test_flattening_and_unflattening_give_the_tree_back(tree):
    leaves, spec = pytree.tree_flatten(tree)
    again = pytree.tree_unflatten(leaves, spec)
    assert again == tree and type(again) is type(tree)
    assert spec.num_leaves == len(leaves)


def test_a_defaultdict_keeps_its_factory():
    again = pytree.tree_map(lambda x: x, defaultdict(list, a=1))
    assert again == {"a": 1} and again.default_factory is list


def test_several_trees_are_mapped_together():
    assert pytree.tree_map(lambda a, b: a + b, (1, [2]), (10, [20])) == (11, [22])
    with pytest.raises(ValueError, match="Node arity mismatch"):
        pytree.tree_map(lambda a, b: a + b, (1, [2]), (10, [20, 30]))


def test_only_leaves_of_a_type_are_mapped():
    assert pytree.tree_map_only(int, lambda x: -x, [1, "a", (2,)]) == [-1, "a", (-2,)]


def test_a_wrong_number_of_leaves_is_an_error():
    _, spec = pytree.tree_flatten([1, 2])
    with pytest.raises(ValueError, match="holds 2 items"):
        pytree.tree_unflatten([1], spec)
