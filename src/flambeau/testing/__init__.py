"""`torch.testing`: comparing tensors in tests, and making tensors to test with."""

from __future__ import annotations

import warnings
from typing import Any

from ..tensor import functions as _fn
from ..tensor.tensor import Tensor as _Tensor
from .comparison import assert_close
from .making import make_tensor

__all__ = ["assert_allclose", "assert_close", "make_tensor"]


def assert_allclose(
    actual: Any,
    expected: Any,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = True,
    msg: str = "",
) -> None:
    """`assert_close` for whatever makes tensors, of any dtypes; deprecated in favour of it."""
    warnings.warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future release. Please "
        "use `torch.testing.assert_close()` instead. You can find detailed upgrade instructions in "
        "https://github.com/pytorch/pytorch/issues/61844.",
        FutureWarning,
        stacklevel=2,
    )
    actual, expected = (x if isinstance(x, _Tensor) else _fn.tensor(x) for x in (actual, expected))
    if rtol is None and atol is None:
        name = _fn.result_type(actual, expected).name
        rtol, atol = {"float16": (1e-3, 1e-3), "float32": (1e-4, 1e-5), "float64": (1e-5, 1e-8)}.get(name, (0.0, 0.0))
    assert_close(
        actual,
        expected,
        rtol=rtol,
        atol=atol,
        equal_nan=equal_nan,
        check_device=True,
        check_dtype=False,
        msg=msg or None,
    )
