"""The streams: numbers that PyTorch 2.13 gives after `manual_seed(1234)`, written down once."""

import zlib

import ml_dtypes
import numpy as np
import pytest

from flambeau.random import (
    Generator,
    bernoulli,
    binomial,
    dirichlet,
    dropout_mask,
    fill_bernoulli,
    fill_cauchy,
    fill_exponential,
    fill_geometric,
    fill_log_normal,
    fill_normal,
    fill_random,
    multinomial,
    normal,
    poisson,
    randint,
    randperm,
    standard_gamma,
    uniform,
)

bfloat16 = np.dtype(ml_dtypes.bfloat16)
THOUSANDTHS = np.arange(1000) / 1000

# PyTorch's expression -> ours, the first two numbers, a checksum of the bytes of all
STREAMS = {
    "rand(1000)": (lambda g: uniform(g, 1000), [0.0289792418, 0.401898563], 0xF0FAAFC3),
    "rand(1000), float64": (
        lambda g: uniform(g, 1000, dtype=np.float64),
        [0.2318341720884639, 0.07875386135027063],
        0x40018B91,
    ),
    "rand(1000), float16": (
        lambda g: uniform(g, 1000, dtype=np.float16),
        [0.0289764404296875, 0.40185546875],
        0x196041E4,
    ),
    "rand(1000), bfloat16": (lambda g: uniform(g, 1000, dtype=bfloat16), [0.0289306640625, 0.40234375], 0x4D8F3FF6),
    "rand(100), complex64": (
        lambda g: uniform(g, 100, dtype=np.complex64),
        [(0.028979241847991943 + 0.4018985629081726j), (0.25984418392181396 + 0.3666413426399231j)],
        0xD950454C,
    ),
    "uniform_(-0.3, 0.7)": (lambda g: uniform(g, 1000, -0.3, 0.7), [-0.27102077, 0.101898551], 0x4BB6E699),
    "uniform_(-0.3, 0.7), float64": (
        lambda g: uniform(g, 1000, -0.3, 0.7, np.float64),
        [-0.06816582791153608, -0.22124613864972936],
        0xB89B6A95,
    ),
    "uniform_(-0.3, 0.7), bfloat16": (
        lambda g: uniform(g, 1000, -0.3, 0.7, bfloat16),
        [-0.271484375, 0.10205078125],
        0x9E9EDFAF,
    ),
    "randn(1)": (lambda g: normal(g, 1), [0.0461304635], 0x6C9FC0FE),
    "randn(15)": (lambda g: normal(g, 15), [0.0461304635, 0.402402818], 0xC623D1C6),
    "randn(16)": (lambda g: normal(g, 16), [-0.111718565, -0.496590108], 0x56DD5739),
    "randn(17)": (lambda g: normal(g, 17), [-0.111718565, -0.092287533], 0xB51A8D43),
    "randn(10000)": (lambda g: normal(g, 10000), [-0.111718565, -0.496590108], 0xE93CFDE6),
    "randn(17), bfloat16": (lambda g: normal(g, 17, dtype=bfloat16), [-0.11181640625, 0.80078125], 0x08A167A5),
    "randn(1000), float16": (
        lambda g: normal(g, 1000, dtype=np.float16),
        [-0.1116943359375, -0.49658203125],
        0xC083E566,
    ),
    "randn(20), complex64": (
        lambda g: normal(g, 20, dtype=np.complex64),
        [(-0.07899695634841919 - 0.3511422276496887j), (0.11531051993370056 - 0.6234473586082458j)],
        0xCD824BCE,
    ),
    "normal_(1.5, 0.3)": (lambda g: normal(g, 1000, 1.5, 0.3), [1.46648443, 1.35102296], 0x6DA84A77),
    "normal_() of a transposed matrix": (
        lambda g: fill_normal(g, np.empty((40, 6), np.float32).T),
        [0.0461304635, 0.230966806],
        0xA615CC11,
    ),
    "log_normal_(0.5, 0.25)": (
        lambda g: fill_log_normal(g, np.empty(1000, np.float32), 0.5, 0.25),
        [1.66784537, 1.8232137],
        0x593D0657,
    ),
    "cauchy_(0.5, 2)": (
        lambda g: fill_cauchy(g, np.empty(1000, np.float32), 0.5, 2.0),
        [-1.74237394, -7.41804552],
        0x0DBE319C,
    ),
    "exponential_(1.5)": (
        lambda g: fill_exponential(g, np.empty(1000, np.float32), 1.5),
        [0.175833091, 0.0546853505],
        0x45BAF400,
    ),
    "exponential_(), bfloat16": (
        lambda g: fill_exponential(g, np.empty(1000, bfloat16)),
        [0.263671875, 0.08203125],
        0xBE92BD6C,
    ),
    "geometric_(0.3)": (lambda g: fill_geometric(g, np.empty(1000, np.int64), 0.3), [5, 8], 0x2CB479FA),
    "bernoulli_(0.3)": (lambda g: fill_bernoulli(g, np.empty(1000, np.float32), 0.3), [1, 1], 0x4A247266),
    "bernoulli_(0.5), bool": (lambda g: dropout_mask(g, 1000, 0.5), [True, True], 0x1C13F432),
    "bernoulli(p)": (lambda g: bernoulli(g, THOUSANDTHS.astype(np.float32)), [0, 0], 0x792AFC12),
    "bernoulli(p), float64": (lambda g: bernoulli(g, THOUSANDTHS), [0.0, 0.0], 0xED7B5625),
    "randint(0, 10)": (lambda g: randint(g, 1000, 0, 10), [5, 1], 0xDCEDA0D0),
    "randint(-5, 5), int8": (lambda g: randint(g, 1000, -5, 5, np.int8), [0, -4], 0x37CABB31),
    "randint(0, 2**28)": (lambda g: randint(g, 1000, 0, 2**28), [258400979, 22928437], 0x83DDB888),
    "randint(-2**62, 2**62)": (
        lambda g: randint(g, 1000, -(2**62), 2**62),
        [-1078775733986860333, -2359176853020877771],
        0xB5AF8F40,
    ),
    "randint(0, 100), float32": (lambda g: randint(g, 1000, 0, 100, np.float32), [75, 71], 0xFEAD5684),
    "random_(3, None), uint8": (lambda g: randint(g, 1000, 3, None, np.uint8), [239, 179], 0xD7584B11),
    "random_(-2**63, None)": (
        lambda g: randint(g, 1000, -(2**63), None),
        [3532910284440527571, -6970862871448265675],
        0x972A45EE,
    ),
    "random_(), bool": (lambda g: fill_random(g, np.empty(1000, np.bool_)), [True, True], 0x2017EB54),
    "random_(), uint8": (lambda g: fill_random(g, np.empty(1000, np.uint8)), [47, 211], 0xD644CBD2),
    "random_(), int32": (lambda g: fill_random(g, np.empty(1000, np.int32)), [822569775, 2137449171], 0xC988FE11),
    "random_(), int64": (
        lambda g: fill_random(g, np.empty(1000, np.int64)),
        [3532910284440527571, 2252509165406510133],
        0xB1D67527,
    ),
    "random_(), bfloat16": (lambda g: fill_random(g, np.empty(1000, bfloat16)), [155.0, 217.0], 0x31CE1551),
    "random_(), float32": (lambda g: fill_random(g, np.empty(1000, np.float32)), [486142, 6742612], 0x2FAD4077),
    "random_(), float64": (
        lambda g: fill_random(g, np.empty(1000, np.float64)),
        [2088176582058315.0, 709351721260859.0],
        0xC7D8B613,
    ),
    "randperm(10)": (lambda g: randperm(g, 10), [5, 4], 0xB85FB6FA),
    "randperm(255), uint8": (lambda g: randperm(g, 255, np.uint8), [210, 56], 0xE211B640),
    "randperm(5000)": (lambda g: randperm(g, 5000), [4775, 1747], 0x312D4EB7),
    "multinomial(w, 100, True)": (
        lambda g: multinomial(g, np.array([0.1, 0.2, 0.3, 0.4], np.float32), 100, True),
        [1, 0],
        0x5467053D,
    ),
    "multinomial(w, 12)": (lambda g: multinomial(g, np.arange(1, 21, dtype=np.float32), 12), [11, 17], 0x2532118C),
    "multinomial(w, 1), rows": (lambda g: multinomial(g, np.arange(1, 41.0).reshape(10, 4), 1), [1, 2], 0x77B213F7),
    "poisson(rate)": (lambda g: poisson(g, np.arange(0, 50, 0.125, np.float32)), [0, 0], 0xD43A3755),
    "binomial(n, p)": (
        lambda g: binomial(g, np.arange(160, dtype=np.float32), np.arange(160, dtype=np.float32) / 160),
        [0, 0],
        0xFA27B9BE,
    ),
    "gamma(a)": (
        lambda g: standard_gamma(g, np.arange(0.125, 20, 0.125, np.float32)),
        [0.246546537, 0.210737869],
        0xD5131719,
    ),
    "dirichlet(a)": (
        lambda g: dirichlet(g, np.arange(0.5, 5, 0.125, np.float32).reshape(12, 3)),
        [0.429533184, 0.254134536],
        0xE5DE3987,
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_stream_is_pytorchs_to_the_last_bit(name):
    draw, first, checksum = STREAMS[name]
    values = draw(Generator().manual_seed(1234))
    assert values.ravel()[: len(first)].tolist() == pytest.approx(first, rel=1e-8)
    assert zlib.crc32(np.ascontiguousarray(values).tobytes()) == checksum


# Where the C library has a say, the last bit may be another on another system.
DOUBLES = {
    "randn(3)": (
        lambda g: normal(g, 3, dtype=np.float64),
        [0.04613046189666927, 0.4024028259218943, -1.0115290977852016],
    ),
    "randn(1000)": (
        lambda g: normal(g, 1000, dtype=np.float64),
        [2.3783957274234204, -0.4315875460719777, 0.8007428960492219],
    ),
    "randn(5000)": (
        lambda g: normal(g, 5000, dtype=np.float64),
        [1.3287958593649216, -1.080702530466259, 1.9595692721384947],
    ),
    "randn(100), complex128": (
        lambda g: normal(g, 100, dtype=np.complex128).imag,
        [0.9868893655116178, -1.0583295596508602, -0.20607830706836897],
    ),
    "normal_(0.3, 0.7)": (
        lambda g: normal(g, 100, 0.3, 0.7, np.float64),
        [0.2335495455315627, 1.2622166797044456, 0.7567467039490849],
    ),
    "log_normal_()": (
        lambda g: fill_log_normal(g, np.empty(2000)),
        [102.24785292763669, 3.220702504469342, 17.18559183174114],
    ),
    "cauchy_()": (
        lambda g: fill_cauchy(g, np.empty(2000)),
        [2.9365349398610725, -1.0961904904722866, -0.5149770174866986],
    ),
    "exponential_(3)": (
        lambda g: fill_exponential(g, np.empty(2000), 3.0),
        [0.7529335310151908, 0.08946903768940029, 0.1428901304434736],
    ),
    "gamma(a)": (
        lambda g: standard_gamma(g, np.arange(0.125, 20, 0.125)),
        [17.67670445506848, 21.07398949417323, 21.1777309699167],
    ),
}


@pytest.mark.parametrize("name", DOUBLES)
def test_stream_in_double_precision_is_pytorchs(name):
    draw, last = DOUBLES[name]
    values = draw(Generator().manual_seed(1234))
    assert values.dtype == np.float64
    assert values[-3:].tolist() == pytest.approx(last, rel=1e-14)


@pytest.mark.parametrize(
    ("seed", "draws", "expected"),
    [
        (0, [lambda g: uniform(g, 3)], [0.4963, 0.7682, 0.0885]),
        (0, [lambda g: normal(g, 5)], [1.5410, -0.2934, -2.1788, 0.5684, -1.0845]),
        (0, [lambda g: normal(g, 16)[:5]], [-1.1258, -1.1524, -0.2506, -0.4339, 0.8487]),
        (0, [lambda g: normal(g, 17)[:5]], [-1.1258, -1.6959, 0.5667, 0.7935, 0.5988]),
        (0, [lambda g: normal(g, 20)[:5]], [-1.1258, -1.1524, -0.2506, -0.4339, 0.5988]),
        (42, [lambda g: uniform(g, 1)], [0.8823]),
        (42, [lambda g: normal(g, 1)], [0.3367]),
        (
            1234,
            [lambda g: randint(g, 6, 0, 100), lambda g: normal(g, 4)],
            [75, 71, 6, 65, 16, 64, -0.8545, 0.5098, -0.0821, 0.6607],
        ),
        (1234, [lambda g: randint(g, 3, 0, 2**40)], [204000912083, 166721346613, 878802328948]),
        (
            1234,
            [lambda g: randperm(g, 6), lambda g: normal(g, 4)],
            [3, 2, 4, 5, 1, 0, -1.3055, -1.0147, -0.6863, -0.9661],
        ),
        (
            1234,
            [lambda g: normal(g, 3), lambda g: randint(g, 4, 0, 100), lambda g: uniform(g, 2)],
            [0.0461, 0.4024, -1.0115, 75, 29, 43, 41, 0.7749, 0.8208],
        ),
        (123, [lambda g: multinomial(g, np.ones(10), 7, True)], [3, 0, 5, 0, 4, 5, 6]),
    ],
)
def test_numbers_that_others_have_published(seed, draws, expected):
    generator = Generator().manual_seed(seed)
    numbers = np.concatenate([draw(generator) for draw in draws])
    assert numbers.tolist() == pytest.approx(expected, abs=5.1e-5)


def test_a_weight_of_linear_is_the_one_that_tutorials_print():
    """`torch.manual_seed(0); nn.Linear(3, 2)`: the weight, then the bias, from uniform_(-b, b) with b = 1/sqrt(3)."""
    generator = Generator().manual_seed(0)
    bound = 1 / 3**0.5
    weight = uniform(generator, (2, 3), -bound, bound)
    bias = uniform(generator, 2, -bound, bound)
    assert weight.ravel().tolist() == pytest.approx([-0.0043, 0.3097, -0.4752, -0.4249, -0.2224, 0.1548], abs=5e-5)
    assert bias.tolist() == pytest.approx([-0.0114, 0.4578], abs=5e-5)
