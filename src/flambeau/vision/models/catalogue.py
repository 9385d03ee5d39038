"""The models by name, and where their trained weights lie."""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ... import serialize
from ...nn import Module
from ..datasets.download import download_url
from ..transforms import functional as F
from ..transforms.base import Shown
from ..transforms.modes import InterpolationMode

BUILDERS: dict[str, Callable[..., Module]] = {}
WEIGHTS: dict[str, type[WeightsEnum]] = {}
MIRROR = "https://download.pytorch.org/models/"


class ImageClassification(Shown):
    """What an image goes through before a classifier: resize, middle, tensor, normalize."""

    def __init__(
        self,
        *,
        crop_size: int,
        resize_size: int = 256,
        mean: tuple[float, ...] = (0.485, 0.456, 0.406),
        std: tuple[float, ...] = (0.229, 0.224, 0.225),
        interpolation: InterpolationMode = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        super().__init__()
        self.crop_size = [crop_size]
        self.resize_size = [resize_size]
        self.mean = list(mean)
        self.std = list(std)
        self.interpolation = interpolation
        self.antialias = antialias

    def forward(self, img: Any) -> Any:
        img = F.resize(img, self.resize_size, self.interpolation, antialias=self.antialias)
        img = F.center_crop(img, self.crop_size)
        if not F.is_tensor(img):
            img = F.pil_to_tensor(img)
        return F.normalize(F.convert_image_dtype(img), self.mean, self.std)

    def __repr__(self) -> str:
        names = ("crop_size", "resize_size", "mean", "std", "interpolation")
        body = [f"    {name}={getattr(self, name)}" for name in names]
        return "\n".join([f"{type(self).__name__}(", *body, ")"])


@dataclass
class Weights:
    """One set of trained weights: where the file lies, what goes before the model, and facts about it."""

    url: str
    transforms: Callable[..., Any]
    meta: dict[str, Any] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Weights) and self.url == other.url

    def __hash__(self) -> int:
        return hash(self.url)


def imagenet(name: str, crop: int = 224, resize: int = 256) -> tuple[str, Callable[..., Any]]:
    """Address and transforms of weights that were trained on ImageNet."""
    return f"{MIRROR}{name}.pth", functools.partial(ImageClassification, crop_size=crop, resize_size=resize)


class WeightsEnum(Enum):
    """Base of the lists of weights of a model."""

    @classmethod
    def verify(cls, obj: Any) -> Any:
        """A member from a member, its name, or None. Raises TypeError for another model's weights."""
        if obj is None or isinstance(obj, cls):
            return obj
        if isinstance(obj, str):
            return cls[obj.replace(cls.__name__ + ".", "")]
        raise TypeError(f"Invalid Weight class provided; expected {cls.__name__} but received {type(obj).__name__}.")

    def get_state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The weights, downloaded once. Raises URLError, with the path that the file is expected at."""
        folder = os.path.join(_hub_folder(), "checkpoints")
        name = os.path.basename(self.url)
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            sys.stdout.write(f'Downloading: "{self.url}" to {path}\n')
        download_url(self.url, folder, name)
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        wanted = os.path.splitext(name)[0].rpartition("-")[2]  # the name ends with how the checksum begins
        if not found.startswith(wanted):
            raise RuntimeError(
                f'invalid hash value (expected "{wanted}", got "{found}")\n  Remove {path} and try again.'
            )
        return serialize.load(path, map_location="cpu", weights_only=True)

    @property
    def url(self) -> str:
        return self.value.url

    @property
    def transforms(self) -> Callable[..., Any]:
        return self.value.transforms

    @property
    def meta(self) -> dict[str, Any]:
        return self.value.meta

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self._name_}"


def _hub_folder() -> str:
    cache = os.environ.get("XDG_CACHE_HOME", os.path.join("~", ".cache"))
    return os.path.join(os.path.expanduser(os.environ.get("TORCH_HOME", os.path.join(cache, "torch"))), "hub")


def model(weights_class: type[WeightsEnum] | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that makes a function from settings to a module a builder, with `weights` and `progress`."""

    def decorate(make: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(make)
        def build(*args: Any, **kwargs: Any) -> Any:
            _take_positional(args, kwargs)
            weights, progress = _chosen(weights_class, kwargs, make.__name__), kwargs.pop("progress", True)
            if weights is None:
                return make(**kwargs)
            kwargs.setdefault("num_classes", 1000)
            if kwargs["num_classes"] != 1000:
                raise ValueError(
                    f"The parameter 'num_classes' expected value 1000 but got {kwargs['num_classes']} instead."
                )
            made = make(**kwargs)
            made.load_state_dict(weights.get_state_dict(progress=progress))
            return made

        BUILDERS[make.__name__] = build
        if weights_class is not None:
            WEIGHTS[make.__name__] = weights_class
        return build

    return decorate


OLD = "deprecated since 0.13 and may be removed in the future"


def _take_positional(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Put positional arguments, as they were written before 0.13, under their names."""
    if not args:
        return
    if len(args) > 2:
        raise TypeError(f"at most 2 positional arguments, weights and progress, are taken, but {len(args)} were given")
    names = ("weights", "progress")[: len(args)]
    listed = " and ".join(f"'{name}'" for name in names)
    warnings.warn(
        f"Using {listed} as positional parameter(s) is {OLD}. Please use keyword parameter(s) instead.", stacklevel=3
    )
    kwargs.update(zip(names, args, strict=False))


def _chosen(weights_class: type[WeightsEnum] | None, kwargs: dict[str, Any], name: str) -> Any:
    """The weights that are meant, by the new argument or by the old `pretrained`, which always were the first ones."""
    weights = kwargs.pop("weights", None)
    old = not (weights is None or isinstance(weights, (str, WeightsEnum)))
    if old or "pretrained" in kwargs:
        if not old:
            warnings.warn(f"The parameter 'pretrained' is {OLD}, please use 'weights' instead.", stacklevel=3)
        wanted = weights if old else kwargs["pretrained"]
        kwargs.pop("pretrained", None)
        if wanted and weights_class is None:
            raise ValueError(f"No weights available for model {name}")
        weights = weights_class["IMAGENET1K_V1"] if wanted and weights_class else None
        latest = f" You can also use `weights={type(weights).__name__}.DEFAULT` to get the most up-to-date weights."
        warnings.warn(
            f"Arguments other than a weight enum or `None` for 'weights' are {OLD}. "
            f"The current behavior is equivalent to passing `weights={weights!r}`.{latest if wanted else ''}",
            stacklevel=3,
        )
    if weights is None:
        return None
    if weights_class is None:
        raise ValueError("there are no trained weights for this model")
    return weights_class.verify(weights)


def list_models(
    module: Any = None, include: Iterable[str] | str | None = None, exclude: Iterable[str] | str | None = None
) -> list[str]:
    """The names of the models, in order; `include` and `exclude` are patterns such as `resnet*`."""
    names = {n for n, build in BUILDERS.items() if module is None or build.__module__.startswith(module.__name__)}
    if include:
        wanted = [include] if isinstance(include, str) else list(include)
        names = {n for n in names if any(fnmatch.fnmatchcase(n, pattern) for pattern in wanted)}
    unwanted = [exclude] if isinstance(exclude, str) else list(exclude or ())
    return sorted(n for n in names if not any(fnmatch.fnmatchcase(n, pattern) for pattern in unwanted))


def get_model_builder(name: str) -> Callable[..., Module]:
    """The function that makes a model. Raises ValueError for unknown names."""
    if name.lower() not in BUILDERS:
        raise ValueError(f"Unknown model {name.lower()}")
    return BUILDERS[name.lower()]


def get_model(name: str, **config: Any) -> Module:
    """A model by its name.

    >>> get_model("resnet18", num_classes=10).fc
    Linear(in_features=512, out_features=10, bias=True)
    """
    return get_model_builder(name)(**config)


def get_model_weights(name: Any) -> type[WeightsEnum]:
    """The list of weights of a model, given by its name or its builder. Raises ValueError where there is none."""
    name = name if isinstance(name, str) else name.__name__
    get_model_builder(name)
    if name not in WEIGHTS:
        raise ValueError("The weights enum class for the specific method couldn't be retrieved. Make sure it exists.")
    return WEIGHTS[name]


def get_weight(name: str) -> WeightsEnum:
    """Weights by their full name, `ResNet18_Weights.IMAGENET1K_V1`. Raises ValueError."""
    owner, _, member = name.partition(".")
    for weights_class in WEIGHTS.values():
        if weights_class.__name__ == owner:
            return weights_class[member]
    raise ValueError(f"The weight enum '{owner}' for the specific method couldn't be retrieved.")
