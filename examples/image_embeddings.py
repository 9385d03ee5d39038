"""Look for similar pictures: a network that reads digits also knows which pictures are alike.

A small convolutional network learns to tell the ten digits of scikit-learn apart. Its last layer but one turns each
picture into a vector of 32 numbers; pictures with similar vectors look alike to the network.

    flambeau run examples/image_embeddings.py
"""

import argparse
from pathlib import Path

import matplotlib
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def load():
    """Two data sets of pictures (1, 8, 8) with values from 0 to 1, and their digits."""
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    labels = torch.tensor(digits.target)
    chosen, held_back = train_test_split(range(len(labels)), test_size=0.2, random_state=0, stratify=digits.target)
    return TensorDataset(images[chosen], labels[chosen]), TensorDataset(images[held_back], labels[held_back])


class Network(nn.Module):
    """Pictures (batch, 1, 8, 8) to a score for each digit (batch, 10), by way of vectors (batch, 32)."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (16, 4, 4)
            nn.Conv2d(16, 32, kernel_size=3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (32, 2, 2)
            nn.Flatten(),
            nn.Linear(128, 32),
        )
        self.classify = nn.Linear(32, 10)

    def forward(self, images):
        return self.classify(F.relu(self.embed(images)))


def train(model, loader, epochs):
    """Returns the mean loss of each epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    losses = []
    model.train()
    for epoch in tqdm(range(epochs), desc="epochs"):
        total = 0.0
        for images, labels in loader:
            loss = F.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        losses.append(total / len(loader.dataset))
        tqdm.write(f"epoch {epoch + 1}: loss {losses[-1]:.4f}")
    return losses


@torch.no_grad()
def vectors_of(model, images):
    """Unit vectors (pictures, 32): their products are cosines of angles."""
    model.eval()
    return F.normalize(model.embed(images), dim=1)


def nearest(queries, library, k):
    """The numbers of the k vectors of the library nearest to each query, nearest first: (queries, k)."""
    return (queries @ library.T).topk(k, dim=1).indices


def draw(test_set, library_set, neighbours, vectors, path):
    """Eight pictures with their neighbours (red: another digit), and a map of all test pictures."""
    (images, labels), (known, known_labels) = test_set.tensors, library_set.tensors
    same = known_labels[neighbours] == labels[:, None]
    # two rows with a neighbour of another digit, if there are any; then one row of each digit from the start
    wrong = (~same.all(dim=1)).nonzero().flatten().tolist()[:2]
    rows = wrong + [int((labels == digit).nonzero()[0]) for digit in range(8 - len(wrong))]

    figure = plt.figure(figsize=(15, 7.5), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[8, 7])
    grid = left.subplots(len(rows), 1 + neighbours.shape[1])
    left.suptitle("A test picture, and what the network finds most similar (red: another digit)")
    for axes, i in zip(grid, rows, strict=True):
        show(axes[0], images[i], "black", f"a {labels[i].item()}")
        for axis, j in zip(axes[1:], neighbours[i].tolist(), strict=True):
            match = known_labels[j] == labels[i]
            show(axis, known[j], "tab:green" if match else "tab:red", "" if match else f"a {known_labels[j].item()}")

    centred = vectors - vectors.mean(dim=0)
    points = (centred @ torch.linalg.svd(centred, full_matrices=False).Vh[:2].T).numpy()
    chart = right.subplots()
    for digit in range(10):
        mine = (labels == digit).numpy()
        chart.scatter(*points[mine].T, s=90, marker=f"${digit}$", linewidths=0.3, color=f"C{digit}")
    chart.set(title="The test pictures' vectors, seen from the side where they differ most", xticks=[], yticks=[])
    figure.savefig(path, dpi=120)
    print("Picture:", path)


def show(axis, image, colour, title):
    axis.imshow(image[0].numpy(), cmap="gray_r")
    axis.set(xticks=[], yticks=[])
    axis.set_title(title, fontsize=9, color=colour, pad=2)
    for side in axis.spines.values():
        side.set(color=colour, linewidth=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="3 epochs instead of 15")
    parser.add_argument("--seed", type=int, default=42, help="seed of the initial weights and of the shuffling")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    train_set, test_set = load()
    model = Network()
    print(model.embed)
    train(model, DataLoader(train_set, batch_size=32, shuffle=True), epochs=3 if args.fast else 15)

    (library, known), (images, labels) = train_set.tensors, test_set.tensors
    vectors = vectors_of(model, images)
    neighbours = nearest(vectors, vectors_of(model, library), k=9)
    by_pixels = nearest(F.normalize(images.flatten(1), dim=1), F.normalize(library.flatten(1), dim=1), k=9)
    for name, found in (("the network's vectors", neighbours), ("the bare pixels", by_pixels)):
        same = (known[found] == labels[:, None]).float()
        print(f"nine neighbours by {name}: {same.mean().item():.2f} of them show the same digit")
    # a classifier that never saw a test picture: the digit that most neighbours show
    votes = F.one_hot(known[neighbours], 10).sum(dim=1).argmax(dim=1)
    print(f"test accuracy: {(votes == labels).float().mean().item():.4f} by the neighbours' vote")
    draw(test_set, train_set, neighbours, vectors, args.output / "image_embeddings.png")


if __name__ == "__main__":
    main()
