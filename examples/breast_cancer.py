"""The breast-cancer project: is a tumour malignant or benign?

The whole pipeline of a small machine-learning project on real data: load, split, scale, convert to tensors, build a
model, train it, and judge it on data it has never seen.

    flambeau run examples/breast_cancer.py
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
import torch
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def load():
    """30 measurements of each of 569 tumours, as tensors: X_train, X_test, y_train, y_test."""
    X, y = datasets.load_breast_cancer(return_X_y=True)
    print(f"X {X.shape}, y {y.shape}: {(y == 0).sum()} malignant (class 0), {(y == 1).sum()} benign (class 1)")
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)

    # Features of very different size make gradient descent slow: bring each to mean 0 and standard deviation 1.
    # The scaler learns from the training data only; the test data must stay unseen.
    print(f"before scaling, values from {X_train.min():.2f} to {X_train.max():.2f}")
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.transform(X_test)
    print(f"after scaling, values from {X_train.min():.2f} to {X_train.max():.2f}")

    X_train, X_test, y_train, y_test = (
        torch.from_numpy(array.astype(np.float32)) for array in (X_train, X_test, y_train, y_test)
    )
    # The model's output is a column, so the labels must be one too.
    return X_train, X_test, y_train.view(-1, 1), y_test.view(-1, 1)


class LogisticRegression(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.linear = nn.Linear(n_features, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))


def train(model, X, y, epochs, learning_rate=0.01):
    loss_fn = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses = []
    for epoch in tqdm(range(epochs), desc="epochs"):
        loss = loss_fn(model(X), y)  # forward: predict, and measure how wrong that is
        loss.backward()  # backward: the gradient of every parameter
        optimizer.step()  # a small step downhill
        optimizer.zero_grad()  # or the next gradients would be added to these
        losses.append(loss.item())
        if (epoch + 1) % 10 == 0:
            tqdm.write(f"epoch {epoch + 1}: loss {loss.item():.6f}")
    return losses


def confusion_counts(predicted, truth):
    """counts[i, j]: how many of class i were called class j."""
    counts = torch.zeros(2, 2, dtype=torch.int64)
    for i in (0, 1):
        for j in (0, 1):
            counts[i, j] = ((truth == i) & (predicted == j)).sum()
    return counts


def draw(losses, counts, path):
    names = ["malignant", "benign"]
    figure, (curve, table) = plt.subplots(1, 2, figsize=(11, 4.6), gridspec_kw={"width_ratios": [6, 5]})
    curve.plot(range(1, len(losses) + 1), losses)
    curve.set(title="Training", xlabel="epoch", ylabel="binary cross-entropy", ylim=(0, None))
    curve.grid(alpha=0.3)

    table.imshow(counts.numpy(), cmap="Blues")
    for i in (0, 1):
        for j in (0, 1):
            dark = counts[i, j] > counts.max() / 2
            table.text(
                j, i, counts[i, j].item(), ha="center", va="center", fontsize=18, color="white" if dark else "black"
            )
    table.set_xticks((0, 1), names)
    table.set_yticks((0, 1), names, rotation=90, va="center")
    table.set(title="Test data: 114 tumours", xlabel="the model says", ylabel="the truth is")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("Picture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="50 epochs instead of 100")
    parser.add_argument("--seed", type=int, default=42, help="seed of the initial weights")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)

    X_train, X_test, y_train, y_test = load()
    print(f"train {tuple(X_train.shape)}, test {tuple(X_test.shape)}\n")

    torch.manual_seed(args.seed)
    model = LogisticRegression(n_features=X_train.shape[1])
    print(model)
    losses = train(model, X_train, y_train, epochs=50 if args.fast else 100)

    with torch.no_grad():
        p = model(X_test)
    predicted = (p > 0.5).float()
    print(f"\nfirst test tumour: probability of benign {p[0].item():.4f}, truth {y_test[0].item():.0f}")
    print(f"test accuracy: {(predicted == y_test).float().mean().item():.4f}")
    counts = confusion_counts(predicted, y_test)
    print(f"malignant tumours called benign: {counts[0, 1].item()} of {counts[0].sum().item()}")
    draw(losses, counts, args.output / "breast_cancer.png")


if __name__ == "__main__":
    main()
