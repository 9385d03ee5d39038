"""The profiler names what ran, adds up times, and leaves nothing behind."""

from __future__ import annotations

import gzip
import json

import pytest

import flambeau as torch
from flambeau import config
from flambeau.profiler import ProfilerAction, profile, record_function, schedule
from flambeau.tensor.engine import passes


def step(x):
    with record_function("forward"):
        loss = (x * 2).relu().sum()
    loss.backward()


def test_operations_backward_nodes_and_parts_are_seen_in_order():
    with profile(record_shapes=True) as prof:
        step(torch.ones(2, 3, requires_grad=True))
    events = prof.events()
    assert [e.name for e in events] == [
        "forward", "aten::mul", "aten::relu", "aten::sum",
        "autograd::engine::evaluate_function: SumBackward0", "SumBackward0",
        "autograd::engine::evaluate_function: ReluBackward0", "ReluBackward0",
        "autograd::engine::evaluate_function: MulBackward0", "MulBackward0",
    ]  # fmt: skip
    assert events[1].input_shapes == [[2, 3], []] and events[1].cpu_parent is events[0]
    assert [child.name for child in events[0].cpu_children] == ["aten::mul", "aten::relu", "aten::sum"]
    assert events[0].cpu_time_total >= sum(child.cpu_time_total for child in events[0].cpu_children) > 0


def test_operations_in_place_have_an_underscore():
    with profile() as prof:
        torch.ones(2).add_(1).mul_(torch.ones(2, 1)[0])
    assert {"aten::add_", "aten::mul_"} <= {e.key for e in prof.key_averages()}


def test_nothing_is_left_behind():
    before = passes.watched
    with pytest.raises(ZeroDivisionError), profile():
        raise ZeroDivisionError
    assert config.state.special == 0 and passes.watched == before


def test_results_are_the_same_with_a_profiler():
    x = torch.randn(3, requires_grad=True)
    step(x)
    expected, x.grad = x.grad, None
    with profile():
        step(x)
    assert torch.equal(x.grad, expected)


def test_averages_add_up_calls_of_one_name():
    with profile(record_shapes=True) as prof:
        for size in (2, 2, 3):
            torch.ones(size) * 2.0
    (average,) = prof.key_averages()
    assert average.key == "aten::mul" and average.count == 3
    assert average.cpu_time == pytest.approx(average.cpu_time_total / 3)
    assert [a.count for a in prof.key_averages(group_by_input_shape=True)] == [2, 1]
    assert prof.key_averages().total_average().key == "Total"


def test_the_table_is_sorted_cut_and_aligned():
    with profile() as prof:
        step(torch.ones(2, requires_grad=True))
    averages = prof.key_averages()
    lines = averages.table(sort_by="cpu_time_total", row_limit=3, header="mine").splitlines()
    assert lines[1] == "mine" and lines[0] == "=" * (len(lines[2]) - 2)
    assert lines[3].split() == (
        ["Name", "Self", "CPU", "%", "Self", "CPU", "CPU", "total", "%", "CPU", "total", "CPU", "time", "avg", "#"]
        + ["of", "Calls"]
    )
    assert len(lines) == 10 and len({len(line) for line in lines[2:9]}) == 1
    assert lines[5].split()[0] == max(averages, key=lambda e: e.cpu_time_total).key.split()[0]
    assert lines[9].startswith("Self CPU time total: ")
    with pytest.raises(AttributeError):
        averages.table(sort_by="nonsense")


def test_a_schedule_records_the_steps_that_it_names():
    ready = []

    def on_trace_ready(prof):
        ready.append((prof.step_num, [e.key for e in prof.key_averages()]))

    with profile(schedule=schedule(wait=1, warmup=1, active=2, repeat=2), on_trace_ready=on_trace_ready) as prof:
        for _ in range(9):
            torch.ones(2) * 2.0
            prof.step()
    assert ready == [
        (4, ["ProfilerStep#2", "aten::mul", "ProfilerStep#3"]),
        (8, ["ProfilerStep#6", "aten::mul", "ProfilerStep#7"]),
    ]


def test_schedules_are_cycles():
    action = schedule(wait=1, warmup=1, active=2, repeat=1, skip_first=1)
    names = "NONE NONE WARMUP RECORD RECORD_AND_SAVE NONE NONE"
    assert [action(i) for i in range(7)] == [ProfilerAction[name] for name in names.split()]
    with pytest.raises(AssertionError, match="Invalid profiler schedule arguments"):
        schedule(wait=-1, warmup=0, active=1)


@pytest.mark.parametrize("name", ["trace.json", "trace.json.gz"])
def test_a_trace_can_be_read_by_a_browser(tmp_path, name):
    with profile(record_shapes=True) as prof:
        step(torch.ones(2, requires_grad=True))
    prof.add_metadata_json("mine", "[1]")
    path = tmp_path / name
    prof.export_chrome_trace(str(path))
    data = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
    trace = json.loads(data)
    calls = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert [c["name"] for c in calls[:2]] == ["forward", "aten::mul"] and trace["mine"] == [1]
    assert calls[0]["ts"] <= calls[1]["ts"] and calls[1]["ts"] + calls[1]["dur"] <= calls[0]["ts"] + calls[0]["dur"]
    assert calls[0]["cat"] == "user_annotation" and calls[1]["args"]["Input Dims"] == [[2], []]


def test_the_handler_writes_one_trace_for_each_recording(tmp_path):
    folder = tmp_path / "log"
    with profile(on_trace_ready=torch.profiler.tensorboard_trace_handler(str(folder), "me")):
        torch.ones(2) * 2.0
    (file,) = folder.iterdir()
    assert file.name.startswith("me.") and file.name.endswith(".pt.trace.json")


def test_steps_of_optimizers_are_seen():
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    with profile() as prof:
        optimizer.step()
    assert "Optimizer.step#SGD.step" in [e.key for e in prof.key_averages()]
    optimizer.step()


def test_a_decorated_function_is_seen_by_its_name():
    @record_function("mine")
    def function():
        return torch.ones(2) + 1

    function()
    with profile() as prof:
        function()
        function()
    assert [(e.key, e.count) for e in prof.key_averages()] == [("mine", 2), ("aten::add", 2)]


def test_results_before_the_start_and_what_is_not_recorded_are_refused():
    with pytest.raises(AssertionError, match="Profiler must be initialized before getting key averages"):
        profile().key_averages()
    with pytest.warns(UserWarning, match="with_stack has no effect"):
        profile(with_stack=True)
    with pytest.warns(UserWarning, match="CUDA is not available, disabling CUDA profiling"):
        profile(activities=[torch.profiler.ProfilerActivity.CPU, torch.profiler.ProfilerActivity.CUDA])


def test_the_older_profiler_prints_as_a_table():
    with torch.autograd.profiler.profile() as prof:
        torch.ones(2) + 1
    assert "aten::add" in str(prof) and prof.key_averages()[0].key == "aten::add"
    assert prof.self_cpu_time_total > 0 and prof.total_average().count == 1
    with torch.autograd.profiler.profile(enabled=False) as off:
        assert off is None
