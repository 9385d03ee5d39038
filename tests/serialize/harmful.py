"""Damaged and hostile files: made from real checkpoints, with a fixed seed, or written instruction by instruction."""

import collections
import io
import pickle
import struct
import warnings
import zipfile

import flambeau
from flambeau.serialize.legacy import MAGIC_NUMBER, PROTOCOL_VERSION

# ---- good files ------------------------------------------------------------------------------------------------------


def checkpoint(library):
    """A small model's state, with shared and strided tensors of several dtypes, and plain data."""
    base = library.arange(24.0).reshape(4, 6)
    return {
        "model": collections.OrderedDict(
            weight=base, row=base[1], turned=base.t(), steps=base[:, ::2],
            bias=library.nn.Parameter(library.arange(3.0)), half=library.ones(5).bfloat16(),
            counts=library.arange(7), mask=library.tensor([True, False]), z=library.ones(2) * (1 + 2j),
        ),
        "optimizer": {"state": {0: {"step": library.tensor(3.0), "moment": library.full((40,), 0.5)}}, "lr": 1e-3},
        "epoch": 7, "name": "né", "sizes": (1, 2.5, None, True), "raw": b"\x00\xff", "shape": base.shape,
    }  # fmt: skip


def saved(library, value, **options):
    file = io.BytesIO()
    library.save(value, file, **options)
    return file.getvalue()


def safetensors_bytes():
    header = (
        b'{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[2],'
        b'"data_offsets":[24,40]},"__metadata__":{"format":"pt"}}'
    )
    return struct.pack("<Q", len(header)) + header + struct.pack("<6f2q", 1, 2, 3, 4, 5, 6, 7, 8)


def facts(value):
    """Everything about a value that must be as it was saved."""
    if hasattr(value, "untyped_storage"):
        numbers = value.detach()
        numbers = (numbers.float() if str(value.dtype) == "torch.bfloat16" else numbers).tolist()
        kind = type(value).__name__
        return kind, str(value.dtype), tuple(value.shape), value.stride(), value.requires_grad, repr(numbers)
    if isinstance(value, dict):
        return type(value).__name__, [(key, facts(v)) for key, v in value.items()]
    return type(value).__name__, repr(value)


# ---- damage ----------------------------------------------------------------------------------------------------------


def cuts(data, generator):
    """Truncations at the borders of parts and at random places."""
    places = [0, 1, 4, 29, 64, len(data) - 1, len(data) - 21, len(data) - 22, len(data) // 2]
    places += [generator.randrange(len(data)) for _ in range(6)]
    return {f"cut at {n}": data[:n] for n in places}


def flips(data, spans, count, generator, what):
    """Changed bytes within some spans, and some runs of a few."""
    made = {}
    for k in range(count):
        first, last = generator.choice(spans)
        place = generator.randrange(first, last)
        changed = bytearray(data)
        for offset in range(generator.choice((1, 1, 1, 4))):
            changed[min(place + offset, last - 1)] ^= generator.choice((1, 0x80, 0xFF, generator.randrange(1, 256)))
        made[f"{what} {k} at {place}"] = bytes(changed)
    return made


def shifts(data, generator):
    """Bytes that are missing, doubled or too many; parts that changed places; a file in a file."""
    a, b = sorted(generator.sample(range(1, len(data)), 2))
    return {
        "one byte missing": data[:a] + data[a + 1 :], "one byte too many": data[:a] + b"\0" + data[a:],
        "parts in another order": data[b:] + data[a:b] + data[:a], "a part twice": data[:b] + data[a:],
        "zeros": data[:a] + bytes(b - a) + data[b:], "rubbish before": b"rubbish" * 20 + data,
        "all but the head zeros": data[:4] + bytes(len(data) - 4),
    }  # fmt: skip


def zip_spans(data):
    """Where local headers, the directory, the pickle and the numbers lie in an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        start = archive.start_dir
    headers, pickles, numbers = [], [], []
    for info in infos:
        lengths = struct.unpack_from("<2H", data, info.header_offset + 26)
        begin = info.header_offset + 30 + sum(lengths)
        headers.append((info.header_offset, begin))
        if info.file_size:
            (pickles if info.filename.endswith("data.pkl") else numbers).append((begin, begin + info.file_size))
    return headers, [(start, len(data))], pickles, numbers


def damaged_archives(data, generator):
    """(name, bytes, whether damage must be noticed)."""
    headers, directory, pickles, numbers = zip_spans(data)
    for made in (
        cuts(data, generator),
        shifts(data, generator),
        flips(data, headers, 14, generator, "local header"),
        flips(data, directory, 18, generator, "directory"),
        flips(data, pickles, 12, generator, "pickle"),
        flips(data, numbers, 10, generator, "numbers"),
    ):
        yield from ((name, content, True) for name, content in made.items())


def damaged_streams(data, generator):
    """Files without checksums: numbers and texts can change unnoticed, nothing else may."""
    for made in (cuts(data, generator), shifts(data, generator)):
        yield from ((name, content, False) for name, content in made.items())
    yield from ((n, c, False) for n, c in flips(data, [(0, len(data))], 25, generator, "byte").items())


# ---- hostile pickles -------------------------------------------------------------------------------------------------

SENTINEL = "sentinel-of-hostile-files"


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def name(path):
    module, _, last = path.rpartition(".")
    return f"c{module}\n{last}\n".encode()


def number(n):
    data = n.to_bytes((n.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def items(*parts):
    return b"(" + b"".join(parts) + b"t"


def call(path, *parts):
    return name(path) + items(*parts) + b"R"


def storage(count, key="0", kind="FloatStorage", location="cpu"):
    return items(text("storage"), name(f"torch.{kind}"), text(key), text(location), number(count)) + b"Q"


def tensor(count, offset, size, stride, **options):
    sizes, strides = (items(*map(number, n)) if isinstance(n, tuple) else n for n in (size, stride))
    rest = (b"\x89", call("collections.OrderedDict"), *options.pop("more", ()))
    return call("torch._utils._rebuild_tensor_v2", storage(count, **options), number(offset), sizes, strides, *rest)


def doubled(times, start=b")"):
    """A tuple of itself twice, again and again: small in memory, endless to walk through."""
    return start + b"".join(b"q%c0h%ch%c\x86" % (k, k, k) for k in range(times))


def doubled_without_pop(times):
    return b")" + b"2\x86" * times


def nested(times):
    return b")" + b"\x85" * times


EXPANDED = tensor(2, 0, (2**36,), (0,))
OVERLAPPING = tensor(2048, 0, (1024, 1024, 1024), (1, 1, 0))
COMMAND = f"touch {SENTINEL}"
HOSTILE = {
    "os.system": call("os.system", text(COMMAND)),
    "posix.system": call("posix.system", text(COMMAND)),
    "nt.system": call("nt.system", text(COMMAND)),
    "subprocess": call("subprocess.Popen", text(COMMAND)),
    "eval": call("builtins.eval", text("__import__('os').system('x')")),
    "exec": call("builtins.exec", text("raise SystemExit")),
    "python 2's eval": call("__builtin__.eval", text("1")),
    "compile": call("builtins.compile", text("1"), text("x"), text("eval")),
    "open": call("builtins.open", text(SENTINEL), text("w")),
    "import": call("builtins.__import__", text("antigravity")),
    "importlib": call("importlib.import_module", text("this")),
    "getattr chain": call(
        "builtins.getattr", call("builtins.getattr", name("torch.Tensor"), text("__class__")), text("x")
    ),
    "dotted name": name("torch.Tensor.__init__.__globals__"),
    "dotted module": b"\x8c\x05torch\x8c\x12Tensor.__class__.mro\x93",
    "pickle.loads": call("pickle.loads", b"C\x02N."),
    "torch.load": call("torch.load", text("/etc/passwd")),
    "torch.hub": call("torch.hub.load", text("x"), text("y")),
    "functools.partial": call("functools.partial", name("os.system"), text(COMMAND)),
    "operator": call("operator.attrgetter", text("__class__")),
    "runpy": call("runpy.run_path", text("/nowhere.py")),
    "ctypes": call("ctypes.CDLL", text("libc.so.6")),
    "a function of the reader": call("torch._utils._rebuild_tensor_v2.__call__"),
    "calling a tensor class": call("torch.Tensor", number(2**40)),
    "calling a parameter": call("torch.nn.parameter.Parameter", number(3)),
    "calling a dtype": call("torch.float32"),
    "calling a storage class": call("torch.FloatStorage", number(2**40)),
    "a long bytearray": call("builtins.bytearray", number(2**40)),
    "a bytearray by way of a subclass": call(
        "torch._tensor._rebuild_from_type_v2", name("builtins.bytearray"), name("torch.Tensor"),
        items(number(2**40)), b"N",
    ),
    "a tensor by way of a subclass": call(
        "torch._tensor._rebuild_from_type_v2", name("torch.Tensor"), name("torch.Tensor"), items(number(2**34)), b"N"
    ),
    "a subclass that is none": call(
        "torch._tensor._rebuild_from_type_v2", name("torch._utils._rebuild_parameter"), name("builtins.set"), b")", b"N"
    ),
    "a new set of a function": name("os.system") + b")\x81",
    "a new tensor": name("torch.Tensor") + b")\x81",
    "a new parameter of text": name("torch.nn.parameter.Parameter") + items(text("x")) + b"\x81",
    "a new object with names": name("torch.Tensor") + b")}\x92",
    "INST": b"(" + text(COMMAND) + b"ios\nsystem\n",
    "OBJ": b"(" + name("os.system") + text(COMMAND) + b"o",
    "EXT1": b"\x82\x01",
    "EXT2": b"\x83\x01\x00",
    "EXT4": b"\x84\x01\x00\x00\x00",
    "BUILD on a class": name("torch.Tensor") + b"}" + text("add") + b"K\x01sb",
    "BUILD with __setstate__": (
        call("collections.OrderedDict") + b"}" + text("__setstate__") + name("builtins.set") + b"sb"
    ),
    "BUILD on a function": name("torch._utils._rebuild_tensor_v2") + b"}" + text("__code__") + b"Nsb",
    "BUILD of a tensor's memory": tensor(1, 0, (1,), (1,)) + b"}" + text("_array") + b"K\x01sb",
    "BUILD of a tensor's class": tensor(1, 0, (1,), (1,)) + b"N}" + text("_kind") + b"K\x01s\x86b",
    "BUILD of a set": b"\x8f}" + text("x") + b"K\x01sb",
    "BUILD with no dict": call("collections.OrderedDict") + b"K\x05b",
    "PERSID": b"Pstorage\n",
    "a persistent integer": b"K\x07Q",
    "a persistent module": items(text("module"), name("os.system"), text("x"), text("y")) + b"Q",
    "a persistent tuple of nothing": b")Q",
    "a storage of a function": items(text("storage"), name("torch.device"), text("0"), text("cpu"), b"K\x01") + b"Q",
    "a storage without number": items(text("storage"), name("torch.FloatStorage"), text("0"), text("cpu"), b"N") + b"Q",
    "a storage of minus one": storage(-1),
    "a storage of too many": storage(2**50),
    "a storage elsewhere": storage(4, key="../../etc/passwd"),
    "a storage whose key is a tuple": items(
        text("storage"), name("torch.FloatStorage"), doubled(60), text("cpu"), b"K\x01"
    ) + b"Q",
    "a location that is a tuple": items(
        text("storage"), name("torch.FloatStorage"), text("0"), doubled(60), b"K\x04"
    ) + b"Q",
    "an unknown location": storage(4, location="moon"),
    "beyond the storage": tensor(4, 0, (5,), (1,)),
    "an offset beyond": tensor(4, 2**62, (1,), (1,)),
    "a negative offset": tensor(4, -3, (2,), (1,)),
    "a negative stride": tensor(4, 3, (2,), (-1,)),
    "strides that overflow": tensor(4, 0, (2, 2), (2**63, 2**63)),
    "sizes that overflow": tensor(4, 0, (2**32, 2**32), (1, 1)),
    "a size of 2**200": tensor(4, 0, (2**200,), (1,)),
    "more strides than sizes": tensor(4, 0, (2,), (1, 1)),
    "a hundred dimensions": tensor(4, 0, (1,) * 100, (1,) * 100),
    "a size that is text": tensor(4, 0, text("ab"), (1,)),
    "a size that is a float": tensor(4, 0, b"(G\x3f\xf0\x00\x00\x00\x00\x00\x00t", (1,)),
    "a size that is doubled": tensor(4, 0, items(number(-1), doubled(60)), (1, 1)),
    "a conjugate of an expanded tensor": tensor(
        2, 0, (2**36,), (0,), kind="ComplexFloatStorage", more=(b"}" + text("conj") + b"\x88s",)
    ),
    "a copy of an expanded tensor": call(
        "torch._utils._rebuild_device_tensor_from_cpu_tensor", EXPANDED, name("torch.float64"), text("cpu"), b"\x89"
    ),
    "a copy of an overlapping tensor": call(
        "torch._utils._rebuild_device_tensor_from_cpu_tensor", OVERLAPPING, name("torch.float32"), text("cpu"), b"\x89"
    ),
    "sparse indices without end": call(
        "torch._utils._rebuild_sparse_tensor", call("torch.serialization._get_layout", text("torch.sparse_coo")),
        items(tensor(2, 0, (1, 2**36), (0, 0), kind="LongStorage"), EXPANDED, items(number(2**40))),
    ),
    "sparse indices outside": call(
        "torch._utils._rebuild_sparse_tensor", call("torch.serialization._get_layout", text("torch.sparse_coo")),
        items(tensor(1, 0, (1, 1), (1, 1), kind="LongStorage"), tensor(2, 0, (1,), (1,)), items(number(0))),
    ),
    "a sparse tensor of nothing": call("torch._utils._rebuild_sparse_tensor", doubled(60), b")"),
    "an unknown layout": call("torch.serialization._get_layout", doubled(60)),
    "a parameter of text": call("torch._utils._rebuild_parameter", text("x"), b"\x88", b"}"),
    "a meta tensor of text": call("torch._utils._rebuild_meta_tensor_no_storage", text("x"), text("y"), b")", b"\x89"),
    "a quantised tensor": call("torch._utils._rebuild_qtensor", storage(4), b"K\x00", b")", b")", b")", b"\x89", b"}"),
    "a device of nowhere": call("torch.device", doubled(40)),
    "bytes in another code": call("_codecs.encode", text("x"), text("rot13")),
    "bytes of a tuple": call("_codecs.encode", doubled(60), text("latin1")),
    "a key without end": b"}" + doubled(60) + b"K\x01s",
    "a set of a key without end": b"\x8f(" + doubled(60) + b"\x90",
    "a set of a deep key": call("builtins.set", b"](" + nested(200_000) + b"e"),
    "a deep key": b"}(" + nested(200_000) + b"K\x01u",
    "a counter of what has no end": call("collections.Counter", doubled(60)),
    "pairs without end": call("collections.OrderedDict", b"](" + doubled(60) + b"e"),
    "keys of one hash": b"}(" + b"".join(number(k * (2**61 - 1)) + b"N" for k in range(1, 30_000)) + b"u",
    "a call of what has no end": doubled(60) + b")R",
    "an object of what has no end": doubled(60) + b")\x81",
    "a list in a list in a list": b"]" * 50_000 + b"a" * 49_999,
    "a long text": b"X\xff\xff\xff\xffabc",
    "a longer text": b"\x8d" + b"\xff" * 7 + b"\x0fabc",
    "long bytes": b"\x8e" + b"\xff" * 7 + b"\x0fabc",
    "a long bytearray that is not there": b"\x96" + b"\xff" * 7 + b"\x0fabc",
    "a long frame": b"\x95" + b"\xff" * 7 + b"\x0fabc",
    "a long integer": b"\x8b\xff\xff\xff\x7fabc",
    "an integer of many digits": b"L" + b"9" * 100_000 + b"L\n",
    "a memo that is far away": b"Nr\xff\xff\xff\xff" + b"j\xff\xff\xff\x7f",
    "a memo written over": b"]q\x000}q\x000h\x00K\x01a",
    "marks without end": b"(" * 100_000,
    "nothing to stop at": b"N" * 1000,
    "no value": b"",
    "a protocol to come": b"\x80\x63N",
    "unknown instruction": b"\xff",
    "text that is no text": b"X\x02\x00\x00\x00\xc3\x28",
    "a list as a key": b"}]K\x01s",
    "items of a list": b"]K\x01K\x02s",
    "appended to a dict": b"}K\x01a",
    "an odd number of items": b"}(K\x01u",
    "a name of no text": b"K\x01K\x02\x93",
    "attributes of a subclass": call(
        "torch._tensor._rebuild_from_type_v2", name("torch._utils._rebuild_parameter"), name("torch.Tensor"),
        items(tensor(1, 0, (1,), (1,)), b"\x89", b"}"), b"}" + text("_edge") + b"K\x01s",
    ),
}  # fmt: skip


def around(pickled, numbers=b"\0" * 16):
    """An archive as `save` writes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for record, data in (("data.pkl", pickled), ("version", b"3\n"), ("byteorder", b"little"), ("data/0", numbers)):
            target.writestr(f"archive/{record}", data)
    return file.getvalue()


def legacy_around(pickled, keys=("0",), count=4):
    """A file of the older format; storages are described by one part more there."""
    head = b"".join(pickle.dumps(part, 2) for part in (MAGIC_NUMBER, PROTOCOL_VERSION, {"little_endian": True}))
    numbers = struct.pack("<q", count) + bytes(4 * count)
    return head + pickled.replace(b"tQ", b"NtQ") + pickle.dumps(list(keys), 2) + numbers * len(keys)


def hostile_legacy():
    """Files of the older format that contradict themselves."""
    good = tensor(4, 0, (4,), (1,))
    view = good.replace(b"tQ", items(text("v"), number(-2), number(2)) + b"tQ")
    outside = good.replace(b"tQ", items(text("v"), number(3), number(2)) + b"tQ")

    def whole(pickled, **options):
        return legacy_around(b"\x80\x02" + pickled + b".", **options)

    raw = legacy_around(b"")[: -len(pickle.dumps(["0"], 2)) - 24]
    return {
        "a storage without numbers": whole(good, keys=()),
        "numbers of no storage": whole(good, keys=("0", "1")),
        "numbers twice": whole(good, keys=("0", "0")),
        "another length": whole(good, count=2**40 // 2**20),
        "a view before the storage": raw + b"\x80\x02" + view + b"." + pickle.dumps(["0"], 2),
        "a view beyond the storage": raw + b"\x80\x02" + outside + b"." + pickle.dumps(["0"], 2),
        "keys that are none": raw + b"\x80\x02" + good + b"." + pickle.dumps(5, 2),
        "keys without end": raw + b"\x80\x02" + good + b"." + b"\x80\x02](" + doubled(60) + b"e.",
        "many storages as long as the file": whole(
            b"](" + b"".join(tensor(4, 0, (1,), (1,), key=str(k)) for k in range(300)) + b"e"
        ),
        "a version without end": pickle.dumps(MAGIC_NUMBER, 2) + b"\x80\x02" + doubled(60) + b".",
        "plain tensors": pickle.dumps([flambeau.ones(2)], 2),
        "plain numbers": pickle.dumps([1, 2], 2),
    }


# ---- hostile archives ------------------------------------------------------------------------------------------------


def archive(entries, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as target:
        for entry, data in entries:
            target.writestr(entry, data)
    return file.getvalue()


GOOD_PICKLE = b"\x80\x02" + tensor(4, 0, (4,), (1,)) + b"."
RECORDS = [("a/data.pkl", GOOD_PICKLE), ("a/version", b"3\n"), ("a/data/0", struct.pack("<4f", 1, 2, 3, 4))]


def with_field(data, signature, offset, layout, value, which=0):
    """An archive with one field of a header changed."""
    place = -1
    for _ in range(which + 1):
        place = data.index(signature, place + 1)
    changed = bytearray(data)
    struct.pack_into(layout, changed, place + offset, value)
    return bytes(changed)


def overlapping(count, size):
    """Many records in the directory that all are the same bytes of the file."""
    names = [f"a/data/{k}" for k in range(count)]
    data = bytearray(archive([*RECORDS[1:2], ("a/data/0", bytes(size))]))
    pickled = b"\x80\x02](" + b"".join(
        tensor(size // 4, 0, (1,), (1,), key=str(k)) for k in range(count)
    ) + b"e."  # fmt: skip
    data = archive([("a/data.pkl", pickled), RECORDS[1], ("a/data/0", bytes(size))])
    end = data.rindex(b"PK\5\6")
    start = struct.unpack_from("<I", data, end + 16)[0]
    last = data.rindex(b"PK\1\2", 0, end)
    entry = data[last:end]
    more = b"".join(
        entry[:28] + struct.pack("<H", len(n)) + entry[30:46] + n.encode() for n in names[1:]
    )  # fmt: skip
    directory = data[start:end] + more
    total = count + 2
    return data[:start] + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, total, total, len(directory), start, 0)


def hostile_archives():
    good = archive(RECORDS)
    with_text = [("a/data.pkl", b"\x80\x02" + text("x" * 5_000_000) + b"."), RECORDS[1]]
    zeros = b"\x80\x02" + tensor(25_000_000, 0, (1,), (1,)) + b"."
    squeezed = [("a/data.pkl", zeros), RECORDS[1], ("a/data/0", bytes(100_000_000))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twice = archive([*RECORDS, ("a/data/0", struct.pack("<4f", 9, 9, 9, 9))])
    return {
        "a bomb of a pickle": archive([("a/data.pkl", b"\x80\x02" + b"N" * 100_000_000 + b"."), RECORDS[1]], 8),
        "a bomb of zeros": archive(squeezed, zipfile.ZIP_DEFLATED),
        "a bomb in bzip2": archive(squeezed, zipfile.ZIP_BZIP2),
        "a bomb in lzma": archive(with_text, zipfile.ZIP_LZMA),
        "a bomb that says it is small": with_field(
            archive([("a/data.pkl", b"N" * 50_000_000), *RECORDS[1:]], 8), b"PK\1\2", 24, "<I", 100
        ),
        "two records of one name": twice,
        "records of two folders": archive([*RECORDS, ("b/data/0", b"other"), ("b/../a/data/0", b"x")]),
        "a path that leads out": archive([*RECORDS[1:], ("a/data.pkl", GOOD_PICKLE), ("a/../../x", b"x")]),
        "an absolute path": archive([("/data.pkl", GOOD_PICKLE), ("/version", b"3\n"), ("/data/0", RECORDS[2][1])]),
        "no folder": archive([(entry[2:], data) for entry, data in RECORDS]),
        "records on top of each other": overlapping(2_000, 100_000),
        "encrypted": with_field(with_field(good, b"PK\1\2", 8, "<H", 1), b"PK\3\4", 6, "<H", 1),
        "an unknown compression": with_field(good, b"PK\1\2", 10, "<H", 77),
        "stored that says it is deflated": with_field(good, b"PK\1\2", 10, "<H", 8, which=2),
        "a size of 4 GB": with_field(good, b"PK\1\2", 24, "<I", 2**32 - 2),
        "both sizes 4 GB": with_field(with_field(good, b"PK\1\2", 24, "<I", 2**31), b"PK\1\2", 20, "<I", 2**31),
        "an offset of 4 GB": with_field(good, b"PK\1\2", 42, "<I", 2**32 - 2),
        "a header inside a record": with_field(good, b"PK\1\2", 42, "<I", 60, which=2),
        "another header": with_field(good, b"PK\1\2", 42, "<I", 0, which=2),
        "a wrong length of extra data": with_field(good, b"PK\3\4", 28, "<H", 3, which=2),
        "a directory of 4 GB": with_field(good, b"PK\5\6", 12, "<I", 2**32 - 2),
        "a directory elsewhere": with_field(good, b"PK\5\6", 16, "<I", 7),
        "many records that are not there": with_field(good, b"PK\5\6", 10, "<H", 60_000),
        "several disks": with_field(good, b"PK\5\6", 4, "<H", 3),
        "no version": archive([RECORDS[0], RECORDS[2]]),
        "a version to come": archive([RECORDS[0], ("a/version", b"11\n"), RECORDS[2]]),
        "a version that is none": archive([RECORDS[0], ("a/version", b"new"), RECORDS[2]]),
        "a long version": archive([RECORDS[0], ("a/version", b"3" * 10_000), RECORDS[2]]),
        "an unknown byte order": archive([*RECORDS, ("a/byteorder", b"middle")]),
        "a program": archive([*RECORDS, ("a/constants.pkl", b"\x80\x02).")]),
        "nothing in it": archive([]),
    }
