"""`torch.utils.data.graph_settings`, under PyTorch's path; the code is in `data.pipe_graph`."""

from ...data.pipe_graph import apply_random_seed, apply_sharding, apply_shuffle_settings, get_all_graph_pipes

__all__ = ["apply_random_seed", "apply_sharding", "apply_shuffle_settings", "get_all_graph_pipes"]
