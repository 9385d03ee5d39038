"""Tensors go into a safetensors file and come out again."""

from __future__ import annotations

import pytest

import flambeau as torch

pytest.importorskip("safetensors")

from flambeau.serialize import safetensors


def test_every_tensor_comes_back_with_its_dtype_and_shape(tmp_path):
    tensors = {
        "floats": torch.randn(2, 3),
        "transposed": torch.arange(6.0).reshape(2, 3).t(),
        "half": torch.ones(2).bfloat16(),
        "flag": torch.tensor(True),
        "empty": torch.zeros(0, 2),
        **{str(d): torch.ones(2, dtype=d) for d in safetensors.NAMES},
    }
    file = tmp_path / "model.safetensors"
    safetensors.save_file(tensors, file, {"made": "here"})
    found = safetensors.load_file(file)
    assert found.keys() == tensors.keys() and [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]
    for name, tensor in tensors.items():
        assert torch.equal(found[name], tensor) and found[name].dtype is tensor.dtype
    found["floats"].add_(1)


def test_tensors_that_share_memory_and_other_things_are_refused():
    x = torch.ones(3)
    with pytest.raises(RuntimeError, match="share memory: 'a' and 'b'"):
        safetensors.save({"a": x, "b": x[:1]})
    with pytest.raises(ValueError, match="expected torch.Tensor but received"):
        safetensors.save({"a": 1})
    with pytest.raises(ValueError, match="no dtype for torch.complex128"):
        safetensors.save({"a": torch.ones(1, dtype=torch.complex128)})
