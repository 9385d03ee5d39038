"""Storages describe the memory that tensors share."""

from __future__ import annotations

import pytest

import flambeau as torch


def test_views_have_one_storage_and_copies_another():
    x = torch.arange(6.0).view(2, 3)
    assert x.untyped_storage() == x.t()[1:].untyped_storage()
    assert x.untyped_storage().data_ptr() == x.data_ptr()
    assert x[1].untyped_storage().nbytes() == 24
    assert x.untyped_storage() != x.clone().untyped_storage()


def test_writing_to_a_storage_shows_in_the_tensor_and_counts_as_a_change():
    x = torch.zeros(2, dtype=torch.uint8)
    before = x._version
    x.untyped_storage()[1] = 7
    assert x.tolist() == [0, 7] and x._version == before + 1


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_typed_storages_hold_elements():
    s = torch.tensor([1.0, 2.0]).storage()
    assert s.tolist() == [1.0, 2.0] and s.size() == 2 and s.nbytes() == 8 and s[1] == 2.0
    assert isinstance(s, torch.FloatStorage) and not isinstance(s, torch.LongStorage)
    assert torch.ones(1).storage_type() is torch.FloatStorage


def test_tensor_types_are_called_and_asked():
    t = torch.LongTensor([1, 2])
    assert t.dtype is torch.int64 and isinstance(t, torch.LongTensor) and not isinstance(t, torch.FloatTensor)
    assert torch.FloatTensor(2, 3).shape == (2, 3)
    assert torch.ones(1).type(torch.LongTensor).dtype is torch.int64
    with pytest.raises(TypeError, match="torch.cuda.FloatTensor not available"):
        torch.cuda.FloatTensor(2)


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_the_size_of_a_storage_counts_its_memory():
    x = torch.zeros(100, 25)
    assert 0 <= x.untyped_storage().__sizeof__() - 10_000 < 200
    assert 0 <= x.storage().__sizeof__() - 10_000 < 200
