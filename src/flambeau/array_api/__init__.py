"""The Python array API standard, 2024.12, over tensors: what `x.__array_namespace__()` gives.

Libraries that follow the standard (scikit-learn, SciPy, …) compute with tensors through this module. Names, signatures
and dtypes are the standard's; gradients are recorded as ever. https://data-apis.org/array-api/2024.12
"""

from __future__ import annotations

from math import e, inf, nan, pi

from .. import dtypes as _dtypes
from . import fft, linalg
from .creation import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .info import __array_namespace_info__
from .manipulation import *  # noqa: F403
from .products import *  # noqa: F403
from .searching import *  # noqa: F403
from .statistical import *  # noqa: F403
from .types import *  # noqa: F403

__array_api_version__ = "2024.12"
# the versions that users may ask for: each holds the ones before
VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12")

newaxis = None
bool = _dtypes.bool_
int8, int16, int32, int64 = _dtypes.int8, _dtypes.int16, _dtypes.int32, _dtypes.int64
uint8, uint16, uint32, uint64 = _dtypes.uint8, _dtypes.uint16, _dtypes.uint32, _dtypes.uint64
float32, float64 = _dtypes.float32, _dtypes.float64
complex64, complex128 = _dtypes.complex64, _dtypes.complex128

__all__ = [
    "e", "inf", "nan", "newaxis", "pi", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "float32", "float64", "complex64", "complex128", "fft", "linalg", "__array_api_version__",
    "__array_namespace_info__",
]  # fmt: skip
__all__ += [*creation.__all__, *elementwise.__all__, *manipulation.__all__, *products.__all__]  # type: ignore[name-defined]  # noqa: F405
__all__ += [*searching.__all__, *statistical.__all__, *types.__all__]  # type: ignore[name-defined]  # noqa: F405
