"""What draws refuse, in PyTorch's words, before anything is drawn."""

import ml_dtypes
import numpy as np
import pytest

from flambeau import random as R

bfloat16 = np.dtype(ml_dtypes.bfloat16)
nan, inf = float("nan"), float("inf")


def floats(dtype=np.float32):
    return np.ones(4, dtype)


# a draw -> the start of its complaint; NotImplementedError where it begins with a quotation mark
REFUSED = {
    "uniform_ expects to return a [from, to) range, but found from=2 > to=1": lambda g: R.fill_uniform(
        g, floats(), 2, 1
    ),
    "from is out of bounds for float": lambda g: R.fill_uniform(g, floats(), nan, 1),
    "to is out of bounds for c10::Half": lambda g: R.fill_uniform(g, floats(np.float16), 0, 65520),
    "uniform_ expects to-from <= std::numeric_limits<BFloat16>::max(), but found to=3e+38 and from=-3e+38": (
        lambda g: R.fill_uniform(g, floats(bfloat16), -3e38, 3e38)
    ),
    "\"check_uniform_bounds\" not implemented for 'Long'": lambda g: R.fill_uniform(g, floats(np.int64)),
    "normal expects std >= 0.0, but found std -1e-07": lambda g: R.fill_normal(g, floats(), 0, -1e-7),
    "normal expects std >= 0.0, but found std nan": lambda g: R.fill_normal(g, floats(), 0, nan),
    "\"normal_kernel_cpu\" not implemented for 'Bool'": lambda g: R.fill_normal(g, floats(np.bool_)),
    "log_normal_ expects std > 0.0, but found std=0": lambda g: R.fill_log_normal(g, floats(), 0, 0),
    "\"log_normal_cpu\" not implemented for 'ComplexFloat'": lambda g: R.fill_log_normal(g, floats(np.complex64)),
    "cauchy_ expects sigma > 0.0, but found sigma=-1": lambda g: R.fill_cauchy(g, floats(), 0, -1),
    "Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you specified "
    "long int": lambda g: R.fill_cauchy(g, floats(np.int64)),
    "exponential_ expects lambda > 0.0, but found lambda=0": lambda g: R.fill_exponential(g, floats(), 0),
    "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you "
    "specified Int": lambda g: R.fill_exponential(g, floats(np.int32)),
    "geometric_ expects p to be in (0, 1), but got p=1": lambda g: R.fill_geometric(g, floats(), 1),
    "\"geometric_cpu\" not implemented for 'UInt16'": lambda g: R.fill_geometric(g, floats(np.uint16), 0.5),
    "bernoulli_ expects p to be in [0, 1], but got p=1.5": lambda g: R.fill_bernoulli(g, floats(), 1.5),
    "\"bernoulli_scalar_cpu_\" not implemented for 'ComplexDouble'": (
        lambda g: R.fill_bernoulli(g, floats(np.complex128))
    ),
    "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?": (
        lambda g: R.bernoulli(g, np.array([0.5, nan]))
    ),
    "\"bernoulli_tensor_cpu_p_\" not implemented for 'Long'": lambda g: R.bernoulli(g, floats(np.int64)),
    "random_ expects 'from' to be less than 'to', but got from=5 >= to=5": lambda g: R.randint(g, 4, 5, 5),
    "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=1032 >= to=1027": (
        lambda g: R.randint(g, 4, 1025, 1027, bfloat16)
    ),
    "random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from=300 "
    "> to_inc=256": lambda g: R.randint(g, 4, 300, None, bfloat16),
    "to - 1 is out of bounds for unsigned char": lambda g: R.randint(g, 4, 0, 257, np.uint8),
    "from is out of bounds for bool": lambda g: R.randint(g, 4, -1, 1, np.bool_),
    "to - 1 is out of bounds for long unsigned int": lambda g: R.randint(g, 4, 0, None, np.uint64),
    "check_random_bounds handles only integral": lambda g: R.randint(g, 4, 0, 3, np.complex64),
    "random_from_to_impl handles only integral": lambda g: R.randint(g, 4, 0, None, np.complex64),
    "random_full_64_bits_range_kernel_cpu handles only int64": lambda g: R.randint(g, 4, -(2**63), None, np.int32),
    "\"random_full_64_bits_range_kernel_cpu\" not implemented for 'Half'": (
        lambda g: R.randint(g, 4, -(2**63), None, np.float16)
    ),
    "\"random_kernel_cpu\" not implemented for 'UInt32'": lambda g: R.fill_random(g, floats(np.uint32)),
    "Trying to create tensor with negative dimension -1: [-1]": lambda g: R.randperm(g, -1),
    "\"randperm\" not implemented for 'Bool'": lambda g: R.randperm(g, 2, np.bool_),
    "value cannot be converted to type int8_t without overflow": lambda g: R.randperm(g, 129, np.int8),
    "n cannot be greater than 2049 for Half type.": lambda g: R.randperm(g, 2050, np.float16),
    "n cannot be greater than 2^24+1 for Float type.": lambda g: R.randperm(g, 2**24 + 2, np.float32),
    "prob_dist must be 1 or 2 dim": lambda g: R.multinomial(g, np.ones((1, 1, 1)), 1),
    "multinomial only supports floating-point dtypes for input, got: Long": (
        lambda g: R.multinomial(g, np.ones(3, np.int64), 1)
    ),
    "cannot sample n_sample <= 0 samples": lambda g: R.multinomial(g, np.ones(3), 0),
    "cannot sample n_sample > prob_dist.size(-1) samples without replacement": lambda g: R.multinomial(
        g, np.ones(3), 4
    ),
    "number of categories cannot exceed 2^24": lambda g: R.multinomial(g, np.ones(2**24 + 1, np.float16), 1),
    "probability tensor contains either `inf`, `nan` or element < 0": (
        lambda g: R.multinomial(g, np.array([1, -1.0]), 1, True)
    ),
    "invalid multinomial distribution (encountering probability entry < 0)": (
        lambda g: R.multinomial(g, np.array([nan, inf]), 2, True)
    ),
    "invalid multinomial distribution (encountering probability entry = infinity or NaN)": (
        lambda g: R.multinomial(g, np.array([inf, nan]), 2, True)
    ),
    "invalid multinomial distribution (sum of probabilities <= 0)": (
        lambda g: R.multinomial(g, np.array([[1.0, 1], [0, 0]]), 2, True)
    ),
    "aminmax(): cannot compute aminmax over an empty dimension": lambda g: R.multinomial(g, np.ones((3, 0)), 1, True),
    "invalid Poisson rate, expected rate to be non-negative": lambda g: R.poisson(g, np.array([1.0, nan])),
    "\"poisson_cpu\" not implemented for 'Int'": lambda g: R.poisson(g, floats(np.int32)),
    "binomial only supports floating-point dtypes for prob, got: Long": (
        lambda g: R.binomial(g, floats(), floats(np.int64))
    ),
    "Found dtype Double but expected Float": lambda g: R.binomial(g, floats(), floats(np.float64)),
    "\"binomial_cpu\" not implemented for 'Half'": lambda g: R.binomial(g, floats(np.float16), floats(np.float16)),
    "\"gamma_cpu\" not implemented for 'BFloat16'": lambda g: R.standard_gamma(g, floats(bfloat16)),
    "\"dirichlet\" not implemented for 'Half'": lambda g: R.dirichlet(g, floats(np.float16)),
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_mistake_is_named_in_pytorchs_words_and_draws_nothing(message):
    generator = R.Generator()
    before = generator.get_state_bytes()
    with pytest.raises(NotImplementedError if message.startswith('"') else (RuntimeError, ValueError)) as raised:
        REFUSED[message](generator)
    assert str(raised.value).startswith(message)
    assert isinstance(raised.value, ValueError) == ("binomial only" in message)
    assert np.array_equal(generator.get_state_bytes(), before)


@pytest.mark.parametrize(
    ("dtype", "low", "high", "message"),
    [
        (
            np.float16,
            0,
            2050,
            r"^to - 1 is out of bounds \[-\(2\^11\), 2\^11\]\. Due to precision limitations c10::Half",
        ),
        (
            bfloat16,
            0,
            300,
            r"^to - 1 is out of bounds \[-\(2\^8\), 2\^8\]\. Due to precision limitations c10::BFloat16",
        ),
        (
            np.float32,
            -(2**24) - 3,
            0,
            r"^from is out of bounds \[-\(2\^24\), 2\^24\]\. Due to precision limitations float",
        ),
    ],
)
def test_integers_that_a_dtype_cannot_tell_apart_are_warned_of(dtype, low, high, message):
    with pytest.warns(UserWarning, match=message):
        values = R.randint(R.Generator(), 1000, low, high, dtype)
    # in spite of rounding, the bounds hold
    assert low <= values.min()
    assert values.max() < high


def test_empty_arrays_draw_nothing():
    generator = R.Generator()
    before = generator.get_state_bytes()
    for dtype in (np.float32, np.int64):
        empty = np.empty((0, 3), dtype)
        for draw in (R.fill_normal, R.fill_log_normal, R.fill_exponential, R.fill_bernoulli, R.fill_random):
            assert draw(generator, empty) is empty
        assert R.fill_randint(generator, empty, 0, 3) is empty
    assert R.multinomial(generator, np.ones((0, 3)), 1).shape == (0, 1)
    assert R.randperm(generator, 0).tolist() == []
    assert R.poisson(generator, np.empty(0)).shape == (0,)
    assert np.array_equal(generator.get_state_bytes(), before)
