"""The op table, filled by importing every family of operations."""

from . import activation, arrange, comparison, complex, elementwise, exponential, index, loss, matrix, norm, reduce, scan, sort, view  # noqa: F401
