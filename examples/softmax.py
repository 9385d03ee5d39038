"""Softmax and cross-entropy, by hand and from torch.

Softmax turns scores (logits) into probabilities. Cross-entropy is minus the log of the probability that the true class
was given. Together they have the simplest gradient there is: probability minus truth.

    flambeau run examples/softmax.py
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def title(text):
    print(f"\n--- {text} ---")


def softmax(logits):
    """NumPy: exp of each score, divided by the sum. Taking the largest score away first keeps exp from overflowing."""
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def cross_entropy(probabilities, one_hot):
    """NumPy: -sum of truth x log(probability). Clipping keeps log away from 0."""
    return -(one_hot * np.log(np.clip(probabilities, 1e-15, 1))).sum()


def scores_to_probabilities():
    title("Softmax")
    logits = np.array([2.0, 1.0, 0.1])
    print(f"by hand       {softmax(logits)}")
    print(f"torch.softmax {torch.softmax(torch.tensor(logits), dim=0)}")
    with np.printoptions(precision=4, suppress=True):
        print(f"all scores 5 higher    {softmax(logits + 5)}   (only differences count)")
        print(f"all scores 3 x larger  {softmax(logits * 3)}   (larger differences, more certain)")
        print(f"all scores 10 x nearer {softmax(logits / 10)}   (almost no preference)")
        print(f"scores in the hundreds {softmax(np.array([1000.0, 999.0, 0.0]))}   (np.exp(1000) alone is inf)")


def good_and_bad_predictions():
    title("Cross-entropy of a good and a bad prediction")
    truth = np.array([1, 0, 0])
    for name, probabilities in (("good", [0.7, 0.2, 0.1]), ("bad ", [0.1, 0.3, 0.6])):
        print(f"by hand, {name} {probabilities}: {cross_entropy(np.array(probabilities), truth):.6f}")

    # nn.CrossEntropyLoss takes the logits and the number of the true class: softmax is inside.
    loss_fn = nn.CrossEntropyLoss()
    true_class = torch.tensor([0])
    for name, logits in (("good", [2.0, 1.0, 0.1]), ("bad ", [0.5, 2.0, 0.3])):
        by_hand = cross_entropy(softmax(np.array(logits)), truth)
        by_torch = loss_fn(torch.tensor([logits]), true_class).item()
        equal = abs(by_hand - by_torch) < 1e-5
        print(f"nn.CrossEntropyLoss, {name} {logits}: {by_torch:.6f}, by hand the same: {equal}")

    title("A batch of three")
    truth = torch.tensor([2, 0, 1])
    good = torch.tensor([[0.1, 0.2, 3.9], [1.2, 0.1, 0.3], [0.3, 2.2, 0.2]])
    bad = torch.tensor([[0.9, 0.2, 0.1], [0.1, 0.3, 1.5], [1.2, 0.2, 0.5]])
    for name, logits in (("good", good), ("bad ", bad)):
        predicted = torch.max(logits, dim=1).indices
        print(f"{name}: loss {loss_fn(logits, truth):.6f}, predicted {predicted.tolist()}, truth {truth.tolist()}")
    in_two_steps = nn.NLLLoss()(F.log_softmax(good, dim=1), truth)
    print(f"log_softmax, then NLLLoss: {in_two_steps:.6f}, the same as CrossEntropyLoss")


def gradients():
    title("The gradient is p - y")
    logits = torch.tensor([2.0, 1.0, 0.1], requires_grad=True)
    F.cross_entropy(logits.unsqueeze(0), torch.tensor([0])).backward()
    p = softmax(np.array([2.0, 1.0, 0.1]))
    y = np.array([1, 0, 0])
    by_hand = torch.tensor(p - y, dtype=torch.float32)
    print(f"by hand  {by_hand}\nautograd {logits.grad}\nequal: {torch.allclose(by_hand, logits.grad, atol=1e-6)}")
    print("The true class is pulled up (its gradient is negative), the others are pushed down.")


def house_prices(steps):
    """Low, medium or high price from longitude and latitude: logistic regression with three classes."""
    title("House prices: low, medium, high")
    scores = torch.tensor([1.0, 2.0, -1.0])
    p = torch.softmax(scores, dim=0)
    print(f"one house with scores {scores}: probabilities {p}")
    print(f"if the truth is medium: predicted class {p.argmax().item()}, so correct; loss {-p[1].log():.4f}")

    # 100 made-up houses around three centres of the map.
    centres = torch.tensor([[-1.0, -1.0], [1.5, 0.0], [-0.5, 1.5]])
    y = torch.arange(100) % 3
    X = centres[y] + 0.5 * torch.randn(100, 2)
    W = torch.zeros(2, 3, requires_grad=True)
    b = torch.zeros(3, requires_grad=True)
    print(f"X {tuple(X.shape)} @ W {tuple(W.shape)} + b {tuple(b.shape)} gives logits {tuple((X @ W + b).shape)}")
    for step in range(steps):
        loss = F.cross_entropy(X @ W + b, y)
        loss.backward()
        with torch.no_grad():
            for parameter in (W, b):
                parameter -= 0.5 * parameter.grad
                parameter.grad.zero_()
        if step in (0, steps // 2, steps - 1):
            print(f"step {step + 1}: loss {loss.item():.4f}")
    accuracy = ((X @ W + b).argmax(dim=1) == y).float().mean().item()
    print(f"accuracy: {accuracy:.4f}")
    return X, y, W.detach(), b.detach()


def draw(X, y, W, b, path):
    figure, (bars, curve, houses) = plt.subplots(1, 3, figsize=(15, 4.6))
    places = np.arange(3)
    for shift, scale in enumerate((0.1, 1, 3)):
        p = softmax(scale * np.array([2.0, 1.0, 0.1]))
        bars.bar(places + 0.27 * (shift - 1), p, width=0.25, label=f"scores x {scale}")
    bars.set_xticks(places, ["score 2.0", "score 1.0", "score 0.1"])
    bars.set(title="Softmax: larger scores, firmer opinions", ylabel="probability", ylim=(0, 1))
    bars.legend()

    p = np.linspace(0.01, 1, 200)
    curve.plot(p, -np.log(p))
    for probability, name in ((0.7, "good: 0.7"), (0.1, "bad: 0.1")):
        loss = -np.log(probability)
        curve.plot(probability, loss, "o", color="tab:red")
        curve.annotate(f"{name}\nloss {loss:.2f}", (probability, loss), xytext=(8, 8), textcoords="offset points")
    curve.set(
        title="Cross-entropy: -log(p)", xlabel="probability p given to the true class", ylabel="loss", ylim=(0, 4.7)
    )

    side = torch.linspace(-3.2, 3.2, 500)
    across, up = torch.meshgrid(side, side, indexing="xy")
    region = (torch.stack((across, up), dim=-1) @ W + b).argmax(dim=-1)
    colours = ["tab:blue", "tab:orange", "tab:green"]
    houses.contourf(side.numpy(), side.numpy(), region.numpy(), levels=[-0.5, 0.5, 1.5, 2.5], colors=colours, alpha=0.2)
    for k, name in enumerate(("low", "medium", "high")):
        chosen = X[y == k]
        houses.scatter(chosen[:, 0].numpy(), chosen[:, 1].numpy(), s=20, color=colours[k], label=name)
    houses.set(title="House prices: the predicted class", xlabel="longitude (scaled)", ylabel="latitude (scaled)")
    houses.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("\nPicture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="fewer training steps")
    parser.add_argument("--seed", type=int, default=42, help="seed of the made-up houses")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    scores_to_probabilities()
    good_and_bad_predictions()
    gradients()
    X, y, W, b = house_prices(steps=50 if args.fast else 200)
    draw(X, y, W, b, args.output / "softmax.png")


if __name__ == "__main__":
    main()
