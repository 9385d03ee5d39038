"""A layer that is made wrongly says its own name."""

from __future__ import annotations

import inspect

import pytest

from flambeau import nn

LAYERS = [nn.Conv2d, nn.ConvTranspose1d, nn.LazyConv3d, nn.AvgPool2d, nn.MaxUnpool1d, nn.FractionalMaxPool3d]
LAYERS += [nn.CircularPad2d, nn.ConstantPad1d, nn.ReflectionPad3d, nn.ReplicationPad1d, nn.ZeroPad2d]


@pytest.mark.parametrize("layer", LAYERS)
def test_an_unknown_argument_is_refused_in_the_layers_own_name(layer):
    name = layer.__name__
    with pytest.raises(TypeError, match=rf"^{name}\.__init__\(\) got an unexpected keyword argument 'widht'"):
        layer(widht=1)
    with pytest.raises(TypeError, match=rf"^{name}\.__init__\(\) missing \d required positional argument"):
        layer()


def test_layers_of_one_family_keep_the_signature_and_the_defaults_of_the_family():
    signatures = {str(inspect.signature(layer)) for layer in (nn.Conv1d, nn.Conv2d, nn.Conv3d)}
    assert len(signatures) == 1 and "padding_mode: 'str' = 'zeros'" in signatures.pop()
    assert nn.LazyConv2d(4, 3).padding == (0, 0) and nn.ZeroPad2d(1).padding == (1, 1, 1, 1)


def test_the_data_of_a_parameter_without_a_shape_is_empty():
    lazy = nn.LazyLinear(1)
    assert lazy.weight.data.normal_(0, 0.01).shape == (0,)
    assert nn.parameter.is_lazy(lazy.weight)
