"""The op table, filled by importing every family of operations."""

from . import activation, arrange, attention, comparison, complex, distance, elementwise, embedding, exponential, index, linalg, loss, matrix, norm, reduce, scan, sort, view  # noqa: F401
