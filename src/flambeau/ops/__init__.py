"""The op table, filled by importing every family of operations."""

from . import activation, arrange, attention, bounds, comparison, complex, conv, distance, elementwise, embedding, exponential, fft, index, linalg, loss, matrix, norm, pad, pool, reduce, resample, rnn, sample, scan, sort, special, view  # noqa: F401
