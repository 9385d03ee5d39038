"""Tables with sparse gradients are trained as in PyTorch, and L-BFGS takes the very steps that PyTorch takes."""

import warnings

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")

STEPS = 20


@pytest.fixture(autouse=True)
def no_notes():
    """PyTorch says of sparse tensors that it does not check their indices."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def trained(T, make, bag: bool = False, steps: int = STEPS, clear: bool = True) -> tuple[list, np.ndarray]:
    """The losses and the table after some steps; in the fourth, gradients of two passes are added up."""
    T.manual_seed(1)
    table = T.nn.EmbeddingBag(11, 4, sparse=True) if bag else T.nn.Embedding(11, 4, sparse=True, padding_idx=2)
    weights = T.randn(4, 3)
    optimizer = make(T.optim, list(table.parameters()))
    losses = []
    for step in range(steps):
        numbers, labels = T.randint(0, 11, (5, 3)), T.randint(0, 3, (5,))
        optimizer.zero_grad(set_to_none=step % 2 == 0)
        for _ in range(1 + (step == 3)):
            rows = table(numbers) if bag else table(numbers).mean(1)
            loss = T.nn.functional.cross_entropy(T.tanh(rows) @ weights, labels)
            loss.backward()
        assert table.weight.grad.is_sparse
        optimizer.step()
        losses.append(loss.item())
    return losses, table.weight.detach().numpy()


OPTIMIZERS = {
    "SparseAdam": lambda O, p: O.SparseAdam(p, lr=0.1),
    "SparseAdam, all options": lambda O, p: O.SparseAdam(p, lr=0.05, betas=(0.8, 0.9), eps=1e-6, maximize=True),
    "SGD": lambda O, p: O.SGD(p, lr=0.5),
    "SGD, foreach": lambda O, p: O.SGD(p, lr=0.1, foreach=True),
    "SGD, maximize": lambda O, p: O.SGD(p, lr=0.1, maximize=True),
    "SGD, momentum": lambda O, p: O.SGD(p, lr=0.1, momentum=0.9, dampening=0.1),
    "SGD, Nesterov": lambda O, p: O.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adagrad": lambda O, p: O.Adagrad(p, lr=0.5, lr_decay=0.01),
    "Adagrad, all options": lambda O, p: O.Adagrad(p, lr=0.1, maximize=True, initial_accumulator_value=0.1, eps=1e-6),
}


@pytest.mark.parametrize("bag", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_table_is_trained_as_in_pytorch(name, bag):
    losses, table = trained(flambeau, OPTIMIZERS[name], bag)
    expected_losses, expected = trained(torch, OPTIMIZERS[name], bag)
    # the losses differ by what tanh and exp round otherwise; momentum adds that up
    np.testing.assert_allclose(losses, expected_losses, rtol=2e-6)
    np.testing.assert_allclose(table, expected, rtol=2e-6, atol=1e-6)


REFUSING = "Adam AdamW Adamax NAdam RAdam RMSprop Rprop ASGD Adadelta Adafactor".split()


@pytest.mark.parametrize("options", [{}, {"foreach": True}, {"foreach": False}, {"weight_decay": 0.1}, {"fused": True}])
@pytest.mark.parametrize("name", [*REFUSING, "SGD", "Adagrad"])
def test_others_refuse_in_pytorchs_words(name, options):
    def outcome(T):
        try:
            trained(T, lambda O, p: getattr(O, name)(p, lr=0.1, **options), steps=1)
        except Exception as error:
            return type(error).__name__, str(error).split("\n")[0]
        return None

    assert outcome(flambeau) == outcome(torch)


def test_lbfgs_takes_the_very_same_steps():
    """Bit for bit, where the closure adds its loss up in one order: what follows a step depends on its last digit."""
    if torch.backends.cpu.get_cpu_capability() != "AVX512":
        pytest.skip("PyTorch's dot product adds up in another order here")

    def run(T, **options):
        random = np.random.default_rng(7)

        def drawn(shape):
            # small, so that the first step does not depend on a sum of the gradient
            return T.from_numpy((0.01 * random.standard_normal(shape)).astype("f4"))

        parameters = [T.nn.Parameter(drawn(shape)) for shape in [(4, 3), (3,)]]
        optimizer = T.optim.LBFGS(parameters, **options)
        seen = []
        for _ in range(4):
            targets = [drawn(tuple(p.shape)) for p in parameters]

            def closure():
                optimizer.zero_grad()
                squares = [((p - t) ** 2).reshape(-1) for p, t in zip(parameters, targets, strict=True)]  # noqa: B023
                loss = sum(x for part in squares for x in part)
                loss.backward()
                seen.append(loss.item())
                return loss

            optimizer.step(closure)
        return seen, [p.detach().numpy().tobytes() for p in parameters]

    for options in ({}, {"lr": 0.01}, {"line_search_fn": "strong_wolfe"}, {"history_size": 3, "tolerance_grad": 1e-6}):
        assert run(flambeau, **options) == run(torch, **options)
