"""`torchvision.transforms.transforms`."""

from . import *  # noqa: F403
