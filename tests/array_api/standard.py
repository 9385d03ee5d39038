"""The array API standard, 2024.12: every name of its namespace, with its signature."""

MAIN = """
arange(start, /, stop=None, step=1, *, dtype=None, device=None)
asarray(obj, /, *, dtype=None, device=None, copy=None)
empty(shape, *, dtype=None, device=None)
empty_like(x, /, *, dtype=None, device=None)
eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None)
from_dlpack(x, /, *, device=None, copy=None)
full(shape, fill_value, *, dtype=None, device=None)
full_like(x, /, fill_value, *, dtype=None, device=None)
linspace(start, stop, /, num, *, dtype=None, device=None, endpoint=True)
meshgrid(*arrays, indexing='xy')
ones(shape, *, dtype=None, device=None)
ones_like(x, /, *, dtype=None, device=None)
tril(x, /, *, k=0)
triu(x, /, *, k=0)
zeros(shape, *, dtype=None, device=None)
zeros_like(x, /, *, dtype=None, device=None)
astype(x, dtype, /, *, copy=True, device=None)
can_cast(from_, to, /)
finfo(type, /)
iinfo(type, /)
isdtype(dtype, kind)
result_type(*arrays_and_dtypes)
clip(x, /, min=None, max=None)
broadcast_arrays(*arrays)
broadcast_to(x, /, shape)
concat(arrays, /, *, axis=0)
expand_dims(x, /, *, axis=0)
flip(x, /, *, axis=None)
moveaxis(x, source, destination, /)
permute_dims(x, /, axes)
repeat(x, repeats, /, *, axis=None)
reshape(x, /, shape, *, copy=None)
roll(x, /, shift, *, axis=None)
squeeze(x, /, axis)
stack(arrays, /, *, axis=0)
tile(x, repetitions, /)
unstack(x, /, *, axis=0)
take(x, indices, /, *, axis=None)
take_along_axis(x, indices, /, *, axis=-1)
matmul(x1, x2, /)
matrix_transpose(x, /)
tensordot(x1, x2, /, *, axes=2)
vecdot(x1, x2, /, *, axis=-1)
argmax(x, /, *, axis=None, keepdims=False)
argmin(x, /, *, axis=None, keepdims=False)
count_nonzero(x, /, *, axis=None, keepdims=False)
nonzero(x, /)
searchsorted(x1, x2, /, *, side='left', sorter=None)
where(condition, x1, x2, /)
unique_all(x, /)
unique_counts(x, /)
unique_inverse(x, /)
unique_values(x, /)
argsort(x, /, *, axis=-1, descending=False, stable=True)
sort(x, /, *, axis=-1, descending=False, stable=True)
cumulative_prod(x, /, *, axis=None, dtype=None, include_initial=False)
cumulative_sum(x, /, *, axis=None, dtype=None, include_initial=False)
max(x, /, *, axis=None, keepdims=False)
mean(x, /, *, axis=None, keepdims=False)
min(x, /, *, axis=None, keepdims=False)
prod(x, /, *, axis=None, dtype=None, keepdims=False)
std(x, /, *, axis=None, correction=0.0, keepdims=False)
sum(x, /, *, axis=None, dtype=None, keepdims=False)
var(x, /, *, axis=None, correction=0.0, keepdims=False)
all(x, /, *, axis=None, keepdims=False)
any(x, /, *, axis=None, keepdims=False)
diff(x, /, *, axis=-1, n=1, prepend=None, append=None)
"""

LINALG = """
cholesky(x, /, *, upper=False)
cross(x1, x2, /, *, axis=-1)
det(x, /)
diagonal(x, /, *, offset=0)
eigh(x, /)
eigvalsh(x, /)
inv(x, /)
matmul(x1, x2, /)
matrix_norm(x, /, *, keepdims=False, ord='fro')
matrix_power(x, n, /)
matrix_rank(x, /, *, rtol=None)
matrix_transpose(x, /)
outer(x1, x2, /)
pinv(x, /, *, rtol=None)
qr(x, /, *, mode='reduced')
slogdet(x, /)
solve(x1, x2, /)
svd(x, /, *, full_matrices=True)
svdvals(x, /)
tensordot(x1, x2, /, *, axes=2)
trace(x, /, *, offset=0, dtype=None)
vecdot(x1, x2, /, *, axis=-1)
vector_norm(x, /, *, axis=None, keepdims=False, ord=2)
"""

_ONE_AXIS = "(x, /, *, n=None, axis=-1, norm='backward')"
_SEVERAL_AXES = "(x, /, *, s=None, axes=None, norm='backward')"
FFT = "\n".join(
    [name + _ONE_AXIS for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")]
    + [name + _SEVERAL_AXES for name in ("fftn", "ifftn", "rfftn", "irfftn")]
    + [name + "(n, /, *, d=1.0, dtype=None, device=None)" for name in ("fftfreq", "rfftfreq")]
    + [name + "(x, /, *, axes=None)" for name in ("fftshift", "ifftshift")]
)

# function -> the kinds of number that it is defined for: r(eal), i(nteger), b(ool), c(omplex)
UNARY = {
    "abs": "ric", "acos": "rc", "acosh": "rc", "asin": "rc", "asinh": "rc", "atan": "rc", "atanh": "rc",
    "bitwise_invert": "ib", "ceil": "ri", "conj": "ric", "cos": "rc", "cosh": "rc", "exp": "rc", "expm1": "rc",
    "floor": "ri", "imag": "c", "isfinite": "ric", "isinf": "ric", "isnan": "ric", "log": "rc", "log1p": "rc",
    "log2": "rc", "log10": "rc", "logical_not": "b", "negative": "ric", "positive": "ric", "real": "rc",
    "reciprocal": "rc", "round": "ric", "sign": "ric", "signbit": "r", "sin": "rc", "sinh": "rc", "square": "ric",
    "sqrt": "rc", "tan": "rc", "tanh": "rc", "trunc": "ri",
}  # fmt: skip
BINARY = {
    "add": "ric", "atan2": "r", "bitwise_and": "ib", "bitwise_left_shift": "i", "bitwise_or": "ib",
    "bitwise_right_shift": "i", "bitwise_xor": "ib", "copysign": "r", "divide": "rc", "equal": "ribc",
    "floor_divide": "ri", "greater": "ri", "greater_equal": "ri", "hypot": "r", "less": "ri", "less_equal": "ri",
    "logaddexp": "r", "logical_and": "b", "logical_or": "b", "logical_xor": "b", "maximum": "ri", "minimum": "ri",
    "multiply": "ric", "nextafter": "r", "not_equal": "ribc", "pow": "ric", "remainder": "ri", "subtract": "ric",
}  # fmt: skip

CONSTANTS = "e inf nan newaxis pi".split()
DTYPES = ("bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128").split()


def signatures() -> dict[str, str]:
    """Dotted name of each function -> its signature."""
    lines = [("", line) for line in MAIN.split("\n")]
    lines += [("linalg.", line) for line in LINALG.split("\n")] + [("fft.", line) for line in FFT.split("\n")]
    lines += [("", f"{name}(x, /)") for name in UNARY] + [("", f"{name}(x1, x2, /)") for name in BINARY]
    return {home + line.partition("(")[0]: "(" + line.partition("(")[2] for home, line in lines if line}
