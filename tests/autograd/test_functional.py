"""Derivatives of functions: every way to compute one gives the same, and dual numbers agree with gradients."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest
from tests.ops import samples
from tests.ops.samples import A

import flambeau as torch
from flambeau.autograd import forward_ad, functional
from flambeau.tensor import rows

FAMILIES = {
    m.name: importlib.import_module(f"{samples.__name__}.{m.name}") for m in pkgutil.iter_modules(samples.__path__)
}
SAMPLES = [s for family in FAMILIES.values() for s in family.SAMPLES if s.grad and s.second]


def numbers(*shape):
    return torch.from_numpy(np.random.default_rng(sum(shape) + len(shape)).normal(size=shape))


def mixed(x, y):
    return (x.sin() @ y).tanh(), (x * y[:, 0]).cumsum(0)


def energy(x, y):
    return (x.exp() @ y).pow(2).sum()


def close(a, b):
    if isinstance(a, tuple):
        for x, y in zip(a, b, strict=True):
            close(x, y)
    else:
        assert a.shape == b.shape and a.dtype is b.dtype
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-10, atol=1e-12)


POINT = (numbers(3), numbers(3, 2))


@pytest.mark.parametrize("strategy", ["reverse-mode", "forward-mode"])
def test_a_vectorised_jacobian_is_the_jacobian(strategy):
    expected = functional.jacobian(mixed, POINT)
    close(functional.jacobian(mixed, POINT, vectorize=True, strategy=strategy), expected)


def test_a_vectorised_hessian_is_the_hessian():
    close(functional.hessian(energy, POINT, vectorize=True), functional.hessian(energy, POINT))


def test_a_vectorised_jacobian_can_be_differentiated():
    x = numbers(3).requires_grad_()
    jacobian = functional.jacobian(lambda y: y.sin() * y.sum(), x, create_graph=True, vectorize=True)
    plain = functional.jacobian(lambda y: y.sin() * y.sum(), x, create_graph=True)
    close(torch.autograd.grad(jacobian.pow(2).sum(), x), torch.autograd.grad(plain.pow(2).sum(), x))


def test_batched_gradients_are_those_of_each_slice():
    x, y = (p.clone().requires_grad_() for p in POINT)
    out = mixed(x, y)
    seeds = tuple(numbers(4, *o.shape) for o in out)
    found = torch.autograd.grad(out, (x, y), seeds, retain_graph=True, is_grads_batched=True)
    each = [torch.autograd.grad(out, (x, y), tuple(s[i] for s in seeds), retain_graph=True) for i in range(4)]
    close(found, tuple(torch.stack(list(column)) for column in zip(*each, strict=False)))


def test_products_are_products_with_the_jacobian():
    v = (numbers(3), numbers(3, 2))
    jacobian = functional.jacobian(mixed, POINT)
    _, pushed = functional.jvp(mixed, POINT, v)
    for row, found in zip(jacobian, pushed, strict=True):
        close(found, sum((j * d).flatten(found.ndim).sum(-1) for j, d in zip(row, v, strict=False)))


def tangent_and_gradient(s):
    """(the tangent of a sample's results along a direction, the same by two gradients)."""
    rng = np.random.default_rng(5)
    directions = []

    def build(x, dual):
        if isinstance(x, A):
            array = np.array(x.values, x.dtype or "float64") if x.values is not None else None
            if array is None and (x.dtype or "").startswith(("int", "uint")):
                array = rng.integers(int(x.low), max(int(x.high), int(x.low) + 1), size=x.shape).astype(x.dtype)
            elif array is None and x.dtype == "bool":
                array = rng.random(x.shape) < 0.5
            elif array is None:
                array = np.asarray(rng.uniform(x.low, x.high, size=x.shape)).astype(x.dtype or "float64")
            t = torch.from_numpy(array)
            if not (x.grad and t.dtype.is_floating_point):
                return t
            directions.append((t, torch.from_numpy(np.asarray(rng.normal(size=t.shape)).astype(array.dtype))))
            return dual(*directions[-1])
        return type(x)(build(y, dual) for y in x) if isinstance(x, (list, tuple)) else x

    def call(dual):
        args, kwargs = build(s.args, dual), {k: build(v, dual) for k, v in s.kwargs.items()}
        result = getattr(rows, s.op)(*args, **kwargs)
        return list(result) if isinstance(result, (list, tuple)) else [result]

    with forward_ad.dual_level():
        results = call(forward_ad.make_dual)
        found = [forward_ad.unpack_dual(y).tangent for y in results]
    given = list(directions)
    rng = np.random.default_rng(5)
    directions.clear()
    leaves = []

    def leaf(t, d):
        leaves.append(t.requires_grad_())
        return leaves[-1]

    outputs = call(leaf)
    expected = []
    for y in outputs:
        if not y.requires_grad:
            expected.append(None)
            continue
        v = torch.zeros_like(y).detach().requires_grad_()
        pulled = torch.autograd.grad(y, leaves, v, create_graph=True, allow_unused=True, retain_graph=True)
        total = sum(
            ((p.real if p.dtype.is_complex else p) * d).sum()
            for p, (_, d) in zip(pulled, given, strict=False)
            if p is not None
        )
        if not total.requires_grad:
            expected.append(torch.zeros_like(y))
            continue
        expected.append(torch.autograd.grad(total, v, allow_unused=True, materialize_grads=True)[0])
    return found, expected


@pytest.mark.parametrize("s", SAMPLES, ids=[f"{i}-{s.op}" for i, s in enumerate(SAMPLES)])
def test_tangents_are_the_derivatives_along_a_direction(s):
    if not any(isinstance(x, A) and x.grad for x in s.args) or any(
        "complex" in (getattr(x, "dtype", "") or "") for x in s.args
    ):
        return
    for a, b in zip(*tangent_and_gradient(s), strict=True):
        if a is None or b is None:
            assert b is None or not b.any()
            continue
        assert a.shape == b.shape
        if not b.dtype.is_complex:
            np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-8, atol=1e-10)


def test_tangents_follow_writes_and_views():
    x = torch.arange(3.0)
    with forward_ad.dual_level():
        d = forward_ad.make_dual(x, torch.ones(3))
        y = torch.zeros(2, 3)
        y[0] = d * 2
        y[1, 1:] += d[:2] ** 2
        y.mul_(3)
        assert forward_ad.unpack_dual(y).tangent.tolist() == [[6, 6, 6], [0, 0, 6]]
        with torch.no_grad():
            assert forward_ad.unpack_dual(d * 3).tangent.tolist() == [3, 3, 3]
        assert forward_ad.unpack_dual(d.detach()).tangent is None
    assert forward_ad.unpack_dual(d).tangent is None


def test_tangents_can_be_differentiated_backwards():
    w = torch.ones(3, requires_grad=True)
    with forward_ad.dual_level():
        d = forward_ad.make_dual(torch.arange(3.0), torch.ones(3))
        tangent = forward_ad.unpack_dual(d * w * w).tangent
        assert torch.autograd.grad(tangent.sum(), w)[0].tolist() == [2, 2, 2]


def test_levels_do_not_nest():
    with forward_ad.dual_level(), pytest.raises(RuntimeError, match="Nested forward mode AD is not supported"):
        forward_ad.enter_dual_level()
    with pytest.raises(RuntimeError, match="no level exists"):
        forward_ad.make_dual(torch.ones(1), torch.ones(1))


class Tripled(torch.autograd.Function):
    """`3 x`, with derivatives that say 30 forwards and 300 backwards."""

    @staticmethod
    def forward(x):
        return x * 3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def jvp(ctx, tangent):
        return tangent * 30

    @staticmethod
    def backward(ctx, grad):
        return grad * 300

    @staticmethod
    def vmap(info, in_dims, x):
        return Tripled.apply(x) + info.batch_size, in_dims[0]


def test_functions_of_ones_own_have_tangents_and_batches_of_their_own():
    with forward_ad.dual_level():
        y = Tripled.apply(forward_ad.make_dual(torch.ones(2), torch.ones(2)))
        assert forward_ad.unpack_dual(y).tangent.tolist() == [30, 30]
    assert torch.vmap(Tripled.apply)(torch.ones(4)).tolist() == [7] * 4
    assert torch.vmap(torch.func.grad(Tripled.apply))(torch.ones(4)).tolist() == [300] * 4
