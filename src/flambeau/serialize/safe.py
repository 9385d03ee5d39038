"""Reading a pickle that may be hostile: only plain data, and calls of what is on a list.

Python's own unpickler, with its table of instructions cut down to those that PyTorch's files use, and with every call
and every change of an object checked first.
"""

from __future__ import annotations

import io
import pickle
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from ..tensor.tensor import Parameter, Tensor
from . import rebuild
from .names import SAFE, lookup, written_name

# instructions that make plain data, call what is named, and use the memo
ALLOWED = (
    "PROTO STOP MARK NONE NEWFALSE NEWTRUE BININT BININT1 BININT2 LONG1 BINFLOAT BINUNICODE SHORT_BINSTRING "
    "EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST APPEND APPENDS EMPTY_DICT SETITEM SETITEMS EMPTY_SET "
    "BINPUT LONG_BINPUT BINGET LONG_BINGET BINPERSID GLOBAL REDUCE NEWOBJ BUILD "
    # protocols 4 and 5
    "SHORT_BINUNICODE BINUNICODE8 SHORT_BINBYTES BINBYTES MEMOIZE FRAME STACK_GLOBAL ADDITEMS"
).split()
# modules of which nothing is loaded, whatever the user allows
BLOCKED = ("sys", "os", "posix", "nt")

# full name -> object that the user allows
USER: dict[str, Any] = {}


def add_safe_globals(safe_globals: Iterable[Any]) -> None:
    """Allow classes and functions in files that are loaded with `weights_only=True`.

    An item is the class or function, or a pair of it and the full name that files give it.
    """
    USER.update(_named(safe_globals))


def get_safe_globals() -> list[Any]:
    """What `add_safe_globals` allowed."""
    return list({id(thing): thing for thing in USER.values()}.values())


def clear_safe_globals() -> None:
    """Forget what `add_safe_globals` allowed."""
    USER.clear()


class safe_globals:
    """A block in which classes and functions are allowed, as with `add_safe_globals`."""

    def __init__(self, safe_globals: Iterable[Any]) -> None:
        self.named = _named(safe_globals)

    def __enter__(self) -> None:
        self.before = dict(USER)
        USER.update(self.named)

    def __exit__(self, *error: object) -> None:
        USER.clear()
        USER.update(self.before)


def _named(things: Iterable[Any]) -> dict[str, Any]:
    """Each thing under the names that files may give it: its own, and PyTorch's."""
    found = {}
    for item in things:
        if isinstance(item, tuple):
            if len(item) != 2 or not isinstance(item[1], str):
                raise ValueError(f"Expected tuple of (global, str of callable full path) but got: {item}")
            found[item[1]] = item[0]
            continue
        found[f"{item.__module__}.{item.__qualname__}"] = item
        theirs = written_name(item)
        if theirs is not None:
            found[f"{theirs.module}.{theirs.name}"] = item
    return found


# Python's unpickler in Python, whose instructions can be replaced one by one
_Unpickler: Any = pickle._Unpickler  # type: ignore[attr-defined]

# what may be called; the other names stand for data
CALLED = {
    id(thing)
    for thing in SAFE.values()
    if callable(thing) and not (isinstance(thing, type) and issubclass(thing, Tensor))
}
# plain classes of which objects may be made without a call
PLAIN = (OrderedDict, Counter, set)
MOST_KEY_PARTS = 1000
MOST_EQUAL_HASHES = 10_000
# integers below this are their own hashes
HASH_MODULUS = 2**61 - 1


class Bounded:
    """The rest of a file, of which nobody can ask for more than there is: no memory is taken for what is missing."""

    def __init__(self, file: Any) -> None:
        self.file = file
        here = file.tell()
        self.left = file.seek(0, 2) - here
        file.seek(here)

    def read(self, count: int) -> bytes:
        data = self.file.read(min(count, self.left))
        self.left -= len(data)
        return data

    def readline(self) -> bytes:
        data = self.file.readline()
        self.left -= len(data)
        return data


class SafeUnpickler(_Unpickler):
    """Raises UnpicklingError for anything that is not on the lists."""

    dispatch = {code: _Unpickler.dispatch[code] for code in (getattr(pickle, name)[0] for name in ALLOWED)}

    def __init__(self, file: Any, persistent_load: Callable, encoding: str = "utf-8") -> None:
        # text of Python 2 stays bytes, as PyTorch leaves it
        bounded = file if type(file) is io.BytesIO else Bounded(file)
        super().__init__(bounded, fix_imports=False, encoding="bytes" if encoding == "utf-8" else encoding)
        self._load_storage = persistent_load
        # how often each hash was that of a key: a dict with many equal ones would take for ever
        self._hashes: Counter = Counter()
        # an error of functions that the user passed to `load`
        self._outside: Exception | None = None

    def load(self) -> Any:
        try:
            return super().load()
        except (pickle.UnpicklingError, EOFError):
            raise
        except Exception as error:
            if error is self._outside or (isinstance(error, RuntimeError) and not isinstance(error, RecursionError)):
                raise
            code = error.args[0] if isinstance(error, KeyError) and error.args else None
            if isinstance(code, int) and code < 256 and code not in self.dispatch:
                raise pickle.UnpicklingError(f"Unsupported operand {code}") from None
            what = f"{type(error).__name__}: {error}"[:200]
            raise pickle.UnpicklingError(f"the pickle in the file is damaged ({what})") from None

    def persistent_load(self, pid: Any) -> Any:
        if type(pid) is not tuple:
            raise pickle.UnpicklingError(f"persistent_load id must be tuple or int, but got {type(pid)}")
        if not pid or pid[0] not in ("storage", b"storage"):
            got = type(pid[0]) if pid else "nothing"
            raise pickle.UnpicklingError(f"Only persistent_load of storage is allowed, but got {got}")
        try:
            return self._load_storage(pid)
        except Exception as error:
            self._outside = error
            raise

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if module.partition(".")[0] in BLOCKED:
            raise pickle.UnpicklingError(f"Trying to load unsupported GLOBAL {full} whose module {module} is blocked.")
        if full in SAFE:
            return SAFE[full]
        if full in USER:
            return USER[full]
        if full.startswith("torch._utils._rebuild_"):
            raise pickle.UnpicklingError(
                f"{full} makes tensors of a kind that Flambeau does not have (quantised ones, for example); convert "
                "them in PyTorch (`x.dequantize()`), and save them again"
            )
        full = full.removeprefix("builtins.")
        raise pickle.UnpicklingError(
            f"Unsupported global: GLOBAL {full} was not an allowed global by default. Please use "
            f"`torch.serialization.add_safe_globals([{full}])` or the `torch.serialization.safe_globals([{full}])` "
            "context manager to allowlist this global if you trust this class/function."
        )

    def load_reduce(self) -> None:
        arguments = self.stack.pop()
        function = self.stack[-1]
        if type(arguments) is not tuple or not (id(function) in CALLED or _is_users(function)):
            raise pickle.UnpicklingError(f"Trying to call reduce for unrecognized function {_called(function)}")
        if function is bytearray and arguments and not isinstance(arguments[0], (str, bytes, bytearray)):
            raise pickle.UnpicklingError("a bytearray of the file has a length and no bytes")
        if function in PLAIN and arguments:
            self._check_content(function, arguments[0])
        self.stack[-1] = function(*arguments)

    dispatch[pickle.REDUCE[0]] = load_reduce

    def _check_content(self, cls: Any, content: Any) -> None:
        """Check the keys of what a set or dict is made of."""
        if type(content) in (list, tuple):
            for item in content:
                if cls is OrderedDict and type(item) not in (list, tuple):
                    raise pickle.UnpicklingError("an OrderedDict of the file is not made of pairs")
                self._check_key(item[0] if cls is OrderedDict and item else item)
        elif type(content) not in (dict, OrderedDict, Counter, set):
            raise pickle.UnpicklingError(f"a {cls.__name__} of the file is made of {type(content)}")

    def load_newobj(self) -> None:
        arguments = self.stack.pop()
        cls = self.stack.pop()
        if cls is Parameter:
            self.append(Parameter(*arguments))
        elif isinstance(cls, type) and (cls in PLAIN or _is_users(cls)) and type(arguments) is tuple:
            self.append(cls.__new__(cls, *arguments))
        else:
            raise pickle.UnpicklingError(
                "Can only create new object for nn.Parameter or classes allowlisted via `add_safe_globals` but got "
                f"{_called(cls)}"
            )

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_build(self) -> None:
        state = self.stack.pop()
        made = self.stack[-1]
        cls = type(made)
        if cls in (Tensor, Parameter):
            rebuild.set_state(made, state)
        elif cls is OrderedDict:
            made.__dict__.update(state)
        elif _is_users(cls):
            self.stack.append(state)
            super().load_build()
        else:
            raise pickle.UnpicklingError(
                "Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, but got "
                f"{cls}"
            )

    dispatch[pickle.BUILD[0]] = load_build

    def load_setitem(self) -> None:
        self._check_mapping("SETITEM", self.stack[-3])
        self._check_key(self.stack[-2])
        super().load_setitem()

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self) -> None:
        self._check_mapping("SETITEMS", self.metastack[-1][-1])
        for key in self.stack[::2]:
            self._check_key(key)
        super().load_setitems()

    dispatch[pickle.SETITEMS[0]] = load_setitems

    @staticmethod
    def _check_mapping(what: str, target: Any) -> None:
        if type(target) not in (dict, OrderedDict, Counter):
            raise pickle.UnpicklingError(
                f"Can only {what} for dict, collections.OrderedDict, collections.Counter, but got {type(target)}"
            )

    def _check_key(self, key: Any) -> None:
        """Refuse keys that are made to take long: tuples of tuples without end, many with one hash."""
        kind = type(key)
        if kind is str or (kind is int and -HASH_MODULUS < key < HASH_MODULUS) or kind is bytes:
            return
        parts, count = [key], 0
        while parts:
            part = parts.pop()
            count += 1
            if count > MOST_KEY_PARTS:
                raise pickle.UnpicklingError(f"a key of the file has more than {MOST_KEY_PARTS} parts")
            if isinstance(part, tuple):
                parts.extend(part[:MOST_KEY_PARTS])
        number = hash(key)
        self._hashes[number] += 1
        if self._hashes[number] > MOST_EQUAL_HASHES:
            raise pickle.UnpicklingError(f"the file has more than {MOST_EQUAL_HASHES} keys with one hash")

    def load_append(self) -> None:
        self._check_list("append to", self.stack[-2])
        super().load_append()

    dispatch[pickle.APPEND[0]] = load_append

    def load_appends(self) -> None:
        self._check_list("extend", self.metastack[-1][-1])
        super().load_appends()

    dispatch[pickle.APPENDS[0]] = load_appends

    @staticmethod
    def _check_list(what: str, target: Any) -> None:
        if type(target) is not list:
            raise pickle.UnpicklingError(f"Can only {what} lists, but got {type(target)}")

    def load_additems(self) -> None:
        if type(self.metastack[-1][-1]) is not set:
            raise pickle.UnpicklingError(f"Can only add to sets, but got {type(self.metastack[-1][-1])}")
        for item in self.stack:
            self._check_key(item)
        super().load_additems()

    dispatch[pickle.ADDITEMS[0]] = load_additems


def _is_users(thing: Any) -> bool:
    return any(thing is known for known in USER.values())


def _called(thing: Any) -> str:
    """What a file would call. Values are not shown: writing one out may take for ever."""
    return f"{thing}" if callable(thing) and not isinstance(thing, Tensor) else f"a value of {type(thing)}"


class TrustingUnpickler(pickle.Unpickler):
    """Python's unpickler, for files that the user trusts; PyTorch's names mean what they are here."""

    def __init__(self, file: Any, persistent_load: Callable, **options: Any) -> None:
        super().__init__(file, **{"encoding": "utf-8", **options})
        self._load_storage = persistent_load

    def persistent_load(self, pid: Any) -> Any:
        return self._load_storage(pid)

    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" in SAFE or module.partition(".")[0] in ("torch", "torchvision"):
            return lookup(module, name)
        return super().find_class(module, name)


def names_in_pickle(data: bytes) -> list[str]:
    """The full names of the classes and functions that a pickle refers to, each once."""
    # loaded here, because nothing else needs the table of all instructions
    import pickletools

    names: dict[str, None] = {}
    texts: list[str] = []
    for code, argument, _ in pickletools.genops(data):
        if code.name == "GLOBAL":
            names[str(argument).replace(" ", ".")] = None
        elif code.name == "STACK_GLOBAL" and len(texts) > 1:
            names[f"{texts[-2]}.{texts[-1]}"] = None
        elif "UNICODE" in code.name:
            texts.append(str(argument))
    return list(names)
