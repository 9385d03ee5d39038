"""The records of a saved file can be read as bytes."""

import io

import pytest

import flambeau as torch


def test_records_are_read_by_name(tmp_path):
    path = tmp_path / "x.pt"
    torch.save({"a": torch.arange(3, dtype=torch.int32)}, path)
    for source in (str(path), path, io.BytesIO(path.read_bytes())):
        reader = torch.PyTorchFileReader(source)
        assert reader.has_record("data/0") and not reader.has_record("data/1")
        assert reader.get_record("data/0") == b"\0\0\0\0\1\0\0\0\2\0\0\0"
        assert reader.get_record_size("data/0") == 12
        assert {"data.pkl", "data/0", "version", "byteorder"} <= set(reader.get_all_records())
        with pytest.raises(RuntimeError, match="PytorchStreamReader failed locating file zz: file not found"):
            reader.get_record("zz")
