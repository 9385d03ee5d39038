"""Every schedule gives PyTorch's learning rates to the last bit, also after its state went through a file."""

import io
import warnings

import pytest

import flambeau

torch = pytest.importorskip("torch")

SCHEDULES = {
    "LambdaLR": lambda S, o: S.LambdaLR(o, lambda epoch: 0.95**epoch),
    "MultiplicativeLR": lambda S, o: S.MultiplicativeLR(o, lambda epoch: 0.9),
    "StepLR": lambda S, o: S.StepLR(o, 3, gamma=0.5),
    "MultiStepLR": lambda S, o: S.MultiStepLR(o, [2, 5, 5, 9]),
    "ConstantLR": lambda S, o: S.ConstantLR(o, factor=0.4, total_iters=4),
    "LinearLR": lambda S, o: S.LinearLR(o, 0.3, 0.9, total_iters=6),
    "ExponentialLR": lambda S, o: S.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda S, o: S.PolynomialLR(o, total_iters=8, power=2.0),
    "CosineAnnealingLR": lambda S, o: S.CosineAnnealingLR(o, 6, eta_min=0.01),
    "CosineAnnealingWarmRestarts": lambda S, o: S.CosineAnnealingWarmRestarts(o, 3, T_mult=2),
    "CyclicLR": lambda S, o: S.CyclicLR(o, 0.01, 0.1, step_size_up=4, mode="triangular2"),
    "CyclicLR exp": lambda S, o: S.CyclicLR(o, 0.01, 0.1, 3, 5, mode="exp_range", gamma=0.9),
    "OneCycleLR": lambda S, o: S.OneCycleLR(o, 0.5, total_steps=40),
    "OneCycleLR three": lambda S, o: S.OneCycleLR(o, 0.5, epochs=8, steps_per_epoch=5, three_phase=True),
    "OneCycleLR linear": lambda S, o: S.OneCycleLR(o, 0.5, total_steps=40, anneal_strategy="linear"),
    "ReduceLROnPlateau": lambda S, o: S.ReduceLROnPlateau(o, factor=0.5, patience=1, cooldown=1),
    "ReduceLROnPlateau max": lambda S, o: S.ReduceLROnPlateau(
        o, mode="max", threshold_mode="abs", patience=2, min_lr=0.01
    ),
    "ChainedScheduler": lambda S, o: S.ChainedScheduler([S.ConstantLR(o, 0.1, 2), S.ExponentialLR(o, 0.9)]),
    "SequentialLR": lambda S, o: S.SequentialLR(
        o, [S.LinearLR(o, 0.1, total_iters=4), S.CosineAnnealingLR(o, 8), S.ConstantLR(o)], milestones=[4, 9]
    ),
    "SWALR": lambda S, o: S.SWALR(o, swa_lr=0.005, anneal_epochs=4),
}
EPOCHS = 30


class Run:
    """An optimizer of two groups, and a schedule."""

    def __init__(self, library, name: str) -> None:
        parameters = [library.nn.Parameter(library.ones(1)) for _ in range(2)]
        groups = [{"params": [parameters[0]], "lr": 0.05}, {"params": [parameters[1]]}]
        self.optimizer = library.optim.SGD(groups, lr=0.1, momentum=0.9)
        home = library.optim.swa_utils if name == "SWALR" else library.optim.lr_scheduler
        self.schedule = SCHEDULES[name](home, self.optimizer)
        self.epoch = 0

    def step(self):
        self.optimizer.step()
        if "Plateau" in type(self.schedule).__name__:
            self.schedule.step(1.0 if self.epoch < 6 else 0.5 + 0.01 * (self.epoch % 7))
        else:
            self.schedule.step()
        self.epoch += 1
        return self.rates()

    def rates(self):
        options = [(group["lr"], group["momentum"]) for group in self.optimizer.param_groups]
        return options, self.schedule.get_last_lr()


def same_type(state):
    """A state with classes of either library by name."""
    if isinstance(state, dict):
        return {key: same_type(value) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return [same_type(value) for value in state]
    return state if isinstance(state, (int, float, str, type(None))) else type(state).__name__


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_are_pytorchs_to_the_last_bit(name):
    theirs, ours = Run(torch, name), Run(flambeau, name)
    assert ours.rates() == theirs.rates()
    for _ in range(EPOCHS):
        assert ours.step() == theirs.step()
    assert sorted(ours.schedule.state_dict()) == sorted(theirs.schedule.state_dict())


@pytest.mark.parametrize("name", SCHEDULES)
def test_states_go_from_pytorch_to_us_and_back(name):
    theirs, ours = Run(torch, name), Run(flambeau, name)
    for _ in range(5):
        theirs.step()
    file = io.BytesIO()
    torch.save([theirs.schedule.state_dict(), theirs.optimizer.state_dict()], file)
    file.seek(0)
    schedule, optimizer = flambeau.load(file, weights_only=False)
    ours.schedule.load_state_dict(schedule)
    ours.optimizer.load_state_dict(optimizer)
    ours.epoch = theirs.epoch
    for _ in range(10):
        assert ours.step() == theirs.step()


@pytest.mark.parametrize("name", ["StepLR", "CosineAnnealingLR", "LinearLR", "PolynomialLR", "MultiStepLR"])
def test_an_epoch_by_number_uses_the_closed_form(name):
    rates = []
    for library in (torch, flambeau):
        run = Run(library, name)
        run.optimizer.step()
        with pytest.warns(UserWarning, match="The epoch parameter"):
            run.schedule.step(4)
        rates.append(run.rates())
    assert rates[1] == rates[0]


def test_stepping_in_the_wrong_order_is_warned_of_once():
    for library in (torch, flambeau):
        run = Run(library, "StepLR")
        with pytest.warns(UserWarning, match="before `optimizer.step"):
            run.schedule.step()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            run.schedule.step()


def test_a_replaced_step_is_warned_of():
    run = Run(flambeau, "StepLR")
    run.optimizer.step = lambda: None
    with pytest.warns(UserWarning, match="has been overridden"):
        run.schedule.step()
