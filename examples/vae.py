"""Draw digits that nobody wrote: a variational autoencoder.

An encoder turns each picture of a digit into a small cloud of points in a plane, a decoder turns points back into
pictures. The loss asks for two things: pictures that come back as they went in, and clouds that together fill the plane
like a normal distribution. Then any normal point can be decoded into a picture.

    flambeau run examples/vae.py
"""

import argparse
from pathlib import Path

import matplotlib
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt

SPREAD = 0.2


def load():
    """Pictures (1, 8, 8) with values from 0 to 1, and their digits."""
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    return TensorDataset(images, torch.tensor(digits.target))


class VAE(nn.Module):
    """Pictures (batch, 1, 8, 8) to their reconstructions, by way of a plane."""

    def __init__(self, hidden=256):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, kernel_size=3, stride=2, padding=1),  # (32, 4, 4)
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 4 * 4, hidden),
            nn.ReLU(),
        )
        self.mean, self.log_variance = nn.Linear(hidden, 2), nn.Linear(hidden, 2)
        self.decoder = nn.Sequential(
            nn.Linear(2, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 32 * 4 * 4),
            nn.ReLU(),
            nn.Unflatten(1, (32, 4, 4)),
            nn.ConvTranspose2d(32, 1, kernel_size=4, stride=2, padding=1),  # (1, 8, 8)
            nn.Sigmoid(),
        )

    def forward(self, images):
        """The pictures that come back, and the mean and log variance of each picture's cloud (batch, 2)."""
        seen = self.encoder(images)
        mean, log_variance = self.mean(seen), self.log_variance(seen)
        # A random point, written so that gradients can pass through mean and variance.
        point = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decoder(point), mean, log_variance

    def pictures(self, points):
        """What the decoder draws at points of the plane: (n, 2) to (n, 8, 8)."""
        return self.decoder(points).squeeze(1)


def loss_parts(drawn, images, mean, log_variance):
    """Per picture: how badly it came back, and how far its cloud is from a normal distribution (in nats).

    A pixel that came back is taken to be normal around the right value, with standard deviation SPREAD.
    """
    lost = F.mse_loss(drawn, images, reduction="sum") / (2 * SPREAD**2 * len(images))
    divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum() / len(images)
    return lost, divergence


def train(model, loader, epochs):
    """Returns both parts of the loss after each epoch: (epochs, 2)."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    curves = []
    for epoch in tqdm(range(epochs), desc="epochs"):
        totals = torch.zeros(2)
        for images, _ in loader:
            drawn, mean, log_variance = model(images)
            parts = loss_parts(drawn, images, mean, log_variance)
            optimizer.zero_grad()
            sum(parts).backward()
            optimizer.step()
            totals += torch.stack(parts).detach() * len(images)
        schedule.step()
        curves.append(totals / len(loader.dataset))
        if epoch == 0 or (epoch + 1) % 10 == 0 or epoch + 1 == epochs:
            lost, divergence = curves[-1].tolist()
            tqdm.write(f"epoch {epoch + 1}: reconstruction {lost:.3f}, divergence {divergence:.3f}")
    return torch.stack(curves)


def tiled(pictures, columns):
    """Pictures (n, 8, 8) side by side in one: (rows * 9 + 1, columns * 9 + 1), with lines between them."""
    framed = F.pad(pictures, (1, 0, 1, 0), value=0.5)
    rows = framed.unflatten(0, (-1, columns)).permute(0, 2, 1, 3).flatten(2).flatten(0, 1)
    return F.pad(rows, (0, 1, 0, 1), value=0.5)


@torch.no_grad()
def draw(model, data, curves, path):
    images, labels = data.tensors
    drawn, mean, _ = model(images)
    figure, axes = plt.subplots(2, 3, figsize=(15, 10), layout="constrained")
    curve, chart, plane = axes[0]
    for part, name in zip(curves.T, ("reconstruction", "divergence"), strict=True):
        curve.plot(range(1, len(part) + 1), part.numpy(), label=name)
    curve.set(title="Training", xlabel="epoch", ylabel="nats per picture", ylim=(0, None))
    curve.grid(alpha=0.3)
    curve.legend()

    for digit in range(10):
        mine = labels == digit
        chart.scatter(*mean[mine].T.numpy(), s=40, marker=f"${digit}$", linewidths=0.2, color=f"C{digit}")
    chart.set(title="Where each picture lies in the plane", aspect="equal", xlim=(-4, 4), ylim=(-4, 4))

    # Points spread like a normal distribution: equal steps of probability.
    steps = torch.special.ndtri(torch.linspace(0.02, 0.98, 16))
    grid = torch.stack(torch.meshgrid(steps, -steps, indexing="xy"), dim=-1).flatten(0, 1)
    show(plane, model.pictures(grid), 16, "What the decoder draws across the plane")
    show(axes[1, 0], model.pictures(torch.randn(100, 2)), 10, "100 samples: digits that nobody wrote")
    chosen = torch.randperm(len(images))[:100]
    show(axes[1, 1], images[chosen].squeeze(1), 10, "100 pictures of the data …")
    show(axes[1, 2], drawn[chosen].squeeze(1), 10, "… and how they come back from the plane")
    figure.savefig(path, dpi=120)
    print("Picture:", path)


def show(axis, pictures, columns, title):
    axis.imshow(tiled(pictures, columns).numpy(), cmap="gray_r", vmin=0, vmax=1)
    axis.set_title(title)
    axis.axis("off")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="5 epochs instead of 60")
    parser.add_argument("--seed", type=int, default=42, help="seed of the weights, the shuffling and the samples")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    data = load()
    model = VAE()
    print(f"{len(data)} pictures; {sum(p.numel() for p in model.parameters())} parameters")
    loader = DataLoader(data, batch_size=32, shuffle=True)
    curves = train(model, loader, epochs=5 if args.fast else 60)

    with torch.no_grad():
        sample = model.pictures(torch.randn(1, 2))[0]
    print("one sample, in letters:")
    for row in sample.tolist():
        print("   ", "".join(" .:oO@"[min(int(value * 6), 5)] * 2 for value in row))
    print(f"loss: {curves[0].sum().item():.3f} after the first epoch, {curves[-1].sum().item():.3f} at the end")
    draw(model, data, curves, args.output / "vae.png")


if __name__ == "__main__":
    main()
