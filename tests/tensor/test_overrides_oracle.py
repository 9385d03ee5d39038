"""Subclasses of Tensor, classes like tensors, and modes see calls as the protocol `__torch_function__` says."""

from __future__ import annotations


def test_results_of_a_subclass_are_of_the_subclass(agree):
    @agree
    def session(T, error):
        class My(T.Tensor):
            pass

        a = T.tensor([1.0, 2.0]).as_subclass(My)
        b = T.ones(2)
        results = [
            a + 1,
            1 + a,
            a + b,
            b + a,
            a * a,
            -a,
            a.sum(),
            a.view(2, 1),
            a[0],
            a.exp(),
            T.exp(a),
            T.add(a, b),
            T.cat([b, a]),
            a.clone(),
            a.detach(),
            a.double(),
            a > 1,
            a.t(),
            a.reshape(1, 2),
            T.stack([a, a]),
            a @ b,
            a.max(),
            a.argmax(),
            a.mean(0),
            a / 2,
            2 / a,
            a**2,
            a.to(T.int64),
            T.zeros_like(a),
            a.new_zeros(2),
            T.where(a > 1, a, b),
            a.T,
            T.nn.functional.relu(a),
            a.softmax(0),
            a.unsqueeze(0),
            a.expand(2, 2),
            a.norm(),
        ]
        yield [type(r).__name__ for r in results]
        yield [r.as_subclass(T.Tensor).detach() for r in results]
        yield [type(r).__name__ for r in a.sort()], [type(r).__name__ for r in a.unbind()]
        yield (
            isinstance(a, T.Tensor),
            a.shape,
            a.tolist(),
            len(a),
            a.numpy().tolist(),
            type(a.data).__name__ in ("My", "Tensor"),
        )
        c = a.clone()
        yield c.add_(1) is c, type(c).__name__, c.as_subclass(T.Tensor)
        c += 1
        c[0] = 7
        yield type(c).__name__, c.as_subclass(T.Tensor)

        class Other(My):
            pass

        d = b.as_subclass(Other)
        yield type(a + d).__name__, type(d + a).__name__, repr(type(My(2)).__name__), type(My([1.0, 2.0])).__name__

        class Unrelated(T.Tensor):
            pass

        yield error(lambda: a + b.as_subclass(Unrelated)).partition(";")[0]
        p = T.nn.Parameter(b)
        yield type(p + 1).__name__, type(p * a).__name__
        x = T.ones(2, requires_grad=True)
        y = (x.as_subclass(My) * 3).sum()
        y.backward()
        yield x.grad, type(x.grad).__name__


def test_a_subclass_decides_what_happens(agree):
    @agree
    def session(T, error):
        log = []

        class Logged(T.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                log.append((func.__name__, [t.__name__ for t in types]))
                return super().__torch_function__(func, types, args, kwargs or {})

        a = T.tensor([3.0, 1.0, 2.0]).as_subclass(Logged)
        T.add(a, 2)
        T.sum(a, dim=0)
        T.sort(a, descending=True)
        T.cat([a, a])
        T.mean(a)
        T.nn.functional.softmax(a, dim=0)
        yield log[0], log[1], log[2], log[3], log[4]

        class Meta(T.Tensor):
            def __new__(cls, data, note=None, **kwargs):
                return super().__new__(cls, data, **kwargs)

            def __init__(self, data, note=None):
                self.note = note

            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                notes = [a.note for a in args if hasattr(a, "note")]
                result = super().__torch_function__(func, types, args, kwargs or {})
                result.note = notes[0]
                return result

        m = Meta([1.0, 2.0], note="hello")
        yield (m * 2).note, m.note, type(m * 2).__name__, (m * 2).sum().note, m.exp().note

        class Plain(T.Tensor):
            __torch_function__ = T._C._disabled_torch_function_impl

        q = T.ones(2).as_subclass(Plain)
        yield type(q + 1).__name__, type(q).__name__


def test_a_class_that_is_like_a_tensor_takes_functions_over(agree):
    @agree
    def session(T, error):
        handled = {}

        class Scalar:
            def __init__(self, value):
                self.value = value

            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                if func not in handled:
                    return NotImplemented
                return handled[func](*args, **(kwargs or {}))

        handled[T.mean] = lambda x, **k: x.value
        handled[T.add] = lambda x, y: ("added", getattr(x, "value", None), getattr(y, "value", None))
        handled[T.stack] = lambda xs, dim=0: ("stacked", len(xs), dim)
        s = Scalar(4)
        yield T.mean(s), T.add(s, s), T.add(T.ones(2), s), T.add(s, T.ones(1)), T.stack([s, s], dim=1)
        yield error(lambda: T.exp(s)).partition(";")[0]
        # a sparse tensor somewhere changes nothing
        kept = T.eye(2).to_sparse()
        yield T.mean(s), T.add(T.ones(2), s), T.stack([s, s]), error(lambda: T.exp(s)).partition(";")[0], kept.shape
        yield (
            T.overrides.is_tensor_like(s),
            T.overrides.has_torch_function((s,)),
            T.overrides.has_torch_function((T.ones(1),)),
        )

        def ours(a, b=1):
            if T.overrides.has_torch_function((a,)):
                return T.overrides.handle_torch_function(ours, (a,), a, b=b)
            return "plain"

        handled[ours] = lambda a, b: ("ours", a.value, b)
        yield ours(T.ones(1)), ours(s, b=3)


def test_a_mode_sees_every_call(agree):
    @agree
    def session(T, error):
        log = []

        class Seen(T.overrides.TorchFunctionMode):
            def __torch_function__(self, func, types, args=(), kwargs=None):
                log.append(func.__name__)
                return func(*args, **(kwargs or {}))

        class Doubled(T.overrides.TorchFunctionMode):
            def __torch_function__(self, func, types, args=(), kwargs=None):
                result = func(*args, **(kwargs or {}))
                return result * 2 if func is T.exp else result

        x = T.zeros(2)
        with Seen():
            y = T.exp(x)
            T.add(x, y)
            T.ones(3)
            T.cat([x, y])
            T.sum(x)
        yield list(log)
        with Doubled():
            y = T.exp(x)
            log.clear()
            with Seen():
                z = T.exp(x)
        yield log, y, z, T.exp(x)
