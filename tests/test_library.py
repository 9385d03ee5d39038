"""Operations of one's own: run from `torch.ops`, with their gradients and their forms on the meta device."""

import pytest

import flambeau as torch


@pytest.fixture
def power():
    @torch.library.custom_op("test_library::power", mutates_args=())
    def power(x: torch.Tensor, k: int = 2, *, scale: float = 1.0) -> torch.Tensor:
        return x**k * scale

    yield power
    delattr(torch.ops, "test_library")


def keep(ctx, inputs, output, keyword_only_inputs):
    ctx.save_for_backward(inputs[0])
    ctx.k, ctx.scale = inputs[1], keyword_only_inputs["scale"]


def test_an_operation_stands_in_torch_ops_and_computes_without_a_graph(power):
    x = torch.tensor([1.0, 3.0])
    assert torch.ops.test_library.power(x).tolist() == torch.ops.test_library.power.default(x, 2).tolist() == [1, 9]
    with pytest.raises(AttributeError, match="'_OpNamespace' 'test_library' object has no attribute 'root'"):
        torch.ops.test_library.root


def test_the_registered_gradient_is_used(power):
    torch.library.register_autograd(
        "test_library::power",
        lambda ctx, g: (g * ctx.scale * ctx.k * ctx.saved_tensors[0] ** (ctx.k - 1), None),
        setup_context=keep,
    )
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = power(x, 3, scale=10.0)
    assert type(y.grad_fn).__name__.startswith("GeneratedBackwardFor_test_library_power_default")
    y.sum().backward()
    assert x.grad.tolist() == [30, 120]


def test_without_a_gradient_the_backward_pass_says_so(power):
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="no autograd formula was registered"):
        power(x).sum().backward()


def test_meta_tensors_need_a_form_of_their_own(power):
    x = torch.ones(2, device="meta")
    with pytest.raises(RuntimeError, match="There was no fake impl registered for <CustomOpDef"):
        power(x)
    torch.library.register_fake("test_library::power", lambda x, k=2, scale=1.0: torch.empty_like(x))
    assert power(x).device.type == "meta"


def test_an_operation_may_not_return_its_input():
    same = torch.library.custom_op("test_library_same::same", lambda x: x[1:], mutates_args=(), schema="(Tensor x)")
    with pytest.raises(RuntimeError, match="may not alias any inputs"):
        same(torch.ones(2))


def test_unknown_operations_and_missing_annotations_are_errors():
    with pytest.raises(RuntimeError, match="operator test_library::nothing does not exist"):
        torch.library.register_fake("test_library::nothing", lambda x: x)
    with pytest.raises(ValueError, match="Parameter x must have a type annotation"):
        torch.library.custom_op("test_library::bad", lambda x: x, mutates_args=())
