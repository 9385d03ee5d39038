"""What transforms of v2 have in common: any nest of inputs, parameters drawn once for all of them."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from ....nn import Module
from ....tensor import functions as fn
from ....tensor.tensor import Tensor
from ... import pillow
from ...tv_tensors import BoundingBoxes, Image, Mask, Video
from . import functional as F
from .kinds import PillowImage, is_pure_tensor, kernel_of, kind_of


def flatten(tree: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The leaves of nested lists, tuples and dicts, and a function that builds the same nest of other leaves."""
    if isinstance(tree, dict):
        parts, join = [flatten(v) for v in tree.values()], _dict_joiner(tree)
    elif isinstance(tree, (list, tuple)):
        parts = [flatten(v) for v in tree]
        join = type(tree)._make if hasattr(tree, "_make") else type(tree)  # type: ignore[union-attr]
    else:
        return [tree], lambda leaves: leaves[0]

    def build(leaves: list[Any]) -> Any:
        built, start = [], 0
        for inner, rebuild in parts:
            built.append(rebuild(leaves[start : start + len(inner)]))
            start += len(inner)
        return join(built)

    return [leaf for inner, _ in parts for leaf in inner], build


def _dict_joiner(tree: dict[Any, Any]) -> Callable[[list[Any]], Any]:
    names = list(tree)
    return lambda values: type(tree)(zip(names, values, strict=True))


def check_type(obj: Any, types_or_checks: Any) -> bool:
    """Whether a value is of one of these classes, or passes one of these checks."""
    return any(
        isinstance(obj, check) if isinstance(check, type) and check is not PillowImage else _passes(obj, check)
        for check in types_or_checks
    )


def _passes(obj: Any, check: Any) -> bool:
    return pillow.is_image(obj) if check is PillowImage else bool(check(obj))


def has_any(flat_inputs: list[Any], *types_or_checks: Any) -> bool:
    """Whether one of the values is of one of these classes."""
    return any(check_type(value, types_or_checks) for value in flat_inputs)


def has_all(flat_inputs: list[Any], *types_or_checks: Any) -> bool:
    """Whether there is a value of each of these classes."""
    return all(any(check_type(value, (check,)) for value in flat_inputs) for check in types_or_checks)


def _agreed(found: set[tuple[int, ...]], what: str) -> tuple[int, ...]:
    if not found:
        raise TypeError("No image, video, mask, bounding box or keypoint was found in the sample")
    if len(found) > 1:
        raise ValueError(f"Found multiple {what} dimensions in the sample: {sorted(found)}")
    return found.pop()


def query_chw(flat_inputs: list[Any]) -> tuple[int, int, int]:
    """(channels, height, width) of the images among the values, which must agree. Raises TypeError, ValueError."""
    images = [v for v in flat_inputs if check_type(v, (is_pure_tensor, Image, Video, PillowImage))]
    return _agreed({tuple(F.get_dimensions(v)) for v in images}, "CxHxW")  # type: ignore[return-value]


def query_size(flat_inputs: list[Any]) -> tuple[int, int]:
    """(height, width) of the images, masks and canvases among the values, which must agree."""
    kinds = (is_pure_tensor, Image, Video, PillowImage, Mask, BoundingBoxes)
    return _agreed({tuple(F.get_size(v)) for v in flat_inputs if check_type(v, kinds)}, "HxW")  # type: ignore[return-value]


class Transform(Module):
    """Base of transforms. A subclass defines `transform(inpt, params)`, and `make_params(flat_inputs)` if it draws.

    Inputs are images, videos, boxes, masks, in any nest of lists, tuples and dicts, which comes back as it was. A plain
    tensor counts as an image where there is no other image, the first one only; what is none of these passes through.
    """

    _transformed_types: tuple[Any, ...] = (Tensor, PillowImage)

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        """Raises where the inputs do not suit; by default never."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """What is drawn, once for all inputs."""
        return {}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """One input transformed."""
        raise NotImplementedError

    def _call_kernel(self, functional: Any, inpt: Any, *args: Any, **kwargs: Any) -> Any:
        kernel = kernel_of(functional, kind_of(inpt))
        return inpt if kernel is None else kernel(inpt, *args, **kwargs)

    def forward(self, *inputs: Any) -> Any:
        flat, build = flatten(inputs if len(inputs) > 1 else inputs[0])
        self.check_inputs(flat)
        return self._transformed(flat, build)

    def _transformed(self, flat: list[Any], build: Callable[[list[Any]], Any]) -> Any:
        chosen = self._needs_transform_list(flat)
        params = self.make_params([value for value, needed in zip(flat, chosen, strict=True) if needed])
        results = [self.transform(v, params) if needed else v for v, needed in zip(flat, chosen, strict=True)]
        return build(results)

    def _needs_transform_list(self, flat_inputs: list[Any]) -> list[bool]:
        pure_wanted = not has_any(flat_inputs, Image, Video, PillowImage)
        chosen = []
        for value in flat_inputs:
            needed = check_type(value, self._transformed_types)
            if needed and is_pure_tensor(value):
                needed, pure_wanted = pure_wanted, False
            chosen.append(needed)
        return chosen

    def extra_repr(self) -> str:
        simple = (bool, int, float, str, tuple, list, enum.Enum)
        shown = ((n, v) for n, v in self.__dict__.items() if not n.startswith("_") and n != "training")
        return ", ".join(f"{name}={value}" for name, value in shown if isinstance(value, simple))


class RandomApplyTransform(Transform):
    """Base of transforms that do something with probability p. Raises ValueError where p is no probability."""

    def __init__(self, p: float = 0.5) -> None:
        if not 0.0 <= p <= 1.0:
            raise ValueError("`p` should be a floating point value in the interval [0.0, 1.0].")
        super().__init__()
        self.p = p

    def forward(self, *inputs: Any) -> Any:
        tree = inputs if len(inputs) > 1 else inputs[0]
        flat, build = flatten(tree)
        self.check_inputs(flat)
        return tree if fn.rand(1).item() >= self.p else self._transformed(flat, build)


class Identity(Transform):
    """The inputs as they are."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return inpt


class Lambda(Transform):
    """A function of each input of given classes, by default of all."""

    _transformed_types = (object,)

    def __init__(self, lambd: Callable[[Any], Any], *types: type) -> None:
        super().__init__()
        self.lambd = lambd
        self.types = types or self._transformed_types

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self.lambd(inpt) if isinstance(inpt, self.types) else inpt

    def extra_repr(self) -> str:
        name = getattr(self.lambd, "__name__", "")
        return ", ".join(([name] if name else []) + [f"types={[t.__name__ for t in self.types]}"])


# ---- transforms made of transforms -----------------------------------------------------------------------------------


def _check_transforms(transforms: Any) -> None:
    if not isinstance(transforms, (list, tuple)) and not hasattr(transforms, "__iter__"):
        raise TypeError("Argument transforms should be a sequence of callables")


class Container(Transform):
    """Base of transforms of transforms."""

    def __init__(self, transforms: Any) -> None:
        _check_transforms(transforms)
        super().__init__()
        self.transforms = transforms

    def _through(self, chosen: Any, inputs: tuple[Any, ...]) -> Any:
        value = inputs if len(inputs) > 1 else inputs[0]
        for i, transform in enumerate(chosen):
            value = transform(*inputs) if i == 0 else transform(*(value if len(inputs) > 1 else (value,)))
        return value

    def extra_repr(self) -> str:
        return "\n".join(f"    {t}" for t in self.transforms)


class Compose(Container):
    """Transforms one after the other. Raises ValueError where there is none.

    >>> transform = Compose([ToImage(), ToDtype(torch.float32, scale=True), Normalize(mean=[0.5], std=[0.5])])
    """

    def __init__(self, transforms: Any) -> None:
        super().__init__(transforms)
        if not transforms:
            raise ValueError("Pass at least one transform")

    def forward(self, *inputs: Any) -> Any:
        return self._through(self.transforms, inputs)


class RandomApply(Container):
    """All of the transforms, with probability p, or none."""

    def __init__(self, transforms: Any, p: float = 0.5) -> None:
        super().__init__(transforms)
        if not 0.0 <= p <= 1.0:
            raise ValueError("`p` should be a floating point value in the interval [0.0, 1.0].")
        self.p = p

    def forward(self, *inputs: Any) -> Any:
        if fn.rand(1).item() >= self.p:
            return inputs if len(inputs) > 1 else inputs[0]
        return self._through(self.transforms, inputs)


class RandomChoice(Container):
    """One of the transforms, with probabilities p."""

    def __init__(self, transforms: Any, p: list[float] | None = None) -> None:
        if p is None:
            p = [1] * len(transforms)
        elif len(p) != len(transforms):
            raise ValueError(f"Length of p doesn't match the number of transforms: {len(p)} != {len(transforms)}")
        super().__init__(transforms)
        total = sum(p)
        self.p = [prob / total for prob in p]

    def forward(self, *inputs: Any) -> Any:
        return self.transforms[int(fn.multinomial(fn.tensor(self.p), 1).item())](*inputs)

    def extra_repr(self) -> str:
        return Transform.extra_repr(self)


class RandomOrder(Container):
    """The transforms in a random order."""

    def forward(self, *inputs: Any) -> Any:
        order = fn.randperm(len(self.transforms)).tolist()
        return self._through([self.transforms[i] for i in order], inputs)

    def extra_repr(self) -> str:
        return Transform.extra_repr(self)
