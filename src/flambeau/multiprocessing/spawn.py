"""Starting several processes that run one function, and hearing of the first that fails."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from multiprocessing import connection
from typing import Any

__all__ = [
    "ProcessContext",
    "ProcessException",
    "ProcessExitedException",
    "ProcessRaisedException",
    "spawn",
    "SpawnContext",
    "start_processes",
]

log = logging.getLogger("torch.multiprocessing.spawn")
# seconds that processes have to end after they were told to
PATIENCE = 30.0
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


class ProcessException(Exception):
    """A process failed: `error_index` is its number, `error_pid` its id."""

    __slots__ = ["error_index", "error_pid"]

    def __init__(self, msg: str, error_index: int, error_pid: int) -> None:
        super().__init__(msg)
        self.msg, self.error_index, self.error_pid = msg, error_index, error_pid

    def __reduce__(self) -> tuple:
        return _remade, (type(self).__name__, self.msg, self.error_index, self.error_pid)


class ProcessRaisedException(ProcessException):
    """A process failed with an exception; the message has its traceback."""


class ProcessExitedException(ProcessException):
    """A process was ended by a signal, or ended itself with a status other than 0."""

    __slots__ = ["exit_code"]

    def __init__(
        self, msg: str, error_index: int, error_pid: int, exit_code: int, signal_name: str | None = None
    ) -> None:
        super().__init__(msg, error_index, error_pid)
        self.exit_code, self.signal_name = exit_code, signal_name

    def __reduce__(self) -> tuple:
        return _remade, (*super().__reduce__()[1], self.exit_code, self.signal_name)


# what a traceback shows; pickles find the classes by their own names
for _known in (ProcessException, ProcessRaisedException, ProcessExitedException):
    _known.__module__ = "torch.multiprocessing.spawn"


def _remade(name: str, *args: Any) -> ProcessException:
    return globals()[name](*args)


def _end_with_parent() -> None:
    """Let this process be interrupted when the one that started it dies."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, int(signal.SIGINT))


def _run(fn: Callable, index: int, args: tuple, report: Any) -> None:
    _end_with_parent()
    try:
        fn(index, *args)
    except KeyboardInterrupt:
        # told to end
        pass
    except Exception:
        report.send(traceback.format_exc())
        sys.exit(1)


class ProcessContext:
    """Processes that were started together.

    processes: of `multiprocessing`; error_files: for each the connection on which its traceback comes.
    """

    def __init__(self, processes: Any, error_files: Any) -> None:
        self.processes = processes
        self.error_files = error_files
        self.sentinels = {process.sentinel: index for index, process in enumerate(processes)}
        self._reports = {report: index for index, report in enumerate(error_files)}
        self._traces: dict[int, str] = {}

    def pids(self) -> list[int]:
        """The ids of the processes."""
        return [int(process.pid) for process in self.processes]

    def join(self, timeout: float | None = None, grace_period: float | None = None) -> bool:
        """Wait for processes to end, `timeout` seconds at most. Returns whether all have.

        If one failed, the others are ended, after `grace_period` seconds if that is given, and ProcessRaisedException
        or ProcessExitedException is raised.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.sentinels:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready: Any = connection.wait([*self.sentinels, *self._reports], left)
            # a traceback may be longer than a pipe is: it is read before its process can end
            for report in [r for r in ready if r in self._reports]:
                self._read(report)
            ended = [sentinel for sentinel in ready if sentinel in self.sentinels]
            for sentinel in ended:
                index = self.sentinels.pop(sentinel)
                self.processes[index].join()
                if self.processes[index].exitcode != 0:
                    self._fail(index, grace_period)
            if ended or not ready:
                break
        if not self.sentinels:
            self._close()
        return not self.sentinels

    def _read(self, report: Any) -> None:
        index = self._reports.pop(report)
        with report, contextlib.suppress(EOFError, OSError):
            self._traces[index] = report.recv()

    def _close(self) -> None:
        for report in self._reports:
            report.close()
        self._reports.clear()

    def _fail(self, index: int, grace_period: float | None) -> None:
        """End all processes, and raise the error of one."""
        for report in [r for r, i in self._reports.items() if i == index and r.poll()]:
            self._read(report)
        if grace_period is not None:
            self._wait(grace_period)
        for process in self.processes:
            if process.is_alive():
                log.warning("Terminating process %s via signal SIGTERM", process.pid)
                process.terminate()
        self._wait(PATIENCE if grace_period is None else grace_period)
        for process in self.processes:
            if process.is_alive():
                log.warning("Unable to shutdown process %s via SIGTERM , forcefully exiting via SIGKILL", process.pid)
                process.kill()
            process.join()
        self._close()
        raise self._error(index)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for process in self.processes:
            process.join(max(0.0, deadline - time.monotonic()))

    def _error(self, index: int) -> ProcessException:
        process = self.processes[index]
        if index in self._traces:
            head = f"\n\n-- Process {index:d} terminated with the following error:\n"
            return ProcessRaisedException(head + self._traces[index], index, process.pid)
        code, name = process.exitcode, None
        how = f"exit code {code:d}"
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"<Unknown signal {-code}>"
            how = f"signal {name}"
        return ProcessExitedException(f"process {index:d} terminated with {how}", index, process.pid, code, name)


class SpawnContext(ProcessContext):
    """The former name of ProcessContext."""

    def __init__(self, processes: Any, error_files: Any) -> None:
        warnings.warn("SpawnContext is renamed to ProcessContext since 1.4 release.", stacklevel=2)
        super().__init__(processes, error_files)


def start_processes(
    fn: Callable,
    args: tuple = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> ProcessContext | None:
    """Run `fn(index, *args)` in `nprocs` processes, started as `start_method` says.

    Waits for them, or with join=False returns their ProcessContext. Raises what `ProcessContext.join` does.
    """
    context = multiprocessing.get_context(start_method)
    processes: list[Any] = []
    reports: list[Any] = []
    try:
        for index in range(nprocs):
            report, theirs = context.Pipe(duplex=False)
            reports.append(report)
            with theirs:
                process = context.Process(target=_run, args=(fn, index, args, theirs), daemon=daemon)  # type: ignore[attr-defined]
                process.start()
            processes.append(process)
    except BaseException:
        for process in processes:
            process.terminate()
        for report in reports:
            report.close()
        raise
    started = ProcessContext(processes, reports)
    if not join:
        return started
    while not started.join():
        pass
    return None


def spawn(
    fn: Callable,
    args: tuple = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> ProcessContext | None:
    """`start_processes` with fresh interpreters: `fn` must be found by its name in a module.

    Put the call under `if __name__ == "__main__":`, since each process imports the program.
    """
    if start_method != "spawn":
        warnings.warn(
            f"This method only supports start_method=spawn (got: {start_method}).\n"
            "To use a different start_method use:\n\t\t torch.multiprocessing.start_processes(...)",
            FutureWarning,
            stacklevel=2,
        )
    return start_processes(fn, args, nprocs, join, daemon, start_method="spawn")
