"""Processes that run one function, and share a model; what goes wrong in one of them is told."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time

import pytest

import flambeau.multiprocessing as mp

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
    pytest.mark.skipif("fork" not in mp.get_all_start_methods(), reason="starts by fork"),
]

# functions for spawned processes must stand in a file of their own
PROGRAM = """
import sys
import torch
import torch.multiprocessing as mp
from torch import nn


def train(rank, model, steps, method):
    torch.manual_seed(rank)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(40):
        x = torch.randn(16, 4)
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), x.sum(1, keepdim=True)).backward()
        optimizer.step()
    steps[rank] = 40


def loss(model):
    torch.manual_seed(7)
    x = torch.randn(200, 4)
    return nn.functional.mse_loss(model(x), x.sum(1, keepdim=True)).item()


if __name__ == "__main__":
    method = sys.argv[1]
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).share_memory()
    steps = torch.zeros(2)
    before = loss(model)
    mp.start_processes(train, (model, steps, method), nprocs=2, start_method=method)
    if method != "fork":
        assert steps.tolist() == [40, 40], steps
    assert loss(model) < before / 5, (before, loss(model))
    assert not mp.active_children()
"""


@pytest.mark.parametrize("method", mp.get_all_start_methods())
def test_processes_train_one_model_together(method, tmp_path):
    program = tmp_path / "hogwild.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "flambeau", "run", str(program), method]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr


def fail(index, number):
    if index == 1:
        raise ValueError(f"no {number} here" + " and there" * 20_000)
    time.sleep(60)


def test_an_exception_is_told_with_its_traceback_and_the_others_are_ended():
    begin = time.monotonic()
    with pytest.raises(mp.ProcessRaisedException) as told:
        mp.start_processes(fail, (13,), nprocs=2, start_method="fork")
    text = str(told.value)
    assert text.startswith("\n\n-- Process 1 terminated with the following error:\nTraceback (most recent call last):")
    assert ", in fail\n" in text and "ValueError: no 13 here and there and" in text
    assert told.value.error_index == 1
    assert time.monotonic() - begin < 30 and not multiprocessing.active_children()


def kill(index):
    os.kill(os.getpid(), signal.SIGKILL)


def leave(index):
    sys.exit(3)


def test_a_process_that_was_killed_or_left_is_told_with_its_signal_or_status():
    with pytest.raises(mp.ProcessExitedException, match="^process 0 terminated with signal SIGKILL$") as told:
        mp.start_processes(kill, start_method="fork")
    assert (told.value.exit_code, told.value.signal_name) == (-9, "SIGKILL")
    with pytest.raises(mp.ProcessExitedException, match="^process 0 terminated with exit code 3$") as told:
        mp.start_processes(leave, start_method="fork")
    assert (told.value.exit_code, told.value.signal_name) == (3, None)
    again = pickle.loads(pickle.dumps(told.value))
    assert type(again) is mp.ProcessExitedException and vars(again) == vars(told.value)


def sleep(index, seconds):
    time.sleep(seconds)


def test_without_join_the_processes_are_given():
    context = mp.start_processes(sleep, (0.3,), nprocs=2, join=False, start_method="fork")
    assert isinstance(context, mp.ProcessContext) and len(set(context.pids())) == 2
    assert not context.join(timeout=0.01)
    while not context.join():
        pass
    assert context.join() and [p.exitcode for p in context.processes] == [0, 0]
    with pytest.warns(UserWarning, match="SpawnContext is renamed to ProcessContext"):
        assert mp.SpawnContext([], []).join()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_process_does_not_outlive_the_one_that_started_it():
    def parent(index, connection):
        context = mp.start_processes(sleep, (60,), join=False, start_method="fork")
        time.sleep(0.3)
        connection.send(context.pids()[0])
        os.kill(os.getpid(), signal.SIGKILL)

    ours, theirs = mp.Pipe()
    with pytest.raises(mp.ProcessExitedException):
        mp.start_processes(parent, (theirs,), start_method="fork")
    pid = ours.recv()
    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            if ") Z " in file.read():
                break
        time.sleep(0.02)
    else:
        assert not os.path.exists(f"/proc/{pid}")


def test_the_names_are_those_of_multiprocessing_and_more():
    assert all(getattr(mp, name) is getattr(multiprocessing, name) for name in multiprocessing.__all__)
    with pytest.raises(AttributeError, match="module 'torch.multiprocessing' has no attribute 'spwan'"):
        _ = mp.spwan
