"""Transforms of functions, nested in each other, against PyTorch's: the same program runs with both libraries."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def numbers(*shape):
    return np.random.default_rng(len(shape) + sum(shape)).normal(size=shape)


def as_arrays(value):
    """A result as nested lists of arrays, with the kinds of containers."""
    if isinstance(value, (torch.Tensor, flambeau.Tensor)):
        return [str(value.dtype), bool(value.requires_grad), value.detach().numpy()]
    if isinstance(value, dict):
        return {k: as_arrays(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [type(value).__name__, *[as_arrays(v) for v in value]]
    return value


def same(a, b):
    if isinstance(a, dict):
        assert list(a) == list(b)
        for k in a:
            same(a[k], b[k])
    elif isinstance(a, list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=False):
            same(x, y)
    elif isinstance(a, np.ndarray):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)
    else:
        assert a == b


def elementwise(t, x):
    return (x.sin() * x.exp()).sum() + (x**3).mean()


def linear_net(t, x):
    w = t.from_numpy(numbers(3, 3))
    return ((x.reshape(-1)[:3] @ w).tanh() @ w).logsumexp(0)


def normalised(t, x):
    return (((x - x.mean(-1)) / x.std(-1)) ** 4).sum() * x.norm()


def indexed(t, x):
    return (x.reshape(-1)[t.tensor([0, 2, 2])] ** 2).sum() + x.reshape(-1)[1:].cumsum(0).prod()


def written(t, x):
    y = t.zeros_like(x)
    y[..., 0] = x[..., 1] ** 2
    y[..., 1:] += x[..., 1:] * 3
    return (y * y).sum()


SCALAR = [elementwise, linear_net, normalised, indexed, written]

# each takes the library, a scalar function and x of shape (3,)
TRANSFORMS = {
    "grad": lambda t, f, x: t.func.grad(f)(x),
    "grad of grad": lambda t, f, x: t.func.grad(lambda y: t.func.grad(f)(y).sin().sum())(x),
    "grad and value": lambda t, f, x: t.func.grad_and_value(f)(x),
    "aux": lambda t, f, x: t.func.grad(lambda y: (f(y), {"y": y * 2, "n": (y + 3,)}), has_aux=True)(x),
    "jacrev": lambda t, f, x: t.func.jacrev(lambda y: t.stack([f(y), f(2 * y)]))(x),
    "jacfwd": lambda t, f, x: t.func.jacfwd(lambda y: t.stack([f(y), f(2 * y)]))(x),
    "hessian": lambda t, f, x: t.func.hessian(f)(x),
    "jacrev of jacfwd": lambda t, f, x: t.func.jacrev(t.func.jacfwd(f))(x),
    "jacfwd of jacfwd": lambda t, f, x: t.func.jacfwd(t.func.jacfwd(f))(x),
    "jvp": lambda t, f, x: t.func.jvp(f, (x,), (x.cos(),)),
    "jvp of grad": lambda t, f, x: t.func.jvp(t.func.grad(f), (x,), (x.cos(),)),
    "jvp of jvp": lambda t, f, x: t.func.jvp(lambda y: t.func.jvp(f, (y,), (y.cos(),))[1], (x,), (x * 2,)),
    "vjp": lambda t, f, x: t.func.vjp(lambda y: f(y) * y, x)[1](x * x),
    "linearize": lambda t, f, x: t.func.linearize(lambda y: y.sin().cumsum(0) * y, x)[1](x * x),
    "vmap of grad": lambda t, f, x: t.func.vmap(t.func.grad(f))(t.stack([x, x * 2, x - 1])),
    "vmap of hessian": lambda t, f, x: t.func.vmap(t.func.hessian(f))(t.stack([x, x * 2])),
    "grad of vmap": lambda t, f, x: t.func.grad(lambda y: t.func.vmap(lambda a: f(y * a))(t.stack([x, x * 2])).sum())(
        x
    ),
    "jacrev of vmap": lambda t, f, x: t.func.jacrev(lambda y: t.func.vmap(lambda a: f(y * a))(t.stack([x, x * 2])))(x),
    "jacfwd of vmap": lambda t, f, x: t.func.jacfwd(lambda y: t.func.vmap(lambda a: f(y * a))(t.stack([x, x * 2])))(x),
    "vmap of vmap": lambda t, f, x: t.func.vmap(
        lambda a: t.func.vmap(lambda b: f(a * b), out_dims=0)(t.stack([x, x * 2])), in_dims=1, out_dims=1
    )(t.stack([x, x + 1], 1)),
    "vmap of jvp": lambda t, f, x: t.func.vmap(lambda y: t.func.jvp(f, (y,), (x,)))(t.stack([x, x * 2])),
    "vmap over cotangents": lambda t, f, x: t.func.vmap(t.func.vjp(lambda y: f(y) * y, x)[1])(t.eye(3, dtype=x.dtype)),
    "pytrees": lambda t, f, x: t.func.grad(lambda p, q: f(p["a"] * p["b"][0]) + q.sum(), argnums=(0, 1))(
        {"a": x, "b": [x + 1]}, x
    ),
    "jacobian of pytrees": lambda t, f, x: t.func.jacrev(
        lambda p, q: {"u": f(p["a"] * q), "v": p["a"] * q}, argnums=(0, 1)
    )({"a": x}, x + 1),
    "chunks": lambda t, f, x: t.func.vmap(t.func.grad(f), chunk_size=2)(t.stack([x, x * 2, x - 1])),
    "graph outside": lambda t, f, x: graph_outside(t, f, x.clone().requires_grad_()),
    "no grad outside": lambda t, f, x: outside_no_grad(t, f, x),
    "backward through": lambda t, f, x: through_backward(t, f, x),
}


def graph_outside(t, f, w):
    return t.func.grad(lambda y: f(y * w))(w.detach())


def outside_no_grad(t, f, x):
    with t.no_grad():
        return t.func.grad(f)(x.clone().requires_grad_())


def through_backward(t, f, x):
    w = x.clone().requires_grad_()
    t.func.vmap(t.func.grad(lambda y: f(y * w)))(t.stack([x, x * 2])).sum().backward()
    return w.grad


@pytest.mark.parametrize("f", SCALAR)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_give_what_pytorch_gives(name, f):
    found = [
        as_arrays(TRANSFORMS[name](t, lambda y, t=t: f(t, y), t.from_numpy(numbers(3)))) for t in (flambeau, torch)
    ]
    same(*found)


MISTAKES = {
    "if": lambda t, x: t.func.vmap(lambda y: y if y.sum() > 0 else -y)(x),
    "item": lambda t, x: t.func.vmap(lambda y: y.sum().item())(x),
    "nonzero": lambda t, x: t.func.vmap(lambda y: t.nonzero(y))(x),
    "mask": lambda t, x: t.func.vmap(lambda y: y[y > 0])(x),
    "random": lambda t, x: t.func.vmap(lambda y: t.rand(2))(x),
    "copy": lambda t, x: t.func.vmap(lambda y: t.zeros(3, dtype=y.dtype).copy_(y))(x),
    "number": lambda t, x: t.func.vmap(lambda y: 1)(x),
    "not a tensor": lambda t, x: t.func.vmap(lambda y: y)(2),
    "in_dims": lambda t, x: t.func.vmap(lambda y: y, in_dims=5)(x),
    "structure": lambda t, x: t.func.vmap(lambda y, z: y, in_dims=(0,))(x, x),
    "sizes": lambda t, x: t.func.vmap(lambda y, z: y)(x, x.T),
    "out_dims": lambda t, x: t.func.vmap(lambda y: y, out_dims=(0, 0))(x),
    "out None": lambda t, x: t.func.vmap(lambda y: y, out_dims=None)(x),
    "chunk": lambda t, x: t.func.vmap(lambda y: y, chunk_size=0)(x),
    "backward": lambda t, x: t.func.vmap(lambda y: y.backward())(x),
    "not scalar": lambda t, x: t.func.grad(lambda y: y)(x),
    "argnums": lambda t, x: t.func.grad(lambda y: y.sum(), argnums=1)(x),
    "aux": lambda t, x: t.func.grad(lambda y: y.sum(), has_aux=True)(x),
    "integers": lambda t, x: t.func.grad(lambda y: y.sum())(t.arange(3)),
    "cotangent": lambda t, x: t.func.vjp(lambda y: y, x)[1]((x,)),
    "tangent": lambda t, x: t.func.jvp(lambda y: y, (x,), (x[0],)),
    "primals": lambda t, x: t.func.jvp(lambda y: y, x, x),
    "requires_grad_": lambda t, x: t.func.grad(lambda y: y.clone().requires_grad_().sum())(x),
    "strict": lambda t, x: t.func.jvp(lambda y: t.ones(1), (x,), (x,), strict=True),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_in_pytorchs_words(name):
    told = []
    for t in (flambeau, torch):
        with pytest.raises(Exception) as caught:
            MISTAKES[name](t, t.from_numpy(numbers(2, 3)))
        told.append((type(caught.value).__name__, str(caught.value).split("\n")[0]))
    assert told[0] == told[1]


RANDOM = {
    "rand": lambda t, x: t.rand(2),
    "randn like": lambda t, x: t.randn_like(x),
    "dropout": lambda t, x: t.nn.functional.dropout(x),
    "uniform_": lambda t, x: x.clone().uniform_(),
    "randint": lambda t, x: t.randint(0, 10, (3,)),
    "nested": lambda t, x: t.func.vmap(lambda y: t.rand(2) + y, randomness="different")(x),
}


@pytest.mark.parametrize("randomness", ["same", "different"])
@pytest.mark.parametrize("name", RANDOM)
def test_random_numbers_are_pytorchs(name, randomness):
    found = []
    for t in (flambeau, torch):
        t.manual_seed(0)
        found.append(as_arrays(t.func.vmap(lambda y, t=t: RANDOM[name](t, y), randomness=randomness)(t.ones(3, 4))))
    for a, b in zip(*[f[2:] for f in found], strict=False):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_gradients_per_example_of_a_module():
    found = []
    for t in (flambeau, torch):
        model = t.nn.Sequential(
            t.nn.Conv2d(1, 2, 3), t.nn.ReLU(), t.nn.MaxPool2d(2), t.nn.Flatten(), t.nn.Linear(8, 3)
        ).double()
        parameters = {
            name: t.from_numpy(numbers(*p.shape)).requires_grad_(False) for name, p in model.named_parameters()
        }

        def loss(parameters, x, y, t=t, model=model):
            scores = t.func.functional_call(model, parameters, (x[None],))
            return t.nn.functional.cross_entropy(scores, y[None])

        x, y = t.from_numpy(numbers(4, 1, 6, 6)), t.tensor([0, 2, 1, 1])
        found.append(as_arrays(t.func.vmap(t.func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)))
    same(*found)


def test_an_ensemble_of_models_is_one_call():
    found = []
    for t in (flambeau, torch):
        t.manual_seed(0)
        models = [t.nn.Linear(3, 2).double() for _ in range(3)]
        parameters, buffers = t.func.stack_module_state(models)
        x = t.from_numpy(numbers(5, 3))
        out = t.func.vmap(lambda p, b, t=t, m=models[0], x=x: t.func.functional_call(m, (p, b), (x,)))(
            parameters, buffers
        )
        found.append(as_arrays(out))
    same(*found)
