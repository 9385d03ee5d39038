"""The gradient game: find the bottom of a valley you cannot see.

A loss with two parameters is hidden. Call it with two numbers, and it tells you its value there and its gradient. Get
the loss below 0.01 in as few calls as you can.

    flambeau run examples/gradient_game.py
    flambeau run examples/gradient_game.py --demo
"""

import argparse
import math
import sys
from pathlib import Path

import matplotlib
import torch

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt

GOAL = 0.01
HELP = """Type two numbers, such as   1.5 -2   and press Enter; or   help   or   quit.
The gradient points uphill. Walk the other way, and let its size tell you how far."""


def hidden_loss():
    """A random bowl: a centre, two curvatures, and an angle that mixes the two parameters."""
    centre = torch.rand(2) * 10 - 5
    curvature = torch.tensor([0.5, 1.5]) + torch.rand(2) * torch.tensor([0.5, 1.0])
    angle = torch.rand(1) * math.pi
    cos, sin = torch.cos(angle), torch.sin(angle)
    turn = torch.stack((torch.cat((cos, -sin)), torch.cat((sin, cos))))

    def loss(w):
        return (curvature * (turn @ (w - centre)) ** 2).sum()

    return loss, centre


def call(loss, point):
    """The loss and its gradient at a point, as plain numbers. Autograd does the work."""
    w = torch.tensor(point, requires_grad=True)
    value = loss(w)
    value.backward()
    return value.item(), w.grad.tolist()


def read_point(line):
    """Two numbers from what the player typed. Raises ValueError with a friendly sentence."""
    words = line.replace(",", " ").split()
    if len(words) != 2:
        raise ValueError("I need exactly two numbers, such as 1.5 -2.")
    try:
        point = [float(word) for word in words]
    except ValueError:
        raise ValueError("I can only read numbers, such as 1.5 or -2.") from None
    if not all(abs(number) <= 1000 for number in point):  # also false for nan
        raise ValueError("The valley is nearer than that: stay between -1000 and 1000.")
    return point


def report(number, point, value, gradient):
    print(f"call {number}: at ({point[0]:.3f}, {point[1]:.3f}) loss {value:.4f}, "
          f"gradient ({gradient[0]:.3f}, {gradient[1]:.3f})")  # fmt: skip


def play(loss):
    """Ask the player for points until the goal is reached or the input ends. Returns the points."""
    print(__doc__.split("\n\n")[1])
    print(HELP)
    points = []
    while True:
        try:
            line = input("\nw0 w1? ").strip()
        except (EOFError, KeyboardInterrupt):
            print("\nNo more input.")
            return points
        if not sys.stdin.isatty():
            print(line)  # a pipe does not echo what was typed
        if line.lower() in ("quit", "q", "exit"):
            return points
        if line.lower() in ("help", "?", ""):
            print(HELP)
            continue
        try:
            point = read_point(line)
        except ValueError as problem:
            print(f"{problem} That was free of charge.")
            continue
        points.append(point)
        value, gradient = call(loss, point)
        report(len(points), point, value, gradient)
        if value < GOAL:
            return points


def descend(loss, start, learning_rate=0.15, max_calls=100, show=False):
    """Play by gradient descent. Returns the points."""
    points = [start]
    while True:
        value, gradient = call(loss, points[-1])
        if show:
            report(len(points), points[-1], value, gradient)
        if value < GOAL or len(points) == max_calls:
            return points
        points.append([w - learning_rate * g for w, g in zip(points[-1], gradient, strict=True)])


def draw(loss, centre, points, path):
    figure, axis = plt.subplots(figsize=(7, 6))
    everything = torch.tensor([*points, centre.tolist()])
    middle = (everything.max(dim=0).values + everything.min(dim=0).values) / 2
    reach = (everything - middle).abs().max().item() * 1.15 + 1
    side_0 = torch.linspace(middle[0].item() - reach, middle[0].item() + reach, 60)
    side_1 = torch.linspace(middle[1].item() - reach, middle[1].item() + reach, 60)
    height = torch.tensor([[loss(torch.stack((w0, w1))).item() for w0 in side_0] for w1 in side_1])
    shades = axis.contourf(side_0.numpy(), side_1.numpy(), height.sqrt().numpy(), levels=20, cmap="viridis_r")
    figure.colorbar(shades, ax=axis, label="square root of the loss", shrink=0.8)
    axis.plot(
        [p[0] for p in points], [p[1] for p in points], "o-", color="white", markeredgecolor="black", label="calls"
    )
    axis.plot(*centre.tolist(), "*", color="tab:red", markersize=16, markeredgecolor="black", label="minimum")
    axis.annotate("1", points[0], xytext=(7, 7), textcoords="offset points", color="black", fontsize=12)
    axis.set(title=f"The hidden valley; calls made: {len(points)}", xlabel="w0", ylabel="w1", aspect="equal")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2, facecolor="lightgray")
    figure.savefig(path, dpi=120, bbox_inches="tight")
    print("Picture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", action="store_true", help="watch gradient descent play")
    parser.add_argument("--fast", action="store_true", help="the same as --demo: a game that needs no player")
    parser.add_argument("--seed", type=int, help="seed of the valley (a new valley every time if left out)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    if args.seed is None:
        torch.seed()
    else:
        torch.manual_seed(args.seed)

    loss, centre = hidden_loss()
    demo = args.demo or args.fast
    points = descend(loss, [0.0, 0.0], show=True) if demo else play(loss)
    if not points:
        print("No calls, so no score. Come back!")
        return
    best = min(call(loss, point)[0] for point in points)
    calls = "1 call" if len(points) == 1 else f"{len(points)} calls"
    print(f"\n{'You are there' if best < GOAL else 'Not there yet'}: loss {best:.4f} after {calls}.")
    print(f"The minimum is at ({centre[0]:.3f}, {centre[1]:.3f}).")
    if not demo:
        print(f"Gradient descent from the same start needs {len(descend(loss, points[0]))} calls.")
    print("It can be done in four: the gradient of a bowl changes evenly, so three calls tell where it is zero.")
    draw(loss, centre, points, args.output / "gradient_game.png")


if __name__ == "__main__":
    main()
