"""`torch.utils` itself: two tensors change places, and a function gets another module."""

import weakref


def test_tensors_change_places_with_all_they_have(agree):
    @agree
    def session(torch, error):
        swap = torch.utils.swap_tensors
        a, b = torch.ones(1), torch.zeros(2, dtype=torch.float64)
        a.note = 3
        swap(a, b)
        yield a.tolist(), str(a.dtype).rpartition(".")[2], b.tolist(), hasattr(a, "note"), b.note
        layer, new = torch.nn.Linear(2, 2), torch.nn.Parameter(torch.zeros(2, 2))
        old = layer.weight
        swap(old, new)
        layer(torch.ones(1, 2)).sum().backward()
        yield layer.weight is old, layer.weight, layer.weight.grad, new.grad
        used, other = torch.ones(2, requires_grad=True), torch.zeros(2, requires_grad=True)
        (used * 2).sum().backward()
        swap(used, other)
        (used * 3).sum().backward()
        yield used, used.grad, other, other.grad
        plain = torch.ones(2)
        known = weakref.ref(plain)
        yield error(lambda: swap(plain, torch.ones(2))), known() is plain

        class Slotted(torch.Tensor):
            __slots__ = ("more",)

        yield error(lambda: swap(torch.ones(2), torch.ones(2).as_subclass(Slotted)))


def test_modules_of_functions(agree):
    @agree
    def session(torch, error):
        def function():
            pass

        torch.utils.set_module(function, "elsewhere")
        yield function.__module__, error(lambda: torch.utils.set_module(function, 3))
