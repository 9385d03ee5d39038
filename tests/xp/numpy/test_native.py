"""Native kernels say what NumPy says, on one thread and on several, and stay out of the way where they cannot be."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import flambeau as torch
import flambeau.nn.functional as F
from flambeau.ops import activation, bounds
from flambeau.xp import numpy as xnp
from flambeau.xp.numpy import matrix, native

pytest.importorskip("llvmlite", reason="native kernels need the extra `jit`")
pytestmark = pytest.mark.skipif(not native.usable(), reason="FLAMBEAU_NATIVE=0")


@pytest.fixture
def always(monkeypatch):
    """Native code and threads for arrays of any size."""
    monkeypatch.setattr(native, "LARGE", 1)
    monkeypatch.setattr("flambeau.xp.numpy.reduction._HUGE", 1)
    monkeypatch.setattr(native, "SHARED", 0)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def both(monkeypatch, work):
    """What some work gives by native code, and by NumPy."""
    found = work()
    monkeypatch.setattr(native, "_usable", False)
    expected = work()
    monkeypatch.setattr(native, "_usable", True)
    return found, expected


# ---- the language ----------------------------------------------------------------------------------------------------


def run_both(name, dtype, count, *arguments):
    """A kernel as native code and as Python, on copies of its arguments; the arguments afterwards."""
    module = _module_of(name)
    results = []
    for way in ("native", "python"):
        given = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        if way == "native":
            native.launch(name, np.dtype(dtype), count, 0, *given)
        else:
            with np.errstate(all="ignore"):
                getattr(module, name)(0, count, 0, *[a.reshape(-1) if isinstance(a, np.ndarray) else a for a in given])
        results.append([a for a in given if isinstance(a, np.ndarray)])
    return results


def _module_of(name):
    """The module that has the kernel: several import others' functions."""
    modules = [importlib.import_module(f"{native.__name__}.{m}") for m in native._modules]
    return next(m for m in modules if getattr(getattr(m, name, None), "__module__", None) == m.__name__)


def normal(seed, *shape, dtype="float64"):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


KERNELS = {
    "softmax": (4, lambda r: (7, normal(1, 4, 7), r(4, 7))),
    "softmax_gradient": (4, lambda r: (7, normal(1, 4, 7), normal(2, 4, 7), r(4, 7))),
    "sums": (3, lambda r: (2, 3, 1500, normal(1, 2, 3, 1500), r(3))),
    "column_sums": (150, lambda r: (5, normal(1, 150, 5), r(10), 10)),
    "moments": (3, lambda r: (2, 3, 4, normal(1, 2, 3, 4), r(3), r(3))),
    "batch_norm_gradient": (
        3,
        lambda r: (2, 3, 4, normal(1, 24), normal(2, 24), normal(3, 3), abs(normal(4, 3)), normal(5, 3), 1e-5, r(24),
                   r(3), r(3)),
    ),
    "layer_norm_gradient": (
        4,
        lambda r: (6, normal(1, 24), normal(2, 24), normal(3, 4), abs(normal(4, 4)), normal(5, 6), 1e-5, r(24), r(12),
                   12),
    ),
    "rows_summed": (5, lambda r: (3, 8, np.array([4, 1, 1, 0, 4, 4, 2, 1]), normal(1, 8, 3), r(5, 3))),
    "affine": (4, lambda r: (3, 5, normal(1, 4, 5), normal(2, 3, 5), normal(3, 3), r(4, 3), r(1, native.BLOCK), 0)),
    "max_pool": (3, lambda r: (normal(1, 3, 5, 6), r(3, 3, 3), r(6), 6, 5, 6, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1)),
    "attention_softmax": (6, lambda r: (3, 4, 0.5, 1, normal(1, 6, 4))),
}  # fmt: skip


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_computes_the_same_as_native_code_and_as_python(name):
    count, make = KERNELS[name]
    # with exponentials, for float32 only
    dtype = "float32" if "softmax" in name else "float64"

    def room(*shape):
        return np.zeros(shape, dtype)

    arguments = [a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in make(room)]
    compiled, plain = run_both(name, dtype, count, *arguments)
    for a, b in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(
            a, b, rtol=2e-6 if dtype == "float32" else 1e-12, atol=1e-6 if dtype == "float32" else 1e-13
        )


SOURCE = """
def triangle(n) -> int:
    total = 0
    i = 0
    while i <= n:
        total += i
        i += 1
    return total

def mixed(begin, end, part, x: Array, whole_numbers: Ints, out: Array):
    for i in range(begin, end):
        a = x[i] * 2 + 1
        if a > 3.0 and not (i % 3 == 0):
            out[i] = a
        else:
            out[i] = -a if i // 2 == 1 else triangle(i) + 0.5
    for i in range(end - 2, begin, -1 + 2):
        whole_numbers[i] = triangle(i) * 10
"""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_language_is_python(dtype, monkeypatch, tmp_path):
    from flambeau.xp.numpy.native import language, machine, words

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kernel = machine.build("mixed", language.functions_of(SOURCE), SOURCE, dtype == "float32")
    x, numbers, out = normal(0, 9, dtype=dtype) * 2, np.zeros(9, np.int64), np.zeros(9, dtype)
    kernel.call(0, 9, 0, kernel.pack(*map(native.address, (x, numbers, out))))
    scope = dict(vars(words))
    exec("from __future__ import annotations\n" + SOURCE, scope)
    numbers2, out2 = np.zeros(9, np.int64), np.zeros(9, dtype)
    scope["mixed"](0, 9, 0, x, numbers2, out2)
    np.testing.assert_allclose(out, out2, rtol=1e-6)
    assert numbers.tolist() == numbers2.tolist()


def test_what_is_not_of_the_language_is_refused_with_its_line():
    from flambeau.xp.numpy.native import language

    source = "def f(begin, end, part, x: Array):\n    with x:\n        pass\n"
    with pytest.raises(language.Unsupported, match="line 2: with x"):
        language.translate("f", language.functions_of(source), True)


CURVES = {
    "exp": (np.exp, -104, 88.7, 3),
    "erf": (None, -5, 5, 4),
    "tanh": (np.tanh, -12, 12, 3),
    "expm1": (np.expm1, -20, 20, 3),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), -80, 80, 4),
}


@pytest.mark.parametrize("name", CURVES)
def test_curves_are_exact_to_a_few_units_in_the_last_place(name, always):
    exact, low, high, units = CURVES[name]
    near = np.geomspace(1e-20, 1, 20001)
    x = np.concatenate([np.linspace(low, high, 200001), near, -near, [0.0, -0.0]]).astype(np.float32)
    if exact is None:
        import math

        exact = np.vectorize(math.erf)
    expected = exact(x.astype(np.float64))
    found = native.fuse(_curve(name), (x,))
    with np.errstate(over="ignore"):
        unit = np.spacing(np.abs(expected.astype(np.float32))).astype(np.float64)
    assert np.max(np.abs(found - expected) / unit) <= units
    special = native.fuse(_curve(name), (np.array([np.nan, np.inf, -np.inf], np.float32),))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(special, exact(np.array([np.nan, np.inf, -np.inf])).astype(np.float32))


def _curve(name):
    return lambda xp, x: getattr(xp, name)(x)


# ---- fusing ----------------------------------------------------------------------------------------------------------

FUSED = {
    "relu": (bounds._relu, 1, ()),
    "relu_grad": (bounds._relu_grad, 2, ()),
    "leaky_relu": (activation._leaky, 1, (0.01,)),
    "leaky_relu_grad": (activation._leaky_grad, 2, (0.01,)),
    "elu": (activation._elu, 1, (1.5, 1.1, 0.7)),
    "elu_grad": (activation._elu_grad, 2, (1.5, 1.1, 0.7)),
    "gelu": (activation._gelu, 1, ("none",)),
    "gelu_grad": (activation._gelu_grad, 2, ("none",)),
    "gelu_tanh": (activation._gelu, 1, ("tanh",)),
    "gelu_tanh_grad": (activation._gelu_grad, 2, ("tanh",)),
    "silu": (activation._silu, 1, ()),
    "silu_grad": (activation._silu_grad, 2, ()),
    "softplus_grad": (activation._softplus_grad, 2, (20,)),
    "hardswish_grad": (activation._hardswish_grad, 2, ()),
}


@pytest.mark.parametrize("name", FUSED)
def test_a_fused_expression_is_what_numpy_computes_step_by_step(name, always):
    row, count, attributes = FUSED[name]
    function = row.__closure__[0].cell_contents
    x = np.concatenate([normal(3, 4000) * 4, [0.0, -0.0, np.nan, 30, -30]]).astype(np.float32)
    arrays = (normal(4, x.size, dtype="float32"), x)[2 - count :]
    found = native.fuse(function, (*arrays, *attributes))
    expected = xnp.run(function, xnp, *arrays, *attributes)
    np.testing.assert_allclose(found, expected, rtol=3e-6, atol=4e-6)


def test_what_cannot_be_fused_is_left_to_numpy(always):
    x = normal(0, 8, dtype="float32")
    assert native.fuse(lambda xp, x: xp.sort(x), (x,)) is NotImplemented
    assert native.fuse(lambda xp, x: x if x > 0 else -x, (x,)) is NotImplemented
    assert native.fuse(lambda xp, x: x * np.inf, (x,)) is NotImplemented
    assert native.fuse(lambda xp, x, y: x + y, (x, x[:4])) is NotImplemented
    assert native.fuse(lambda xp, x: x, (x.astype(np.float64),)) is NotImplemented
    assert native.fuse(lambda xp, x: x, (x[::2],)) is NotImplemented


@pytest.mark.parametrize(
    "optimizer", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "RAdam", "Adadelta", "Rprop"]
)
@pytest.mark.parametrize("maximize", [False, True])
def test_an_optimizer_steps_alike_in_one_native_loop(optimizer, maximize, monkeypatch, always):
    def work():
        p = torch.nn.Parameter(torch.tensor(normal(1, 500, dtype="float32")))
        options = {"momentum": 0.9, "nesterov": True} if optimizer == "SGD" else {}
        o = getattr(torch.optim, optimizer)([p], lr=0.01, maximize=maximize, **options)
        for seed in range(4):
            p.grad = torch.tensor(normal(seed, 500, dtype="float32"))
            o.step()
        return p.detach().numpy()

    monkeypatch.setattr("flambeau.optim.pieces.SMALL", 1)
    found, expected = both(monkeypatch, work)
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-6)


# ---- operations ------------------------------------------------------------------------------------------------------


def gradients(function, *arrays):
    """The result of a function of tensors, and the gradients of its inputs for a fixed gradient of the result."""
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = function(*tensors)
    y.backward(torch.tensor(normal(99, *y.shape, dtype=str(arrays[0].dtype))))
    return [y.detach().numpy(), *[t.grad.numpy() for t in tensors]]


def agree(monkeypatch, function, *arrays):
    single = arrays[0].dtype == np.float32
    found, expected = both(monkeypatch, lambda: gradients(function, *arrays))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4 if single else 1e-10, atol=2e-5 if single else 1e-11)


@pytest.mark.parametrize("case", range(40))
def test_convolutions_and_their_gradients_are_numpys(case, monkeypatch, always):
    check_convolution(case, monkeypatch)


def check_convolution(case, monkeypatch):
    rng = np.random.default_rng(case)

    def some(low, high):
        return tuple(int(n) for n in rng.integers(low, high, 2))

    monkeypatch.setattr("flambeau.xp.numpy.native_convolution.LEAST", 0)
    if case % 4 == 0:
        # several pieces for each image
        monkeypatch.setattr("flambeau.xp.numpy.native_convolution.PIECE", 300)
    groups = int(rng.choice([1, 1, 2, 3]))
    n, channels, outputs = int(rng.integers(1, 4)), int(rng.integers(1, 4)) * groups, int(rng.integers(1, 4)) * groups
    kernel, stride, padding, dilation = some(1, 4), some(1, 4), some(0, 3), some(1, 3)
    x, w, b = normal(1, n, channels, *some(7, 14)), normal(2, outputs, channels // groups, *kernel), normal(3, outputs)
    agree(monkeypatch, lambda x, w, b: F.conv2d(x, w, b, stride, padding, dilation, groups), x, w, b)
    g = normal(4, n, outputs, *some(3, 6))
    bias = normal(5, channels)
    agree(monkeypatch, lambda g, w, b: F.conv_transpose2d(g, w, b, stride, 0, 0, groups, dilation), g, w, bias)


@pytest.mark.parametrize("case", range(30))
def test_max_pooling_and_its_gradient_are_numpys(case, monkeypatch, always):
    rng = np.random.default_rng(case)
    kernel = (2, 2) if case % 3 == 0 else tuple(int(n) for n in rng.integers(1, 4, 2))
    stride = kernel if case % 2 == 0 else tuple(int(n) for n in rng.integers(1, 4, 2))
    padding = tuple(int(rng.integers(0, k // 2 + 1)) if case % 3 else 0 for k in kernel)
    x = normal(case, 2, 3, *(int(n) for n in rng.integers(6, 12, 2)))
    if case % 5 == 1:
        x = np.round(x)
    if case % 5 == 2:
        x[0, 0, 2:4, 1:5] = np.nan
    agree(monkeypatch, lambda x: F.max_pool2d(x, kernel, stride, padding, ceil_mode=case % 4 == 3), x)


ROWS = {
    "softmax": lambda x: x.softmax(-1),
    "log_softmax": lambda x: x.log_softmax(-1),
    "layer_norm": lambda x: F.layer_norm(x, (5, 7)),
    "batch_norm": lambda x: F.batch_norm(x, None, None, training=True),
    "group_norm": lambda x: F.group_norm(x, 2),
    "sum": lambda x: x.sum() * x,
    "sum of rows": lambda x: x.sum(-1),
    "sum of columns": lambda x: x.sum((0, 1)),
    "sum over the middle": lambda x: x.sum(1),
    "mean": lambda x: x.mean((0, 2, 3)),
    "attention": lambda x: F.scaled_dot_product_attention(x, x * 2, x + 1),
    "causal attention": lambda x: F.scaled_dot_product_attention(x, x * 2, x + 1, is_causal=True),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_operations_on_rows_and_channels_are_numpys(name, dtype, monkeypatch, always):
    agree(monkeypatch, ROWS[name], normal(1, 3, 4, 5, 7, dtype=dtype))


def test_norms_with_weights_and_cross_entropy_and_embeddings_are_numpys(monkeypatch, always):
    x = normal(1, 6, 4, 5, dtype="float32")
    agree(
        monkeypatch,
        lambda x, w, b: F.layer_norm(x, (5,), w, b),
        x,
        normal(2, 5, dtype="float32"),
        normal(3, 5, dtype="float32"),
    )
    agree(
        monkeypatch,
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True),
        x,
        normal(2, 4, dtype="float32"),
        normal(3, 4, dtype="float32"),
    )
    target = torch.tensor([1, 0, 3, 2, 1, 1])
    agree(monkeypatch, lambda x: F.cross_entropy(x[:, :, 0], target, reduction="none"), x)
    numbers = torch.tensor([[3, 1, 1], [0, 3, 3]])
    agree(monkeypatch, lambda w: F.embedding(numbers, w), normal(4, 5, 6, dtype="float32"))


@pytest.mark.parametrize("case", range(30))
def test_products_of_matrices_in_any_layout_are_numpys(case):
    rng = np.random.default_rng(case)
    m, n, k = (int(s) for s in rng.integers(64, 150, 3))
    a = normal(1, m, k) if case % 2 else normal(1, k, m).T
    b = normal(2, k, n) if case % 3 else normal(2, n, k).T
    if case % 5 == 0:
        a = normal(3, m, 2 * k)[:, :k]
    if case % 7 == 0:
        a = normal(3, m, 2 * k)[:, ::2]
    np.testing.assert_allclose(matrix.mm(a, b), np.dot(a, b), rtol=1e-12, atol=1e-12)
    left, right = normal(4, 2, m, 3, k).swapaxes(1, 2), normal(5, 2, 3, n, k).mT
    np.testing.assert_allclose(matrix.matmul(left, right), np.matmul(left, right), rtol=1e-12, atol=1e-12)
    x, bias = np.ascontiguousarray(a), normal(6, n)
    weight = np.ascontiguousarray(b.T)
    np.testing.assert_allclose(matrix.linear(x, weight, bias), x @ b + bias, rtol=1e-12, atol=1e-12)


WAYS = {
    "blas": {"DEPTH": 512, "ROWS": 256, "PADDED": 528},
    "narrow": {"LANES": 4, "WIDTH": 8, "DEPTH": 40, "ROWS": 20, "PADDED": 52, "HEIGHT1": 6, "HEIGHT2": 4, "HEIGHT3": 2},
    "wide": {"LANES": 8, "WIDTH": 16, "DEPTH": 64, "ROWS": 16, "PADDED": 80, "HEIGHT1": 12, "HEIGHT2": 8, "HEIGHT3": 4},
}


@pytest.fixture(params=list(WAYS))
def way(request, monkeypatch, tmp_path):
    """The kernels as they are on another processor."""
    from flambeau.xp.numpy.native import machine, tiles

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(tiles, "sizes", lambda real: WAYS[request.param])
    monkeypatch.setattr(machine, "BY_BLAS", request.param == "blas")
    # code is known by what it was made from
    monkeypatch.setattr(native, "_sources", [*native._sources, request.param])
    monkeypatch.setattr(native, "_kernels", {})
    monkeypatch.setattr(native, "BLOCK", WAYS[request.param]["ROWS"] * WAYS[request.param]["PADDED"])
    assert request.param != "blas" or machine._blas()
    return request.param


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_do_not_depend_on_the_processors_vectors(way, dtype):
    task = native.kernel("multiply", np.dtype(dtype))
    rng = np.random.default_rng(0)
    for case in range(60):
        m, n, k = (int(s) for s in rng.integers(1, 100 if case < 40 else 4, 3))
        a = normal(1, m, k, dtype=dtype) if case % 2 else normal(1, k, m, dtype=dtype).T
        b = normal(2, k, n, dtype=dtype) if case % 3 else normal(2, n, k, dtype=dtype).T
        if case % 4 == 0:
            # rows a power of two apart
            a = np.zeros((m, 256), dtype)[:, :k] + a
        out, room = np.full((m, n), np.nan, dtype), np.empty(native.BLOCK, dtype)
        steps = matrix._steps(a), matrix._steps(b)
        given = (case % 2, m, n, k, a, *steps[0], b, *steps[1], out, room, native.BLOCK)
        native.execute(task, m if case % 2 else n, 0, given)
        np.testing.assert_allclose(out, a @ b, rtol=2e-4 if dtype == "float32" else 1e-11, atol=2e-5)


def test_convolutions_do_not_depend_on_the_processors_vectors(way, monkeypatch, always):
    for case in (*range(8), 34):
        check_convolution(case, monkeypatch)


def test_matrices_that_do_not_fit_are_refused():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        torch.ones(200, 200) @ torch.ones(201, 200)


# ---- threads ---------------------------------------------------------------------------------------------------------


def test_any_number_of_threads_gives_the_same_result(always):
    x = torch.tensor(normal(1, 37, 50, dtype="float32"))
    results = []
    for threads in (1, 2, 5, 3, 8):
        torch.set_num_threads(threads)
        results.append(x.softmax(1).numpy())
    assert all((r == results[0]).all() for r in results)


def test_several_threads_may_ask_for_native_work_at_once(always):
    x = torch.tensor(normal(1, 64, 300, dtype="float32"))
    expected = x.softmax(1).numpy()
    wrong = []

    def ask():
        for _ in range(50):
            if (x.softmax(1).numpy() != expected).any():
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_workers_that_have_gone_to_sleep_are_woken(monkeypatch, always):
    monkeypatch.setattr(native, "SPINS", 1)
    monkeypatch.setattr(native, "_team", None)
    x = torch.tensor(normal(1, 64, 300, dtype="float32"))
    expected = x.softmax(1).numpy()
    for _ in range(200):
        assert (x.softmax(1).numpy() == expected).all()


@pytest.mark.parametrize("spins", [1, 100_000])
def test_after_an_interrupt_no_worker_writes_any_more(spins, monkeypatch, always):
    class Interrupted:
        """A step of the team after which Ctrl-C comes."""

        def __init__(self, kernel):
            self.kernel, self.pack = kernel, kernel.pack

        def call(self, *arguments):
            self.kernel.call(*arguments)
            raise KeyboardInterrupt

    monkeypatch.setattr(native, "SPINS", spins)
    monkeypatch.setattr(native, "_team", None)
    x = torch.tensor(normal(1, 64, 300, dtype="float32"))
    expected = x.softmax(1).numpy()
    team = native._team
    working = team.kernels
    for _ in range(50):
        team.kernels = [Interrupted(working[0]), *working[1:]]
        with pytest.raises(KeyboardInterrupt):
            x.softmax(1)
        assert team.state[8] == 0
        team.kernels = working
        assert (x.softmax(1).numpy() == expected).all()


def test_where_no_more_threads_can_be_had_one_does_all(monkeypatch, always):
    def refuse(*arguments):
        raise RuntimeError("can't start new thread")

    x = torch.tensor(normal(1, 64, 300, dtype="float32"))
    expected = x.softmax(1).numpy()
    monkeypatch.setattr(native, "_team", None)
    monkeypatch.setattr(native, "start_new_thread", refuse)
    assert (x.softmax(1).numpy() == expected).all()


def test_numbers_that_change_do_not_make_new_code(always):
    x = torch.tensor(normal(1, 5000, dtype="float32"))
    F.leaky_relu(x * 1, 1.5)
    before = len(native._fused)
    for slope in (1.25, 2.5, 3.75):
        np.testing.assert_allclose(
            F.elu(x, slope).numpy(), np.where(x > 0, x, slope * np.expm1(x)), rtol=1e-5, atol=1e-6
        )
    assert len(native._fused) <= before + 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_has_workers_of_its_own(always):
    x = torch.tensor(normal(1, 64, 300, dtype="float32"))
    expected = x.softmax(1).numpy()
    child = os.fork()
    if not child:
        os._exit(0 if (x.softmax(1).numpy() == expected).all() else 1)
    assert os.waitpid(child, 0)[1] == 0


# ---- kept code -------------------------------------------------------------------------------------------------------

SCRIPT = """
import numpy as np, flambeau as torch
from flambeau.xp.numpy import native
x = torch.linspace(-3, 3, 20000)
print(native.usable(), torch.nn.functional.gelu(x).sum().item())
"""


def run(folder, **environment):
    source = os.path.dirname(os.path.dirname(torch.__file__))
    given = {**os.environ, "XDG_CACHE_HOME": str(folder), "PYTHONPATH": source, **environment}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    usable, value = done.stdout.split()
    return usable, float(value)


def test_code_is_kept_and_made_again_where_it_was_damaged(tmp_path):
    first = run(tmp_path)
    files = list((tmp_path / "flambeau" / "native").iterdir())
    assert files
    for file in files:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 255
        file.write_bytes(bytes(content))
    assert run(tmp_path) == first
    (tmp_path / "file").write_text("")
    assert run(tmp_path / "file") == first


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="rights of another kind")
def test_code_from_a_folder_that_others_may_write_to_is_not_run(tmp_path):
    folder = tmp_path / "flambeau" / "native"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    usable, _ = run(tmp_path)
    assert usable == "True"
    assert list(folder.iterdir()) == []


def test_without_native_code_numpy_does_the_same(tmp_path):
    usable, value = run(tmp_path, FLAMBEAU_NATIVE="0")
    assert usable == "False"
    assert value == pytest.approx(run(tmp_path)[1], rel=1e-6)
