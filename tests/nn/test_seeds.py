"""A seed gives PyTorch 2.13's numbers: layers are initialised in its order, from its stream."""

from __future__ import annotations

import warnings

import pytest

import flambeau as torch
from flambeau import nn

# printed by PyTorch 2.13 with seed 0: the sum of each parameter times its place, 1, 2, …
LAYERS = {
    "nn.Linear(3, 2)": 0.23043672367930412,
    "nn.Bilinear(2, 3, 2)": -2.7804281637072563,
    "nn.Conv2d(2, 3, 3)": -0.4991985766682774,
    "nn.ConvTranspose1d(2, 3, 3)": -1.0648946203291416,
    "nn.Embedding(4, 3, padding_idx=0)": -2.2105133533477783,
    "nn.EmbeddingBag(4, 3)": -3.141735553741455,
    "nn.LSTM(2, 3, num_layers=2, bidirectional=True)": 27.10825765656773,
    "nn.GRUCell(2, 3)": -4.067136352881789,
    "nn.MultiheadAttention(4, 2, add_bias_kv=True)": -12.941123070195317,
    "nn.MultiheadAttention(4, 2, kdim=3, vdim=2)": -2.7860352024435997,
    "nn.TransformerDecoderLayer(4, 2, 8)": 151.35772630246356,
    "nn.Transformer(4, 2, 1, 1, 8)": 629.911954661482,
    "nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10])": 2.683591255918145,
}
# the same, of `cumsum(0).sum()` of a tensor (5, 4)
INITIALISERS = {
    "xavier_uniform_": -6.203917576465756,
    "xavier_normal_": 1.8265753407031298,
    "kaiming_uniform_": -9.305876624770463,
    "kaiming_normal_": 2.7398627810180187,
    "orthogonal_": -3.6439723894000053,
    "trunc_normal_": 2.315282814204693,
}


@pytest.mark.parametrize("code", LAYERS)
def test_layer_draws_pytorchs_numbers(code):
    torch.manual_seed(0)
    with warnings.catch_warnings():
        # PyTorch warns of slow settings and of a parameter without elements
        warnings.simplefilter("ignore")
        layer = eval(code, {"nn": nn})
    total = sum((i + 1) * p.detach().double().sum().item() for i, p in enumerate(layer.parameters()))
    assert total == pytest.approx(LAYERS[code], abs=1e-6)


@pytest.mark.parametrize("name", INITIALISERS)
def test_initialiser_draws_pytorchs_numbers(name):
    torch.manual_seed(0)
    filled = getattr(nn.init, name)(torch.empty(5, 4))
    assert filled.double().cumsum(0).sum().item() == pytest.approx(INITIALISERS[name], abs=1e-5)
