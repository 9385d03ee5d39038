"""The op table, filled by importing every family of operations."""

from . import activation, comparison, complex, elementwise, exponential, loss, matrix, reduce, view  # noqa: F401
