"""A name that is not here gets Python's own first line, whether PyTorch has it, and the nearest name that is here."""

from __future__ import annotations

import importlib.util
import pickle
from pathlib import Path

import pytest

from flambeau import missing
from flambeau.missing import is_torch_name, missing_attribute, missing_import, nearest, shown, torch_names


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("flambeau", "torch"),
        ("flambeau.nn.functional", "torch.nn.functional"),
        ("flambeau.vision", "torchvision"),
        ("flambeau.vision.ops", "torchvision.ops"),
        ("flambeau_other", "flambeau_other"),
        ("flambeau.visions", "torch.visions"),
        ("json.tool", "json.tool"),
    ],
)
def test_our_modules_are_shown_by_the_names_that_programs_know(ours, theirs):
    assert shown(ours) == theirs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("argmx", "argmax"),
        ("ARGMAX", "argmax"),
        ("relu", "ReLU"),
        ("crossentropy", "cross_entropy"),
        ("max_pool2", "max_pool2d"),
        ("hidden", None),
        ("_hiden", "_hidden"),
        ("zzz", None),
        ("", None),
    ],
)
def test_nearest_is_what_a_reader_would_guess(name, expected):
    assert (
        nearest(name, ["argmax", "argmin", "ReLU", "cross_entropy", "max_pool1d", "max_pool2d", "_hidden"]) == expected
    )


def test_nearest_does_not_depend_on_the_order_of_the_names():
    names = ["max_pool1d", "max_pool2d", "max_pool3d", "avg_pool2d"]
    assert nearest("max_pool", names) == nearest("max_pool", names[::-1])


def test_missing_attribute_first_line_is_pythons():
    error = missing_attribute("flambeau.nn", "Foobar", [])
    assert type(error).__name__ == "AttributeError"
    assert isinstance(error, AttributeError)
    assert str(error) == "module 'torch.nn' has no attribute 'Foobar'"
    assert error.name == "Foobar"


def test_missing_attribute_says_that_pytorch_has_it():
    text = str(missing_attribute("flambeau", "argsort", ["argmax"]))
    assert "\n  PyTorch has torch.argsort; Flambeau has none yet." in text


def test_missing_attribute_says_where_pytorch_has_it():
    assert "\n  PyTorch has that name in another place: torch.nn.functional.relu." in str(
        missing_attribute("flambeau.nn", "relu", [])
    )
    assert "another place: torch.utils.data.DataLoader." in str(missing_attribute("flambeau", "DataLoader", []))


def test_missing_attribute_costs_nothing_until_it_is_read(monkeypatch):
    """`hasattr` in a loop must not search for similar names each time."""
    monkeypatch.setattr(missing, "advice", lambda *_: pytest.fail("the advice was worked out"))
    missing_attribute("flambeau", "argmx", ["argmax"])


def test_missing_attribute_survives_pickling_between_processes():
    error = missing_attribute("flambeau", "argmx", ["argmax"])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is AttributeError
    assert str(again) == str(error)


def test_missing_import_keeps_the_path():
    error = missing_import("flambeau.nn", "Linaer", ["Linear"], "/x/nn/__init__.py")
    assert str(error).splitlines() == [
        "cannot import name 'Linaer' from 'torch.nn' (/x/nn/__init__.py)",
        "  The nearest name here is torch.nn.Linear.",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "torch",
        "torch.nn",
        "torch.add",
        "torch.nn.Linear",
        "torch.Tensor.scatter_add_",
        "torch.backends.cudnn.benchmark",
    ],
)
def test_the_list_knows_pytorchs_names(name):
    assert is_torch_name(name)


@pytest.mark.parametrize("name", ["torch.Foo", "foo", "torch.nn.functional.math", "torch.nn.Linaer", "torch._C", ""])
def test_the_list_holds_nothing_else(name):
    assert not is_torch_name(name)


def test_the_list_is_sorted_and_small():
    file = Path(missing.__file__).with_name("torch_names.txt")
    assert file.stat().st_size < 150_000
    assert list(torch_names()) == sorted(torch_names())


def test_the_list_matches_pytorch():
    """Every name of these modules' `__all__` is listed, and every name that is listed exists."""
    torch = pytest.importorskip("torch")
    for home in ("torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.linalg", "torch.utils.data"):
        module = torch
        for word in home.split(".")[1:]:
            module = getattr(module, word)
        public = {name for name in getattr(module, "__all__", ()) if not name.startswith("_")}
        assert public <= torch_names()[home]
        absent = [name for name in torch_names()[home] if not hasattr(module, name)]
        assert not [name for name in absent if importlib.util.find_spec(f"{home}.{name}") is None]
