"""Files go between PyTorch and us in both directions, in both formats, and hostile or damaged ones raise its errors."""

import collections
import io
import os
import pickle
import struct
import warnings
import zipfile

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")
BOTH = (torch, flambeau)
DTYPES = """
    bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128
""".split()
# without a storage class of their own
UNTYPED = ("uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2")
directions = pytest.mark.parametrize(("writer", "reader"), [(a, b) for a in BOTH for b in BOTH if flambeau in (a, b)])


def checkpoint(library):
    """What people save: states with shared, strided, empty, scalar and trainable tensors, and plain data."""
    base = library.arange(12.0).reshape(3, 4)
    state = collections.OrderedDict(
        base=base, row=base[1], turned=base.t(), part=base[1:, ::2], expanded=library.ones(1).expand(3),
        empty=library.zeros(0, 3), scalar=library.tensor(3.5), grad=library.ones(2, requires_grad=True),
        parameter=library.nn.Parameter(library.ones(2)), frozen=library.nn.Parameter(library.ones(1), False),
        shape=base.shape, dtype=base.dtype, device=base.device, number=3, float=2.5, big=10**30, none=None,
        list=[1, "ä", True, (1, 2), b"ab\xff", {1, 2}, 1 + 2j, bytearray(b"x")], counter=collections.Counter("aab"),
    )  # fmt: skip
    for name in DTYPES:
        state[name] = library.ones(3).to(getattr(library, name))
    return state


def plain(value):
    """A value without its library."""
    if isinstance(value, (torch.Tensor, flambeau.Tensor)):
        numbers = value.detach()
        if value.dtype.itemsize < 4 and value.dtype.is_floating_point:
            numbers = numbers.float()
        name = type(value).__name__
        return name, str(value.dtype), tuple(value.shape), value.stride(), value.requires_grad, numbers.tolist()
    if isinstance(value, (list, tuple, set, dict, str, int, float, complex, bytes, bytearray, type(None))):
        return value
    return str(value)


def same(found, expected):
    assert list(found) == list(expected)
    for key, value in expected.items():
        assert plain(found[key]) == plain(value), key


@directions
@pytest.mark.parametrize("weights_only", [True, False])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_checkpoint_arrives_as_it_was(tmp_path, writer, reader, zipped, weights_only):
    path = tmp_path / "model.pt"
    expected = checkpoint(writer)
    writer.save(expected, path, _use_new_zipfile_serialization=zipped)
    found = reader.load(path, weights_only=weights_only)
    same(found, expected)
    base, row = found["base"], found["row"]
    base[1, 0] = 100.0
    assert row[0] == 100.0, "tensors that shared memory still do"


@directions
@pytest.mark.parametrize("name", UNTYPED)
def test_dtypes_without_a_storage_class_arrive_too(writer, reader, name):
    file = io.BytesIO()
    writer.save(writer.ones(5).to(getattr(writer, name))[1:], file)
    file.seek(0)
    found = reader.load(file)
    assert (str(found.dtype), found.float().tolist()) == (f"torch.{name}", [1.0] * 4)


@directions
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_pickle_protocol_is_read(writer, reader, protocol):
    file = io.BytesIO()
    expected = checkpoint(writer)
    writer.save(expected, file, pickle_protocol=protocol)
    file.seek(0)
    same(reader.load(file, weights_only=False), expected)


@directions
def test_a_whole_model_arrives(writer, reader):
    """By the public names of its classes."""
    model = writer.nn.Sequential(writer.nn.Linear(3, 2), writer.nn.ReLU(), writer.nn.BatchNorm1d(2))
    file = io.BytesIO()
    writer.save(model, file)
    file.seek(0)
    found = reader.load(file, weights_only=False)
    assert type(found) is reader.nn.Sequential and repr(found) == repr(model)
    assert plain(found[0].weight) == plain(model[0].weight)


@directions
@pytest.mark.parametrize("location", ["cpu", {"cpu": "meta"}, "meta", lambda storage, where: storage])
def test_map_location_moves_tensors(writer, reader, location):
    file = io.BytesIO()
    writer.save({"a": writer.ones(3)}, file)
    file.seek(0)
    found = reader.load(file, map_location=location)["a"]
    assert found.device.type == ("meta" if "meta" in str(location) else "cpu") and found.shape == (3,)


@directions
def test_mapped_files_can_be_read_and_not_changed(tmp_path, writer, reader):
    path = tmp_path / "model.pt"
    writer.save({"a": writer.arange(100000)}, path)
    before = path.read_bytes()
    found = reader.load(path, mmap=True)["a"]
    assert found[99999] == 99999
    found[0] = 7
    assert found[0] == 7 and path.read_bytes() == before


@directions
def test_a_generator_goes_on_where_it_was(writer, reader):
    generator = writer.Generator().manual_seed(5)
    writer.rand(3, generator=generator)
    file = io.BytesIO()
    writer.save(generator, file)
    file.seek(0)
    found = reader.load(file, weights_only=False)
    assert reader.rand(3, generator=found).tolist() == writer.rand(3, generator=generator).tolist()


@pytest.mark.parametrize("swapped", [False, True])
def test_the_byte_order_of_the_writer_is_heeded(swapped):
    """A file of a machine with the other byte order, made by turning every number round."""
    file, turned = io.BytesIO(), io.BytesIO()
    torch.save({"a": torch.arange(5.0), "b": torch.arange(3), "c": torch.tensor([1 + 2j])}, file)
    widths = {"0": 4, "1": 8, "2": 4}
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(turned, "w") as target:
        for info in source.infolist():
            data = source.read(info)
            key = info.filename.rpartition("/")[2]
            if swapped and info.filename.endswith("byteorder"):
                data = b"big"
            elif swapped and "/data/" in info.filename and key in widths:
                data = np.frombuffer(data, f"u{widths[key]}").byteswap().tobytes()
            target.writestr(info.filename, data)
    turned.seek(0)
    found = flambeau.load(turned)
    assert found["a"].tolist() == [0, 1, 2, 3, 4] and found["b"].tolist() == [0, 1, 2] and found["c"].item() == 1 + 2j


def saved(library, value, **options) -> bytes:
    file = io.BytesIO()
    library.save(value, file, **options)
    return file.getvalue()


class Unknown:
    """What no one allowed."""


def edited(data: bytes, change) -> bytes:
    """An archive with other records: `change(name, data)` gives new data, or None to leave the record out."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(result, "w") as target:
        for info in source.infolist():
            new = change(info.filename.partition("/")[2], source.read(info))
            if new is not None:
                target.writestr(info.filename, new)
    return result.getvalue()


GOOD = saved(torch, {"a": torch.ones(100)})
LEGACY = saved(torch, {"a": torch.ones(3)}, _use_new_zipfile_serialization=False)
DAMAGED = {
    "half": GOOD[: len(GOOD) // 2],
    "no end": GOOD[:-10],
    "nothing": b"",
    "another zip": edited(GOOD, lambda name, data: data if name == "byteorder" else None),
    "record missing": edited(GOOD, lambda name, data: None if name == "data/0" else data),
    "record short": edited(GOOD, lambda name, data: data[:100] if name == "data/0" else data),
    "legacy cut": LEGACY[:-4],
    "legacy cut early": LEGACY[:60],
    "not allowed": saved(torch, Unknown()),
    "not allowed, legacy": saved(torch, Unknown(), _use_new_zipfile_serialization=False),
    "an array": saved(torch, np.ones(2)),
    "a pickle": pickle.dumps([1], 2),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_damaged_files_raise_pytorchs_errors(what):
    found = []
    for library in BOTH:
        with pytest.raises(Exception) as caught:
            library.load(io.BytesIO(DAMAGED[what]))
        found.append((type(caught.value), str(caught.value)))
    assert found[1][0] is found[0][0]
    first, rest = (text.split("\n")[0] for _, text in found)
    assert rest[:50] == first[:50]


CALLS = [
    lambda T, p: T.load(p / "missing.pt"),
    lambda T, p: T.load(p),
    lambda T, p: T.load(3),
    lambda T, p: T.save(1, 3),
    lambda T, p: T.save(1, p / "no" / "such" / "x.pt"),
    lambda T, p: T.load(p / "good.pt", weights_only=True, pickle_module=pickle),
    lambda T, p: T.load(io.BytesIO(GOOD), mmap=True),
    lambda T, p: T.load(p / "legacy.pt", mmap=True),
    lambda T, p: T.load(io.BytesIO(GOOD), map_location="cuda"),
    lambda T, p: T.load(io.BytesIO(GOOD), map_location="nowhere"),
    lambda T, p: T.save((lambda x: [x, x.view(T.int32)])(T.ones(2)), io.BytesIO()),
    lambda T, p: T.serialization.set_default_load_endianness(3),
]


@pytest.mark.parametrize("call", CALLS)
def test_a_mistake_is_named_in_pytorchs_words(tmp_path, call):
    (tmp_path / "good.pt").write_bytes(GOOD)
    (tmp_path / "legacy.pt").write_bytes(LEGACY)
    found = []
    for library in BOTH:
        with pytest.raises(Exception) as caught:
            call(library, tmp_path)
        found.append((type(caught.value), str(caught.value).split("\n")[0]))
    assert found[1] == found[0]


def test_what_a_file_would_need_is_listed():
    for data in (saved(torch, [Unknown(), torch.ones(1)]), saved(flambeau, [Unknown(), flambeau.ones(1)])):
        names = [T.serialization.get_unsafe_globals_in_checkpoint(io.BytesIO(data)) for T in BOTH]
        assert [n for n in names[1] if "Unknown" in n] == [n for n in names[0] if "Unknown" in n] != []


@directions
def test_safe_globals_admit_a_class(writer, reader):
    data = saved(writer, {"a": Unknown()})
    with reader.serialization.safe_globals([Unknown]):
        assert Unknown in reader.serialization.get_safe_globals()
        assert type(reader.load(io.BytesIO(data))["a"]) is Unknown
    with pytest.raises(pickle.UnpicklingError):
        reader.load(io.BytesIO(data))


def test_pytorch_checks_and_accepts_our_archives(tmp_path):
    """Its own reader compares checksums and wants each storage aligned."""
    path = tmp_path / "a.pt"
    flambeau.save({"a": flambeau.ones(1000), "b": flambeau.zeros(3)}, path)
    reader = torch._C.PyTorchFileReader(os.fspath(path))
    assert "data/0" in reader.get_all_records()
    for key in ("data/0", "data/1"):
        assert reader.get_record_offset(key) % 64 == 0
    assert reader.get_record("version") == b"3\n"


def test_sparse_files_of_many_storages_are_quick():
    state = {f"layer{i}": flambeau.ones(3) for i in range(300)}
    data = saved(flambeau, state)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = torch.load(io.BytesIO(data))
    assert len(found) == 300 and struct.unpack("<f", data[data.index(struct.pack("<f", 1.0)) :][:4]) == (1.0,)


class Commands:
    def __reduce__(self):
        return os.system, ("true",)


class Evaluates:
    def __reduce__(self):
        return eval, ("1 + 1",)


def test_what_cannot_be_saved_or_is_refused_is_told_in_pytorchs_words(agree):
    class Local:
        pass

    @agree
    def session(T, error):
        def save(thing, zipped):
            # addresses differ
            file = io.BytesIO()
            return error(lambda: T.save(thing, file, _use_new_zipfile_serialization=zipped)).split(" at 0x")[0]

        for thing in (lambda: 0, Local, Local(), {"a": [Local]}, io, (x for x in [])):
            yield save(thing, True), save(thing, False)
        harmful = [pickle.dumps(x, 2) for x in (Commands(), Evaluates())]
        for data in (*harmful, b"# Title\n", b"\x80\x02\x88Q.", b"PK\3\4short", b"PK\3\4" + b"long" * 9):
            yield error(lambda: T.load(io.BytesIO(data)))  # noqa: B023
