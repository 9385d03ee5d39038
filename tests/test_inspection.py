"""`flambeau inspect` lists what a file holds and would import, and runs none of it."""

from __future__ import annotations

import json
import os
import pickle
import zipfile

import pytest

import flambeau as torch
from flambeau import cli, inspection


def inspect(capsys, *files):
    code = cli.main(["inspect", *map(str, files)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("zipped", [True, False])
def test_tensors_and_values_are_listed_under_their_paths(tmp_path, capsys, zipped):
    file = tmp_path / "model.pt"
    weights = {"weight": torch.ones(2, 3), "half": torch.ones(4).bfloat16(), "p": torch.nn.Parameter(torch.ones(()))}
    torch.save({"model": weights, "epoch": 3, "list": ["x"]}, file, _use_new_zipfile_serialization=zipped)
    code, out, _ = inspect(capsys, file)
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert "model.weight float32 (2, 3) 24 bytes" in lines and "model.half bfloat16 (4,) 8 bytes" in lines
    assert "model.p float32 () 4 bytes" in lines and "epoch int 3" in lines and "list.0 str 'x'" in lines
    assert "3 tensors, 11 elements, 36 bytes" in lines
    assert "torch._utils._rebuild_tensor_v2" in lines and "NOT" not in out


class Hostile:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (self.target,)


def test_a_hostile_file_is_named_and_not_run(tmp_path, capsys):
    target, file = tmp_path / "made", tmp_path / "bad.pt"
    torch.save({"a": Hostile(str(target)), "b": torch.ones(1)}, file)
    code, out, _ = inspect(capsys, file)
    assert code == 1 and not target.exists()
    assert f"{os.mkdir.__module__}.mkdir   NOT on the allow-list" in out
    assert "would call" in out and "(1,)" in out


@pytest.mark.parametrize("protocol", range(6))
def test_names_are_found_in_every_protocol(tmp_path, capsys, protocol):
    file = tmp_path / "file.pt"
    parts = [inspection.MAGIC_NUMBER, 1001, {}, {"x": Hostile("/nowhere"), "y": {1, 2}, "z": range(3)}]
    file.write_bytes(b"".join(pickle.dumps(part, protocol) for part in parts))
    code, out, err = inspect(capsys, file)
    assert code == 1 and f"{os.mkdir.__module__}.mkdir" in out and "range" in out, err


def test_what_a_terminal_would_obey_is_written_out(tmp_path, capsys):
    file = tmp_path / "model.pt"
    torch.save({"\x1b[2J": torch.ones(1)}, file)
    _, out, _ = inspect(capsys, file)
    assert "\x1b" not in out and "\\x1b[2J" in out


def safetensors_file(path, header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def test_safetensors_are_listed(tmp_path, capsys):
    header = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
        "b": {"dtype": "BF16", "shape": [3], "data_offsets": [8, 14]},
    }
    code, out, _ = inspect(capsys, safetensors_file(tmp_path / "m.safetensors", header, bytes(14)))
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0 and "metadata format: pt" in lines and "a F32 (2, 1) 8 bytes" in lines
    assert "2 tensors, 5 elements, 14 bytes" in lines and lines[-1] == "imports nothing"


def test_tensors_that_do_not_fit_are_marked(tmp_path, capsys):
    header = {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    _, out, _ = inspect(capsys, safetensors_file(tmp_path / "m.safetensors", header, bytes(4)))
    assert "DAMAGED" in out


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.safetensors", b""),
        ("b.safetensors", b"\xff" * 16),
        ("c.safetensors", (2).to_bytes(8, "little") + b"[]"),
        ("d.safetensors", (3).to_bytes(8, "little") + b"{x}"),
        ("e.pt", b""),
        ("f.pt", b"no pickle at all"),
        ("g.pt", b"PK\3\4 cut"),
        ("h.pt", pickle.dumps(5)),
        ("i.pt", pickle.dumps(inspection.MAGIC_NUMBER) + b"\x80\x02"),
    ],
)
def test_damaged_files_are_said_to_be_damaged(tmp_path, capsys, name, data):
    (tmp_path / name).write_bytes(data)
    code, out, err = inspect(capsys, tmp_path / name)
    assert code == 2 and not out and err.startswith(f"flambeau inspect: {tmp_path / name}: ")
    assert len(err.splitlines()) == 1


def test_a_missing_storage_is_said(tmp_path, capsys):
    file, cut = tmp_path / "model.pt", tmp_path / "cut.pt"
    torch.save(torch.ones(3), file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(cut, "w") as new:
        for name in old.namelist():
            if "/data/" not in name:
                new.writestr(name, old.read(name))
    _, out, _ = inspect(capsys, cut)
    assert "DAMAGED: the record data/0 of a storage is missing" in out


def test_a_missing_file_and_a_good_one_in_one_call(tmp_path, capsys):
    torch.save(1, tmp_path / "one.pt")
    code, out, err = inspect(capsys, tmp_path / "none.pt", tmp_path / "one.pt")
    assert code == 2 and "No such file" in err and "int 1" in out


def test_what_is_no_file_of_tensors_is_told_what_is(tmp_path, capsys):
    file = tmp_path / "README.md"
    file.write_text("# Title\n")
    assert "no file of tensors; those that can be read are files of torch.save" in inspect(capsys, file)[2]
