"""Loaders and samplers give PyTorch's batches, order, draws and complaints, without workers and with them."""

import collections
import random
import warnings

import numpy as np
import pytest

import flambeau
import flambeau.utils.data

torch = pytest.importorskip("torch")
BOTH = (torch, flambeau)
Point = collections.namedtuple("Point", ["x", "y"])


def plain(value):
    """Tensors of either library as lists, with dtype and shape."""
    if isinstance(value, (torch.Tensor, flambeau.Tensor)):
        return str(value.dtype), tuple(value.shape), value.tolist()
    if isinstance(value, dict):
        return type(value).__name__, {key: plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [plain(v) for v in value]
    return value


def samples_dataset(library):
    """Samples of every kind that can be collated, with random numbers of every generator."""
    from_library = library.utils.data

    class Samples(from_library.Dataset):
        def __len__(self):
            return 23

        def __getitem__(self, i):
            worker = from_library.get_worker_info()
            return {
                "tensor": library.full((2,), float(i)), "array": np.arange(i, i + 2, dtype=np.int16), "text": f"s{i}",
                "number": i, "float": i / 2, "pair": (i, [i, -i]), "point": Point(i, np.float32(i)), "flag": i % 2 == 0,
                "worker": -1 if worker is None else (worker.id, worker.num_workers, worker.seed % 1000),
                "random": (library.rand(1), random.random(), np.random.rand()) if worker is not None else 0,
            }  # fmt: skip

    return Samples()


def iterable_dataset(library):
    from_library = library.utils.data

    class Numbers(from_library.IterableDataset):
        def __iter__(self):
            worker = from_library.get_worker_info()
            return iter(range(17)) if worker is None else iter(range(worker.id, 17, worker.num_workers))

    return Numbers()


def tensor_dataset(library):
    return library.utils.data.TensorDataset(library.arange(46.0).view(23, 2), library.arange(23))


def subset(library):
    data = library.utils.data
    library.manual_seed(9)
    return data.random_split(data.Subset(tensor_dataset(library), list(range(3, 23))), [0.5, 0.5])[1]


DATASETS = [samples_dataset, iterable_dataset, tensor_dataset, subset, lambda library: list(range(9))]
OPTIONS = [
    {}, {"batch_size": 4}, {"batch_size": 4, "drop_last": True}, {"batch_size": 5, "shuffle": True},
    {"batch_size": None}, {"batch_size": 23, "shuffle": True}, {"batch_size": 4, "shuffle": True, "generator": 3},
    {"batch_size": 3, "sampler": [4, 2, 0, 2]}, {"batch_sampler": [[1, 2], [0], [3, 3, 3]]},
]  # fmt: skip


def epochs(library, make, options, count=2):
    """What some passes give, and the random number after them."""
    options = dict(options)
    dataset = make(library)
    if "generator" in options:
        options["generator"] = library.Generator().manual_seed(options["generator"])
    library.manual_seed(5)
    loader = library.utils.data.DataLoader(dataset, **options)
    return [[plain(batch) for batch in loader] for _ in range(count)], library.rand(1).tolist()


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("make", DATASETS)
def test_batches_and_draws_are_pytorchs(make, options):
    if make is iterable_dataset and {"shuffle", "sampler", "batch_sampler"} & set(options):
        pytest.skip("an iterable dataset has its own order")
    assert epochs(flambeau, make, options) == epochs(torch, make, options)


@pytest.mark.parametrize(
    "options", [{"batch_size": 4, "shuffle": True}, {"batch_size": None}, {"batch_size": 5}], ids=str
)
@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("make", [samples_dataset, iterable_dataset])
def test_batches_of_workers_are_pytorchs(make, options, persistent):
    if make is iterable_dataset and "shuffle" in options:
        options = {"batch_size": 4, "drop_last": True}
    options = {**options, "num_workers": 2, "persistent_workers": persistent, "prefetch_factor": 3}
    assert epochs(flambeau, make, options) == epochs(torch, make, options)


SAMPLERS = {
    "sequential": lambda D, T: D.SequentialSampler(range(5)),
    "random": lambda D, T: D.RandomSampler(range(300)),
    "replacement": lambda D, T: D.RandomSampler(range(7), replacement=True, num_samples=70),
    "more than there are": lambda D, T: D.RandomSampler(range(5), num_samples=13),
    "generator": lambda D, T: D.RandomSampler(range(5), generator=T.Generator().manual_seed(1)),
    "subset": lambda D, T: D.SubsetRandomSampler([5, 3, 8, 1]),
    "weighted": lambda D, T: D.WeightedRandomSampler([0.1, 3.0, 0.0, 2.0], 20),
    "weighted once": lambda D, T: D.WeightedRandomSampler([0.1, 3.0, 1.0, 2.0], 3, replacement=False),
    "batches": lambda D, T: D.BatchSampler(D.RandomSampler(range(11)), 3, drop_last=True),
    "distributed": lambda D, T: D.DistributedSampler(range(10), num_replicas=3, rank=1, seed=4),
    "distributed drop": lambda D, T: D.DistributedSampler(range(11), 3, 2, drop_last=True),
    "distributed small": lambda D, T: D.DistributedSampler(range(2), 5, 4, shuffle=False),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers_give_pytorchs_order_and_draw_as_much(name):
    found = []
    for library in BOTH:
        library.manual_seed(11)
        sampler = SAMPLERS[name](library.utils.data, library)
        found.append((len(sampler), list(sampler), list(sampler), library.rand(2).tolist()))
    assert found[1] == found[0]


ORDERS = {
    "shuffled": lambda D, T, g: {"shuffle": True, "generator": g},
    "without replacement": lambda D, T, g: {"sampler": D.RandomSampler(range(12), num_samples=17, generator=g)},
    "with replacement": lambda D, T, g: {"sampler": D.RandomSampler(range(12), True, 40, generator=g)},
    "weighted": lambda D, T, g: {"sampler": D.WeightedRandomSampler([0.5, 1.0, 0.0, 2.0] * 3, 14, generator=g)},
    "subset": lambda D, T, g: {"sampler": D.SubsetRandomSampler([7, 1, 4, 9, 2], generator=g)},
    "batches": lambda D, T, g: {"batch_sampler": D.BatchSampler(D.RandomSampler(range(12), generator=g), 5, False)},
    "loader": lambda D, T, g: {"batch_sampler": D.BatchSampler(range(12), 5, True), "generator": g},
}


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("own_generator", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_order_and_seeds_are_pytorchs_in_every_epoch(order, own_generator, persistent):
    """Which worker reads what with which seed and random numbers, and what is drawn in the main process meanwhile."""
    found = []
    for library in BOTH:
        data = library.utils.data
        library.manual_seed(21)

        class Seen(data.Dataset):
            def __len__(self):
                return 12

            def __getitem__(self, i, library=library, data=data):
                worker = data.get_worker_info()
                drawn = (library.rand(1).item(), random.random(), np.random.rand(), library.randperm(9).tolist())
                return i, worker.id, worker.num_workers, worker.seed, drawn

        part = data.random_split(Seen(), [12, 0] if order == "shuffled" else [1.0])[0]
        generator = library.Generator().manual_seed(4) if own_generator else None
        options = ORDERS[order](data, library, generator)
        loader = data.DataLoader(part, num_workers=2, persistent_workers=persistent, collate_fn=lambda b: b, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            passes = [(list(loader), library.rand(1).item()) for _ in range(3)]
        found.append((passes, generator and library.rand(2, generator=generator).tolist()))
    assert found[1] == found[0]


class Strange(Exception):
    """Cannot be made of one message."""

    def __init__(self, a, b):
        super().__init__(f"{a} and {b}")


def _raising(library):
    """Loaders whose first batch fails in a worker."""

    class Each(library.utils.data.Dataset):
        def __init__(self, make):
            self.make = make

        def __len__(self):
            return 2

        def __getitem__(self, i):
            return self.make(i)

    def fail(error):
        def raising(*_):
            raise error

        return raising

    loader = library.utils.data.DataLoader
    for error in (
        ValueError("bad"), KeyError("name"), Strange(1, 2), StopIteration(), MemoryError("much"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "why"), FileNotFoundError(2, "No such file", "data.bin"),
    ):  # fmt: skip
        yield loader(Each(fail(error)), num_workers=1)
    yield loader(Each(int), num_workers=1, worker_init_fn=fail(RuntimeError("no disk")))
    yield loader(Each(int), num_workers=1, collate_fn=fail(RuntimeError("no batch")))
    pair = collections.namedtuple("Pair", "a b")
    samples = [
        lambda i: None, lambda i: object(), lambda i: {"a": None}, lambda i: [1] * (i + 1), lambda i: pair(1, None),
        lambda i: library.zeros(i + 1), lambda i: [1, "a"][i], lambda i: np.array(["a"]), lambda i: range(3)[i + 2],
        lambda i: {"a": 1} if i else {"b": 1},
    ]  # fmt: skip
    for make in samples:
        yield loader(Each(make), batch_size=2, num_workers=1)


def test_what_goes_wrong_in_a_worker_has_pytorchs_class_and_words():
    for theirs, ours in zip(_raising(torch), _raising(flambeau), strict=True):
        found = []
        for loader in (theirs, ours):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                batches = iter(loader)
                try:
                    found.append(next(batches))
                except Exception as error:
                    lines = str(error).strip().splitlines()
                    last = [line for line in lines if not line.startswith(" ")][-1]
                    found.append((type(error), lines[:2], last[:50]))
                finally:
                    # its error would keep PyTorch's workers until the collector runs, perhaps in another's worker
                    batches._shutdown_workers()
        assert found[1] == found[0]


@pytest.mark.parametrize("lengths", [[3, 4], [0.3, 0.3, 0.4], [0.5, 0.25], [0, 7]])
def test_random_split_is_pytorchs(lengths):
    found = []
    for library in BOTH:
        library.manual_seed(2)
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                parts = library.utils.data.random_split(range(7), lengths)
            found.append(([list(p.indices) for p in parts], [str(w.message) for w in caught]))
        except ValueError as error:
            found.append(str(error).split("\n")[0])
    assert found[1] == found[0]


MISTAKES = [
    lambda T, D: D.DataLoader(range(3), num_workers=-1),
    lambda T, D: D.DataLoader(range(3), timeout=-1),
    lambda T, D: D.DataLoader(range(3), prefetch_factor=2),
    lambda T, D: D.DataLoader(range(3), persistent_workers=True),
    lambda T, D: D.DataLoader(range(3), sampler=[0], shuffle=True),
    lambda T, D: D.DataLoader(range(3), batch_sampler=[[0]], batch_size=2),
    lambda T, D: D.DataLoader(range(3), batch_size=None, drop_last=True),
    lambda T, D: D.DataLoader(range(3), batch_size=0),
    lambda T, D: D.DataLoader(range(3), batch_size=2.0),
    lambda T, D: D.DataLoader([], shuffle=True),
    lambda T, D: D.DataLoader(range(3), multiprocessing_context="spawn"),
    lambda T, D: setattr(D.DataLoader(range(3)), "batch_size", 2),
    lambda T, D: D.DataLoader(iterable_dataset(T), shuffle=True),
    lambda T, D: D.DataLoader(iterable_dataset(T), sampler=[0]),
    lambda T, D: len(D.DataLoader(iterable_dataset(T))),
    lambda T, D: D.RandomSampler(range(3), replacement=1),
    lambda T, D: D.RandomSampler(range(3), num_samples=0),
    lambda T, D: D.WeightedRandomSampler([1.0], 0),
    lambda T, D: D.WeightedRandomSampler([[1.0]], 1),
    lambda T, D: D.DistributedSampler(range(3), 2, 2),
    lambda T, D: D.TensorDataset(T.ones(2), T.ones(3)),
    lambda T, D: D.StackDataset(),
    lambda T, D: D.StackDataset([1], a=[1]),
    lambda T, D: D.StackDataset([1], [1, 2]),
    lambda T, D: D.ConcatDataset([]),
    lambda T, D: D.ConcatDataset([[1, 2]])[-3],
    lambda T, D: D.random_split(range(3), [1, 1]),
    lambda T, D: D.random_split(range(3), [1.5, -0.5]),
    lambda T, D: D.Dataset()[0],
    lambda T, D: D.default_collate([object()]),
    lambda T, D: D.default_collate([[1], [1, 2]]),
    lambda T, D: D.default_collate([np.array(["a"])]),
    lambda T, D: D.default_collate([T.ones(2), T.ones(3)]),
    lambda T, D: list(D.DataLoader(D.TensorDataset(T.ones(2)), sampler=[5])),
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_in_pytorchs_words(mistake):
    found = []
    for library in BOTH:
        with pytest.raises(Exception) as caught:
            mistake(library, library.utils.data)
        found.append((type(caught.value), str(caught.value)))
    assert found[1][0] is found[0][0]
    first = found[0][1].split("\n")[0]
    assert found[1][1].split("\n")[0] == first or "Numbers object" in first


def test_collating_keeps_the_types_of_containers():
    batch = [{"a": [1, (2.0, "x")], "p": Point(1, b"y")}, {"a": [3, (4.0, "z")], "p": Point(5, b"w")}]
    assert plain(flambeau.utils.data.default_collate(batch)) == plain(torch.utils.data.default_collate(batch))
    data = {"a": np.ones(2), "b": [np.int16(3), ("c", range(2))]}
    assert plain(flambeau.utils.data.default_convert(data)) == plain(torch.utils.data.default_convert(data))


def test_a_length_that_was_wrong_is_warned_of():
    class Wrong(flambeau.utils.data.IterableDataset):
        def __iter__(self):
            return iter(range(4))

        def __len__(self):
            return 2

    loader = flambeau.utils.data.DataLoader(Wrong())
    assert len(loader) == 2
    with pytest.warns(UserWarning, match="was reported to be 2"):
        assert len(list(loader)) == 4


def test_pinning_without_an_accelerator_is_warned_of():
    for library in BOTH:
        with pytest.warns(UserWarning, match="'pin_memory' argument is set as true but no accelerator is found"):
            iter(library.utils.data.DataLoader([1], pin_memory=True))
