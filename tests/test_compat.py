"""While the name `torch` is installed it means Flambeau's own modules; what is missing explains itself."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pathlib
import pkgutil
import subprocess
import sys
import textwrap
import types

import pytest

import flambeau
from flambeau import compat, missing

TORCH = ("torch", "torchvision")


@pytest.fixture(autouse=True)
def no_torch(monkeypatch):
    """Each test starts and ends without anything called torch, whatever was imported before."""
    for name in [n for n in sys.modules if n.partition(".")[0] in TORCH]:
        monkeypatch.delitem(sys.modules, name)
    yield
    compat.uninstall()
    for name in [n for n in sys.modules if n.partition(".")[0] in TORCH]:
        del sys.modules[name]


@pytest.fixture
def installed():
    compat.install()


# ---- the name -----------------------------------------------------------------------------------------------------


def test_torch_is_this_very_package(installed):
    import torch

    assert torch is flambeau


def test_the_package_answers_to_the_name_while_it_is_installed():
    with compat.install():
        import torch

        assert torch.__name__ == "torch"
        assert torch.special.expit(torch.zeros(())) == 0.5
    assert flambeau.__name__ == "flambeau"


def test_every_module_that_is_loaded_has_both_names(installed):
    importlib.import_module("torch")
    for name in [n for n in sys.modules if n == "flambeau" or n.startswith("flambeau.")]:
        assert sys.modules["torch" + name.removeprefix("flambeau")] is sys.modules[name]


@pytest.mark.parametrize("name", ["nn", "nn.functional", "optim", "utils.data"])
def test_a_module_imported_by_either_name_is_one_object(installed, name):
    theirs = importlib.import_module(f"torch.{name}")
    assert theirs is importlib.import_module(f"flambeau.{name}")
    assert theirs.__name__ == f"flambeau.{name}"
    assert theirs.__spec__.name == f"flambeau.{name}"


def test_every_form_of_import_works(installed):
    import torch.nn
    import torch.nn.functional as F
    from torch import nn
    from torch.utils.data import DataLoader

    assert nn is torch.nn is flambeau.nn
    assert F is flambeau.nn.functional
    assert DataLoader is flambeau.utils.data.DataLoader


def test_import_does_not_replace_a_function_by_a_module_of_the_same_name(installed):
    before = flambeau.tensor
    importlib.import_module("torch")
    try:
        importlib.import_module("torch.tensor")
    except ModuleNotFoundError:
        pass
    assert flambeau.tensor is before


def test_a_package_loaded_later_answers_to_both_names(installed, tmp_path, monkeypatch):
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "__init__.py").write_text("from . import inner\n")
    (tmp_path / "late" / "inner.py").write_text("value = 1\n")
    monkeypatch.setattr(flambeau, "__path__", [*flambeau.__path__, str(tmp_path)])
    late = importlib.import_module("torch.late")
    try:
        assert late is sys.modules["flambeau.late"]
        assert sys.modules["torch.late.inner"] is sys.modules["flambeau.late.inner"]
    finally:
        for name in ("flambeau.late", "flambeau.late.inner"):
            del sys.modules[name]
        del flambeau.late


def test_find_spec_says_that_torch_is_there(installed):
    assert importlib.util.find_spec("torch") is not None
    assert importlib.util.find_spec("torch.nn") is not None


def test_reload_keeps_one_module(installed):
    import torch

    assert importlib.reload(torch.optim) is flambeau.optim
    assert sys.modules["torch.optim"] is flambeau.optim


# ---- install and uninstall ----------------------------------------------------------------------------------------


def test_uninstall_takes_every_alias_away():
    compat.install()
    importlib.import_module("torch.nn.functional")
    compat.uninstall()
    assert not compat.installed()
    assert not [n for n in sys.modules if n.partition(".")[0] in TORCH]
    assert flambeau.nn.functional is sys.modules["flambeau.nn.functional"]


def test_uninstall_without_install_does_nothing():
    finders = list(sys.meta_path)
    compat.uninstall()
    assert sys.meta_path == finders


def test_install_twice_is_install_once():
    compat.install()
    compat.install()
    assert sys.meta_path.count(compat.FINDER) == 1


def test_with_block_ends_the_name():
    with compat.install():
        import torch

        assert torch is flambeau
    assert not compat.installed()
    assert "torch" not in sys.modules


def test_inner_block_leaves_the_outer_ones_name():
    with compat.install():
        with compat.install():
            pass
        assert compat.installed()
    assert not compat.installed()


def test_block_ends_the_name_when_it_fails():
    with pytest.raises(KeyError), compat.install():
        raise KeyError
    assert not compat.installed()


@pytest.mark.parametrize("name", TORCH)
def test_refuses_while_the_real_one_is_imported(name, monkeypatch):
    real = types.ModuleType(name)
    real.__file__ = "/somewhere/torch/__init__.py"
    monkeypatch.setitem(sys.modules, name, real)
    with pytest.raises(ImportError, match=f"'{name}' is already imported, and it is not Flambeau") as caught:
        compat.install()
    assert "/somewhere/torch/__init__.py" in str(caught.value)
    assert "flambeau run script.py" in str(caught.value)
    assert not compat.installed()
    assert sys.modules[name] is real


def test_importing_flambeau_does_not_take_the_name():
    code = "import sys, flambeau, flambeau.compat; print([n for n in sys.modules if n.startswith('torch')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout.strip() == "[]"


def environment():
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


# ---- what is missing ----------------------------------------------------------------------------------------------


def test_a_missing_module_says_so_in_pythons_words_first(installed):
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module("torch.no_such_module")
    assert str(caught.value).splitlines()[0] == "No module named 'torch.no_such_module'"
    assert caught.value.name == "torch.no_such_module"


def test_a_missing_module_of_pytorchs_is_called_one(installed):
    with pytest.raises(ModuleNotFoundError, match="\n  PyTorch has torch.quantization.fx; Flambeau has none yet."):
        raise missing.missing_module("torch.quantization.fx", [])
    with pytest.raises(ModuleNotFoundError, match="\n  Flambeau has no torchaudio yet."):
        raise missing.missing_module("torchaudio", [])


def test_every_module_of_pytorchs_is_an_attribute_without_an_import():
    here = {module.name for module in pkgutil.iter_modules(flambeau.__path__)}
    theirs = {name.split(".")[1] for name in missing.torch_names() if "." in name}
    assert {"serialization", "random", "hub"} <= here & theirs
    assert here & theirs <= set(flambeau._SUBMODULES) | {"device"}, "`device` is the class"


def test_torchvisions_absence_says_what_to_install(installed):
    with pytest.raises(ModuleNotFoundError, match="\n  .*flambeau-vision.*: pip install ./packages/vision") as caught:
        raise missing.missing_module("torchvision", [])
    assert str(caught.value).splitlines()[0] == "No module named 'torchvision'"
    assert (pathlib.Path(__file__).parents[1] / "packages/vision/pyproject.toml").is_file()


def test_a_misspelt_module_is_told_the_nearest(installed):
    with pytest.raises(ModuleNotFoundError, match=r"\n  The nearest name here is torch\.nn\.functional\."):
        importlib.import_module("torch.nn.functionl")


def test_a_missing_name_in_from_import_is_explained(installed):
    with pytest.raises(ImportError, match=r"cannot import name 'Linaer' from 'torch.nn' \(.*\)") as caught:
        from torch.nn import Linaer  # noqa: F401
    assert type(caught.value) is ImportError
    assert "The nearest name here is torch.nn.Linear." in str(caught.value)


def test_from_import_from_a_plain_module_is_explained_on_request(installed):
    with pytest.raises(ImportError) as caught:
        from torch.nn.functional import sofmax  # noqa: F401
    explained = compat.explained(caught.value)
    assert type(explained) is ImportError
    assert str(explained).startswith("cannot import name 'sofmax' from 'torch.nn.functional' (")
    assert "The nearest name here is torch.nn.functional.softmax." in str(explained)


@pytest.mark.parametrize(
    "error", [ImportError("cannot import name 'x' from 'json' (a)"), ValueError("x"), ImportError()]
)
def test_errors_about_other_things_stay_as_they_are(error):
    assert compat.explained(error) is error


def test_an_empty_name_in_a_from_list_is_harmless(installed):
    assert __import__("torch.nn", fromlist=[""]) is flambeau.nn


def test_modules_of_others_are_left_alone(installed):
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'torchscope_that_nobody_has'$"):
        importlib.import_module("torchscope_that_nobody_has")


# ---- processes that multiprocessing spawns ------------------------------------------------------------------------


def test_a_spawned_process_means_the_same_by_torch(tmp_path):
    script = tmp_path / "spawns.py"
    script.write_text(
        textwrap.dedent("""
        import multiprocessing
        import torch
        import torch.nn.functional as F

        def name_of(_):
            return torch.__name__, F.__name__

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(name_of, [0]))
        """)
    )
    command = [sys.executable, "-m", "flambeau", "run", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=120)
    assert done.stdout == "[('torch', 'flambeau.nn.functional')]\n", done.stderr


# ---- what libraries ask ------------------------------------------------------------------------------------------


def test_the_installed_version_of_torch_is_ours_while_the_name_is(installed):
    import torch

    assert importlib.metadata.version("torch") == torch.__version__
    assert importlib.metadata.version("torchvision") == importlib.import_module("torchvision").__version__
    assert importlib.metadata.packages_distributions()["torch"][0] == "torch"
    compat.uninstall()
    names = {found.locate_file("") for found in importlib.metadata.distributions(name="torch")}
    assert pathlib.Path(flambeau.__file__).parent.parent not in names
