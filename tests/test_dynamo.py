"""Where nothing is compiled, what speaks to the compiler changes nothing."""

import pytest

import flambeau as torch
from flambeau._dynamo._trace_wrapped_higher_order_op import TransformGetItemToIndex


def test_marks_change_nothing_and_no_module_is_compiled():
    x = torch.ones(2)
    torch._dynamo.mark_static_address(x)
    torch._dynamo.mark_dynamic(x, 0)
    torch._dynamo.config.cache_size_limit = 5
    assert torch._dynamo.disable(len) is len and x.tolist() == [1, 1]
    assert not isinstance(torch.nn.Linear(1, 1), torch._dynamo.OptimizedModule)
    with pytest.raises(RuntimeError, match="compiles no modules"):
        torch._dynamo.OptimizedModule(torch.nn.Linear(1, 1))


def test_a_mapped_number_can_be_an_index():
    x = torch.arange(6.0).view(2, 3)
    with TransformGetItemToIndex():
        assert torch.vmap(lambda i: x[i, i])(torch.arange(2)).tolist() == [0, 4]


def test_the_classes_of_traced_graphs_serve_as_annotations():
    for kind in (torch._C.Graph, torch._C.Node, torch._C.Value):
        assert not isinstance(3, kind | None)
        with pytest.raises(TypeError, match="No constructor defined!"):
            kind()
