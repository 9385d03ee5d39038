"""Loss functions: how wrong is a prediction?

Each loss is written out in one line, and compared with the one from torch.nn. The picture shows how hard each of them
punishes a mistake.

    flambeau run examples/losses.py
"""

import argparse
from pathlib import Path

import matplotlib
import torch
from torch import nn

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


# The regression losses. x is the prediction, y the truth; each gives one loss per element.
def absolute_error(x, y):
    return (x - y).abs()


def squared_error(x, y):
    return (x - y) ** 2


def smooth_absolute_error(x, y):
    """A parabola for small errors, a straight line for large ones, joined where the error is 1."""
    error = (x - y).abs()
    return torch.where(error < 1, 0.5 * error**2, error - 0.5)


# The loss for yes-or-no questions. p is the predicted probability of yes; y is 1 for yes and 0 for no.
def log_loss(p, y):
    """Minus the log of the probability that the prediction gave to what really happened."""
    return -(y * p.log() + (1 - y) * (1 - p).log())


def compare(name, by_hand, module, prediction, truth):
    """One loss per element, and their mean, by hand and from torch.nn."""
    each, mean = module(reduction="none")(prediction, truth), module()(prediction, truth)
    equal = torch.allclose(by_hand, each) and torch.allclose(by_hand.mean(), mean)
    print(f"\n{name}\n  each {by_hand.flatten()}")
    print(f"  mean {by_hand.mean():.4f}, nn.{module.__name__} {mean:.4f}, equal: {equal}")


def draw(path):
    figure, (regression, classification) = plt.subplots(1, 2, figsize=(12, 4.6))
    error = torch.linspace(-3, 3, 301)
    zero = torch.zeros(301)
    for loss, label in (
        (squared_error, "squared error (MSELoss)"),
        (absolute_error, "absolute error (L1Loss)"),
        (smooth_absolute_error, "smooth L1 (SmoothL1Loss)"),
    ):
        regression.plot(error.numpy(), loss(error, zero).numpy(), label=label)
    regression.set(title="Losses for numbers", xlabel="prediction - truth", ylabel="loss", ylim=(0, 5))

    p = torch.linspace(0.005, 0.995, 199)
    classification.plot(p.numpy(), log_loss(p, torch.ones(199)).numpy(), label="the truth is yes: -log(p)")
    classification.plot(p.numpy(), log_loss(p, torch.zeros(199)).numpy(), label="the truth is no: -log(1 - p)")
    classification.set(title="Log loss (BCELoss)", xlabel="predicted probability p of yes", ylabel="loss", ylim=(0, 5))
    for axis in (regression, classification):
        axis.grid(alpha=0.3)
        axis.legend(loc="upper center")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("\nPicture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="accepted by every example; this one is always fast")
    parser.add_argument("--seed", type=int, default=42, help="accepted by every example; nothing is random here")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    x = torch.tensor([[0.1187, 0.3280, -1.1896], [0.7771, -0.0889, 0.8224]])
    y = torch.tensor([[-0.1714, 0.5595, -0.5074], [-0.3716, -0.4300, -1.1684]])
    print(f"predictions\n{x}\ntruth\n{y}")
    compare("absolute error", absolute_error(x, y), nn.L1Loss, x, y)
    compare("smooth absolute error", smooth_absolute_error(x, y), nn.SmoothL1Loss, x, y)
    compare("squared error", squared_error(x, y), nn.MSELoss, x, y)

    # Scores (any number) become probabilities through the sigmoid.
    scores, answers = torch.tensor([3.0, 0.2, -2.0]), torch.tensor([1.0, 1.0, 1.0])
    p = torch.sigmoid(scores)
    print(f"\nscores {scores} are probabilities {p}; the true answers are all yes")
    compare("log loss", log_loss(p, answers), nn.BCELoss, p, answers)
    compare("log loss from the scores", log_loss(p, answers), nn.BCEWithLogitsLoss, scores, answers)

    # Why take the scores: a very wrong score rounds to the probability 0 or 1, and the log has lost its number.
    wrong, no = torch.tensor([40.0]), torch.tensor([0.0])
    print("\na score of 40 where the truth is no:")
    print(f"  by hand {log_loss(torch.sigmoid(wrong), no).item()}")
    print(f"  nn.BCELoss {nn.BCELoss()(torch.sigmoid(wrong), no).item()} (it stops the log at -100)")
    print(f"  nn.BCEWithLogitsLoss {nn.BCEWithLogitsLoss()(wrong, no).item()}")
    draw(args.output / "losses.png")


if __name__ == "__main__":
    main()
