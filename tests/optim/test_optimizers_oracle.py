"""Every optimizer moves parameters, keeps state and prints as PyTorch's does, and each reads the other's states."""

import importlib
import io

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")

CASES = {
    "SGD": [
        {}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}, {"weight_decay": 0.1},
        {"momentum": 0.9, "dampening": 0.3, "maximize": True}, {"momentum": 0.9, "foreach": True}, {"fused": True},
    ],
    "Adam": [{}, {"weight_decay": 0.1}, {"amsgrad": True}, {"maximize": True, "fused": True}, {"betas": (0.5, 0.6)}],
    "AdamW": [{}, {"weight_decay": 0.3, "amsgrad": True}, {"foreach": True}],
    "Adamax": [{}, {"weight_decay": 0.1, "maximize": True}],
    "Adadelta": [{}, {"rho": 0.5, "weight_decay": 0.1}, {"maximize": True}],
    "Adagrad": [{}, {"lr_decay": 0.1, "initial_accumulator_value": 0.3}, {"weight_decay": 0.1, "maximize": True}],
    "ASGD": [{}, {"t0": 2, "lambd": 0.01}, {"weight_decay": 0.1, "maximize": True}],
    "NAdam": [{}, {"weight_decay": 0.1}, {"weight_decay": 0.1, "decoupled_weight_decay": True}],
    "RAdam": [{}, {"weight_decay": 0.1}, {"weight_decay": 0.1, "decoupled_weight_decay": True}],
    "RMSprop": [{}, {"momentum": 0.9}, {"centered": True}, {"centered": True, "momentum": 0.5, "weight_decay": 0.1}],
    "Rprop": [{}, {"maximize": True}],
    "Adafactor": [{}, {"weight_decay": 0.1, "maximize": True}, {"d": 2.0, "eps": (1e-8, 1e-2)}],
}  # fmt: skip
EACH = [(name, options) for name, cases in CASES.items() for options in cases]
# one element, none, no dimension, one piece, several pieces
SHAPES = [(4, 3), (1, 1), (), (0, 2), (90, 100)]
STEPS = 7


class Pair:
    """The same parameters under both optimizers."""

    def __init__(self, name: str, options: dict, dtype: str = "float32", shapes=SHAPES) -> None:
        self.random = np.random.default_rng(0)
        self.dtype = dtype
        values = [self.draw(shape) for shape in shapes]
        self.theirs = [torch.nn.Parameter(torch.from_numpy(v.copy())) for v in values]
        self.ours = [flambeau.nn.Parameter(flambeau.from_numpy(v.copy())) for v in values]
        options = {"lr": 0.01, **options}
        self.their_optimizer = getattr(torch.optim, name)(self.theirs, **options)
        self.our_optimizer = getattr(flambeau.optim, name)(self.ours, **options)

    def draw(self, shape):
        values = self.random.standard_normal(shape)
        if self.dtype.startswith("complex"):
            values = values + 1j * self.random.standard_normal(shape)
        return np.asarray(values).astype(self.dtype)

    def step(self) -> None:
        for theirs, ours in zip(self.theirs, self.ours, strict=True):
            gradient = self.draw(tuple(theirs.shape))
            theirs.grad = torch.from_numpy(gradient.copy())
            ours.grad = flambeau.from_numpy(gradient.copy())
        self.their_optimizer.step()
        self.our_optimizer.step()

    def check(self) -> None:
        for theirs, ours in zip(self.theirs, self.ours, strict=True):
            close(ours, theirs)
        theirs, ours = self.their_optimizer.state_dict(), self.our_optimizer.state_dict()
        assert ours["param_groups"] == theirs["param_groups"]
        assert [list(g) for g in ours["param_groups"]] == [list(g) for g in theirs["param_groups"]]
        assert list(ours["state"]) == list(theirs["state"])
        for key, state in theirs["state"].items():
            assert list(ours["state"][key]) == list(state)
            for name, value in state.items():
                close(ours["state"][key][name], value)


def close(ours, theirs) -> None:
    a, b = ours.detach().numpy(), theirs.detach().numpy()
    assert a.dtype == b.dtype and a.shape == b.shape
    # a step is a sum of terms near 1: rounding of these, not of the sum
    np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "options"), EACH)
def test_parameters_and_state_are_pytorchs(name, options):
    # PyTorch's Adafactor divides by the number of elements
    pair = Pair(name, options, shapes=[shape for shape in SHAPES if name != "Adafactor" or 0 not in shape])
    assert repr(pair.our_optimizer) == repr(pair.their_optimizer)
    for _ in range(STEPS):
        pair.step()
    pair.check()


@pytest.mark.parametrize("name", [n for n in CASES if n != "Adafactor"])
@pytest.mark.parametrize("dtype", ["float64", "complex64"])
def test_other_dtypes_are_updated_as_in_pytorch(name, dtype):
    pair = Pair(name, {}, dtype)
    for _ in range(STEPS):
        pair.step()
    pair.check()


@pytest.mark.parametrize("name", [n for n in CASES if n not in ("Adagrad", "Rprop")])
def test_half_types_are_near_pytorchs(name):
    pair = Pair(name, {"lr": 0.1}, shapes=[(40, 30), (1,)])
    for attribute, library in (("theirs", torch), ("ours", flambeau)):
        halves = [library.nn.Parameter(p.detach().to(library.bfloat16)) for p in getattr(pair, attribute)]
        optimizer = getattr(library.optim, name)(halves, lr=0.1)
        random = np.random.default_rng(1)
        for _ in range(3):
            for p in halves:
                gradient = random.standard_normal(tuple(p.shape)).astype(np.float32)
                p.grad = library.from_numpy(gradient).to(library.bfloat16)
            optimizer.step()
        setattr(pair, attribute, halves)
    for theirs, ours in zip(pair.theirs, pair.ours, strict=True):
        a, b = ours.detach().float().numpy(), theirs.detach().float().numpy()
        assert np.mean(np.abs(a - b)) < 0.02


@pytest.mark.parametrize(("name", "options"), [(name, cases[-1]) for name, cases in CASES.items()])
def test_states_are_exchanged_in_both_directions(name, options):
    """Each goes on from what the other saved."""
    pair = Pair(name, options, shapes=[(4, 3), (1,)])
    for _ in range(3):
        pair.step()
    for source, target, library in (
        (pair.our_optimizer, pair.their_optimizer, torch),
        (pair.their_optimizer, pair.our_optimizer, flambeau),
    ):
        file = io.BytesIO()
        (flambeau if library is torch else torch).save(source.state_dict(), file)
        file.seek(0)
        target.load_state_dict(library.load(file))
        for _ in range(2):
            pair.step()
        pair.check()


@pytest.mark.parametrize("options", [{"lr": 0.3}, {"lr": 1, "line_search_fn": "strong_wolfe"}, {"history_size": 3}])
def test_lbfgs_takes_pytorchs_steps(options):
    """A function that is not quadratic: Rosenbrock's."""
    losses, points = [], []
    for library in (torch, flambeau):
        w = library.nn.Parameter(library.tensor([-1.5, 2.0], dtype=library.float64))
        optimizer = library.optim.LBFGS([w], max_iter=5, **options)

        def closure(w=w, optimizer=optimizer):
            optimizer.zero_grad()
            loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
            loss.backward()
            return loss

        losses.append([float(optimizer.step(closure).detach()) for _ in range(4)])
        points.append(w.detach().numpy())
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-6)
    np.testing.assert_allclose(points[1], points[0], rtol=1e-6)


def test_muon_is_near_pytorchs():
    """Its products are rounded to bfloat16, in which one more or less is a digit in the third place."""
    pair = Pair("Muon", {}, shapes=[(6, 4), (4, 6), (5, 5)])
    for _ in range(3):
        pair.step()
    for theirs, ours in zip(pair.theirs, pair.ours, strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), atol=2e-3)


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "NAdam", "ASGD"])
def test_differentiable_updates_have_pytorchs_gradients(name):
    """The gradient of the parameter after two steps, in the gradients of these steps."""
    found = []
    for library in (torch, flambeau):
        start = library.tensor([0.3, -0.7], dtype=library.float64, requires_grad=True)
        scale = library.tensor([1.5, 0.5], dtype=library.float64, requires_grad=True)
        p = start.clone()
        optimizer = getattr(library.optim, name)([p], lr=0.1, differentiable=True)
        for _ in range(2):
            p.grad = scale * 2.0
            optimizer.step()
        (p * p).sum().backward()
        found.append([t.grad.numpy() for t in (start, scale)])
    # PyTorch counts steps, and corrects the bias, in float32
    np.testing.assert_allclose(found[1], found[0], rtol=5e-5, atol=1e-6)


MISTAKES = [
    lambda T: T.optim.SGD(T.ones(1)),
    lambda T: T.optim.SGD([]),
    lambda T: T.optim.SGD([1]),
    lambda T: T.optim.SGD([{"params": {T.ones(1)}}]),
    lambda T: T.optim.SGD([T.ones(1, requires_grad=True) * 2]),
    lambda T: T.optim.SGD([T.ones(1)], lr=-1),
    lambda T: T.optim.SGD([T.ones(1)], nesterov=True),
    lambda T: T.optim.SGD([T.ones(1)], momentum=-0.5),
    lambda T: T.optim.SGD([("a", T.ones(1)), T.ones(1)]),
    lambda T: T.optim.Adam([T.ones(1)], betas=(1.0, 0.9)),
    lambda T: T.optim.Adam([T.ones(1)], betas=(0.9, 1)),
    lambda T: T.optim.Adam([T.ones(1)], lr=T.tensor([1.0, 2.0])),
    lambda T: T.optim.Adam([T.ones(1)], fused=True, foreach=True),
    lambda T: T.optim.Adam([T.ones(1)], fused=True, differentiable=True),
    lambda T: T.optim.Adadelta([T.ones(1)], rho=2),
    lambda T: T.optim.Rprop([T.ones(1)], etas=(1.0, 2.0)),
    lambda T: T.optim.Muon([T.ones(1)]),
    lambda T: T.optim.Adafactor([T.ones(1)], d=0.5),
    lambda T: T.optim.LBFGS([{"params": [T.ones(1)]}, {"params": [T.ones(1)]}]),
    lambda T: T.optim.SGD([T.ones(1)]).load_state_dict({"state": {}, "param_groups": []}),
    lambda T: T.optim.SGD([T.ones(1)]).load_state_dict({"state": {}, "param_groups": [{"params": [0, 1]}]}),
    lambda T: (lambda w: T.optim.SGD([{"params": [w]}, {"params": [w]}]))(T.ones(1)),
    lambda T: T.optim.lr_scheduler.StepLR(3, 1),
    lambda T: T.optim.lr_scheduler.ConstantLR(T.optim.SGD([T.ones(1)]), factor=2),
    lambda T: T.optim.lr_scheduler.OneCycleLR(T.optim.SGD([T.ones(1)]), 0.1),
    lambda T: T.optim.lr_scheduler.SequentialLR(T.optim.SGD([T.ones(1)]), [], []),
    lambda T: T.optim.lr_scheduler.ReduceLROnPlateau(T.optim.SGD([T.ones(1)]), mode="best"),
    lambda T: T.optim.lr_scheduler.StepLR(T.optim.SGD([T.ones(1)]), 1, last_epoch=3),
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_in_pytorchs_words(mistake):
    found = []
    for library in (torch, flambeau):
        with pytest.raises(Exception) as caught:
            mistake(library)
        found.append((type(caught.value), str(caught.value)))
    assert found[1][0] is found[0][0]
    assert found[1][1].startswith(found[0][1])


def test_groups_print_apart(agree):
    @agree
    def session(torch, error):
        first, second = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
        yield repr(torch.optim.SGD([{"params": [first]}, {"params": [second], "lr": 0.5}]))


def test_what_optimizers_of_others_import(agree):
    @agree
    def session(torch, error):
        m = importlib.import_module(torch.__name__ + ".optim.optimizer")
        p = torch.ones(2)
        yield m._get_value(p.sum()), m._get_value(2), m._to_scalar(p[:1]), str(m._get_scalar_dtype()).rpartition(".")[2]
        yield [m._default_to_fused_or_foreach([t], d, True) for t in (p, p.long()) for d in (True, False)]
        params, grads = [p, p * 1j], [p + 1, p * 2j]
        m._view_as_real(params, grads)
        yield params, grads

        class Plain(torch.optim.Optimizer):
            def __init__(self, params):
                super().__init__(params, {"lr": 0.1, "differentiable": False})

            @m._use_grad_for_differentiable
            def step(self, closure=None):
                for group in self.param_groups:
                    for p in group["params"]:
                        p.add_(p.grad, alpha=-group["lr"])

        w = torch.nn.Parameter(torch.ones(2))
        optimizer = Plain([w])
        w.sum().backward()
        optimizer.step()
        yield w


def test_a_wrapper_of_an_optimizer_patches_its_own_step(agree):
    @agree
    def session(T, error):
        class Wrapper(T.optim.Optimizer):
            def __init__(self, inner):
                self._optimizer_step_pre_hooks, self._optimizer_step_post_hooks = {}, {}
                self.inner = inner
                self._patch_step_function()

            def step(self, closure=None):
                return self.inner.step(closure)

        x = T.nn.Parameter(T.ones(2))
        wrapper = Wrapper(T.optim.SGD([x], 0.5))
        x.grad = T.ones(2)
        wrapper.step()
        yield x.data, wrapper.step.hooked
