"""Five seconds through every layer: if one of these fails, look here first."""

from __future__ import annotations

import io

import flambeau as torch
from flambeau import compat, nn
from flambeau.utils.data import DataLoader, TensorDataset


def test_an_array_becomes_a_tensor_that_shares_and_prints():
    x = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    x.t()[0] = 7
    assert repr(x) == "tensor([[7., 1., 2.],\n        [7., 4., 5.]])"
    assert x.numpy()[1, 0] == 7


def test_a_seed_gives_pytorchs_numbers():
    torch.manual_seed(0)
    assert [round(v, 4) for v in torch.rand(3).tolist()] == [0.4963, 0.7682, 0.0885]


def test_gradients_flow_twice_through_broadcasting():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (first,) = torch.autograd.grad((x**3 * torch.ones(2, 1)).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert first.tolist() == [6.0, 24.0]
    assert second.tolist() == [12.0, 24.0]


def test_a_network_learns_a_line_from_batches():
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 32).reshape(-1, 1)
    model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(40):
        for inputs, targets in DataLoader(TensorDataset(x, 2 * x + 1), batch_size=8, shuffle=True):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(inputs), targets).backward()
            optimizer.step()
    with torch.no_grad():
        assert (model(x) - (2 * x + 1)).abs().max().item() < 0.15


def test_a_model_is_saved_and_loaded():
    model = nn.Linear(3, 2)
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    copy = nn.Linear(3, 2)
    copy.load_state_dict(torch.load(file))
    assert torch.equal(copy.weight, model.weight)


def test_the_name_torch_means_flambeau_for_a_while():
    with compat.install():
        import torch as by_name

        assert by_name is torch
