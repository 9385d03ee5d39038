"""Read handwritten digits with a small neural network.

Scikit-learn's digits are real handwriting: 1797 pictures of 8 by 8 pixels. A DataLoader hands them out in shuffled
batches, and Adam trains a network with one hidden layer.

    flambeau run examples/digits.py
"""

import argparse
from pathlib import Path

import matplotlib
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def load():
    """Two data sets of pictures (8, 8) with values from 0 to 1, and their digits."""
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target, dtype=torch.int64)
    chosen, held_back = train_test_split(range(len(labels)), test_size=0.2, random_state=0, stratify=digits.target)
    return TensorDataset(images[chosen], labels[chosen]), TensorDataset(images[held_back], labels[held_back])


def build_model():
    return nn.Sequential(
        nn.Flatten(),  # (batch, 8, 8) becomes (batch, 64)
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 10),  # one score for each digit; softmax is inside the loss
    )


def train(model, loader, test_set, epochs):
    """Returns the mean training loss and the test accuracy after each epoch."""
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses, accuracies = [], []
    for epoch in tqdm(range(epochs), desc="epochs"):
        total = 0.0
        for images, labels in loader:
            loss = loss_fn(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        losses.append(total / len(loader.dataset))
        accuracies.append(accuracy(model, test_set))
        if epoch == 0 or (epoch + 1) % 5 == 0:
            tqdm.write(f"epoch {epoch + 1}: loss {losses[-1]:.4f}, test accuracy {accuracies[-1]:.4f}")
    return losses, accuracies


def predict(model, images):
    """The most likely digit for each picture, and its probability."""
    with torch.no_grad():
        best = torch.softmax(model(images), dim=1).max(dim=1)
    return best.indices, best.values


def accuracy(model, data):
    images, labels = data.tensors
    return (predict(model, images)[0] == labels).float().mean().item()


def draw(model, test_set, losses, accuracies, path):
    """Learning curves, and sixteen test pictures: first those the network got wrong, then others."""
    images, labels = test_set.tensors
    predicted, probability = predict(model, images)
    wrong = predicted != labels
    order = torch.cat((wrong.nonzero().flatten()[:8], (~wrong).nonzero().flatten()))[:16].tolist()

    figure = plt.figure(figsize=(12, 6), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[6, 5])
    top, bottom = left.subplots(2, 1, sharex=True)
    epochs = range(1, len(losses) + 1)
    top.plot(epochs, losses)
    top.set(title="Training", ylabel="cross-entropy", ylim=(0, None))
    bottom.plot(epochs, accuracies, color="tab:green")
    bottom.set(xlabel="epoch", ylabel="test accuracy")
    for axis in (top, bottom):
        axis.grid(alpha=0.3)

    right.suptitle(f"{int(wrong.sum())} of {len(labels)} test pictures read wrongly (red: up to eight of them)")
    for axis, i in zip(right.subplots(4, 4).flat, order, strict=True):
        axis.imshow(images[i].numpy(), cmap="gray_r")
        axis.axis("off")
        colour = "tab:red" if wrong[i] else "black"
        truth = f", is {labels[i].item()}" if wrong[i] else ""
        axis.set_title(f"{predicted[i].item()} ({probability[i]:.0%}){truth}", fontsize=10, color=colour)
    figure.savefig(path, dpi=120)
    print("Picture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="5 epochs instead of 30")
    parser.add_argument("--seed", type=int, default=42, help="seed of the initial weights and of the shuffling")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    train_set, test_set = load()
    loader = DataLoader(train_set, batch_size=32, shuffle=True)
    print(f"{len(train_set)} pictures to learn from, in {len(loader)} batches; {len(test_set)} to test with")

    model = build_model()
    print(model)
    print("parameters:", sum(p.numel() for p in model.parameters()))
    losses, accuracies = train(model, loader, test_set, epochs=5 if args.fast else 30)
    print(f"test accuracy: {accuracies[-1]:.4f}")
    draw(model, test_set, losses, accuracies, args.output / "digits.png")


if __name__ == "__main__":
    main()
