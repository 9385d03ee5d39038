"""Initialisers: fill a parameter with the numbers to start training from. They draw PyTorch's very numbers.

The fans of a weight are the number of inputs that each output sums over, and of outputs that each input goes to. With
variances chosen by the fans, signals neither fade nor grow on their way (Glorot and Bengio 2010; He et al. 2015).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from ..tensor import functions as fn
from ..tensor import rows
from ..tensor.tensor import Tensor
from .grad_mode import unrecorded

__all__ = (
    "calculate_gain uniform_ normal_ trunc_normal_ constant_ ones_ zeros_ eye_ dirac_ xavier_uniform_ xavier_normal_ "
    "kaiming_uniform_ kaiming_normal_ orthogonal_ sparse_ uniform normal constant eye dirac xavier_uniform "
    "xavier_normal kaiming_uniform kaiming_normal orthogonal sparse"
).split()

GAINS = {
    **dict.fromkeys(
        "linear conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d sigmoid".split(), 1
    ),
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0),
    # found by experiment, as PyTorch's
    "selu": 3.0 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which a nonlinearity shrinks its input's deviation, to be made up for. Raises ValueError.

    param: the slope of `leaky_relu` for negative numbers, 0.01 by default.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    gain = GAINS.get(nonlinearity)
    if gain is not None:
        return gain
    if nonlinearity != "leaky_relu":
        raise ValueError(
            f"Unsupported nonlinearity {nonlinearity}\n  There are {', '.join(sorted([*GAINS, 'leaky_relu']))}."
        )
    if param is None:
        param = 0.01
    elif isinstance(param, bool) or not isinstance(param, (int, float)):
        raise ValueError(f"negative_slope {param} not a valid number")
    return math.sqrt(2.0 / (1 + param**2))


# ---- plain fills -----------------------------------------------------------------------------------------------------


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with uniform numbers from [a, b)."""
    with unrecorded():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with normal numbers."""
    with unrecorded():
        return tensor.normal_(mean, std, generator=generator)


def constant_(tensor: Any, val: float) -> Tensor:
    """Fill with one number."""
    with unrecorded():
        return tensor.fill_(val)


def ones_(tensor: Any) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Any) -> Tensor:
    """Fill with zeros."""
    with unrecorded():
        return tensor.zero_()


def eye_(tensor: Any) -> Tensor:
    """Make a matrix the identity: as many inputs as can be pass a linear layer unchanged."""
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    with unrecorded():
        tensor.zero_()
        tensor.diagonal().fill_(1)
    return tensor


def dirac_(tensor: Any, groups: int = 1) -> Tensor:
    """Make a convolution's weight (3, 4 or 5 dimensions) the identity: as many channels as can be pass unchanged."""
    dimensions = tensor.dim()
    if dimensions not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    sizes = tuple(tensor.shape)
    if sizes[0] % groups != 0:
        raise ValueError("dim 0 must be divisible by groups")
    if tensor.is_meta:
        return tensor
    outputs = sizes[0] // groups
    middle = tuple(n // 2 for n in sizes[2:])
    with unrecorded():
        tensor.zero_()
        for group in range(groups):
            first = group * outputs
            # the kernels' middles, channel to channel, as a matrix
            tensor[(slice(first, first + outputs), slice(None), *middle)].diagonal().fill_(1)
    return tensor


# ---- by the fans -----------------------------------------------------------------------------------------------------


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    shape = tuple(tensor.shape)
    if len(shape) < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with uniform numbers of deviation gain * sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""
    bound = math.sqrt(3.0) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with normal numbers of deviation gain * sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def _xavier_std(tensor: Any, gain: float) -> float:
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return gain * math.sqrt(2.0 / float(fan_in + fan_out))


def kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Tensor:
    """Fill with uniform numbers of deviation gain / sqrt(fan) (He et al. 2015).

    a: the slope of a leaky ReLU that follows. mode: "fan_in" keeps the size of signals, "fan_out" that of gradients.
    """
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    if std is None:
        return tensor
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Tensor:
    """Fill with normal numbers of deviation gain / sqrt(fan) (He et al. 2015). See `kaiming_uniform_`."""
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return tensor if std is None else normal_(tensor, 0, std, generator)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float | None:
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
        return None
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


# of a leaky ReLU of slope sqrt(5): makes the bound of `kaiming_uniform_` 1 / sqrt(fan_in)
_AFFINE_GAIN = calculate_gain("leaky_relu", math.sqrt(5))


def affine_parameters_(weight: Any, bias: Any) -> None:
    """Fill the weight and the bias of a linear map or a convolution: uniform numbers within 1 / sqrt(fan_in)."""
    shape = tuple(weight.shape)
    fan_in = math.prod(shape[1:])
    if 0 in shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=4)
    with unrecorded():
        if 0 not in shape:
            bound = math.sqrt(3.0) * (_AFFINE_GAIN / math.sqrt(fan_in))
            if weight.is_contiguous():
                weight.uniform_(-bound, bound)
            else:
                # draws follow memory; another layout of the weight must not change its numbers
                weight.copy_(fn.empty(shape, dtype=weight.dtype).uniform_(-bound, bound))
        if bias is not None:
            bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
            bias.uniform_(-bound, bound)


# ---- others ----------------------------------------------------------------------------------------------------------


def trunc_normal_(
    tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Tensor:
    """Fill with normal numbers from [a, b]: those outside are drawn again."""
    if tensor.is_meta:
        return tensor
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    inside = (math.erf((b - mean) / std / math.sqrt(2.0)) - math.erf((a - mean) / std / math.sqrt(2.0))) / 2.0
    with unrecorded():
        if inside > 0.3:
            _draw_until_inside(tensor, mean, std, a, b, generator)
        else:
            _accept_uniforms(tensor, mean, std, a, b, generator)
    return tensor


def _draw_until_inside(tensor: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    """Most normals are inside: draw anew, all of them, until each has been inside once."""
    low, high = tensor.new_tensor(a).item(), tensor.new_tensor(b).item()
    tensor.normal_(mean, std, generator=generator)
    outside = (tensor < low) | (tensor > high)
    while outside.any():
        again = fn.empty_like(tensor).normal_(mean, std, generator=generator)
        tensor.copy_(fn.where(outside, again, tensor))
        outside = (tensor < low) | (tensor > high)


def _accept_uniforms(tensor: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    """Few normals are inside: draw uniform numbers, and accept each with the density's height there."""
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2
    pending = None
    while pending is None or pending.any():
        candidates = fn.empty_like(tensor).uniform_(a, b, generator=generator)
        tensor.copy_(candidates if pending is None else fn.where(pending, candidates, tensor))
        height = candidates.sub_(mean).div_(std).pow_(2).mul_(-0.5).sub_(peak)
        refused = fn.empty_like(tensor).uniform_(generator=generator).log_().gt(height)
        pending = refused if pending is None else fn.where(pending, refused, pending)


def orthogonal_(tensor: Any, gain: float = 1, generator: Any = None) -> Tensor:
    """Fill with a (semi-)orthogonal matrix (Saxe et al. 2013); dimensions from the second on are taken as one."""
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0 or tensor.is_meta:
        return tensor
    count = tensor.shape[0]
    size = tensor.numel() // count
    with unrecorded():
        normals = tensor.new_empty((count, size)).normal_(0, 1, generator=generator)
        q, r = rows.linalg_qr(normals.t() if count < size else normals)
        # signs that make the decomposition unique
        q = q * r.diagonal().sign()
        tensor.copy_((q.t() if count < size else q).reshape(tensor.shape))
        tensor.mul_(gain)
    return tensor


def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Fill a matrix with normal numbers and a share `sparsity` of zeros in each column (Martens 2010)."""
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    if tensor.is_meta:
        return tensor
    height, width = tensor.shape
    zeros = math.ceil(sparsity * height)
    with unrecorded():
        tensor.normal_(0, std, generator=generator)
        for column in range(width):
            tensor[fn.randperm(height)[:zeros], column] = 0
    return tensor


def _older_name(initialise: Callable) -> Callable:
    """The initialiser under the name without underscore that it had once."""
    new = initialise.__name__
    old = new[:-1]

    def deprecated_init(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.", FutureWarning, stacklevel=2)
        return initialise(*args, **kwargs)

    deprecated_init.__doc__ = f"The older name of `{new}`."
    deprecated_init.__name__ = deprecated_init.__qualname__ = old
    return deprecated_init


uniform = _older_name(uniform_)
normal = _older_name(normal_)
constant = _older_name(constant_)
eye = _older_name(eye_)
dirac = _older_name(dirac_)
xavier_uniform = _older_name(xavier_uniform_)
xavier_normal = _older_name(xavier_normal_)
kaiming_uniform = _older_name(kaiming_uniform_)
kaiming_normal = _older_name(kaiming_normal_)
orthogonal = _older_name(orthogonal_)
sparse = _older_name(sparse_)
