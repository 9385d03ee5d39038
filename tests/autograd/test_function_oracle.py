"""Functions with a forward and a backward of one's own behave as in PyTorch, in every option and every mistake."""

# `error` calls at once what it is given
# ruff: noqa: B023
from __future__ import annotations


def leaf(T, *shape, start=1.0):
    n = 1
    for s in shape:
        n *= s
    return (T.arange(n, dtype=T.float32).reshape(shape) * 0.5 + start).requires_grad_()


def test_saved_tensors_attributes_and_needs_input_grad(agree):
    @agree
    def session(T, error):
        class Scale(T.autograd.Function):
            @staticmethod
            def forward(ctx, x, w, k, name=None):
                ctx.save_for_backward(x, w, None)
                ctx.k = k
                ctx.seen = (ctx.needs_input_grad, T.is_grad_enabled(), x.requires_grad, x.is_leaf)
                return x * w * k

            @staticmethod
            def backward(ctx, g):
                x, w, none = ctx.saved_tensors
                facts.append((ctx.needs_input_grad, none, T.is_grad_enabled(), g.tolist(), x.requires_grad))
                return g * w * ctx.k, (g * x * ctx.k if ctx.needs_input_grad[1] else None), None, None

        facts = []
        x, w = leaf(T, 2), leaf(T, 2)
        y = Scale.apply(x, w, 3.0)
        yield y, y.grad_fn.name(), y.grad_fn.seen, y.grad_fn.k, [n is None for n, _ in y.grad_fn.next_functions]
        y.sum().backward()
        yield facts, x.grad, w.grad
        yield error(lambda: y.grad_fn.saved_tensors)
        yield error(lambda: y.sum().backward())
        z = Scale.apply(x, w.detach(), 3.0, "named")
        yield z.grad_fn.needs_input_grad
        yield Scale.apply(x.detach(), w.detach(), 2)
        with T.no_grad():
            yield Scale.apply(x, w, 2)
        yield error(lambda: Scale.apply(x, w, k=2))
        (gx,) = T.autograd.grad(Scale.apply(x, w, 3.0).sum(), x, create_graph=True)
        yield gx, T.autograd.grad(gx.sum(), w)


def test_setup_context_and_several_outputs(agree):
    @agree
    def session(T, error):
        class Both(T.autograd.Function):
            @staticmethod
            def forward(x):
                return x.sin(), x.cos(), 7

            @staticmethod
            def setup_context(ctx, inputs, output):
                (x,) = inputs
                ctx.save_for_backward(x, output[0])

            @staticmethod
            def backward(ctx, gs, gc, none):
                x, s = ctx.saved_tensors
                log.append((gs.tolist(), gc.tolist(), none))
                return gs * x.cos() - gc * s

        log = []
        x = leaf(T, 2)
        s, c, seven = Both.apply(x)
        yield s, c, seven, s.grad_fn is c.grad_fn, s.output_nr, c.output_nr
        c.sum().backward()
        yield log, x.grad
        s, c, _ = Both.apply(x)
        (g,) = T.autograd.grad((s * c).sum(), x, create_graph=True)
        yield g.detach(), T.autograd.grad(g.sum(), x)


def test_gradients_that_are_missing_or_not_wanted(agree):
    @agree
    def session(T, error):
        class Split(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.set_materialize_grads(False)
                n = (x > 1).int()
                m = x * 0
                ctx.mark_non_differentiable(n, m)
                return x * 2, x * 3, n, m

            @staticmethod
            def backward(ctx, a, b, n, m):
                log.append([None if g is None else g.tolist() for g in (a, b, n, m)])
                return None if a is None else a * 2

        log = []
        x = leaf(T, 2)
        a, b, n, m = Split.apply(x)
        yield [t.requires_grad for t in (a, b, n, m)], n, m.grad_fn
        a.sum().backward()
        yield x.grad, log
        a, b, n, m = Split.apply(x)
        b.sum().backward()
        yield x.grad, log


def test_changed_inputs_are_marked_dirty(agree):
    @agree
    def session(T, error):
        class Double(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                x.mul_(2)
                ctx.mark_dirty(x)
                return x

            @staticmethod
            def backward(ctx, g):
                return g * 2

        x = leaf(T, 2)
        yield error(lambda: Double.apply(x))
        y = x * 1
        z = Double.apply(y)
        yield z is y, y, y._version
        (y * y).sum().backward()
        yield x.grad
        base = T.zeros(2, 2)
        row = base[0]
        base[1] = leaf(T, 2)
        Double.apply(row)
        yield base


def test_outputs_that_are_inputs_or_views(agree):
    @agree
    def session(T, error):
        class Same(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x

            @staticmethod
            def backward(ctx, g):
                return g * 5

        class Row(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x[0]

            @staticmethod
            def backward(ctx, g):
                return T.stack([g, g * 0])

        x = leaf(T, 2)
        y = Same.apply(x)
        yield y is x, y, x.is_leaf
        y.sum().backward()
        yield x.grad
        w = leaf(T, 2, 2)
        Row.apply(w * 1).sum().backward()
        yield w.grad


def test_mistakes_in_functions_are_named(agree):
    @agree
    def session(T, error):
        def function(back, count=1):
            class Made(T.autograd.Function):
                @staticmethod
                def forward(ctx, x):
                    return x * 1

                backward = staticmethod(back)

            return Made

        x = leaf(T, 2)
        for back in (
            lambda ctx, g: (g, g),
            lambda ctx, g: (g, None),
            lambda ctx, g: g[:1],
            lambda ctx, g: T.ones(3),
            lambda ctx, g: "a",
            lambda ctx, g: None,
            lambda ctx, g: g.double(),
            lambda ctx, g: g.sum(),
            lambda ctx, g: g.expand(4, 2),
            lambda ctx, g: (),
            lambda ctx, g: 1 / 0,
        ):
            x.grad = None
            yield error(lambda: function(back).apply(x).sum().backward()), x.grad

        class NoBackward(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 1

        yield error(lambda: NoBackward.apply(x).sum().backward())

        class NoForward(T.autograd.Function):
            pass

        yield error(lambda: NoForward.apply(x))

        class Old(T.autograd.Function):
            def forward(self, x):
                return x

        yield error(lambda: Old()(x)).partition(":")[0]

        class Saves(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x.tolist())
                return x * 1

        yield error(lambda: Saves.apply(x))

        class Changed(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 2 * g * x

        y = x * 1
        z = Changed.apply(y)
        y.add_(1)
        yield error(lambda: z.sum().backward())


def test_once_differentiable_refuses_a_second_time(agree):
    @agree
    def session(T, error):
        from_function = T.autograd.function.once_differentiable

        class Cube(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x**3

            @staticmethod
            @from_function
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 3 * g * x * x

        x = leaf(T, 2)
        Cube.apply(x).sum().backward()
        yield x.grad
        (g,) = T.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
        yield g.detach()
        yield error(lambda: g.sum().backward())


def test_saved_outputs_and_double_backward(agree):
    @agree
    def session(T, error):
        class Exp(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                y = x.exp()
                ctx.save_for_backward(y)
                return y

            @staticmethod
            def backward(ctx, g):
                (y,) = ctx.saved_tensors
                return g * y

        x = leaf(T, 2)
        y = Exp.apply(x)
        for _ in range(3):
            (y,) = T.autograd.grad(y.sum(), x, create_graph=True)
            yield y.detach()
        z = Exp.apply(x)
        z.mul_(2)
        yield error(lambda: z.sum().backward())


def test_modes_hold_inside_blocks_functions_generators_and_classes(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)

        @T.no_grad()
        def quiet(t):
            return (t * 2).requires_grad, T.is_grad_enabled()

        @T.no_grad
        def bare(t):
            return (t * 2).requires_grad

        @T.inference_mode()
        def infer(t):
            return (t * 2).is_inference(), T.is_inference_mode_enabled(), T.is_grad_enabled()

        @T.enable_grad()
        def loud(t):
            return (t * 2).requires_grad

        yield quiet(x), bare(x), infer(x), quiet.__name__
        with T.no_grad():
            yield loud(x), T.is_grad_enabled()
            with T.enable_grad():
                yield T.is_grad_enabled()
                with T.no_grad():
                    yield T.is_grad_enabled()
            yield T.is_grad_enabled()
        yield T.is_grad_enabled()

        @T.no_grad()
        def numbers():
            sent = yield T.is_grad_enabled()
            yield sent, T.is_grad_enabled()
            try:
                yield 3
            except ValueError:
                yield "caught", T.is_grad_enabled()
            return 5

        g = numbers()
        yield (
            next(g),
            T.is_grad_enabled(),
            g.send("a"),
            T.is_grad_enabled(),
            next(g),
            g.throw(ValueError()),
            T.is_grad_enabled(),
        )
        yield list(numbers())[0]
        T.set_grad_enabled(False)
        yield T.is_grad_enabled(), (x * 1).requires_grad
        T.set_grad_enabled(True)
        with T.set_grad_enabled(False):
            yield T.is_grad_enabled()
        yield T.is_grad_enabled()

        @T.set_grad_enabled(False)
        def off():
            return T.is_grad_enabled()

        yield off(), T.is_grad_enabled()

        def fails():
            with T.no_grad():
                raise ValueError("x")

        yield error(fails), T.is_grad_enabled()
        with T.inference_mode(False):
            yield T.is_inference_mode_enabled()

        class Net:
            @T.no_grad()
            def __init__(self):
                self.on = T.is_grad_enabled()

        yield Net().on


def test_tensors_of_inference_mode_stay_outside_of_graphs(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        with T.inference_mode():
            y = x * 2
            z = T.ones(2)
            y.add_(1)
            v = x.view(2)
            yield y.is_inference(), z.is_inference(), y.requires_grad, v.is_inference(), error(lambda: y._version)
        yield error(lambda: y.clone().detach())
        yield error(lambda: x * y)
        yield (x + y).requires_grad
        yield error(lambda: y.requires_grad_())
        yield (z * 2).is_inference(), z.clone().is_inference()
        yield (z.clone() * x).requires_grad
        with T.inference_mode():
            y.mul_(2)
            yield y
            w = T.ones(2, requires_grad=True)
            yield w.requires_grad, (w * 2).requires_grad
        yield error(lambda: x.add_(y))
        with T.no_grad():
            x.copy_(y)
        yield x


def test_modes_belong_to_their_thread(agree):
    @agree
    def session(T, error):
        import threading

        x = leaf(T, 2)
        seen = []

        def other():
            seen.append((T.is_grad_enabled(), (x * 2).requires_grad))

        with T.no_grad():
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            yield seen, T.is_grad_enabled()

        def train():
            for _ in range(20):
                (x * x).sum().backward()

        with T.inference_mode():
            threads = [threading.Thread(target=train) for _ in range(1)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        yield x.grad


def test_checkpoint_computes_again_what_it_did_not_keep(agree):
    @agree
    def session(T, error):
        from importlib import import_module

        checkpoint = import_module(T.__name__ + ".utils.checkpoint").checkpoint
        calls = []

        def block(a, b, scale=1.0):
            calls.append(T.is_grad_enabled())
            return (a * b).sin() * scale * T.rand(2)

        for reentrant in (True, False):
            x, w = leaf(T, 2), leaf(T, 2)
            calls.clear()
            T.manual_seed(3)
            y = checkpoint(block, x, w, use_reentrant=reentrant)
            yield y.requires_grad, len(calls)
            drawn = T.rand(1).item()
            y.sum().backward()
            yield x.grad, w.grad, len(calls), drawn, T.rand(1).item()
        x = leaf(T, 2)
        y = checkpoint(block, x, x, use_reentrant=False, scale=2.0)
        (g,) = T.autograd.grad(y.sum(), x)
        yield g.shape
        yield error(lambda: T.autograd.grad(checkpoint(block, x, x, use_reentrant=True).sum(), x))
        yield error(lambda: checkpoint(block, x, x, use_reentrant=True, scale=2.0))
        z = checkpoint(lambda t: t.exp() * t, x, use_reentrant=False)
        z.sum().backward(retain_graph=True)
        first = x.grad.clone()
        z.sum().backward()
        yield x.grad - first, first
        (g,) = T.autograd.grad(checkpoint(lambda t: t.exp() * t, x, use_reentrant=False).sum(), x, create_graph=True)
        yield T.autograd.grad(g.sum(), x)
        with T.no_grad():
            yield checkpoint(lambda t: t * 2, x, use_reentrant=False)
        yield checkpoint(lambda t: (t * 2, None, 3), x, use_reentrant=False)


def test_gradcheck_looks_at_the_directions_it_is_asked_for_and_draws_the_same_numbers(agree):
    @agree
    def session(T, error):
        class OnlyForward(T.autograd.Function):
            @staticmethod
            def forward(ctx, x, k):
                ctx.k, ctx.r = k, T.exp(x)
                return ctx.r

            @staticmethod
            def jvp(ctx, gx, gk):
                return gx * ctx.r * ctx.k

        T.manual_seed(0)
        x = T.randn(2, dtype=T.double, requires_grad=True)
        check, forward = T.autograd.gradcheck, {"check_forward_ad": True, "check_backward_ad": False}
        yield [
            check(lambda a: OnlyForward.apply(a, 1.0), (x,), **forward),
            check(lambda a: OnlyForward.apply(a, 2.0), (x,), raise_exception=False, **forward),
            error(lambda: check(lambda a: OnlyForward.apply(a, 2.0), (x,), **forward)),
            error(lambda: check(T.sin, (x,), check_backward_ad=False)),
            error(lambda: check(lambda a: a.detach() * 2, (x,))),
            check(T.sin, (x,), check_forward_ad=True, check_batched_grad=True),
        ]


def test_the_node_of_a_function_says_where_it_is_from(agree):
    @agree
    def session(T, error):
        class Same(T.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 1

            @staticmethod
            def backward(ctx, g):
                return g

        node = Same.apply(T.ones(2, requires_grad=True)).grad_fn
        yield type(node).__module__, repr(node).partition(" at ")[0]


def test_random_numbers_after_gradgradcheck_are_those_that_follow_its_gradients(agree):
    @agree
    def session(T, error):
        T.manual_seed(3)
        T.autograd.gradgradcheck(T.sin, (T.ones(2, dtype=T.double, requires_grad=True),))
        yield T.rand(1)
