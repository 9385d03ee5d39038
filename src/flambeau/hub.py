"""`torch.hub`: models from a directory with a `hubconf.py`, and weights from the web.

Models are loaded from a directory of this machine (`source="local"`); to fetch a repository, clone it first.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import urlparse

from .serialize import load as _load

__all__ = ["download_url_to_file", "get_dir", "help", "list", "load", "load_state_dict_from_url", "set_dir"]

HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")
_directory: dict[str, str] = {}


def get_dir() -> str:
    """Where weights are kept: what `set_dir` said, `$TORCH_HOME/hub`, or `~/.cache/torch/hub`."""
    if _directory:
        return _directory["path"]
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return os.path.join(os.path.expanduser(os.environ.get("TORCH_HOME", os.path.join(cache, "torch"))), "hub")


def set_dir(d: str | os.PathLike) -> None:
    """Set where weights are kept."""
    _directory["path"] = os.path.expanduser(os.fspath(d))


def _models(repo_or_dir: str | os.PathLike, source: str) -> ModuleType:
    source = source.lower()
    if source not in ("github", "local"):
        raise ValueError(f'Unknown source: "{source}". Allowed values: "github" | "local".')
    if source == "github":
        raise NotImplementedError(
            f"Flambeau's torch.hub does not fetch repositories\n"
            f"  Clone {repo_or_dir} and give its directory, with source='local'."
        )
    directory = os.fspath(repo_or_dir)
    path = os.path.join(directory, "hubconf.py")
    sys.path.insert(0, directory)
    try:
        spec = importlib.util.spec_from_file_location("hubconf.py", path)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"no module at {path}")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(directory)
    return module


def _entry(module: ModuleType, model: str) -> Callable:
    if not isinstance(model, str):
        raise ValueError("Invalid input: model should be a string of function name")
    wanted = getattr(module, "dependencies", None) or ()
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        raise RuntimeError(f"Missing dependencies: {', '.join(missing)}")
    found = getattr(module, model, None)
    if not callable(found):
        raise RuntimeError(f"Cannot find callable {model} in hubconf")
    return found


def list(
    github: str | os.PathLike, force_reload: bool = False, skip_validation: bool = False, trust_repo: Any = None,
    verbose: bool = True, source: str = "local",
):  # fmt: skip
    """The names of the models of a directory."""
    module = _models(github, source)
    return [f for f in dir(module) if callable(getattr(module, f)) and not f.startswith("_")]


def help(
    github: str | os.PathLike, model: str, force_reload: bool = False, skip_validation: bool = False,
    trust_repo: Any = None, source: str = "local",
):  # fmt: skip
    """The docstring of a model of a directory."""
    return _entry(_models(github, source), model).__doc__


def load(
    repo_or_dir: str | os.PathLike, model: str, *args: Any, source: str = "github", trust_repo: Any = None,
    force_reload: bool = False, verbose: bool = True, skip_validation: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """What the function `model` of a directory's `hubconf.py` gives for the other arguments."""
    return _entry(_models(repo_or_dir, source), model)(*args, **kwargs)


def download_url_to_file(url: str, dst: str, hash_prefix: str | None = None, progress: bool = True) -> None:
    """Fetch a file. Where its SHA-256 does not begin with `hash_prefix`, RuntimeError is raised and nothing written."""
    dst = os.path.expanduser(dst)
    request = urllib.request.Request(url, headers={"User-Agent": "torch.hub"})
    digest = hashlib.sha256()
    part = tempfile.NamedTemporaryFile(dir=os.path.dirname(dst) or ".", suffix=".part", delete=False)  # noqa: SIM115  closed below
    try:
        with part, urllib.request.urlopen(request) as answer:
            while block := answer.read(1 << 17):
                part.write(block)
                digest.update(block)
        if hash_prefix is not None and not digest.hexdigest().startswith(hash_prefix):
            raise RuntimeError(
                f'invalid hash value (expected "{hash_prefix}", got "{digest.hexdigest()[: len(hash_prefix)]}")'
            )
        shutil.move(part.name, dst)
    finally:
        if os.path.exists(part.name):
            os.remove(part.name)


def load_state_dict_from_url(
    url: str, model_dir: str | None = None, map_location: Any = None, progress: bool = True, check_hash: bool = False,
    file_name: str | None = None, weights_only: bool = False,
) -> Any:  # fmt: skip
    """Fetch a file of weights, unless it is there already, and load it."""
    model_dir = os.path.join(get_dir(), "checkpoints") if model_dir is None else model_dir
    os.makedirs(model_dir, exist_ok=True)
    name = file_name or os.path.basename(urlparse(url).path)
    path = os.path.join(model_dir, name)
    if not os.path.exists(path):
        sys.stdout.write(f'Downloading: "{url}" to {path}\n')
        found = HASH_REGEX.search(name) if check_hash else None
        download_url_to_file(url, path, found.group(1) if found else None, progress=progress)
    return _load(path, map_location=map_location, weights_only=weights_only)
