"""Random numbers: generators, and PyTorch's CPU streams as NumPy arrays.

Every draw takes a `Generator` first. A `fill_...` function fills an array of any strides in place, in the order of its
memory; the others return new arrays. The README in this folder says what the streams are made of.

>>> generator = Generator().manual_seed(0)
>>> uniform(generator, 3)
array([0.4962566 , 0.7682218 , 0.08847743], dtype=float32)
"""

from collections.abc import Callable
from typing import Any

from .. import missing
from .continuous import (
    fill_cauchy,
    fill_exponential,
    fill_log_normal,
    fill_normal,
    fill_uniform,
    normal,
    uniform,
)
from .counts import binomial, poisson
from .discrete import bernoulli, dropout_mask, fill_bernoulli, fill_bernoulli_each, fill_geometric
from .gamma import dirichlet, standard_gamma
from .generator import DEFAULT_SEED, NORMAL_PROFILES, STATE, Generator
from .integers import fill_randint, fill_random, randint
from .multinomial import multinomial
from .permutation import randperm

# the generator of draws that name none; its first seed is one that no one can foresee
default_generator = Generator()
default_generator.seed()

# `torch.random` has functions that take or give tensors; tensor/ puts them here
TENSOR_FUNCTIONS: dict[str, Callable] = {}


def __getattr__(name: str) -> Any:
    if name in TENSOR_FUNCTIONS:
        return TENSOR_FUNCTIONS[name]
    raise missing.missing_attribute(__name__, name, [*globals(), *TENSOR_FUNCTIONS])


__all__ = [
    "DEFAULT_SEED",
    "NORMAL_PROFILES",
    "STATE",
    "Generator",
    "bernoulli",
    "binomial",
    "default_generator",
    "dirichlet",
    "dropout_mask",
    "fill_bernoulli",
    "fill_bernoulli_each",
    "fill_cauchy",
    "fill_exponential",
    "fill_geometric",
    "fill_log_normal",
    "fill_normal",
    "fill_randint",
    "fill_random",
    "fill_uniform",
    "multinomial",
    "normal",
    "poisson",
    "randint",
    "randperm",
    "standard_gamma",
    "uniform",
]
