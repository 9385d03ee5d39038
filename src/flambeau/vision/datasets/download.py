"""Getting files: downloads that resume and are checked, archives that are unpacked inside their folder only."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import re
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlparse
from urllib.request import Request, urlopen

PathLike = str | Path
USER_AGENT = "flambeau/vision"
CHUNK = 1 << 20
TIMEOUT = 30  # seconds without any data
OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
TARS = {".tar", ".tgz", ".tbz", ".tbz2"}


# ---- checks ----------------------------------------------------------------------------------------------------------


def calculate_md5(fpath: PathLike, chunk_size: int = CHUNK) -> str:
    """The MD5 checksum of a file, as 32 hexadecimal digits: against damage, not against forgery."""
    found = hashlib.md5(usedforsecurity=False)
    with open(fpath, "rb") as file:
        while chunk := file.read(chunk_size):
            found.update(chunk)
    return found.hexdigest()


def check_md5(fpath: PathLike, md5: str, **kwargs: Any) -> bool:
    """Whether a file has this checksum."""
    return md5 == calculate_md5(fpath, **kwargs)


def check_integrity(fpath: PathLike, md5: str | None = None) -> bool:
    """Whether a file is there and, if `md5` is given, has this checksum."""
    return os.path.isfile(fpath) and (md5 is None or check_md5(fpath, md5))


def iterable_to_str(iterable: Iterable[Any]) -> str:
    """`'a', 'b'`."""
    return "'" + "', '".join(str(item) for item in iterable) + "'"


def verify_str_arg(
    value: Any, arg: str | None = None, valid_values: Iterable[str] | None = None, custom_msg: str | None = None
) -> Any:
    """The value if it is a word, and one of `valid_values`. Raises ValueError that names these."""
    if not isinstance(value, str):
        place = f" for argument {arg}" if arg is not None else ""
        raise ValueError(f"Expected type str{place}, but got type {type(value)}.")
    if valid_values is None:
        return value
    if value not in valid_values:
        known = iterable_to_str(valid_values)
        raise ValueError(custom_msg or f"Unknown value '{value}' for argument {arg}. Valid values are {{{known}}}.")
    return value


def list_dir(root: PathLike, prefix: bool = False) -> list[str]:
    """The folders in a folder, with the folder's own name before them if `prefix`."""
    names = [name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name))]
    return [os.path.join(root, name) for name in names] if prefix else names


def list_files(root: PathLike, suffix: Any, prefix: bool = False) -> list[str]:
    """The files in a folder whose names end with `suffix`, a string or several."""
    names = [n for n in os.listdir(root) if os.path.isfile(os.path.join(root, n)) and n.endswith(suffix)]
    return [os.path.join(root, name) for name in names] if prefix else names


# ---- downloads -------------------------------------------------------------------------------------------------------


class _Silent:
    """Stands in for the progress bar where tqdm is not installed."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *details: object) -> None:
        pass

    def update(self, n: int) -> None:
        pass


def _progress(total: int | None, done: int, name: str) -> Any:
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return _Silent()
    return tqdm(total=total, initial=done, unit="B", unit_scale=True, unit_divisor=1024, desc=name)


def _fetch(url: str, part: str, name: str) -> None:
    """Download to `part`; what an earlier try left there is continued if the server can, else begun anew."""
    done = os.path.getsize(part) if os.path.exists(part) else 0
    headers = {"User-Agent": USER_AGENT, **({"Range": f"bytes={done}-"} if done else {})}
    try:
        response = urlopen(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        if error.code != 416 or not done:  # 416: nothing comes after what we have, so that is whole or wrong
            raise
        os.remove(part)
        return _fetch(url, part, name)
    with response:
        resumed = done > 0 and getattr(response, "status", None) == 206
        done = done if resumed else 0
        length = response.headers.get("Content-Length")
        total = int(length) + done if length is not None else None
        with open(part, "ab" if resumed else "wb") as file, _progress(total, done, name) as bar:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
    if total is not None and os.path.getsize(part) < total:
        raise URLError(
            f"the connection ended after {os.path.getsize(part)} of {total} bytes; the next try goes on there"
        )
    return None


def download_url(
    url: str, root: PathLike, filename: PathLike | None = None, md5: str | None = None, max_redirect_hops: int = 3
) -> None:
    """Download a file into the folder `root`, unless it is there with this checksum.

    A download that was cut off is kept as `<filename>.part` and continued. Raises URLError where the network or the
    server fails, RuntimeError where the checksum is wrong; both say where the file is expected.
    """
    root = os.path.expanduser(root)
    filename = filename or os.path.basename(urlparse(url).path)
    path = os.fspath(os.path.join(root, filename))
    os.makedirs(root, exist_ok=True)
    if check_integrity(path, md5):
        return
    part = path + ".part"
    try:
        _fetch(url, part, os.path.basename(path))
    except OSError as error:  # URLError is one of these, as are time-outs and broken connections
        reason = getattr(error, "reason", None) or error
        raise URLError(
            f"{reason}\n  Could not download {url}\n  Without a network, put the file at {os.path.abspath(path)}"
            + (f" (md5 {md5})" if md5 else "")
        ) from error
    if md5 is not None and not check_md5(part, md5):
        found = calculate_md5(part)
        os.remove(part)
        raise RuntimeError(
            f"File not found or corrupted.\n  {url} has the md5 {found}, not {md5}; it was to become {path}."
        )
    os.replace(part, path)


def download_from_mirrors(
    mirrors: Sequence[str], root: PathLike, filename: str, md5: str | None = None, extract: bool = True
) -> None:
    """Download a file from the first mirror that has it, and unpack it. Raises RuntimeError where none has."""
    failed = []
    for mirror in mirrors:
        try:
            download_url(f"{mirror}{filename}", root, filename, md5)
        except (URLError, RuntimeError) as error:
            failed.append(f"Tried {mirror}, got:\n{error}\n")
            continue
        if extract:
            extract_archive(os.path.join(os.path.expanduser(root), filename), root)
        return
    raise RuntimeError(f"Error downloading {filename}:\n" + "".join(failed))


def download_file_from_google_drive(
    file_id: str, root: PathLike, filename: PathLike | None = None, md5: str | None = None
) -> None:
    """Download a file of Google Drive by its id."""
    url = f"https://drive.usercontent.google.com/download?id={file_id}&export=download&confirm=t"
    download_url(url, root, filename or file_id, md5)


# ---- archives --------------------------------------------------------------------------------------------------------


def _suffixes(path: PathLike) -> tuple[str, str | None]:
    """(what the file is, how it is compressed): `.tar.gz` -> (`.tar`, `.gz`), `.tgz` likewise."""
    suffixes = Path(path).suffixes
    last = suffixes[-1] if suffixes else ""
    if last in TARS and last != ".tar":
        return ".tar", ".gz" if last == ".tgz" else ".bz2"
    if last in OPENERS:
        return (".tar" if suffixes[-2:-1] == [".tar"] else ""), last
    if last in (".tar", ".zip"):
        return last, None
    known = sorted([*TARS, ".zip", *OPENERS])
    raise RuntimeError(f"Unknown compression or archive type: '{last}'.\nKnown suffixes are: '{known}'.")


def _extract_tar(path: PathLike, folder: PathLike) -> None:
    with tarfile.open(path) as tar:
        inside = os.path.realpath(folder)
        for member in tar.getmembers():
            target = os.path.realpath(os.path.join(inside, member.name))
            plain = member.isfile() or member.isdir()
            if not plain or os.path.commonpath([inside, target]) != inside:
                raise RuntimeError(f"{path} would write outside of {inside}, or make a link: {member.name}")
        for member in tar.getmembers():
            member.mode = 0o755 if member.isdir() else 0o644
            tar.extract(member, inside)


def extract_archive(from_path: PathLike, to_path: PathLike | None = None, remove_finished: bool = False) -> PathLike:
    """Unpack a .zip or .tar archive into a folder, or decompress one file; returns where to.

    Raises RuntimeError for unknown endings and for archives with links or with paths that lead out of the folder.
    """
    kind, compression = _suffixes(from_path)
    to_path = os.path.dirname(from_path) if to_path is None else to_path
    if kind == ".tar":
        _extract_tar(from_path, to_path)
    elif kind == ".zip":
        with zipfile.ZipFile(from_path) as archive:
            archive.extractall(to_path)  # which never leaves the folder
    else:
        target = Path(from_path).with_suffix("") if Path(to_path).is_dir() else Path(to_path)
        to_path = Path(to_path) / target.name if Path(to_path).is_dir() else target
        half = f"{to_path}.part"
        with OPENERS[str(compression)](from_path, "rb") as source, open(half, "wb") as file:
            shutil.copyfileobj(source, file)
        os.replace(half, to_path)
    if remove_finished:
        os.remove(from_path)
    return to_path


def download_and_extract_archive(
    url: str,
    download_root: PathLike,
    extract_root: PathLike | None = None,
    filename: PathLike | None = None,
    md5: str | None = None,
    remove_finished: bool = False,
) -> None:
    """`download_url`, then `extract_archive` into `extract_root`, by default the same folder."""
    download_root = os.path.expanduser(download_root)
    filename = filename or os.path.basename(urlparse(url).path)
    download_url(url, download_root, filename, md5)
    extract_archive(os.path.join(download_root, filename), extract_root or download_root, remove_finished)


def open_any(path: PathLike) -> IO[bytes]:
    """A file for reading, decompressed if its name says that it is compressed."""
    return OPENERS.get(Path(path).suffix, open)(path, "rb")


def google_drive_id(url: str) -> str | None:
    """The file's id in an address of Google Drive, None for other addresses."""
    parts = urlparse(url)
    if not re.match(r"(drive|docs)[.]google[.]com", parts.netloc):
        return None
    by_path = re.match(r"/file/d/([^/]+)", parts.path)
    return by_path.group(1) if by_path else parse_qs(parts.query).get("id", [None])[0]
