"""Random indices read, write and differentiate as in PyTorch; wrong ones raise the same class with the same first
line."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")
SHAPE = (3, 4, 2, 5)


def random_index(rng: np.random.Generator, T):
    """An index built for module `T` from a stream of random choices: the same stream gives the same index."""
    parts = []
    dims = list(SHAPE)
    while dims and rng.random() < 0.85:
        choice = rng.integers(0, 10)
        n = dims[0]
        if choice == 0:
            parts.append(None)
            continue
        if choice == 1 and Ellipsis not in parts:
            parts.append(Ellipsis)
            for _ in range(int(rng.integers(0, len(dims)))):
                dims.pop(0)
            continue
        if choice in (2, 3):
            parts.append(int(rng.integers(-n, n)))
        elif choice == 4:
            parts.append(slice(int(rng.integers(-n, n)), None, int(rng.integers(1, 3))))
        elif choice == 5:
            parts.append(slice(None))
        elif choice == 6:
            parts.append(T.tensor(rng.integers(-n, n, size=int(rng.choice([1, 2]))).tolist()))
        elif choice == 7:
            parts.append(T.tensor((rng.random(n) < 0.5).tolist()))
        elif choice == 8:
            parts.append(rng.integers(0, n, size=2).tolist())
        else:
            parts.append(T.tensor(int(rng.integers(-n, n)), dtype=T.int32))
        dims.pop(0)
    return tuple(parts) if len(parts) != 1 or rng.random() < 0.5 else parts[0]


def outcome(T, seed: int):
    """What reading, differentiating and writing at a random index gives, or the error."""
    rng = np.random.default_rng(seed)
    index = random_index(rng, T)
    values = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)
    x = T.tensor(values.tolist(), requires_grad=True)
    try:
        picked = x[index]
        (picked * picked).sum().backward()
        y = T.tensor(values.tolist())
        y[index] = 7.0
        z = T.tensor(values.tolist())
        z[index] = z[index] * 2
    except Exception as error:
        return type(error).__name__, str(error).partition("\n")[0]
    return [picked.detach().numpy(), x.grad.numpy(), y.numpy(), z.numpy(), np.array(picked.stride())]


@pytest.mark.parametrize("block", range(10))
def test_random_indices_read_write_and_differentiate_as_in_pytorch(block):
    for seed in range(60 * block, 60 * (block + 1)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected, found = outcome(torch, seed), outcome(flambeau, seed)
        if isinstance(expected, tuple):
            # which dimension is named depends on the order in which the parts of an index are applied
            assert found[0] == expected[0] and found[1][:24] == expected[1][:24], seed
        else:
            assert not isinstance(found, tuple), (seed, found)
            for a, b in zip(expected[:4], found[:4], strict=True):
                assert a.shape == b.shape, seed
                np.testing.assert_array_equal(a, b, err_msg=str(seed))


WRONG = [
    lambda x: x[7], lambda x: x[0, 0, 0, 0, 0], lambda x: x[1.5], lambda x: x[::-1], lambda x: x[[9]],
    lambda x: x["a"], lambda x: x[[True, False]], lambda x: x[[0, 1], [0, 1, 2]], lambda x: x[0, 0, 0, 0][0],
    lambda x: x.__setitem__(0, "a"), lambda x: x.__setitem__(0, [1, 2]), lambda x: x.__setitem__(9, 1),
    lambda x: x.int().__setitem__(0, 1 << 40),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_a_wrong_index_raises_the_same_class_and_first_line(number):
    found = []
    for T in (torch, flambeau):
        with pytest.raises(Exception) as caught:
            WRONG[number](T.zeros(SHAPE))
        found.append((type(caught.value).__name__, str(caught.value).partition("\n")[0]))
    assert found[1] == found[0]
