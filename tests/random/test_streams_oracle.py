"""Every stream equals that of the PyTorch at hand: numbers, states, complaints and warnings, in generated cases."""

import warnings

import ml_dtypes
import numpy as np
import pytest

from flambeau import random as R

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="without AVX2, PyTorch itself rounds in another way",
)

NAMES = """
    bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex64 complex128
""".split()
DTYPES = {name: np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name) for name in NAMES}
FLOATS = ("float16", "bfloat16", "float32", "float64")
nan, inf = float("nan"), float("inf")

# draw -> (PyTorch's, ours) of a tensor or an array to fill, and a tuple of parameters
FILL = {
    "uniform": (lambda t, a: t.uniform_(*a), lambda g, x, a: R.fill_uniform(g, x, *a)),
    "normal": (lambda t, a: t.normal_(*a), lambda g, x, a: R.fill_normal(g, x, *a)),
    "log_normal": (lambda t, a: t.log_normal_(*a), lambda g, x, a: R.fill_log_normal(g, x, *a)),
    "cauchy": (lambda t, a: t.cauchy_(*a), lambda g, x, a: R.fill_cauchy(g, x, *a)),
    "exponential": (lambda t, a: t.exponential_(*a), lambda g, x, a: R.fill_exponential(g, x, *a)),
    "geometric": (lambda t, a: t.geometric_(*a), lambda g, x, a: R.fill_geometric(g, x, *a)),
    "bernoulli": (lambda t, a: t.bernoulli_(*a), lambda g, x, a: R.fill_bernoulli(g, x, *a)),
    "random": (lambda t, a: t.random_(), lambda g, x, a: R.fill_random(g, x)),
    "random_": (lambda t, a: t.random_(*a), lambda g, x, a: R.fill_randint(g, x, *a)),
}
PARAMETERS = {
    "uniform": [
        (), (-1.0, 3.0), (-0.3779, 0.3779), (0.1, 0.2), (2, 1), (1, 1), (1.0, 1 + 2**-7), (0, 65519.0), (nan, 1),
        (0, inf), (-6e4, 6e4), (-3e38, 3e38), (1e39, 1e40), (0, 1e-40),
    ],
    "normal": [(), (1.0, 2.0), (0.3, 0.7), (0, -1), (0, nan), (nan, 1), (0, 0), (0, inf), (1e30, 1e20), (0, 1e300)],
    "log_normal": [(), (0.5, 0.25), (0, 0), (0, -1.5), (0, 60.0)],
    "cauchy": [(), (0.1, 1.7), (0, 0), (0, inf), (0, 1e300)],
    "exponential": [(), (1.5,), (0,), (-1.5,), (nan,), (inf,), (1e-300,)],
    "geometric": [(0.3,), (0.9999999,), (0,), (1,), (nan,)],
    "bernoulli": [(), (0.3,), (0,), (1,), (1.5,), (nan,), (2**-21,), (3 * 2**-53,)],
    "random": [()],
    "random_": [
        (0, 1), (0, 2), (0, 3), (-1, 1), (0, 256), (0, 257), (0, 300), (-200, 0), (-7, 5), (0, 2049), (0, 2050),
        (1025, 1027), (0, 65504), (0, 65536), (0, 2**24 + 2), (-(2**24) - 3, 0), (0, 2**28 - 1), (3, 2**28 + 3),
        (0, 2**32), (0, 2**53 + 3), (0, 2**62), (-(2**63), 2**63 - 1), (5, 5), (5, 3), (100, None), (300, None),
        (-5, None), (-(2**60), None), (70000, None), (2**54, None), (-(2**63), None),
    ],
}  # fmt: skip
SIZES = [0, 1, 2, 15, 16, 17, 33, 100, 625]
LAYOUTS = {
    "transposed": lambda dtype: torch.empty(6, 4, dtype=dtype).t(),
    "small": lambda dtype: torch.empty(3, 4, dtype=dtype).t(),
    "column": lambda dtype: torch.empty(24, 2, dtype=dtype)[:, 0],
    "permuted": lambda dtype: torch.empty(2, 3, 4, dtype=dtype).permute(2, 0, 1),
    "channels last": lambda dtype: torch.empty(2, 3, 2, 2, dtype=dtype).to(memory_format=torch.channels_last),
    "part of rows": lambda dtype: torch.empty(4, 12, dtype=dtype)[:, :6],
    "axes of size one": lambda dtype: torch.empty(1, 6, 1, 4, dtype=dtype).permute(3, 2, 1, 0),
    "five axes": lambda dtype: torch.empty(2, 3, 2, 3, 2, dtype=dtype).permute(4, 1, 3, 0, 2)[:, :, 1:],
    "number": lambda dtype: torch.empty((), dtype=dtype),
    "expanded": lambda dtype: torch.empty(3, 1, dtype=dtype).expand(3, 4),
}


def to_numpy(tensor):
    if tensor.dtype == torch.bfloat16:
        return tensor.contiguous().view(torch.int16).numpy().view(DTYPES["bfloat16"])
    return tensor.numpy()


def like(tensor):
    """An array with the shape, strides and dtype of a tensor."""
    dtype = DTYPES[str(tensor.dtype).removeprefix("torch.")]
    memory = np.empty(tensor.untyped_storage().nbytes() // tensor.element_size(), dtype)
    strides = [stride * tensor.element_size() for stride in tensor.stride()]
    return np.lib.stride_tricks.as_strided(memory[tensor.storage_offset() :], tensor.shape, strides)


def outcome(draw):
    """(what was drawn, or the class and first line of the complaint; the warnings)."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            drawn = draw()
        except Exception as error:
            drawn = type(error).__name__, str(error).splitlines()[0]
    return drawn, [str(warning.message).partition(" (Triggered")[0] for warning in caught]


def assert_agree(theirs, ours, *case, seed=11):
    """`theirs(*case)` and `ours(generator, *case)` agree twice running: in bits, state, complaint, warnings."""
    torch.manual_seed(seed)
    generator = R.Generator().manual_seed(seed)
    for _ in range(2):
        wanted, wanted_warnings = outcome(lambda: theirs(*case))
        got, got_warnings = outcome(lambda: ours(generator, *case))
        assert got_warnings == wanted_warnings, case
        if isinstance(wanted, tuple) or isinstance(got, tuple):
            assert got == wanted, case
            return
        expected = to_numpy(wanted)
        assert (got.dtype, got.shape) == (expected.dtype, expected.shape), case
        bits = [
            np.where(np.isnan(x), 0, x).tobytes() if x.dtype.kind in "fcV" else x.tobytes() for x in (got, expected)
        ]
        assert bits[0] == bits[1], (case, got, expected)
        assert np.array_equal(generator.get_state_bytes(), torch.get_rng_state().numpy()), case


def in_dtype(name):
    return getattr(torch, name)


def fills(name):
    """Two functions that fill a tensor of (dtype, size, parameters)."""
    theirs, ours = FILL[name]
    return (
        lambda dtype, size, parameters: theirs(torch.empty(size, dtype=in_dtype(dtype)), parameters),
        lambda g, dtype, size, parameters: ours(g, np.empty(size, DTYPES[dtype]), parameters),
    )


@pytest.mark.parametrize("name", FILL)
def test_fills_agree_in_every_dtype(name):
    for dtype in DTYPES:
        for parameters in PARAMETERS[name]:
            for size in (0, 5, 40):
                assert_agree(*fills(name), dtype, size, parameters)


@pytest.mark.parametrize("name", FILL)
@pytest.mark.parametrize("seed", [0, 1234, 2**40 + 7])
def test_fills_agree_in_every_size(name, seed):
    for dtype in (*FLOATS, "complex64", "complex128", "int64"):
        for size in SIZES:
            assert_agree(*fills(name), dtype, size, PARAMETERS[name][0], seed=seed)


@pytest.mark.parametrize("name", FILL)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_fills_agree_in_every_layout(name, layout):
    theirs, ours = FILL[name]
    make = LAYOUTS[layout]
    parameters = PARAMETERS[name][1 if len(PARAMETERS[name]) > 1 else 0]
    for dtype in ("float32", "float64", "bfloat16", "complex64", "int64")[: 1 if layout == "expanded" else None]:
        assert_agree(
            lambda dtype: theirs(make(in_dtype(dtype)), parameters),
            lambda g, dtype: ours(g, like(make(in_dtype(dtype))), parameters),
            dtype,
        )


@pytest.mark.parametrize("size", [20003, 100000])
def test_long_draws_agree(size):
    assert_agree(torch.rand, R.uniform, size)
    assert_agree(torch.randn, R.normal, size)
    assert_agree(torch.randperm, R.randperm, size)
    assert_agree(*fills("uniform"), "float64", size, (-1e-5, 1e9))
    assert_agree(*fills("normal"), "bfloat16", size, ())


@pytest.mark.parametrize("draw", ["normal", "log_normal", "cauchy", "exponential"])
def test_long_draws_in_double_precision_differ_in_last_bits_only(draw):
    theirs, ours = FILL[draw]
    torch.manual_seed(0)
    wanted = theirs(torch.empty(9001, dtype=torch.float64), ()).numpy()
    got = ours(R.Generator().manual_seed(0), np.empty(9001), ())
    np.testing.assert_allclose(got, wanted, rtol=1e-14)


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name not in ("expanded", "number")])
def test_bernoulli_agrees_with_tensors_of_probabilities(layout):
    def theirs(dtype, p):
        return LAYOUTS[layout](in_dtype(dtype)).bernoulli_(p)

    def ours(g, dtype, p):
        return R.fill_bernoulli_each(g, like(LAYOUTS[layout](in_dtype(dtype))), to_numpy(p))

    for dtype in (*FLOATS, "int64"):
        tensor = LAYOUTS[layout](in_dtype(dtype))
        rising = torch.linspace(0, 1, tensor.numel())
        backwards = rising.view(tensor.shape[::-1]).permute(*reversed(range(tensor.dim())))
        for p_dtype in (*FLOATS, "int64"):
            for p in (rising.view(tensor.shape), backwards, rising[: tensor.shape[-1]], torch.tensor(0.5)):
                assert_agree(theirs, ours, dtype, p.to(in_dtype(p_dtype)))


def test_bernoulli_agrees_in_new_tensors():
    p = torch.linspace(0, 1, 100)
    for layout in (p, p.view(10, 10).t(), p.half(), p.double(), p - 0.5, p.long()):
        assert_agree(torch.bernoulli, lambda g, p: R.bernoulli(g, to_numpy(p)), layout)


@pytest.mark.parametrize("dtype", NAMES)
def test_permutations_agree(dtype):
    for n in (-1, 0, 1, 2, 5, 17, 127, 128, 129, 255, 256, 257, 258, 1000, 2049, 2050, 32769):
        assert_agree(
            lambda n: torch.randperm(n, dtype=in_dtype(dtype)), lambda g, n: R.randperm(g, n, DTYPES[dtype]), n
        )


def weights_of(shape, dtype):
    weights = torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(5)) + 0.01
    return weights.to(in_dtype(dtype))


def weights():
    for dtype in (*FLOATS, "int64"):
        for shape in ((5,), (1,), (7, 5), (0, 3), (3, 0), (1000,), (30, 200), ()):
            yield weights_of(shape, dtype)
    matrix = weights_of((6, 4), "float32")
    yield from (matrix.t(), matrix[0].expand(5, 4), matrix[:, :1].expand(6, 4), matrix[:, ::2])
    bad = [
        [3e38] * 3,
        [-1.0, 1],
        [0.0, 0],
        [inf, 1],
        [nan, 1],
        [1, nan, -1],
        [1, inf, -1],
        [[1.0, 1], [0, 0]],
        [[1.0, 1], [-1, 0]],
    ]
    yield from map(torch.tensor, bad)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
@pytest.mark.parametrize("replacement", [False, True])
def test_multinomial_agrees(count, replacement):
    for tensor in weights():
        assert_agree(
            lambda tensor: torch.multinomial(tensor, count, replacement),
            lambda g, tensor: R.multinomial(g, to_numpy(tensor), count, replacement),
            tensor,
        )


@pytest.mark.parametrize("dtype", [*FLOATS, "int64"])
def test_poisson_and_binomial_agree(dtype):
    for low, high in ((0, 9.9), (10, 100), (1e3, 5e4), (1e-8, 1e-3), (-1, 1)):
        rate = torch.linspace(low, high, 600, dtype=torch.float64).to(in_dtype(dtype))
        for layout in (rate, rate.view(20, 30).t()):
            assert_agree(torch.poisson, lambda g, rate: R.poisson(g, to_numpy(rate)), layout)
    prob = torch.linspace(-0.1, 1.1, 400).to(in_dtype(dtype))
    for count in (0.0, 1.0, 10.0, 39.0, 1000.0, 5.5, -3.0):
        assert_agree(
            lambda count: torch.binomial(torch.full_like(prob, count), prob),
            lambda g, count: R.binomial(g, to_numpy(torch.full_like(prob, count)), to_numpy(prob)),
            count,
        )


@pytest.mark.parametrize("dtype", [*FLOATS, "int64"])
def test_gamma_and_dirichlet_agree(dtype):
    for low, high in ((0.01, 1), (1, 10), (1e-4, 1e-2), (100, 1e5), (0, 0), (-1, -0.5)):
        concentration = torch.linspace(low, high, 300).view(100, 3).to(in_dtype(dtype))
        assert_agree(torch._standard_gamma, lambda g, x: R.standard_gamma(g, to_numpy(x)), concentration)
        assert_agree(torch._sample_dirichlet, lambda g, x: R.dirichlet(g, to_numpy(x)), concentration)


@pytest.mark.parametrize("seed", range(8))
def test_any_sequence_of_draws_agrees(seed):
    """Draws of all kinds in random order share words and the waiting normal as PyTorch's do."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    generator = R.Generator().manual_seed(seed)
    draws = [
        (lambda n: torch.rand(n), lambda n: R.uniform(generator, n)),
        (lambda n: torch.randn(n), lambda n: R.normal(generator, n)),
        (lambda n: torch.randn(n, dtype=torch.float64), lambda n: R.normal(generator, n, dtype=np.float64)),
        (lambda n: torch.randint(0, 50, (n,)), lambda n: R.randint(generator, n, 0, 50)),
        (lambda n: torch.randperm(n), lambda n: R.randperm(generator, n)),
        (
            lambda n: torch.empty(n).log_normal_(0.5, 0.25),
            lambda n: R.fill_log_normal(generator, np.empty(n, np.float32), 0.5, 0.25),
        ),
        (
            lambda n: torch._standard_gamma(torch.full((n,), 0.7)),
            lambda n: R.standard_gamma(generator, np.full(n, 0.7, np.float32)),
        ),
        (lambda n: torch.poisson(torch.full((n,), 12.0)), lambda n: R.poisson(generator, np.full(n, 12.0, np.float32))),
        (
            lambda n: torch.empty(n, dtype=torch.bool).bernoulli_(0.7),
            lambda n: R.dropout_mask(generator, n, 1 - 0.7),
        ),
    ]
    for _ in range(60):
        theirs, ours = draws[rng.integers(len(draws))]
        size = int(rng.choice([1, 2, 3, 7, 16, 40, 300]))
        assert np.array_equal(ours(size), theirs(size).numpy())
        assert np.array_equal(generator.get_state_bytes(), torch.get_rng_state().numpy())
        if rng.random() < 0.1:
            generator = generator.clone()


@pytest.mark.parametrize("words", [0, 1, 300, 623, 624, 625])
@pytest.mark.parametrize("normals", [0, 1, 2])
def test_states_are_exchanged_both_ways(words, normals):
    theirs = torch.Generator().manual_seed(-5)
    ours = R.Generator().manual_seed(-5)
    torch.rand(words, generator=theirs)
    torch.randn(normals, generator=theirs, dtype=torch.float64)
    ours.set_state_bytes(theirs.get_state().numpy())
    assert ours.initial_seed() == theirs.initial_seed()
    assert np.array_equal(R.normal(ours, 5), torch.randn(5, generator=theirs).numpy())
    R.uniform(ours, words + 3)
    theirs.set_state(torch.from_numpy(ours.get_state_bytes()))
    assert np.array_equal(R.normal(ours, 50), torch.randn(50, generator=theirs).numpy())


@pytest.mark.parametrize(
    "seed", [0, -1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 1.5, True, "a", None, np.int64(3), np.float64(3)]
)
def test_seeds_are_judged_alike(seed):
    theirs, ours = torch.Generator(), R.Generator()
    wanted = outcome(lambda: (theirs.manual_seed(seed).initial_seed(),))
    assert outcome(lambda: (ours.manual_seed(seed).initial_seed(),)) == wanted
