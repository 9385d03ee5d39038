"""Files: `torch.save`, `torch.load` and `torch.serialization`."""

from .files import get_unsafe_globals_in_checkpoint, load, save
from .options import (
    LoadEndianness,
    get_crc32_options,
    get_default_load_endianness,
    get_default_mmap_options,
    set_crc32_options,
    set_default_load_endianness,
    set_default_mmap_options,
    skip_data,
)
from .packages import (
    SourceChangeWarning,
    check_module_version_greater_or_equal,
    default_restore_location,
    location_tag,
    mkdtemp,
    register_package,
)
from .safe import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals

__all__ = [
    "SourceChangeWarning",
    "check_module_version_greater_or_equal",
    "default_restore_location",
    "get_unsafe_globals_in_checkpoint",
    "location_tag",
    "mkdtemp",
    "register_package",
    "LoadEndianness",
    "add_safe_globals",
    "clear_safe_globals",
    "get_crc32_options",
    "get_default_load_endianness",
    "get_default_mmap_options",
    "get_safe_globals",
    "load",
    "safe_globals",
    "save",
    "set_crc32_options",
    "set_default_load_endianness",
    "set_default_mmap_options",
    "skip_data",
]
