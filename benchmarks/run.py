"""Time a torch-like module against PyTorch, both in one process and in turns; see README.md.

python benchmarks/run.py [--only REGEX] [--rounds N] [--quick] [--json FILE] [--threads N] [--list]
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def positive(text: str) -> int:
    """An argument that must be a whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return number


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Time a torch-like module against PyTorch. Ratio: PyTorch's time / ours; above 1, ours is faster."
    )
    parser.add_argument("--only", type=re.compile, metavar="REGEX", help="only workloads whose 'group: name' matches")
    parser.add_argument("--rounds", type=positive, metavar="N", help="samples of each side (30; with --quick 5)")
    parser.add_argument("--quick", action="store_true", help="short samples and few rounds: a try, not a measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--threads", type=positive, metavar="N", help="threads of both sides (each library's default)")
    parser.add_argument("--list", action="store_true", help="list the workloads and their goals, and stop")
    parser.add_argument("--ours", default="flambeau", metavar="MODULE", help="the module on trial (%(default)s)")
    parser.add_argument("--reference", default="torch", metavar="MODULE", help="the other one (%(default)s)")
    parser.add_argument("--alone", action="store_true", help="time only ours: no reference, no ratios")
    return parser.parse_args(arguments)


def loaded(name: str) -> Any:
    """A module by its name; a plain sentence instead of a traceback where it is missing."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        sys.exit(f"cannot import {name}: {error}. --alone times one module, --ours and --reference name the two.")


def progress(position: int, count: int, row: Any, seconds: float) -> None:
    """One line on stderr when a workload is done."""
    if row.error:
        outcome = f"failed: {row.error}"
    elif row.ratio:
        outcome = f"ratio {row.ratio.median:.2f}"
    else:
        outcome = "done"
    print(f"[{position}/{count}] {row.group}: {row.name}: {outcome} ({seconds:.1f} s)", file=sys.stderr, flush=True)


def listing(tasks: Sequence[Any]) -> None:
    """The workloads and their goals, one a line."""
    for task in tasks:
        goal = f"  (goal {task.wanted})" if task.wanted else ""
        print(f"{task.title}{goal}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns 1 where a workload failed, 0 otherwise, goals met or not."""
    options = parsed(arguments)
    if options.threads:
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(options.threads)))
    # Imported only now: NumPy and PyTorch read these variables once, when they load.
    from circumstances import circumstances, load
    from report import document, markdown
    from session import Session, all_tasks

    tasks = [task for task in all_tasks() if not options.only or options.only.search(task.title)]
    if not tasks:
        sys.exit(f"no workload matches {options.only.pattern!r}; --list names them")
    if options.list:
        listing(tasks)
        return 0

    reference = None if options.alone else loaded(options.reference)
    ours = loaded(options.ours)
    session = Session(reference, ours, options.rounds or (5 if options.quick else 30), 0.002 if options.quick else 0.02)
    for module in session.modules:
        if options.threads and hasattr(module, "set_num_threads"):
            module.set_num_threads(options.threads)
    load_before = load()
    if load_before > 0.5:
        print(f"load {load_before}: others use this machine, figures with threads may be wrong", file=sys.stderr)

    rows = []
    for position, task in enumerate(tasks, 1):
        start = perf_counter()
        rows.append(task.row(session))
        progress(position, len(tasks), rows[-1], perf_counter() - start)

    settings = {"load before": load_before, "rounds": session.rounds, "seconds per sample": session.seconds}
    environment = circumstances(reference, ours, settings)
    print("\n".join(markdown(rows, environment, "" if options.alone else options.reference, options.ours)))
    if options.json:
        options.json.write_text(json.dumps(document(rows, environment), indent=1, ensure_ascii=False) + "\n")
    return int(any(row.error for row in rows))


if __name__ == "__main__":
    sys.exit(main())
