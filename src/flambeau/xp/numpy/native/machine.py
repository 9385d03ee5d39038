"""Native code on this machine: compiled once by LLVM (llvmlite), kept on disk, called through ctypes.

A call of ctypes gives up the interpreter's lock, so threads run kernels truly side by side.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import struct
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from . import tiles
from .language import ENTRY_NAME, functions_of, outlined, parameters, symbol, translate

__all__ = ["BY_BLAS", "HAS_PRODUCTS", "Kernel", "address_of", "build", "functions_of"]

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()

_CPU = llvm.get_host_cpu_name()
# the widest vectors: LLVM avoids those of 512 bits, which once slowed the clock down; here they save a third
_FEATURES = llvm.get_host_cpu_features().flatten() + (",-prefer-256-bit" if platform.machine() == "x86_64" else "")
_ENTRY = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_char_p)


def _blas() -> bool:
    """Make NumPy's matrix products known to the linker; False where its BLAS is none that we know."""
    try:
        library = ctypes.CDLL(np._core._multiarray_umath.__file__)
        for name in ("sgemm", "dgemm"):
            address = ctypes.cast(getattr(library, f"scipy_cblas_{name}64_"), ctypes.c_void_p).value
            llvm.add_symbol(f"cblas_{name}", address)
    except (AttributeError, OSError):
        return False
    return True


# on processors whose vectors the tiles are not made for
BY_BLAS = not tiles.known()
HAS_PRODUCTS = not BY_BLAS or _blas()


def _target() -> Any:
    # each engine takes a target machine over
    return llvm.Target.from_default_triple().create_target_machine(cpu=_CPU, features=_FEATURES, opt=3)


def _object_code(text: str) -> bytes:
    module = llvm.parse_assembly(text)
    module.verify()
    target = _target()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    return target.emit_object(module)


def _folder() -> str | None:
    """Where code is kept: a folder that nobody else may write to. None where there is no such place."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.path.join(root, "flambeau", "native")
    if not os.path.isabs(folder):
        return None
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        status = os.stat(folder)
    except OSError:
        return None
    foreign = hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022)
    return None if foreign else folder


def _kept(key: str, make: Callable[[], bytes]) -> bytes:
    """The bytes that were kept under a key, made and kept now if there are none. Never fails for want of a disk."""
    folder = _folder()
    if folder is None:
        return make()
    path = os.path.join(folder, key)
    try:
        with open(path, "rb") as file:
            digest, code = file.read(32), file.read()
        if hashlib.sha256(code).digest() == digest:
            return code
    except OSError:
        pass
    code = make()
    try:
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(code).digest() + code)
        os.replace(name, path)
    except OSError:
        pass
    return code


class Kernel:
    """Native code: its address, as a function of begin, end, part and packed arguments, and what packs these."""

    __slots__ = ("address", "call", "pack")

    def __init__(self, address: int, pack: Callable[..., bytes]) -> None:
        self.address, self.call, self.pack = address, _ENTRY(address), pack


def build(name: str, functions: dict[str, Any], source: str, single: bool) -> Kernel:
    """The native code of a kernel, for float32 (`single`) or float64."""
    for other in outlined(name, functions) if not BY_BLAS else ():
        address = _address(symbol(other, single), other, functions, source, single)
        llvm.add_symbol(symbol(other, single), address)
    letters = {"Real": "f4x" if single else "d"}
    layout = "".join(letters.get(kind, "q") for kind in parameters(functions[name])[3:])
    return Kernel(_address(ENTRY_NAME, name, functions, source, single), struct.Struct("=" + layout).pack)


# (name, source, single) -> where the native code begins
_addresses: dict[tuple[str, str, bool], int] = {}


def _address(entry: str, name: str, functions: dict[str, Any], source: str, single: bool) -> int:
    known = _addresses.get((name, source, single))
    if known is not None:
        return known
    parts = (source, name, str(single), sys.platform, _CPU, _FEATURES, llvmlite.__version__)
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    code = _kept(key, lambda: _object_code(translate(name, functions, single)))
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    # for ever: a thread may still be running its code when the interpreter ends
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(engine))
    address = _addresses[name, source, single] = engine.get_function_address(entry)
    return address


pointer_at = ctypes.c_void_p.from_address


def address_of(given: bytes) -> int:
    """Where the bytes lie."""
    return ctypes.cast(given, ctypes.c_void_p).value or 0
