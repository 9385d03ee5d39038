"""Who owns the memory of an array, when it was written, and who does not want that to be noticed."""

from __future__ import annotations

import gc

import numpy as np

from flambeau import storage


def test_views_of_every_kind_have_one_owner():
    whole = np.arange(12.0)
    for view in (
        whole[2:],
        whole.reshape(3, 4),
        whole.reshape(3, 4).T,
        whole[::3],
        storage.strided_array(whole, (2,), (8,), 16),
    ):
        assert storage.owner(view) is whole and storage.memory(view) is whole


def test_writes_are_counted_once_for_all_views():
    whole = np.zeros(4)
    before = storage.tick()
    storage.bump(whole[1:])
    assert storage.version(whole) == storage.version(whole[:2]) == 1
    assert storage.written_since(whole, before) == (1, 0)
    assert storage.written_since(whole, storage.tick()) is None


def test_silent_arrays_share_memory_but_not_the_count():
    for dtype in (np.float32, np.int64, np.bool_, np.complex64):
        whole = np.ones((2, 3), dtype)
        silent = storage.silent(whole[1:])
        silent[0, 0] = 0
        storage.bump(silent)
        storage.bump(silent[:, 1:])
        assert whole[1, 0] == 0
        assert storage.version(whole) == 0 and storage.version(silent) == 2
        assert storage.memory(silent) is whole and storage.owner(silent) is not whole
        assert storage.memory_bounds(silent) == storage.memory_bounds(whole)


def test_the_table_of_writes_forgets_memory_that_is_gone():
    gc.collect()
    before = len(storage._written)
    for _ in range(20):
        storage.bump(np.zeros(3))
    assert len(storage._written) == before


def test_the_last_operation_that_wrote_is_known_by_name():
    array = np.zeros(3)
    assert storage.writer(array) == ""
    storage.bump(array)
    storage.sign(array, "AddBackward0")
    assert storage.writer(array[1:]) == "AddBackward0"
