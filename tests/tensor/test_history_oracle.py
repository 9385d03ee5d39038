"""Random programs of views, in-place changes and reads end in the same values, gradients and errors as PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")


def step(v, u, views: list, outputs: list, choice: int, pick: float) -> None:
    """One random statement about the view `v`."""
    if choice == 0 and v.dim() > 0:
        views.append(v[int(pick * v.shape[0])])
    elif choice == 1:
        views.append(v.view(-1) if v.is_contiguous() else v.t())
    elif choice == 2:
        v.mul_(2.0)
    elif choice == 3 and v.dim() > 0:
        v.add_(u[: v.shape[-1]] if v.shape[-1] <= 4 else 1.0)
    elif choice == 4 and v.dim() > 0:
        v[0] = 1.5
    elif choice == 5:
        outputs.append((v * v).sum())
    elif choice == 6:
        v.copy_(v.detach() * 0.5 + 1)
    elif choice == 7:
        v.sigmoid_()
    elif choice == 8 and v.dim() == 2:
        views.append(v[:, 1:3])
    elif choice == 9 and v.dim() > 0:
        v[v.detach() > 0] = 0.25
    elif choice == 10 and v.dim() > 0:
        v[..., 0] += u[0]
    elif choice == 11:
        views.append(v.unsqueeze(0).squeeze(0))


def program(T, seed: int) -> list:
    """Run a random program with module `T`: the values at the end, or the first line of the error."""
    rng = np.random.default_rng(seed)
    w = T.tensor(rng.standard_normal((3, 4)).astype("f4").tolist(), requires_grad=True)
    u = T.tensor(rng.standard_normal(4).astype("f4").tolist(), requires_grad=True)
    x = w * 1.0
    views, outputs, errors = [x], [], []
    for _ in range(rng.integers(3, 9)):
        v = views[int(rng.integers(0, len(views)))]
        try:
            step(v, u, views, outputs, int(rng.integers(0, 12)), rng.random())
        except RuntimeError as error:
            errors.append(str(error).partition("\n")[0][:60])
    try:
        (x.exp().sum() + sum(outputs)).backward()
    except RuntimeError as error:
        return [*errors, str(error).partition("\n")[0][:60]]
    u_grad = np.zeros(4, "f4") if u.grad is None else u.grad.numpy()
    return [*errors, x.detach().numpy(), w.grad.numpy(), u_grad, np.array([float(o.detach()) for o in outputs])]


@pytest.mark.parametrize("block", range(10))
def test_random_programs_of_views_and_in_place_changes_end_as_in_pytorch(block):
    for seed in range(40 * block, 40 * (block + 1)):
        expected, found = program(torch, seed), program(flambeau, seed)
        assert len(found) == len(expected), (seed, expected, found)
        for a, b in zip(expected, found, strict=True):
            if isinstance(a, str):
                assert b == a, seed
            else:
                np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-5, err_msg=str(seed))
