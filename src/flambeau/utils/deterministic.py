"""`torch.utils.deterministic`: settings for results that are the same in every run."""

from __future__ import annotations

from ..backends import switches

# whether memory that is not set is filled under `use_deterministic_algorithms`; here nothing reads it before it is set
fill_uninitialized_memory = True

switches(__name__)
