"""The formulas of `kl_divergence(p, q)`, one function for each pair of families; `_kl_p_q` is for p and q."""

from __future__ import annotations

import math
from math import inf

from ..tensor import functions as fn
from ..tensor import rows
from ..tensor.functions.solvers import linalg_solve_triangular
from .bernoulli import Bernoulli
from .beta import Beta
from .binomial import Binomial
from .categorical import Categorical
from .cauchy import Cauchy
from .continuous_bernoulli import ContinuousBernoulli
from .dirichlet import Dirichlet
from .exp_family import ExponentialFamily
from .exponential import Exponential
from .gamma import Gamma
from .geometric import Geometric
from .gumbel import Gumbel
from .half_normal import HalfNormal
from .independent import Independent
from .kl import _infinite_like, kl_divergence, register_kl
from .laplace import Laplace
from .lowrank_multivariate_normal import (
    LowRankMultivariateNormal,
    _batch_lowrank_logdet,
    _batch_lowrank_mahalanobis,
)
from .multivariate_normal import MultivariateNormal, _batch_mahalanobis, _log_diagonal
from .normal import Normal
from .one_hot_categorical import OneHotCategorical
from .pareto import Pareto
from .poisson import Poisson
from .transformed_distribution import TransformedDistribution
from .uniform import Uniform
from .utils import _sum_rightmost
from .utils import euler_constant as EULER

# Where p may take values that q never takes the divergence is infinite: the class of p, the parameter whose shape the
# result has, the classes of q.
INFINITE = (
    (Beta, "concentration1", (Pareto,)),
    (ContinuousBernoulli, "probs", (Pareto,)),
    (Exponential, "rate", (Beta, ContinuousBernoulli, Pareto, Uniform)),
    (Gamma, "concentration", (Beta, ContinuousBernoulli, Pareto, Uniform)),
    (Gumbel, "loc", (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)),
    (Laplace, "loc", (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)),
    (Normal, "loc", (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform)),
    (Pareto, "scale", (Beta, ContinuousBernoulli, Uniform)),
    (Poisson, "rate", (Bernoulli, Binomial)),
)


def _always_infinite(parameter):
    return lambda p, q: _infinite_like(getattr(p, parameter))


for _p, _parameter, _others in INFINITE:
    for _q in _others:
        register_kl(_p, _q)(_always_infinite(_parameter))


def _or_infinite(result, outside):
    """The result, infinite where p has values outside the support of q."""
    return result.masked_fill(outside, inf)


def _x_log_x(x):
    return fn.xlogy(x, x)


def _mean_log(p):
    """The mean of log x over a uniform distribution."""
    width = p.high - p.low
    return (_x_log_x(p.high) - _x_log_x(p.low) - width) / width


def _gamma_normalizer(q):
    """The logarithm of what divides a gamma density."""
    return q.concentration.lgamma() - q.concentration * q.rate.log()


# ---- general rules ---------------------------------------------------------------------------------------------------


@register_kl(ExponentialFamily, ExponentialFamily)
def _kl_expfamily_expfamily(p, q):
    """The Bregman divergence of the log normaliser (Nielsen and Nock, 2010)."""
    if type(p) is not type(q):
        raise NotImplementedError(
            "The cross KL-divergence between different exponential families cannot "
            "                            be computed using Bregman divergences"
        )
    own, normalizer, gradients = p._normalizer_at_params()
    others = q._natural_params
    result = q._log_normalizer(*others) - normalizer
    for theirs, ours, g in zip(others, own, gradients, strict=True):
        result = result - _sum_rightmost((theirs - ours) * g, len(q.event_shape))
    return result


@register_kl(TransformedDistribution, TransformedDistribution)
def _kl_transformed_transformed(p, q):
    """The same transforms on both sides change nothing."""
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Independent, Independent)
def _kl_independent_independent(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    return _sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


# ---- discrete distributions ------------------------------------------------------------------------------------------


@register_kl(Bernoulli, Bernoulli)
def _kl_bernoulli_bernoulli(p, q):
    ones = p.probs * (rows.softplus(-q.logits) - rows.softplus(-p.logits))
    ones = ones.masked_fill(q.probs == 0, inf).masked_fill(p.probs == 0, 0)
    zeros = (1 - p.probs) * (rows.softplus(q.logits) - rows.softplus(p.logits))
    return ones + zeros.masked_fill(q.probs == 1, inf).masked_fill(p.probs == 1, 0)


@register_kl(Bernoulli, Poisson)
def _kl_bernoulli_poisson(p, q):
    return -p.entropy() - (p.probs * q.rate.log() - q.rate)


@register_kl(Binomial, Binomial)
def _kl_binomial_binomial(p, q):
    if (p.total_count < q.total_count).any():
        raise NotImplementedError("KL between Binomials where q.total_count > p.total_count is not implemented")
    each = p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p()
    return _or_infinite(p.total_count * each, p.total_count > q.total_count)


@register_kl(Categorical, Categorical)
def _kl_categorical_categorical(p, q):
    terms = p.probs * (p.logits - q.logits)
    return terms.masked_fill(q.probs == 0, inf).masked_fill(p.probs == 0, 0).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _kl_onehotcategorical_onehotcategorical(p, q):
    return _kl_categorical_categorical(p._categorical, q._categorical)


@register_kl(Geometric, Geometric)
def _kl_geometric_geometric(p, q):
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(Poisson, Poisson)
def _kl_poisson_poisson(p, q):
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


# ---- one family against itself ---------------------------------------------------------------------------------------


@register_kl(Beta, Beta)
def _kl_beta_beta(p, q):
    a, b, c, d = p.concentration1, p.concentration0, q.concentration1, q.concentration0
    normalizers = (c.lgamma() + d.lgamma() + (a + b).lgamma()) - (a.lgamma() + b.lgamma() + (c + d).lgamma())
    means = (a - c) * a.digamma() + (b - d) * b.digamma()
    return normalizers + means + ((c + d) - (a + b)) * (a + b).digamma()


@register_kl(Cauchy, Cauchy)
def _kl_cauchy_cauchy(p, q):
    return ((p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)).log() - (4 * p.scale * q.scale).log()


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _kl_continuous_bernoulli_continuous_bernoulli(p, q):
    own = p._cont_bern_log_norm() + (-p.probs).log1p()
    return p.mean * (p.logits - q.logits) + own - q._cont_bern_log_norm() - (-q.probs).log1p()


@register_kl(Dirichlet, Dirichlet)
def _kl_dirichlet_dirichlet(p, q):
    a, b = p.concentration, q.concentration
    totals = a.sum(-1).lgamma() - b.sum(-1).lgamma()
    mean_logs = a.digamma() - a.sum(-1).digamma().unsqueeze(-1)
    return totals - (a.lgamma() - b.lgamma()).sum(-1) + ((a - b) * mean_logs).sum(-1)


@register_kl(Exponential, Exponential)
def _kl_exponential_exponential(p, q):
    ratio = q.rate / p.rate
    return -ratio.log() + ratio - 1


@register_kl(Gamma, Gamma)
def _kl_gamma_gamma(p, q):
    a, b = p.concentration, q.concentration
    normalizers = b * (p.rate / q.rate).log() + b.lgamma() - a.lgamma()
    return normalizers + (a - b) * a.digamma() + (q.rate - p.rate) * (a / p.rate)


@register_kl(Gumbel, Gumbel)
def _kl_gumbel_gumbel(p, q):
    scales, theirs, ours = p.scale / q.scale, q.loc / q.scale, p.loc / q.scale
    mean_exp = (theirs + (1 + scales).lgamma() - ours).exp()
    return -scales.log() - theirs + ours + scales * EULER + mean_exp - (1 + EULER)


@register_kl(HalfNormal, HalfNormal)
def _kl_halfnormal_halfnormal(p, q):
    return _kl_normal_normal(p.base_dist, q.base_dist)


@register_kl(Laplace, Laplace)
def _kl_laplace_laplace(p, q):
    scales, away = p.scale / q.scale, (p.loc - q.loc).abs()
    return -scales.log() + away / q.scale + scales * (-away / p.scale).exp() - 1


@register_kl(Normal, Normal)
def _kl_normal_normal(p, q):
    variances = (p.scale / q.scale).pow(2)
    return 0.5 * (variances + ((p.loc - q.loc) / q.scale).pow(2) - 1 - variances.log())


@register_kl(Pareto, Pareto)
def _kl_pareto_pareto(p, q):
    alphas = q.alpha / p.alpha
    result = q.alpha * (p.scale / q.scale).log() - alphas.log() + alphas - 1
    return _or_infinite(result, p.scale < q.scale)


@register_kl(Uniform, Uniform)
def _kl_uniform_uniform(p, q):
    result = ((q.high - q.low) / (p.high - p.low)).log()
    return _or_infinite(result, (q.low > p.low) | (q.high < p.high))


# ---- multivariate normal distributions -------------------------------------------------------------------------------


def _check_event_shapes(p, q, names):
    if p.event_shape != q.event_shape:
        raise ValueError(
            f"KL-divergence between two {names} with                          different event shapes cannot be computed"
        )


def _trace_of_square(x):
    """The trace of `x @ x.mT`."""
    return x.pow(2).sum((-2, -1))


def _whitened(factor, x):
    return linalg_solve_triangular(factor, x, upper=False)


@register_kl(MultivariateNormal, MultivariateNormal)
def _kl_multivariatenormal_multivariatenormal(p, q):
    _check_event_shapes(p, q, "Multivariate Normals")
    ours, theirs = p._unbroadcasted_scale_tril, q._unbroadcasted_scale_tril
    distance = _batch_mahalanobis(theirs, q.loc - p.loc)
    trace = _trace_of_square(_whitened(theirs, ours))
    return _log_diagonal(theirs) - _log_diagonal(ours) + 0.5 * (trace + distance - p.event_shape[0])


def _lowrank_log_det(d):
    return _batch_lowrank_logdet(*d._parts(), d._capacitance_tril)


def _lowrank_distance(p, q):
    return _batch_lowrank_mahalanobis(*q._parts(), q.loc - p.loc, q._capacitance_tril)


def _correction(q):
    """A with `inverse(covariance of q) = inverse(D) - A.mT @ A`."""
    W, D = q._parts()
    return _whitened(q._capacitance_tril, W.mT / D.unsqueeze(-2))


@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
def _kl_lowrankmultivariatenormal_lowrankmultivariatenormal(p, q):
    _check_event_shapes(p, q, "Low Rank Multivariate Normals")
    log_dets = _lowrank_log_det(q) - _lowrank_log_det(p)
    (W, D), (_, theirs), A = p._parts(), q._parts(), _correction(q)
    trace = (D / theirs).sum(-1) + _trace_of_square(W * theirs.rsqrt().unsqueeze(-1))
    trace = trace - _trace_of_square(A * D.sqrt().unsqueeze(-2)) - _trace_of_square(A.matmul(W))
    return 0.5 * (log_dets + trace + _lowrank_distance(p, q) - p.event_shape[0])


@register_kl(MultivariateNormal, LowRankMultivariateNormal)
def _kl_multivariatenormal_lowrankmultivariatenormal(p, q):
    _check_event_shapes(p, q, "(Low Rank) Multivariate Normals")
    factor, (_, theirs) = p._unbroadcasted_scale_tril, q._parts()
    log_dets = _lowrank_log_det(q) - 2 * _log_diagonal(factor)
    trace = _trace_of_square(factor * theirs.rsqrt().unsqueeze(-1))
    trace = trace - _trace_of_square(_correction(q).matmul(factor))
    return 0.5 * (log_dets + trace + _lowrank_distance(p, q) - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, MultivariateNormal)
def _kl_lowrankmultivariatenormal_multivariatenormal(p, q):
    _check_event_shapes(p, q, "(Low Rank) Multivariate Normals")
    factor, (W, D) = q._unbroadcasted_scale_tril, p._parts()
    log_dets = 2 * _log_diagonal(factor) - _lowrank_log_det(p)
    trace = _trace_of_square(_whitened(factor, W)) + _trace_of_square(_whitened(factor, D.sqrt().diag_embed()))
    return 0.5 * (log_dets + trace + _batch_mahalanobis(factor, q.loc - p.loc) - p.event_shape[0])


# ---- from the unit interval ------------------------------------------------------------------------------------------


@register_kl(Beta, ContinuousBernoulli)
def _kl_beta_continuous_bernoulli(p, q):
    return -p.entropy() - p.mean * q.logits - (-q.probs).log1p() - q._cont_bern_log_norm()


@register_kl(Beta, Exponential)
def _kl_beta_exponential(p, q):
    return -p.entropy() - q.rate.log() + q.rate * p.mean


@register_kl(Beta, Gamma)
def _kl_beta_gamma(p, q):
    mean_log = p.concentration1.digamma() - (p.concentration1 + p.concentration0).digamma()
    return -p.entropy() + _gamma_normalizer(q) - (q.concentration - 1) * mean_log + q.rate * p.mean


@register_kl(Beta, Normal)
def _kl_beta_normal(p, q):
    mean, variance = p.mean, q.scale.pow(2)
    square = mean * (1 - mean) / (p.concentration1 + p.concentration0 + 1) + mean.pow(2)
    away = square * 0.5 - q.loc * mean + q.loc.pow(2) * 0.5
    return -p.entropy() + 0.5 * (variance * 2 * math.pi).log() + away / variance


@register_kl(Beta, Uniform)
def _kl_beta_uniform(p, q):
    return _or_infinite(-p.entropy() + (q.high - q.low).log(), (q.low > 0) | (q.high < 1))


@register_kl(ContinuousBernoulli, Exponential)
def _kl_continuous_bernoulli_exponential(p, q):
    return -p.entropy() - q.rate.log() + q.rate * p.mean


@register_kl(ContinuousBernoulli, Normal)
def _kl_continuous_bernoulli_normal(p, q):
    normalizer = 0.5 * (math.log(2.0 * math.pi) + (q.loc / q.scale).square()) + q.scale.log()
    away = p.variance + p.mean.square() - 2.0 * q.loc * p.mean
    return -p.entropy() + normalizer + away / (2.0 * q.scale.square())


@register_kl(ContinuousBernoulli, Uniform)
def _kl_continuous_bernoulli_uniform(p, q):
    # PyTorch counts a uniform distribution on exactly the unit interval as too narrow
    return _or_infinite(-p.entropy() + (q.high - q.low).log(), (q.low >= 0) | (q.high <= 1))


# ---- from the half line ----------------------------------------------------------------------------------------------


@register_kl(Exponential, Gamma)
def _kl_exponential_gamma(p, q):
    ratio, a = q.rate / p.rate, q.concentration
    return -a * ratio.log() + ratio + a.lgamma() + a * EULER - (1 + EULER)


@register_kl(Exponential, Gumbel)
def _kl_exponential_gumbel(p, q):
    product, place = p.rate * q.scale, q.loc / q.scale
    mean_exp = place.exp() * product / (product + 1)
    return product.log() - 1 - place + mean_exp + product.reciprocal()


@register_kl(Exponential, Normal)
def _kl_exponential_normal(p, q):
    variance, square = q.scale.pow(2), p.rate.pow(2)
    away = square.reciprocal() - q.loc / p.rate + q.loc.pow(2) * 0.5
    return 0.5 * (square * variance * 2 * math.pi).log() - 1 + away / variance


@register_kl(Gamma, Exponential)
def _kl_gamma_exponential(p, q):
    return -p.entropy() - q.rate.log() + q.rate * p.concentration / p.rate


@register_kl(Gamma, Gumbel)
def _kl_gamma_gumbel(p, q):
    a, product, place = p.concentration, p.rate * q.scale, q.loc / q.scale
    own = (a - 1) * a.digamma() - a.lgamma() - a
    mean_exp = place.exp() * (1 + product.reciprocal()).pow(-a)
    return own + product.log() + a / product + mean_exp - place


@register_kl(Gamma, Normal)
def _kl_gamma_normal(p, q):
    a, variance, square = p.concentration, q.scale.pow(2), p.rate.pow(2)
    own = 0.5 * (square * variance * 2 * math.pi).log() - a - a.lgamma()
    away = 0.5 * (a.pow(2) + a) / square - q.loc * a / p.rate + 0.5 * q.loc.pow(2)
    return own + (a - 1) * a.digamma() + away / variance


@register_kl(Pareto, Exponential)
def _kl_pareto_exponential(p, q):
    a, product = p.alpha, p.scale * q.rate
    result = (a / product).log() - a.reciprocal() + a * product / (a - 1) - 1
    return _or_infinite(result, a <= 1)


@register_kl(Pareto, Gamma)
def _kl_pareto_gamma(p, q):
    a = p.alpha
    mean_log = p.scale.log() + a.reciprocal()
    cross = (1 - q.concentration) * mean_log + q.rate * a * p.scale / (a - 1)
    return _or_infinite(a.log() - mean_log + _gamma_normalizer(q) + cross - 1, a <= 1)


@register_kl(Pareto, Normal)
def _kl_pareto_normal(p, q):
    a, unit = p.alpha, p.scale / (p.alpha - 1)
    away = a * unit.pow(2) / (a - 2) + (a * unit - q.loc).pow(2)
    normalizer = (math.sqrt(2 * math.pi) * q.scale * a / p.scale).log()
    return _or_infinite(normalizer - a.reciprocal() + away / (2 * q.scale.pow(2)) - 1, a <= 2)


# ---- from the whole line ---------------------------------------------------------------------------------------------


@register_kl(Gumbel, Normal)
def _kl_gumbel_normal(p, q):
    ratio = p.scale / q.scale
    away = ((p.loc + p.scale * EULER - q.loc) / q.scale).pow(2) * 0.5
    return -(ratio / math.sqrt(2 * math.pi)).log() + (math.pi * ratio * 0.5).pow(2) / 3 + away - (EULER + 1)


@register_kl(Laplace, Normal)
def _kl_laplace_normal(p, q):
    variance = q.scale.pow(2)
    ratio = p.scale.pow(2) / variance
    away = 0.5 * p.loc.pow(2) - p.loc * q.loc + 0.5 * q.loc.pow(2)
    return -0.5 * (2 * ratio / math.pi).log() + ratio + away / variance - 1


@register_kl(Normal, Gumbel)
def _kl_normal_gumbel(p, q):
    ours, theirs, ratio = p.loc / q.scale, q.loc / q.scale, (p.scale / q.scale).pow(2)
    mean_exp = (-ours + 0.5 * ratio + theirs).exp()
    return -(ratio.log() * 0.5) + ours - theirs + mean_exp - 0.5 * (1 + math.log(2 * math.pi))


@register_kl(Normal, Laplace)
def _kl_normal_laplace(p, q):
    away = p.loc - q.loc
    relative = away / p.scale
    mean_abs = math.sqrt(2 / math.pi) * p.scale * (-0.5 * relative.pow(2)).exp()
    mean_abs = mean_abs + away * (math.sqrt(0.5) * relative).erf()
    return -(p.scale / q.scale).log() + mean_abs / q.scale - 0.5 * (1 + math.log(0.5 * math.pi))


# ---- from an interval ------------------------------------------------------------------------------------------------


@register_kl(Uniform, Beta)
def _kl_uniform_beta(p, q):
    a, b, width = q.concentration1, q.concentration0, p.high - p.low
    mean_log_rest = (_x_log_x(1 - p.high) - _x_log_x(1 - p.low) + width) / width
    normalizer = a.lgamma() + b.lgamma() - (a + b).lgamma()
    result = (b - 1) * mean_log_rest + normalizer - width.log() - (a - 1) * _mean_log(p)
    return _or_infinite(result, (p.high > 1) | (p.low < 0))


@register_kl(Uniform, ContinuousBernoulli)
def _kl_uniform_continuous_bernoulli(p, q):
    result = -p.entropy() - p.mean * q.logits - (-q.probs).log1p() - q._cont_bern_log_norm()
    # PyTorch counts the whole unit interval as too wide
    return _or_infinite(result, (p.high >= 1) | (p.low <= 0))


@register_kl(Uniform, Exponential)
def _kl_uniform_exponential(p, q):
    result = q.rate * (p.high + p.low) / 2 - ((p.high - p.low) * q.rate).log()
    return _or_infinite(result, p.low < 0)


@register_kl(Uniform, Gamma)
def _kl_uniform_gamma(p, q):
    cross = (1 - q.concentration) * _mean_log(p) + q.rate * (p.high + p.low) / 2
    return _or_infinite(-(p.high - p.low).log() + _gamma_normalizer(q) + cross, p.low < 0)


@register_kl(Uniform, Gumbel)
def _kl_uniform_gumbel(p, q):
    ratio, high, low = q.scale / (p.high - p.low), (p.high - q.loc) / q.scale, (p.low - q.loc) / q.scale
    return ratio.log() + 0.5 * (high + low) - ratio * ((-high).exp() - (-low).exp())


@register_kl(Uniform, Normal)
def _kl_uniform_normal(p, q):
    width = p.high - p.low
    away = width.pow(2) / 12 + ((p.high + p.low - 2 * q.loc) / 2).pow(2)
    return (math.sqrt(math.pi * 2) * q.scale / width).log() + 0.5 * away / q.scale.pow(2)


@register_kl(Uniform, Pareto)
def _kl_uniform_pareto(p, q):
    normalizer = (q.alpha * q.scale.pow(q.alpha) * (p.high - p.low)).log()
    return _or_infinite(_mean_log(p) * (q.alpha + 1) - normalizer, p.low < q.scale)
