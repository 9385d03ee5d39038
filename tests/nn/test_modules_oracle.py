"""What Python says of a layer's wrong arguments is what it says of PyTorch's layer."""

from __future__ import annotations

import warnings

import pytest

import flambeau

torch = pytest.importorskip("torch")
NAMES = [n for n in dir(torch.nn) if isinstance(k := getattr(torch.nn, n), type) and issubclass(k, torch.nn.Module)]


def complaint(library, name, *args, **kwargs):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(library.nn, name)(*args, **kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    return "no complaint"


@pytest.mark.parametrize("name", NAMES)
def test_unknown_absent_and_surplus_arguments_get_pytorchs_words(name):
    for args, kwargs in [((), {"widht": 1}), ((), {}), ((1,) * 40, {})]:
        assert complaint(flambeau, name, *args, **kwargs) == complaint(torch, name, *args, **kwargs)
