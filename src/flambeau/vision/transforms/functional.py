"""Functions of one image, a Pillow image or a tensor (..., C, H, W): `torchvision.transforms.functional`.

What is random about a transform is decided before these are called: they do the same each time.
"""

from __future__ import annotations

import numbers
import warnings
from typing import Any

from ... import config
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from ...xp import numpy as xnp
from .. import pillow as images
from . import pictures, planes
from .geometry import inverse_affine, perspective_coefficients, resized
from .modes import InterpolationMode, mode_of

NEAREST, BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR
GRID_MODES = ("nearest", "bilinear")


def is_tensor(img: Any) -> bool:
    return isinstance(img, Tensor)


def _kernels(img: Any) -> Any:
    """The module that knows this kind of image. Raises TypeError for what is none."""
    if isinstance(img, Tensor):
        planes.checked(img)
        return planes
    if images.is_image(img):
        return pictures
    raise TypeError(f"Unexpected type {type(img)}")


def _grid_mode(mode: InterpolationMode) -> str:
    if mode.value not in GRID_MODES:
        raise ValueError(f"Interpolation mode '{mode.value}' is unsupported with Tensor input")
    return mode.value


def _numbers(value: Any, count: int, message: str) -> list[Any]:
    """`count` numbers from one, from a sequence of one, or as they are. Raises ValueError."""
    if isinstance(value, numbers.Number):
        return [value] * count
    if len(value) == 1:
        return list(value) * count
    if len(value) != count:
        raise ValueError(message)
    return list(value)


# ---- sizes -----------------------------------------------------------------------------------------------------------


def get_dimensions(img: Any) -> list[int]:
    """[channels, height, width]."""
    return _kernels(img).get_dimensions(img)


def get_image_size(img: Any) -> list[int]:
    """[width, height]."""
    _, height, width = get_dimensions(img)
    return [width, height]


def get_image_num_channels(img: Any) -> int:
    """How many channels an image has."""
    return get_dimensions(img)[0]


# ---- kinds of images -------------------------------------------------------------------------------------------------


def to_tensor(pic: Any) -> Tensor:
    """A Pillow image or an array (H, W, C) as a tensor (C, H, W); bytes become numbers from 0 to 1.

    Raises TypeError for other things, ValueError for arrays of other than 2 or 3 axes.
    """
    if isinstance(pic, xnp.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        array = pic[:, :, None] if pic.ndim == 2 else pic
    elif images.is_image(pic):
        array = pictures.array_of(pic)
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    array = xnp.permute_dims(array, (2, 0, 1))
    tensor = fn.from_numpy(array if array.flags.c_contiguous else array.copy())
    if str(array.dtype) == "uint8":
        return tensor.to(config.default_dtype()).div(255)
    return tensor


def pil_to_tensor(pic: Any) -> Tensor:
    """A Pillow image as a tensor (C, H, W), its numbers as they are. Raises TypeError for other things."""
    if not images.is_image(pic):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    return pictures.tensor_of(pic)


def convert_image_dtype(image: Tensor, dtype: Any = None) -> Tensor:
    """A tensor in another dtype, scaled: full brightness is 1 in floating dtypes, the largest number in whole ones.

    Raises TypeError where this is no tensor, RuntimeError where numbers would overflow.
    """
    if not isinstance(image, Tensor):
        raise TypeError("Input img should be Tensor Image")
    return planes.convert_image_dtype(image, planes.dtypes.float32 if dtype is None else dtype)


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A tensor (C, H, W) or an array (H, W, C) as a Pillow image; floating numbers mean 0 to 1.

    Raises TypeError for other things and dtypes, ValueError for other shapes and modes.
    """
    if isinstance(pic, Tensor):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        if pic.ndim == 3 and pic.shape[-3] > 4:
            raise ValueError(f"pic should not have > 4 channels. Got {pic.shape[-3]} channels.")
        pic = pic.detach()
        if pic.is_floating_point() and mode != "F":
            pic = pic.mul(255).to(planes.dtypes.uint8)
        array = pic.numpy()
        array = array[:, :, None] if array.ndim == 2 else xnp.permute_dims(array, (1, 2, 0))
    elif isinstance(pic, xnp.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        array = pic[:, :, None] if pic.ndim == 2 else pic
        if array.shape[-1] > 4:
            raise ValueError(f"pic should not have > 4 channels. Got {array.shape[-1]} channels.")
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    return pictures.image_of(array, mode)


# ---- colour ----------------------------------------------------------------------------------------------------------


def adjust_brightness(img: Any, brightness_factor: float) -> Any:
    """0 is black, 1 the image as it is, 2 twice as bright."""
    return _kernels(img).adjust_brightness(img, brightness_factor)


def adjust_contrast(img: Any, contrast_factor: float) -> Any:
    """0 is gray all over, 1 the image as it is."""
    return _kernels(img).adjust_contrast(img, contrast_factor)


def adjust_saturation(img: Any, saturation_factor: float) -> Any:
    """0 is black and white, 1 the image as it is."""
    return _kernels(img).adjust_saturation(img, saturation_factor)


def adjust_hue(img: Any, hue_factor: float) -> Any:
    """Turns the circle of colours: 0 not at all, 0.5 and -0.5 half way. Raises ValueError outside of these."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    return _kernels(img).adjust_hue(img, hue_factor)


def adjust_gamma(img: Any, gamma: float, gain: float = 1) -> Any:
    """`gain * img ** gamma`, with brightness from 0 to 1. Raises ValueError where gamma is negative."""
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")
    return _kernels(img).adjust_gamma(img, gamma, gain)


def adjust_sharpness(img: Any, sharpness_factor: float) -> Any:
    """0 is blurred, 1 the image as it is, 2 twice as sharp. Raises ValueError where negative."""
    if sharpness_factor < 0:
        raise ValueError(f"sharpness_factor ({sharpness_factor}) is not non-negative.")
    return _kernels(img).adjust_sharpness(img, sharpness_factor)


def to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """A Pillow image in gray, of 1 channel or of 3 equal ones."""
    if not images.is_image(img):
        raise TypeError("Input should be PIL Image")
    return rgb_to_grayscale(img, num_output_channels)


def rgb_to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """Gray (0.2989 red + 0.587 green + 0.114 blue), of 1 channel or of 3 equal ones."""
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    return _kernels(img).to_grayscale(img, num_output_channels)


def invert(img: Any) -> Any:
    """The negative."""
    return _kernels(img).invert(img)


def posterize(img: Any, bits: int) -> Any:
    """Keeps the highest bits of each number, 0 to 8 of them."""
    if not 0 <= bits <= 8:
        raise ValueError(f"The number if bits should be between 0 and 8. Got {bits}")
    return _kernels(img).posterize(img, bits)


def solarize(img: Any, threshold: float) -> Any:
    """The negative, of numbers from the threshold on."""
    return _kernels(img).solarize(img, threshold)


def autocontrast(img: Any) -> Any:
    """Each channel stretched so that its darkest number is black and its brightest full."""
    return _kernels(img).autocontrast(img)


def equalize(img: Any) -> Any:
    """Each channel so that all brightnesses are about equally frequent."""
    return _kernels(img).equalize(img)


def normalize(tensor: Tensor, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    """`(tensor - mean) / std`, channel by channel. Raises TypeError for whole numbers, ValueError where std is 0."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    return planes.normalize(tensor, mean, std, inplace)


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Tensor:
    """The box of height h and width w at row i, column j, filled with v."""
    if not isinstance(img, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(img)}")
    return planes.erase(img, i, j, h, w, v, inplace)


# ---- places ----------------------------------------------------------------------------------------------------------


def hflip(img: Any) -> Any:
    """Left becomes right."""
    return _kernels(img).hflip(img)


def vflip(img: Any) -> Any:
    """Up becomes down."""
    return _kernels(img).vflip(img)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """A box of the image; what lies outside of it is zero."""
    return _kernels(img).crop(img, top, left, height, width)


def pad(img: Any, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    """A border: one width, [left and right, top and bottom] or [left, top, right, bottom].

    padding_mode: constant (of the colour `fill`), edge, reflect (without the edge) or symmetric (with it). Raises
    TypeError and ValueError for other arguments.
    """
    if not isinstance(padding, (int, tuple, list)):
        raise TypeError("Got inappropriate padding arg")
    if not isinstance(fill, (int, float, str, tuple, list)) and fill is not None:
        raise TypeError("Got inappropriate fill arg")
    if not isinstance(padding_mode, str):
        raise TypeError("Got inappropriate padding_mode arg")
    if not isinstance(padding, int) and len(padding) not in (1, 2, 4):
        raise ValueError(f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple")
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")
    if is_tensor(img) and not isinstance(fill, (int, float)) and fill is not None:
        raise TypeError("Got inappropriate fill arg")
    return _kernels(img).pad(img, padding, fill, padding_mode)


def _size(size: Any) -> list[int]:
    """[height, width] of a crop, from one number or two."""
    return [int(n) for n in _numbers(size, 2, "Please provide only two dimensions (h, w) for size.")]


def center_crop(img: Any, output_size: Any) -> Any:
    """The middle of the image; where that is smaller than `output_size`, zeros around it."""
    height, width = _size(output_size)
    _, h, w = get_dimensions(img)
    if width > w or height > h:
        more_w, more_h = max(width - w, 0), max(height - h, 0)
        img = pad(img, [more_w // 2, more_h // 2, (more_w + 1) // 2, (more_h + 1) // 2], 0)
        _, h, w = get_dimensions(img)
        if (width, height) == (w, h):
            return img
    return crop(img, int(round((h - height) / 2.0)), int(round((w - width) / 2.0)), height, width)


def resize(
    img: Any, size: Any, interpolation: Any = BILINEAR, max_size: int | None = None, antialias: bool | None = True
) -> Any:
    """Another size: [height, width], or one number for the shorter edge, with the longer one at most `max_size`.

    antialias: tensors are smoothed before they shrink, as Pillow images always are. Raises TypeError, ValueError.
    """
    mode = mode_of(interpolation)
    if isinstance(size, (list, tuple)):
        if len(size) not in (1, 2):
            raise ValueError(
                f"Size must be an int or a 1 or 2 element tuple/list, not a {len(size)} element tuple/list"
            )
        if max_size is not None and len(size) != 1:
            raise ValueError(
                "max_size should only be passed if size specifies the length of the smaller edge, "
                "i.e. size should be an int or a sequence of length 1 in torchscript mode."
            )
    _, h, w = get_dimensions(img)
    wanted = resized((h, w), [size] if isinstance(size, int) else size, max_size)
    if wanted == [h, w]:
        return img
    if is_tensor(img):
        if mode == InterpolationMode.LANCZOS:
            raise ValueError("Lanczos mode requires antialias=True")  # the v1 functions do not pass it on for tensors
        return planes.resize(img, wanted, mode.value, bool(antialias))
    if antialias is False:
        warnings.warn(
            "Anti-alias option is always applied for PIL Image input. Argument antialias is ignored.", stacklevel=2
        )
    return pictures.resize(img, wanted, mode)


def resized_crop(
    img: Any,
    top: int,
    left: int,
    height: int,
    width: int,
    size: Any,
    interpolation: Any = BILINEAR,
    antialias: bool | None = True,
) -> Any:
    """`crop`, then `resize`."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def five_crop(img: Any, size: Any) -> tuple[Any, ...]:
    """The four corners (top left, top right, bottom left, bottom right) and the middle. Raises ValueError."""
    height, width = _size(size)
    _, h, w = get_dimensions(img)
    if width > w or height > h:
        raise ValueError(f"Requested crop size {(height, width)} is bigger than input size {(h, w)}")
    corners = [(top, left) for top in (0, h - height) for left in (0, w - width)]
    return (*(crop(img, top, left, height, width) for top, left in corners), center_crop(img, [height, width]))


def ten_crop(img: Any, size: Any, vertical_flip: bool = False) -> tuple[Any, ...]:
    """`five_crop` of the image and of its mirror image."""
    size = _size(size)
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)


def _tensor_fill(img: Tensor, fill: Any) -> list[float] | None:
    if fill is None:
        return None
    channels = get_dimensions(img)[0]
    given = [float(fill)] if isinstance(fill, (int, float)) else [float(f) for f in fill]
    if len(given) not in (1, channels):
        raise ValueError(
            "The number of elements in 'fill' cannot broadcast to match the number of channels of the image "
            f"({len(given)} != {channels})"
        )
    return given if len(given) == channels else given * channels


def affine(
    img: Any,
    angle: float,
    translate: Any,
    scale: float,
    shear: Any,
    interpolation: Any = NEAREST,
    fill: Any = None,
    center: Any = None,
) -> Any:
    """Turned (clockwise, degrees), moved, scaled and sheared about the middle or `center`; the size stays.

    Raises TypeError and ValueError for other arguments.
    """
    mode = mode_of(interpolation)
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if not isinstance(translate, (list, tuple)):
        raise TypeError("Argument translate should be a sequence")
    if len(translate) != 2:
        raise ValueError("Argument translate should be a sequence of length 2")
    if scale <= 0.0:
        raise ValueError("Argument scale should be positive")
    if not isinstance(shear, (numbers.Number, list, tuple)):
        raise TypeError("Shear should be either a single value or a sequence of two values")
    if isinstance(shear, numbers.Number):
        shear = [shear, 0.0]
    elif len(shear) == 1:
        shear = [shear[0], shear[0]]
    if len(shear) != 2:
        raise ValueError(f"Shear should be a sequence containing two values. Got {shear}")
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError("Argument center should be a sequence")
    _, h, w = get_dimensions(img)
    if is_tensor(img):
        # the grid's origin is the middle
        middle = [0.0, 0.0] if center is None else [center[0] - w * 0.5, center[1] - h * 0.5]
        matrix = inverse_affine(middle, angle, translate, scale, shear)
        return planes.affine(img, matrix, _grid_mode(mode), _tensor_fill(img, fill))
    matrix = inverse_affine(center or [w * 0.5, h * 0.5], angle, translate, scale, shear)
    return pictures.affine(img, matrix, mode, fill)


def rotate(
    img: Any, angle: float, interpolation: Any = NEAREST, expand: bool = False, center: Any = None, fill: Any = None
) -> Any:
    """Turned counter-clockwise by degrees; `expand` makes the image as large as it then needs to be."""
    mode = mode_of(interpolation)
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError("Argument center should be a sequence")
    if not is_tensor(img):
        _kernels(img)
        return pictures.rotate(img, angle, mode, expand, center, fill)
    _, h, w = get_dimensions(img)
    middle = [0.0, 0.0] if center is None else [center[0] - w * 0.5, center[1] - h * 0.5]
    matrix = inverse_affine(middle, -angle, [0.0, 0.0], 1.0, [0.0, 0.0])
    return planes.rotate(img, matrix, _grid_mode(mode), expand, _tensor_fill(img, fill))


def perspective(img: Any, startpoints: Any, endpoints: Any, interpolation: Any = BILINEAR, fill: Any = None) -> Any:
    """As seen from another side: four corners [x, y] of the image (from top left, clockwise) and where they go."""
    coefficients = perspective_coefficients(startpoints, endpoints)
    mode = mode_of(interpolation)
    if is_tensor(img):
        return planes.perspective(img, coefficients, _grid_mode(mode), _tensor_fill(img, fill))
    _kernels(img)
    return pictures.perspective(img, coefficients, mode, fill)


def gaussian_blur(img: Any, kernel_size: Any, sigma: Any = None) -> Any:
    """Blurred by a bell curve of odd width [x, y]; sigma is `0.15 * kernel_size + 0.35` by default."""
    if not isinstance(kernel_size, (int, list, tuple)):
        raise TypeError(f"kernel_size should be int or a sequence of integers. Got {type(kernel_size)}")
    kernel_size = [kernel_size] * 2 if isinstance(kernel_size, int) else list(kernel_size)
    if len(kernel_size) != 2:
        raise ValueError(f"If kernel_size is a sequence its length should be 2. Got {len(kernel_size)}")
    if any(k % 2 == 0 or k < 0 for k in kernel_size):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {kernel_size}")
    if sigma is None:
        sigma = [k * 0.15 + 0.35 for k in kernel_size]
    elif not isinstance(sigma, (int, float, list, tuple)):
        raise TypeError(f"sigma should be either float or sequence of floats. Got {type(sigma)}")
    sigma = _numbers(
        sigma,
        2,
        f"If sigma is a sequence, its length should be 2. Got {sigma if isinstance(sigma, float) else len(sigma)}",
    )
    if any(s <= 0.0 for s in sigma):
        raise ValueError(f"sigma should have positive values. Got {sigma}")
    return _as_tensor(img, lambda tensor: planes.gaussian_blur(tensor, kernel_size, sigma))


def elastic_transform(img: Any, displacement: Tensor, interpolation: Any = BILINEAR, fill: Any = None) -> Any:
    """Each pixel taken from a place moved by `displacement`, (1, H, W, 2), in units in which the image is [-1, 1]."""
    mode = mode_of(interpolation)
    if not isinstance(displacement, Tensor):
        raise TypeError("Argument displacement should be a Tensor")
    _, h, w = get_dimensions(img)
    if tuple(displacement.shape) != (1, h, w, 2):
        raise ValueError(f"Argument displacement shape should be {(1, h, w, 2)}, but given {displacement.shape}")
    known = _grid_mode(mode)
    return _as_tensor(
        img, lambda tensor: planes.elastic_transform(tensor, displacement, known, _tensor_fill(tensor, fill))
    )


def _as_tensor(img: Any, kernel: Any) -> Any:
    """What a kernel of tensors makes of a tensor, or of a Pillow image by way of one."""
    if is_tensor(img):
        return kernel(planes.checked(img))
    if not images.is_image(img):
        raise TypeError(f"img should be PIL Image or Tensor. Got {type(img)}")
    return to_pil_image(kernel(pil_to_tensor(img)), mode=img.mode)
