"""`torch.ops.aten`: operators by PyTorch's names for them do what the functions and methods of tensors do."""

from __future__ import annotations

import pytest

import flambeau


def test_operators_give_what_they_give_in_pytorch(agree):
    @agree
    def _(torch, error):
        aten = torch.ops.aten
        x = torch.arange(12.0).view(3, 4).requires_grad_()
        yield aten.add.Tensor(x, torch.ones(4), alpha=3), aten.mul(x, 2), aten.sum.dim_IntList(x, [1], True)
        yield aten.slice.Tensor(x, 1, 1, None, 2), aten.slice.Tensor(x, -1, 1, 3), aten.select.int(x, 1, -1)
        yield aten.index.Tensor(x, [None, torch.tensor([2, 0])]), aten.index.Tensor(x, [torch.tensor([2, 0])])
        yield aten.relu_.default(torch.tensor([-1.0, 1.0])), aten.cat.default([x, x], dim=1).shape
        yield aten._to_copy.default(x.detach(), dtype=torch.int64), aten.view.default(x, [4, 3]).shape
        yield aten.alias.default(x.detach()).data_ptr() == x.data_ptr()
        yield aten._to_copy.default(x.detach()).data_ptr() == x.data_ptr()


def test_operators_are_named_and_missing_as_in_pytorch(agree):
    @agree
    def _(torch, error):
        aten = torch.ops.aten
        yield repr(torch.ops), repr(aten), repr(aten.add), repr(aten.add.Tensor), str(aten.add), str(aten.add.Tensor)
        yield aten.add.Tensor.name(), aten.relu.default.name(), aten.add.__name__, aten.add.Tensor.__name__
        yield aten.add.Tensor.namespace, aten.add.Tensor.overloadpacket is aten.add, aten.add is aten.add
        yield hasattr(aten, "no_such_operator"), error(lambda: aten.no_such_operator)
        yield hasattr(torch.ops, "some_library"), error(lambda: torch.ops.some_library.some_operator)


def test_a_copy_in_another_layout_is_refused():
    with pytest.raises(NotImplementedError, match="_to_copy changes the dtype"):
        flambeau.ops.aten._to_copy(flambeau.ones(2), layout=flambeau.sparse_coo)
