"""The safetensors library writes and reads our tensors under the name of PyTorch's, and leaves them in the file."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import flambeau as torch

PROGRAM = """
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

kinds = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8]
kinds += [torch.uint8, torch.bool]
saved = {str(kind): torch.arange(-2, 4).to(kind).reshape(2, 3) for kind in kinds}
saved |= {"nothing": torch.empty(0, 4), "scalar": torch.tensor(7.5)}
save_file(saved, "ours.safetensors", metadata={"from": "here"})
loaded = load_file("ours.safetensors")
assert saved.keys() == loaded.keys()
for name, value in saved.items():
    assert loaded[name].dtype is value.dtype and torch.equal(loaded[name], value), name
with safe_open("ours.safetensors", "pt") as file:
    assert file.metadata() == {"from": "here"}
    assert file.get_slice("torch.float32")[1:, :2].tolist() == [[1.0, 2.0]]
assert load_file("theirs.safetensors")["x"].tolist() == [[0, 1], [2, 3]]
print("done in", torch.__file__)
"""


def test_files_go_both_ways(tmp_path):
    pytest.importorskip("safetensors")
    from safetensors.numpy import load_file, save_file

    save_file({"x": np.arange(4).reshape(2, 2)}, tmp_path / "theirs.safetensors")
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    source = str(Path(importlib.util.find_spec("flambeau").origin).parents[1])
    launch = f"import sys; sys.path.insert(0, {source!r}); from flambeau.cli import main; main(['run', 'program.py'])"
    finished = subprocess.run(
        [sys.executable, "-c", launch], check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    assert "flambeau" in finished.stdout
    assert load_file(tmp_path / "ours.safetensors")["torch.int16"].tolist() == [[-2, -1, 0], [1, 2, 3]]


def test_a_storage_shows_the_first_bytes_of_a_file_and_keeps_changes_to_itself(tmp_path):
    path = tmp_path / "bytes"
    path.write_bytes(b"abcdefgh")
    storage = torch.UntypedStorage.from_file(path, False, 6)
    assert bytes(storage.tolist()) == b"abcdef"
    middle = torch.asarray(storage[2:4], dtype=torch.uint8)
    middle[0] = 65
    assert storage[2] == 65
    assert path.read_bytes() == b"abcdefgh"


def test_a_shared_storage_writes_into_the_file_and_makes_it_if_needed(tmp_path):
    path = tmp_path / "bytes"
    storage = torch.UntypedStorage.from_file(str(path), shared=True, nbytes=4)
    storage[1] = 7
    assert path.read_bytes() == b"\0\7\0\0"


def test_a_file_that_is_missing_or_too_short_is_named(tmp_path):
    path = tmp_path / "bytes"
    with pytest.raises(RuntimeError, match=r"unable to open file <.*bytes> in read-only mode: No such file"):
        torch.UntypedStorage.from_file(path, False, 4)
    path.write_bytes(b"abc")
    with pytest.raises(RuntimeError, match=r"file <.*bytes> size <3> is smaller than the required mapping size <4>"):
        torch.UntypedStorage.from_file(path, False, 4)
