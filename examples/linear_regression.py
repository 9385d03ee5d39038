"""Linear regression, four ways.

1. NumPy, with the gradient worked out by hand.
2. The same, with autograd finding the gradient.
3. torch.nn: a Linear layer, a loss module and an optimizer.
4. Several features, and a black-box optimizer that is given only the data and the loss function.

    flambeau run examples/linear_regression.py
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
import torch
from sklearn.datasets import make_regression
from torch import nn
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def title(text):
    print(f"\n--- {text} ---")


def with_numpy(epochs, learning_rate=0.04):
    """Learn the w of y = w x from four points on y = 2 x."""
    title("1. NumPy, gradient by hand")
    x = np.array([1, 2, 3, 4], dtype=np.float32)
    y = 2 * x
    w = 0.0
    history = []
    for epoch in range(epochs):
        prediction = w * x
        loss = ((prediction - y) ** 2).mean()
        gradient = (2 * (prediction - y) * x).mean()  # d loss / d w, by the chain rule
        w -= learning_rate * gradient
        history.append(float(w))
        print(f"epoch {epoch + 1}: loss {loss:.6f}, gradient {gradient:.4f}, new w {w:.3f}")
    print(f"prediction for x = 5: {w * 5:.3f}")
    return history


def with_autograd(epochs, learning_rate=0.04):
    """The same four points; only the line that computes the gradient has gone."""
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    y = 2 * x
    w = torch.tensor(0.0, requires_grad=True)
    history = []
    for _ in range(epochs):
        loss = ((w * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= learning_rate * w.grad
        w.grad.zero_()
        history.append(w.item())
    return history


def r_squared(prediction, y):
    """The share of the variation in y that the prediction explains: 1 is all of it, 0 none."""
    return (1 - ((y - prediction) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item()


def with_nn(epochs, learning_rate=0.05):
    """A noisy line, learnt by a Linear layer. Returns the data, the line after some epochs, and all losses."""
    title("3. torch.nn")
    X, y = make_regression(n_samples=100, n_features=1, noise=20, random_state=1)
    X = torch.from_numpy(X.astype(np.float32))
    y = torch.from_numpy(y.astype(np.float32)).view(-1, 1)  # a column, like the layer's output
    model = nn.Linear(in_features=1, out_features=1)
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)

    lines, losses = {0: (model.weight.item(), model.bias.item())}, []
    for epoch in tqdm(range(1, epochs + 1), desc="epochs"):
        loss = loss_fn(model(X), y)  # forward
        optimizer.zero_grad()
        loss.backward()  # backward
        optimizer.step()  # update
        losses.append(loss.item())
        if epoch in (5, 15, epochs):
            lines[epoch] = (model.weight.item(), model.bias.item())
    for epoch in range(10, epochs + 1, 10):
        print(f"epoch {epoch}: loss {losses[epoch - 1]:.3f}")
    print(f"weight {model.weight.item():.3f}, bias {model.bias.item():.3f}")
    with torch.no_grad():
        print(f"R squared: {r_squared(model(X), y):.4f}")
    return X, y, lines, losses


def minimize(loss_fn, data, parameters, smallest_step=1e-4):
    """A black-box optimizer: it knows nothing but values of the loss. Returns the best parameters, and how many calls.

    Try a step up and a step down along each parameter in turn. Keep what helps; when nothing does, halve the step.
    """
    best, calls, step = loss_fn(parameters, *data), 1, 1.0
    while step > smallest_step:
        improved = False
        for i in range(len(parameters)):
            for change in (step, -step):
                trial = parameters.clone()
                trial[i] += change
                loss = loss_fn(trial, *data)
                calls += 1
                if loss < best:
                    parameters, best, improved = trial, loss, True
        if not improved:
            step /= 2
    return parameters, calls


def mean_squared_error(parameters, X, y):
    weights, bias = parameters[:-1], parameters[-1]
    return ((X @ weights + bias - y) ** 2).mean()


def mean_absolute_error(parameters, X, y):
    weights, bias = parameters[:-1], parameters[-1]
    return (X @ weights + bias - y).abs().mean()


def with_black_box(samples):
    """Three features. The optimizer needs no change when the loss is another one."""
    title("4. Several features, and a black-box optimizer")
    true_parameters = torch.tensor([3.0, -2.0, 0.5, 4.0], dtype=torch.float64)  # three weights and the bias
    X = torch.randn(samples, 3, dtype=torch.float64)
    y = X @ true_parameters[:-1] + true_parameters[-1] + 0.5 * torch.randn(samples, dtype=torch.float64)
    y[:5] += 30  # five bad measurements
    print(f"X {tuple(X.shape)}, y {tuple(y.shape)}, five of the y are far off")

    found = {"true": true_parameters}
    for name, loss_fn in (("squared error", mean_squared_error), ("absolute error", mean_absolute_error)):
        found[name], calls = minimize(loss_fn, (X, y), torch.zeros(4, dtype=torch.float64))
        print(f"{name}: {calls} calls of the loss")
    # For the squared error there is a formula to check the answer with.
    with_ones = np.column_stack((X.numpy(), np.ones(samples)))
    found["least squares formula"] = torch.from_numpy(np.linalg.lstsq(with_ones, y.numpy(), rcond=None)[0])
    for name, parameters in found.items():
        print(f"{name:22}", "  ".join(f"{p:7.3f}" for p in parameters.tolist()))
    same = torch.allclose(found["squared error"], found["least squares formula"], atol=1e-2)
    print("the black box found what the formula gives:", same)
    print("the absolute error hardly minds the five bad measurements")
    return found


def draw(X, y, lines, losses, found, path):
    figure, (fit, curve, bars) = plt.subplots(1, 3, figsize=(15, 4.6))
    fit.scatter(X.numpy(), y.numpy(), s=14, color="tab:gray", label="data")
    ends = torch.tensor([X.min().item(), X.max().item()])
    for (epoch, (weight, bias)), shade in zip(lines.items(), (0.3, 0.5, 0.7, 1.0), strict=True):
        fit.plot(ends.numpy(), (weight * ends + bias).numpy(), color=plt.cm.Blues(shade), label=f"epoch {epoch}")
    fit.set(title="nn.Linear finds the line", xlabel="x", ylabel="y")
    fit.legend()

    curve.plot(range(1, len(losses) + 1), losses)
    curve.axhline(min(losses), color="gray", linestyle=":", label="what the noise leaves")
    curve.set(title="The loss of nn.Linear", xlabel="epoch", ylabel="mean squared error", ylim=(0, None))
    curve.legend()

    places = np.arange(4)
    for shift, name in enumerate(("true", "squared error", "absolute error")):
        bars.bar(places + 0.27 * (shift - 1), found[name].numpy(), width=0.25, label=name)
    bars.axhline(0, color="black", linewidth=0.8)
    bars.set_xticks(places, ["weight 1", "weight 2", "weight 3", "bias"])
    bars.set(title="The black box: parameters found", ylabel="value")
    bars.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("\nPicture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="fewer epochs and less data")
    parser.add_argument("--seed", type=int, default=42, help="seed of the random numbers")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    by_hand = with_numpy(epochs=10)
    title("2. Autograd")
    by_autograd = with_autograd(epochs=10)
    print("w after each epoch:", ", ".join(f"{w:.3f}" for w in by_autograd))
    print("the same walk as by hand:", np.allclose(by_hand, by_autograd, atol=1e-5))
    X, y, lines, losses = with_nn(epochs=50 if args.fast else 100)
    found = with_black_box(samples=100 if args.fast else 500)
    draw(X, y, lines, losses, found, args.output / "linear_regression.png")


if __name__ == "__main__":
    main()
