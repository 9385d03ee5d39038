"""What is written into a tensor broadcasts, and is refused, as in PyTorch: by `x[...] = y` and by `x.copy_(y)`."""

from __future__ import annotations

import itertools

import pytest

import flambeau

torch = pytest.importorskip("torch")
SHAPES = [(), (1,), (2,), (3,), (1, 2), (2, 1), (2, 3), (3, 2), (1, 1, 2), (2, 2, 2)]


def assign(x, y):
    x[...] = y


def assign_row(x, y):
    x[0] = y


def copy(x, y):
    x.copy_(y)


def outcome(T, write, shape, source, dtype, recorded: bool):
    """What is there after a write, or the class and first line of what it raised."""
    x = T.zeros(shape, requires_grad=recorded).clone()
    try:
        write(x, T.ones(source, dtype=getattr(T, dtype)))
    except Exception as error:
        return type(error).__name__, str(error).splitlines()[0]
    return x.tolist()


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "int64"])
@pytest.mark.parametrize("write", [assign, assign_row, copy])
def test_writes_of_any_shape_do_or_say_what_they_do_in_pytorch(write, dtype, recorded):
    for shape, source in itertools.product(SHAPES, SHAPES):
        if write is assign_row and not shape:
            continue
        expected, got = (outcome(T, write, shape, source, dtype, recorded) for T in (torch, flambeau))
        assert got == expected, f"{write.__name__} of {source} to {shape}"


def test_writing_one_number_everywhere_is_named_in_the_graph(agree):
    @agree
    def session(T, error):
        def fresh():
            return T.ones(2, 3, requires_grad=True) * 2

        yield fresh().zero_(), fresh().fill_(0), fresh().fill_(T.tensor(1.0)), T.zero_(fresh())
        yield T.zeros(3).fill_(T.tensor(1.0, requires_grad=True))
        silent = fresh()
        with T.no_grad():
            silent.zero_()
        yield silent


def test_results_of_pooling_and_recurrent_layers_may_be_overwritten(agree):
    """Their gradients need the inputs only; that of a sigmoid needs its result, and says so."""

    def session(T, error):
        T.manual_seed(0)
        x = T.rand(2, 3, 6, 6, requires_grad=True)
        layers = [
            T.nn.MaxPool2d(2),
            lambda x: T.nn.functional.max_pool2d(x, 3, stride=2, padding=1, return_indices=True)[0],
            lambda x: T.nn.MaxPool1d(2)(x[0]),
            lambda x: T.nn.MaxPool3d(2)(x),
            lambda x: T.nn.MaxPool2d(2)(x.bfloat16()).float(),
            lambda x: T.nn.GRU(6, 4, num_layers=2)(x[0])[0],
            lambda x: T.nn.RNN(6, 4)(x[0])[0],
        ]
        for layer in layers:
            y = layer(x)
            y.sub_(0.5).relu_().square().sum().backward(retain_graph=True)
            y.sum().backward()
            yield [round(v, 4) for v in x.grad.flatten().tolist()]
            x.grad = None
        y = T.nn.functional.max_pool2d(x, 2)
        y.relu_()
        (first,) = T.autograd.grad(y.pow(3).sum(), x, create_graph=True)
        first.pow(2).sum().backward()
        yield [round(v, 4) for v in x.grad.flatten().tolist()]
        yield error(lambda: x.sigmoid().add_(1).sum().backward())

    agree(session)
