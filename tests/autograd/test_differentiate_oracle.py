"""Sessions with `backward` and `grad` go in PyTorch's way: gradients, options, errors, what is kept and what is
freed."""

from __future__ import annotations


def leaf(T, *shape, dtype="float32", start=1.0):
    n = 1
    for s in shape:
        n *= s
    values = T.arange(n, dtype=T.float64).reshape(shape) * 0.5 + start
    return values.to(getattr(T, dtype)).requires_grad_()


def test_backward_accumulates(agree):
    @agree
    def session(T, error):
        x = leaf(T, 3)
        (x * x).sum().backward()
        yield x.grad
        first = x.grad
        (x * x).sum().backward()
        yield x.grad
        yield first is x.grad
        x.grad = None
        (x * 2).sum().backward()
        yield x.grad
        yield x.grad.requires_grad, x.grad.grad_fn


def test_backward_of_several_elements(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2, 2)
        y = x * 2
        yield error(lambda: y.backward())
        y.backward(T.ones(2, 2))
        yield x.grad
        yield error(lambda: (x * 2).backward(T.ones(3)))
        yield error(lambda: (x * 2).backward(1.0))
        yield error(lambda: (x * 2).backward([1.0]))
        yield error(lambda: (x * 2).backward(T.ones(2, 2, dtype=T.int64)))
        (x * 2).backward(T.ones(2, 2, dtype=T.float64))
        yield x.grad
        yield error(lambda: (x * 2).backward(T.ones(2, 2, dtype=T.complex64)))
        z = x[:1, :1] * 3
        z.backward()
        yield x.grad


def test_backward_without_graph(agree):
    @agree
    def session(T, error):
        x = T.ones(2)
        yield error(lambda: x.sum().backward())
        y = leaf(T, 2).detach()
        yield error(lambda: y.backward(T.ones(2)))
        yield error(lambda: T.autograd.backward([leaf(T, 2).sum(), T.ones(1).sum()]))
        yield error(lambda: T.autograd.grad(T.ones(1), T.ones(1)))
        yield error(lambda: T.autograd.grad(leaf(T, 2).sum(), T.ones(1)))
        w = leaf(T, 1)
        w.backward()
        yield w.grad
        yield T.autograd.grad(w, w)


def test_second_backward(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        y = (x * x).sum()
        y.backward()
        yield error(lambda: y.backward())
        z = (x + x).sum()
        z.backward()
        yield error(lambda: z.backward())
        yield x.grad
        v = x.exp().sum()
        v.backward(retain_graph=True)
        v.backward(retain_graph=True)
        v.backward()
        yield x.grad
        yield error(lambda: v.backward())
        u = x.exp()
        yield u.grad_fn._saved_result
        u.sum().backward()
        yield error(lambda: u.grad_fn._saved_result)


def test_inputs_option(agree):
    @agree
    def session(T, error):
        x, w, b = leaf(T, 3), leaf(T, 3), leaf(T, 3)
        h = x * w
        y = (h + b).sum()
        y.backward(inputs=[x, b], retain_graph=True)
        yield x.grad, w.grad, b.grad
        y.backward(inputs=[h], retain_graph=True)
        yield h.grad, x.grad
        y.backward(inputs=w, retain_graph=True)
        yield w.grad
        yield error(lambda: y.backward(inputs=[]))
        yield error(lambda: y.backward(inputs=[T.ones(3)]))
        y.backward(inputs=[leaf(T, 3)], retain_graph=True)
        T.autograd.backward(y, inputs=(x,))
        yield x.grad
        yield error(lambda: y.backward())


def test_grad_options(agree):
    @agree
    def session(T, error):
        x, w, u = leaf(T, 3), leaf(T, 3), leaf(T, 3)
        y = (x * x * w).sum()
        yield T.autograd.grad(y, x, retain_graph=True)
        yield T.autograd.grad(y, [x, w], retain_graph=True)
        yield error(lambda: T.autograd.grad(y, [x, u], retain_graph=True))
        yield T.autograd.grad(y, [x, u], retain_graph=True, allow_unused=True)
        yield T.autograd.grad(y, [x, u], retain_graph=True, materialize_grads=True)
        yield error(lambda: T.autograd.grad(y, [x, u], allow_unused=False, materialize_grads=True))
        yield x.grad, w.grad
        (g,) = T.autograd.grad(y, x, create_graph=True)
        yield g
        (gg,) = T.autograd.grad(g.sum(), w)
        yield gg
        yield error(lambda: T.autograd.grad(x * 2, x))
        yield T.autograd.grad([x * 2, w * x], [x, w], [T.ones(3), T.full((3,), 2.0)])
        yield T.autograd.grad([(x * 2).sum(), x * w], [x, w], [None, T.ones(3)])
        yield error(lambda: T.autograd.grad([x * 2, w * 3], [x], [T.ones(3)]))
        yield error(lambda: T.autograd.grad(x * 2, x, T.ones(4)))
        yield error(lambda: T.autograd.grad((x * 2).sum(), x, only_inputs=False))
        yield error(lambda: T.autograd.grad((x * 2).sum(), []))
        yield error(lambda: T.autograd.grad((x * 2).sum(), 3))
        yield error(lambda: T.autograd.grad(T.ones(3), x))


def test_grad_with_respect_to_inner_values(agree):
    @agree
    def session(T, error):
        x = leaf(T, 4)
        h = x * 3
        a, b = h.chunk(2)
        y = (a * a).sum() + b.sum()
        yield [g.contiguous() for g in T.autograd.grad(y, [h, a, b, x], retain_graph=True)]
        yield T.autograd.grad(y, y, retain_graph=True)
        yield T.autograd.grad(y, [x, x], retain_graph=True)
        v = x[1:3]
        yield error(lambda: T.autograd.grad(x.sum(), v))
        yield T.autograd.grad((v * v).sum(), v)


def test_batched_grads(agree):
    @agree
    def session(T, error):
        x = leaf(T, 3)
        y = x * x
        yield T.autograd.grad(y, x, T.eye(3), is_grads_batched=True, retain_graph=True)
        yield T.autograd.grad(y, x, (T.eye(3) * 2,), is_grads_batched=True)
        yield x.grad


def test_higher_derivatives(agree):
    @agree
    def session(T, error):
        x = leaf(T, dtype="float64", start=0.3)
        y = x.sin() * x.exp()
        for _ in range(4):
            (y,) = T.autograd.grad(y, x, create_graph=True)
            yield y.detach(), y.requires_grad
        x = leaf(T, 2)
        ((x**3).sum()).backward(create_graph=True)
        yield x.grad.detach(), x.grad.requires_grad
        g = x.grad
        x.grad = None
        g.sum().backward()
        yield x.grad


def test_create_graph_and_accumulation(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2)
        (x**3).sum().backward(create_graph=True)
        (x**2).sum().backward()
        yield x.grad.detach(), x.grad.requires_grad
        (x**2).sum().backward(create_graph=True)
        yield x.grad.detach(), x.grad.requires_grad


def test_gradients_keep_layout_and_dtype(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2, 3)
        x.t().contiguous().exp().sum().backward()
        yield x.grad
        h = T.ones(3, dtype=T.float16, requires_grad=True)
        (h * T.ones(3, dtype=T.float32)).sum().backward()
        yield h.grad
        b = T.ones(3, dtype=T.bfloat16, requires_grad=True)
        (b * b).sum().backward()
        yield b.grad
        d = T.ones(3, dtype=T.float64, requires_grad=True)
        (d.float() * 2).sum().backward()
        yield d.grad
        c = T.ones(2, dtype=T.complex64, requires_grad=True)
        (c * (1 + 2j)).abs().sum().backward()
        yield c.grad
        r = T.ones(2, requires_grad=True)
        (r * (1 + 2j)).abs().sum().backward()
        yield r.grad
        yield error(lambda: (c * c).sum().backward())
        e = T.ones(1, requires_grad=True).expand(4)
        e.retain_grad()
        (e * 2).sum().backward()
        yield e.grad
        t = leaf(T, 2, 3).detach().t().requires_grad_()
        (t * t).sum().backward()
        yield t.grad
        s = leaf(T, 6).detach()[::2].requires_grad_()
        (s * s).sum().backward()
        yield s.grad
        n = T.ones(2, 3, 4, 5).to(memory_format=T.channels_last).requires_grad_()
        (n * n).sum().backward()
        yield n.grad.stride()
        ex = T.ones(1).expand(3).requires_grad_()
        (ex * ex).sum().backward()
        yield ex.grad


def test_gradient_memory_is_ones_own(agree):
    @agree
    def session(T, error):
        x, y = leaf(T, 3), leaf(T, 3)
        (x + y).sum().backward()
        x.grad.add_(1)
        yield x.grad, y.grad
        g = T.ones(3)
        z = leaf(T, 3)
        z.backward(g)
        z.grad.add_(1)
        yield g, z.grad
        w = leaf(T, 3)
        (w * 1).backward(g)
        w.grad.zero_()
        yield g
        a = leaf(T, 3)
        b = a.detach()
        (a * b).sum().backward()
        a.grad.zero_()
        yield b


def test_assigned_gradients(agree):
    @agree
    def session(T, error):
        x = leaf(T, 3)
        yield error(lambda: setattr(x, "grad", T.ones(2)))
        yield error(lambda: setattr(x, "grad", T.ones(3, dtype=T.float64)))
        yield error(lambda: setattr(x, "grad", 1.0))
        yield error(lambda: setattr(x, "grad", x))
        x.grad = T.ones(3)
        x.sum().backward()
        yield x.grad
        del x.grad
        yield x.grad
        i = T.ones(3, dtype=T.int64)
        yield error(lambda: setattr(i, "grad", T.ones(3)))
        y = x * 2
        yield y.grad
        y.grad = T.ones(3)
        yield y.grad


def test_several_roots(agree):
    @agree
    def session(T, error):
        x = leaf(T, 3)
        T.autograd.backward([x.sum(), (x * x).sum()])
        yield x.grad
        T.autograd.backward([x * 2, x * 3], [T.ones(3), T.ones(3)])
        yield x.grad
        yield error(lambda: T.autograd.backward([x * 2, x * 3], [T.ones(3)]))
        yield error(lambda: T.autograd.backward([x * 2, x * 3]))
        y = x.sum()
        T.autograd.backward([y, y])
        yield x.grad


def test_requires_grad_rules(agree):
    @agree
    def session(T, error):
        x = T.ones(2)
        yield x.requires_grad, x.is_leaf, x.grad_fn
        yield error(lambda: T.ones(2, dtype=T.int64).requires_grad_())
        yield error(lambda: T.ones(2, dtype=T.bool, requires_grad=True))
        yield error(lambda: T.tensor([1, 2], requires_grad=True))
        x.requires_grad = True
        y = x * 2
        yield y.requires_grad, y.is_leaf
        yield error(lambda: setattr(y, "requires_grad", False))
        yield error(lambda: y.requires_grad_(False))
        y.requires_grad_()
        x.requires_grad_(False)
        yield x.requires_grad, y.requires_grad
        yield (x * 2).requires_grad
        z = leaf(T, 2)
        yield [
            (z > 0),
            z.argmax(),
            z.int(),
            z.detach(),
            z.data,
            z.sign(),
            z.round(),
            z.floor(),
            z.to(T.int32),
            z.bool(),
        ]
        yield [z.sort()[1], z.topk(1).indices, z.max(0).indices, T.zeros_like(z), z.new_ones(2), z.isnan()]
        yield error(lambda: setattr(z, "requires_grad", "yes"))
        with T.no_grad():
            w = z * 2
            yield w.requires_grad
            w.requires_grad_()
            v = z.detach().requires_grad_()
        yield w.is_leaf, v.requires_grad
        yield error(lambda: z.numpy())
        yield error(lambda: T.tensor(3.0, requires_grad=True).__array__())


def test_detached_values_share_memory(agree):
    @agree
    def session(T, error):
        x = leaf(T, 3)
        d = x.detach()
        d[0] = 9.0
        yield x
        y = (x * x).sum()
        d[1] = 5.0
        yield error(lambda: y.backward())
        x = leaf(T, 3)
        y = (x * x).sum()
        x.data[1] = 5.0
        y.backward()
        yield x.grad
        yield x._version, x.data._version
        z = x * 2
        z.detach_()
        yield z.requires_grad, z.is_leaf, z.grad_fn
        v = (x * 2)[0:1]
        yield error(lambda: v.detach_())
        x.data = T.zeros(5)
        yield x
        yield error(lambda: setattr(x, "data", 3))
        yield error(lambda: setattr(x, "data", T.zeros(3, dtype=T.int64)))


def test_names_of_nodes(agree):
    @agree
    def session(T, error):
        x = leaf(T, 2, 3)
        p = leaf(T, 2, 3)
        yield [
            x + p,
            x - p,
            x * p,
            x / p,
            x**2,
            2**x,
            x**p,
            -x,
            x.abs(),
            x.exp(),
            x.log(),
            x.sqrt(),
            x.sin(),
            x.tanh(),
            x.sigmoid(),
            x.relu(),
            x.sum(),
            x.sum(0),
            x.mean(),
            x.mean(1),
            x.max(),
            x.max(0)[0],
            x.t(),
            x.view(6),
            x.reshape(3, 2),
            x.unsqueeze(0),
            x.squeeze(),
            x.squeeze(0),
            x.expand(4, 2, 3),
            x[0],
            x[:, 1:],
            x[x > 1],
            x @ p.t(),
            x.mv(p[0]),
            x.clone(),
            x.clamp(0, 1),
            x.clamp(min=0),
            T.cat([x, p]),
            T.stack([x, p]),
            x.chunk(2)[0],
            x.split(1)[0],
            x.unbind()[1],
            x.permute(1, 0),
            x.flatten(),
            x.gather(1, T.zeros(2, 1, dtype=T.int64)),
            x.index_select(0, T.tensor([0])),
            T.where(x > 1, x, p),
            x.softmax(1),
            x.log_softmax(1),
            x.norm(),
            x.std(),
            x.var(),
            x.cumsum(0),
            x.prod(),
            x.repeat(2, 1),
            x.double(),
            x.contiguous(),
            x.t().contiguous(),
            x.masked_fill(x > 1, 0.0),
            x.pow(3),
            x.rsqrt(),
            x.reciprocal(),
            x.flip(0),
            x.roll(1),
            x.tril(),
            x.diagonal(),
            x.select(0, 1),
            x.narrow(1, 0, 2),
            1 / x,
            1 - x,
            x.outer if False else x[0].outer(p[0]),
            x[0].dot(p[0]),
            T.einsum("ij,kj->ik", x, p),
            T.bmm(x[None], p.t()[None]),
            x.addmm(T.ones(2, 2), p),
            x.sort()[0],
            x.topk(1)[0],
            x.lerp(p, 0.5),
            x.square(),
            x.view_as(p),
            x.swapaxes(0, 1),
            x.T,
            x.sum((0, 1)),
            x.amax(1),
            x.logsumexp(1),
            x.to(T.float64),
            x.fill_diagonal_ if False else x.nan_to_num(),
        ]


def test_next_functions_lead_to_the_leaves(agree):
    @agree
    def session(T, error):
        x, w = leaf(T, 2), leaf(T, 2)
        y = (x * w + 1).sum()
        names = []
        node = y.grad_fn
        while node is not None:
            names.append((type(node).__name__, node.name(), [n is not None for n, _ in node.next_functions]))
            node = node.next_functions[0][0] if node.next_functions else None
        yield names
        acc = (x * 2).grad_fn.next_functions[0][0]
        yield type(acc).__name__, acc.variable is x
        m = (x * 2).grad_fn
        m.metadata["a"] = 1
        yield m.metadata


def test_gradients_inside_of_a_forward_level_carry_tangents(agree):
    """Reverse mode within forward mode: the derivative of the gradient along a direction."""

    @agree
    def session(T, error):
        ad = T.autograd.forward_ad
        x = T.tensor([1.0, 2.0], dtype=T.float64, requires_grad=True)
        w = T.tensor([[0.5, 1.0], [0.2, -0.3]], dtype=T.float64, requires_grad=True)
        direction = T.tensor([1.0, 0.5], dtype=T.float64)
        with ad.dual_level():
            d = ad.make_dual(x, direction)
            y = (d.sin() * d.exp() + T.softmax(d, 0) * d + (w @ d).tanh() ** 2).sum()
            for create in (True, False):
                for g in T.autograd.grad(y, [d, x, w], retain_graph=True, create_graph=create):
                    yield g.detach(), ad.unpack_dual(g).tangent.detach(), g.requires_grad
                    yield ad.unpack_dual(g).tangent.requires_grad
