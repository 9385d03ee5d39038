"""What PyTorch says where it has no operation for a dtype: the exception of each row that refuses some.

Most name a kernel: `"abs_cpu" not implemented for 'Bool'`. The table holds the kernels that are not called like their
row with `_cpu`, and the sentences of the rows that have one.
"""

from __future__ import annotations

from typing import Any

from .. import dtypes

KERNELS = {
    "gelu": "GeluKernelImpl",
    "selu": "elu_cpu",
    "celu": "elu_cpu",
    "logsigmoid": "log_sigmoid_cpu",
    "softshrink": "softshrink_check",
    "rrelu_mean": "leaky_relu_cpu",
    "rrelu_with_noise": "rrelu_with_noise_out_cpu",
    "mse_loss": "mse_cpu",
    "smooth_l1_loss": "smooth_l1_cpu",
    "huber_loss": "huber_cpu",
    **{name: f"{name}_vml_cpu" for name in "floor ceil trunc round erf erfc erfinv lgamma i0".split()},
    "floor_divide": "div_floor_cpu",
    "div_floor": "div_floor_cpu",
    "div_trunc": "div_trunc_cpu",
    "bitwise_left_shift": "lshift_cpu",
    "bitwise_right_shift": "rshift_cpu",
    "pow_tensor": "pow",
    "pow_scalar": "pow",
    "clamp_numbers": "clamp_scalar_cpu",
    "clamp_min_number": "clamp_min_scalar_cpu",
    "clamp_max_number": "clamp_max_scalar_cpu",
    "digamma": "digamma",
    "polygamma": "trigamma",
    "round_decimals": "round_cpu",
    "lerp_number": "lerp_kernel_scalar",
    "lerp_tensor": "lerp_kernel_tensor",
    "addcmul": "addcmul_cpu_out",
    "addcdiv": "addcdiv_cpu_out",
}

NEGATION = (
    "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or "
    "`logical_not()` operator instead."
)
SUBTRACTION = (
    "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the "
    "`~` or `logical_not()` operator instead."
)
SUBTRACTION_OF_BOOLS = (
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator "
    "instead."
)
INTEGER_ADDCDIV = (
    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true "
    "division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * "
    "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for "
    "float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), "
    "for all dtypes."
)

# (row, category of dtype) -> exception class, sentence
SENTENCES: dict[tuple[str, str], tuple[type[Exception], str]] = {
    ("neg", "bool"): (RuntimeError, NEGATION),
    ("hardtanh", "bool"): (RuntimeError, "Bool inputs not supported for hardtanh"),
    ("relu", "bool"): (RuntimeError, "Boolean inputs not supported for relu"),
    ("sign", "complex"): (
        NotImplementedError,
        "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.",
    ),
    ("signbit", "complex"): (NotImplementedError, "signbit is not implemented for complex tensors."),
    ("heaviside", "complex"): (RuntimeError, "heaviside is not yet implemented for complex tensors."),
    ("addcdiv", "bool"): (RuntimeError, INTEGER_ADDCDIV),
    ("addcdiv", "integer"): (RuntimeError, INTEGER_ADDCDIV),
    **{
        (name, "complex"): (NotImplementedError, "clamp is not supported for complex types")
        for name in ("relu", "clamp_numbers", "clamp_tensors", "clamp_min_number", "clamp_max_number")
    },
    **{
        (name, "complex"): (NotImplementedError, f"{name} is not supported for complex inputs")
        for name in ("floor", "ceil", "trunc")
    },
    **{
        (name, "complex"): (RuntimeError, f"{name} does not support complex inputs.")
        for name in ("isposinf", "isneginf")
    },
    **{
        (name, "complex"): (RuntimeError, f"{name} not implemented for complex tensors.")
        for name in ("maximum", "minimum", "fmax", "fmin")
    },
    **{
        (name, "complex"): (RuntimeError, f"{name} is not supported for complex tensors.")
        for name in ("deg2rad", "rad2deg")
    },
}


def refusal(name: str, category: str, dtype: Any) -> Exception:
    """The exception for a row that has no meaning for a dtype."""
    error, sentence = SENTENCES.get((name, category), (None, ""))
    if error is not None:
        return error(sentence)
    kernel = KERNELS.get(name, f"{name}_cpu")
    return NotImplementedError(f"\"{kernel}\" not implemented for '{dtype.scalar_name}'")


def subtraction(input: Any, other: Any, **options: Any) -> None:
    """Refuse to subtract truth values, whatever the result type."""
    bools = [_is_bool(x) for x in (input, other)]
    if all(bools):
        raise RuntimeError(SUBTRACTION_OF_BOOLS)
    if any(bools):
        raise RuntimeError(SUBTRACTION)


def _is_bool(x: Any) -> bool:
    return type(x) is bool or getattr(x, "dtype", None) is dtypes.bool_
