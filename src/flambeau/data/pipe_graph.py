"""The pipes that a pipe reads from, and what a loader sets in all of them: order, seeds, shares."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from ..random import Generator
from .pipe_groups import SHARDING_PRIORITIES
from .pipe_steps import _Shared
from .pipes import _Steps
from .sampler import draw_seed
from .worker import get_worker_info


def _read_by(pipe: Any) -> Iterator[Any]:
    """The pipes among the attributes of a pipe, in lists and dicts too."""
    waiting = [*reversed(vars(pipe).values())]
    while waiting:
        value = waiting.pop()
        if isinstance(value, _Steps):
            yield value
        elif isinstance(value, _Shared):
            waiting.append(value.datapipe)
        elif isinstance(value, (list, tuple, set, dict)):
            waiting += [*value.values()] if isinstance(value, dict) else [*value]


def traverse_dps(datapipe: Any) -> dict[int, Any]:
    """A pipe and those that it reads from, as `{id: (pipe, what it reads from)}`; each pipe stands in it once."""
    seen: set[int] = set()

    def below(pipe: Any) -> dict[int, Any]:
        if id(pipe) in seen:
            return {}
        seen.add(id(pipe))
        found: dict[int, Any] = {}
        for one in _read_by(pipe):
            found.update(below(one))
        return {id(pipe): (pipe, found)}

    return below(datapipe)


def get_all_graph_pipes(graph: dict[int, Any]) -> list[Any]:
    """The pipes of a graph, each before those that it reads from."""
    return [one for pipe, below in graph.values() for one in (pipe, *get_all_graph_pipes(below))]


def _with_methods(datapipe: Any, *names: str) -> list[Any]:
    pipes = get_all_graph_pipes(traverse_dps(datapipe))
    return [p for p in pipes if all(inspect.ismethod(getattr(p, name, None)) for name in names)]


def apply_sharding(
    datapipe: Any, num_of_instances: int, instance_id: int, sharding_group: int = SHARDING_PRIORITIES.DEFAULT
) -> Any:
    """Tell every `sharding_filter` which share is wanted. Raises RuntimeError where one reads from another."""

    def apply(graph: dict[int, Any], before: Any) -> None:
        for pipe, below in graph.values():
            applied = before
            if inspect.ismethod(getattr(pipe, "apply_sharding", None)):
                if before is not None:
                    raise RuntimeError(
                        "Sharding twice on a single pipeline is likely unintended and will cause data loss. "
                        f"Sharding already applied to {before} while trying to apply to {pipe}"
                    )
                groups = {"sharding_group": sharding_group}
                few = len(inspect.signature(pipe.apply_sharding).parameters) < 3
                pipe.apply_sharding(num_of_instances, instance_id, **({} if few else groups))
                applied = pipe
            apply(below, applied)

    apply(traverse_dps(datapipe), None)
    return datapipe


def apply_shuffle_settings(datapipe: Any, shuffle: bool | None = None) -> Any:
    """Turn all shuffling on or off. A pipe without any gets a `shuffle` at its end."""
    if shuffle is None:
        return datapipe
    shufflers = _with_methods(datapipe, "set_shuffle", "set_seed")
    if not shufflers and shuffle:
        warnings.warn(
            "`shuffle=True` was set, but the datapipe does not contain a `Shuffler`. Adding one at the end. Be aware "
            "that the default buffer size might not be sufficient for your task.",
            stacklevel=2,
        )
        datapipe = datapipe.shuffle()
        shufflers = [datapipe]
    for pipe in shufflers:
        pipe.set_shuffle(shuffle)
    return datapipe


def apply_random_seed(datapipe: Any, rng: Any) -> Any:
    """Draw a seed for every pipe that takes one."""
    for pipe in _with_methods(datapipe, "set_seed"):
        pipe.set_seed(draw_seed(rng))
    return datapipe


# ---- in loaders ------------------------------------------------------------------------------------------------------


def seed_pass(datapipe: Any, seed: int) -> None:
    """Seed a pipe for one pass of a loader; all workers do so with one seed, and shuffle alike."""
    apply_random_seed(datapipe, Generator().manual_seed(seed))


def sharing(worker_init_fn: Any) -> Any:
    """What a worker does first: take its share, then what the user wants."""
    return functools.partial(_take_share, worker_init_fn)


def _take_share(worker_init_fn: Any, worker_id: int) -> None:
    info: Any = get_worker_info()
    apply_sharding(info.dataset, info.num_workers, worker_id)
    if worker_init_fn is not None:
        worker_init_fn(worker_id)


_Steps._pipe_graph = sys.modules[__name__]
