"""Tensors of Python's lists have PyTorch's dtypes, values and refusals, whatever numbers are mixed in them."""

from __future__ import annotations

import numpy as np


def test_mixed_lists_have_the_dtype_that_holds_all(agree):
    """A number of Python's counts as it does alone: 1.0 as the default dtype, 1 as int64."""

    def session(T, error):
        t = T.tensor
        half, brain, double = t(1.0, dtype=T.float16), t(1.0, dtype=T.bfloat16), t(1.0, dtype=T.float64)
        lists = [
            [t(1.0), 1e-7],
            [2.0, t(1.0)],
            [double, 1.0],
            [double, t(1.0)],
            [half],
            [half, 1.0],
            [half, brain],
            [t(1), 1.0],
            [t(1, dtype=T.int32)],
            [t(1, dtype=T.int32), 2],
            [True, t(1, dtype=T.uint8)],
            [brain, 2],
            [t(1.0), 2j],
            [[t(1.0)], [2.0]],
            [t([[1.0]]), 2.0],
            [np.float32(1), 2.0],
            [np.float64(1), 2.0],
            [2.0, np.float64(1)],
            [np.int32(1), 2],
            [np.float16(1), t(2)],
            [np.ones(2, np.float32), [2.0, 3.0]],
            [np.ones(2, np.int32), [2.0, 3.0]],
            (np.complex64(1), 2.0),
            [[], []],
            [True, 2, 3.0, 4j],
        ]
        for data in lists:
            yield T.tensor(data)
            yield T.tensor(data, dtype=T.complex128)
        yield T.as_tensor([t(1.0), 2.0])
        for data in ([t(1.0), None], [t([1.0, 2.0]), 1.0], [t(1.0), "a"], [t(1.0), [2.0]], [np.float32(1), object()]):
            yield error(lambda data=data: T.tensor(data))

    agree(session)


def test_what_is_no_number_of_the_dtype_is_refused(agree):
    def session(T, error):
        for data in ([None], None, [1, None], [object], ["a"], "a", [1, "a"], [{}], 1 + 2j, [1, 1 + 2j]):
            for dtype in (None, T.float32, T.bfloat16, T.int64, T.bool, T.complex64):
                yield error(lambda data=data, dtype=dtype: T.tensor(data, dtype=dtype))

    agree(session)
