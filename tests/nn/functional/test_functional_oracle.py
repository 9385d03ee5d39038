"""Functions of networks against PyTorch: values, gradients, names of nodes, random streams, complaints, warnings."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")

# expressions over the names that `given` makes; x, p, x3, x4, w and b ask for gradients
VALUES = (
    """
F.softmax(x, 1)|F.log_softmax(x, 0)|F.softmin(x, 1)|F.linear(x, w, b)|F.linear(x3, w)|F.linear(x3, w, b)
F.mse_loss(x, y)|F.mse_loss(x, y, reduction='none')|F.mse_loss(x, y, weight=y)|F.l1_loss(x, y)
F.smooth_l1_loss(x, y)|F.smooth_l1_loss(x, y, beta=0.3, reduction='sum')|F.huber_loss(x, y, delta=0.5)
F.huber_loss(x, y, weight=y)|F.binary_cross_entropy(p, y)|F.binary_cross_entropy(p, y, y[0])
F.binary_cross_entropy_with_logits(x, y)|F.binary_cross_entropy_with_logits(x, y, y[0], pos_weight=y[1])
F.nll_loss(x, t)|F.nll_loss(x, t, y[0])|F.cross_entropy(x, t)|F.cross_entropy(x, t, y[0], label_smoothing=0.1)
F.cross_entropy(x, y)|F.cross_entropy(x4, t4)|F.cross_entropy(x, t, ignore_index=1)
F.cross_entropy(x, t, reduction='none')|F.cross_entropy(x3, t3)|F.kl_div(x, y, reduction='batchmean')
F.kl_div(x, y, log_target=True, reduction='sum')|F.poisson_nll_loss(x, y)|F.poisson_nll_loss(x, y * 3, full=True)
F.gaussian_nll_loss(x, y, p)|F.gaussian_nll_loss(x, y, p[:, 0], full=True)
F.hinge_embedding_loss(x, y.round() * 2 - 1)|F.margin_ranking_loss(x, p, y - 0.5, 0.1)|F.soft_margin_loss(x, y)
F.cosine_embedding_loss(x, p, t % 2 * 2 - 1)|F.triplet_margin_loss(x, p, y)
F.triplet_margin_loss(x, p, y, p=1, swap=True)|F.triplet_margin_with_distance_loss(x, p, y)
F.multi_margin_loss(x, t)|F.multi_margin_loss(x, t, p=2, weight=y[0])|F.multilabel_margin_loss(x, many)
F.multi_margin_loss(x[0], t[:1], reduction='none')|F.multi_margin_loss(x[0], t[0], reduction='none')
F.multilabel_soft_margin_loss(x, y)|F.multilabel_soft_margin_loss(x, y, y[0])
F.ctc_loss(x3.log_softmax(2), frames, [2, 2, 1, 2], [1, 0, 1, 2])|F.linear_cross_entropy(x, w, t % 3)
F.layer_norm(x, [5])|F.layer_norm(x, [5], w[0], w[1])|F.rms_norm(x, [5], w[0])|F.group_norm(x4, 2, y.flatten()[:6])
F.batch_norm(x4, None, None, training=True)|F.batch_norm(x, y[0], y[1])|F.instance_norm(x4)
F.local_response_norm(x4, 3)|F.normalize(x)|F.normalize(x, 1, 0)|F.cosine_similarity(x, p)|F.pairwise_distance(x, p)
F.pdist(x)|F.relu(x)|F.relu6(x * 9)|F.elu(x, 0.7)|F.selu(x)|F.celu(x, 0.7)|F.leaky_relu(x, 0.2)|F.prelu(x, w[0])
F.prelu(x, w[0, :1])|F.rrelu(x)|F.glu(x4)|F.gelu(x)|F.gelu(x, approximate='tanh')|F.logsigmoid(x)|F.hardshrink(x)
F.tanhshrink(x)|F.softsign(x)|F.softplus(x, 2, 3)|F.softshrink(x)|F.hardsigmoid(x * 3)|F.silu(x)|F.mish(x)
F.hardswish(x * 3)|F.hardtanh(x)|F.threshold(x, 0.1, 20)|F.embedding(t % 4, x)|F.embedding(t % 4, x, 2)
F.embedding_bag(many.clamp(0, 3), x)|F.bilinear(x, p, w.new_ones(3, 5, 5))
F.embedding_bag(t % 4, x, t[:2], mode='max')|F.scaled_dot_product_attention(x3, x3, x3)|F.one_hot(t)
F.scaled_dot_product_attention(x4, x4, x4, is_causal=True)|F.scaled_dot_product_attention(x4, x4, x4, x4[0, 0] > 0)
F.channel_shuffle(x4, 2)|torch.native_layer_norm(x, [5], None, None, 1e-5)[0]
torch.batch_norm(x, b5, b5, y[0], y[1], False, 0.1, 1e-5, True)
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

RANDOM = (
    """
F.dropout(x)|F.dropout(x, 0.2)|F.dropout(x.t())|F.dropout1d(x)|F.dropout2d(x4)|F.dropout3d(x4)
F.alpha_dropout(x, 0.3, True)|F.feature_alpha_dropout(x4, 0.3, True)|F.rrelu(x, training=True)|F.gumbel_softmax(x)
F.gumbel_softmax(x, hard=True)|F.scaled_dot_product_attention(x3, x3, x3, dropout_p=0.4)
torch.feature_dropout(x4, 0.5, True)|torch.native_dropout(x, 0.5, True)[0]
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

# calls that fail, or that warn
COMPLAINTS = (
    """
F.mse_loss(x, y, reduction='mean2')|F.mse_loss(x, y, size_average=False)|F.mse_loss(x, y[:1])|F.mse_loss(x, y[:3])
F.mse_loss(y.long(), y.long())|F.l1_loss(y.long(), y.long())|F.smooth_l1_loss(x, y, beta=-1)
F.huber_loss(x, y, delta=0)|F.mse_loss(x, y, weight=y[:2])|F.binary_cross_entropy(p, y[:1])
F.binary_cross_entropy(x - 9, y)|F.binary_cross_entropy(p, y.double())|F.binary_cross_entropy(p, y, y[:2])
F.binary_cross_entropy_with_logits(x, y[:1])|F.binary_cross_entropy_with_logits(x, y.long())|F.nll_loss(x, t[:3])
F.nll_loss(x, t + 1)|F.nll_loss(x, t - 1)|F.nll_loss(x, t.int())|F.nll_loss(x, y)|F.nll_loss(x[0], t)
F.nll_loss(x, t, y[0, :3])|F.nll_loss(x, t, y[0].double())|F.nll_loss(x[0, 0], t)|F.nll_loss(x3, t3[:, :2])
F.nll_loss(x4, t4[:, :2])|F.cross_entropy(x, t, label_smoothing=2.0)|F.cross_entropy(x, y, ignore_index=2)
F.cross_entropy(x, t.float())|F.softmax(x)|F.softmax(x, 5)|F.softmax(y.long(), 1)|F.log_softmax(y.long(), 0)
F.log_softmax(x)|F.one_hot(t, 3)|F.one_hot(t - 1)|F.one_hot(t.int())|F.one_hot(t[:0])|F.dropout(x, 2.0)|F.dropout(t)
torch.dropout(x, 2.0, True)|F.dropout2d(x)|F.dropout2d(x3)|F.dropout1d(x[0])|F.dropout3d(x)
torch.feature_dropout(x[0], 0.5, True)|F.relu(x > 0)|F.hardtanh(x > 0)|F.hardtanh(x, 2, 1)|F.elu(t)|F.selu(t)
F.gelu(t)|F.gelu(x, approximate='foo')|F.celu(x, 0)|F.softshrink(x, -1)|F.rrelu(x, 0.5, 0.3)|F.glu(x)|F.glu(x[0, 0])
F.prelu(x, w[0, :2])|F.prelu(x, w[0].double())|F.kl_div(x, y)|F.kl_div(x, t)|F.gaussian_nll_loss(x, y, -2.0)
F.gaussian_nll_loss(x, y, p[0])|F.margin_ranking_loss(x, p, y[0])|F.cosine_embedding_loss(x, p, y)
F.cosine_embedding_loss(x[0], p[0], t[:1])|F.triplet_margin_loss(x, p, y[0])
F.triplet_margin_loss(x, p, y, margin=-1)|F.multi_margin_loss(x, t, p=3)|F.multi_margin_loss(x, t + 1)
F.multi_margin_loss(x, t[:3])|F.multilabel_margin_loss(x, t)|F.multilabel_margin_loss(x[0], many[0] + 9)
F.ctc_loss(x3, frames, [2, 2, 9, 2], [1, 0, 1, 2])|F.ctc_loss(x3, frames, [2, 2], [1, 0, 1, 2])
F.ctc_loss(x3, frames, [2, 2, 1, 2], [1, 0, 1, 2], blank=7)|F.bilinear(x, y[:3], x3)|F.layer_norm(x, [4])
F.layer_norm(x, [])|F.layer_norm(x, [5], w[0, :4])|F.layer_norm(t, [4])|F.group_norm(x, 2)|F.rms_norm(x, [4])
F.batch_norm(x[:1], None, None, training=True)|F.batch_norm(x, None, None)|F.batch_norm(x, y[0, :4], y[0])
F.instance_norm(x)|F.local_response_norm(x, 2)|F.embedding(t, x)|F.embedding(t - 1, x)|F.embedding(y, x)
F.embedding(t, x[0])|F.embedding(t, x, 7)|F.embedding_bag(t, x)|F.embedding_bag(many, x, t)
F.embedding_bag(t % 4, x, t[1:3])|F.embedding_bag(t % 4, x, t[:2], mode='foo')
F.scaled_dot_product_attention(x[0], x, x)|F.scaled_dot_product_attention(x, x, x.double())
F.scaled_dot_product_attention(x, x, x, t)|F.channel_shuffle(x4, 4)|F.linear(x, y.t())|F.linear(x, w.double())
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


def given(library, requires_grad: bool = True) -> dict:
    """The same tensors in both libraries."""
    stream = np.random.RandomState(0)

    def floats(*shape, grad=False, low=-2.0, high=2.0):
        made = library.from_numpy(stream.uniform(low, high, shape).astype(np.float32))
        return made.requires_grad_() if grad and requires_grad else made

    def numbers(values):
        return library.tensor(values)

    return {
        "torch": library,
        "F": library.nn.functional,
        "x": floats(4, 5, grad=True),
        "x3": floats(2, 4, 5, grad=True),
        "x4": floats(2, 6, 4, 4, grad=True),
        "w": floats(3, 5, grad=True),
        "b": floats(3, grad=True),
        "b5": floats(5, grad=True),
        "p": floats(4, 5, grad=True, low=0.1, high=0.9),
        "y": floats(4, 5, low=0.1, high=0.9),
        "t": numbers([0, 1, 2, 4]),
        "t3": numbers([[0, 1, 2, 3, 0], [1, 1, 2, 0, 3]]),
        "t4": numbers([[[0, 1, 2, 3]] * 4, [[5, 4, 3, 2]] * 4]),
        "many": numbers([[0, 2, -1, 1, 1], [1, -1, 0, 0, 0], [4, 3, 2, 1, 0], [-1, 0, 0, 0, 0]]),
        "frames": numbers([[1, 2], [1, 1], [3, 1], [4, 2]]),
    }


def outcome(library, expression: str) -> tuple:
    """The value, the name of the node, and the gradients of an expression."""
    library.manual_seed(7)
    names = given(library)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = eval(expression, names)
    grads = {}
    if value.requires_grad:
        (value * library.linspace(0.5, 1.5, value.numel()).reshape(value.shape)).sum().backward()
        tensors = {k: v for k, v in names.items() if isinstance(v, library.Tensor)}
        grads = {k: v.grad.numpy() for k, v in tensors.items() if v.is_leaf and v.grad is not None}
    return value.detach().numpy(), type(value.grad_fn).__name__, grads


# half of the composites end in a node of another, equivalent step
OTHER_NODES = (
    "F.cross_entropy(x, y)",
    "F.linear(x3",
    "scaled_dot",
    "F.rms_norm",
    "F.pairwise",
    "F.softsign",
    "F.instance",
    "F.bilinear",
    "F.channel",
)


@pytest.mark.parametrize("expression", VALUES)
def test_values_and_gradients_are_pytorchs(expression):
    value, node, grads = outcome(flambeau, expression)
    expected, expected_node, expected_grads = outcome(torch, expression)
    np.testing.assert_allclose(value, expected, rtol=2e-5, atol=2e-6)
    assert value.dtype == expected.dtype
    if not any(part in expression for part in OTHER_NODES):
        assert node == expected_node
    assert grads.keys() == expected_grads.keys()
    for name, grad in grads.items():
        np.testing.assert_allclose(grad, expected_grads[name], rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("expression", RANDOM)
def test_a_seed_gives_pytorchs_draws(expression):
    value, _, grads = outcome(flambeau, expression)
    expected, _, expected_grads = outcome(torch, expression)
    np.testing.assert_allclose(value, expected, rtol=2e-5, atol=2e-6)
    for name, grad in grads.items():
        np.testing.assert_allclose(grad, expected_grads[name], rtol=1e-4, atol=1e-5, err_msg=name)


def complaints(library, expression: str) -> tuple:
    """The class and first line of what is raised, and the warnings."""
    names = given(library)
    error = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            eval(expression, names)
        except Exception as e:
            error = type(e).__name__, str(e).split("\n")[0]
    return error, [(w.category, str(w.message)) for w in caught]


@pytest.mark.parametrize("expression", COMPLAINTS)
def test_complaints_are_pytorchs(expression):
    ours, theirs = complaints(flambeau, expression), complaints(torch, expression)
    assert theirs[0] is not None or theirs[1], "the call neither fails nor warns"
    assert ours == theirs
