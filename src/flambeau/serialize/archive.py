"""The zip archives that files are: named records, each of whose bytes begin at a multiple of 64."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import Any

from ..xp import numpy as xnp

ALIGNMENT = 64
# the fixed part of a record's header
_HEADER = struct.Struct("<4s5H3L2H")
_SHORTEST = 22  # bytes of an archive without records
_FIRST_DAY = 1 << 5 | 1  # of 1980
_IN_UTF8 = 0x800  # a record's flag: its name is not in the code page of DOS
# versions of the format that are read
OLDEST, NEWEST = 1, 10
# how much larger than the whole file its compressed records may be
MOST_GROWTH = 32
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
        archive, size, full = self.zip, len(data), f"{self.folder}/{name}"
        file: Any = archive.fp
        info = zipfile.ZipInfo(full)
        info.file_size = info.compress_size = size
        info.CRC = zlib.crc32(data)
        info.external_attr = 0o600 << 16
        info.header_offset = start = file.tell()
        big = size >= 2**31
        start += _HEADER.size + len(full.encode()) + 4 + (20 if big else 0)
        info.extra = extra = struct.pack("<2sH", b"FB", -start % ALIGNMENT) + b"Z" * (-start % ALIGNMENT)
        # as `zip.open` would, which writes each header twice because it does not know the checksum before
        if big or not full.isascii():
            header = info.FileHeader(zip64=big)
        else:
            fixed = _HEADER.pack(b"PK\3\4", 20, 0, 0, 0, _FIRST_DAY, info.CRC, size, size, len(full), len(extra))
            header = fixed + full.encode() + extra
        file.write(header)
        file.write(data)
        archive.start_dir = file.tell()
        archive.filelist.append(info)
        archive._didModify = True  # type: ignore[attr-defined]

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: Any, *error: object) -> None:
        if kind is not None:
            # what is unfinished is not finished when the object goes
            self.zip.fp = None
        self.zip.close()


class Reader:
    """Reads records of an archive that may be damaged, or made to do harm.

    Records are those of one folder, each name once. All of them together are hardly larger than the file, or, where
    they are compressed, `MOST_GROWTH` times as large: no memory is taken for what the file cannot hold.
    """

    def __init__(self, file: Any) -> None:
        self.file = file
        self.length = file.seek(0, 2)
        try:
            self.zip = zipfile.ZipFile(file)
            infos = self.zip.infolist()
        except Exception as error:
            why = "not a ZIP archive" if self.length < _SHORTEST else "failed finding central directory"
            text = f"PytorchStreamReader failed reading zip archive: {why}. {_DAMAGED}\n  {error}."
            raise RuntimeError(text) from None
        self.records: dict[str, zipfile.ZipInfo] = {}
        folder = infos[0].filename.partition("/")[0] if infos else ""
        for info in infos:
            first, _, name = info.filename.partition("/")
            if first == folder:
                if name in self.records:
                    raise self._failed(name, "there are two records of this name")
                self.records[name] = info
        # bytes of records that may still be read
        self._left = self.length
        self._left_compressed = self.length * MOST_GROWTH
        self._check_version()

    def _check_version(self) -> None:
        name = "version" if "version" in self.records else ".data/version"
        if name not in self.records:
            raise RuntimeError(
                'Expected hasRecord("version") to be true, but got false.\n'
                "  It is a zip file, but nothing that torch.save wrote."
            )
        text = self.read(name, 64).decode("latin1").strip()
        if not text.isdecimal():
            raise RuntimeError(f"Couldn't parse the version {text!r} as Long Long. {_DAMAGED}")
        if not OLDEST <= int(text) <= NEWEST:
            bound = f"minimum supported version for reading is {OLDEST}"
            if int(text) > NEWEST:
                bound = f"maximum supported version for reading is {NEWEST}"
            raise RuntimeError(f"Attempted to read a PyTorch file with version {text}, but the {bound}.")

    def has(self, name: str) -> bool:
        return name in self.records

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = self.records.get(name)
        if info is None:
            raise RuntimeError(f"PytorchStreamReader failed locating file {name}: file not found. {_DAMAGED}")
        return info

    def _failed(self, name: str, why: Any) -> RuntimeError:
        return RuntimeError(f"PytorchStreamReader failed reading file {name}: {why}. {_DAMAGED}")

    def location(self, name: str, checked: bool = True) -> tuple[int, int]:
        """Where the bytes of an uncompressed record begin in the file, and how many they are.

        checked: look what follows them, as there is no checksum to tell that the place is wrong.
        """
        info = self._info(name)
        if info.compress_type != zipfile.ZIP_STORED:
            raise self._failed(name, "it is compressed, and cannot be mapped")
        try:
            written = info.orig_filename.encode("utf-8" if info.flag_bits & _IN_UTF8 else "cp437")
            self.file.seek(info.header_offset)
            header = self.file.read(_HEADER.size + len(written))
            if header[:4] != b"PK\3\4" or header[_HEADER.size :] != written:
                raise self._failed(name, "invalid header")
            fields = _HEADER.unpack_from(header)
            start = info.header_offset + _HEADER.size + len(written) + fields[-1]
            wrong = fields[-2] != len(written) or fields[3] != info.compress_type
            if checked and not wrong:
                # the next header, or what describes this record
                self.file.seek(start + info.file_size)
                wrong = self.file.read(2) != b"PK"
            if wrong:
                raise self._failed(name, "invalid header")
        except (OSError, ValueError, OverflowError) as error:
            raise self._failed(name, error) from None
        return start, info.file_size

    def _take(self, info: zipfile.ZipInfo, name: str) -> None:
        """Refuse a record that cannot be as large as it says."""
        stored = info.compress_type == zipfile.ZIP_STORED
        if stored:
            self._left -= info.file_size
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            self._left_compressed -= info.file_size
        else:
            raise self._failed(name, "unsupported method of compression")
        if self._left < 0 or self._left_compressed < 0 or (stored and info.file_size != info.compress_size):
            raise self._failed(name, "its records are larger than the file can hold")

    def read(self, name: str, most: int | None = None) -> bytes:
        """The bytes of a small record; of at most `most` bytes."""
        info = self._info(name)
        self._take(info, name)
        if most is not None and info.file_size > most:
            raise self._failed(name, "it is too long")
        try:
            with self.zip.open(info) as record:
                # asked for no more than there is to be: data that would grow further is not unpacked
                data = record.read(info.file_size)
        except Exception as error:
            raise self._failed(name, error) from None
        if len(data) != info.file_size:
            raise self._failed(name, "unexpected end of file")
        return data

    def checked_size(self, name: str, size: int) -> zipfile.ZipInfo:
        """The entry of a record. Raises RuntimeError where it has another size, or too large a one for the file."""
        info = self._info(name)
        if info.file_size != size:
            raise RuntimeError(
                f"record size ({info.file_size} bytes) does not match expected size ({size} bytes = {size} elements * "
                "1 bytes/element) for dtype Byte\n  The record of a storage is not as long as its tensors need."
            )
        return info

    def empty_array(self, name: str, size: int) -> Any:
        """An array for the bytes of a record, which are not read."""
        self._take(self.checked_size(name, size), name)
        return xnp.empty(size, dtype=xnp.np.uint8)

    def read_array(self, name: str, size: int, check: bool) -> Any:
        """The bytes of a record as a new array, in which they may be changed. `check`: compare the checksum too."""
        info = self.checked_size(name, size)
        if info.compress_type != zipfile.ZIP_STORED:
            return xnp.np.frombuffer(bytearray(self.read(name)), dtype=xnp.np.uint8)
        self._take(info, name)
        start, _ = self.location(name, checked=not check)
        array = xnp.empty(size, dtype=xnp.np.uint8)
        self.file.seek(start)
        if _read_into(self.file, array) != size:
            raise self._failed(name, "unexpected end of file")
        if check and zlib.crc32(array) != info.CRC:
            raise self._failed(name, "its checksum is wrong")
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
