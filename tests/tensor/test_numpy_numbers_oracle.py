"""Numbers of NumPy's count as numbers wherever PyTorch takes one, and never decide the dtype of a result."""

# `error` calls at once what it is given
# ruff: noqa: B023
from __future__ import annotations

import numpy as np

NUMBERS = (np.float64(2), np.float32(1.5), np.float16(1.5), np.int64(2), np.int32(2), np.uint8(3), np.bool_(True))
CALLS = {
    "clamp": lambda T, x, n: x.clamp(n, n),
    "clamp_min": lambda T, x, n: x.clamp_min(n),
    "clamp_max": lambda T, x, n: x.clamp(max=n),
    "where": lambda T, x, n: T.where(x > 2, x, n),
    "where_swapped": lambda T, x, n: T.where(x > 2, n, x),
    "masked_fill": lambda T, x, n: x.masked_fill(x > 2, n),
    "index_fill": lambda T, x, n: x.index_fill(0, T.tensor([0]), n),
    "scatter": lambda T, x, n: x.scatter(0, T.tensor([[0, 1]]), n),
    "full": lambda T, x, n: T.full((2,), n),
    "full_like": lambda T, x, n: T.full_like(x, n),
    "arange": lambda T, x, n: T.arange(n),
    "pow": lambda T, x, n: T.pow(x, n),
    "pow_swapped": lambda T, x, n: T.pow(n, x),
    "add": lambda T, x, n: (x + n, n + x, x.add(n)),
    "sub": lambda T, x, n: (x - n, n - x, x.sub(n)),
    "mul": lambda T, x, n: (x * n, n * x, x / n, x**n, x % n, x > n, x == n),
    "lerp": lambda T, x, n: x.lerp(x, n),
    "addcmul": lambda T, x, n: x.addcmul(x, x, value=n),
    "leaky_relu": lambda T, x, n: T.nn.functional.leaky_relu(x, n),
    "elu": lambda T, x, n: T.nn.functional.elu(x, n),
    "softplus": lambda T, x, n: T.nn.functional.softplus(x, n),
    "hardtanh": lambda T, x, n: T.nn.functional.hardtanh(x, 0, n),
    "nan_to_num": lambda T, x, n: T.nan_to_num(x, n),
    "logit": lambda T, x, n: T.logit(x / 10, 0.1 * n),
    "smooth_l1": lambda T, x, n: T.nn.functional.smooth_l1_loss(x, x * 3, beta=n),
    "roll": lambda T, x, n: x.roll(n, 0) if isinstance(n, np.integer) else None,
    "zeros": lambda T, x, n: T.zeros(n) if isinstance(n, np.integer) else None,
    "constructor": lambda T, x, n: T.FloatTensor(n).shape,
    "fill": lambda T, x, n: x.clone().fill_(n),
    "isclose": lambda T, x, n: T.isclose(x, x + 1, n),
}


def test_numbers_of_numpys_act_as_numbers(agree):
    @agree
    def session(T, error):
        for name, call in CALLS.items():
            for number in NUMBERS:
                for x in (T.arange(6.0).reshape(2, 3), T.arange(6).reshape(2, 3)):
                    message = error(lambda: call(T, x, number))
                    yield name, repr(number), message, call(T, x, number) if message == "no error" else None


def test_gradients_keep_the_dtype_of_the_tensor(agree):
    @agree
    def session(T, error):
        for name in ("clamp", "lerp", "addcmul", "leaky_relu", "elu", "softplus", "hardtanh", "add", "logit"):
            x = T.arange(6.0).reshape(2, 3).requires_grad_()
            made = CALLS[name](T, x, np.float64(2))
            made = made[0] if isinstance(made, tuple) else made
            made.nan_to_num(0, 0, 0).sum().backward()
            yield name, made.dtype, x.grad
