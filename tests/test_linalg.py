"""The namespace of linear algebra, and what singular matrices lead to."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch


def test_results_have_pytorchs_names():
    a = torch.eye(2)
    assert type(torch.linalg.eigh(a)).__name__ == "linalg_eigh"
    assert torch.linalg.svd(a).S.tolist() == [1.0, 1.0]
    assert torch.linalg.inv.__name__ == "linalg_inv"


def test_every_name_of_all_exists_and_is_told():
    for module in (torch.linalg, torch.fft, torch.signal.windows):
        for name in module.__all__:
            assert getattr(module, name).__doc__, name


def test_ex_functions_report_what_the_others_raise():
    singular = torch.stack([torch.eye(2), torch.zeros(2, 2)])
    assert torch.linalg.inv_ex(singular).info.tolist() == [0, 1]
    assert torch.linalg.solve_ex(singular, torch.ones(2, 1)).info.tolist() == [0, 1]
    indefinite = torch.tensor([[1.0, 2.0], [2.0, 1.0]])
    factor, info = torch.linalg.cholesky_ex(torch.stack([torch.eye(2), indefinite]))
    assert info.tolist() == [0, 2]
    assert factor[1].tolist() == [[1.0, 0.0], [2.0, -3.0]]
    with pytest.raises(torch.linalg.LinAlgError):
        torch.linalg.inv(singular)


def test_a_good_matrix_beside_a_singular_one_is_solved():
    pair = torch.stack([2 * torch.eye(3), torch.zeros(3, 3)])
    assert torch.equal(torch.linalg.inv_ex(pair).inverse[0], 0.5 * torch.eye(3))


def test_matrix_exp_of_a_large_matrix_keeps_its_digits():
    angle = 100.0
    turn = torch.tensor([[0.0, -angle], [angle, 0.0]], dtype=torch.float64)
    c, s = np.cos(angle), np.sin(angle)
    np.testing.assert_allclose(torch.linalg.matrix_exp(turn).numpy(), [[c, -s], [s, c]], atol=1e-12)


def test_transforms_of_float32_stay_in_float32():
    assert torch.fft.fft(torch.ones(4)).dtype is torch.complex64
    assert torch.fft.irfft(torch.ones(3)).dtype is torch.float32
    assert torch.fft.fft(torch.ones(4, dtype=torch.float64)).dtype is torch.complex128


def test_a_signal_comes_back_from_its_short_time_transform():
    window = torch.hann_window(16, dtype=torch.float64)
    signal = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 100)))
    spectrum = torch.stft(signal, 16, window=window, return_complex=True)
    back = torch.istft(spectrum, 16, window=window, length=100)
    np.testing.assert_allclose(back.numpy(), signal.numpy(), atol=1e-12)


@pytest.mark.parametrize("shapes", [((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((3,), (3, 4)), ((2, 3), (3,))])
def test_integers_are_multiplied_exactly(shapes):
    a, b = (np.random.default_rng(1).integers(-(2**40), 2**40, s) for s in shapes)
    found = torch.from_numpy(a) @ torch.from_numpy(b)
    assert found.dtype is torch.int64
    np.testing.assert_array_equal(found.numpy(), np.matmul(a, b))


def test_a_transposed_weight_is_not_copied():
    """The product of `linear` reads the weight where it lies: changing it changes the next result."""
    weight, x = torch.ones(4, 3), torch.ones(2, 3)
    before = torch.nn.functional.linear(x, weight)
    weight.mul_(2)
    assert torch.equal(torch.nn.functional.linear(x, weight), 2 * before)


def test_addmm_with_beta_zero_ignores_nan():
    nan = torch.full((2, 2), float("nan"))
    assert torch.equal(torch.addmm(nan, torch.eye(2), torch.eye(2), beta=0), torch.eye(2))
