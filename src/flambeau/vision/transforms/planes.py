"""Tensors (..., C, H, W): what each function of `functional` does to one, differentiably where that has a meaning."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...nn.functional import conv2d, grid_sample, interpolate
from ...nn.functional import pad as pad_constant
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from .geometry import expanded_size, sides

LARGEST = {"uint8": 255, "int8": 127, "int16": 32767, "uint16": 65535, "int32": 2**31 - 1, "int64": 2**63 - 1}
# floating dtypes that cannot hold the largest numbers of whole ones
UNSAFE = {(dtypes.float32, dtypes.int32), (dtypes.float32, dtypes.int64), (dtypes.float64, dtypes.int64)}


def largest(dtype: Any) -> int:
    """The value that means full brightness: 1 for floating dtypes, the largest number for whole ones."""
    return LARGEST.get(dtype.name, 1)


def checked(img: Any) -> Tensor:
    """The tensor. Raises TypeError where it has fewer than two axes."""
    if img.ndim < 2:
        raise TypeError("Tensor is not a torch image.")
    return img


def get_dimensions(img: Tensor) -> list[int]:
    checked(img)
    return [1 if img.ndim == 2 else img.shape[-3], img.shape[-2], img.shape[-1]]


def check_channels(img: Tensor, permitted: tuple[int, ...] = (1, 3)) -> int:
    channels = get_dimensions(img)[0]
    if channels not in permitted:
        raise TypeError(f"Input image tensor permitted channel values are {list(permitted)}, but found {channels}")
    return channels


def convert_image_dtype(image: Tensor, dtype: Any) -> Tensor:
    if image.dtype == dtype:
        return image
    top = largest(dtype)
    if image.is_floating_point():
        if dtype.is_floating_point:
            return image.to(dtype)
        if (image.dtype, dtype) in UNSAFE:
            raise RuntimeError(f"The cast from {image.dtype} to {dtype} cannot be performed safely.")
        # just below the next number, so that 1.0 becomes `top` and every value has an equal share
        return image.mul(top + 1.0 - 1e-3).to(dtype)
    source_top = largest(image.dtype)
    if dtype.is_floating_point:
        return image.to(dtype) / source_top
    if source_top > top:
        return fn.div(image, (source_top + 1) // (top + 1), rounding_mode="floor").to(dtype)
    return image.to(dtype) * ((top + 1) // (source_top + 1))


def hflip(img: Tensor) -> Tensor:
    return checked(img).flip(-1)


def vflip(img: Tensor) -> Tensor:
    return checked(img).flip(-2)


def crop(img: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    _, h, w = get_dimensions(img)
    right, bottom = left + width, top + height
    inside = img[..., max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if left >= 0 and top >= 0 and right <= w and bottom <= h:
        return inside
    outside = [
        max(min(right, 0) - left, 0),
        max(min(bottom, 0) - top, 0),
        max(right - max(w, left), 0),
        max(bottom - max(h, top), 0),
    ]
    return pad(inside, outside, 0)


# ---- colour ----------------------------------------------------------------------------------------------------------


def blend(first: Tensor, second: Tensor, ratio: float) -> Tensor:
    ratio = float(ratio)
    return (ratio * first + (1.0 - ratio) * second).clamp(0, largest(first.dtype)).to(first.dtype)


def rgb_to_grayscale(img: Tensor, num_output_channels: int = 1) -> Tensor:
    if img.ndim < 3:
        raise TypeError(f"Input image tensor should have at least 3 dimensions, but found {img.ndim}")
    gray = img
    if check_channels(img) == 3:
        red, green, blue = img.unbind(-3)
        gray = (0.2989 * red + 0.587 * green + 0.114 * blue).to(img.dtype).unsqueeze(-3)
    return gray.expand(*img.shape[:-3], 3, *img.shape[-2:]) if num_output_channels == 3 else gray.clone()


def adjust_brightness(img: Tensor, factor: float) -> Tensor:
    check_channels(img)
    return blend(img, fn.zeros_like(img), factor)


def adjust_contrast(img: Tensor, factor: float) -> Tensor:
    gray = rgb_to_grayscale(img) if check_channels(img) == 3 else img
    dtype = img.dtype if img.is_floating_point() else dtypes.float32
    return blend(img, gray.to(dtype).mean(dim=(-3, -2, -1), keepdim=True), factor)


def adjust_saturation(img: Tensor, factor: float) -> Tensor:
    return img if check_channels(img) == 1 else blend(img, rgb_to_grayscale(img), factor)


def _to_hsv(img: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    red, green, blue = img.unbind(-3)
    top, bottom = img.amax(-3), img.amin(-3)
    gray, spread = top == bottom, top - bottom
    ones = fn.ones_like(top)
    saturation = spread / fn.where(gray, ones, top)
    divisor = fn.where(gray, ones, spread)
    from_red, from_green, from_blue = ((top - c) / divisor for c in (red, green, blue))
    is_red, is_green = top == red, (top == green) & (top != red)
    is_blue = (top != green) & (top != red)
    hue = is_red * (from_blue - from_green) + is_green * (2.0 + from_red - from_blue)
    hue = hue + is_blue * (4.0 + from_green - from_red)
    return fn.fmod(hue / 6.0 + 1.0, 1.0), saturation, top


def _from_hsv(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    sector = fn.floor(hue * 6.0)
    rest = hue * 6.0 - sector
    low = (value * (1.0 - saturation)).clamp(0.0, 1.0)
    falling = (value * (1.0 - saturation * rest)).clamp(0.0, 1.0)
    rising = (value * (1.0 - saturation * (1.0 - rest))).clamp(0.0, 1.0)
    # what red, green and blue are in each sixth of the circle
    table = (
        (value, falling, low, low, rising, value),
        (rising, value, value, falling, low, low),
        (low, low, rising, value, value, falling),
    )
    number = (sector.to(dtypes.int64) % 6).unsqueeze(0)
    return fn.stack([fn.stack(row).gather(0, number)[0] for row in table], dim=-3)


def adjust_hue(img: Tensor, factor: float) -> Tensor:
    if check_channels(img) == 1:
        return img
    hue, saturation, value = _to_hsv(convert_image_dtype(img, dtypes.float32))
    return convert_image_dtype(_from_hsv((hue + factor) % 1.0, saturation, value), img.dtype)


def adjust_gamma(img: Tensor, gamma: float, gain: float = 1) -> Tensor:
    real = img if img.is_floating_point() else convert_image_dtype(img, dtypes.float32)
    return convert_image_dtype((gain * real**gamma).clamp(0, 1), img.dtype)


def to_grayscale(img: Tensor, num_output_channels: int) -> Tensor:
    return rgb_to_grayscale(img, num_output_channels)


def _smoothed(img: Tensor) -> Tensor:
    """The mean of each pixel's neighbours and five times itself; the border stays."""
    kernel = fn.ones(3, 3, dtype=img.dtype if img.is_floating_point() else dtypes.float32)
    kernel[1, 1] = 5.0
    kernel = (kernel / kernel.sum()).expand(img.shape[-3], 1, 3, 3)
    inner = conv2d(_batch(img).to(kernel.dtype), kernel, groups=img.shape[-3]).reshape(
        *img.shape[:-2], -1, 0 + img.shape[-1] - 2
    )
    result = img.clone()
    result[..., 1:-1, 1:-1] = inner if img.is_floating_point() else inner.round().to(img.dtype)
    return result


def adjust_sharpness(img: Tensor, factor: float) -> Tensor:
    check_channels(img)
    return img if img.shape[-1] <= 2 or img.shape[-2] <= 2 else blend(img, _smoothed(img), factor)


def _check_colours(img: Tensor) -> None:
    if img.ndim < 3:
        raise TypeError(f"Input image tensor should have at least 3 dimensions, but found {img.ndim}")
    check_channels(img)


def invert(img: Tensor) -> Tensor:
    _check_colours(img)
    return largest(img.dtype) - img


def posterize(img: Tensor, bits: int) -> Tensor:
    _check_colours(img)
    if img.dtype != dtypes.uint8:
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {img.dtype}")
    return img & (256 - 2 ** (8 - bits))


def solarize(img: Tensor, threshold: float) -> Tensor:
    _check_colours(img)
    if threshold > largest(img.dtype):
        raise TypeError("Threshold should be less than bound of img.")
    return fn.where(img >= threshold, invert(img), img)


def autocontrast(img: Tensor) -> Tensor:
    _check_colours(img)
    top = largest(img.dtype)
    dtype = img.dtype if img.is_floating_point() else dtypes.float32
    low, high = img.amin((-2, -1), keepdim=True).to(dtype), img.amax((-2, -1), keepdim=True).to(dtype)
    flat = low == high
    low, scale = fn.where(flat, fn.zeros_like(low), low), fn.where(flat, fn.ones_like(low), top / (high - low))
    return ((img - low) * scale).clamp(0, top).to(img.dtype)


def _equalized(channel: Tensor) -> Tensor:
    counts = fn.bincount(channel.reshape(-1).to(dtypes.int64), minlength=256)
    used = counts[counts != 0]
    step = fn.div(used[:-1].sum(), 255, rounding_mode="floor")
    if step.item() == 0:
        return channel
    table = fn.div(fn.cumsum(counts, 0) + fn.div(step, 2, rounding_mode="floor"), step, rounding_mode="floor")
    table = fn.cat([fn.zeros(1, dtype=table.dtype), table[:-1]]).clamp(0, 255)
    return table[channel.to(dtypes.int64)].to(dtypes.uint8)


def equalize(img: Tensor) -> Tensor:
    checked(img)
    if not 3 <= img.ndim <= 4:
        raise TypeError(f"Input image tensor should have 3 or 4 dimensions, but found {img.ndim}")
    if img.dtype != dtypes.uint8:
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {img.dtype}")
    check_channels(img)
    planes = img.reshape(-1, *img.shape[-2:])
    return fn.stack([_equalized(plane) for plane in planes.unbind(0)]).reshape(img.shape)


def normalize(tensor: Tensor, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.ndim < 3:
        raise ValueError(
            f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {tensor.size()}"
        )
    result = tensor if inplace else tensor.clone()
    mean, std = (fn.as_tensor(value, dtype=tensor.dtype) for value in (mean, std))
    if (std == 0).any():
        raise ValueError(f"std evaluated to zero after conversion to {tensor.dtype}, leading to division by zero.")
    mean, std = (value.reshape(-1, 1, 1) if value.ndim == 1 else value for value in (mean, std))
    return result.sub_(mean).div_(std)


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Tensor:
    checked(img)
    img = img if inplace else img.clone()
    img[..., i : i + h, j : j + w] = v
    return img


# ---- places ----------------------------------------------------------------------------------------------------------


def _batch(img: Tensor) -> Tensor:
    """(..., C, H, W) as (N, C, H, W)."""
    return img.reshape(-1, *img.shape[-3:])


def _in_floats(img: Tensor) -> Tensor:
    """As a batch of a dtype that convolutions and samples know."""
    real = img.dtype in (dtypes.float32, dtypes.float64)
    return _batch(img if real else img.to(dtypes.float32))


def _back(result: Tensor, img: Tensor) -> Tensor:
    """A batch of results with the leading axes and the dtype of the image."""
    if result.dtype != img.dtype:
        result = (result if img.is_floating_point() else result.round()).to(img.dtype)
    return result.reshape(*img.shape[:-3], *result.shape[-3:]) if img.ndim >= 3 else result[0, 0]


def _places(size: int, before: int, after: int, mode: str) -> Tensor:
    """Where each row of a padded image comes from."""
    at = fn.arange(-before, size + after)
    if mode == "edge":
        return at.clamp(0, size - 1)
    period = 2 * size if mode == "symmetric" else 2 * size - 2
    at = at % max(period, 1)
    return fn.where(at < size, at, period - at - int(mode == "symmetric"))


def pad(img: Tensor, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Tensor:
    left, top, right, bottom = sides(padding)
    if padding_mode == "constant":
        if isinstance(fill, (list, tuple)) and len(set(fill)) == 1:
            fill = fill[0]
        if isinstance(fill, (list, tuple)):
            planes = [pad(img[..., c, :, :], padding, value) for c, value in enumerate(fill)]
            return fn.stack(planes, dim=-3)
        return pad_constant(img, (left, right, top, bottom), "constant", float(fill or 0))
    _, h, w = get_dimensions(img)
    if padding_mode == "reflect" and (max(left, right) >= w or max(top, bottom) >= h):
        # torchvision's tensors can be mirrored once
        raise RuntimeError(
            "Padding size should be less than the corresponding input dimension, but got: padding "
            f"({left}, {right}) at dimension {img.ndim - 1} of input {list(img.shape)}"
        )
    img = img.index_select(-1, _places(w, left, right, padding_mode))
    return img.index_select(-2, _places(h, top, bottom, padding_mode))


def resize(img: Tensor, size: list[int], interpolation: str, antialias: bool = True, native: bool = False) -> Tensor:
    """native: bytes are resampled as bytes, as v2 does. Raises for modes that only Pillow has."""
    if tuple(img.shape[-2:]) == tuple(size):
        return img
    smooth = interpolation in ("bilinear", "bicubic", "lanczos")
    native = native and img.dtype == dtypes.uint8
    batch = _batch(img) if native else _in_floats(img)
    result = interpolate(
        batch,
        size=list(size),
        mode=interpolation,
        align_corners=False if smooth else None,
        antialias=bool(antialias) and smooth,  # the other modes have nothing to smooth
    )
    if interpolation == "bicubic" and img.dtype == dtypes.uint8:
        result = result.clamp(0, 255)
    return _back(result, img)


def sampled(img: Tensor, grid: Tensor, mode: str, fill: Any) -> Tensor:
    """Pixels at the places of a grid (1, H, W, 2); `fill`, a list or None for zeros, where these lie outside."""
    batch = _in_floats(img)
    grid = grid.to(batch.dtype).expand(batch.shape[0], -1, -1, -1)
    if fill is None:
        return _back(grid_sample(batch, grid, mode=mode, padding_mode="zeros", align_corners=False), img)
    channels = batch.shape[1]
    batch = fn.cat([batch, fn.ones_like(batch[:, :1])], dim=1)  # what becomes of the ones tells what lies outside
    result = grid_sample(batch, grid, mode=mode, padding_mode="zeros", align_corners=False)
    inside, result = result[:, channels:], result[:, :channels]
    colour = fn.tensor(fill, dtype=result.dtype).reshape(1, -1, 1, 1)
    if mode == "nearest":
        return _back(fn.where(inside < 0.5, colour, result), img)
    return _back(result * inside + (1.0 - inside) * colour, img)


def _centres(size: int, start: float, dtype: Any) -> Tensor:
    return fn.linspace(start + 0.5, start + size - 0.5, size, dtype=dtype)


def affine_grid(matrix: Any, w: int, h: int, out_w: int, out_h: int, dtype: Any = dtypes.float32) -> Tensor:
    """(1, out_h, out_w, 2): where each pixel of the result comes from, in units in which the image is [-1, 1]."""
    x = _centres(out_w, -0.5 * out_w, dtype).expand(out_h, out_w)
    y = _centres(out_h, -0.5 * out_h, dtype)[:, None].expand(out_h, out_w)
    base = fn.stack([x, y, fn.ones_like(x)], dim=-1).reshape(1, -1, 3)
    theta = fn.tensor(matrix, dtype=dtype).reshape(1, 2, 3)
    scaled = theta.transpose(1, 2) / fn.tensor([0.5 * w, 0.5 * h], dtype=dtype)
    return base.bmm(scaled).reshape(1, out_h, out_w, 2)


def _real(img: Tensor) -> Any:
    return img.dtype if img.is_floating_point() else dtypes.float32


def affine(img: Tensor, matrix: Any, interpolation: str, fill: Any) -> Tensor:
    h, w = img.shape[-2:]
    return sampled(img, affine_grid(matrix, w, h, w, h, _real(img)), interpolation, fill)


def rotate(img: Tensor, matrix: Any, interpolation: str, expand: bool, fill: Any) -> Tensor:
    h, w = img.shape[-2:]
    out_w, out_h = expanded_size(matrix, w, h) if expand else (w, h)
    return sampled(img, affine_grid(matrix, w, h, out_w, out_h, _real(img)), interpolation, fill)


def perspective(img: Tensor, coefficients: Any, interpolation: str, fill: Any) -> Tensor:
    h, w = img.shape[-2:]
    dtype = _real(img)
    a, b, c, d, e, f, g, i = coefficients
    x = _centres(w, 0.0, dtype).expand(h, w)
    y = _centres(h, 0.0, dtype)[:, None].expand(h, w)
    base = fn.stack([x, y, fn.ones_like(x)], dim=-1).reshape(1, -1, 3)
    above = fn.tensor([[a, b, c], [d, e, f]], dtype=dtype).T / fn.tensor([0.5 * w, 0.5 * h], dtype=dtype)
    below = fn.tensor([[g, i, 1.0], [g, i, 1.0]], dtype=dtype).T
    grid = base.bmm(above[None]) / base.bmm(below[None]) - 1.0
    return sampled(img, grid.reshape(1, h, w, 2), interpolation, fill)


def elastic_transform(img: Tensor, displacement: Tensor, interpolation: str, fill: Any) -> Tensor:
    h, w = img.shape[-2:]
    dtype = _real(img)
    x = fn.linspace((-w + 1) / w, (w - 1) / w, w, dtype=dtype).expand(h, w)
    y = fn.linspace((-h + 1) / h, (h - 1) / h, h, dtype=dtype)[:, None].expand(h, w)
    return sampled(img, fn.stack([x, y], dim=-1)[None] + displacement.to(dtype), interpolation, fill)


def _bell(size: int, sigma: float, dtype: Any) -> Tensor:
    half = (size - 1) * 0.5
    values = fn.exp(-0.5 * (fn.linspace(-half, half, size, dtype=dtype) / sigma).pow(2))
    return values / values.sum()


def gaussian_blur(img: Tensor, kernel_size: Any, sigma: Any) -> Tensor:
    batch = _in_floats(img)
    across, down = (_bell(kernel_size[i], sigma[i], batch.dtype) for i in (0, 1))
    channels = batch.shape[1]
    kernel = (down[:, None] * across).expand(channels, 1, kernel_size[1], kernel_size[0])
    side_x, side_y = kernel_size[0] // 2, kernel_size[1] // 2
    padded = pad(batch, [side_x, side_y, side_x, side_y], padding_mode="reflect")
    return _back(conv2d(padded, kernel, groups=channels), img)
