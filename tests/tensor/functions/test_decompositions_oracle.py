"""Decompositions, systems and transforms against PyTorch: values, and first and second derivatives."""

from __future__ import annotations

import zlib
from itertools import zip_longest

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")


def positive(m, a):
    return a @ a.mH + 3 * m.eye(a.shape[-1], dtype=a.dtype)


def sizes(x):
    """What does not depend on the signs or phases of vectors."""
    return x.abs() ** 2


# name -> a function of a library and tensors, the shapes of the tensors, whether it is tested on complex numbers
CASES = {
    "inv": (lambda m, a: m.linalg.inv(a), [(2, 3, 3)], True),
    "det": (lambda m, a: m.linalg.det(a), [(2, 3, 3)], True),
    "slogdet": (lambda m, a: tuple(m.linalg.slogdet(a)), [(2, 3, 3)], True),
    "logdet": (lambda m, a: m.logdet(positive(m, a)), [(3, 3)], True),
    "cholesky": (lambda m, a: m.linalg.cholesky(positive(m, a)), [(2, 3, 3)], True),
    "cholesky upper": (lambda m, a: m.linalg.cholesky(positive(m, a), upper=True), [(3, 3)], True),
    "cholesky_solve": (lambda m, a, b: m.cholesky_solve(b, m.linalg.cholesky(positive(m, a))), [(3, 3), (3, 2)], True),
    "cholesky_inverse": (lambda m, a: m.cholesky_inverse(m.linalg.cholesky(positive(m, a))), [(3, 3)], True),
    "qr tall": (lambda m, a: tuple(m.linalg.qr(a)), [(4, 3)], True),
    "qr wide": (lambda m, a: tuple(m.linalg.qr(a)), [(2, 3, 5)], True),
    "eigh": (
        lambda m, a: (m.linalg.eigh(positive(m, a))[0], sizes(m.linalg.eigh(positive(m, a))[1])),
        [(2, 3, 3)],
        True,
    ),
    "eigvalsh": (lambda m, a: m.linalg.eigvalsh(positive(m, a)), [(3, 3)], True),
    "eig": (lambda m, a: sizes(m.linalg.eig(a)[0]).sum(-1), [(3, 3)], True),
    "svd": (
        lambda m, a: (
            sizes(m.linalg.svd(a, full_matrices=False)[0]),
            m.linalg.svd(a)[1],
            sizes(m.linalg.svd(a, full_matrices=False)[2]),
        ),
        [(2, 4, 3)],
        True,
    ),
    "svdvals": (lambda m, a: m.linalg.svdvals(a), [(3, 4)], True),
    "pinv": (lambda m, a: m.linalg.pinv(a), [(4, 3)], True),
    "solve": (lambda m, a, b: m.linalg.solve(a, b), [(2, 3, 3), (3, 2)], True),
    "solve vector": (lambda m, a, b: m.linalg.solve(a, b), [(3, 3), (3,)], False),
    "solve right": (lambda m, a, b: m.linalg.solve(a, b, left=False), [(3, 3), (2, 3)], False),
    "solve_triangular": (
        lambda m, a, b: m.linalg.solve_triangular(a, b, upper=False, unitriangular=True, left=False),
        [(3, 3), (2, 3)],
        False,
    ),
    "lstsq": (lambda m, a, b: m.linalg.lstsq(a, b, driver="gelsd")[:2], [(4, 3), (4, 2)], False),
    "lu_factor": (lambda m, a: m.linalg.lu_factor(a)[0], [(2, 4, 4)], True),
    "lu": (lambda m, a: tuple(m.linalg.lu(a)), [(2, 4, 3)], True),
    "lu_solve": (lambda m, a, b: m.linalg.lu_solve(*m.linalg.lu_factor(a), b, adjoint=True), [(3, 3), (3, 2)], False),
    "householder_product": (lambda m, a, b: m.linalg.householder_product(a, b), [(4, 3), (2,)], True),
    "ormqr": (lambda m, a, b, c: m.ormqr(a, b, c), [(4, 3), (3,), (4, 2)], True),
    "matrix_exp": (lambda m, a: m.linalg.matrix_exp(a), [(2, 3, 3)], False),
    "matrix_power": (lambda m, a: m.linalg.matrix_power(a, -3), [(3, 3)], False),
    "matrix norms": (
        lambda m, a: tuple(m.linalg.norm(a, p) for p in (None, "fro", "nuc", 1, 2, -2, float("inf"), -1)),
        [(3, 4)],
        False,
    ),
    "tensorsolve": (lambda m, a, b: m.linalg.tensorsolve(a, b), [(2, 3, 6), (2, 3)], False),
    "einsum": (lambda m, a, b, c: m.einsum("bij,bjk,k->bi", a, b, c), [(2, 3, 4), (2, 4, 5), (5,)], False),
    "einsum diagonal": (lambda m, a: m.einsum("...ii->...i", a), [(2, 3, 3)], False),
    "tensordot": (lambda m, a, b: m.tensordot(a, b, ([1, 0], [0, 1])), [(2, 3, 4), (3, 2, 5)], False),
    "kron": (lambda m, a, b: m.kron(a, b), [(2, 3), (2, 2)], False),
    "multi_dot": (lambda m, a, b, c: m.linalg.multi_dot([a, b, c]), [(2, 3), (3, 2), (2,)], False),
    "matmul vector batch": (lambda m, a, b: a @ b, [(3,), (5, 3, 4)], False),
    "rfft2": (lambda m, a: m.view_as_real(m.fft.rfft2(a, s=(4, 6))), [(3, 5)], False),
    "irfft": (lambda m, a: m.fft.irfft(a, n=7), [(3, 4)], True),
    "hfft": (lambda m, a: m.fft.hfft(a), [(3, 4)], False),
    "stft": (
        lambda m, a: m.view_as_real(m.stft(a, 8, window=m.hann_window(8, dtype=m.float64), return_complex=True)),
        [(2, 20)],
        False,
    ),
}  # fmt: skip


def plain(m, x):
    """The numbers of a tensor, also where PyTorch keeps a conjugation for later."""
    return x.detach().resolve_conj().numpy() if m is torch else x.detach().numpy()


def results(m, function, arrays):
    """Values, first and second derivatives of a weighted sum of what a function gives."""
    inputs = [m.from_numpy(a.copy()).requires_grad_() for a in arrays]
    outputs = function(m, *inputs)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    total = 0.0
    for k, out in enumerate(outputs):
        if not out.requires_grad:
            continue
        weights = m.from_numpy(np.cos(np.arange(out.numel()) + k).reshape(tuple(out.shape)))
        real = m.view_as_real(out.resolve_conj() if m is torch else out).sum(-1) if out.dtype.is_complex else out
        total = total + (real * weights).sum()
    first = m.autograd.grad(total, inputs, create_graph=True)
    lengths = sum((g.abs() ** 2).sum() for g in first if g.requires_grad)
    second = m.autograd.grad(lengths, inputs, allow_unused=True) if isinstance(lengths, m.Tensor) else []
    return [None if x is None else plain(m, x) for x in (*outputs, *first, *second)]


@pytest.mark.parametrize(
    ("name", "complex_"), [(n, c) for n, case in CASES.items() for c in ((False, True) if case[2] else (False,))]
)
def test_values_and_derivatives_are_pytorchs(name, complex_):
    function, shapes, _ = CASES[name]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    arrays = [rng.standard_normal(s) for s in shapes]
    if complex_:
        arrays = [a + 1j * rng.standard_normal(a.shape) for a in arrays]
    for found, expected in zip_longest(results(flambeau, function, arrays), results(torch, function, arrays)):
        if expected is None or found is None:
            # no path to an input may be told as None or as zeros
            assert not np.any(expected if found is None else found)
            continue
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8 * max(1.0, np.abs(expected).max(initial=0)))


def test_the_gradient_of_a_singular_determinant_is_its_cofactors():
    """PyTorch's, from a factorization, is 0 for some matrices of rank n - 1."""
    array = np.array([[1.0, -1.0, 3.0], [2.0, -2.0, 4.0], [3.0, -3.0, 6.0]])
    x = flambeau.from_numpy(array).requires_grad_()
    flambeau.linalg.det(x).backward()
    minors = [[np.linalg.det(np.delete(np.delete(array, i, 0), j, 1)) for j in range(3)] for i in range(3)]
    signs = [[(-1) ** (i + j) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(x.grad.numpy(), np.multiply(minors, signs), atol=1e-12)


def test_eigenvalues_of_equal_size_have_a_gradient():
    x = flambeau.eye(3, dtype=flambeau.float64).requires_grad_()
    flambeau.linalg.eigvalsh(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.eye(3), atol=1e-12)
    x = flambeau.eye(3, dtype=flambeau.float64).requires_grad_()
    flambeau.linalg.matrix_norm(x, "nuc").backward()
    np.testing.assert_allclose(x.grad.numpy(), np.eye(3), atol=1e-12)


@pytest.mark.parametrize("hermitian", [False, True])
def test_ldl_is_pytorchs_and_solves(hermitian):
    rng = np.random.default_rng(3)
    a = rng.standard_normal((5, 7, 7)) + 1j * rng.standard_normal((5, 7, 7))
    a = a + (a.mT.conj() if hermitian else a.mT)
    b = rng.standard_normal((7, 2)) + 0j
    found = flambeau.linalg.ldl_factor(flambeau.from_numpy(a), hermitian=hermitian)
    expected = torch.linalg.ldl_factor(torch.from_numpy(a), hermitian=hermitian)
    np.testing.assert_allclose(found.LD.numpy(), expected.LD.numpy(), atol=1e-10)
    np.testing.assert_array_equal(found.pivots.numpy(), expected.pivots.numpy())
    x = flambeau.linalg.ldl_solve(*found, flambeau.from_numpy(b), hermitian=hermitian).numpy()
    np.testing.assert_allclose(a @ x, np.broadcast_to(b, x.shape), atol=1e-9)


@pytest.mark.parametrize("shape", [(100, 100), (2, 70, 120), (2, 120, 70)])
def test_lu_in_blocks_is_pytorchs(shape):
    a = np.random.default_rng(5).standard_normal(shape)
    found, expected = flambeau.linalg.lu_factor(flambeau.from_numpy(a)), torch.linalg.lu_factor(torch.from_numpy(a))
    np.testing.assert_allclose(found.LU.numpy(), expected.LU.numpy(), atol=1e-9)
    np.testing.assert_array_equal(found.pivots.numpy(), expected.pivots.numpy())


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "bartlett", "kaiser"])
@pytest.mark.parametrize("periodic", [True, False])
def test_windows_are_pytorchs(name, periodic):
    for length in (0, 1, 2, 5, 16):
        found = getattr(flambeau, f"{name}_window")(length, periodic)
        expected = getattr(torch, f"{name}_window")(length, periodic)
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-5, atol=1e-6)
