"""Distances and similarities between vectors, in PyTorch's signatures."""

from __future__ import annotations

from ...tensor.functions.distances import pdist
from ...tensor.functions.losses import cosine_similarity, pairwise_distance

__all__ = ["cosine_similarity", "pairwise_distance", "pdist"]
