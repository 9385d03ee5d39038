"""The zip archives that files are: named records, each of whose bytes begin at a multiple of 64."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from typing import Any

from ..xp import numpy as xnp

ALIGNMENT = 64
# the fixed part of a record's header
_HEADER = struct.Struct("<4s5H3L2H")
_DAMAGED = (
    "This is an internal miniz error. If you are seeing this error, there is a high likelihood that your checkpoint "
    "file is corrupted. This can happen if the checkpoint was not saved properly, was transferred incorrectly, or the "
    "file was modified after saving."
)


class Writer:
    """Writes records, uncompressed, under one folder name."""

    def __init__(self, file: Any, folder: str) -> None:
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.folder = folder

    def write(self, name: str, data: Any) -> None:
        """Write one record: bytes, or an array of bytes."""
        size = len(data)
        info = zipfile.ZipInfo(f"{self.folder}/{name}", (1980, 1, 1, 0, 0, 0))
        info.file_size = size
        big = size >= 2**31
        start = self.zip.fp.tell() + _HEADER.size + len(info.filename.encode()) + 4 + (20 if big else 0)  # type: ignore[union-attr]
        info.extra = struct.pack("<2sH", b"FB", -start % ALIGNMENT) + b"Z" * (-start % ALIGNMENT)
        with self.zip.open(info, "w", force_zip64=big) as record:
            record.write(memoryview(data) if not isinstance(data, bytes) else data)

    def close(self) -> None:
        self.zip.close()


class Reader:
    """Reads records of an archive that may be damaged."""

    def __init__(self, file: Any) -> None:
        self.file = file
        try:
            self.zip = zipfile.ZipFile(file)
            # the same header that `_location` reads again, so that what is not a zip file is said to be none
            self.records = {info.filename.partition("/")[2]: info for info in self.zip.infolist()}
        except (
            zipfile.BadZipFile,
            struct.error,
            ValueError,
            OSError,
            NotImplementedError,
            UnicodeDecodeError,
        ) as error:
            raise RuntimeError(
                "PytorchStreamReader failed reading zip archive: failed finding central directory. " + _DAMAGED
                + f"\n  {error}."
            ) from None  # fmt: skip
        if "version" not in self.records and ".data/version" not in self.records:
            raise RuntimeError(
                'Expected hasRecord("version") to be true, but got false.\n'
                "  It is a zip file, but nothing that torch.save wrote."
            )

    def has(self, name: str) -> bool:
        return name in self.records

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = self.records.get(name)
        if info is None:
            raise RuntimeError(f"PytorchStreamReader failed locating file {name}: file not found. {_DAMAGED}")
        return info

    def location(self, name: str) -> tuple[int, int]:
        """Where the bytes of an uncompressed record begin in the file, and how many they are."""
        info = self._info(name)
        self.file.seek(info.header_offset)
        header = self.file.read(_HEADER.size)
        if len(header) != _HEADER.size or header[:4] != b"PK\3\4":
            raise RuntimeError(f"PytorchStreamReader failed reading file {name}: invalid header. {_DAMAGED}")
        fields = _HEADER.unpack(header)
        return info.header_offset + _HEADER.size + fields[-2] + fields[-1], info.file_size

    def read(self, name: str) -> bytes:
        """The bytes of a small record."""
        info = self._info(name)
        try:
            return self.zip.read(info)
        except (zipfile.BadZipFile, EOFError, OSError, zlib.error, struct.error) as error:
            raise RuntimeError(f"PytorchStreamReader failed reading file {name}: {error}. {_DAMAGED}") from None

    def read_array(self, name: str, size: int, check: bool) -> Any:
        """The bytes of a record as a new array, in which they may be changed. `check`: compare the checksum too."""
        info = self._info(name)
        if info.file_size != size:
            raise RuntimeError(
                f"record size ({info.file_size} bytes) does not match expected size ({size} bytes = {size} elements * "
                "1 bytes/element) for dtype Byte\n  The record of a storage is not as long as its tensors need."
            )
        if info.compress_type != zipfile.ZIP_STORED:
            return xnp.np.frombuffer(bytearray(self.read(name)), dtype=xnp.np.uint8)
        start, _ = self.location(name)
        array = xnp.empty(size, dtype=xnp.np.uint8)
        self.file.seek(start)
        if _read_into(self.file, array) != size:
            raise RuntimeError(f"PytorchStreamReader failed reading file {name}: unexpected end of file. {_DAMAGED}")
        if check and zlib.crc32(array) != info.CRC:
            raise RuntimeError(f"PytorchStreamReader failed reading file {name}: its checksum is wrong. {_DAMAGED}")
        return array


def _read_into(file: Any, array: Any) -> int:
    """Fill an array of bytes from a file; how many there were."""
    view = memoryview(array)
    done = 0
    while done < len(view):
        if hasattr(file, "readinto"):
            n = file.readinto(view[done:])
        else:
            piece = file.read(len(view) - done)
            n = len(piece)
            view[done : done + n] = piece
        if not n:
            break
        done += n
    return done


def looks_like_zip(file: Any) -> bool:
    """Whether the next bytes of a file begin a zip archive. The file stays where it is."""
    start = file.tell()
    first = file.read(4)
    file.seek(start)
    return first == b"PK\3\4"


def remove_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
