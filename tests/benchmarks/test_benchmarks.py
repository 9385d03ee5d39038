"""The benchmarks' own machinery: every workload runs, wrong answers are never timed, ratios point the right way."""

import gc
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import flambeau

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
agreement, layers, processes, report, session, timing, workloads = map(
    importlib.import_module, ("agreement", "layers", "processes", "report", "session", "timing", "workloads")
)

TINY = r"^small ops: a \+ b$"


def command(*arguments):
    """The benchmark command in a process that finds the same packages as this one."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    line = [sys.executable, str(BENCHMARKS / "run.py"), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, env=environment)


def compared(reference, ours, work):
    """The row of a workload that is `work(module)` on two stand-ins for modules."""
    task = session.TimedWorkload(workloads.Workload("group", "name", lambda module: lambda: work(module), goal=1))
    return task.row(session.Session(reference, ours, rounds=2, seconds=0.0))


@pytest.mark.parametrize(
    "workload", [*workloads.all_workloads(), *layers.layer_workloads()], ids=lambda workload: workload.title
)
def test_every_workload_runs_under_flambeau(workload):
    result = workload.comparable(workload.build(flambeau)())
    for path, leaf in agreement.leaves(result):
        assert np.isfinite(agreement.describe(leaf)[2]).all(), path


def test_titles_tell_workloads_apart():
    titles = [task.title for task in session.all_tasks()]
    assert len(set(titles)) == len(titles)


def test_the_command_compares_flambeau_with_pytorch(tmp_path):
    pytest.importorskip("torch")
    done = command("--quick", "--only", TINY, "--json", tmp_path / "figures.json")
    assert done.returncode == 0, done.stderr
    assert "| a + b |" in done.stdout
    assert "[1/1] small ops: a + b: ratio" in done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    (row,) = figures["rows"]
    assert row["error"] is None and row["goal"] == "≥ 1.3"
    assert len(row["rounds"]["reference"]) == len(row["rounds"]["ours"]) == 5
    assert row["ratio"]["low"] <= row["ratio"]["median"] <= row["ratio"]["high"]
    assert figures["environment"]["reference"].startswith("torch ")


def test_alone_needs_no_pytorch_and_gives_no_ratio(tmp_path):
    options = ("--alone", "--quick", "--rounds", 2, "--threads", 1, "--reference", "no_such_module")
    done = command(*options, "--only", TINY, "--json", tmp_path / "figures.json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["rows"]
    assert row["ours"]["median"] > 0 and len(row["rounds"]["ours"]) == 2
    assert row["reference"] is row["ratio"] is row["met"] is None


def test_a_missing_module_and_an_empty_selection_are_explained():
    missing = command("--ours", "no_such_module", "--alone", "--only", TINY)
    assert missing.returncode == 1 and missing.stderr.startswith("cannot import no_such_module")
    empty = command("--only", "no such workload")
    assert empty.returncode == 1 and "no workload matches" in empty.stderr


def test_the_list_shows_names_and_goals():
    done = command("--list", "--only", "TensorDataset|import, over")
    assert done.stdout.splitlines() == [
        "data loading: epoch of TensorDataset(1000 x 20, labels), batches of 32, shuffled  (goal ≥ 8)",
        "whole process: import, over NumPy's  (goal ≤ 50.0 ms)",
    ]


@pytest.mark.parametrize("seed", range(5))
def test_equal_results_agree_and_one_changed_number_is_found(seed):
    rng = np.random.default_rng(seed)
    parts = [rng.standard_normal(rng.integers(1, 5, size=2)) for _ in range(4)]
    nest = (parts[0], [parts[1], (parts[2],)], parts[3], 1.5)
    assert agreement.disagreement(nest, nest) is None
    changed = parts[2].copy()
    spot = tuple(int(rng.integers(size)) for size in changed.shape)
    changed[spot] += 0.1
    message = agreement.disagreement(nest, (parts[0], [parts[1], (changed,)], parts[3], 1.5))
    assert message.startswith(f"result[1][1][0] at {spot} is ")


@pytest.mark.parametrize(
    ("expected", "actual", "complaint"),
    [
        ([1.0, 2.0], [1.0], "2 values expected, 1 computed"),
        (flambeau.ones(2), flambeau.ones(3), r"shape \(3,\), not \(2,\)"),
        (flambeau.ones(2), flambeau.ones(2, dtype=flambeau.float64), "is float64, not float32"),
        (flambeau.ones(2), flambeau.ones(2, requires_grad=True), "requires_grad=True, not False"),
        (flambeau.tensor([1, 2]), flambeau.tensor([1, 3]), r"at \(1,\) is 3, not 2"),
        (flambeau.tensor([0.0, float("nan")]), flambeau.tensor([0.0, 1.0]), r"at \(1,\) is 1.0, not nan"),
        (flambeau.ones(2), None, "is NoneType, not float32"),
    ],
)
def test_what_differs_is_named(expected, actual, complaint):
    with pytest.raises(AssertionError, match=complaint):
        difference = agreement.disagreement(expected, actual)
        assert difference is None, difference


def test_modules_that_disagree_are_not_timed():
    row = compared(SimpleNamespace(answer=1.0), SimpleNamespace(answer=2.0), lambda module: module.answer)
    assert row.error == "the modules disagree: result at () is 2.0, not 1.0"
    assert row.ours is row.ratio is row.met is None


def test_a_second_call_that_disagrees_is_caught():
    reference, ours = SimpleNamespace(answers=iter([1.0, 2.0])), SimpleNamespace(answers=iter([1.0, 3.0]))
    assert "disagree" in compared(reference, ours, lambda module: next(module.answers)).error


def test_a_broken_workload_becomes_a_row_that_says_why():
    row = compared(SimpleNamespace(answer=1), SimpleNamespace(), lambda module: module.answer)
    assert row.error.startswith("AttributeError: ") and row.goal == "≥ 1"
    *_, line, complaint = report.markdown([row], {}, "one", "two")
    assert line.endswith("| ≥ 1 | failed |") and complaint.endswith(f"group: name: {row.error}")


def test_samples_alternate_with_the_collector_off():
    was_enabled, calls, collecting = gc.isenabled(), [], []

    def work(name):
        calls.append(name)
        collecting.append(gc.isenabled())

    gc.enable()
    try:
        figures = timing.in_turns([lambda: work("a"), lambda: work("b")], rounds=3, seconds=0.0)
        assert gc.isenabled()
    finally:
        if not was_enabled:
            gc.disable()
    assert "".join(calls) == "ab" + 3 * "aabb"  # one call to calibrate; then an untimed and a timed one
    assert not any(collecting[2:])
    assert [len(samples) for samples in figures] == [3, 3]


def test_a_ratio_above_one_means_ours_is_faster():
    blank = report.Row("group", "name", goal="≥ 2")
    row = report.filled(blank, [[6.0, 8.0, 9.0], [2.0, 2.0, 3.0]], goal=2)
    assert row.ratio == timing.Spread(3.0, 3.0, 3.5) and row.met
    assert not report.filled(blank, [[2.0], [6.0]], goal=2).met
    assert report.filled(blank, [[2.0], [6.0]], most=6.0).met
    assert not report.filled(blank, [[2.0], [6.0]], most=5.9).met


def test_a_goal_between_the_quartiles_leaves_the_verdict_uncertain():
    blank, rounds = report.Row("group", "name"), [[1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5]
    verdicts = {goal: report.verdict(report.filled(blank, rounds, goal=goal)) for goal in (1.5, 2.5, 3.5, 4.5)}
    assert verdicts == {1.5: "yes", 2.5: "yes?", 3.5: "no?", 4.5: "no"}
    verdicts = {most: report.verdict(report.filled(blank, rounds[:1], most=most)) for most in (1.5, 2.5, 3.5, 4.5)}
    assert verdicts == {1.5: "no", 2.5: "no?", 3.5: "yes?", 4.5: "yes"}


def test_a_figure_lost_in_noise_gives_no_ratio():
    assert report.ratios([1.0, 2.0], [0.5, -0.1]) is None


def test_a_group_of_one_kind_has_a_geometric_mean():
    def row(group, ratio, unit="s"):
        return report.filled(report.Row(group, "name", unit), [[ratio], [1.0]])

    rows = [row("one", 1.0), row("one", 4.0), row("two", 3.0), row("mixed", 2.0), row("mixed", 2.0, "B")]
    assert report.geometric_means(rows) == {"one": pytest.approx(2.0)}


@pytest.mark.parametrize(
    ("figure", "unit", "text"),
    [
        (2.5, "s", "2.50 s"),
        (0.05, "s", "50.0 ms"),
        (-0.002, "s", "-2.00 ms"),
        (1.234e-6, "s", "1.23 µs"),
        (8.1e-7, "s", "810 ns"),
        (3 * 2**20, "B", "3.0 MiB"),
    ],
)
def test_figures_are_shown_in_handy_units(figure, unit, text):
    assert report.shown(figure, unit) == text


def test_a_failing_process_says_why():
    with pytest.raises(RuntimeError, match="No module named 'no_such_module'"):
        processes.import_bytes("no_such_module")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak may be the parent's")
def test_the_peak_memory_of_a_process_is_its_own():
    ballast = b"x" * 200_000_000
    assert processes.import_bytes("json") < len(ballast) / 2


def test_the_training_script_learns_under_flambeau(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    assert processes.training_seconds("flambeau") > 0  # the script itself asserts that the loss has halved
