"""Logistic regression from scratch, on two blobs of points.

No layers, no loss modules, no optimizer: a weight vector, a bias, the sigmoid, the log loss, and gradient descent.

    flambeau run examples/logistic_blobs.py
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
import torch
from sklearn.datasets import make_blobs
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def sigmoid(z):
    return 1 / (1 + torch.exp(-z))


def probability(X, w, b):
    """The model: how likely is class 1, for each row of X?"""
    return sigmoid(X @ w + b)


def log_loss(p, y):
    """Minus the mean log of the probability given to the true class."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


def train(X, y, steps, learning_rate=0.1):
    """Gradient descent on the log loss. Returns the weights, the bias and the loss of every step."""
    w = torch.zeros(2, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    losses = []
    for _ in tqdm(range(steps), desc="steps"):
        loss = log_loss(probability(X, w, b), y)
        loss.backward()
        with torch.no_grad():
            w -= learning_rate * w.grad
            b -= learning_rate * b.grad
        w.grad.zero_()
        b.grad.zero_()
        losses.append(loss.item())
    return w.detach(), b.detach(), losses


def accuracy(X, y, w, b):
    return ((probability(X, w, b) > 0.5) == (y == 1)).float().mean().item()


def draw(X, y, w, b, losses, path):
    figure, (plane, curve) = plt.subplots(1, 2, figsize=(13, 5), gridspec_kw={"width_ratios": [6, 5]})
    low, high = X.min(dim=0).values - 0.8, X.max(dim=0).values + 0.8
    side_1, side_2 = (
        torch.linspace(low[0].item(), high[0].item(), 200),
        torch.linspace(low[1].item(), high[1].item(), 200),
    )
    across, up = torch.meshgrid(side_1, side_2, indexing="xy")
    p = probability(torch.stack((across, up), dim=-1), w, b)
    shades = plane.contourf(across.numpy(), up.numpy(), p.numpy(), levels=20, cmap="RdBu", vmin=-0.7, vmax=1.7)
    plane.contour(across.numpy(), up.numpy(), p.numpy(), levels=[0.5], colors="black", linewidths=2)
    for label, colour, marker in ((0, "firebrick", "s"), (1, "tab:blue", "o")):
        chosen = X[y == label]
        plane.scatter(
            chosen[:, 0].numpy(),
            chosen[:, 1].numpy(),
            s=22,
            edgecolors="white",
            linewidths=0.5,
            color=colour,
            marker=marker,
            label=f"class {label}",
        )
    figure.colorbar(shades, ax=plane, label="predicted probability of class 1", ticks=[0, 0.25, 0.5, 0.75, 1])
    plane.set(title="The decision boundary (black: probability 0.5)", xlabel="x1", ylabel="x2")
    plane.legend()

    curve.plot(range(1, len(losses) + 1), losses)
    curve.set(title="Training", xlabel="step", ylabel="log loss", ylim=(0, None))
    curve.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("Picture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="fewer training steps")
    parser.add_argument("--seed", type=int, default=42, help="seed of the blobs")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    steps = 200 if args.fast else 1000

    X, y = make_blobs(n_samples=300, centers=[[-1.5, -1.0], [1.5, 1.0]], cluster_std=1.0, random_state=args.seed)
    X, y = torch.from_numpy(X.astype(np.float32)), torch.from_numpy(y.astype(np.float32))
    X_train, y_train, X_test, y_test = X[:200], y[:200], X[200:], y[200:]
    print(f"{len(X_train)} points to learn from, {len(X_test)} to test with")

    w, b, losses = train(X_train, y_train, steps)
    for step in (1, 10, 50, 100, steps):
        print(f"step {step}: log loss {losses[step - 1]:.6f}")
    print(f"weights {w}, bias {b}")

    p = probability(X_train, w, b)
    by_hand, built_in = log_loss(p, y_train), torch.nn.functional.binary_cross_entropy(p, y_train)
    print(f"log loss by hand {by_hand:.6f}, F.binary_cross_entropy {built_in:.6f}")
    print(f"training accuracy: {accuracy(X_train, y_train, w, b):.4f}")
    print(f"test accuracy: {accuracy(X_test, y_test, w, b):.4f}")
    draw(X, y, w, b, losses, args.output / "logistic_blobs.png")


if __name__ == "__main__":
    main()
