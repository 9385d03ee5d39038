"""Tensors, storage and views: a guided tour.

Run it and read the output next to this file: every line it prints shows the expression it comes from.

    flambeau run examples/tour.py
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
import torch

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def title(text):
    print(f"\n--- {text} ---")


def creation():
    title("Creating tensors")
    # The rank of a tensor is the number of indices it takes to reach one number.
    scalar = torch.tensor(7.0)
    vector = torch.tensor([1.0, 2.0, 3.0])
    matrix = torch.tensor([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]])
    for name, t in (("scalar", scalar), ("vector", vector), ("matrix", matrix)):
        print(f"{name}: rank {t.ndim}, shape {tuple(t.shape)}, {t.numel()} numbers")
    print(f"{matrix.shape = }")
    print(f"{matrix[1, 2] = }, as a Python number {matrix[1, 2].item()}")

    # Without data: say the shape, and what to fill it with.
    print(f"torch.eye(2) =\n{torch.eye(2)}")
    print(f"torch.zeros(2, 3) =\n{torch.zeros(2, 3)}")
    print(f"torch.rand(2, 2) =\n{torch.rand(2, 2)}")
    print(f"{torch.arange(0, 10, 3) = }")
    print(f"{torch.linspace(0, 1, 5) = }")


def dtypes():
    title("Types of numbers")
    print(f"{torch.get_default_dtype() = }")
    print(f"{torch.tensor([1, 2]).dtype = }")
    print(f"{torch.tensor([1.0, 2]).dtype = }")
    print(f"{torch.tensor([True, False]).dtype = }")
    print(f"{torch.tensor([1, 2], dtype=torch.float64) = }")
    whole = torch.tensor([1, 2, 3])
    # An integer tensor that meets a float becomes a float; so does one that is divided.
    print(f"{(whole + 0.5).dtype = }, {(whole / 2) = }")
    print(f"{whole.to(torch.float32) = }, {torch.tensor([1.9, -1.9]).to(torch.int64) = }")


def numpy_bridge():
    title("NumPy: copy or share?")
    data = np.array([1, 2, 3])
    copied_as_float = torch.Tensor(data)  # the class: always the default dtype
    copied = torch.tensor(data)  # the function: keeps the dtype
    shared = torch.as_tensor(data)  # shares where it can
    also_shared = torch.from_numpy(data)  # shares, always
    data[0] = 100
    print("after data[0] = 100:")
    print(f"  torch.Tensor(data)     {copied_as_float}")
    print(f"  torch.tensor(data)     {copied}")
    print(f"  torch.as_tensor(data)  {shared}")
    print(f"  torch.from_numpy(data) {also_shared}")
    # The bridge carries traffic both ways.
    shared[1] = -5
    print(f"after shared[1] = -5, data is {data}, and shared.numpy() is {shared.numpy()}")


def reshaping():
    title("Reshaping")
    t = torch.tensor([[1, 1, 1, 1], [2, 2, 2, 2], [3, 3, 3, 3]], dtype=torch.float32)
    print(f"t =\n{t}")
    print(f"t.reshape(2, 6) =\n{t.reshape(2, 6)}")
    print(f"{t.reshape(2, 2, -1).shape = }   (-1: work this one out yourself)")
    row = t.reshape(1, 12)
    print(f"{row.shape = }, {row.squeeze().shape = }")
    print(f"{row.squeeze().unsqueeze(dim=1).shape = }")
    # Three pictures of 4 by 4 pixels, one channel each: flatten each picture, keep the batch.
    pictures = torch.arange(48).reshape(3, 1, 4, 4)
    print(f"{pictures.flatten().shape = }, {pictures.flatten(start_dim=1).shape = }")

    title("Joining")
    a, b = torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]])
    print(f"torch.cat((a, b), dim=0) =\n{torch.cat((a, b), dim=0)}")
    print(f"torch.cat((a, b), dim=1) =\n{torch.cat((a, b), dim=1)}")
    # cat extends a dimension that is there; stack makes a new one.
    stacked = torch.stack((a, b))
    by_cat = torch.cat((a.unsqueeze(0), b.unsqueeze(0)))
    print(f"{stacked.shape = }, {torch.equal(stacked, by_cat) = }")


def arithmetic():
    title("Element by element")
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    b = torch.tensor([[9.0, 8.0], [7.0, 6.0]])
    print(f"a + b =\n{a + b}")
    print(f"a * b =\n{a * b}")
    print(f"a > 2 =\n{a > 2}")
    print(f"{a[a > 2] = }   (a comparison picks elements)")
    a.add_(b)  # the trailing underscore: the result replaces a
    print(f"after a.add_(b), a =\n{a}")

    title("Broadcasting")
    table = torch.tensor([[0.0, 0.0, 0.0], [10.0, 10.0, 10.0]])
    row, column = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([[100.0], [200.0]])
    # Shapes are compared from the right; a size of 1, or a missing one, is repeated.
    print(f"table + row ({tuple(table.shape)} and {tuple(row.shape)}) =\n{table + row}")
    print(f"row + column ({tuple(row.shape)} and {tuple(column.shape)}) =\n{row + column}")
    try:
        table + torch.tensor([1.0, 2.0])
    except RuntimeError as error:
        print("table + a vector of 2:", str(error).splitlines()[0])


def reductions():
    title("Reductions")
    t = torch.tensor([[1.0, 0.0, 0.0, 2.0], [0.0, 3.0, 3.0, 0.0], [4.0, 0.0, 0.0, 5.0]])
    print(f"t =\n{t}")
    print(f"{t.sum() = }, {t.mean() = }, {t.std() = }")
    # The dimension you name is the one that disappears.
    print(f"{t.sum(dim=0) = }   (down the columns)")
    print(f"{t.sum(dim=1) = }   (along the rows)")
    print(f"{t.max(dim=1).values = }, {t.max(dim=1).indices = }")
    print(f"{t.argmax() = }   (counted in t.flatten())")

    # A dot product, the heart of every layer, first as a loop and then as one array operation.
    w, x = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0])
    total = 0.0
    for i in range(len(w)):
        total += w[i].item() * x[i].item()
    print(f"dot product: loop {total}, (w * x).sum() {(w * x).sum()}, torch.dot {torch.dot(w, x)}, w @ x {w @ x}")


def storage_and_views():
    title("Storage and views")
    # A tensor is a row of numbers in memory (its storage) and a way to walk over it:
    # element [i, j] lies at   storage_offset + i * stride[0] + j * stride[1].
    b = torch.arange(6).reshape(2, 3)
    views = {"b": b, "b.t()": b.t(), "b[:, 1:]": b[:, 1:]}
    for name, view in views.items():
        print(
            f"{name:9} shape {tuple(view.shape)}, stride {view.stride()}, "
            f"storage_offset {view.storage_offset()}, contiguous {view.is_contiguous()}"
        )
    print(f"{b.t().data_ptr() == b.data_ptr() = }   (the same memory)")

    # view() never copies, so it refuses where no stride fits; reshape() copies then.
    print(f"{b.view(6).data_ptr() == b.data_ptr() = }")
    try:
        b.t().view(6)
    except RuntimeError as error:
        print("b.t().view(6):", str(error).splitlines()[0])
    flat = b.t().reshape(6)
    print(f"b.t().reshape(6) = {flat}, a copy: {flat.data_ptr() != b.data_ptr()}")

    # Writing through a view writes into the base. clone() is the way out.
    safe = b.clone()
    b.t()[0, 1] = 100
    print(f"after b.t()[0, 1] = 100, b =\n{b}")
    print(f"the clone made before =\n{safe}")
    return {name: (tuple(v.shape), v.stride(), v.storage_offset()) for name, v in views.items()}


def devices():
    title("Devices")
    t = torch.ones(2)
    device = torch.device("cpu")  # "cuda" where there is a GPU
    print(f"{t.device = }, {t.to(device).device = }")


def draw_views(views, path):
    """One strip for the storage, one grid per view; equal colours are the same memory cell."""
    figure, axes = plt.subplots(1, 1 + len(views), figsize=(12, 3.8), gridspec_kw={"width_ratios": [6, 3, 2, 2]})

    def grid(axis, cells, heading):
        axis.imshow(cells, cmap="Pastel1", vmin=0, vmax=8)
        for i, row in enumerate(cells):
            for j, cell in enumerate(row):
                axis.text(j, i, cell, ha="center", va="center", fontsize=13)
        axis.set_xticks(np.arange(-0.5, len(cells[0])), [])
        axis.set_yticks(np.arange(-0.5, len(cells)), [])
        axis.grid(color="white", linewidth=3)
        axis.tick_params(length=0)
        axis.set_title(heading, fontsize=11)

    grid(axes[0], [list(range(6))], "storage: six numbers in a row")
    for axis, (name, (shape, stride, offset)) in zip(axes[1:], views.items(), strict=True):
        cells = [[offset + i * stride[0] + j * stride[1] for j in range(shape[1])] for i in range(shape[0])]
        grid(axis, cells, f"{name}\nstride {stride}, offset {offset}")
    figure.suptitle("One storage, three views (equal colour: the same memory cell)")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("\nPicture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="accepted by every example; this one is always fast")
    parser.add_argument("--seed", type=int, default=42, help="seed of the random numbers")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    creation()
    dtypes()
    numpy_bridge()
    reshaping()
    arithmetic()
    reductions()
    views = storage_and_views()
    devices()
    draw_views(views, args.output / "tour.png")


if __name__ == "__main__":
    main()
