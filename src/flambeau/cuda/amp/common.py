"""What the old place of `torch.amp` says of itself."""

from __future__ import annotations

import warnings

from ...amp.autocast_mode import amp_definitely_not_available as amp_definitely_not_available


def warn_deprecated(name: str) -> None:
    warnings.warn(
        f"`torch.cuda.amp.{name}(args...)` is deprecated. Please use `torch.amp.{name}('cuda', args...)` instead.",
        FutureWarning,
        stacklevel=3,
    )
