"""Measurements and their tables are printed as PyTorch prints them; a Timer measures what it is told to."""

import importlib

import pytest

import flambeau


def of(library):
    return importlib.import_module(f"{library.__name__}.utils.benchmark")


def measurements(b):
    for threads in (1, 4):
        for i, name in enumerate(("mul", "bmm")):
            for j, size in enumerate(("[1, 1]", "[64, 64]", "other")):
                times = [k * 1e-6 * (1 + 5 * i + 40 * j) for k in (101, 102, 103, 150 + 60 * j, 90, 99 * threads)]
                task = b.TaskSpec(f"{name}(x, x)", "x = 1\ny = 2", label="dot", sub_label=name, description=size,
                                  num_threads=threads)  # fmt: skip
                yield b.Measurement(10, times, task)


def test_measurements_and_tables_are_printed_as_in_pytorch(agree):
    @agree
    def session(T, error):
        b = of(T)
        found = list(measurements(b))
        for one in (*found, b.Measurement(5, [0.25], b.TaskSpec("a\nb", "pass")), b.Measurement.merge(found)[0]):
            # the first line has an address
            yield repr(one).partition("\n")[2], one.title, one.median, one.mean, one.iqr, one.times, one.has_warnings
            yield one.significant_figures, one.as_row_name, one.stmt, one.meets_confidence(0.5), one.num_threads
        for setting in ((), ("trim_significant_figures",), ("highlight_warnings",), ("colorize",)):
            table = b.Compare(found[:-1])
            for name in setting:
                getattr(table, name)()
            yield str(table)
        table.extend_results(
            [b.Measurement(1, [0.5], b.TaskSpec("x", "pass", env=e, description="n")) for e in ("a", "bc")]
        )
        table.colorize(rowwise=True)
        table.highlight_warnings()
        yield str(table), error(lambda: b.Compare([3]))
        yield [b.select_unit(t) for t in (2e-9, 3e-6, 4e-3, 5, 6e3)], b.unit_to_english("us")
        yield [b.trim_sigfig(3.14159, n) for n in (1, 2, 3)], b.ordered_unique([3, 1, 3])
        yield error(lambda: b.Timer(3)), error(lambda: b.Timer("x", language="lisp"))
        yield error(lambda: b.Timer("x", global_setup="y")), error(lambda: b.Timer("x").repeat())


@pytest.mark.parametrize("threads", [1, 2])
def test_a_timer_runs_its_statement_so_often_and_with_so_many_threads(threads):
    b, runs = of(flambeau), []
    before = flambeau.get_num_threads()
    timer = b.Timer(
        """
        runs.append(torch.get_num_threads())
        """,
        globals={"runs": runs},
        num_threads=threads,
    )
    assert timer.timeit(200).number_per_run == 200
    assert runs == [threads] * 202 and flambeau.get_num_threads() == before
    called = []
    measured = timer.blocked_autorange(lambda *given: called.append(given), min_run_time=0.01)
    assert called == [(measured.number_per_run, t) for t in measured.raw_times] and sum(measured.raw_times) >= 0.01
    assert len(timer.adaptive_autorange(threshold=1e9).raw_times) >= 4
    assert len(timer.adaptive_autorange(threshold=0, max_run_time=0.02).raw_times) >= 1
