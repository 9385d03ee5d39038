"""`torch.special`: special functions, many of which are functions of `torch` under the names that SciPy gives them.

>>> import torch
>>> torch.special.expit(torch.tensor([0.]))
tensor([0.5000])
"""

from __future__ import annotations

from typing import Any

from .tensor import functions as fn
from .tensor import rows
from .tensor.public import public
from .tensor.tensor import Tensor

# name here -> name of the function in torch
FUNCTIONS = {
    **{
        name: name
        for name in "digamma erf erfc erfinv exp2 expm1 i0 log1p log_softmax logit logsumexp polygamma round sinc "
        "softmax xlogy".split()
    },
    "expit": "sigmoid",
    "gammainc": "igamma",
    "gammaincc": "igammac",
    "gammaln": "lgamma",
    "multigammaln": "mvlgamma",
    "psi": "digamma",
}
# functions that torch has only here: the rows of the same names
ROWS = (
    "airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 chebyshev_polynomial_t chebyshev_polynomial_u "
    "chebyshev_polynomial_v chebyshev_polynomial_w entr erfcx hermite_polynomial_h hermite_polynomial_he i0e i1 i1e "
    "laguerre_polynomial_l legendre_polynomial_p log_ndtr modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 "
    "modified_bessel_k1 ndtri scaled_modified_bessel_k0 scaled_modified_bessel_k1 shifted_chebyshev_polynomial_t "
    "shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w spherical_bessel_j0 "
    "xlog1py zeta"
).split()

__all__ = sorted([*FUNCTIONS, *ROWS, "ndtr"])


@public(function=False, method=False, out=True)
def ndtr(input: Tensor) -> Tensor:
    """Elementwise probability that a standard normal variable is below `input`.

    >>> ndtr(tensor([0.]))
    tensor([0.5000])
    """
    return (1 + rows.erf(input * 0.7071067811865476)) * 0.5  # type: ignore[operator]


def __getattr__(name: str) -> Any:
    if name in FUNCTIONS:
        found = getattr(fn, FUNCTIONS[name])
    elif name in ROWS:
        found = getattr(rows, name)
    else:
        raise AttributeError(f"module 'torch.special' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
