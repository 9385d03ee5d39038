"""The files of TensorBoard's projector: points, their labels and pictures as tables, and what belongs to what."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from .summary import make_grid, make_np, png


def write_points(mat: Any, folder: str) -> None:
    """One point to a line."""
    with open(os.path.join(folder, "tensors.tsv"), "w", encoding="utf-8") as file:
        file.writelines("\t".join([str(x) for x in row]) + "\n" for row in mat.tolist())


def write_labels(metadata: Any, folder: str, header: Any = None) -> None:
    """One label to a line, or with a header several."""
    if header:
        if len(header) != len(metadata[0]):
            raise AssertionError("len of header must be equal to the number of columns in metadata")
        lines = ["\t".join([str(e) for e in row]) for row in [header, *metadata]]
    else:
        lines = [str(x) for x in metadata]
    with open(os.path.join(folder, "metadata.tsv"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def write_sprite(label_img: Any, folder: str) -> None:
    """All pictures in one square picture."""
    side = math.ceil(label_img.shape[0] ** 0.5)
    grid = make_grid(make_np(label_img), ncols=side).transpose(1, 2, 0)
    square = np.zeros((grid.shape[1], grid.shape[1], 3))
    square[: grid.shape[0]] = grid
    with open(os.path.join(folder, "sprite.png"), "wb") as file:
        file.write(png((square * 255).clip(0, 255).astype(np.uint8)))


def describe(metadata: Any, label_img: Any, subdir: str, global_step: Any, tag: str) -> str:
    """The entry of one embedding, in the text format of protocol buffers."""
    lines = [f"tensor_name: {quoted(f'{tag}:{str(global_step).zfill(5)}')}"]
    if metadata is not None:
        lines.append(f"metadata_path: {quoted(os.path.join(subdir, 'metadata.tsv'))}")
    if label_img is not None:
        height, width = label_img.shape[2:4]
        sprite = quoted(os.path.join(subdir, "sprite.png"))
        lines += ["sprite {", f"  image_path: {sprite}"]
        lines += [f"  single_image_dim: {width}", f"  single_image_dim: {height}", "}"]
    lines.append(f"tensor_path: {quoted(os.path.join(subdir, 'tensors.tsv'))}")
    return "embeddings {\n" + "".join([f"  {line}\n" for line in lines]) + "}\n"


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def write_config(folder: str, entries: Iterable[str]) -> None:
    """All embeddings of a run."""
    with open(os.path.join(folder, "projector_config.pbtxt"), "w", encoding="utf-8") as file:
        file.write("".join(entries))
