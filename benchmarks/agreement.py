"""Whether two modules computed the same thing: the speed of a wrong answer is not worth knowing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

RELATIVE = 1e-4  # float32 has 6e-8; sums over thousands of terms in another order lose some digits
ABSOLUTE = 1e-5  # as a part of the largest number compared: a small difference of large numbers has no digits left


def leaves(result: Any, path: str = "result") -> Iterator[tuple[str, Any]]:
    """The tensors, arrays and numbers in nested tuples and lists, each with its place."""
    if isinstance(result, (tuple, list)):
        for index, part in enumerate(result):
            yield from leaves(part, f"{path}[{index}]")
    else:
        yield path, result


def describe(leaf: Any) -> tuple[str, bool, np.ndarray]:
    """A leaf's Python type or dtype, whether it requires a gradient, and its values."""
    if hasattr(leaf, "detach"):
        array = leaf.detach().numpy()
        return str(array.dtype), bool(leaf.requires_grad), array
    return type(leaf).__name__, False, np.asarray(leaf)


def disagreement(expected: Any, actual: Any) -> str | None:
    """What differs first in two modules' results: structure, dtype, shape, gradient wanted, values. None: nothing."""
    expected_leaves, actual_leaves = list(leaves(expected)), list(leaves(actual))
    if [path for path, _ in expected_leaves] != [path for path, _ in actual_leaves]:
        return f"{len(expected_leaves)} values expected, {len(actual_leaves)} computed"
    for (path, expected_leaf), (_, actual_leaf) in zip(expected_leaves, actual_leaves, strict=True):
        expected_kind, expected_grad, wanted = describe(expected_leaf)
        actual_kind, actual_grad, got = describe(actual_leaf)
        if expected_kind != actual_kind:
            return f"{path} is {actual_kind}, not {expected_kind}"
        if wanted.shape != got.shape:
            return f"{path} has shape {got.shape}, not {wanted.shape}"
        if expected_grad != actual_grad:
            return f"{path} has requires_grad={actual_grad}, not {expected_grad}"
        if wanted.dtype.kind == "f":
            scale = float(np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0))
            close = np.isclose(got, wanted, rtol=RELATIVE, atol=ABSOLUTE * scale, equal_nan=True)
        else:
            close = np.asarray(got == wanted)
        if not close.all():
            worst = np.unravel_index(int(np.argmin(close)), close.shape)
            return f"{path} at {tuple(map(int, worst))} is {got[worst]}, not {wanted[worst]}"
    return None
