"""`torch._dynamo.eval_frame`: the class of compiled modules, for `isinstance`."""

from __future__ import annotations

from typing import Any

from .. import nn


class OptimizedModule(nn.Module):
    """A compiled module. There are none here, so that no module is one."""

    def __init__(self, mod: nn.Module, dynamo_ctx: Any = None) -> None:
        raise RuntimeError("torch._dynamo.OptimizedModule is not available here: Flambeau compiles no modules yet")
