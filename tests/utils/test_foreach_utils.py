"""Tensors are sorted by device and dtype."""

import flambeau as torch
from flambeau.utils._foreach_utils import _group_tensors_by_device_and_dtype


def test_tensors_are_grouped_with_what_belongs_to_them():
    a, b, c = torch.ones(1), torch.ones(1, dtype=torch.float64), torch.zeros(1)
    groups = _group_tensors_by_device_and_dtype([[a, b, c], [None, b, c], []], with_indices=True)
    cpu = torch.device("cpu")
    lists, places = groups[cpu, torch.float32]
    assert lists[0][0] is a and lists[0][1] is c and lists[1][0] is None and lists[1][1] is c and lists[2] == []
    assert places == [0, 2] and groups[cpu, torch.float64][1] == [1]
    assert _group_tensors_by_device_and_dtype([[a]])[cpu, torch.float32][1] == []
