"""Hooks of every kind, what nodes save, and what in-place changes do to the graph, session by session as in PyTorch."""

# `error` calls at once what it is given
# ruff: noqa: B023
from __future__ import annotations


def leaf(T, *shape, start=1.0):
    n = 1
    for s in shape:
        n *= s
    return (T.arange(n, dtype=T.float32).reshape(shape) * 0.5 + start).requires_grad_()


def test_hooks_of_tensors_see_and_replace_gradients(agree):
    @agree
    def session(T, error):
        x = leaf(T, 3)
        y = x * 2
        seen = []
        handle = y.register_hook(lambda g: seen.append(g.clone()))
        y.register_hook(lambda g: g * 10)
        x.register_hook(lambda g: seen.append(g + 0))
        y.sum().backward()
        yield seen, x.grad
        handle.remove()
        handle.remove()
        (x * 2 + y.detach()).sum().backward()
        yield seen, x.grad
        yield error(lambda: T.ones(2).register_hook(print))
        z = x.exp()
        z.register_hook(lambda g: 1.0)
        yield error(lambda: z.sum().backward())
        w = x.exp()
        w.register_hook(lambda g: T.ones(2))
        yield error(lambda: w.sum().backward())
        v = x.exp()
        v.register_hook(lambda g: T.ones(3, dtype=T.float64))
        yield error(lambda: v.sum().backward())
        with (x * 1).register_hook(print):
            pass


def test_hooks_run_in_order_and_once_for_the_summed_gradient(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        log = []
        y = x * 2
        y.register_hook(lambda g: log.append(("y first", g.tolist())))
        y.retain_grad()
        y.register_hook(lambda g: g * 3)
        y.register_hook(lambda g: log.append(("y last", g.tolist())))
        x.register_hook(lambda g: log.append(("x", g.tolist())))
        x.register_post_accumulate_grad_hook(lambda t: log.append(("post", t is x, t.grad.tolist())))
        y.grad_fn.register_hook(
            lambda i, o: log.append(("node", [g.tolist() for g in i if g is not None], o[0].tolist()))
        )
        y.grad_fn.register_prehook(lambda o: log.append(("pre", o[0].tolist())))
        (y.sum() + (y * y).sum() + x.sum()).backward()
        yield log, y.grad, x.grad


def test_hooks_of_nodes_replace_gradients(agree):
    @agree
    def session(T, error):
        x, w = leaf(T, 2), leaf(T, 2)
        y = x * w
        y.grad_fn.register_prehook(lambda o: (o[0] * 2,))
        h = y.grad_fn.register_hook(lambda i, o: (i[0] + 1, i[1] * 0))
        y.sum().backward(retain_graph=True)
        yield x.grad, w.grad
        h.remove()
        y.sum().backward()
        yield x.grad, w.grad
        acc = x.expand_as(x).grad_fn.next_functions[0][0]
        log = []
        acc.register_hook(lambda i, o: log.append((len(i), [g.tolist() for g in o])))
        acc.register_prehook(lambda o: log.append(("pre", o[0].tolist())))
        x.grad = None
        (x * 3).sum().backward()
        yield log, x.grad


def test_hooks_are_recorded_only_where_the_gradients_are(agree):
    """So a hook may take the optimizer's step, whatever mode the program is in."""

    @agree
    def session(T, error):
        modes = []

        def note(name):
            modes.append((name, T.is_grad_enabled()))

        x = leaf(T, 2)
        with T.autograd.graph.saved_tensors_hooks(lambda t: (note("pack"), t)[1], lambda t: (note("unpack"), t)[1]):
            y = x.exp()
        y.register_hook(lambda g: note("tensor"))
        y.grad_fn.register_hook(lambda i, o: note("node"))
        y.grad_fn.register_prehook(lambda o: note("before the node"))
        x.register_post_accumulate_grad_hook(lambda p: note("accumulated"))
        y.sum().backward(retain_graph=True)
        yield modes
        with T.no_grad():
            (g,) = T.autograd.grad(y, x, T.ones(2), create_graph=True)
        yield g, modes
        p = leaf(T, 2)
        p.register_post_accumulate_grad_hook(lambda p: p.add_(p.grad, alpha=-0.1))
        (p * p).sum().backward()
        yield p


def test_post_accumulate_hooks_belong_to_leaves(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        yield error(lambda: (x * 1).register_post_accumulate_grad_hook(print))
        yield error(lambda: T.ones(1).register_post_accumulate_grad_hook(print))
        log = []

        def clear(t):
            log.append(t.grad.tolist())
            t.grad = None

        handle = x.register_post_accumulate_grad_hook(clear)
        (x * 2).sum().backward()
        yield log, x.grad
        T.autograd.grad((x * 2).sum(), x)
        yield log
        (x * 2).sum().backward(inputs=[x])
        yield log
        handle.remove()
        (x * 2).sum().backward()
        yield x.grad, log


def test_retain_grad_keeps_what_arrives(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        y = x * 2
        y.retain_grad()
        y.retain_grad()
        x.retain_grad()
        yield y.retains_grad, x.retains_grad
        (y * y).sum().backward(retain_graph=True)
        yield y.grad
        (y * 1).sum().backward()
        yield y.grad, x.grad
        yield error(lambda: T.ones(2).retain_grad())
        a, b = leaf(T, 4).split(2)
        b.retain_grad()
        (a + 3 * b).sum().backward()
        yield b.grad, a.grad
        z = leaf(T, 2) * 1
        z.retain_grad()
        z.mul_(2)
        z.sum().backward()
        yield z.grad


def test_hooks_of_several_gradients(agree):
    @agree
    def session(T, error):
        a, b, c = leaf(T, 2), leaf(T, 2), leaf(T, 2)
        log = []
        hook = lambda gs: log.append([None if g is None else g.tolist() for g in gs])
        handle = T.autograd.graph.register_multi_grad_hook((a, b, c), hook)
        (a * 2 + b * 3).sum().backward()
        yield log
        (a * b * c).sum().backward()
        yield log
        handle.remove()
        a.sum().backward()
        yield log
        first = []
        T.autograd.graph.register_multi_grad_hook((a, b), lambda g: first.append(g.tolist()), mode="any")
        (a * 2 + b * 2).sum().backward()
        yield first
        yield error(lambda: T.autograd.graph.register_multi_grad_hook((a,), print, mode="some"))


def test_hooks_may_be_differentiated_through(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        y = x * x
        y.register_hook(lambda g: g * x)
        (g,) = T.autograd.grad(y.sum(), x, create_graph=True)
        yield g.detach()
        yield T.autograd.grad(g.sum(), x)


def test_saved_tensors_hooks_pack_what_is_saved(agree):
    @agree
    def session(T, error):
        x, w = leaf(T, 2), leaf(T, 2)
        log = []

        def pack(t):
            log.append(("pack", [round(v, 3) for v in t.tolist()]))
            return [round(v, 3) for v in t.tolist()]

        def unpack(values):
            log.append(("unpack", values))
            return T.tensor(values)

        with T.autograd.graph.saved_tensors_hooks(pack, unpack):
            y = (x * w).exp()
        yield log
        y.sum().backward()
        yield sorted(map(str, log)), x.grad, w.grad
        with T.autograd.graph.save_on_cpu():
            z = (x * w).tanh()
        z.sum().backward()
        yield x.grad
        with T.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: 3):
            z = x.exp()
        yield error(lambda: z.sum().backward())
        with T.autograd.graph.disable_saved_tensors_hooks("not here"):
            yield error(lambda: T.autograd.graph.saved_tensors_hooks(pack, unpack).__enter__())


def test_saved_tensors_hooks_serve_second_derivatives(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        with T.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
            y = x.exp() * x.sin() * x
        (g,) = T.autograd.grad(y.sum(), x, create_graph=True)
        yield g.detach()
        yield T.autograd.grad(g.sum(), x)


def test_changed_values_are_noticed(agree):
    @agree
    def session(T, error):
        x = leaf(T, 3)
        for use in (
            lambda y: y.exp(),
            lambda y: y * y,
            lambda y: y.sigmoid(),
            lambda y: y + 1,
            lambda y: y.sum(),
            lambda y: y / 2,
            lambda y: 2 / y,
            lambda y: y**2,
            lambda y: y.relu(),
            lambda y: y.softmax(0),
            lambda y: y.view(3),
            lambda y: y @ y,
            lambda y: y.norm(),
            lambda y: y.max(),
            lambda y: y.sort()[0],
            lambda y: y.cumsum(0),
            lambda y: y.abs(),
            lambda y: y.clamp(0, 1),
            lambda y: y.sqrt(),
            lambda y: T.where(y > 1, y, y * 2),
            lambda y: y.log_softmax(0),
        ):
            y = x * 1.5
            z = use(y)
            y.add_(1)
            yield error(lambda: z.sum().backward())
            y = x * 1.5
            z = use(y)
            if z.grad_fn is not y.grad_fn:
                w = z.sum()
                with T.no_grad():
                    z.mul_(2)
                yield error(lambda: w.backward()).partition(" is at")[0]
        yield x._version, (x * 1)._version
        y = x * 1
        y[0] = 2
        y.zero_()
        y.view(3).add_(1)
        y.detach().mul_(2)
        yield y._version, y.view(3)._version, y.detach()._version, y.data._version, y.clone()._version
        i = T.tensor([0, 1])
        z = x[i]
        i.zero_()
        yield error(lambda: z.sum().backward())
        m = T.tensor([True, False, True])
        z = x.masked_fill(m, 0.0)
        m.fill_(False)
        yield error(lambda: z.sum().backward())


def test_in_place_rules_for_leaves_and_views(agree):
    @agree
    def session(T, error):
        x = leaf(T, 3)
        yield error(lambda: x.add_(1))
        yield error(lambda: x.__setitem__(0, 1.0))
        yield error(lambda: x[0:1].zero_())
        yield error(lambda: x.view(3).mul_(2))
        yield error(lambda: x.detach().mul_(1).add_(0))
        yield error(lambda: T.add(x, 1, out=x))
        yield error(lambda: T.add(x, 1, out=T.zeros(3)))
        yield error(lambda: T.add(T.ones(3), 1, out=x))
        yield error(lambda: x.t_())
        yield error(lambda: x.zero_())
        yield error(lambda: x.copy_(T.ones(3)))
        yield error(lambda: x.fill_(1))
        yield error(lambda: x.uniform_())
        yield error(lambda: x.resize_(4))
        yield x, x._version
        with T.no_grad():
            x.add_(1)
            x[0] = 5
            v = x[1:]
            v.mul_(2)
            n = x * 1
            n.add_(1)
        yield x, x._version, n.requires_grad
        yield error(lambda: v.add_(1))
        with T.no_grad():
            v = x.view(3)
        yield error(lambda: v.add_(x))
        y = x * 1
        for part in y.split(1), y.unbind(), y.chunk(3):
            yield error(lambda: part[0].add_(1))
        y = T.ones(3)
        y.add_(x)
        yield y.requires_grad, y.grad_fn.name(), y.is_leaf
        y.sum().backward()
        yield x.grad
        b = T.zeros(2, 3)
        b[0] = x
        b[1].mul_(2).add_(x)
        yield b
        b.pow(2).sum().backward()
        yield x.grad
        d = x.detach()
        d.requires_grad_()
        yield error(lambda: d.mul_(2))
        e = T.ones(1, 3).expand(2, 3)
        yield error(lambda: e.add_(1))
        yield error(lambda: e.__setitem__(0, 1.0))
        yield error(lambda: T.ones(3).add_(T.ones(2, 3)))
        yield error(lambda: T.ones(3).add_(T.ones(4)))
        yield error(lambda: T.ones(3, dtype=T.int64).add_(1.5))
        yield error(lambda: T.ones(3, dtype=T.int64).div_(2))
        yield error(lambda: T.ones(3, dtype=T.bool).add_(1))
        yield error(lambda: T.ones(3).mul_(1j))


def test_failed_in_place_operations_change_nothing(agree):
    @agree
    def session(T, error):
        x = T.arange(4)
        for wrong in (
            lambda: x.add_(T.ones(3)),
            lambda: x.add_(1.5),
            lambda: x.div_(2),
            lambda: x.copy_(T.ones(5)),
            lambda: x.mul_("a"),
            lambda: x.__setitem__(7, 1),
            lambda: x.__setitem__(slice(0, 2), T.ones(3)),
            lambda: x.masked_fill_(T.ones(3).bool(), 1),
            lambda: x.index_add_(0, T.tensor([9]), T.tensor([1])),
            lambda: x.scatter_(0, T.tensor([7]), 1),
            lambda: x.clamp_(),
            lambda: x.view(5).zero_(),
            lambda: x.unsqueeze_(5),
            lambda: x.squeeze_(3),
            lambda: x.transpose_(0, 4),
            lambda: x.fill_(T.ones(2)),
            lambda: x.sqrt_(),
            lambda: x.index_fill_(0, T.tensor([5]), 1),
            lambda: x.index_copy_(0, T.tensor([0]), T.tensor([1.0])),
            lambda: x.pow_(-1),
            lambda: x.bitwise_and_(1.5),
            lambda: x.random_(5, 1),
            lambda: x.normal_(),
        ):
            yield error(wrong).partition(" ")[0]
            yield x, x._version


def test_views_know_their_base(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2, 3)
        y = x * 1
        for v in (
            y[0],
            y.t(),
            y.view(-1),
            y[0][1:],
            y.detach(),
            y.clone(),
            y.expand(2, 2, 3),
            y.diagonal(),
            y.reshape(6),
            y.flatten(),
            y.contiguous(),
        ):
            yield v._base is y, v._base is None, v._is_view()
        n = T.ones(3)
        yield n[1:]._base is n, n.data._base is None


def test_anomaly_mode_names_the_forward_line(agree):
    @agree
    def session(T, error):
        x = T.tensor([0.0, 1.0], requires_grad=True)
        yield error(lambda: (x.sqrt() * 0).sum().backward())
        x.grad = None
        with T.autograd.detect_anomaly():
            yield error(lambda: (x.sqrt() * 0).sum().backward())
        with T.autograd.detect_anomaly(check_nan=False):
            yield error(lambda: (x.sqrt() * 0).sum().backward())
        with T.autograd.set_detect_anomaly(True):
            y = x * 1
            z = y.exp()
            z.add_(1)
            yield error(lambda: z.sum().backward())
        yield T.is_anomaly_enabled(), T.is_anomaly_check_nan_enabled()


def test_gradient_edges_stand_for_tensors(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        y = x * 2
        edge = T.autograd.graph.get_gradient_edge(y)
        yield type(edge.node).__name__, edge.output_nr
        z = (y * y).sum()
        yield T.autograd.grad(z, edge, retain_graph=True)
        yield T.autograd.grad(z, (edge, x), retain_graph=True)
        yield T.autograd.grad(T.autograd.graph.get_gradient_edge(y), x, T.ones(2), retain_graph=True)
        yield error(lambda: T.autograd.graph.get_gradient_edge(T.ones(1)))
        T.autograd.graph.increment_version(y)
        yield error(lambda: z.backward())


def test_views_made_where_nothing_is_recorded_say_that_they_require_a_gradient(agree):
    @agree
    def session(T, error):
        x = leaf(T, 6)
        for source in (x, x * 2, x.detach()):
            with T.no_grad():
                views = [source[1:], source.view(2, 3), source.reshape(3, 2).t(), *source.split(3), source.unbind()[0]]
                views += [source.expand(2, 6), source.view(2, 3).mT[0], source.detach(), source.data, source.clone()]
            for view in views:
                yield view, view.requires_grad, view.is_leaf, view.grad_fn is None
        with T.no_grad():
            v = x.view(2, 3)
            v[0] = 7
            v.mul_(2)
        yield x, error(lambda: v.mul_(2)), error(lambda: v.numpy())
