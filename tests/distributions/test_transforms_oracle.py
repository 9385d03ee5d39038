"""Transforms, constraints and their registries agree with PyTorch, and so do the errors of the whole package."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")


def real(*shape):
    return np.random.default_rng(len(shape)).normal(0, 1, shape).astype(np.float32)


def positive(*shape):
    return np.abs(real(*shape)) + 0.1


TRANSFORMS = {
    "exp": (lambda D, t: D.ExpTransform(), real(2, 3)),
    "sigmoid": (lambda D, t: D.SigmoidTransform(), real(2, 3)),
    "softplus": (lambda D, t: D.SoftplusTransform(), real(2, 3)),
    "tanh": (lambda D, t: D.TanhTransform(), real(2, 3)),
    "abs": (lambda D, t: D.AbsTransform(), real(2, 3)),
    "softmax": (lambda D, t: D.SoftmaxTransform(), real(2, 3)),
    "stick breaking": (lambda D, t: D.StickBreakingTransform(), real(2, 3)),
    "lower Cholesky": (lambda D, t: D.LowerCholeskyTransform(), real(2, 3, 3)),
    "positive definite": (lambda D, t: D.PositiveDefiniteTransform(), real(2, 3, 3)),
    "correlation": (lambda D, t: D.CorrCholeskyTransform(), real(2, 6)),
    "power": (lambda D, t: D.PowerTransform(t(real(3))), positive(2, 3)),
    "power of a number": (lambda D, t: D.PowerTransform(-2.0), positive(2, 3)),
    "affine": (lambda D, t: D.AffineTransform(t(real(3)), t(positive(2, 1))), real(2, 3)),
    "affine numbers": (lambda D, t: D.AffineTransform(1, -2.5), real(2, 3)),
    "affine event": (lambda D, t: D.AffineTransform(0.5, t(positive(3)), event_dim=1), real(2, 3)),
    "reshape": (lambda D, t: D.ReshapeTransform((6,), (2, 3)), real(4, 6)),
    "independent": (lambda D, t: D.IndependentTransform(D.ExpTransform(), 1), real(2, 3)),
    "composition": (lambda D, t: D.ComposeTransform([D.TanhTransform(), D.AffineTransform(1, 2.0)]), real(2, 3)),
    "composition of vectors": (
        lambda D, t: D.ComposeTransform([D.AffineTransform(0.0, 2.0), D.StickBreakingTransform()]),
        real(2, 3),
    ),
    "nothing": (lambda D, t: D.identity_transform, real(2, 3)),
    "inverse": (lambda D, t: D.SigmoidTransform().inv, np.float32([0.2, 0.7])),
    "inverse composition": (
        lambda D, t: D.ComposeTransform([D.ExpTransform(), D.AffineTransform(1.0, 2.0)]).inv,
        positive(3) + 1,
    ),
    "cat": (lambda D, t: D.CatTransform([D.ExpTransform(), D.TanhTransform()], 0, [2, 1]), real(3, 2)),
    "cat at the end": (lambda D, t: D.CatTransform([D.ExpTransform(), D.TanhTransform()], -1, [2, 1]), real(2, 3)),
    "stack": (lambda D, t: D.StackTransform([D.ExpTransform(), D.TanhTransform()], 1), real(3, 2)),
    "distribution function": (lambda D, t: D.CumulativeDistributionTransform(D.Normal(0.0, 1.0)), real(2, 3)),
}
CONSTRAINTS = {
    "boolean": lambda c, t: c.boolean,
    "one_hot": lambda c, t: c.one_hot,
    "nonnegative_integer": lambda c, t: c.nonnegative_integer,
    "positive_integer": lambda c, t: c.positive_integer,
    "integer_interval": lambda c, t: c.integer_interval(-1, t(np.float32([1, 2, 0]))),
    "real": lambda c, t: c.real,
    "real_vector": lambda c, t: c.real_vector,
    "positive": lambda c, t: c.positive,
    "nonnegative": lambda c, t: c.nonnegative,
    "greater_than": lambda c, t: c.greater_than(0.5),
    "greater_than_eq": lambda c, t: c.greater_than_eq(t(np.float32([0, 0.5, 1]))),
    "less_than": lambda c, t: c.less_than(1),
    "unit_interval": lambda c, t: c.unit_interval,
    "interval": lambda c, t: c.interval(-0.5, 2.0),
    "half_open_interval": lambda c, t: c.half_open_interval(0, 1),
    "simplex": lambda c, t: c.simplex,
    "multinomial": lambda c, t: c.multinomial(3),
    "lower_triangular": lambda c, t: c.lower_triangular,
    "lower_cholesky": lambda c, t: c.lower_cholesky,
    "corr_cholesky": lambda c, t: c.corr_cholesky,
    "square": lambda c, t: c.square,
    "symmetric": lambda c, t: c.symmetric,
    "positive_semidefinite": lambda c, t: c.positive_semidefinite,
    "positive_definite": lambda c, t: c.positive_definite,
    "independent": lambda c, t: c.independent(c.positive, 1),
    "mixture": lambda c, t: c.MixtureSameFamilyConstraint(c.positive),
    "cat": lambda c, t: c.cat([c.positive, c.real], -1, [1, 2]),
    "stack": lambda c, t: c.stack([c.positive, c.real, c.unit_interval], -1),
    "dependent": lambda c, t: c.dependent,
}
VALUES = [
    np.eye(3, dtype=np.float32),
    np.float32([[1, 2, 0.5], [2, 5, 0], [0.5, 0, 3]]),
    np.float32([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1]]),
    np.float32([[0.2, 0.3, 0.5], [0, 1, 0], [np.nan, np.inf, -np.inf]]),
    np.float32([[-1, 0, 1], [2, 1, 0], [0.5, 1.5, -0.5]]),
    real(2, 3, 3),
]


def seen(library, compute):
    """The result of a computation as plain values, or its error."""
    try:
        result = compute(library.distributions, library.tensor)
    except Exception as error:
        return type(error).__name__, str(error).split("\n")[0].replace("flambeau.", "torch.")
    if isinstance(result, library.Tensor):
        return result.detach().numpy()
    return repr(result).replace("flambeau.", "torch.")


def assert_same(compute, message):
    ours, theirs = seen(flambeau, compute), seen(torch, compute)
    if isinstance(theirs, np.ndarray):
        assert isinstance(ours, np.ndarray), (message, ours)
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape, message
        np.testing.assert_allclose(ours, theirs, 1e-5, 1e-5, err_msg=str(message))
    else:
        assert ours == theirs, message


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("cached", [0, 1])
def test_a_transform_is_that_of_pytorch(name, cached):
    make, x = TRANSFORMS[name]

    def made(D, t):
        return make(D, t).with_cache(cached)

    assert_same(lambda D, t: made(D, t)(t(x)), "value")
    assert_same(lambda D, t: made(D, t).inv(made(D, t)(t(x))), "inverse")
    assert_same(lambda D, t: made(D, t).log_abs_det_jacobian(t(x), made(D, t)(t(x))), "Jacobian")
    for fact in ("domain", "codomain", "bijective", "sign", "event_dim"):
        assert_same(lambda D, t, fact=fact: getattr(made(D, t), fact), fact)
    for shape in [x.shape, (5, *x.shape), (), (4,), (2, 2), (2, 3)]:
        assert_same(lambda D, t, shape=shape: tuple(made(D, t).forward_shape(shape)), shape)
        assert_same(lambda D, t, shape=shape: tuple(made(D, t).inverse_shape(shape)), shape)
    assert_same(lambda D, t: made(D, t), "representation")
    assert_same(lambda D, t: made(D, t).inv, "representation of the inverse")
    for other in TRANSFORMS.values():
        assert_same(lambda D, t, other=other: made(D, t) == other[0](D, t), "equality")


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_constraint_is_that_of_pytorch(name):
    make = CONSTRAINTS[name]

    def made(D, t):
        return make(D.constraints, t)

    assert_same(made, "representation")
    assert_same(lambda D, t: made(D, t).is_discrete, "discrete")
    assert_same(lambda D, t: made(D, t).event_dim, "event_dim")
    for value in VALUES:
        assert_same(lambda D, t, value=value: made(D, t).check(t(value)), value)


@pytest.mark.parametrize("registry", ["biject_to", "transform_to"])
@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_constraint_has_the_transform_that_pytorch_gives_it(registry, name):
    make = CONSTRAINTS[name]

    def made(D, t):
        return getattr(D, registry)(make(D.constraints, t))

    assert_same(made, "representation")
    for x in (real(3), real(2, 3), real(2, 3, 3)):
        assert_same(lambda D, t, x=x: made(D, t)(t(x)), "value")


MISTAKES = [
    lambda D, t: D.Normal(t([1.0, 2.0]), t([1.0, -1.0])),
    lambda D, t: D.Normal(float("nan"), 1.0),
    lambda D, t: D.Normal("a", 1.0),
    lambda D, t: D.Normal(0.0, 1.0).log_prob(1.0),
    lambda D, t: D.Normal(t([0.0, 1.0]), 1.0).log_prob(t([1.0, 2.0, 3.0])),
    lambda D, t: D.Normal(0.0, 1.0).log_prob(t(float("nan"))),
    lambda D, t: D.Dirichlet(t([1.0, 2.0])).log_prob(t([0.5, 0.2, 0.3])),
    lambda D, t: D.Dirichlet(t([1.0, 2.0])).log_prob(t([0.5, 0.6])),
    lambda D, t: D.Dirichlet(t(1.0)),
    lambda D, t: D.Uniform(1.0, 0.0),
    lambda D, t: D.Uniform(0.0, 1.0).log_prob(t(2.0)),
    lambda D, t: D.Bernoulli(),
    lambda D, t: D.Bernoulli(0.5, 0.5),
    lambda D, t: D.Bernoulli(1.5),
    lambda D, t: D.Bernoulli(0.5).log_prob(t(0.5)),
    lambda D, t: D.Bernoulli(0.5).rsample(),
    lambda D, t: D.Geometric(t([0.0, 0.5])),
    lambda D, t: D.Categorical(t(1.0)),
    lambda D, t: D.Categorical(logits=t(1.0)),
    lambda D, t: D.Categorical(t([-1.0, 2.0])),
    lambda D, t: D.Categorical(t([1.0, 2.0])).log_prob(t(2)),
    lambda D, t: D.OneHotCategorical(t([1.0, 2.0])).log_prob(t([1.0, 1.0])),
    lambda D, t: D.Multinomial(t(3), t([1.0, 2.0])),
    lambda D, t: D.Multinomial(3, t([1.0, 2.0])).log_prob(t([2.0, 2.0])),
    lambda D, t: D.Binomial(t([2.0, 3.0]), 0.5).entropy(),
    lambda D, t: D.Binomial(t([2.0, 3.0]), 0.5).enumerate_support(),
    lambda D, t: D.Binomial(-1, 0.5),
    lambda D, t: D.ContinuousBernoulli(2.0, validate_args=True),
    lambda D, t: D.MultivariateNormal(t(0.0), t([[1.0]])),
    lambda D, t: D.MultivariateNormal(t([0.0])),
    lambda D, t: D.MultivariateNormal(t([0.0]), t([1.0])),
    lambda D, t: D.MultivariateNormal(t([0.0]), scale_tril=t([1.0])),
    lambda D, t: D.MultivariateNormal(t([0.0, 0.0]), t([[1.0, 2.0], [2.0, 1.0]])),
    lambda D, t: D.MultivariateNormal(t([0.0, 0.0]), t([[1.0, 0.5], [0.2, 1.0]])),
    lambda D, t: D.LowRankMultivariateNormal(t([0.0]), t([1.0]), t([1.0])),
    lambda D, t: D.LowRankMultivariateNormal(t([0.0]), t([[1.0], [1.0]]), t([1.0])),
    lambda D, t: D.LowRankMultivariateNormal(t([0.0]), t([[1.0]]), t([1.0, 2.0])),
    lambda D, t: D.LowRankMultivariateNormal(t([[0.0]] * 2), t([[[1.0]]] * 3), t([1.0])),
    lambda D, t: D.Wishart(t(1.0), t([[1.0, 0.0], [0.0, 1.0]])),
    lambda D, t: D.Wishart(3.0),
    lambda D, t: D.Wishart(3.0, t([1.0])),
    lambda D, t: D.LKJCholesky(1),
    lambda D, t: D.LKJCholesky(3, -1.0),
    lambda D, t: D.Independent(D.Normal(0.0, 1.0), 1),
    lambda D, t: D.Independent(D.Bernoulli(t([0.5])), 1).enumerate_support(),
    lambda D, t: D.MixtureSameFamily(D.Normal(0.0, 1.0), D.Normal(0.0, 1.0)),
    lambda D, t: D.MixtureSameFamily(D.Categorical(t([1.0, 1.0])), 3),
    lambda D, t: D.MixtureSameFamily(D.Categorical(t([1.0, 1.0])), D.Normal(t([1.0, 2.0, 3.0]), 1.0)),
    lambda D, t: D.MixtureSameFamily(D.Categorical(t([[1.0, 1.0]] * 2)), D.Normal(t([[1.0, 2.0]] * 3), 1.0)),
    lambda D, t: D.TransformedDistribution(D.Normal(0.0, 1.0), 3),
    lambda D, t: D.TransformedDistribution(D.Normal(0.0, 1.0), [3]),
    lambda D, t: D.TransformedDistribution(D.Normal(0.0, 1.0), D.SoftmaxTransform()),
    lambda D, t: D.Transform(cache_size=2),
    lambda D, t: D.ReshapeTransform((2, 3), (5,)),
    lambda D, t: D.CatTransform([3]),
    lambda D, t: D.CatTransform([D.ExpTransform()], 0, [1, 2]),
    lambda D, t: D.CatTransform([D.ExpTransform()], 0, [2])(t([1.0])),
    lambda D, t: D.StackTransform([D.ExpTransform()])(t([1.0, 2.0])),
    lambda D, t: D.StackTransform([D.ExpTransform()], 3)(t([1.0])),
    lambda D, t: D.SoftmaxTransform().with_cache(1).log_abs_det_jacobian(t([1.0]), t([1.0])),
    lambda D, t: D.AbsTransform().sign,
    lambda D, t: D.CorrCholeskyTransform()(t([1.0, 2.0])),
    lambda D, t: D.constraints.independent(3, 1),
    lambda D, t: D.constraints.independent(D.constraints.real, -1),
    lambda D, t: D.constraints.independent(D.constraints.real, 1.5),
    lambda D, t: D.constraints.cat([3]),
    lambda D, t: D.constraints.cat([D.constraints.real], 0, [1, 2]),
    lambda D, t: D.constraints.dependent.check(t(1.0)),
    lambda D, t: D.biject_to(D.constraints.boolean),
    lambda D, t: D.biject_to.register(3, lambda c: c),
    lambda D, t: D.register_kl(3, D.Normal),
    lambda D, t: D.kl_divergence(D.Normal(0.0, 1.0), D.Bernoulli(0.5)),
    lambda D, t: D.kl_divergence(D.Normal(0.0, 1.0), D.Cauchy(0.0, 1.0)),
    lambda D, t: D.Normal(0.0, 1.0).enumerate_support(),
    lambda D, t: D.Poisson(1.0).entropy(),
    lambda D, t: D.Gamma(1.0, 1.0).icdf(t(0.5)),
    lambda D, t: D.Multinomial(2, t([0.5, 0.5])).mode,
    lambda D, t: D.Distribution.set_default_validate_args(3),
    lambda D, t: D.utils.vec_to_tril_matrix(t([1.0, 2.0])),
    lambda D, t: D.utils.tril_matrix_to_vec(t([[1.0]]), 3),
    lambda D, t: D.Gamma(t([1]), t([1])).sample(),
    lambda D, t: D.Normal(t([1]), t([1])).sample(),
    lambda D, t: D.Normal(t([1]), t([1])).log_prob(t([1])),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_answered_in_pytorchs_words(mistake):
    def whole(library):
        try:
            return repr(mistake(library.distributions, library.tensor))
        except Exception as error:
            # lines of advice of ours begin with two spaces
            lines = str(error).split("\n")
            return type(error).__name__, [line for line in lines if not line.startswith("  ")]

    assert whole(flambeau) == whole(torch)


def test_the_sigmoid_of_transforms_keeps_away_from_0_and_1(agree):
    @agree
    def _(torch, error):
        module = torch.distributions.transforms
        yield module._clipped_sigmoid(torch.tensor([-200.0, 0.0, 200.0])) - torch.tensor([0.0, 0.5, 1.0])
