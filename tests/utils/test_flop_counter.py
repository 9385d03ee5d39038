"""The operations of products are counted as PyTorch counts them, for each module and in both passes."""

import pytest

import flambeau as torch
from flambeau import nn
from flambeau.utils.flop_counter import FlopCounterMode

CASES = {
    "linear": (lambda: nn.Linear(8, 5), (2, 3, 8), {"aten.addmm": 480, "aten.mm": 960}),
    "without bias": (lambda: nn.Linear(8, 5, bias=False), (2, 3, 8), {"aten.mm": 1440}),
    "grouped": (
        lambda: nn.Conv2d(4, 4, 3, groups=2),
        (1, 4, 8, 8),
        {"aten.convolution": 5184, "aten.convolution_backward": 15552},
    ),
    "transposed": (
        lambda: nn.ConvTranspose2d(2, 4, 3, groups=2),
        (1, 2, 8, 8),
        {"aten.convolution": 4608, "aten.convolution_backward": 13824},
    ),
    "gru": (lambda: nn.GRU(8, 4), (2, 3, 8), {"aten.addmm": 1728, "aten.mm": 3168}),
    "rnn": (lambda: nn.RNN(8, 4), (2, 3, 8), {"aten.addmm": 576, "aten.mm": 1056}),
}


@pytest.mark.parametrize("name", CASES)
def test_each_layer_counts_as_in_pytorch(name):
    make, shape, expected = CASES[name]
    layer, x = make(), torch.randn(shape, requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        result = layer(x)
        (result[0] if isinstance(result, tuple) else result).sum().backward()
    assert counter.get_flop_counts()["Global"] == expected
    assert counter.get_flop_counts()[type(layer).__name__] == expected
    assert counter.get_total_flops() == sum(expected.values())


def test_products_outside_of_modules_count_and_those_with_vectors_do_not():
    x = torch.randn(2, 3, 8)
    with FlopCounterMode(display=False) as counter:
        x @ torch.randn(8, 4)
        torch.bmm(x, x.mT)
        x @ torch.randn(8)
    assert counter.get_flop_counts() == {"Global": {"aten.mm": 384, "aten.bmm": 288}}
    x @ x.mT
    assert counter.get_total_flops() == 672


def test_the_table_shows_modules(capsys):
    net = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 2)))
    with FlopCounterMode():
        net(torch.randn(3, 8))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[:4] == [
        "Module          FLOP    % Total",
        "------------  ------  ---------",
        "Sequential       240    100.00%",
        "- aten.addmm     240    100.00%",
    ]
