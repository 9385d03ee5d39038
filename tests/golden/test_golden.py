"""Every printed result that the source documents show comes out the same under `flambeau run`.

The files lie beside the repository, in ../shared/golden; without them there is nothing to compare.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPARE = Path(__file__).parent / "compare.py"
GOLDEN = sorted((ROOT.parent / "shared" / "golden").glob("*.txt"))


@pytest.fixture
def run_doctest(tmp_path):
    """run_doctest(file): the finished process of `flambeau run compare.py file`."""
    # with the paths of this process, a source tree stands in for an installed package
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def run_doctest(file):
        command = [sys.executable, "-m", "flambeau", "run", str(COMPARE), str(file)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=600)

    return run_doctest


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_prints_what_the_documents_show(file, run_doctest):
    """The file is a doctest; `import torch` in it gives Flambeau, and every line it prints is compared."""
    done = run_doctest(file)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize(
    ("want", "got", "passes"),
    [
        ("3", "2", False),
        ("'tensor(0.2588)'", "'tensor(0.2587)'", False),
        ("0.471180", "0.471179", True),
        ("0.471180", "0.471178", False),
        ("0.471180", "0.47118", False),
        ("1.000000e-03", "1.000001e-03", True),
        ("1.000000e-03", "1.000000e-04", False),
    ],
)
def test_the_comparison_sees_a_wrong_result(want, got, passes, tmp_path, run_doctest):
    """The tests above can fail: everything but the last of six decimals is compared exactly."""
    file = tmp_path / "made.txt"
    file.write_text(f">>> import torch\n>>> 'flambeau' in torch.__version__\nTrue\n>>> print({got!r})\n{want}\n")
    done = run_doctest(file)
    assert done.returncode == (0 if passes else 1), done.stdout
    assert done.stdout.count("Failed example:") == (0 if passes else 1)
