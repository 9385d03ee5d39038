"""Pointwise functions equal PyTorch's: values, dtypes, gradients at edges, and the first lines of what they refuse."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")

INF, NAN = float("inf"), float("nan")
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 0.3, 2.5, -1.5, 10.0, -10.0, 100.0, -100.0, 1e-8, INF, -INF, NAN]
INTEGERS = [0, 1, 2, 3, 7, 100, -1, -2, -7, -100]
COMPLEX = [complex(a, b) for a in (0.0, 1.0, -0.5, 2.3) for b in (0.0, 0.7, -1.0)]
DTYPES = ["bool", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
TOLERANCE = {
    "float16": 2e-3,
    "bfloat16": 1.6e-2,
    "float32": 4e-6,
    "float64": 1e-10,
    "complex64": 2e-5,
    "complex128": 1e-10,
}

UNARY = (
    "abs acos acosh angle asin asinh atan atanh bitwise_not ceil conj_physical cos cosh deg2rad erf erfc erfinv "
    "exp exp2 expm1 floor frac i0 imag isfinite isinf isnan isneginf isposinf isreal lgamma log log10 log1p log2 "
    "logical_not logit neg positive rad2deg real reciprocal relu round rsqrt sgn sigmoid sign signbit sin sinh "
    "sqrt square tan tanh trunc "
).split()
SPECIAL = "entr erfcx i0e i1 i1e log_ndtr ndtr ndtri spherical_bessel_j0 modified_bessel_k0 modified_bessel_k1".split()
BINARY = (
    "add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor clamp_max clamp_min "
    "copysign div eq float_power fmax fmin fmod ge gt heaviside hypot le logaddexp2 logical_and logical_or "
    "logical_xor lt maximum minimum mul ne nextafter remainder rsub sub xlogy floor_divide "
).split()
# where PyTorch itself is less exact than the tolerance, or its kernel for a half type rounds between steps
LOOSE = {("float64", "i0e"), ("bfloat16", "i0e"), ("float16", "i0e")}


def values(dtype):
    if dtype == "bool":
        return [True, False]
    if dtype == "uint8":
        return [0, 1, 2, 7, 100, 255]
    return INTEGERS if dtype.startswith("int") else COMPLEX if dtype.startswith("complex") else FLOATS


def make(T, numbers, dtype, grad=False):
    wide = dtype if dtype not in ("float16", "bfloat16") else "float32"
    t = T.from_numpy(np.array(numbers, wide)).to(getattr(T, dtype))
    return t.requires_grad_() if grad else t


T_FLOAT = {torch.Tensor: torch.float32, flambeau.Tensor: flambeau.float32}


def array(t):
    t = t.detach()
    t = t.to(T_FLOAT[type(t)]) if "bfloat16" in str(t.dtype) else t
    return t.numpy(force=True)


def find(T, name):
    return getattr(T.special if name in SPECIAL else T, name)


def attempt(call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call(), None
        except Exception as error:
            return None, error


def check_same(ours, theirs, dtype, name):
    assert str(ours.dtype) == str(theirs.dtype)
    a, b = array(ours), array(theirs.resolve_conj())
    assert a.shape == b.shape
    if a.dtype.kind not in "fc":
        np.testing.assert_array_equal(a, b)
        return
    t = TOLERANCE[str(theirs.dtype)[6:]] * (10 if (dtype, name) in LOOSE else 1)
    same = np.isclose(a, b, rtol=t, atol=t / 10, equal_nan=True)
    if a.dtype.kind == "c":
        same |= ~np.isfinite(a) & ~np.isfinite(b)
    assert same.all(), (a[~same], b[~same])


def check_call(name, operands, dtype):
    """One call on both sides: the same result, or the same refusal."""
    (ours, mine), (theirs, yours) = [
        attempt(lambda T=T: find(T, name)(*[make(T, *x) for x in operands])) for T in (flambeau, torch)
    ]
    assert (mine is None) == (yours is None), (mine, yours)
    if yours is not None:
        assert type(mine).__name__ == type(yours).__name__
        assert str(mine).splitlines()[0] == str(yours).splitlines()[0]
        return
    check_same(ours, theirs, dtype, name)


def comparable(name, dtype):
    """The values of a dtype without nan where its sign counts: the conversion to bfloat16 sets it at will."""
    signs = dtype == "bfloat16" and name in ("signbit", "copysign")
    return [v for v in values(dtype) if v == v or not signs]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY + SPECIAL)
def test_a_function_of_one_tensor_gives_what_pytorch_gives(name, dtype):
    check_call(name, [(comparable(name, dtype), dtype)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BINARY)
def test_a_function_of_two_tensors_gives_what_pytorch_gives(name, dtype):
    right = comparable(name, dtype)
    left = [[v] for v in right]
    if name in ("fmod", "remainder", "floor_divide"):
        right = [v for v in right if v != 0]
    if name in ("clamp_min", "clamp_max") and dtype.startswith("complex"):
        pytest.skip("both refuse, under different names of kernels")
    check_call(name, [(left, dtype), (right, dtype)], dtype)


@pytest.mark.parametrize(
    ("left", "right"), [("float32", "int64"), ("int32", "int64"), ("bool", "float32"), ("bool", "int64")]
)
@pytest.mark.parametrize("name", ["add", "mul", "div", "eq", "maximum", "atan2", "xlogy", "float_power"])
def test_two_dtypes_meet_as_in_pytorch(name, left, right):
    check_call(name, [([[v] for v in values(left)], left), (values(right), right)], left)


def gradients(T, name, operands, options):
    tensors = [make(T, *x, grad=True) for x in operands]
    out = find(T, name)(*tensors, **options)
    return T.autograd.grad(out, tensors, T.full(out.shape, 0.7, dtype=out.dtype), allow_unused=True)


# where the gradients differ on purpose: PyTorch's of i1 at nan is that at 0
UNEVEN = {"i1": [NAN], "i1e": [NAN]}


NO_GRADIENT = (
    "bitwise_not conj_physical imag isfinite isinf isnan isneginf isposinf isreal logical_not positive real signbit "
    "modified_bessel_k0 modified_bessel_k1 spherical_bessel_j0"
).split()


@pytest.mark.parametrize("name", [n for n in UNARY + SPECIAL if n not in NO_GRADIENT])
def test_gradients_at_edges_are_those_of_pytorch(name):
    numbers = [v for v in FLOATS if not any(v is u for u in UNEVEN.get(name, []))]
    ours, theirs = [gradients(T, name, [(numbers, "float32")], {}) for T in (flambeau, torch)]
    check_same(ours[0], theirs[0], "float32", name)


TWO = (
    "add atan2 clamp_max clamp_min copysign div fmax fmin fmod hypot logaddexp2 maximum minimum mul pow remainder sub "
    "xlogy"
).split()


@pytest.mark.parametrize("name", TWO)
def test_gradients_of_two_operands_at_edges_are_those_of_pytorch(name):
    operands = [([[v] for v in FLOATS], "float64"), (FLOATS, "float64")]
    ours, theirs = [gradients(T, name, operands, {}) for T in (flambeau, torch)]
    for a, b in zip(ours, theirs, strict=True):
        check_same(a, b, "float64", name)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 2.5])
@pytest.mark.parametrize("dtype", ["int64", "float32", "float64", "complex128"])
def test_powers_with_a_number_are_those_of_pytorch(dtype, exponent):
    (ours, mine), (theirs, yours) = [
        attempt(lambda T=T: make(T, values(dtype), dtype) ** exponent) for T in (flambeau, torch)
    ]
    assert type(mine).__name__ == type(yours).__name__
    if yours is None:
        check_same(ours, theirs, dtype, "pow")


@pytest.mark.parametrize("mode", [None, "floor", "trunc"])
@pytest.mark.parametrize("dtype", ["int32", "uint8", "float16", "float32", "float64"])
def test_division_rounds_as_in_pytorch(dtype, mode):
    right = [v for v in values(dtype) if v != 0]
    ours, theirs = [
        T.div(make(T, [[v] for v in values(dtype)], dtype), make(T, right, dtype), rounding_mode=mode)
        for T in (flambeau, torch)
    ]
    check_same(ours, theirs, dtype, "div")


@pytest.mark.parametrize(
    "name", ["eq_", "lt_", "logical_and_", "add_", "pow_", "clamp_min_", "copysign_", "fmod_", "xlogy_"]
)
def test_in_place_forms_write_into_the_tensor(name):
    results = []
    for T in (flambeau, torch):
        x, y = T.tensor([1.0, 2.0, -3.0]), T.tensor([1.0, -2.0, 2.0])
        assert getattr(x, name)(y) is x
        results.append(x)
    check_same(*results, "float32", name)


def test_arithmetic_on_numbers_alone_gives_tensors(agree):
    @agree
    def session(torch, error):
        functions = [getattr(torch, name) for name in "add sub mul div true_divide floor_divide multiply".split()]
        for a in (7, 2.5, True, -3):
            for b in (2, 0.5, True):
                for f in functions:
                    yield error(lambda f=f, a=a, b=b: f(a, b))
                yield error(lambda a=a, b=b: torch.div(a, b, rounding_mode="trunc"))
        yield torch.add(1, 2, alpha=3), torch.mul(1, 2j)
        yield error(lambda: torch.floor_divide(1, 0)), error(lambda: torch.maximum(1, 2)), error(lambda: torch.exp(1))


def test_softmax_gradients_by_hand(agree):
    @agree
    def session(torch, error):
        torch.manual_seed(0)
        g, x = torch.randn(3, 4), torch.randn(3, 4)
        for dim in (0, -1):
            yield torch._softmax_backward_data(g, x.softmax(dim), dim, torch.float32)
            yield torch._log_softmax_backward_data(g, x.log_softmax(dim), dim, torch.float32)
