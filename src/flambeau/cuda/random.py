"""`torch.cuda.random`: what `torch.cuda` says about the generators of GPUs."""

from . import (  # type: ignore[attr-defined]  # noqa: F401
    get_rng_state,
    get_rng_state_all,
    initial_seed,
    manual_seed,
    manual_seed_all,
    seed,
    seed_all,
    set_rng_state,
    set_rng_state_all,
)
