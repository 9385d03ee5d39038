"""Data pipes give what PyTorch's give: values, lengths, seeded orders, and the first lines of errors."""

import importlib
import pickle
import warnings


def square(x):
    return x * x


def even(x):
    return x % 2 == 0


def steps_of(library, kind):
    return importlib.import_module(f"{library.__name__}.utils.data.datapipes.{kind}")


def test_steps_in_order(agree):
    @agree
    def session(torch, error):
        wrap = steps_of(torch, "iter").IterableWrapper
        d = wrap(range(10))
        yield d, len(d), list(d), list(d)
        yield list(d.map(square).filter(even).batch(3)), len(d.map(square).batch(3)), error(lambda: len(d.filter(even)))
        yield list(d.batch(4, drop_last=True)), list(d.batch(2).batch(2).unbatch(2)), list(d.batch(2).unbatch(-1))
        yield list(d.concat(d.map(square))), list(d.zip(wrap("abc"))), len(d.zip(wrap("abc")))
        yield [[b] for b in d.batch(2).collate()]
        yield error(lambda: list(d.batch(2).unbatch(2))), error(lambda: d.nope), error(lambda: d.map(3))
        yield error(lambda: d.batch(0)), error(lambda: d.concat(3)), error(lambda: d.concat)[:9], error(d.concat)
        yield list(pickle.loads(pickle.dumps(d.map(square).batch(2))))


def test_orders_follow_the_seed(agree):
    @agree
    def session(torch, error):
        d = steps_of(torch, "iter").IterableWrapper(range(10))
        m = steps_of(torch, "map").SequenceWrapper(list(range(7)))
        torch.manual_seed(0)
        yield list(d.shuffle()), list(d.shuffle(buffer_size=3).set_seed(5)), list(d.shuffle().set_shuffle(False))
        yield list(m.shuffle()), list(m.shuffle().set_seed(0)), list(m.shuffle(indices=[2, 5]).set_shuffle(False))
        yield list(pickle.loads(pickle.dumps(d.shuffle().set_seed(1)))), error(lambda: d.shuffle(buffer_size=0))


def test_branches_share_a_source(agree):
    @agree
    def session(torch, error):
        d = steps_of(torch, "iter").IterableWrapper(range(10))
        a, b = d.fork(2)
        yield list(a), list(b), len(a), list(zip(a, b, strict=True))
        a, b = d.fork(2, buffer_size=3)
        yield error(lambda: list(a)), error(lambda: d.fork(0))
        a, b = d.demux(2, even)
        yield list(a), list(b), error(lambda: len(a))
        a, b = d.demux(2, square)
        yield error(lambda: list(a))


def test_one_iterator_at_a_time(agree):
    @agree
    def session(torch, error):
        d = steps_of(torch, "iter").IterableWrapper(range(10))
        for pipe in (d, d.map(square), d.batch(2)):
            first, second = iter(pipe), iter(pipe)
            yield next(second)
            # the first iterator begins here, which ends the second
            yield next(first), error(lambda: next(second)).partition("(")[0]  # noqa: B023

        class Counting(torch.utils.data.IterDataPipe):
            def reset(self):
                self.n = 0

            def __iter__(self):
                return self

            def __next__(self):
                self.n += 1
                if self.n > 3:
                    raise StopIteration
                return self.n

        pipe = Counting()
        yield list(pipe), list(pipe)
        first, second = iter(pipe), iter(pipe)
        yield next(second), error(lambda: next(first)).partition("(")[0]


def test_steps_by_index(agree):
    @agree
    def session(torch, error):
        m = steps_of(torch, "map").SequenceWrapper(list(range(7)))
        yield m[3], len(m), list(m.map(square)), list(m.batch(3)), len(m.batch(3, drop_last=True))
        yield error(lambda: m.batch(3)[4]), error(lambda: m.batch(3, drop_last=True)[2]), m


def test_own_classes_become_steps_and_are_checked(agree):
    @agree
    def session(torch, error):
        data = torch.utils.data
        d = steps_of(torch, "iter").IterableWrapper(range(6))
        name = f"plus_{torch.__name__}"

        @data.functional_datapipe(name)
        class Plus(data.IterDataPipe[int]):
            def __init__(self, source, n):
                self.source, self.n = source, n

            def __iter__(self):
                for x in self.source:
                    yield x + self.n

        yield list(getattr(d, name)(3)), [b.tolist() for b in data.DataLoader(d.map(square), batch_size=4)]
        yield error(lambda: data.functional_datapipe(name)(Plus)).replace(torch.__name__, "")

        @data.non_deterministic
        class Random(data.IterDataPipe):
            def __iter__(self):
                yield 1

        @data.non_deterministic(lambda n: n > 1)
        class Sometimes(data.IterDataPipe):
            def __init__(self, n):
                pass

        yield list(Random())
        with data.guaranteed_datapipes_determinism():
            yield error(Random), error(lambda: Sometimes(2)), Sometimes(1) is not None

        @data.argument_validation
        def first(pipe: data.IterDataPipe, n: int):
            return next(iter(pipe))

        yield (
            error(lambda: first(3, 3)),
            error(lambda: data.non_deterministic(int)),
            error(lambda: data.runtime_validation(even)),
        )
        chunk = data.DataChunk([1, 2])
        yield chunk, chunk.as_str(">"), list(chunk.raw_iterator())


def test_runtime_validation_checks_what_a_pipe_gives():
    import flambeau.utils.data as data

    class Texts(data.IterDataPipe[str]):
        @data.runtime_validation
        def __iter__(self):
            yield from ["a", 1]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            list(Texts())
        except RuntimeError as error:
            assert str(error) == "Expected an instance as subtype of str, but found 1(<class 'int'>)"
        else:
            raise AssertionError("a number among texts was accepted")
        with data.runtime_validation_disabled():
            assert list(Texts()) == ["a", 1]


def thirds(x):
    return x % 3


def test_groups_and_turns(agree):
    @agree
    def session(torch, error):
        steps = steps_of(torch, "iter")
        d = steps.IterableWrapper(range(11))
        for options in (
            {}, {"keep_key": True}, {"group_size": 2}, {"group_size": 3, "buffer_size": 4, "guaranteed_group_size": 2},
            {"buffer_size": 4, "group_size": 4, "drop_remaining": True}, {"buffer_size": 4, "keep_key": True},
        ):  # fmt: skip
            yield list(d.groupby(thirds, **options))
        yield error(lambda: d.groupby(thirds, group_size=0)), error(lambda: d.groupby(thirds, guaranteed_group_size=3))
        yield (
            list(d.mux(steps.IterableWrapper("abc"))),
            len(d.mux(steps.IterableWrapper("abc"))),
            list(steps.Sampler(d)),
        )
        m = steps_of(torch, "map").SequenceWrapper(list(range(5)))
        both, pairs = m.concat(m), m.zip(m.map(thirds))
        yield (
            [both[i] for i in range(10)],
            len(both),
            error(lambda: both[10]),
            len(pairs),
            pairs[4],
            error(lambda: pairs[5]),
        )
        yield error(lambda: m.zip(3)), error(lambda: m.concat(3)), error(m.concat)


def test_shares(agree):
    @agree
    def session(torch, error):
        graph_settings = importlib.import_module(f"{torch.__name__}.utils.data.graph_settings")
        d = steps_of(torch, "iter").IterableWrapper(range(11))
        s = d.sharding_filter()
        yield list(s), len(s), list(graph_settings.apply_sharding(s, 3, 1)), len(s)
        yield error(lambda: s.apply_sharding(2, 5)), error(lambda: s.apply_sharding(2, 1, 2))
        yield error(lambda: graph_settings.apply_sharding(d.sharding_filter().sharding_filter(), 2, 0))
        s = d.sharding_filter()
        s.apply_sharding(2, 1, 2)
        s.apply_sharding(3, 2, 3)
        yield list(s), len(s)


def test_loaders_seed_pipes_and_share_them_among_workers(agree):
    @agree
    def session(torch, error):
        d = steps_of(torch, "iter").IterableWrapper(range(11))
        for options in ({}, {"shuffle": False}, {"num_workers": 2}, {"num_workers": 2, "persistent_workers": True}):
            torch.manual_seed(1)
            loader = torch.utils.data.DataLoader(d.shuffle().sharding_filter(), batch_size=2, **options)
            yield list(loader), list(loader), torch.rand(1)
        torch.manual_seed(1)
        yield list(torch.utils.data.DataLoader(d, batch_size=4, shuffle=True))


def test_files_are_listed_opened_and_read(agree, tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.txt", "a.txt", "c.md", "sub/d.txt"):
        (tmp_path / name).write_text(name * 2)

    @agree
    def session(torch, error):
        steps, root = steps_of(torch, "iter"), str(tmp_path)
        yield list(steps.FileLister(root)), list(steps.FileLister(root, "*.txt", recursive=True))
        yield list(steps.FileLister([f"{root}/sub", f"{root}/a.txt"])), error(lambda: len(steps.FileLister(root)))
        yield list(steps.FileLister(root).open_files().read_from_stream())
        yield list(steps.FileLister(root, ["a*"]).open_files("b").read_from_stream(3)), len(steps.FileLister(length=3))
        yield error(lambda: steps.FileOpener([], "w")), error(lambda: steps.FileOpener([], "b", "utf8"))
