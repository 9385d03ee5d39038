"""Gradient descent: minimise f(p) = p^2 + 2 p + 1.

The gradient says which way is up, so walk the other way, in steps of (learning rate) x (gradient). The same walk is
written three times: with the derivative worked out by hand, with autograd, and with the SGD optimizer.

    flambeau run examples/gradient_descent.py
"""

import argparse
from pathlib import Path

import matplotlib
import torch

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def f(p):
    return p**2 + 2 * p + 1  # (p + 1)^2, so the minimum is 0, at p = -1


def grad_f(p):
    return 2 * p + 2


def descend_by_hand(p, learning_rate, steps):
    path = [p]
    for _ in range(steps):
        p = p - learning_rate * grad_f(p)
        path.append(p)
    return path


def descend_by_autograd(start, learning_rate, steps):
    p = torch.tensor(start, requires_grad=True)
    path = [p.item()]
    for _ in range(steps):
        f(p).backward()
        with torch.no_grad():  # the update is not part of the function we differentiate
            p -= learning_rate * p.grad
        p.grad.zero_()  # or the next gradient would be added to this one
        path.append(p.item())
    return path


def descend_by_optimizer(start, learning_rate, steps):
    p = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=learning_rate)
    path = [p.item()]
    for _ in range(steps):
        optimizer.zero_grad()
        f(p).backward()
        optimizer.step()
        path.append(p.item())
    return path


def draw(paths, path):
    figure, (valley, curves) = plt.subplots(1, 2, figsize=(12, 4.6))
    p = torch.linspace(-6.5, 4.5, 200)
    valley.plot(p.numpy(), f(p).numpy(), color="lightgray", linewidth=3)
    for rate, colour in zip(paths, ("tab:blue", "tab:green", "tab:orange", "tab:red"), strict=True):
        first = paths[rate][:6]
        valley.plot(first, [f(p) for p in first], "o-", color=colour, markersize=5, linewidth=1, label=rate)
        curves.semilogy([max(f(p), 1e-13) for p in paths[rate]], color=colour, label=rate)
    valley.set(title="The first steps down f(p) = p² + 2p + 1", xlabel="p", ylabel="f(p)", ylim=(-1, 30))
    curves.set(
        title="Too small is slow, too large runs away", xlabel="step", ylabel="f(p), log scale", ylim=(1e-13, 1e5)
    )
    curves.grid(alpha=0.3)
    valley.legend(title="learning rate")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("\nPicture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="fewer steps")
    parser.add_argument("--seed", type=int, default=42, help="seed of the random starting point")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    steps = 50 if args.fast else 100

    print(f"f(3) = {f(3)}, and its gradient there is {grad_f(3)}: downhill is to the left")

    start = torch.rand(1).item() * 3
    ways = {
        "by hand": descend_by_hand(start, 0.1, steps),
        "autograd": descend_by_autograd(start, 0.1, steps),
        "torch.optim.SGD": descend_by_optimizer(start, 0.1, steps),
    }
    print(f"\nfrom p = {start:.4f}, {steps} steps with learning rate 0.1:")
    for name, path in ways.items():
        print(f"{name:16} p after 1 step {path[1]:.4f}, after 10 {path[10]:.4f}, at the end {path[-1]:.4f}")
    agree = all(abs(a - b) < 1e-4 for path in ways.values() for a, b in zip(path, ways["by hand"], strict=True))
    print("all three walk the same way:", agree)

    print("\nThe learning rate decides:")
    paths = {rate: descend_by_hand(3.0, rate, steps) for rate in (0.01, 0.1, 0.8, 1.05)}
    for rate, path in paths.items():
        print(f"learning rate {rate:4}: f(p) goes from {f(path[0]):.1f} to {f(path[-1]):.3g} in {steps} steps")
    draw(paths, args.output / "gradient_descent.png")


if __name__ == "__main__":
    main()
