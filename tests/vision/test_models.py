"""Models: torchvision's names in `state_dict`, torchvision's first weights from a seed, scores of the right shape."""

from __future__ import annotations

import hashlib

import pytest

import flambeau as torch
from flambeau.vision import models

# printed by torchvision 0.28 with seed 0 and 3 classes: entries of the state dict, MD5 of their names and shapes,
# and the sum of all entries, each times its place modulo 7 and 1
MODELS = {
    "resnet18": (122, "46846fa07488", 38292.06528285038),
    "mobilenet_v2": (314, "12fefa5f9928", 135591.7106368672),
    "mobilenet_v3_small": (244, "a96387a01285", 49021.59587397938),
    "squeezenet1_1": (52, "e73acd9f23c7", -51.0800496225157),
    "densenet121": (727, "35e1bbea0b81", 336019.25642941205),
}


@pytest.mark.parametrize("name", MODELS)
def test_names_and_first_weights_are_torchvisions(name):
    torch.manual_seed(0)
    state = models.get_model(name, weights=None, num_classes=3).state_dict()
    lines = "\n".join(f"{key} {tuple(value.shape)}" for key, value in state.items())
    count, digest, total = MODELS[name]
    assert (len(state), hashlib.md5(lines.encode()).hexdigest()[:12]) == (count, digest)
    assert sum(v.double().sum().item() * (i % 7 + 1) for i, v in enumerate(state.values())) == pytest.approx(total)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "squeezenet1_1"])
def test_images_become_scores(name):
    model = models.get_model(name, num_classes=3).eval()
    assert model(torch.rand(2, 3, 40, 48)).shape == (2, 3)


def test_a_model_trains():
    torch.manual_seed(0)
    model = models.lenet()
    images, targets = torch.rand(4, 1, 28, 28), torch.tensor([0, 1, 2, 3])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        loss = torch.nn.functional.cross_entropy(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[2] < losses[0]


def test_models_are_found_by_name():
    assert models.list_models(include="resnet*") == ["resnet101", "resnet152", "resnet18", "resnet34", "resnet50"]
    assert models.get_weight("ResNet18_Weights.DEFAULT") is models.ResNet18_Weights.IMAGENET1K_V1
    with pytest.raises(ValueError, match="Unknown model resnet19"):
        models.get_model("resnet19")


def test_weights_without_network_name_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    weights = models.SqueezeNet1_1_Weights.DEFAULT
    path = tmp_path / "hub" / "checkpoints" / "squeezenet1_1-b8a52dc0.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not the weights")
    with pytest.raises(RuntimeError, match='invalid hash value \\(expected "b8a52dc0"'):
        models.squeezenet1_1(weights=weights)


@pytest.fixture
def asked_for(monkeypatch):
    """The weights that builders ask for; they get those of a model with seed 0."""
    asked = []
    monkeypatch.setattr(models.ResNet50_Weights, "get_state_dict", lambda weights, **_: asked.append(weights) or {})
    monkeypatch.setattr(torch.nn.Module, "load_state_dict", lambda *_: None)
    return asked


@pytest.mark.parametrize(("args", "kwargs"), [((True,), {}), ((True, False), {}), ((), {"pretrained": True})])
def test_the_old_ways_to_ask_for_weights_mean_the_first_ones(asked_for, args, kwargs):
    with pytest.warns(UserWarning) as told:
        models.resnet50(*args, **kwargs)
    assert asked_for == [models.ResNet50_Weights.IMAGENET1K_V1]
    says = [str(warning.message) for warning in told]
    assert "deprecated since 0.13" in says[0] and "weights=ResNet50_Weights.IMAGENET1K_V1`. You can also" in says[-1]


def test_the_new_ways_ask_for_what_they_say(asked_for):
    for weights in ("DEFAULT", models.ResNet50_Weights.IMAGENET1K_V2, "ResNet50_Weights.IMAGENET1K_V2"):
        models.resnet50(weights=weights)
    assert asked_for == [models.ResNet50_Weights.IMAGENET1K_V2] * 3


def test_no_weights_in_the_old_ways(asked_for):
    for args, kwargs in [((False,), {"num_classes": 3}), ((), {"pretrained": False})]:
        with pytest.warns(UserWarning) as told:
            models.resnet50(*args, **kwargs)
        assert len(told) == 2 and "equivalent to passing `weights=None`." in str(told[1].message)
    with pytest.raises(TypeError, match="at most 2 positional"):
        models.resnet50(True, False, 3)
    assert asked_for == []


def test_vgg_is_built_of_plans_that_may_be_ones_own():
    layers = models.vgg.make_layers([4, "M", 8], batch_norm=True)
    assert layers(torch.zeros(1, 3, 8, 8)).shape == (1, 8, 4, 4)
    kinds = [type(layer).__name__ for layer in models.vgg.make_layers(models.vgg.cfgs["A"])]
    assert kinds == [type(layer).__name__ for layer in models.vgg11(num_classes=2).features]
