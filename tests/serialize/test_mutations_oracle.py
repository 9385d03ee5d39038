"""Damage to files that PyTorch wrote goes no more unnoticed than damage to ours."""

import io
import random
import warnings

import pytest

import flambeau

from . import harmful
from . import test_mutations as mutations

torch = pytest.importorskip("torch")
pytestmark = mutations.pytestmark


def test_no_damage_to_pytorchs_archives_goes_unnoticed(tmp_path):
    data = harmful.saved(torch, harmful.checkpoint(torch))
    expected = harmful.facts(flambeau.load(io.BytesIO(data)))
    files = [(what, ".pt", c, expected) for what, c, _ in harmful.damaged_archives(data, random.Random(11))]
    found, outcomes = mutations.complaints(str(tmp_path), files, [("a.pt", data, expected)])
    assert not found, "\n".join(found)
    assert outcomes.total() > 70 and outcomes["RuntimeError"] > 40


def test_damage_to_pytorchs_older_files_does_no_harm(tmp_path):
    data = harmful.saved(torch, harmful.checkpoint(torch), _use_new_zipfile_serialization=False)
    files = [(what, ".pt", c, None) for what, c, _ in harmful.damaged_streams(data, random.Random(12))]
    found, _ = mutations.complaints(str(tmp_path), files, [("a.pt", data, None), *mutations.warm()])
    assert not found, "\n".join(found)


def test_good_files_of_pytorch_hold_what_was_saved():
    for options in ({}, {"_use_new_zipfile_serialization": False}):
        data = harmful.saved(torch, harmful.checkpoint(torch), **options)
        assert harmful.facts(flambeau.load(io.BytesIO(data))) == harmful.facts(torch.load(io.BytesIO(data)))


# what both must refuse, and with the same class
ALIKE = (
    "os.system", "posix.system", "eval", "getattr chain", "dotted name", "subprocess", "ctypes", "INST", "OBJ", "EXT1",
    "PERSID", "a persistent module", "unknown instruction", "BUILD on a function", "appended to a dict",
    "a storage of too many", "beyond the storage",
)  # fmt: skip


@pytest.mark.parametrize("what", ALIKE)
def test_what_pytorch_refuses_has_its_class_here(what):
    data = harmful.around(b"\x80\x02" + harmful.HOSTILE[what] + b".")
    classes = []
    for library in (torch, flambeau):
        with pytest.raises(Exception) as caught, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            library.load(io.BytesIO(data))
        classes.append(type(caught.value))
    assert classes[1] is classes[0]


def test_quantised_tensors_are_said_to_be_unknown(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), tmp_path / "q.pt")
    for weights_only in (True, False):
        with pytest.raises(Exception, match=r"(?s)_rebuild_qtensor.*Flambeau does not have"):
            flambeau.load(tmp_path / "q.pt", weights_only=weights_only)
