"""MNIST: the whole of a training program, from files of handwriting to a model that can be stopped and continued.

It reads the four IDX files of MNIST, trains a convolutional network with a schedule of learning rates, writes a
checkpoint after every epoch and curves for TensorBoard. Stop it whenever you like: with --resume it goes on from its
last checkpoint, and ends exactly where it would have ended without the break.

    flambeau run examples/mnist.py --data data/MNIST/raw
    flambeau run examples/mnist.py --data data/MNIST/raw --epochs 8 --resume
    tensorboard --logdir examples/output/mnist_curves

Without the files it makes a small set of the same form from scikit-learn's digits.
"""

import argparse
import gzip
import struct
from pathlib import Path

import matplotlib
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset
from tqdm import tqdm

try:
    from torch.utils.tensorboard import SummaryWriter
except ImportError:  # PyTorch's needs the package tensorboard
    SummaryWriter = None

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt

FILES = {
    True: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    False: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"


def read_idx(path):
    """The bytes of an IDX file as a tensor: two zeros, the type, the number of dimensions, the sizes, the data."""
    content = (gzip.decompress if path.suffix == ".gz" else bytes)(path.read_bytes())
    if content[:3] != b"\0\0\x08" or len(content) <= 4 + 4 * content[3]:
        raise SystemExit(f"{path} is not an IDX file of bytes.")
    n_dims = content[3]
    start = 4 + 4 * n_dims
    sizes = struct.unpack(f">{n_dims}I", content[4:start])
    data = torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=start)
    if len(data) != torch.Size(sizes).numel():
        raise SystemExit(f"{path} is damaged: it announces {sizes} bytes and holds {len(data)}.")
    return data.view(sizes)


def write_idx(path, data):
    path.write_bytes(struct.pack(f">BBBB{data.dim()}I", 0, 0, 8, data.dim(), *data.shape) + data.numpy().tobytes())


def find(folder, name):
    """The file, packed or not; None if it is not there."""
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def load(folder, train):
    """A data set of pictures (1, 28, 28) in bytes, and their digits."""
    found = [find(folder, name) for name in FILES[train]]
    if None in found:
        name = FILES[train][found.index(None)]
        raise SystemExit(f"There is no {folder / name}, nor {name}.gz.\nIt can be had from {MIRROR}{name}.gz")
    images, labels = map(read_idx, found)
    if len(images) != len(labels):
        raise SystemExit(f"{found[0]} holds {len(images)} pictures, but {found[1]} {len(labels)} labels.")
    return TensorDataset(images.unsqueeze(1), labels.long())


def make_files(folder):
    """Scikit-learn's digits, four fifths to learn from, enlarged to MNIST's form: 16 by 16 in a margin of 6."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    small = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) * 15
    large = F.pad(F.interpolate(small, scale_factor=2, mode="bilinear"), (6, 6, 6, 6))
    images, labels = large.squeeze(1).round().to(torch.uint8), torch.tensor(digits.target, dtype=torch.uint8)
    tested = torch.arange(len(labels)) % 5 == 4
    folder.mkdir(parents=True, exist_ok=True)
    for train, chosen in ((True, ~tested), (False, tested)):
        for name, data in zip(FILES[train], (images, labels), strict=True):
            write_idx(folder / name, data[chosen])


class Network(nn.Module):
    """Pictures (batch, 1, 28, 28) in bytes to the logarithms of ten probabilities (batch, 10)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.dropout = nn.Dropout(0.25)
        self.hidden = nn.Linear(32 * 7 * 7, 64)
        self.out = nn.Linear(64, 10)

    def forward(self, images):
        x = (images.float() / 255 - 0.1307) / 0.3081  # the mean and the deviation of MNIST's pixels
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.dropout(F.relu(self.hidden(x.flatten(1))))
        return F.log_softmax(self.out(x), dim=1)


class Training:
    """Everything that a checkpoint must hold: the model, the optimizer, the schedule, the numbers so far."""

    def __init__(self, learning_rate):
        self.model = Network()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=learning_rate)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.optimizer, step_size=1, gamma=0.7)
        self.history = []  # a dictionary for each epoch

    def save(self, path):
        parts = {name: getattr(self, name).state_dict() for name in ("model", "optimizer", "schedule")}
        torch.save({**parts, "history": self.history, "random": torch.get_rng_state()}, path)

    def load(self, path):
        saved = torch.load(path, weights_only=True)
        for name in ("model", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(saved[name])
        self.history = saved["history"]
        torch.set_rng_state(saved["random"])  # so that shuffling and dropout go on as if nothing had happened

    def epoch(self, loader, label):
        """One pass over the data. Returns the mean loss."""
        self.model.train()
        total = 0.0
        with tqdm(loader, desc=label) as bar:
            for images, labels in bar:
                loss = F.nll_loss(self.model(images), labels)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                total += loss.item() * len(labels)
                bar.set_postfix(loss=f"{loss.item():.3f}")
        self.schedule.step()
        return total / len(loader.dataset)

    @torch.no_grad()
    def test(self, loader):
        """The mean loss, and the predicted digits."""
        self.model.eval()
        outputs = torch.cat([self.model(images) for images, _ in loader])
        labels = torch.cat([labels for _, labels in loader])
        return F.nll_loss(outputs, labels).item(), outputs.argmax(dim=1), labels


def train(training, train_loader, test_loader, epochs, checkpoint, writer):
    """Train up to an epoch, saving after each. Returns the last test's predictions and the truth."""
    while len(training.history) < epochs:
        number = len(training.history) + 1
        rate = training.schedule.get_last_lr()[0]
        loss = training.epoch(train_loader, f"epoch {number}/{epochs}")
        test_loss, predicted, labels = training.test(test_loader)
        accuracy = (predicted == labels).float().mean().item()
        numbers = {"loss": loss, "test_loss": test_loss, "accuracy": accuracy, "learning_rate": rate}
        training.history.append(numbers)
        training.save(checkpoint)
        print(f"epoch {number}: loss {loss:.4f}, test loss {test_loss:.4f}, accuracy {accuracy:.4f}, rate {rate:.5f}")
        for name, value in numbers.items() if writer else ():
            writer.add_scalar(name, value, number)
    return training.test(test_loader)[1:]


def draw(history, test_set, predicted, labels, path):
    """Learning curves, and test pictures: up to ten that were read wrongly first (red)."""
    figure = plt.figure(figsize=(13, 6), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[6, 7])
    top, bottom = left.subplots(2, 1, sharex=True)
    epochs = range(1, len(history) + 1)
    for name in ("loss", "test_loss"):
        top.plot(epochs, [numbers[name] for numbers in history], "o-", label=name.replace("_", " "))
    top.set(title="Training", ylim=(0, None))
    top.legend()
    bottom.plot(epochs, [numbers["accuracy"] for numbers in history], "o-", color="tab:green")
    bottom.set(xlabel="epoch", ylabel="test accuracy", xticks=epochs[:: 1 + len(epochs) // 12])
    for axis in (top, bottom):
        axis.grid(alpha=0.3)

    wrong = predicted != labels
    order = torch.cat((wrong.nonzero().flatten()[:10], (~wrong).nonzero().flatten()))[:25].tolist()
    right.suptitle(f"{int(wrong.sum())} of {len(labels)} test pictures read wrongly (red: up to ten of them)")
    axes = right.subplots(5, 5).flat
    for axis in axes:
        axis.axis("off")
    for axis, i in zip(right.axes, order, strict=False):
        axis.imshow(test_set[i][0][0].numpy(), cmap="gray_r")
        truth = f", is {labels[i].item()}" if wrong[i] else ""
        axis.set_title(f"{predicted[i].item()}{truth}", fontsize=10, color="tab:red" if wrong[i] else "black")
    figure.savefig(path, dpi=120)
    print("Picture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="at most 2048 pictures to learn from, and 2 epochs")
    parser.add_argument("--seed", type=int, default=42, help="seed of the weights, the shuffling and the dropout")
    parser.add_argument("--data", type=Path, help="folder of the four IDX files (default: data/MNIST/raw, if there)")
    parser.add_argument("--epochs", type=int, help="how many epochs in all (default: 4)")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--workers", type=int, default=0, help="processes that load the data (default: none)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for its files")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    folder = args.data or Path("data/MNIST/raw")
    if args.data is None and find(folder, FILES[True][0]) is None:
        folder = args.output / "mnist_data"
        make_files(folder)
        print("No MNIST in data/MNIST/raw, so a small set was made from scikit-learn's digits.")
    train_set, test_set = load(folder, train=True), load(folder, train=False)
    if args.fast:
        train_set = Subset(train_set, range(min(2048, len(train_set))))
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True, num_workers=args.workers)
    test_loader = DataLoader(test_set, batch_size=256)
    print(f"{len(train_set)} pictures to learn from, in {len(train_loader)} batches; {len(test_set)} to test with")

    training, checkpoint = Training(learning_rate=0.003), args.output / "mnist.pt"
    if args.resume:
        if not checkpoint.is_file():
            raise SystemExit(f"There is no checkpoint to resume from: {checkpoint}")
        training.load(checkpoint)
        print(f"resumed after epoch {len(training.history)}")
    print(f"parameters: {sum(p.numel() for p in training.model.parameters())}")

    writer = SummaryWriter(args.output / "mnist_curves") if SummaryWriter else None
    epochs = args.epochs or (2 if args.fast else 4)
    predicted, labels = train(training, train_loader, test_loader, epochs, checkpoint, writer)
    if writer:
        writer.close()
    print(f"test accuracy: {(predicted == labels).float().mean().item():.4f}")
    print("Checkpoint:", checkpoint)
    if writer:
        print(f"TensorBoard: tensorboard --logdir {writer.log_dir}")
    else:
        print("TensorBoard: this torch has no writer; PyTorch needs `pip install tensorboard`")
    draw(training.history, test_set, predicted, labels, args.output / "mnist.png")


if __name__ == "__main__":
    main()
