"""The backward pass at scale: long chains, wide graphs, memory that is given back at once and leaves no cycles."""

from __future__ import annotations

import gc
import sys
import threading
import tracemalloc
import weakref

import pytest

import flambeau as torch


def chain(x, length):
    for _ in range(length):
        x = x + 1
    return x


def test_a_chain_of_a_million_nodes_goes_back_and_is_freed_without_recursion():
    limit = sys.getrecursionlimit()
    x = torch.ones((), requires_grad=True)
    y = chain(x, 1_000_000)
    y.backward()
    assert x.grad.item() == 1.0
    z = chain(x, 200_000)
    node = weakref.ref(z.grad_fn)
    del y, z
    assert node() is None
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("use", ["grad", "create_graph", "inputs"])
def test_long_chains_go_back_in_every_kind_of_pass(use):
    x = torch.ones(2, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y * 1.0
    if use == "grad":
        (g,) = torch.autograd.grad(y.sum(), x)
    elif use == "create_graph":
        (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    else:
        y.sum().backward(inputs=[x])
        g = x.grad
    assert g.tolist() == [1.0, 1.0]


def test_a_chain_of_views_and_in_place_changes_is_freed_without_recursion():
    x = torch.ones(4, requires_grad=True) * 1
    v = x
    for _ in range(20_000):
        v = v.view(4)
    v.mul_(2)
    x.sum().backward()
    y = torch.zeros(3) + torch.zeros(3, requires_grad=True)
    for _ in range(5_000):
        y[0] += 1
        y.add_(1)
    y.sum().backward()
    del v, x, y


def session():
    """Much of what makes graphs: losses, hooks, views, in-place changes, functions of one's own, second derivatives."""

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx, g):
            x, y = ctx.saved_tensors
            return g * 2

    x, w = torch.ones(3, 4, requires_grad=True), torch.ones(4, 2, requires_grad=True)
    y = (x @ w).exp()
    y.retain_grad()
    y.register_hook(lambda g: g * 1)
    y.sum().backward()
    z = x * 1
    z[0].mul_(2)
    z.view(-1)[2:] += 1
    z.sum().backward()
    Double.apply(x).sum().backward()
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    g.sum().backward()
    x.grad = None
    (x**3).sum().backward(create_graph=True)
    abandoned = (x * w.sum()).softmax(1)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        x.sin().sum().backward()
    values, indices = x.sort()
    (values.sum() + sum(x.unbind()[0])).backward()
    return abandoned


def test_graphs_leave_nothing_for_the_garbage_collector():
    session()
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            session()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        # the classes that a session declares are cycles of Python's own
        ours = [o for o in gc.garbage if isinstance(o, (torch.Tensor, torch.autograd.graph.Node))]
        assert not ours, [type(o).__name__ for o in ours]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def test_what_a_pass_no_longer_needs_is_freed():
    x = torch.ones(1000, requires_grad=True)
    y = x.exp()
    array = weakref.ref(y._array)
    z = y.sum()
    del y
    assert array() is not None
    z.backward()
    assert array() is None


def test_the_memory_of_a_training_loop_stays_flat():
    torch.manual_seed(0)
    w = torch.randn(50, 50, requires_grad=True)
    x = torch.randn(20, 50)

    def step():
        loss = ((x @ w).relu() ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.01 * w.grad)
        w.grad = None
        w.data.mul_(1.0)

    for _ in range(10):
        step()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            step()
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()
        gc.enable()


def test_gradients_of_a_wide_graph_are_sums_whatever_the_order():
    x = torch.ones(3, requires_grad=True)
    parts = [x * float(i) for i in range(300)]
    torch.stack(parts).sum().backward(retain_graph=True)
    assert x.grad.tolist() == [44850.0] * 3
    x.grad = None
    sum(p.sum() for p in reversed(parts)).backward()
    assert x.grad.tolist() == [44850.0] * 3


def test_an_error_in_a_pass_leaves_the_library_usable():
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        y.sum().backward()
    assert x.grad is None and torch.is_grad_enabled()
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_threads_that_share_a_leaf_add_up():
    x = torch.zeros(4, requires_grad=True)

    def work():
        for _ in range(50):
            (x * 1.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert x.grad.shape == (4,) and x.grad[0] > 50


def test_anomaly_mode_shows_the_users_line():
    x = torch.tensor([0.0], requires_grad=True)
    with pytest.warns(UserWarning, match="Anomaly Detection"), torch.autograd.detect_anomaly():
        y = x.sqrt()  # the line to be shown
        with (
            pytest.warns(UserWarning, match="# the line to be shown") as heard,
            pytest.raises(RuntimeError, match="nan"),
        ):
            (y * 0).sum().backward()
    text = str(heard[-1].message)
    assert "SqrtBackward0" in text and text.rstrip().endswith("# the line to be shown")


@pytest.mark.parametrize("is_leaf", [True, False])
def test_hooks_of_a_tensor_see_one_gradient_until_one_replaces_it(is_leaf):
    """What a hook leaves on the gradient, the next one finds, as it finds the tensor that another returned."""
    x = torch.ones(2, requires_grad=True)
    y = x if is_leaf else x * 1
    seen = []
    y.register_hook(seen.append)
    y.register_hook(lambda g: setattr(g, "mark", 5))
    y.register_hook(lambda g: seen.append(g) or g * 2)
    y.register_hook(seen.append)
    (y * 3).sum().backward()
    assert seen[0] is seen[1] and seen[1].mark == 5 and seen[2] is not seen[1]
    assert x.grad.tolist() == [6.0, 6.0]
