"""The wheel is pure Python, small, complete, and asks for NumPy and ml_dtypes only."""

from __future__ import annotations

import contextlib
import email
import io
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "flambeau"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The path of a wheel that was built from this tree."""
    backend = pytest.importorskip("hatchling.build")
    target = tmp_path_factory.mktemp("wheel")
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(io.StringIO()):
        return target / backend.build_wheel(str(target))


@pytest.fixture(scope="module")
def vision_wheel(tmp_path_factory):
    """The path of the wheel of torchvision's part."""
    backend = pytest.importorskip("hatchling.build")
    target = tmp_path_factory.mktemp("vision")
    with contextlib.chdir(ROOT / "packages" / "vision"), contextlib.redirect_stdout(io.StringIO()):
        return target / backend.build_wheel(str(target))


def test_the_two_wheels_share_the_package_between_them(wheel, vision_wheel):
    """Together they have every module of the tree, and no file is in both."""
    names = []
    for path in (wheel, vision_wheel):
        with zipfile.ZipFile(path) as archive:
            names.append({name for name in archive.namelist() if name.endswith(".py")})
    source = ROOT / "src"
    assert not names[0] & names[1]
    assert names[0] | names[1] == {str(p.relative_to(source)) for p in source.rglob("*.py")}


@pytest.fixture(scope="module")
def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_wheel_is_pure_python_and_under_its_limit(wheel):
    assert wheel.name == f"flambeau-{release()}-py3-none-any.whl"
    assert wheel.stat().st_size < 1_200_000


def release():
    """The release that version.py states, read without importing it."""
    text = (PACKAGE / "version.py").read_text(encoding="utf-8")
    return text.partition('FLAMBEAU = "')[2].partition('"')[0]


def test_wheel_holds_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = {f"flambeau/{path.relative_to(PACKAGE).as_posix()}" for path in PACKAGE.rglob("*.py")}
    sources = {name for name in sources if not name.startswith("flambeau/vision/")}
    assert {name for name in names if name.endswith(".py")} == sources
    assert "flambeau/torch_names.txt" in names
    assert {Path(name).suffix for name in names} <= {".py", ".txt", ".md", ".typed"}
    assert {name.partition("/")[0] for name in names} == {"flambeau"}


def test_wheel_carries_its_licence_and_its_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert any(name.endswith("licenses/LICENSE") for name in names)
        entry = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert "flambeau = flambeau.cli:main" in entry


def test_wheel_requires_numpy_and_ml_dtypes_only(metadata):
    always = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert sorted(always) == ["ml-dtypes", "numpy>=2.0"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "BSD-3-Clause"


def test_extras_are_those_that_the_documents_name(metadata):
    assert set(metadata.get_all("Provides-Extra")) == set(PROJECT["optional-dependencies"])
    assert {
        "jit",
        "cuda",
        "xla",
        "distributed",
        "onnx",
        "viz",
        "vision",
        "safetensors",
        "sentences",
        "examples",
        "test",
    } == set(PROJECT["optional-dependencies"])


def test_no_extra_asks_for_pytorch():
    wanted = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    assert not [line for line in wanted if line.startswith("torch")]
