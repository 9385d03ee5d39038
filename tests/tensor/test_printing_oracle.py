"""Generated arrays print character for character as PyTorch prints them."""

import copy
import warnings
import zlib

import ml_dtypes
import numpy as np
import pytest

from flambeau import config, dtypes
from flambeau.device import device
from flambeau.tensor import printing
from flambeau.tensor.node import Node
from flambeau.tensor.printing import format_array, tensor_format, tensor_str
from flambeau.tensor.tensor import KINDS, make

torch = pytest.importorskip("torch")

CASES = 120
SPECIAL = (0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1e3, 1e3)
# the limits between notations, and values whose rounding is delicate
LIMITS = (0.0, -0.0, 1e8, 1e8 + 1, 1000.0, 1001.0, 1e-4, 9.99999e-5, 0.5, 2.5, 0.12345, 0.00005, 99999.99999)


@pytest.fixture(autouse=True)
def default_state():
    yield
    config.set_default_dtype(dtypes.float32)
    torch.set_default_dtype(torch.float32)


def any_shape(rng):
    longest = rng.choice([3, 4, 9, 12, 40, 1200])
    rank = rng.integers(0, 3) if longest == 40 else 1 if longest == 1200 else rng.integers(0, 5)
    return tuple(int(size) for size in rng.integers(rng.integers(0, 2), longest, rank))


def any_reals(rng, shape):
    values = rng.standard_normal(shape)
    match rng.integers(0, 6):
        case 0:
            values = np.round(values * rng.choice([1, 10, 1000]))
        case 1:
            values = values * 10.0 ** rng.integers(-12, 13)
        case 2:
            values = values * 10.0 ** rng.integers(-6, 7, shape)
        case 3:
            values = values * 10.0 ** rng.integers(-300, 300)
        case 4:
            values = np.full(shape, rng.choice(LIMITS))
    special = rng.random(shape) < rng.choice([0.0, 0.0, rng.random()])
    return np.where(special, rng.choice(SPECIAL[: rng.integers(1, 9)], shape), values)


def any_pair(rng, dtype):
    """An array as we would hold it and the equal torch tensor."""
    shape = any_shape(rng)
    theirs = getattr(torch, dtype.name)
    if dtype is dtypes.bool_:
        array = np.asarray(rng.random(shape) < 0.5)
    elif dtype.is_complex:
        parts = [torch.from_numpy(any_reals(rng, shape).astype(f"float{dtype.itemsize * 4}")) for _ in "ab"]
        tensor = torch.complex(*parts)
        return tensor.to(torch.complex128).numpy(), tensor
    elif dtype.itemsize == 1 and dtype.is_floating_point:
        raw = np.asarray(rng.choice(rng.integers(0, 256, rng.choice([3, 256]), dtype=np.uint8), shape))
        return raw.view(getattr(ml_dtypes, dtype.name)), torch.from_numpy(raw).view(theirs)
    elif dtype is dtypes.bfloat16:
        tensor = torch.from_numpy(any_reals(rng, shape)).bfloat16()
        return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16), tensor
    elif dtype.is_floating_point:
        array = np.asarray(any_reals(rng, shape).astype(dtype.name))
    else:
        limits = np.iinfo(dtype.name)
        bound = 10 ** int(rng.integers(1, 19))
        low, high = max(limits.min, -bound), min(limits.max, bound)
        array = np.asarray(rng.integers(low, high, shape, dtype=dtype.name, endpoint=True))
    return array, torch.from_numpy(array)


def any_options(rng):
    everything = {
        "precision": int(rng.choice([4, 0, 1, 2, 8])),
        "threshold": float(rng.choice([1000, 5, 0, 100, np.inf])),
        "edgeitems": int(rng.choice([3, 1, 2, 5, 0])),
        "linewidth": int(rng.choice([80, 120, 40, 15])),
        "sci_mode": (None, None, True, False)[rng.integers(4)],
        "profile": ("default", "short", "full", "no such profile")[rng.integers(4)],
    }
    return {name: value for name, value in everything.items() if rng.random() < 0.5}


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=str)
def test_arrays_print_as_in_pytorch(dtype):
    rng = np.random.default_rng(zlib.crc32(dtype.name.encode()))
    for _ in range(CASES):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            array, tensor = any_pair(rng, dtype)
        default = (dtypes.float32, dtypes.float64, dtypes.float16, dtypes.bfloat16)[rng.choice([0, 0, 0, 1, 2, 3])]
        config.set_default_dtype(default)
        torch.set_default_dtype(getattr(torch, default.name))
        notes = []
        if dtype.is_floating_point and rng.random() < 0.3:
            tensor.requires_grad_()
            notes = ["requires_grad=True"]
        options = any_options(rng)
        with torch._tensor_str.printoptions(**options):
            expected = repr(tensor)
        with printing.printoptions(**options):
            assert format_array(array, dtype, notes=notes) == expected, (array.shape, options)


def ours(tensor):
    """Our tensor with the data, device and place in the graph of a torch tensor."""
    dtype = getattr(dtypes, str(tensor.dtype).removeprefix("torch.").replace("bool", "bool_"))
    kind = copy.copy(KINDS[dtype])
    kind.device = device(tensor.device.type)
    array = np.empty(tensor.shape, dtype.name) if tensor.is_meta else tensor.detach().numpy()
    edge = None if tensor.grad_fn is None else type(type(tensor.grad_fn).__name__, (Node,), {})()
    made = make(array, kind, edge)
    return made.requires_grad_() if tensor.requires_grad and tensor.is_leaf else made


def tensors():
    torch.manual_seed(0)
    leaf = torch.randn(3, 4, requires_grad=True)
    yield leaf
    yield leaf * 2
    yield (leaf.double() + 1).sum()
    yield leaf[0].clone().expand(9, 4)
    yield from (leaf @ leaf.T).unbind()
    yield torch.empty(0, 2, requires_grad=True)
    for dtype in (torch.float32, torch.float64, torch.int64, torch.bool):
        yield torch.empty(2, 0, dtype=dtype, device="meta")
        yield torch.empty((), dtype=dtype, device="meta")


def test_tensors_print_as_in_pytorch():
    for tensor in tensors():
        for options in ({}, {"linewidth": 40, "precision": 1}, {"edgeitems": 0}, {"threshold": 1, "edgeitems": 1}):
            with torch._tensor_str.printoptions(**options), printing.printoptions(**options):
                assert tensor_str(ours(tensor)) == repr(tensor)
                assert tensor_str(ours(tensor), tensor_contents="x") == tensor.__repr__(tensor_contents="x")


def test_0_dim_tensors_format_as_in_pytorch():
    values = (0.1, -2.5, float("nan"), 7, True, 1 - 2j)
    for tensor in map(torch.tensor, values):
        for spec in ("", ".3f", "x", ">12", "d", "+.1e", "s"):
            assert outcome(tensor_format, ours(tensor), spec) == outcome(format, tensor, spec)


def outcome(action, *arguments):
    try:
        return action(*arguments)
    except (TypeError, ValueError) as error:
        return type(error), str(error)


def test_the_numbers_of_a_tensor_alone_are_written_as_in_pytorch(agree):
    @agree
    def _(torch, error):
        text = torch._tensor_str
        yield text._tensor_str(torch.arange(6.0).view(2, 3) / 3, indent=4)
        yield text._str(torch.ones(2, requires_grad=True)), text.PRINT_OPTS.threshold
