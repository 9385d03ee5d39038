"""`torch.backends.cuda`: not available. Its settings may be set, and nothing reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def is_built() -> bool:
    """Whether the library was compiled with CUDA: False."""
    return False


class cuBLASModule:
    """Settings of products of matrices on a GPU."""

    def __init__(self) -> None:
        self.allow_tf32 = False
        self.allow_fp16_reduced_precision_reduction = True
        self.allow_bf16_reduced_precision_reduction = True
        self.allow_fp16_accumulation = False
        self.fp32_precision = "none"

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _MATMUL:
            raise AttributeError("Unknown attribute " + name)
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError("Unknown attribute " + name)


_MATMUL = (
    "allow_tf32 allow_fp16_reduced_precision_reduction allow_bf16_reduced_precision_reduction allow_fp16_accumulation "
    "fp32_precision"
).split()
matmul = cuBLASModule()

_sdp = {"flash": True, "mem_efficient": True, "math": True, "cudnn": True, "reduced": False}


def flash_sdp_enabled() -> bool:
    """Whether flash attention may be chosen."""
    return _sdp["flash"]


def enable_flash_sdp(enabled: bool) -> None:
    """Whether flash attention may be chosen."""
    _sdp["flash"] = enabled


def mem_efficient_sdp_enabled() -> bool:
    """Whether memory-efficient attention may be chosen."""
    return _sdp["mem_efficient"]


def enable_mem_efficient_sdp(enabled: bool) -> None:
    """Whether memory-efficient attention may be chosen."""
    _sdp["mem_efficient"] = enabled


def math_sdp_enabled() -> bool:
    """Whether attention may be computed as it is written."""
    return _sdp["math"]


def enable_math_sdp(enabled: bool) -> None:
    """Whether attention may be computed as it is written."""
    _sdp["math"] = enabled


def cudnn_sdp_enabled() -> bool:
    """Whether cuDNN's attention may be chosen."""
    return _sdp["cudnn"]


def enable_cudnn_sdp(enabled: bool) -> None:
    """Whether cuDNN's attention may be chosen."""
    _sdp["cudnn"] = enabled


def fp16_bf16_reduction_math_sdp_allowed() -> bool:
    """Whether attention may sum in half precision."""
    return _sdp["reduced"]


def allow_fp16_bf16_reduction_math_sdp(enabled: bool) -> None:
    """Whether attention may sum in half precision."""
    _sdp["reduced"] = enabled


def is_flash_attention_available() -> bool:
    """Whether flash attention was compiled in: False."""
    return False


@contextmanager
def sdp_kernel(
    enable_flash: bool = True, enable_math: bool = True, enable_mem_efficient: bool = True, enable_cudnn: bool = True
) -> Iterator[None]:
    """Which kinds of attention may be chosen in a block."""
    before = dict(_sdp)
    _sdp.update(flash=enable_flash, math=enable_math, mem_efficient=enable_mem_efficient, cudnn=enable_cudnn)
    try:
        yield
    finally:
        _sdp.update(before)
