"""`torch.utils._foreach_utils`: tensors sorted by where they are, for optimizers that update many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..device import device as Device
from ..tensor.tensor import Tensor


def _group_tensors_by_device_and_dtype(
    tensorlistlist: Sequence[Sequence[Any]], with_indices: bool = False
) -> dict[tuple, tuple[list[list[Any]], list[int]]]:
    """Lists of tensors that go together, split by the device and dtype of those in the first list.

    Returns {(device, dtype): (the lists' shares, the places)}, the places only where asked for.
    """
    groups: dict[tuple, tuple[list[list[Any]], list[int]]] = {}
    for i, first in enumerate(tensorlistlist[0]):
        lists, places = groups.setdefault((first.device, first.dtype), ([[] for _ in tensorlistlist], []))
        for share, whole in zip(lists, tensorlistlist, strict=True):
            if whole:
                share.append(whole[i])
        if with_indices:
            places.append(i)
    return groups


def _get_foreach_kernels_supported_devices() -> list[str]:
    """The devices on which optimizers prefer to update many tensors at once."""
    return ["cuda", "xpu", "mtia", "privateuseone"]


def _get_fused_kernels_supported_devices() -> list[str]:
    """The devices that have optimizers with one kernel for a whole update."""
    return ["mps", "cuda", "xpu", "hpu", "cpu", "mtia", "privateuseone"]


def _device_has_foreach_support(device: Device) -> bool:
    return device.type in (*_get_foreach_kernels_supported_devices(), "cpu")


def _has_foreach_support(tensors: Sequence[Tensor | None], device: Device) -> bool:
    return _device_has_foreach_support(device) and all(t is None or type(t) is Tensor for t in tensors)
