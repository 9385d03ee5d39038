"""Averaged models: the plain mean, the exponential one, buffers and BatchNorm statistics."""

import numpy as np
import pytest

import flambeau
from flambeau import nn
from flambeau.optim import swa_utils


def models(values):
    """A model whose weight takes these values in turn."""
    model = nn.Linear(1, 1, bias=False)
    for value in values:
        with flambeau.no_grad():
            model.weight.fill_(value)
        yield model


def test_the_average_is_the_mean_of_all_models():
    for averaged_by in ({}, {"avg_fn": swa_utils.get_swa_avg_fn()}, {"multi_avg_fn": swa_utils.get_swa_multi_avg_fn()}):
        average = None
        for model in models([1.0, 2.0, 6.0]):
            average = average or swa_utils.AveragedModel(model, **averaged_by)
            average.update_parameters(model)
        assert average.module.weight.item() == pytest.approx(3.0)
        assert average.n_averaged.item() == 3


def test_an_exponential_average_moves_by_its_decay():
    for averaged_by in (
        {"avg_fn": swa_utils.get_ema_avg_fn(0.75)},
        {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.75)},
    ):
        average = None
        for model in models([0.0, 4.0]):
            average = average or swa_utils.AveragedModel(model, **averaged_by)
            average.update_parameters(model)
        assert average.module.weight.item() == pytest.approx(1.0)


def test_buffers_are_copied_or_averaged():
    for use_buffers, expected in ((False, 3.0), (True, 2.0)):
        model = nn.BatchNorm1d(1)
        average = swa_utils.AveragedModel(model, use_buffers=use_buffers)
        for value in (1.0, 3.0):
            model.running_mean.fill_(value)
            average.update_parameters(model)
        assert average.module.running_mean.item() == pytest.approx(expected)


def test_update_bn_computes_the_statistics_of_the_data():
    data = np.random.default_rng(0).standard_normal((4, 8, 3)).astype(np.float32) + 5
    model = nn.Sequential(nn.BatchNorm1d(3, momentum=0.3))
    model.eval()
    swa_utils.update_bn([(flambeau.from_numpy(batch), None) for batch in data], model)
    np.testing.assert_allclose(model[0].running_mean.numpy(), data.mean((0, 1)), rtol=1e-5)
    assert model[0].momentum == 0.3 and not model.training


def test_a_decay_out_of_range_is_refused():
    with pytest.raises(ValueError, match="Invalid decay value 1.5 provided"):
        swa_utils.get_ema_avg_fn(1.5)
