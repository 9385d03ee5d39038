"""The perceptron: learn a line from its mistakes.

Show the points one after the other. While a point is on the right side, do nothing; when it is on the wrong side, add
it to the weights (or subtract it). On separable data the mistakes come to an end, and there is a bound on their number.

    flambeau run examples/perceptron.py
"""

import argparse
from pathlib import Path

import matplotlib
import torch
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def sign(s):
    """1 where s >= 0 and -1 elsewhere (torch.sign would say 0 at 0)."""
    return torch.where(s >= 0, 1.0, -1.0)


def separable_points(count, margin):
    """Points in a square, labelled by a line, without those nearer to the line than the margin."""
    true_weights = torch.tensor([0.15, 0.8, -0.6])  # bias first; (0.8, -0.6) has length 1
    points = torch.rand(4 * count, 2) * 4 - 2
    # A first feature that is always 1 lets the bias be a weight like the others.
    X = torch.cat((torch.ones(4 * count, 1), points), dim=1)
    distance = X @ true_weights
    X = X[distance.abs() > margin][:count]
    return X, sign(X @ true_weights), true_weights


def train(X, y, max_passes):
    """The perceptron algorithm. Returns the weights after each pass, and the number of mistakes in each."""
    w = torch.zeros(X.shape[1])
    weights, mistakes = [], []
    for _ in tqdm(range(max_passes), desc="passes"):
        wrong = 0
        for x_t, y_t in zip(X, y, strict=True):
            if sign(w @ x_t) != y_t:
                w = w + y_t * x_t
                wrong += 1
        weights.append(w)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return weights, mistakes


def draw(X, y, weights, mistakes, path):
    figure, (plane, curve) = plt.subplots(1, 2, figsize=(12, 5))
    for label, colour, marker in ((1.0, "tab:blue", "o"), (-1.0, "tab:orange", "s")):
        chosen = X[y == label]
        plane.scatter(
            chosen[:, 1].numpy(), chosen[:, 2].numpy(), s=18, color=colour, marker=marker, label=f"y = {label:+.0f}"
        )
    ends = torch.tensor([-2.2, 2.2])
    for number, w in enumerate(weights, start=1):
        last = number == len(weights)
        line = -(w[0] + w[1] * ends) / w[2]  # where w0 + w1 x1 + w2 x2 = 0
        style = {"color": "black", "linewidth": 2, "label": "final line"} if last else {"color": "gray", "alpha": 0.35}
        plane.plot(ends.numpy(), line.numpy(), **style)
    plane.set(
        title="The line after each pass", xlabel="x1", ylabel="x2", xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), aspect="equal"
    )
    plane.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, frameon=False)

    curve.bar(range(1, len(mistakes) + 1), mistakes, color="tab:red")
    curve.set(title="Mistakes in each pass over the data", xlabel="pass", ylabel="mistakes")
    for axis in (curve.xaxis, curve.yaxis):
        axis.get_major_locator().set_params(integer=True)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("\nPicture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="fewer points")
    parser.add_argument("--seed", type=int, default=42, help="seed of the random points")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    X, y, true_weights = separable_points(count=100 if args.fast else 300, margin=0.03)
    print(f"{len(X)} points, {int((y == 1).sum())} of them labelled +1")

    weights, mistakes = train(X, y, max_passes=200)
    for number, wrong in enumerate(mistakes, start=1):
        if number <= 5 or wrong == 0:
            print(f"pass {number}: {wrong} mistakes")
    w = weights[-1]
    accuracy = (sign(X @ w) == y).float().mean().item()
    print(f"final weights {w}")
    print(f"accuracy: {accuracy:.4f}")

    # The theorem: with points no longer than R, separated with margin gamma, at most (R / gamma)^2 mistakes.
    radius = (X**2).sum(dim=1).sqrt().max().item()
    gamma = ((X @ true_weights).abs().min() / (true_weights**2).sum().sqrt()).item()
    print(f"mistakes in all: {sum(mistakes)}, and the theorem allows {int((radius / gamma) ** 2)}")
    draw(X, y, weights, mistakes, args.output / "perceptron.png")


if __name__ == "__main__":
    main()
