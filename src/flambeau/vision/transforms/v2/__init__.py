"""Transforms of images together with their boxes and masks: `torchvision.transforms.v2`."""

from ..modes import InterpolationMode
from . import functional
from .colours import (
    JPEG,
    ColorJitter,
    GaussianBlur,
    GaussianNoise,
    Grayscale,
    RandomAdjustSharpness,
    RandomAutocontrast,
    RandomChannelPermutation,
    RandomEqualize,
    RandomErasing,
    RandomGrayscale,
    RandomInvert,
    RandomPhotometricDistort,
    RandomPosterize,
    RandomSolarize,
)
from .conversions import (
    RGB,
    ClampBoundingBoxes,
    ConvertBoundingBoxFormat,
    ConvertImageDtype,
    LinearTransformation,
    Normalize,
    PILToTensor,
    ToDtype,
    ToImage,
    ToPILImage,
    ToPureTensor,
    ToTensor,
    UniformTemporalSubsample,
)
from .core import (
    Compose,
    Identity,
    Lambda,
    RandomApply,
    RandomChoice,
    RandomOrder,
    Transform,
    check_type,
    has_all,
    has_any,
    query_chw,
    query_size,
)
from .mixing import CutMix, MixUp
from .places import (
    CenterCrop,
    ElasticTransform,
    FiveCrop,
    Pad,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomPerspective,
    RandomResize,
    RandomResizedCrop,
    RandomRotation,
    RandomShortestSize,
    RandomVerticalFlip,
    RandomZoomOut,
    Resize,
    ScaleJitter,
    TenCrop,
)

__all__ = (
    "CenterCrop ClampBoundingBoxes ColorJitter Compose ConvertBoundingBoxFormat ConvertImageDtype CutMix "
    "ElasticTransform FiveCrop GaussianBlur GaussianNoise Grayscale Identity InterpolationMode JPEG Lambda "
    "LinearTransformation MixUp Normalize PILToTensor Pad RGB RandomAdjustSharpness RandomAffine RandomApply "
    "RandomAutocontrast RandomChannelPermutation RandomChoice RandomCrop RandomEqualize RandomErasing RandomGrayscale "
    "RandomHorizontalFlip RandomInvert RandomOrder RandomPerspective RandomPhotometricDistort RandomPosterize "
    "RandomResize RandomResizedCrop RandomRotation RandomShortestSize RandomSolarize RandomVerticalFlip RandomZoomOut "
    "Resize ScaleJitter TenCrop ToDtype ToImage ToPILImage ToPureTensor ToTensor Transform UniformTemporalSubsample "
    "check_type functional has_all has_any query_chw query_size"
).split()
