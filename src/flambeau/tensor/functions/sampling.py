"""Random tensors, seeds and the state of generators: PyTorch's streams (random/) as functions of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ... import config, dtypes, random
from ...random import Generator, default_generator
from ...storage import bump
from ...xp import numpy as xnp
from .. import rows
from ..inplace import check_inplace
from ..operands import type_name
from ..outputs import write_result
from ..public import public
from ..tensor import CPU, Tensor, current_edge, kind_of, make, set_requires_grad
from . import draws
from .allocation import allocate, finished, kind_for, like, preserved, sizes
from .reduction import one_integer

# ---- seeds and states ------------------------------------------------------------------------------------------------


@public(method=False)
def manual_seed(seed: Any) -> Generator:
    """Start the default generator anew from a seed. Returns the generator.

    >>> _ = manual_seed(0)
    >>> rand(2)
    tensor([0.4963, 0.7682])
    """
    return default_generator.manual_seed(int(seed))


@public(method=False)
def seed() -> int:
    """Start the default generator from a seed that no one can foresee, and return that seed."""
    return default_generator.seed()


@public(method=False)
def initial_seed() -> int:
    """The seed that the default generator was started from."""
    return default_generator.initial_seed()


def _get_state(self: Generator) -> Tensor:
    """The state as a uint8 tensor (5056,), in PyTorch's layout."""
    return make(self.get_state_bytes(), CPU.kinds[dtypes.uint8])


def _set_state(self: Generator, new_state: Tensor) -> Generator:
    """Take up a state that `get_state` gave. Raises TypeError or RuntimeError for what is none."""
    if not isinstance(new_state, Tensor):
        raise TypeError(f"expected a torch.ByteTensor, but got {type_name(new_state)}")
    if new_state.dtype is not dtypes.uint8:
        raise TypeError("RNG state must be a torch.ByteTensor")
    return self.set_state_bytes(xnp.contiguous(new_state._array))


def _clone_state(self: Generator) -> Generator:
    """A generator of its own in the same state."""
    return self.clone()


Generator.get_state = _get_state  # type: ignore[attr-defined]
Generator.set_state = _set_state  # type: ignore[attr-defined]
Generator.clone_state = _clone_state  # type: ignore[attr-defined]
Generator.graphsafe_get_state = _clone_state  # type: ignore[attr-defined]


@public(method=False)
def get_rng_state() -> Tensor:
    """The state of the default generator, as a uint8 tensor."""
    return _get_state(default_generator)


@public(method=False)
def set_rng_state(new_state: Tensor) -> None:
    """Set the state of the default generator."""
    _set_state(default_generator, new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, **ignored: Any) -> Iterator[None]:
    """Draws inside leave the default generator as it was."""
    if not enabled:
        yield
        return
    before = default_generator.get_state_bytes()
    try:
        yield
    finally:
        default_generator.set_state_bytes(before)


random.TENSOR_FUNCTIONS.update(
    manual_seed=manual_seed,
    seed=seed,
    initial_seed=initial_seed,
    get_rng_state=get_rng_state,
    set_rng_state=set_rng_state,
    fork_rng=fork_rng,
)


# ---- new tensors -----------------------------------------------------------------------------------------------------


def _drawn(name: str, shape: tuple[int, ...], draw: Callable, generator: Any, dtype: Any, device: Any,
           requires_grad: bool, out: Any) -> Tensor:  # fmt: skip
    kind = kind_for(dtype if out is None or dtype is not None else out.dtype, device)
    if config.modes().levels:
        t = draws.drawn(shape, kind, draw, generator or default_generator)
    else:
        array = allocate(shape, kind)
        if kind.xp is xnp:
            draw(generator or default_generator, array)
        t = make(array, kind)
    return finished(t, requires_grad, out, name)


@public(method=False)
def rand(*given: Any, size: Any = None, generator: Any = None, out: Any = None, dtype: Any = None, layout: Any = None,
         device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
         names: Any = None) -> Tensor:  # fmt: skip
    """Uniform random numbers from 0 up to but not including 1."""
    shape = sizes("rand", given, size)
    return _drawn("rand", shape, random.fill_uniform, generator, dtype, device, requires_grad, out)


@public(method=False)
def randn(*given: Any, size: Any = None, generator: Any = None, out: Any = None, dtype: Any = None,
          layout: Any = None, device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
          names: Any = None) -> Tensor:  # fmt: skip
    """Normal random numbers of mean 0 and variance 1."""
    shape = sizes("randn", given, size)
    return _drawn("randn", shape, random.fill_normal, generator, dtype, device, requires_grad, out)


@public(method=False)
def randint(low: Any, high: Any = None, size: Any = None, *, generator: Any = None, out: Any = None,
            dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
            requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Uniform random integers from `low` (0) up to but not including `high`, int64 by default.

    `randint(high, size)` or `randint(low, high, size)`.
    """
    if isinstance(high, (tuple, list)):
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    if size is None:
        raise TypeError("randint() missing the argument 'size'")
    shape = sizes("randint", (tuple(size),))
    if dtype is None:
        dtype = dtypes.int64 if out is None else out.dtype
    low, high = int(low), int(high)
    return _drawn(
        "randint",
        shape,
        lambda g, a: random.fill_randint(g, a, low, high),
        generator,
        dtype,
        device,
        requires_grad,
        out,
    )


@public(method=False)
def randperm(n: int, *, generator: Any = None, out: Any = None, dtype: Any = None, layout: Any = None,
             device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """The integers from 0 to n - 1 in random order."""
    n = one_integer("randperm", "n", 1, n)
    kind = kind_for(dtype or (dtypes.int64 if out is None else out.dtype), device)
    if n < 0:
        raise RuntimeError(f"n must be non-negative, got {n}")
    g = generator or default_generator
    if config.modes().levels:
        t = draws.drawn((n,), kind, lambda g, a: _permutations(g, a), g)
    else:
        t = make(random.randperm(g, n, kind.native), kind)
    return t if out is None else write_result("randperm", t, out)


def _permutations(generator: Generator, array: Any) -> None:
    """Fill an array with a permutation along its last axis, another one for each place of the others."""
    for place in xnp.ndindex(array.shape[:-1]):
        array[place] = random.randperm(generator, array.shape[-1], array.dtype)


def _like_drawn(
    input: Tensor, draw: Callable, generator: Any, dtype: Any, device: Any, requires_grad: bool, memory_format: Any
) -> Tensor:
    if config.modes().levels:
        t = draws.drawn(
            input._array.shape, kind_for(dtype or input.dtype, device), draw, generator or default_generator
        )
    else:
        kind = like(input, dtype, device)
        array = preserved(input, kind, memory_format)
        if kind.xp is xnp:
            draw(generator or default_generator, array)
        t = make(array, kind)
    if requires_grad:
        set_requires_grad(t, True)
    return t


@public(method=False)
def rand_like(input: Tensor, *, generator: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
              requires_grad: bool = False, memory_format: Any = None,
              pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Uniform random numbers in the shape of a tensor."""
    return _like_drawn(input, random.fill_uniform, generator, dtype, device, requires_grad, memory_format)


@public(method=False)
def randn_like(input: Tensor, *, generator: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
               requires_grad: bool = False, memory_format: Any = None,
               pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Normal random numbers in the shape of a tensor."""
    return _like_drawn(input, random.fill_normal, generator, dtype, device, requires_grad, memory_format)


@public(method=False)
def randint_like(input: Tensor, low: Any = None, high: Any = None, *, generator: Any = None, dtype: Any = None,
                 layout: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None,
                 pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Uniform random integers in the shape of a tensor."""
    if low is None and high is None:
        raise TypeError("randint_like() missing 1 required positional argument: 'high'")
    if low is None or high is None:
        low, high = 0, low if high is None else high
    low, high = int(low), int(high)
    return _like_drawn(
        input, lambda g, a: random.fill_randint(g, a, low, high), generator, dtype, device, requires_grad, memory_format
    )


@public(method=False)
def normal(mean: Any, std: Any = 1.0, size: Any = None, *, generator: Any = None, out: Any = None, dtype: Any = None,
           layout: Any = None, device: Any = None, pin_memory: bool = False,
           requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Normal random numbers whose mean and standard deviation are numbers, with `size`, or tensors."""
    if size is not None:
        # tensors without dimensions are numbers there
        mean, std = (
            x.item() if isinstance(x, Tensor) and not x._array.ndim and current_edge(x) is None else x  # type: ignore
            for x in (mean, std)
        )
        if isinstance(mean, Tensor) or isinstance(std, Tensor):
            raise TypeError(
                "normal() received an invalid combination of arguments\n"
                "  With a size, mean and std are numbers; without one, the result has the shape of the tensors."
            )
    if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        if size is None:
            raise TypeError("normal() with two numbers needs the argument 'size'")
        shape = sizes("normal", (tuple(size),))
        check_std(std)
        return _drawn(
            "normal",
            shape,
            lambda g, a: random.fill_normal(g, a, mean, std),
            generator,
            dtype,
            device,
            requires_grad,
            out,
        )
    with_tensors = [x for x in (mean, std) if isinstance(x, Tensor)]
    if config.modes().levels:
        shape = xnp.broadcast_shapes(*(x._array.shape for x in with_tensors))
        noise = draws.drawn(shape, kind_for(with_tensors[0].dtype), random.fill_normal, generator or default_generator)
        return noise * std + mean  # type: ignore[operator]
    if isinstance(std, Tensor):
        if std.dtype.is_complex:
            raise RuntimeError("normal expects standard deviation to be non-complex")
        if std._array.size and (std._array < 0).any():
            raise RuntimeError("normal expects all elements of std >= 0.0")
    else:
        check_std(std)
    template = with_tensors[0]
    if len(with_tensors) == 2:
        shape = xnp.broadcast_shapes(mean._array.shape, std._array.shape)
        kind = mean._kind
        array = allocate(shape, kind)
    else:
        kind = template._kind
        array = preserved(template, kind)
    random.fill_normal(generator or default_generator, array, 0.0, 1.0 if isinstance(std, Tensor) else float(std))
    if isinstance(std, Tensor):
        array *= std._array
    array += mean._array if isinstance(mean, Tensor) else kind.native.type(mean)
    t = make(array, kind) if out is not None else _normal_of(with_tensors, array)
    return t if out is None else write_result("normal", t, out)


def _normal_of(parameters: list[Tensor], array: Any) -> Tensor:
    """Drawn numbers as a function of their parameters, on which they depend, though with no gradient."""
    t = rows.normal_from(parameters[0], values=array)
    if len(parameters) == 2 and current_edge(parameters[1]) is not None:
        t = t + rows.normal_from(parameters[1], values=xnp.zeros_like(array))
    return t


def check_std(std: float) -> None:
    """Refuse a negative standard deviation."""
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


@public(out=True)
def bernoulli(input: Tensor, p: float | None = None, *, generator: Any = None) -> Tensor:
    """0 or 1 for each element, 1 with the probability that the element is (or with `p`)."""
    g = generator or default_generator
    if p is not None and config.modes().levels:
        kind = kind_for(input.dtype)
        array = draws.drawn(input._array.shape, kind, lambda g, a: random.fill_bernoulli(g, a, p), g)._array
    elif p is not None:
        array = preserved(input, input._kind)
        random.fill_bernoulli(g, array, p)
    else:
        if not (input.dtype.is_floating_point):
            raise NotImplementedError(f"\"bernoulli_tensor_cpu_p_\" not implemented for '{input.dtype.scalar_name}'")
        array = _sampled(lambda a: random.bernoulli(g, a, input._kind.native), input)
    return rows.drawn_from(input, values=array)


@public()
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None, out: Any = None
) -> Tensor:
    """Indices drawn with the given weights, (num_samples,) or one row of them for each row of weights."""
    if isinstance(out, Tensor) and out.dtype is not dtypes.int64:
        raise RuntimeError(f"multinomial expects Long tensor out, got: {out.dtype.scalar_name}")
    if not input.dtype.is_floating_point:
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {input.dtype.scalar_name}")
    g = generator or default_generator
    if config.modes().levels:
        found = draws.sampled(lambda a: _by_rows(g, a, num_samples, replacement), input._array)
    else:
        found = random.multinomial(g, input._array, num_samples, replacement)
    drawn = make(found, kind_of(found))
    return drawn if out is None else write_result("multinomial", drawn, out)


def _by_rows(generator: Generator, weights: Any, num_samples: int, replacement: bool) -> Any:
    """Samples for each row of weights, whose rows may have several axes."""
    flat = weights.reshape(-1, weights.shape[-1])
    found = random.multinomial(generator, flat, num_samples, replacement)
    return found.reshape(*weights.shape[:-1], num_samples)


def _sampled(draw: Callable, *inputs: Tensor) -> Any:
    """What `draw` gives for the arrays of tensors, also inside of `vmap`."""
    arrays = [t._array for t in inputs]
    return draws.sampled(draw, *arrays) if config.modes().levels else draw(*arrays)


@public(method=False)
def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Poisson random numbers whose rates are the elements."""
    return rows.drawn_from(input, values=_sampled(lambda a: random.poisson(generator or default_generator, a), input))


@public(method=False)
def binomial(count: Tensor, prob: Tensor, generator: Any = None) -> Tensor:
    """Binomial random numbers: successes in `count` trials of probability `prob`."""
    found = _sampled(lambda n, p: random.binomial(generator or default_generator, n, p), count, prob)
    return make(found, kind_of(found))


# ---- in place --------------------------------------------------------------------------------------------------------


def _fill(t: Tensor, draw: Callable, generator: Any) -> Tensor:
    """Write drawn numbers into a tensor."""
    check_inplace(t, config.modes())
    if config.modes().levels:
        bump(draws.fill(t, draw, generator or default_generator))
        return t
    if t._kind.xp is not xnp:
        return t
    g = generator or default_generator
    if current_edge(t) is not None and config.grad_enabled():
        fresh = preserved(t, t._kind)
        draw(g, fresh)
        return t.copy_(make(fresh, t._kind))  # type: ignore[attr-defined]
    draw(g, t._array)
    bump(t._array)
    return t


@public(function=False)
def uniform_(input: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Any = None, **named: Any) -> Tensor:
    """Fill with uniform random numbers from `from` up to but not including `to`."""
    low = named.pop("from", from_)
    return _fill(input, lambda g, a: random.fill_uniform(g, a, low, to), generator)


@public(function=False)
def normal_(input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with normal random numbers."""
    check_std(std)
    return _fill(input, lambda g, a: random.fill_normal(g, a, mean, std), generator)


@public(function=False)
def log_normal_(input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Any = None) -> Tensor:
    """Fill with numbers whose logarithms are normal."""
    return _fill(input, lambda g, a: random.fill_log_normal(g, a, mean, std), generator)


@public(function=False)
def cauchy_(input: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with Cauchy random numbers."""
    return _fill(input, lambda g, a: random.fill_cauchy(g, a, median, sigma), generator)


@public(function=False)
def exponential_(input: Tensor, lambd: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with exponential random numbers of rate `lambd`."""
    return _fill(input, lambda g, a: random.fill_exponential(g, a, lambd), generator)


@public(function=False)
def geometric_(input: Tensor, p: float, *, generator: Any = None) -> Tensor:
    """Fill with the numbers of trials up to the first success of probability `p`."""
    return _fill(input, lambda g, a: random.fill_geometric(g, a, p), generator)


@public(function=False)
def bernoulli_(input: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """Fill with 0 or 1, 1 with probability `p`, a number or a tensor."""
    if isinstance(p, Tensor):
        return _fill(input, lambda g, a: random.fill_bernoulli_each(g, a, p._array), generator)
    return _fill(input, lambda g, a: random.fill_bernoulli(g, a, p), generator)


@public(function=False)
def random_(input: Tensor, *bounds: Any, generator: Any = None, to: Any = None, **named: Any) -> Tensor:
    """Fill with random integers: `random_()` over what the dtype holds, `random_(to)` below, `random_(from, to)`."""
    low = named.pop("from", None)
    if len(bounds) == 1:
        low, to = (0, bounds[0]) if low is None and to is None else (bounds[0], to)
    elif len(bounds) == 2:
        low, to = bounds
    if low is None and to is None:
        return _fill(input, random.fill_random, generator)
    low = 0 if low is None else low
    return _fill(input, lambda g, a: random.fill_randint(g, a, low, to), generator)
