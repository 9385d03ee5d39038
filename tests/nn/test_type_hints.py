"""Programs read the annotations of their own classes, which takes those of our base classes along."""

import inspect
import typing

import pytest

import flambeau as torch

CLASSES = {
    cls
    for home in (torch, torch.nn, torch.optim, torch.autograd)
    for cls in vars(home).values()
    if inspect.isclass(cls) and cls.__module__.startswith(("torch", "flambeau"))
}


@pytest.mark.parametrize("cls", sorted(CLASSES, key=repr), ids=lambda cls: cls.__qualname__)
def test_the_annotations_of_a_class_can_be_read(cls):
    typing.get_type_hints(cls)
