"""`torch.__future__`: switches for how modules are converted."""

from __future__ import annotations

from .nn.conversion import settings


def set_overwrite_module_params_on_conversion(value: bool) -> None:
    """Whether `module.to(...)` makes new parameters in place of changing theirs."""
    settings["overwrite_module_params_on_conversion"] = value


def get_overwrite_module_params_on_conversion() -> bool:
    """Whether `module.to(...)` makes new parameters in place of changing theirs."""
    return settings["overwrite_module_params_on_conversion"]


def set_swap_module_params_on_conversion(value: bool) -> None:
    """Whether `module.to(...)` swaps the parameters with the converted ones."""
    settings["swap_module_params_on_conversion"] = value


def get_swap_module_params_on_conversion() -> bool:
    """Whether `module.to(...)` swaps the parameters with the converted ones."""
    return settings["swap_module_params_on_conversion"]
