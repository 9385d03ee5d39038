"""Calling a module: `forward` itself without hooks, and everything around it with them."""

from __future__ import annotations

import pytest

import flambeau as torch
from flambeau import nn


class Double(nn.Module):
    def forward(self, x, *, times=2):
        return x * times


def test_a_call_without_hooks_is_forward():
    module = Double()
    assert module.__call__ == module.forward
    assert module(3) == 6 and module(3, times=4) == 12
    assert callable(module)


def test_the_class_can_be_called_with_the_module_first():
    assert nn.Module.__call__(Double(), 3) == 6


def test_a_subclass_may_wrap_the_call():
    class Wrapped(Double):
        def __call__(self, x):
            return super().__call__(x) + 1

    assert Wrapped()(3) == 7


def test_forward_on_the_instance_is_called():
    module = Double()
    module.forward = lambda x: -x
    assert module(3) == -3


def test_replacing_the_call_of_all_modules_keeps_the_old_one_usable(monkeypatch):
    original = nn.Module.__call__
    seen = []

    def watched(self, *args, **kwargs):
        seen.append(type(self).__name__)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(nn.Module, "__call__", watched)
    assert Double()(3) == 6 and seen == ["Double"]


def test_a_table_of_hooks_that_is_assigned_or_filled_directly_is_honoured():
    module = Double()
    module._forward_hooks[0] = lambda m, args, output: output + 1
    assert module(3) == 7
    module._forward_hooks = type(module._forward_hooks)()
    assert module(3) == 6
    module.register_forward_hook(lambda m, args, output: output + 2)
    assert module(3) == 8


def test_hooks_survive_a_deep_copy():
    import copy

    module = Double()
    module.register_forward_hook(add_one)
    assert copy.deepcopy(module)(3) == 7


def add_one(module, args, output):
    return output + 1


def test_removing_the_last_hook_leaves_the_plain_call():
    module = Double()
    with module.register_forward_pre_hook(lambda m, args: (args[0] + 1,)):
        assert module(3) == 8
    assert module(3) == 6


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r'Module \[Module\] is missing the required "forward" function'):
        nn.Module()(1)


def test_an_attribute_error_inside_a_property_is_pointed_at():
    class Broken(nn.Module):
        @property
        def size(self):
            return self.nothing

    with pytest.raises(AttributeError, match="no attribute 'size'\n  The class has a property size"):
        Broken().size


def test_backward_hooks_see_and_change_gradients():
    layer = nn.Linear(2, 1, bias=False)
    seen = {}

    def after(module, grad_input, grad_output):
        seen["after"] = (grad_input[0].clone(), grad_output[0].clone())
        return (grad_input[0] * 3,)

    layer.register_full_backward_pre_hook(lambda module, grad_output: (grad_output[0] * 2,))
    layer.register_full_backward_hook(after)
    x = torch.ones(1, 2, requires_grad=True)
    layer(x).sum().backward()
    assert torch.equal(seen["after"][1], torch.full((1, 1), 2.0))
    assert torch.allclose(seen["after"][0], 2 * layer.weight)
    assert torch.allclose(x.grad, 6 * layer.weight)


def test_empty_tables_of_a_loaded_state_do_not_hide_later_hooks():
    """PyTorch's pickles bring a table for each kind of hook, mostly empty."""
    from collections import OrderedDict

    module = Double.__new__(Double)
    module.__setstate__({**Double().__getstate__(), "_forward_hooks": OrderedDict()})
    assert module(3) == 6
    module._forward_hooks[0] = add_one
    assert module(3) == 7
