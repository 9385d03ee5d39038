"""Hostile pickles: whatever they try, nothing runs, nothing of ours changes, and the error says what it was."""

import io
import os
import pickle
import random
import re
import struct
import zipfile

import pytest

import flambeau
from flambeau.serialize.safe import SafeUnpickler

RAN = []


def note(*args):
    """What a hostile file would like to call."""
    RAN.append(args)


class Calls:
    """Pickles as a call."""

    def __init__(self, function, *args):
        self.function = function
        self.args = args

    def __reduce__(self):
        return self.function, self.args


def archive(pickled: bytes, **records: bytes) -> io.BytesIO:
    """A file as `save` writes it, around any pickle."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("archive/data.pkl", pickled)
        target.writestr("archive/version", b"3\n")
        for name, data in records.items():
            target.writestr(f"archive/data/{name.removeprefix('_')}", data)
    file.seek(0)
    return file


def storage(count: int, key: str = "0", kind: str = "FloatStorage") -> bytes:
    """Instructions that put a storage on the stack."""
    return (
        b"(X\x07\x00\x00\x00storage" + f"ctorch\n{kind}\n".encode() + b"X" + struct.pack("<I", len(key)) + key.encode()
        + b"X\x03\x00\x00\x00cpuJ" + struct.pack("<i", count) + b"tQ"
    )  # fmt: skip


def tensor(count: int, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> bytes:
    """A pickle of one tensor."""

    def numbers(values):
        return b"(" + b"".join(b"J" + struct.pack("<i", v) for v in values) + b"t"

    return (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage(count) + b"J" + struct.pack("<i", offset)
        + numbers(size) + numbers(stride) + b"\x89ccollections\nOrderedDict\n)RtR."
    )  # fmt: skip


HOSTILE = {
    "a function of ours": pickle.dumps(Calls(note, 1), 2),
    "a function of the system": pickle.dumps(Calls(os.system, "true"), 2),
    "eval": pickle.dumps(Calls(eval, "1"), 2),
    "getattr": b"\x80\x02cbuiltins\ngetattr\n.",
    "a module as a name": b"\x80\x02cos\npath\n.",
    "an attribute of an allowed class": b"\x80\x02ctorch\nTensor.__init__\n.",
    "changing a class": b"\x80\x02ctorch\nTensor\n}X\x03\x00\x00\x00addK\x01sb.",
    "changing a function": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n}X\x01\x00\x00\x00aK\x01sb.",
    "calling what was read": b"\x80\x02K\x01)R.",
    "calling a tensor": b"\x80\x02ctorch\nTensor\n)R)R.",
    "making an object of a function": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)\x81.",
    "writing into a tensor's memory slot": tensor(1, 0, (1,), (1,))[:-1] + b"}X\x06\x00\x00\x00_arrayK\x01sb.",
    "items of an object": b"\x80\x02ctorch\nTensor\n)RK\x00K\x01s.",
    "appending to an object": b"\x80\x02ctorch\nTensor\n)RK\x00a.",
    "a persistent object that is no storage": b"\x80\x02(X\x06\x00\x00\x00moduletQ.",
    "a persistent text": b"\x80\x02Pmodule\n.",
    "an extension": b"\x80\x02\x82\x01.",
    "instance": b"\x80\x02(ios\nsystem\n.",
    "a buffer": b"\x80\x05\x97.",
    "nothing on the stack": b"\x80\x02.",
    "cut off": b"\x80\x02}X\xff\x00\x00\x00a",
    "unknown instruction": b"\x80\x02\xff.",
    "a name without its module": b"\x80\x04\x93.",
    "a memo that is not there": b"\x80\x02h\x07.",
    "text that is no text": b"\x80\x02X\x01\x00\x00\x00\xff.",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_pickles_are_refused(what):
    before = dict(vars(flambeau.Tensor))
    with pytest.raises((pickle.UnpicklingError, RuntimeError, EOFError)):
        flambeau.load(archive(HOSTILE[what], _0=b"\0" * 4))
    assert not RAN
    assert dict(vars(flambeau.Tensor)) == before


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [(0, (5,), (1,)), (4, (1,), (1,)), (0, (2, 2), (3, 1)), (-1, (1,), (1,)), (0, (2,), (-1,)), (0, (-1,), (1,)),
     (0, (2**30, 2**30), (2**30, 1)), (2**31 - 1, (1,), (1,))],
)  # fmt: skip
def test_no_tensor_reaches_outside_its_storage(offset, size, stride):
    with pytest.raises(RuntimeError, match="out of bounds for storage of size 16"):
        flambeau.load(archive(tensor(4, offset, size, stride), _0=b"\0" * 16))


def test_a_tensor_within_its_storage_is_read():
    found = flambeau.load(archive(tensor(4, 1, (3,), (1,)), _0=struct.pack("<4f", 0, 1, 2, 3)))
    assert found.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("count", [5, 3, 2**30])
def test_a_storage_of_the_wrong_size_is_refused_before_memory_is_taken(count):
    with pytest.raises(RuntimeError, match="does not match expected size"):
        flambeau.load(archive(tensor(count, 0, (1,), (1,)), _0=b"\0" * 16))


def test_a_legacy_file_cannot_ask_for_more_than_it_is_long():
    file = io.BytesIO()
    flambeau.save(flambeau.ones(1), file, _use_new_zipfile_serialization=False)
    data = re.sub(rb"(cpuq.)K\x01", lambda found: found[1] + b"J\xff\xff\xff\x7f", file.getvalue())
    assert data != file.getvalue()
    with pytest.raises(RuntimeError, match="unexpected EOF"):
        flambeau.load(io.BytesIO(data))


def test_one_changed_byte_of_the_data_is_noticed(tmp_path):
    """In silence it would be a wrong number."""
    file = io.BytesIO()
    flambeau.save(flambeau.arange(1000), file)
    data = bytearray(file.getvalue())
    data[data.index(struct.pack("<q", 777))] ^= 1
    with pytest.raises(RuntimeError, match="checksum is wrong"):
        flambeau.load(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("seed", range(4))
def test_random_damage_raises_or_changes_nothing_but_data(seed):
    """Bytes are changed and cut at random places; whatever is raised is an error for damaged files."""
    generator = random.Random(seed)
    file = io.BytesIO()
    flambeau.save({"a": flambeau.ones(20), "b": [1, "x", flambeau.zeros(2, 2)]}, file)
    for legacy in (False, True):
        file = io.BytesIO()
        flambeau.save({"a": flambeau.ones(20), "b": [1, "x"]}, file, _use_new_zipfile_serialization=not legacy)
        good = file.getvalue()
        for _ in range(60):
            data = bytearray(good)
            for _ in range(generator.randrange(1, 4)):
                data[generator.randrange(len(data))] = generator.randrange(256)
            if generator.random() < 0.3:
                del data[generator.randrange(len(data)) :]
            try:
                flambeau.load(io.BytesIO(bytes(data)))
            except (RuntimeError, pickle.UnpicklingError, EOFError):
                pass


def test_only_instructions_of_plain_data_are_known():
    assert len(SafeUnpickler.dispatch) < 50
    for name in ("INST", "OBJ", "NEWOBJ_EX", "EXT1", "PERSID", "DUP", "POP"):
        assert getattr(pickle, name)[0] not in SafeUnpickler.dispatch
