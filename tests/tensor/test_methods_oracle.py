"""Tensors become Python numbers, NumPy arrays, buffers, pickles and copies, and are made of these, as in PyTorch."""

# `error` calls at once what it is given
# ruff: noqa: B023
from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np

DTYPES = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128".split()


def test_tensors_become_python_numbers(agree):
    @agree
    def session(T, error):
        for d in DTYPES:
            t = T.tensor([1], dtype=getattr(T, d))
            for f in (
                float,
                int,
                bool,
                complex,
                lambda t: t.item(),
                lambda t: t.tolist(),
                lambda t: [0, 1, 2][t],
                lambda t: t.__index__(),
                hash,
                len,
                round,
                abs,
            ):
                yield (
                    (f is hash) or error(lambda: f(t)),
                    None if f is hash or error(lambda: f(t)) != "no error" else f(t),
                )
        for t in (T.ones(2), T.ones(0), T.ones(1, 1), T.tensor(2.5)):
            for f in (
                float,
                int,
                bool,
                complex,
                lambda t: t.item(),
                len,
                lambda t: list(t),
                lambda t: t.tolist(),
                lambda t: 1 in t,
                lambda t: "a" in t,
                iter,
                round,
            ):
                yield error(lambda: f(t))
        yield (
            int(T.tensor(3.9)),
            bool(T.tensor(0.0)),
            f"{T.tensor(3.14159):.2f}",
            f"{T.tensor(3)}",
            f"{T.ones(2)}",
            error(lambda: f"{T.ones(2):.2f}"),
        )
        yield [
            type(v).__name__
            for v in (T.tensor(1).item(), T.tensor(1.0).item(), T.tensor(True).item(), T.tensor(1j).item())
        ]
        yield (
            error(lambda: int(T.tensor(float("nan")))),
            error(lambda: int(T.tensor(float("inf")))),
            error(lambda: float(T.tensor(1 + 2j))),
        )
        yield (
            round(T.tensor(2.567), decimals=1) if False else T.round(T.tensor(2.567), decimals=1),
            divmod(T.tensor(7), 2) if False else 7 % T.tensor(4),
        )
        yield range(10)[T.tensor(3)], "abc"[T.tensor(1)], [1, 2, 3][T.tensor(1) : T.tensor(3)]
        yield T.tensor(5).__format__("05d"), str(T.tensor(1.5).item())


def test_tensors_are_made_of_python_data(agree):
    @agree
    def session(T, error):
        for data in (
            1,
            1.5,
            True,
            1j,
            [],
            [[]],
            [[], []],
            [1, 2.5],
            [True, 2],
            [1, 2j],
            [[1, 2], [3, 4]],
            (1, (2, 3)[0]),
            [[1], [2, 3]],
            "abc",
            ["a"],
            None,
            [None],
            {},
            {"a": 1},
            {1, 2},
            range(3),
            2**63,
            2**70,
            -(2**63),
            [2**63 - 1],
            object(),
            [np.float32(1), np.float32(2)],
            np.float32(3),
            np.int16(4),
            np.bool_(True),
            np.arange(3),
            [np.arange(2), np.arange(2)],
            [np.ones(2), [1, 2]],
            np.array(["a"]),
            np.array([object()]),
            np.uint16([1]),
            b"abc",
            bytearray(b"abc"),
            memoryview(b"abc"),
            [1, [2]],
            [[1, 2], 3],
            [[[1]], [[2, 3]]],
            [float("nan"), float("inf")],
            [1, "a"],
            1e400,
            [[1.0], [2]],
        ):
            for make in (lambda d: T.tensor(d), lambda d: T.as_tensor(d), lambda d: T.asarray(d)):
                yield (
                    error(lambda: make(data)).partition(":")[0],
                    error(lambda: make(data)) == "no error" and make(data),
                )
        yield (
            error(lambda: T.tensor([[1], [2, 3]])),
            error(lambda: T.tensor("abc")),
            error(lambda: T.tensor([1, "a"])),
            error(lambda: T.tensor(None)),
            error(lambda: T.tensor(2**70)),
        )
        yield (
            T.tensor([T.tensor(1.0), T.tensor(2.0)]),
            T.tensor([T.tensor([1.0]), T.tensor([2.0])]),
            error(lambda: T.tensor([T.ones(2), T.ones(2)])),
        )
        for d in DTYPES:
            yield [
                error(lambda: T.tensor(v, dtype=getattr(T, d))) == "no error" and T.tensor(v, dtype=getattr(T, d))
                for v in (1, 1.5, True, [1, 2], -1, 300, 1e10, 2**40, float("nan") if "float" in d else 0)
            ]
        yield (
            error(lambda: T.tensor(1, dtype="float32")),
            error(lambda: T.tensor(1, dtype=float)) == "no error",
            error(lambda: T.tensor(1, device="nowhere")),
        )
        yield (
            error(lambda: T.tensor(1, device="cuda")),
            error(lambda: T.zeros(2, device="cuda:0")),
            error(lambda: T.ones(2).cuda()),
            error(lambda: T.ones(2).to("cuda")),
            T.cuda.is_available(),
        )
        yield error(lambda: T.tensor()), error(lambda: T.tensor(1, 2)), error(lambda: T.tensor([1], foo=1))


def test_numpy_and_tensors_share_memory(agree):
    @agree
    def session(T, error):
        a = np.arange(6.0).reshape(2, 3)
        t = T.from_numpy(a)
        t[0, 0] = 7
        a[1, 1] = 8
        yield t, a.tolist(), t.numpy() is not a, np.shares_memory(t.numpy(), a)
        yield (
            T.from_numpy(a.T),
            T.from_numpy(a[:, ::2]),
            error(lambda: T.from_numpy(a[::-1])),
            error(lambda: T.from_numpy([1])),
            error(lambda: T.from_numpy(np.array(["a"]))),
        )
        yield (
            error(lambda: T.from_numpy(np.arange(3, dtype=">i4"))),
            T.from_numpy(np.array(5)),
            error(lambda: T.from_numpy(np.float32(1))),
        )
        for d in DTYPES:
            x = T.ones(2, dtype=getattr(T, d))
            yield error(lambda: x.numpy()), error(lambda: x.numpy()) == "no error" and str(x.numpy().dtype)
        g = T.ones(2, requires_grad=True)
        yield (
            error(lambda: g.numpy()),
            error(lambda: np.asarray(g)),
            g.detach().numpy().tolist(),
            g.numpy(force=True).tolist(),
            error(lambda: T.ones(2, device="meta").numpy()),
        )
        yield (
            np.asarray(t).tolist(),
            np.array(t).tolist(),
            np.array(t, dtype=np.int32).tolist(),
            np.asarray(t, dtype=np.float32).dtype.name,
            np.array(t, copy=True).tolist(),
        )
        s = T.as_tensor(a)
        s[0, 1] = -1
        yield (
            a[0, 1],
            T.as_tensor(t) is t,
            T.as_tensor(t, dtype=T.float32),
            T.asarray(a, copy=True).data_ptr() == t.data_ptr(),
            T.asarray(t) is t,
        )
        yield error(lambda: T.asarray(a, dtype=T.float32, copy=False)), error(lambda: T.asarray([1, 2], copy=False))
        b = bytearray(range(8))
        f = T.frombuffer(b, dtype=T.uint8)
        b[0] = 9
        yield (
            f,
            T.frombuffer(b, dtype=T.int16, count=2, offset=2),
            error(lambda: T.frombuffer(b, dtype=T.int32, offset=1)),
            error(lambda: T.frombuffer(b, dtype=T.int16, count=9)),
            error(lambda: T.frombuffer(b"", dtype=T.uint8)),
        )
        b = T.ones(2, requires_grad=True) * 2
        yield T.asarray(b, requires_grad=True) is b, T.asarray(b, requires_grad=False).requires_grad
        yield T.asarray(b, requires_grad=True, copy=True), T.asarray(b, dtype=T.float64, requires_grad=False)
        old = T.arange(3)
        T.from_dlpack(T.utils.dlpack.to_dlpack(old))[0] = 7
        yield old
        d = T.from_dlpack(a)
        d[0, 0] = 100
        yield (
            a[0, 0],
            np.from_dlpack(T.arange(3)).tolist(),
            T.utils.dlpack.from_dlpack(T.utils.dlpack.to_dlpack(T.arange(2))),
            error(lambda: g.__dlpack__()),
        )


def test_arrays_and_tensors_compute_together(agree):
    @agree
    def session(T, error):
        t, a = T.tensor([1.0, 2.0]), np.array([3.0, 4.0], np.float32)
        for f in (
            lambda: t + a,
            lambda: t * np.float32(2),
            lambda: np.float32(2) * t,
            lambda: t - a,
            lambda: t / a,
            lambda: a / t,
            lambda: t == a,
            lambda: a == t,
            lambda: t ** np.float32(2),
            lambda: np.int64(3) + t,
            lambda: t + np.int64(3),
            lambda: np.sin(t),
            lambda: np.add(t, t),
            lambda: np.add(t, 1),
            lambda: np.exp(t),
            lambda: np.maximum(t, a),
            lambda: np.dot(a, t),
            lambda: np.isclose(t, a),
            lambda: np.argmax(t),
            lambda: np.sqrt(t).dtype,
            lambda: T.add(t, a),
            lambda: t.add(a),
            lambda: T.tensor(a) + 1,
            lambda: np.allclose(t, t),
            lambda: np.linalg.norm(t),
            lambda: t.tolist() == list(np.array(t)),
            lambda: np.float32(1.5) < t,
            lambda: t * np.array(2.0),
            lambda: t + [1, 2],
            lambda: [1, 2] + t,
            lambda: t + "a",
            lambda: t + None,
            lambda: t == "a",
            lambda: t != "a",
            lambda: t < "a",
        ):
            kind = error(f).partition(":")[0]
            result = f() if kind == "no error" else None
            yield kind, type(result).__name__, result.tolist() if hasattr(result, "tolist") else result
        t += a
        t *= np.float32(2)
        yield t
        a += t.numpy()
        yield a.tolist()
        i = T.tensor([1, 0])
        yield (
            a[i].tolist(),
            a[T.tensor(1)].item(),
            T.arange(4)[np.array([1, 2])],
            T.arange(4)[np.int64(2)],
            T.arange(4)[np.array([True, False, True, False])],
        )
        x = T.arange(4)
        x[np.array([0, 1])] = np.array([9, 8])
        yield x, T.zeros(np.int64(2), np.int32(1)).shape, T.ones((np.int64(2),)).shape, x.view(np.int64(2), -1).shape


def test_copies_and_pickles_keep_everything(agree):
    @agree
    def session(T, error):
        for value in (
            T.arange(6).reshape(2, 3),
            T.arange(6).reshape(2, 3).t(),
            T.ones(2, requires_grad=True),
            T.ones(2, dtype=T.bfloat16),
            T.tensor(3.5),
            T.zeros(0, 3),
            T.arange(6)[::2],
            T.tensor([True]),
            T.tensor([1j]),
            T.nn.Parameter(T.ones(2)),
            T.nn.Parameter(T.ones(2), requires_grad=False),
            T.Size([2, 3]),
            T.float32,
            T.int64,
            T.device("cpu"),
            T.device("cuda", 1),
            T.strided,
            T.channels_last,
            T.finfo(T.float32).max,
        ):
            for again in (lambda v: pickle.loads(pickle.dumps(v)), copy.copy, copy.deepcopy):
                found = again(value)
                yield type(found).__name__, found
                if isinstance(found, T.Tensor):
                    yield found.requires_grad, found.is_leaf, found.stride(), found.data_ptr() == value.data_ptr()
                else:
                    yield found == value, found is value
        x = T.ones(2, requires_grad=True)
        x.grad = T.full((2,), 3.0)
        x.note = "kept"
        y = copy.deepcopy(x)
        yield y.grad, y.grad is x.grad, y.note, copy.copy(x).note
        z = copy.deepcopy([x, x])
        yield z[0] is z[1]
        v = T.arange(4.0)
        pair = copy.deepcopy((v, v[1:]))
        pair[0].zero_()
        yield pair[1]
        yield error(lambda: copy.deepcopy(x * 2)), pickle.loads(pickle.dumps(x * 2))
        g = T.Generator()
        g.manual_seed(5)
        h = T.Generator()
        h.set_state(g.get_state())
        yield T.rand(2, generator=g), T.rand(2, generator=h)


def test_storages_tell_the_truth(agree):
    @agree
    def session(T, error):
        x = T.arange(6, dtype=T.float32).reshape(2, 3)
        v = x[1:, 1:]
        s = x.untyped_storage()
        yield (
            s.nbytes(),
            len(s),
            s.data_ptr() == x.data_ptr(),
            v.untyped_storage().data_ptr() == s.data_ptr(),
            v.storage_offset(),
            v.data_ptr() - x.data_ptr(),
        )
        yield (
            type(s).__name__,
            s.size(),
            s.element_size(),
            isinstance(s, T.UntypedStorage),
            T.is_storage(s),
            s.device,
            s[0],
            list(s)[:8],
            s.tolist()[4:8],
        )
        typed = x.storage()
        yield (
            type(typed).__name__,
            len(typed),
            typed[1],
            typed.dtype,
            typed.tolist(),
            typed.size(),
            typed.nbytes(),
            typed.data_ptr() == x.data_ptr(),
        )
        typed[0] = 9.0
        yield (
            x,
            x.view(-1).untyped_storage().data_ptr() == s.data_ptr(),
            x.clone().untyped_storage().data_ptr() == s.data_ptr(),
            x.t().storage_offset(),
        )
        y = T.zeros(0)
        y.set_(x.untyped_storage(), 1, (2, 2), (3, 1)) if False else y.set_(x)
        yield y, y.data_ptr() == x.data_ptr(), y.is_set_to(x)
        z = T.empty(0)
        z.set_(x.untyped_storage(), 1, (2, 2), (3, 1))
        yield z, z.storage_offset(), z.stride()
        z.fill_(0)
        yield x
        w = T.arange(4)
        w.resize_(2, 3)
        yield w.shape, w.view(-1)[:4]
        w.resize_(2)
        yield w, w.untyped_storage().nbytes() >= 16
        c = s.clone()
        yield c.nbytes(), c.data_ptr() == s.data_ptr(), s.is_cuda, s.is_shared() in (True, False)
        yield T.UntypedStorage(8).nbytes(), x.untyped_storage().is_resizable() if hasattr(s, "is_resizable") else True
        b = T.ones(2, dtype=T.bfloat16)
        yield (
            b.untyped_storage().nbytes(),
            x.nbytes,
            x.itemsize,
            x.element_size(),
            T.ones(2, 3).expand(4, 2, 3).untyped_storage().nbytes(),
            x.expand(2, 2, 3).nbytes,
        )


def test_legacy_constructors_and_type_names(agree):
    @agree
    def session(T, error):
        for kind in "Float Double Half BFloat16 Byte Char Short Int Long Bool".split():
            name = f"{kind}Tensor"
            made = getattr(T, name)
            yield (
                made([1, 0]),
                made(2, 3).shape,
                made(2, 3).dtype,
                made().shape,
                isinstance(T.ones(2), made),
                isinstance(made([1]), made),
                isinstance(made([1]), T.Tensor),
                made.__name__,
                made.dtype,
            )
            yield (
                T.ones(2).type(made),
                T.ones(2).type(f"torch.{name}"),
                made([1]).type(),
                T.zeros(1).to(made([1]).dtype).type(),
                error(lambda: made("a")),
                error(lambda: made(1.5)),
            )
        yield (
            T.Tensor([1, 2]),
            T.Tensor(2, 3).shape,
            T.Tensor().shape,
            T.Tensor(T.ones(2)),
            error(lambda: T.Tensor(T.ones(2, dtype=T.int64))),
            T.Tensor(T.Size([2, 3])).shape,
            T.Tensor((2, 3)),
            T.Tensor(np.array([1, 2], np.float32)),
        )
        yield (
            error(lambda: T.Tensor(1.5)),
            error(lambda: T.Tensor("a")),
            error(lambda: T.Tensor(-1)),
            error(lambda: T.Tensor(None)),
            T.Tensor([[1, 2], [3, 4]]).dtype,
            T.ones(2).new([3, 4]),
            T.ones(2).new(2, 3).shape,
            T.LongTensor([1]).new([2]),
        )
        yield (
            T.ones(2).type(T.float64),
            T.ones(2).type("torch.DoubleTensor"),
            error(lambda: T.ones(2).type("torch.FooTensor")),
            T.ones(2).type(),
            isinstance(T.nn.Parameter(T.ones(1)), T.FloatTensor),
            issubclass(T.nn.Parameter, T.Tensor),
        )
        yield (
            isinstance(T.ones(1, dtype=T.float64), T.FloatTensor),
            isinstance(3, T.FloatTensor),
            T.is_tensor(T.ones(1)),
            T.is_tensor(3),
            type(T.FloatTensor([1])).__name__,
        )


def test_sizes_that_are_huge_negative_or_no_numbers(agree):
    @agree
    def session(T, error):
        for size in (
            -1,
            (2, -3),
            1.5,
            "a",
            None,
            (1, "a"),
            True,
            2**40,
            (2**31, 2**31),
            2**63,
            (2**62, 4),
            (0, 2**40),
            [],
            (),
            [[2]],
        ):
            for make in (T.zeros, T.ones, T.empty, T.rand, T.randn):
                yield error(lambda: make(size)).partition(":")[0].replace("MemoryError", "RuntimeError")
        yield (
            error(lambda: T.zeros(-1)),
            error(lambda: T.zeros(2, -3)),
            error(lambda: T.zeros("a")),
            error(lambda: T.zeros(1.5)),
            error(lambda: T.zeros((1, "a"))),
            error(lambda: T.arange(-1)),
            error(lambda: T.arange(0, 1, 0)),
            error(lambda: T.linspace(0, 1, -1)),
            error(lambda: T.eye(-1)),
        )
        yield (
            error(lambda: T.ones(2).view(3)),
            error(lambda: T.ones(2).view(-1, -1)),
            error(lambda: T.ones(2).view(-2, -1)),
            error(lambda: T.ones(0).view(-1, 0)),
            error(lambda: T.ones(2).expand(-1, 3)),
            error(lambda: T.ones(2).expand(2, 3)),
            error(lambda: T.ones(2).repeat(-1)),
            error(lambda: T.ones(2).reshape(5)),
            error(lambda: T.ones(2, 3).t().view(6)),
        )
        yield (
            error(lambda: T.ones(2) + T.ones(3)),
            error(lambda: T.ones(2, 3) @ T.ones(2, 3)),
            error(lambda: T.cat([T.ones(2, 3), T.ones(3, 2)])),
            error(lambda: T.stack([T.ones(2), T.ones(3)])),
            error(lambda: T.ones(2).sum(3)),
            error(lambda: T.ones(2, 3)[5]),
            error(lambda: T.ones(2).item()),
            error(lambda: T.ones(2) + "a"),
        )


def test_legacy_constructors_tell_sizes_from_data(agree):
    @agree
    def session(T, error):
        for given in ({1, 2}, {1: 2}, None, 1.5, "ab", np.float32(3), True, object(), range(3), (x for x in [1])):
            made = None if error(lambda: T.FloatTensor(given)) != "no error" else T.FloatTensor(given)
            yield made, error(lambda: T.FloatTensor(given))
        yield T.FloatTensor(np.int64(3)).shape, T.zeros(np.int64(2)), T.zeros(np.array([2, 3]))
        yield error(lambda: T.FloatTensor(2.0, 3)), error(lambda: T.LongTensor(2, 3, 4.5))


def test_inverting_what_has_no_bits_names_the_operator(agree):
    @agree
    def session(T, error):
        for dtype in DTYPES:
            yield error(lambda: ~T.ones(2, dtype=getattr(T, dtype)))


def test_a_negative_deviation_is_printed_as_c_does(agree):
    @agree
    def session(T, error):
        for std in (-1.0, -1e10, -1.23456789):
            yield error(lambda: T.normal(T.zeros(2), std))


def test_numpy_takes_a_parameter_where_nothing_is_recorded(agree):
    @agree
    def session(T, error):
        x = T.ones(2, requires_grad=True)
        with T.no_grad():
            yield x.numpy().tolist()
        yield error(lambda: x.numpy())


def test_a_number_made_of_a_tensor_with_a_history_is_warned_of_once():
    code = """
import warnings, flambeau as t
x = t.ones((), requires_grad=True)
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    t.no_grad()(lambda: float(x))(), int(x), float(x.detach())
    print(len(w))
    float(x), complex(x)
    print(len(w), w[0].message)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("0\n1 Converting a tensor with requires_grad=True to a scalar")


def test_what_is_no_integer_is_told_by_the_name_of_its_argument(agree):
    @agree
    def session(T, error):
        x = T.ones(2, 3)
        for wrong in ("a", 1.5):
            yield error(lambda: T.transpose(x, wrong, 1)), error(lambda: T.unsqueeze(x, wrong))
            yield error(lambda: T.chunk(x, wrong)), error(lambda: T.gather(x, wrong, x.long()))
            yield error(lambda: T.softmax(x, wrong)), error(lambda: T.cumsum(x, wrong))
            yield error(lambda: T.eye(wrong)), error(lambda: T.randperm(wrong)), error(lambda: T.multinomial(x, wrong))
        yield error(lambda: T.nn.functional.linear(x, 3)), error(lambda: T.nn.functional.linear(x, x, "a"))
        yield error(lambda: T.nn.Linear(2, 3)("a")), error(lambda: T.outer(3, x)), error(lambda: T.mm(x, [1]))
