"""The array namespace of tensors is that of the standard: every name is there, and every function gives NumPy's answer.

NumPy's own namespace follows the standard, so that one expression, evaluated in both, must give the same numbers,
dtypes and shapes.
"""

# expressions are evaluated where they are written: loop variables are safe in them
# ruff: noqa: B023
import inspect
import zlib

import numpy as np
import pytest
import standard

import flambeau

XP = flambeau.zeros(1).__array_namespace__()
SIGNATURES = standard.signatures()
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
KINDS = {
    "r": ("float32", "float64"), "i": SIGNED + UNSIGNED, "b": ("bool",), "c": ("complex64", "complex128"),
}  # fmt: skip


def lookup(namespace, dotted):
    for name in dotted.split("."):
        namespace = getattr(namespace, name)
    return namespace


def generator(*key):
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def draw(rng, dtype, shape, low=-4, high=5):
    """Numbers of a dtype: integers, halves, pairs of halves, so that ties and zeros occur."""
    if dtype == "bool":
        return np.asarray(rng.random(shape) < 0.5)
    if dtype.startswith(("int", "uint")):
        return np.asarray(rng.integers(max(low, 0) if dtype[0] == "u" else low, high, shape), dtype)
    numbers = np.asarray(rng.integers(2 * low, 2 * high, shape) / 2)
    if dtype.startswith("complex"):
        numbers = numbers + 0.5j * rng.integers(2 * low, 2 * high, shape)
    return np.asarray(numbers, dtype)


def to_ours(value):
    if isinstance(value, np.ndarray):
        return flambeau.from_numpy(value.copy())
    return [to_ours(v) for v in value] if isinstance(value, (list, tuple)) else value


def compare(ours, theirs, what, tolerance=None):
    """Both are the same numbers, in the same dtype and shape."""
    if isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs), what
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            compare(a, b, f"{what}, part {i}", tolerance)
        return
    theirs = np.asarray(theirs)
    assert isinstance(ours, flambeau.Tensor), what
    assert str(ours.dtype).removeprefix("torch.") == str(theirs.dtype), what
    assert tuple(ours.shape) == theirs.shape, what
    if tolerance is None:
        tolerance = 2e-5 if theirs.dtype in (np.float32, np.complex64) else 1e-11 if theirs.dtype.kind in "fc" else 0
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=tolerance, atol=tolerance, err_msg=what)


def same(expression, *arrays, tolerance=None, what=""):
    """`expression(xp, *arrays)` is the same with NumPy's and with our namespace and arrays."""
    with np.errstate(all="ignore"):
        theirs = expression(np, *arrays)
    compare(expression(XP, *to_ours(list(arrays))), theirs, what, tolerance)


def cases(table):
    return [(name, dtype) for name, kinds in table.items() for kind in kinds for dtype in KINDS[kind]]


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_function_has_the_signature_of_the_standard(name):
    found = inspect.signature(lookup(XP, name))
    plain = found.replace(
        parameters=[p.replace(annotation=inspect.Parameter.empty) for p in found.parameters.values()],
        return_annotation=inspect.Signature.empty,
    )
    assert str(plain) == SIGNATURES[name]


def test_the_namespace_holds_the_names_of_the_standard_and_no_others():
    main = {name for name in SIGNATURES if "." not in name}
    expected = {
        *main,
        *standard.CONSTANTS,
        *standard.DTYPES,
        "fft",
        "linalg",
        "__array_api_version__",
        "__array_namespace_info__",
    }
    assert set(XP.__all__) == expected
    for home in ("fft", "linalg"):
        inside = {name.partition(".")[2] for name in SIGNATURES if name.startswith(home + ".")}
        assert set(lookup(XP, home).__all__) == inside
    assert all(hasattr(XP, name) for name in XP.__all__)


def test_every_function_is_documented():
    assert [name for name in SIGNATURES if not lookup(XP, name).__doc__] == []


def test_constants_are_those_of_the_standard():
    assert XP.newaxis is None
    assert (XP.e, XP.pi, XP.inf) == (np.e, np.pi, np.inf)
    assert XP.nan != XP.nan


def test_the_version_is_checked():
    x = flambeau.zeros(2)
    assert XP.__array_api_version__ == "2024.12"
    for version in (None, "2021.12", "2022.12", "2023.12", "2024.12"):
        assert x.__array_namespace__(api_version=version) is XP
    with pytest.raises(ValueError, match=r"2024\.12, not '2020\.01'"):
        x.__array_namespace__(api_version="2020.01")


def test_arrays_have_what_the_standard_asks_of_them():
    x = flambeau.arange(6.0).reshape(2, 3)
    for name in "dtype device mT ndim shape T to_device __array_namespace__ __dlpack__ __dlpack_device__".split():
        assert hasattr(x, name), name
    operators = (
        "abs add and eq floordiv ge gt invert le lshift lt matmul mod mul ne neg or pos pow rshift sub truediv xor"
    )
    for name in [*operators.split(), "getitem", "setitem", "bool", "complex", "float", "index", "int"]:
        assert hasattr(x, f"__{name}__"), name
    # x @= y needs no method of its own
    assert hasattr(x, "__rmatmul__")
    for name in "add and floordiv lshift mod mul or pow rshift sub truediv xor".split():
        assert hasattr(x, f"__i{name}__") and hasattr(x, f"__r{name}__"), name
    assert x.to_device("cpu").device == x.device
    assert tuple(x.to_device("meta").shape) == (2, 3)
    with pytest.raises(ValueError, match="stream"):
        x.to_device("cpu", stream=1)


def test_the_information_tells_devices_and_dtypes():
    info = XP.__array_namespace_info__()
    theirs = np.__array_namespace_info__()
    assert info.capabilities() == theirs.capabilities()
    assert info.default_device() in info.devices()
    assert info.default_dtypes() == {
        "real floating": XP.float32, "complex floating": XP.complex64, "integral": XP.int64, "indexing": XP.int64
    }  # fmt: skip
    assert list(info.dtypes()) == standard.DTYPES
    for kind in (
        "bool",
        "signed integer",
        "unsigned integer",
        "integral",
        "real floating",
        "complex floating",
        "numeric",
    ):
        assert set(info.dtypes(kind=kind)) == set(theirs.dtypes(kind=kind)), kind
    assert set(info.dtypes(kind=("bool", "integral"))) == set(theirs.dtypes(kind=("bool", "integral")))
    with pytest.raises(ValueError, match="kind"):
        info.dtypes(kind="float")


# ---- elementwise -----------------------------------------------------------------------------------------------------

# functions whose arguments lie in an interval, and those that NumPy computes by other formulas for complex numbers
DOMAIN = {"acos": (-1, 1), "asin": (-1, 1), "atanh": (-1, 1), "acosh": (1, 5), "log": (1, 9), "log2": (1, 9),
          "log10": (1, 9), "log1p": (0, 9), "sqrt": (0, 9), "reciprocal": (1, 5)}  # fmt: skip


@pytest.mark.parametrize(("name", "dtype"), cases(standard.UNARY))
def test_unary_functions(name, dtype):
    rng = generator(name, dtype)
    low, high = DOMAIN.get(name, (-4, 5))
    for shape in ((), (7,), (3, 4), (0, 2)):
        x = draw(rng, dtype, shape, low, high)
        if name in ("atanh", "acos", "asin") and dtype[0] in "fc":
            x = np.asarray(x / 2, dtype)
        same(lambda xp, x: getattr(xp, name)(x), x, what=f"{name} of {dtype} {shape}")


@pytest.mark.parametrize(("name", "dtype"), cases(standard.BINARY))
def test_binary_functions_broadcast(name, dtype):
    rng = generator(name, dtype)
    nonzero = name in ("divide", "floor_divide", "remainder", "pow") or "shift" in name
    for a, b in (((3, 4), (3, 4)), ((3, 1), (4,)), ((), (2,)), ((2, 0), (1,))):
        x = draw(rng, dtype, a, 1 if name == "pow" else -4)
        y = draw(rng, dtype, b, 1 if nonzero else -4)
        same(lambda xp, x, y: getattr(xp, name)(x, y), x, y, what=f"{name} of {dtype} {a} and {b}")


@pytest.mark.parametrize(("name", "dtype"), cases(standard.BINARY))
def test_binary_functions_take_python_numbers_on_either_side(name, dtype):
    rng = generator(name, dtype, "number")
    x = draw(rng, dtype, (5,), 1)
    number = {"b": True, "i": 2, "u": 2, "f": 2.5, "c": 1.5 + 2j}[dtype[0]]
    same(lambda xp, x: getattr(xp, name)(x, number), x, what=name)
    same(lambda xp, x: getattr(xp, name)(number, x), x, what=name)
    with pytest.raises(TypeError):
        getattr(XP, name)(number, number)


PROMOTIONS = [
    ("int8", "int32"), ("uint8", "int8"), ("uint16", "int64"), ("uint8", "uint64"), ("float32", "float64"),
    ("float32", "complex64"), ("float64", "complex64"), ("int32", "uint32"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), PROMOTIONS)
def test_dtypes_are_promoted_and_arrays_without_axes_count_as_others(first, second):
    rng = generator(first, second)
    for a, b in (((3,), (3,)), ((3,), ()), ((), (3,))):
        x, y = draw(rng, first, a, 1), draw(rng, second, b, 1)
        for name in ("add", "multiply", "subtract", "equal"):
            same(lambda xp, x, y, name=name: getattr(xp, name)(x, y), x, y, what=f"{name} {first} {a} {second} {b}")
        same(lambda xp, x, y: xp.where(xp.asarray([True, False, True]), x, y), x, y)
        assert XP.result_type(*to_ours([x, y])) is getattr(XP, str(np.result_type(first, second)))
        assert XP.result_type(getattr(XP, first), to_ours(y)) is getattr(XP, str(np.result_type(first, second)))


def test_where_and_clip_take_numbers():
    x = np.linspace(-3, 3, 7, dtype=np.float32)
    same(lambda xp, x: xp.where(x > 0, x, 0), x)
    same(lambda xp, x: xp.where(x > 0, 1.5, x), x)
    same(lambda xp, x: xp.clip(x, -1, 2.5), x)
    same(lambda xp, x: xp.clip(x, min=0.5), x)
    same(lambda xp, x: xp.clip(x, max=0.5), x)
    same(lambda xp, x: xp.clip(x), x)
    for dtype in SIGNED + UNSIGNED:
        x = draw(generator("clip", dtype), dtype, (3, 4))
        low, high = (
            draw(generator("low", dtype), dtype, (4,), -2, 1),
            draw(generator("high", dtype), dtype, (3, 1), 1, 4),
        )
        same(lambda xp, x, low, high: xp.clip(x, low, high), x, low, high)
        same(lambda xp, x: xp.clip(x, 1, 3), x)


# ---- creation and dtypes ---------------------------------------------------------------------------------------------


def test_arrays_are_made_as_numpy_makes_them():
    for dtype in standard.DTYPES:
        for expression in (
            lambda xp, d: xp.zeros((2, 3), dtype=d),
            lambda xp, d: xp.ones(3, dtype=d),
            lambda xp, d: xp.full((2, 2), 1, dtype=d),
            lambda xp, d: xp.eye(3, dtype=d),
            lambda xp, d: xp.eye(2, 4, k=1, dtype=d),
            lambda xp, d: xp.eye(4, 3, k=-2, dtype=d),
            lambda xp, d: xp.asarray([[0, 1], [1, 0]], dtype=d),
            lambda xp, d: xp.zeros_like(xp.ones((2, 0)), dtype=d),
            lambda xp, d: xp.ones_like(xp.ones((2, 1)), dtype=d),
            lambda xp, d: xp.full_like(xp.ones((2, 1)), 1, dtype=d),
            lambda xp, d: xp.tril(xp.ones((3, 4), dtype=d), k=1),
            lambda xp, d: xp.triu(xp.ones((2, 3, 4), dtype=d), k=-1),
        ):
            compare(expression(XP, getattr(XP, dtype)), expression(np, getattr(np, dtype)), dtype)
        assert XP.empty((2, 3), dtype=getattr(XP, dtype)).shape == (2, 3)
        assert XP.empty_like(XP.ones(4), dtype=getattr(XP, dtype)).dtype is getattr(XP, dtype)


@pytest.mark.parametrize("bounds", [(5,), (2, 7), (2, 9, 3), (7, 2, -2), (3, 1), (1, 5, -1), (0, 1, 0.25)])
def test_ranges(bounds):
    for dtype in ("int64", "float32") if all(isinstance(b, int) for b in bounds) else ("float64",):
        compare(XP.arange(*bounds, dtype=getattr(XP, dtype)), np.arange(*bounds, dtype=dtype), f"{bounds}")


def test_linspace_and_grids():
    for dtype in ("float32", "float64"):
        for num in (0, 1, 2, 7):
            for endpoint in (True, False):
                ours = XP.linspace(-1.5, 2, num, dtype=getattr(XP, dtype), endpoint=endpoint)
                compare(ours, np.linspace(-1.5, 2, num, dtype=dtype, endpoint=endpoint), f"{num}")
    x, y = np.arange(3.0), np.arange(4.0) * 2
    for indexing in ("xy", "ij"):
        same(lambda xp, x, y, indexing=indexing: xp.meshgrid(x, y, indexing=indexing), x, y)
    with pytest.raises(ValueError, match="indexing"):
        XP.meshgrid(XP.ones(2), indexing="yx")


def test_default_dtypes():
    assert XP.asarray([1.0]).dtype is XP.zeros(2).dtype is XP.linspace(0, 1, 3).dtype is XP.float32
    assert XP.asarray([1]).dtype is XP.arange(3).dtype is XP.full(2, 7).dtype is XP.int64
    assert XP.asarray([True]).dtype is XP.full(2, False).dtype is XP.bool
    assert XP.asarray(1j).dtype is XP.full((), 1j).dtype is XP.complex64


def test_copies_are_made_where_they_are_asked_for():
    x = XP.arange(4)
    assert XP.asarray(x) is x and XP.asarray(x, copy=False) is x
    for copy in (XP.asarray(x, copy=True), XP.astype(x, XP.int64), XP.reshape(x, (2, 2), copy=True)):
        copy[...] = 9
        assert x.tolist() == [0, 1, 2, 3]
    XP.reshape(x, (2, 2), copy=False)[0, 0] = 5
    assert x.tolist() == [5, 1, 2, 3]
    assert XP.astype(x, XP.int64, copy=False) is x
    for wrong in (lambda: XP.asarray([1], copy=False), lambda: XP.asarray(x, dtype=XP.int8, copy=False),
                  lambda: XP.reshape(XP.reshape(x, (2, 2)).mT, (4,), copy=False)):  # fmt: skip
        with pytest.raises(ValueError, match="copy|view"):
            wrong()
    memory = np.arange(3.0)
    shared = XP.from_dlpack(memory)
    shared[0] = 7
    assert memory[0] == 7


def test_dtypes_are_converted_and_described():
    for name in standard.DTYPES:
        dtype = getattr(XP, name)
        for other in standard.DTYPES:
            if name.startswith("complex") and not other.startswith(("complex", "bool")):
                with pytest.raises(TypeError, match="real"):
                    XP.astype(XP.ones(2, dtype=dtype), getattr(XP, other))
                continue
            same(lambda xp, x, other=other: xp.astype(x, getattr(xp, other)), draw(generator(name), name, (5,), 0))
        for kind in (
            "bool",
            "signed integer",
            "unsigned integer",
            "integral",
            "real floating",
            "complex floating",
            "numeric",
        ):
            assert XP.isdtype(dtype, kind) == np.isdtype(np.dtype(name), kind), (name, kind)
        assert XP.isdtype(dtype, ("bool", dtype)) and XP.isdtype(dtype, dtype) and not XP.isdtype(dtype, ())
        if name.startswith(("float", "complex")):
            ours, theirs = XP.finfo(dtype), np.finfo(name)
            for fact in ("bits", "eps", "max", "min", "smallest_normal"):
                assert getattr(ours, fact) == getattr(theirs, fact), (name, fact)
            assert str(ours.dtype) == f"torch.{theirs.dtype}" and XP.finfo(XP.ones(1, dtype=dtype)) == ours
        elif name != "bool":
            ours, theirs = XP.iinfo(dtype), np.iinfo(name)
            assert (ours.bits, ours.min, ours.max, ours.dtype) == (theirs.bits, theirs.min, theirs.max, dtype)
    with pytest.raises(ValueError, match="kind"):
        XP.isdtype(XP.int8, "float")


def test_casts_follow_promotion():
    inside = [SIGNED, UNSIGNED, ("float32", "float64"), ("complex64", "complex128"), ("float64", "complex128")]
    for names in inside:
        for a in names:
            for b in names:
                assert XP.can_cast(getattr(XP, a), getattr(XP, b)) == np.can_cast(a, b), (a, b)
    assert XP.can_cast(XP.ones(2, dtype=XP.int8), XP.int16)
    assert XP.result_type(XP.int32, 1) is XP.int32 and XP.result_type(XP.float32, 1j) is XP.complex64
    with pytest.raises(ValueError, match="at least one"):
        XP.result_type(1, 2.0)


# ---- shapes and indices ----------------------------------------------------------------------------------------------

SHAPES = {
    "broadcast_arrays": lambda xp, x: xp.broadcast_arrays(x, x[:1, :1, :1], x[0]),
    "broadcast_to": lambda xp, x: xp.broadcast_to(x[:, :1], (5, 2, 3, 4)),
    "concat": lambda xp, x: [xp.concat([x, x], axis=a) for a in (0, 1, -1, None)],
    "expand_dims": lambda xp, x: [xp.expand_dims(x, axis=a) for a in (0, 2, -1, -3)],
    "flip": lambda xp, x: [xp.flip(x), xp.flip(x, axis=1), xp.flip(x, axis=(0, -1))],
    "moveaxis": lambda xp, x: [xp.moveaxis(x, 0, -1), xp.moveaxis(x, (0, 1), (2, 0))],
    "permute_dims": lambda xp, x: xp.permute_dims(x, (2, 0, 1)),
    "matrix_transpose": lambda xp, x: [xp.matrix_transpose(x), x.mT],
    "repeat": lambda xp, x: [xp.repeat(x, 2), xp.repeat(x, 3, axis=1), xp.repeat(x, xp.asarray([1, 0]), axis=0)],
    "reshape": lambda xp, x: [xp.reshape(x, (4, 6)), xp.reshape(x, (-1,)), xp.reshape(x, (2, -1, 2))],
    "roll": lambda xp, x: [xp.roll(x, 5), xp.roll(x, -1, axis=2), xp.roll(x, (1, 2), axis=(0, 1)),
                           xp.roll(x, 1, axis=(0, 2))],
    "squeeze": lambda xp, x: [xp.squeeze(x[:1, :, :1], axis=(0, 2)), xp.squeeze(x[:1], axis=0)],
    "stack": lambda xp, x: [xp.stack([x, x], axis=a) for a in (0, 1, -1)],
    "tile": lambda xp, x: [xp.tile(x, (2,)), xp.tile(x, (2, 1, 3)), xp.tile(x, (2, 1, 1, 2))],
    "unstack": lambda xp, x: [*xp.unstack(x), *xp.unstack(x, axis=-1)],
    "take": lambda xp, x: [xp.take(x, xp.asarray([1, 0, 1]), axis=1), xp.take(x[0, 0], xp.asarray([3, 0, -1]))],
    "take_along_axis": lambda xp, x: [
        xp.take_along_axis(x, xp.asarray([[[3, 0]]]), axis=2),
        xp.take_along_axis(x, xp.asarray([[[1], [-1], [0]]]), axis=1)
    ],
    "searchsorted": lambda xp, x: [
        xp.searchsorted(xp.asarray([0, 1, 1, 2, 3]), xp.astype(xp.real(x), xp.int64), side=s) for s in ("left", "right")
    ],
    "where": lambda xp, x: xp.where(x == 0, xp.ones_like(x), x),
    "nonzero": lambda xp, x: xp.nonzero(x),
    "unique_values": lambda xp, x: xp.unique_values(x),
    "unique_counts": lambda xp, x: xp.unique_counts(x),
    "unique_inverse": lambda xp, x: xp.unique_inverse(x),
    "unique_all": lambda xp, x: xp.unique_all(x),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "int16", "uint32", "bool", "complex128"])
def test_functions_of_shapes_and_places(name, dtype):
    if name == "searchsorted" and dtype == "bool":
        pytest.skip("numbers only")
    same(SHAPES[name], draw(generator(name, dtype), dtype, (2, 3, 4), 0), what=name)


def test_what_does_not_fit_is_refused():
    x = XP.ones((2, 3))
    for error, wrong in (
        (ValueError, lambda: XP.squeeze(x, 0)),
        (ValueError, lambda: XP.take(x, XP.asarray([0]))),
        (ValueError, lambda: XP.cumulative_sum(x)),
        (ValueError, lambda: XP.nonzero(XP.asarray(1.0))),
        (ValueError, lambda: XP.searchsorted(x[0], x[0], side="middle")),
        (ValueError, lambda: XP.linalg.outer(x, x)),
        (ValueError, lambda: XP.linalg.cross(x[:, :2], x[:, :2])),
        (ValueError, lambda: XP.linalg.qr(x, mode="r")),
        (ValueError, lambda: XP.fft.fft(x, norm="none")),
        (IndexError, lambda: XP.expand_dims(x, axis=4)),
        (TypeError, lambda: XP.add(x, "a")),
    ):
        with pytest.raises(error):
            wrong()


@pytest.mark.parametrize("dtype", ["float64", "int8", "uint16", "bool"])
def test_sorting(dtype):
    x = draw(generator("sort", dtype), dtype, (4, 6))
    for axis in (0, 1, -1):
        same(lambda xp, x, axis=axis: [xp.sort(x, axis=axis), xp.argsort(x, axis=axis, stable=True)], x)
    ours = to_ours(x)
    falling = XP.argsort(ours, descending=True)
    assert XP.all(XP.equal(XP.take_along_axis(ours, falling), XP.sort(ours, descending=True)))
    # of equal elements the first comes first
    expected = np.stack([sorted(range(6), key=lambda i, row=row: -int(row[i] * 2)) for row in x])
    assert falling.numpy().tolist() == expected.tolist()
    sorter = np.argsort(x[0], stable=True)
    same(lambda xp, x, y, sorter: xp.searchsorted(x, y, sorter=sorter), x[0], x[1], sorter)


# ---- statistics ------------------------------------------------------------------------------------------------------

REDUCTIONS = {
    "sum": "ric", "prod": "ric", "max": "ri", "min": "ri", "mean": "rc", "var": "r", "std": "r", "all": "ribc",
    "any": "ribc", "count_nonzero": "ribc",
}  # fmt: skip


@pytest.mark.parametrize(("name", "dtype"), cases(REDUCTIONS))
def test_reductions(name, dtype):
    rng = generator(name, dtype)
    for shape in ((6,), (2, 3, 4), ()):
        x = draw(rng, dtype, shape, 1, 4) if name == "prod" else draw(rng, dtype, shape, -2, 3)
        for axis in [None, 0, -1, (0, 2), (1,)] if len(shape) == 3 else [None, 0] if shape else [None]:
            for keepdims in (False, True):
                same(
                    lambda xp, x: getattr(xp, name)(x, axis=axis, keepdims=keepdims),
                    x,
                    what=f"{name} {dtype} {shape} {axis}",
                )


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "mean", "var", "std", "all", "any", "count_nonzero"])
def test_reductions_over_no_axes_keep_the_shape(name):
    x = draw(generator(name), "float64", (2, 3))
    same(lambda xp, x: getattr(xp, name)(x, axis=()), x)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
@pytest.mark.parametrize("dtype", ["float32", "int8", "uint64"])
def test_places_of_extremes(name, dtype):
    x = draw(generator(name, dtype), dtype, (3, 4, 5))
    for axis in (None, 0, 1, -1):
        for keepdims in (False, True):
            same(lambda xp, x: getattr(xp, name)(x, axis=axis, keepdims=keepdims), x)


def test_sums_in_another_dtype():
    x = draw(generator("sum"), "int16", (3, 4), 1)
    for name in ("sum", "prod", "cumulative_sum", "cumulative_prod"):
        for dtype in ("int8", "int32", "uint64", "float64", "complex128"):
            same(lambda xp, x: getattr(xp, name)(x, axis=1, dtype=getattr(xp, dtype)), x, what=f"{name} {dtype}")
    same(lambda xp, x: xp.linalg.trace(x, offset=1, dtype=xp.uint16), x)


@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
@pytest.mark.parametrize("dtype", [d for kind in "ric" for d in KINDS[kind]])
def test_cumulative_functions(name, dtype):
    x = draw(generator(name, dtype), dtype, (3, 4), 1, 3)
    for initial in (False, True):
        for axis in (0, 1, -1):
            same(lambda xp, x: getattr(xp, name)(x, axis=axis, include_initial=initial), x)
        same(lambda xp, x: getattr(xp, name)(x[0], include_initial=initial), x)


def test_variances_with_correction():
    x = draw(generator("var"), "float64", (4, 5))
    for correction in (0, 1, 1.5):
        same(lambda xp, x: [xp.var(x, axis=1, correction=correction), xp.std(x, correction=correction)], x)


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8"])
def test_differences(dtype):
    x = draw(generator("diff", dtype), dtype, (3, 5), 0)
    for n in (0, 1, 2):
        for axis in (0, -1):
            same(lambda xp, x: xp.diff(x, axis=axis, n=n), x)
    same(lambda xp, x: xp.diff(x, prepend=x[:, :1], append=x[:, :2]), x)


# ---- products, decompositions, transforms ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "int32", "uint16"])
def test_products(dtype):
    rng = generator("products", dtype)
    x, y = draw(rng, dtype, (2, 3, 4)), draw(rng, dtype, (2, 4, 5))
    same(
        lambda xp, x, y: [
            xp.matmul(x, y),
            xp.matmul(x, y[0, :, 0]),
            xp.matmul(x[0, 0], y),
            xp.linalg.matmul(x[0], y[0]),
        ],
        x,
        y,
    )
    same(lambda xp, x: [xp.vecdot(x, x[::1]), xp.vecdot(x, x, axis=1), xp.linalg.vecdot(x[0], x)], x)
    same(lambda xp, x, y: [xp.tensordot(x, y[0], axes=1), xp.tensordot(x, y, axes=((0, 2), (0, 1))),
                           xp.linalg.tensordot(x, x, axes=3), xp.tensordot(x[0], y, axes=0)], x, y)  # fmt: skip
    same(lambda xp, x: [xp.linalg.outer(x[0, 0], x[0, 1]), xp.linalg.cross(x[:, :, :3], x[:, :, 1:]),
                        xp.linalg.cross(x, x[:1], axis=1)], x)  # fmt: skip
    same(lambda xp, x: [xp.linalg.diagonal(x), xp.linalg.diagonal(x, offset=-1), xp.linalg.trace(x),
                        xp.linalg.trace(x, offset=2), xp.linalg.matrix_transpose(x)], x)  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_decompositions_and_equations(dtype):
    rng = generator("linalg", dtype)
    a = draw(rng, dtype, (2, 4, 4)) + 7 * np.eye(4)
    square = a @ a.conj().mT
    b = draw(rng, dtype, (4, 3))
    same(lambda xp, a: [xp.linalg.det(a), xp.linalg.inv(a), xp.linalg.svdvals(a), xp.linalg.pinv(a[:, :, :2]),
                        xp.linalg.matrix_rank(a), xp.linalg.matrix_power(a, 3), xp.linalg.matrix_power(a, -1)], a,
         tolerance=1e-8)  # fmt: skip
    same(lambda xp, a: list(xp.linalg.slogdet(a)), a)
    same(lambda xp, s: [xp.linalg.cholesky(s), xp.linalg.cholesky(s, upper=True), xp.linalg.eigvalsh(s)], square)
    same(lambda xp, a, b: [xp.linalg.solve(a, b), xp.linalg.solve(a, b[:, 0]), xp.linalg.solve(a[0], b)], a, b)
    A, S = to_ours(a), to_ours(square)
    values, vectors = XP.linalg.eigh(S)
    compare(vectors * values[:, None, :] @ XP.conj(vectors).mT, square, "eigh", 1e-9)
    for mode in ("reduced", "complete"):
        Q, R = XP.linalg.qr(A[:, :, :2], mode=mode)
        assert Q.shape[-1] == (2 if mode == "reduced" else 4)
        compare(Q @ R, a[:, :, :2], "qr", 1e-9)
    for full in (True, False):
        U, s, Vh = XP.linalg.svd(A[:, :, :2], full_matrices=full)
        assert U.shape[-1] == (4 if full else 2)
        compare(U[:, :, :2] * s[:, None, :] @ Vh, a[:, :, :2], "svd", 1e-9)
    for result, names in (
        (XP.linalg.svd(A), "U S Vh"),
        (XP.linalg.qr(A), "Q R"),
        (XP.linalg.eigh(S), "eigenvalues eigenvectors"),
        (XP.linalg.slogdet(A), "sign logabsdet"),
    ):
        assert all(getattr(result, name) is part for name, part in zip(names.split(), result, strict=True))


def test_a_stack_of_vectors_is_a_matrix_in_an_equation():
    a = draw(generator("stack"), "float64", (3, 3, 3)) + 7 * np.eye(3)
    b = draw(generator("stack", 1), "float64", (3, 3))
    same(lambda xp, a, b: xp.linalg.solve(a, b), a, b)


def test_ranks_and_inverses_with_a_tolerance():
    a = np.diag([1.0, 0.1, 0.001])
    for rtol in (None, 0.01, 0.5):
        same(lambda xp, a: [xp.linalg.matrix_rank(a, rtol=rtol), xp.linalg.pinv(a, rtol=rtol)], a)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_norms(dtype):
    x = draw(generator("norms", dtype), dtype, (2, 3, 4))
    for ord in (0, 1, 2, 3, 0.5, np.inf, -np.inf, -1):
        for axis in (None, 0, (0, 2)):
            for keepdims in (False, True):
                same(
                    lambda xp, x: xp.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord),
                    x + 0.25,
                    what=f"{ord} {axis}",
                )
    for ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
        for keepdims in (False, True):
            same(lambda xp, x: xp.linalg.matrix_norm(x, keepdims=keepdims, ord=ord), x, what=f"{ord}")


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_transforms_along_one_axis(name):
    for dtype in ("float32", "float64") if name in ("rfft", "ihfft") else ("complex64", "complex128"):
        x = draw(generator(name, dtype), dtype, (3, 6))
        for options in ({}, {"n": 4}, {"n": 9}, {"axis": 0}, {"norm": "ortho"}, {"norm": "forward"}):
            same(lambda xp, x: getattr(xp.fft, name)(x, **options), x, what=f"{name} {options}", tolerance=1e-4)


@pytest.mark.parametrize("name", ["fftn", "ifftn", "rfftn", "irfftn"])
def test_transforms_along_several_axes(name):
    for dtype in ("float32", "float64") if name == "rfftn" else ("complex64", "complex128"):
        x = draw(generator(name, dtype), dtype, (3, 4, 6))
        for options in ({}, {"axes": (0, 2)}, {"s": (2, 5), "axes": (1, 2)}, {"norm": "ortho"}, {"norm": "forward"}):
            same(lambda xp, x: getattr(xp.fft, name)(x, **options), x, what=f"{name} {options}", tolerance=1e-4)


def test_frequencies():
    for n in (1, 4, 7):
        for name in ("fftfreq", "rfftfreq"):
            ours = getattr(XP.fft, name)(n, d=0.5, dtype=XP.float64)
            compare(ours, getattr(np.fft, name)(n, d=0.5), name)
            assert getattr(XP.fft, name)(n).dtype is XP.float32
    for shape in ((5,), (4, 3)):
        x = draw(generator("shift", shape), "float32", shape)
        for axes in (None, 0, (0,), tuple(range(len(shape)))):
            same(lambda xp, x: [xp.fft.fftshift(x, axes=axes), xp.fft.ifftshift(x, axes=axes)], x)


# ---- what NumPy has not ----------------------------------------------------------------------------------------------


def test_gradients_flow_through_the_namespace():
    x = flambeau.tensor([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]], requires_grad=True)
    y = XP.sum(XP.where(x > 0, XP.multiply(x, x), 3 * x), axis=1)
    z = XP.linalg.vector_norm(XP.concat([y, XP.take(x, XP.asarray([0, -1]), axis=1)[0]]))
    (gradient,) = flambeau.autograd.grad(z, x)

    def norm(values):
        rows = np.where(values > 0, values * values, 3 * values).sum(1)
        return np.linalg.norm(np.concatenate([rows, values[0, [0, -1]]]))

    values = x.detach().numpy().astype(np.float64)
    for index in np.ndindex(2, 3):
        step = np.zeros((2, 3))
        step[index] = 1e-6
        expected = (norm(values + step) - norm(values - step)) / 2e-6
        assert abs(gradient[index].item() - expected) < 1e-4


def test_shapes_are_known_on_the_meta_device():
    x = flambeau.zeros(3, 4, device="meta")
    assert XP.add(x, x).shape == XP.matmul(x, x.mT[:, :1] + x[0][:, None] * 0).shape[:0] + (3, 4)
    assert XP.sum(x, axis=0).shape == (4,) and XP.concat([x, x]).shape == (6, 4)
    assert XP.zeros_like(x).device == x.device
