"""A module's parameters, buffers and submodules are its attributes, however they are changed."""

from __future__ import annotations

import copy
import gc
import io
import weakref

import pytest

import flambeau as torch
from flambeau import nn
from flambeau.nn.registry import NAMES


def agrees(module: nn.Module) -> bool:
    """Whether every entry is the attribute of its name, and no attribute is left of one that is gone."""
    for part in module.modules():
        kept = {name: value for table in NAMES for name, value in getattr(part, table).items()}
        if any(getattr(part, name) is not value for name, value in kept.items()):
            return False
        others = {k: v for k, v in vars(part).items() if k not in kept}
        if any(isinstance(v, (nn.Parameter, nn.Module)) for v in others.values()):
            return False
    return True


def parameter() -> nn.Parameter:
    return nn.Parameter(torch.zeros(1))


CHANGES = {
    "assign": lambda m: setattr(m, "weight", parameter()),
    "assign None": lambda m: setattr(m, "weight", None),
    "delete": lambda m: delattr(m, "weight"),
    "register": lambda m: m.register_parameter("extra", parameter()),
    "set an item": lambda m: m._parameters.__setitem__("weight", parameter()),
    "delete an item": lambda m: m._parameters.__delitem__("weight"),
    "pop": lambda m: m._parameters.pop("weight"),
    "pop an absent one": lambda m: m._parameters.pop("absent", None),
    "popitem": lambda m: m._parameters.popitem(),
    "clear": lambda m: m._parameters.clear(),
    "update": lambda m: m._parameters.update({"weight": parameter(), "other": parameter()}),
    "or": lambda m: m._parameters.__ior__({"weight": parameter()}),
    "setdefault": lambda m: m._parameters.setdefault("fresh", parameter()),
    "another dict": lambda m: setattr(m, "_parameters", {"only": parameter()}),
    "a parameter over a module": lambda m: (setattr(m, "x", nn.ReLU()), setattr(m, "x", parameter())),
    "a buffer": lambda m: m.register_buffer("b", torch.ones(1)),
    "convert": lambda m: m.double(),
    "__init__ again": lambda m: nn.Module.__init__(m),
}


@pytest.mark.parametrize("change", CHANGES)
def test_attributes_follow_every_change(change):
    module = nn.Linear(2, 2)
    CHANGES[change](module)
    assert agrees(module)


@pytest.mark.parametrize("change", CHANGES)
def test_a_deep_copy_has_registries_of_its_own(change):
    module = nn.Sequential(nn.Linear(2, 2))
    copied = copy.deepcopy(module)
    before = dict(module[0]._parameters)
    CHANGES[change](copied[0])
    assert agrees(copied) and agrees(module)
    assert dict(module[0]._parameters) == before


def test_a_shallow_copy_shares_the_registries():
    module = nn.Linear(2, 2)
    copied = copy.copy(module)
    copied.weight = parameter()
    assert module.weight is copied.weight
    del module.bias
    assert not hasattr(copied, "bias")


def test_deleting_from_a_list_renumbers_the_others():
    layers = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid())
    del layers[0]
    layers.append(nn.GELU())
    assert [type(layer).__name__ for layer in layers] == ["Tanh", "Sigmoid", "GELU"]
    assert agrees(layers)


def test_what_the_class_defines_is_found_first():
    class Fixed(nn.Module):
        weight = 3

    module = Fixed()
    module._parameters["weight"] = parameter()
    assert module.weight == 3


def test_a_state_without_registries_is_taken_as_one():
    module = nn.Linear(2, 2)
    state = {**vars(module), "_parameters": dict(module._parameters), "_modules": {}, "_buffers": {}}
    new = nn.Linear.__new__(nn.Linear)
    new.__setstate__({k: v for k, v in state.items() if k not in ("weight", "bias")})
    new._parameters["weight"] = replaced = parameter()
    assert new.weight is replaced and agrees(new)


def test_getstate_has_each_thing_once():
    state = nn.Linear(2, 2).__getstate__()
    assert "weight" not in state and set(state["_parameters"]) == {"weight", "bias"}


def test_modules_are_freed_without_the_collector():
    gc.disable()
    try:
        module = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
        gone = weakref.ref(module[0])
        del module
        assert gone() is None
    finally:
        gc.enable()


def test_a_pickled_module_names_no_builtin_dict():
    """`torch.load` trusts OrderedDict unasked, but not `dict` by its name, so a safe list of layers is enough."""
    module = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    assert "__builtin__.dict" not in torch.serialization.get_unsafe_globals_in_checkpoint(file)
    file.seek(0)
    with torch.serialization.safe_globals([nn.Sequential, nn.Linear, nn.ReLU]):
        loaded = torch.load(file)
    assert agrees(loaded) and loaded[0].weight.equal(module[0].weight)


def test_a_class_that_looks_attributes_up_itself_is_asked_for_every_entry():
    asked = []

    class Asking(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = parameter()
            self.inner = nn.Linear(1, 1)
            self.register_buffer("steps", torch.zeros(1))

        def __getattr__(self, name):
            asked.append(name)
            return super().__getattr__(name)

    module = copy.deepcopy(Asking())
    asked.clear()
    assert module.weight is module._parameters["weight"] and module.inner is module._modules["inner"]
    assert module.steps is module._buffers["steps"]
    assert asked == ["weight", "inner", "steps"]

    class AskingLinear(nn.Linear):
        def __getattr__(self, name):
            asked.append(name)
            return super().__getattr__(name)

    linear = nn.Linear(1, 1)
    weight = linear.weight
    linear.__class__ = AskingLinear
    assert linear.weight is weight and asked[-1] == "weight"
    linear.__class__ = nn.Linear
    asked.clear()
    assert linear.weight is weight and not asked and agrees(linear)
