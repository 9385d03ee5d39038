"""Trees of containers are taken apart and put together again."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple

import pytest

from flambeau import Size
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


TREE = {"a": 1, "b": [2, (3, Point(4, 5))], "c": OrderedDict(x=6), "d": defaultdict(list, {1: 7}), "e": deque([8])}


def test_a_path_is_what_python_would_write_behind_the_tree():
    pairs, spec = pytree.tree_flatten_with_path(TREE)
    assert [leaf for _, leaf in pairs] == pytree.tree_leaves(TREE) and spec == pytree.tree_structure(TREE)
    for path, leaf in pairs:
        assert eval("TREE" + pytree.keystr(path)) == leaf == pytree.key_get(TREE, path)
    assert pytree.keystr(pairs[3][0]) == "['b'][1][1].x"


def test_keys_are_equal_where_kind_and_value_are():
    assert pytree.MappingKey("a") == pytree.MappingKey(key="a") != pytree.GetAttrKey("a")
    assert len({pytree.SequenceKey(0), pytree.SequenceKey(0), pytree.SequenceKey(1)}) == 2
    assert repr(pytree.SequenceKey(2)) == "SequenceKey(idx=2)"


def test_a_map_is_given_the_path_and_the_parts_of_several_trees():
    found = pytree.tree_map_with_path(lambda path, a, b: (pytree.keystr(path), a + b), (1, [2]), (10, [20]))
    assert found == (("[0]", 11), [("[1][0]", 22)])


def test_a_container_that_was_registered_without_keys_has_no_paths():
    class Box:
        def __init__(self, x):
            self.x = x

    pytree.register_pytree_node(Box, lambda box: ([box.x], None), lambda values, _: Box(*values))
    with pytest.raises(ValueError, match="Did not find a flatten_with_keys_fn for type: .*Box"):
        pytree.tree_leaves_with_path([Box(1)])
    assert pytree.tree_leaves_with_path(Box(1), is_leaf=lambda x: isinstance(x, Box))[0][0] == ()


def test_a_size_is_a_container_and_comes_back_as_a_tuple():
    leaves, spec = pytree.tree_flatten([Size([1, 2]), 3])
    assert leaves == [1, 2, 3]
    assert pytree.tree_unflatten([4, 5, 6], spec) == [(4, 5), 6]
    assert type(pytree.tree_unflatten(leaves, spec)[0]) is tuple
