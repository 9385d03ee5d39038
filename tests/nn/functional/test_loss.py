"""What holds between the losses, and what they do at the edges."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import flambeau as torch
from flambeau.autograd import gradcheck, gradgradcheck

F = torch.nn.functional


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def scores(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_cross_entropy_of_classes_is_that_of_one_hot_probabilities(reduction):
    x, target = scores(5, 4), torch.tensor([0, 3, 1, 1, 2])
    for smoothing in (0.0, 0.2):
        a = F.cross_entropy(x, target, reduction=reduction, label_smoothing=smoothing)
        b = F.cross_entropy(x, F.one_hot(target, 4).double(), reduction=reduction, label_smoothing=smoothing)
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12)


def test_ignored_targets_count_neither_in_the_mean_nor_in_the_gradient():
    x, kept = scores(4, 3), [0, 2]
    target = torch.tensor([1, -100, 2, -100])
    loss = F.cross_entropy(x, target)
    loss.backward()
    assert loss.item() == pytest.approx(F.cross_entropy(x[kept], target[kept]).item())
    assert x.grad[1].tolist() == x.grad[3].tolist() == [0, 0, 0]


def test_ignored_targets_do_not_count_in_a_smoothed_mean_either():
    x, weight = scores(4, 3), torch.tensor([1.0, 2.0, 0.5]).double()
    target = torch.tensor([1, -100, 2, 0])
    kept = [0, 2, 3]
    for w in (None, weight):
        whole = F.cross_entropy(x, target, w, label_smoothing=0.1)
        assert whole.item() == pytest.approx(F.cross_entropy(x[kept], target[kept], w, label_smoothing=0.1).item())


def test_an_infinite_log_probability_of_an_ignored_row_does_no_harm():
    logp = torch.tensor([[-1.0, -2.0], [-float("inf"), 0.0]])
    assert F.nll_loss(logp, torch.tensor([1, -100])).item() == 2


def test_the_loss_with_logits_is_the_loss_of_the_sigmoid():
    x, t = scores(3, 4), torch.rand(3, 4, dtype=torch.float64)
    a, b = F.binary_cross_entropy_with_logits(x, t), F.binary_cross_entropy(x.sigmoid(), t)
    assert a.item() == pytest.approx(b.item(), rel=1e-12)


def test_a_certain_mistake_costs_100_and_no_infinity():
    assert F.binary_cross_entropy(torch.tensor([0.0]), torch.tensor([1.0])).item() == 100
    assert F.binary_cross_entropy_with_logits(torch.tensor([-1e4]), torch.tensor([1.0])).item() == 1e4


@pytest.mark.parametrize("beta", [0.3, 1.0, 2.5])
def test_huber_is_beta_times_smooth_l1(beta):
    x, t = scores(20), torch.zeros(20, dtype=torch.float64)
    a, b = F.huber_loss(x * 3, t, delta=beta), F.smooth_l1_loss(x * 3, t, beta=beta)
    assert a.item() == pytest.approx(beta * b.item(), rel=1e-12)


def test_ctc_sums_over_all_alignments():
    """Of two frames, the label 1 is spelled by (1, 1), (1, blank) and (blank, 1)."""
    p = torch.tensor([[0.6, 0.4], [0.7, 0.3]], dtype=torch.float64)
    loss = F.ctc_loss(p.log(), torch.tensor([1]), torch.tensor(2), torch.tensor(1), reduction="none")
    assert loss.item() == pytest.approx(-np.log(0.4 * 0.3 + 0.4 * 0.7 + 0.6 * 0.3))


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_the_gradient_of_ctc_for_scores_is_the_numerical_one(zero_infinity):
    x = scores(5, 3, 4)
    targets = torch.tensor([[1, 2, 1], [3, 3, 0], [2, 0, 0]])
    steps, lengths = torch.tensor([5, 4, 3]), torch.tensor([3, 2, 1])

    def call(x):
        return F.ctc_loss(x.log_softmax(2), targets, steps, lengths, zero_infinity=zero_infinity)

    assert gradcheck(call, (x,))


def test_a_target_that_does_not_fit_gives_infinity_or_zero_and_no_gradient():
    x = scores(2, 1, 3)
    args = x.log_softmax(2), torch.tensor([[1, 1]]), [2], [2]
    assert F.ctc_loss(*args).item() == float("inf")
    loss = F.ctc_loss(*args, zero_infinity=True)
    loss.backward()
    assert loss.item() == 0
    assert not x.grad.any()


SMOOTH = {
    "poisson": lambda: (lambda x: F.poisson_nll_loss(x, torch.ones(3).double()), (scores(3),)),
    "gaussian": lambda: (
        lambda x, v: F.gaussian_nll_loss(x, torch.zeros(3).double(), v.exp()),
        (scores(3), scores(3)),
    ),
    "kl_div": lambda: (lambda x: F.kl_div(x, torch.rand(3).double(), reduction="sum"), (scores(3),)),
    "cosine": lambda: (F.cosine_similarity, (scores(3, 4), scores(3, 4))),
    "pairwise": lambda: (F.pairwise_distance, (scores(3, 4), scores(3, 4))),
    "bilinear": lambda: (F.bilinear, (scores(3, 4), scores(3, 2), scores(5, 4, 2), scores(5))),
    "triplet": lambda: (
        lambda a, b, c: F.triplet_margin_loss(a, b, c, 9.0),
        (scores(3, 4), scores(3, 4), scores(3, 4)),
    ),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_composites_have_numerical_first_and_second_gradients(name):
    call, inputs = SMOOTH[name]()
    torch.manual_seed(1)
    fixed = torch.get_rng_state()

    def repeated(*args):
        torch.set_rng_state(fixed)
        return call(*args)

    assert gradcheck(repeated, inputs)
    assert gradgradcheck(repeated, inputs)


@pytest.mark.parametrize(
    ("flags", "meant"),
    [
        ({"size_average": True}, "mean"),
        ({"size_average": False}, "sum"),
        ({"reduce": False}, "none"),
        ({"reduce": False, "size_average": False}, "none"),
        ({"reduce": True}, "mean"),
    ],
)
def test_the_old_flags_warn_and_mean_a_reduction(flags, meant):
    x, t = torch.tensor([1.0, 2.0]), torch.tensor([0.0, 4.0])
    with pytest.warns(UserWarning, match=f"please use reduction='{meant}' instead."):
        loss = F.mse_loss(x, t, **flags)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loss.equal(F.mse_loss(x, t, reduction=meant))


def test_targets_that_broadcast_give_a_warning():
    with pytest.warns(UserWarning, match=r"Using a target size \(torch.Size\(\[3\]\)\) that is different to the input"):
        assert F.mse_loss(torch.zeros(3, 1), torch.ones(3), reduction="none").shape == (3, 3)


def test_weights_ask_for_no_gradient():
    w = torch.ones(3).requires_grad_()
    with pytest.raises(RuntimeError, match="the derivative for 'weight' is not implemented"):
        F.binary_cross_entropy_with_logits(torch.zeros(3), torch.zeros(3), w)
