"""Names of PyTorch that need several GPUs or processes say what there is; gradients of convolutions have functions."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")


def test_parallel_functions_behave_as_without_a_gpu(agree):
    @agree
    def session(torch, error):
        parallel = importlib.import_module(torch.__name__ + ".nn.parallel")
        several = importlib.import_module(torch.__name__ + ".nn.parallel.scatter_gather")
        net, x = torch.nn.Linear(2, 2), torch.ones(4, 2)
        yield parallel.DataParallel(net, device_ids=[0, 1])(x).shape, error(lambda: parallel.data_parallel(net, x))
        cpu = [torch.device("cpu")] * 2
        yield (
            parallel.scatter([1, {"a": 1, "b": (2, 3)}, "s"], cpu),
            parallel.scatter((1, 2), cpu),
            error(lambda: parallel.scatter(x, cpu)),
        )
        yield several.scatter_kwargs((1,), {"k": 2}, cpu), several.scatter_kwargs((), {"k": 2}, cpu)
        yield parallel.gather([None, None], "cpu"), error(lambda: parallel.gather([x, x], "cpu"))
        yield error(lambda: parallel.gather([{"a": x}, {}], "cpu")), parallel.replicate(net, [])
        yield error(lambda: parallel.replicate(net, [0, 1])), error(lambda: parallel.replicate(net, ["cpu"]))
        yield error(lambda: parallel.parallel_apply([net], [x, x])), error(lambda: parallel.parallel_apply([net], [x]))
        yield error(lambda: parallel.DistributedDataParallel(net))


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_gradients_of_convolutions_and_their_gradients(dims):
    draw = np.random.default_rng(dims)
    shapes = (2, 4, *[5] * dims), (6, 2, *[2] * dims), (2, 6, *[3] * dims)
    arrays = [draw.standard_normal(s).astype(np.float32) for s in shapes]
    options = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}
    found = []
    for library in (torch, flambeau):
        module = importlib.import_module(library.__name__ + ".nn.grad")
        x, w, g = (library.tensor(a).requires_grad_() for a in arrays)
        for name, given in (("input", (x.shape, w, g)), ("weight", (x, w.shape, g))):
            result = getattr(module, f"conv{dims}d_{name}")(*given, **options)
            second = library.autograd.grad(result.sin().sum(), [g, w if name == "input" else x])
            found.append([t.detach().numpy() for t in (result, *second)])
    for theirs, ours in zip(found[:2], found[2:], strict=True):
        for a, b in zip(theirs, ours, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-3, atol=1e-4)


def test_gradients_of_convolutions_refuse_shapes_that_do_not_fit():
    x, w, g = flambeau.ones(2, 3, 8), flambeau.ones(4, 3, 3), flambeau.ones(2, 4, 5)
    with pytest.raises(RuntimeError, match=r"Expected grad_output of size \[2, 4, 6\], but got \[2, 4, 5\]"):
        flambeau.nn.grad.conv1d_weight(x, w.shape, g)
    with pytest.raises(RuntimeError, match="expected stride to be a single integer value or a list of 1 values"):
        flambeau.nn.grad.conv2d_input(x.shape, w, g)


def test_causal_biases_mask_attention(agree):
    @agree
    def session(torch, error):
        bias = importlib.import_module(torch.__name__ + ".nn.attention.bias")
        torch.manual_seed(0)
        for queries, keys in ((3, 3), (2, 4), (4, 2)):
            q, k = torch.randn(1, 2, queries, 4, requires_grad=True), torch.randn(1, 2, keys, 4)
            for make in (bias.causal_upper_left, bias.causal_lower_right):
                mask = make(queries, keys)
                out = torch.nn.functional.scaled_dot_product_attention(q, k, k, attn_mask=mask, scale=0.3)
                (grad,) = torch.autograd.grad(out.sum(), q)
                yield repr(mask), mask.seq_len_q, int(mask.variant), out.tolist(), grad.tolist()
        attention = torch.nn.functional.scaled_dot_product_attention
        yield error(lambda: attention(q, k, k, mask, is_causal=True)), error(lambda: bias.causal_upper_left(2))
