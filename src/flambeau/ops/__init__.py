"""The op table, filled by importing every family of operations."""

from . import activation, arrange, attention, comparison, complex, conv, distance, elementwise, embedding, exponential, fft, index, linalg, loss, matrix, norm, pad, pool, reduce, resample, scan, sort, special, view  # noqa: F401
