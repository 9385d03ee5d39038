"""`torch.backends.quantized`: engines for 8-bit integers, of which there are none."""

from __future__ import annotations

engine = "none"
supported_engines = ["none"]
