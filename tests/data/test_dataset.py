"""Datasets made of others, and whole batches taken out of tensors at once."""

import pytest

import flambeau
from flambeau.data.dataset import batch_reader
from flambeau.utils.data import (
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
)


class Numbers(IterableDataset):
    def __init__(self, *numbers):
        self.numbers = numbers

    def __iter__(self):
        return iter(self.numbers)

    def __len__(self):
        return len(self.numbers)


def test_datasets_add_up():
    both = TensorDataset(flambeau.arange(2)) + TensorDataset(flambeau.arange(3))
    assert isinstance(both, ConcatDataset) and len(both) == 5
    assert [both[i][0].item() for i in (0, 1, 2, 4, -1)] == [0, 1, 0, 2, 2]
    chained = Numbers(1, 2) + Numbers(3)
    assert isinstance(chained, ChainDataset) and list(chained) == [1, 2, 3] and len(chained) == 3


def test_stacked_datasets_give_tuples_or_dicts_one_by_one_and_at_once():
    data = TensorDataset(flambeau.arange(4))
    for stacked in (StackDataset(range(4), data), StackDataset(a=range(4), b=Subset(range(9), [8, 7, 6, 5]))):
        at_once = stacked.__getitems__([2, 0])
        assert [str(s) for s in at_once] == [str(stacked[2]), str(stacked[0])]
    assert StackDataset(a=range(4), b=range(4))[3] == {"a": 3, "b": 3}


def test_a_subset_that_overrides_one_way_of_reading_must_override_both():
    class Half(Subset):
        def __getitem__(self, i):
            return 0

    with pytest.raises(NotImplementedError, match="Half overrides __getitem__ but not __getitems__"):
        Half(range(3), [0])


def test_batches_taken_at_once_equal_those_of_samples():
    data = TensorDataset(flambeau.arange(20.0).view(10, 2), flambeau.arange(10))
    subset = Subset(Subset(data, [9, 8, 7, 1, 2]), [4, 0, 3])
    for dataset, indices in ((data, [3, 3, 9]), (subset, [2, 0, 1])):
        read = batch_reader(dataset)
        expected = flambeau.utils.data.default_collate([dataset[i] for i in indices])
        found = read(flambeau.tensor(indices).numpy())
        assert [t.tolist() for t in found] == [t.tolist() for t in expected]
    assert [t.tolist() for t in batch_reader(data)(range(2, 4))] == [[[4.0, 5.0], [6.0, 7.0]], [2, 3]]


def test_a_batch_is_a_copy():
    x = flambeau.arange(4.0)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=2):
        batch += 10
    assert x.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_overridden_indexing_is_respected():
    class Doubled(TensorDataset):
        def __getitem__(self, i):
            return (super().__getitem__(i)[0] * 2,)

    assert batch_reader(Doubled(flambeau.ones(2))) is None
    ((batch,),) = DataLoader(Doubled(flambeau.ones(2)), batch_size=2)
    assert batch.tolist() == [2.0, 2.0]


def test_batches_of_tensors_that_require_a_gradient_have_a_history():
    x = flambeau.ones(2, requires_grad=True)
    ((batch,),) = DataLoader(TensorDataset(x), batch_size=2)
    batch.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_getitems_is_asked_for_whole_batches():
    class AtOnce(Dataset):
        def __len__(self):
            return 4

        def __getitems__(self, indices):
            assert isinstance(indices, list)
            return [i * 10 for i in indices]

    assert [b.tolist() for b in DataLoader(AtOnce(), batch_size=3)] == [[0, 10, 20], [30]]
