"""Runs a program as a reader would: in a process of its own."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def environment():
    """The process environment, with the flambeau under test importable and no display."""
    package = importlib.util.find_spec("flambeau")
    assert package is not None, "flambeau is not importable"
    source = str(Path(package.origin).parents[1])
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}
    env.pop("DISPLAY", None)
    return env


@pytest.fixture(scope="session")
def run(environment, tmp_path_factory):
    """run(program, *options, typed="", real_torch=False, folder=None): the process and its folder of pictures."""

    def run(program, *options, typed="", real_torch=False, folder=None):
        pictures = folder or tmp_path_factory.mktemp(Path(program).stem)
        pictures.mkdir(exist_ok=True)
        launcher = [] if real_torch else ["-m", "flambeau", "run"]
        command = [sys.executable, *launcher, str(EXAMPLES / program), *options, "--output", str(pictures)]
        finished = subprocess.run(
            command,
            check=False,
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=pictures,
            timeout=120,
        )
        return finished, pictures

    return run


@pytest.fixture(scope="session")
def fast_run(run):
    """fast_run(program): the same as run(program, "--fast", "--seed", "42"), each program run only once."""
    done = {}

    def fast_run(program):
        if program not in done:
            done[program] = run(program, "--fast", "--seed", "42")
        return done[program]

    return fast_run
