"""`flambeau inspect`: what a file of `torch.save` or of safetensors holds, without loading or running any of it.

The pickle in a file is followed instruction by instruction with stand-ins: a name that it wants to import becomes a
`Name`, a call of it a `Made`. So everything can be listed, the names that a hostile file would run included.
"""

from __future__ import annotations

import io
import json
import math
import os
import pickle
import reprlib
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from .serialize.archive import Reader, looks_like_zip
from .serialize.legacy import MAGIC_NUMBER
from .serialize.names import SAFE, STORAGE_TYPES
from .serialize.safe import HASH_MODULUS, USER, Bounded

WIDTHS = {"F64": 8, "I64": 8, "U64": 8, "C64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}
MOST_LINES = 10_000  # values that are listed
MOST_DIMS = 64
LONGEST_NAME = 500
DEEPEST = 40  # levels of nesting that are shown
LONGEST_HEADER = 100_000_000  # bytes; safetensors' own limit


class Unreadable(Exception):
    """The file is none of those that are known, or damaged; the sentence to show."""


# ---- stand-ins -------------------------------------------------------------------------------------------------------


class Name:
    """A class or function that the file names."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, *args: Any) -> Made:
        return Made(self, args)


class Made:
    """What a call would give."""

    def __init__(self, maker: Any, args: tuple) -> None:
        self.maker = maker.path if isinstance(maker, Name) else f"a value ({type(maker).__name__})"
        self.args = args
        self.items: dict[Any, Any] = {}
        self.elements: list[Any] = []
        self.state: Any = None

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items[plain_key(key)] = value

    def append(self, value: Any) -> None:
        self.elements.append(value)

    def extend(self, values: Any) -> None:
        self.elements.extend(values)

    add = append


class Storage:
    """The bytes of tensors, which lie elsewhere in the file."""

    def __init__(self, kind: Any, key: Any, count: Any) -> None:
        self.kind = kind.path if isinstance(kind, Name) else str(kind)
        self.key = key
        self.count = count


# Python's unpickler in Python, whose instructions can be replaced one by one
_Unpickler: Any = pickle._Unpickler  # type: ignore[attr-defined]


class Follower(_Unpickler):
    """An unpickler that imports and calls nothing."""

    dispatch = dict(_Unpickler.dispatch)

    def __init__(self, file: Any) -> None:
        super().__init__(file, fix_imports=False, encoding="latin1")
        self.names: dict[str, None] = {}
        self.storages: dict[Any, Storage] = {}

    def load(self) -> Any:
        try:
            return super().load()
        except KeyError as error:
            raise Unreadable(f"its pickle is damaged (no instruction or no value has the number {error})") from None

    def find_class(self, module: str, name: str) -> Name:
        path = f"{module}.{name}"
        self.names[path] = None
        return Name(path)

    def persistent_load(self, pid: Any) -> Any:
        if isinstance(pid, tuple) and len(pid) >= 5 and pid[0] == "storage":
            return self.storages.setdefault(plain_key(pid[2]), Storage(pid[1], pid[2], pid[4]))
        return pid[1] if isinstance(pid, tuple) and len(pid) > 1 else pid

    def get_extension(self, code: int) -> None:
        path = f"copyreg extension {code}"
        self.names[path] = None
        self.append(Name(path))

    def _instantiate(self, cls: Any, args: Any) -> None:
        self.append(Made(cls, tuple(args)))

    def load_reduce(self) -> None:
        args = self.stack.pop()
        self.stack[-1] = Made(self.stack[-1], args if isinstance(args, tuple) else (args,))

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_reduce

    def load_newobj_ex(self) -> None:
        named, args, cls = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self.append(Made(cls, (*args, *named.values())))

    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex

    def load_build(self) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Made):
            self.stack[-1].state = state

    dispatch[pickle.BUILD[0]] = load_build

    def load_additems(self) -> None:
        for item in self.pop_mark():
            if isinstance(self.stack[-1], Made):
                self.stack[-1].append(item)

    dispatch[pickle.ADDITEMS[0]] = load_additems

    def load_empty_set(self) -> None:
        # nothing is hashed: that can take for ever
        self.append(Made(Name("builtins.set"), ()))

    dispatch[pickle.EMPTY_SET[0]] = load_empty_set

    def load_frozenset(self) -> None:
        self.append(Made(Name("builtins.frozenset"), tuple(self.pop_mark())))

    dispatch[pickle.FROZENSET[0]] = load_frozenset

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set(self.stack[-1], [key, value])

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self) -> None:
        items = self.pop_mark()
        self._set(self.stack[-1], items)

    dispatch[pickle.SETITEMS[0]] = load_setitems

    def load_dict(self) -> None:
        made: dict[Any, Any] = {}
        self._set(made, self.pop_mark())
        self.append(made)

    dispatch[pickle.DICT[0]] = load_dict

    @staticmethod
    def _set(target: Any, items: list[Any]) -> None:
        if isinstance(target, (dict, Made)):
            for key, value in zip(items[::2], items[1::2], strict=True):
                target[plain_key(key)] = value

    def load_bytearray8(self) -> None:
        # not made before there are bytes for it
        (length,) = struct.unpack("<Q", self.read(8))
        self.append(bytearray(self.read(length)))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8


def plain_key(key: Any) -> Any:
    """A key that is hashed at once, whatever the file holds."""
    is_small = type(key) is int and abs(key) < HASH_MODULUS
    return key if is_small or type(key) in (str, bytes, bool, type(None)) else brief(key)


class Brief(reprlib.Repr):
    """Values in a few words, at whatever depth they go on."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = 60
        self.maxlong = 40

    def repr_int(self, x: int, level: int) -> str:
        return repr(x) if x.bit_length() < 1000 else f"an integer of {x.bit_length()} bits"

    def repr_instance(self, x: Any, level: int) -> str:
        return f"<{x.path}>" if isinstance(x, Name) else f"<{type(x).__name__}>"


brief = Brief().repr


# ---- what there is ---------------------------------------------------------------------------------------------------


_UNKNOWN = (
    "it is no file of tensors; those that can be read are files of torch.save (zip archives, and the format before "
    "them) and files named .safetensors"
)


def report(path: str) -> tuple[list[str], bool]:
    """(lines about a file, whether it names something that `load` refuses). Raises Unreadable and OSError."""
    lines, refused = _report(path)
    # names in a hostile file may hold what a terminal would obey
    return ["".join([c if c.isprintable() else repr(c)[1:-1] for c in line]) for line in lines], refused


def _report(path: str) -> tuple[list[str], bool]:
    with open(path, "rb") as file:
        if os.fspath(path).endswith(".safetensors"):
            try:
                return list(safetensors_lines(file)), False
            except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
                what = f"{type(error).__name__}: {str(error)[:200]}"
                raise Unreadable(f"its header is damaged ({what})") from None
        try:
            return _saved_report(file)
        except Unreadable:
            raise
        except RecursionError:
            raise Unreadable("its values are nested too deeply") from None
        except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
            raise Unreadable((str(error) or "it ends too early").splitlines()[0]) from None
        except Exception as error:
            raise Unreadable(f"its pickle is damaged ({type(error).__name__}: {str(error)[:200]})") from None


def _saved_report(file: BinaryIO) -> tuple[list[str], bool]:
    """A file of `torch.save`, of either format."""
    if looks_like_zip(file):
        reader = Reader(file)
        if reader.has("constants.pkl"):
            kind = "a TorchScript program, which Flambeau does not run"
            return [f"{kind}: {len(reader.records)} records, {size(_length(file))}"], True
        follower = Follower(io.BytesIO(reader.read("data.pkl")))
        found = follower.load()
        order = reader.read("byteorder").decode("latin1") if reader.has("byteorder") else "unknown"
        lines = [f"torch.save, zip archive, {size(_length(file))}, byte order {order}"]
        for key in follower.storages:
            if not reader.has(f"data/{key}"):
                lines.append(f"DAMAGED: the record data/{key} of a storage is missing")
    else:
        pickled = file.read(1) == pickle.PROTO
        file.seek(0)
        follower = Follower(Bounded(file))
        # the parts before the object: a magic number, a version, a description of the machine
        try:
            known = follower.load() == MAGIC_NUMBER
        except Exception:
            if pickled:
                raise
            known = False
        if not known:
            raise Unreadable(_UNKNOWN)
        follower.load(), follower.load()
        found = follower.load()
        lines = [f"torch.save, the format before zip archives, {size(_length(file))}"]
    lines += entries(found)
    lines += globals_lines(follower.names)
    return lines, any(not is_safe(name) for name in follower.names)


def _length(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def is_safe(name: str) -> bool:
    return name in SAFE or name in USER


def globals_lines(names: dict[str, None]) -> Iterator[str]:
    """The names that loading would import, those first that `weights_only=True` refuses."""
    if not names:
        yield "imports nothing"
        return
    yield f"would import {len(names)} name{'s' if len(names) > 1 else ''}:"
    for name in sorted(names, key=lambda n: (is_safe(n), n)):
        yield f"  {name}" if is_safe(name) else f"  {name}   NOT on the allow-list: load refuses it"


# dtype, shape, bytes
Facts = tuple[str, list, int]


def tensor_facts(made: Any) -> Facts | None:
    """The dtype, shape and bytes of what would be a tensor."""
    if not isinstance(made, Made):
        return None
    what = made.maker.rpartition(".")[2]
    if made.maker in ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"):
        return tensor_facts(made.args[0])
    if made.maker.startswith("torch._tensor._rebuild_from_type") and len(made.args) > 2:
        return tensor_facts(Made(made.args[0], made.args[2]))
    if not (made.maker.startswith("torch._utils.") and what.startswith("_rebuild_tensor")) or len(made.args) < 3:
        return None
    storage, shape = made.args[0], made.args[2]
    kind = storage.kind.rpartition(".")[2] if isinstance(storage, Storage) else "?"
    dtype = next((d for d, stored in STORAGE_TYPES.items() if stored.name == kind), None)
    if what == "_rebuild_tensor_v3" and isinstance(made.args[6], Name):
        dtype = SAFE.get(made.args[6].path)
    sizes = list(getattr(shape, "args", shape))
    sizes = list(sizes[0]) if sizes and isinstance(sizes[0], (tuple, list)) else sizes
    if len(sizes) > MOST_DIMS or any(type(n) is not int or n < 0 for n in sizes):
        raise Unreadable("a tensor in it has an impossible shape")
    width = 0 if dtype is None else dtype.itemsize
    return (kind if dtype is None else dtype.name), sizes, math.prod(sizes) * width


def entries(found: Any) -> Iterator[str]:
    """One line for each tensor and value, under its path, and their sum."""
    rows: list[tuple[str, Any]] = []
    _collect(found, "", rows, 0, set())
    facts = [(path, tensor_facts(value), value) for path, value in rows]
    names = min(100, max([len(path) for path, _, _ in facts], default=0))
    tensors = [fact for _, fact, _ in facts if fact is not None]
    dtypes = max([len(dtype) for dtype, _, _ in tensors], default=0)
    if len(rows) >= MOST_LINES:
        yield f"  (only the first {MOST_LINES} values)"
    for path, fact, value in facts:
        if fact is None:
            yield f"  {path:<{names}}  {shown(value)}"
        else:
            dtype, shape, count = fact
            yield f"  {path:<{names}}  {dtype:<{dtypes}}  {tuple(shape)}  {size(count)}"
    elements = sum(math.prod(shape) for _, shape, _ in tensors)
    yield f"{len(tensors)} tensors, {elements} elements, {size(sum(count for _, _, count in tensors))}"


def _collect(value: Any, path: str, rows: list, depth: int, inside: set[int]) -> None:
    """Add (path, value) of everything in a value that holds nothing itself."""
    parts: list[tuple[Any, Any]] = []
    if tensor_facts(value) is None and id(value) not in inside and depth < DEEPEST:
        if isinstance(value, dict):
            parts = list(value.items())
        elif isinstance(value, (list, tuple)):
            parts = list(enumerate(value))
        elif isinstance(value, Made):
            state = value.state if isinstance(value.state, dict) else {}
            parts = [*value.items.items(), *enumerate(value.elements), *state.items()]
    if not parts:
        rows.append((path or "(itself)", value))
        return
    for key, part in parts:
        if len(rows) >= MOST_LINES:
            return
        name = key if type(key) is str and len(key) < LONGEST_NAME else brief(key)
        _collect(part, f"{path}.{name}" if path else name, rows, depth + 1, inside | {id(value)})


def shown(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, Made) and value.maker == "collections.OrderedDict":
        return "OrderedDict {}"
    if isinstance(value, Made):
        return f"would call {value.maker}({len(value.args)} arguments)"
    if isinstance(value, Name):
        return f"the name {value.path}"
    if isinstance(value, Storage):
        return f"a storage of {brief(value.count)} elements"
    text = brief(value)
    return f"{type(value).__name__} {text if len(text) < 60 else text[:57] + '...'}"


def safetensors_lines(file: BinaryIO) -> Iterator[str]:
    """A file of safetensors: the length of the header in 8 bytes, the header as JSON, the bytes of the tensors."""
    total = _length(file)
    head = file.read(8)
    length = int.from_bytes(head, "little")
    if len(head) < 8 or length > min(total - 8, LONGEST_HEADER):
        raise Unreadable("it is no safetensors file: the length of its header is impossible")
    try:
        header = json.loads(file.read(length).decode("utf-8"))
        metadata = header.pop("__metadata__", {})
        tensors = [(name, info["dtype"], info["shape"], info["data_offsets"]) for name, info in header.items()]
        damaged = [name for name, dtype, shape, span in tensors if not _fits(dtype, shape, span, total - 8 - length)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unreadable(f"its header is damaged ({type(error).__name__}: {error})") from None
    yield f"safetensors, {size(total)}"
    for key, value in metadata.items():
        yield f"  metadata {key}: {value}"
    names = max([len(name) for name, *_ in tensors], default=0)
    for name, dtype, shape, (begin, end) in tensors:
        note = "   DAMAGED: its bytes do not fit its shape or the file" if name in damaged else ""
        yield f"  {name:<{names}}  {dtype:<4}  {tuple(shape)}  {size(end - begin)}{note}"
    elements = sum(math.prod(shape) for _, _, shape, _ in tensors)
    yield f"{len(tensors)} tensors, {elements} elements, {size(sum(end - begin for *_, (begin, end) in tensors))}"
    yield "imports nothing"


def _fits(dtype: str, shape: list, span: list, room: int) -> bool:
    begin, end = span
    return 0 <= begin <= end <= room and end - begin == math.prod(shape) * WIDTHS.get(dtype, 1)


def size(count: int) -> str:
    """A number of bytes in the unit that suits it."""
    amount = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{count} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
