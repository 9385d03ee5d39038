"""The op table, filled by importing every family of operations."""

from . import activation, comparison, complex, elementwise, exponential, loss, matrix, norm, reduce, scan, sort, view  # noqa: F401
