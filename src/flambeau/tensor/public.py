"""How a function of tensors becomes public: under `torch`, as a method, with `out=`, in place, with NumPy's names.

    @public(out=True, inplace=True, aliases=("clip",))
    def clamp(input, min=None, max=None): ...

gives `torch.clamp`, `Tensor.clamp`, both with `out=` where asked for (methods have none), `Tensor.clamp_` and the same
for `clip`. Functions are written over tensors and rows, so their gradients come by themselves.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from ..config import modes, state
from ..dtypes import meant
from ..storage import strided
from . import later
from .autocast import POLICIES
from .inplace import inplace_result
from .later import FUNCTIONS
from .operands import no_integer
from .outputs import write_result
from .overrides import asked, offer, take_over
from .tensor import Tensor

# name -> method of the class Tensor
METHODS: dict[str, Callable] = {}

_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}


def public(
    *,
    function: bool = True,
    method: bool = True,
    out: bool | str = False,
    inplace: bool = False,
    aliases: tuple[str, ...] = (),
    variadic: str | None = None,
    name: str | None = None,
    older: bool = False,
) -> Callable[[Callable], Callable]:
    """Register a function of tensors whose first parameter is called `input` (or `tensors`, …).

    function, method: whether `torch.name` and `Tensor.name` exist. out: `torch.name(..., out=t)` writes the result, or
    the results, into given tensors, which for "exact" must have their dtypes. inplace: `Tensor.name_` exists.
    aliases: further names. variadic: the name of a
    parameter for which the method also takes several numbers (`x.permute(1, 0)`). `axis` and `keepdims` are accepted
    for `dim` and `keepdim` wherever the function has these. older: numbers `beta` and `alpha` may stand among the
    tensors, as in PyTorch's older forms of products.
    """

    def register(f: Callable) -> Callable:
        own = name or _public_name(f.__name__)
        parameters = f.__code__.co_varnames[: f.__code__.co_argcount + f.__code__.co_kwonlyargcount]
        renames = {
            numpys: ours for numpys, ours in _NUMPY_NAMES.items() if ours in parameters and numpys not in parameters
        }
        called = _with_keywords(f, own, renames, out, older)
        as_method = called if variadic is None else _variadic(called, variadic, parameters.index(variadic))
        for known in (own, *aliases):
            if function:
                FUNCTIONS[known] = called
            if method:
                METHODS[known] = as_method
            if inplace:
                METHODS[f"{known}_"] = _in_place(as_method, known)
        return called

    return register


def autocasting(f: Callable) -> Callable:
    """A function that is on a list of `autocast`, but not registered by `public`: its tensors are cast in a region."""

    def called(*args: Any, **kwargs: Any) -> Any:
        if state.special and (casting := modes().autocast) is not None:
            return casting.call(f.__name__, f, args, kwargs)
        return f(*args, **kwargs)

    return _dress(called, f, f.__name__, f.__module__)


def shortcut(name: str, function: bool = True, method: bool = True) -> Callable[[Callable], Callable]:
    """Put a quicker function in the place of a public one, from which it is made.

    The decorated function gets the general one and returns the quicker one, which serves the usual arguments without
    the general wrapper (some 200 ns) and passes all others on.
    """

    def replace(make: Callable) -> Callable:
        general = FUNCTIONS[name] if function else METHODS[name]
        called = make(general)
        _dress(called, general, name)
        if function:
            FUNCTIONS[name] = called
        if method:
            METHODS[name] = called
        return called

    return replace


def _public_name(name: str) -> str:
    """`sum` for a function that is called `sum_` because Python has a `sum` of its own."""
    return name[:-1] if name.endswith("_") and hasattr(builtins, name[:-1]) else name


def _with_keywords(f: Callable, name: str, renames: dict[str, str], out: bool | str, older: bool) -> Callable:
    """`f` taking NumPy's argument names and `out=`, and complaining of arguments in PyTorch's words."""
    exact = out == "exact"
    casts = name in POLICIES
    typed = "dtype" in f.__code__.co_varnames
    layouts = "layout" in f.__code__.co_varnames and name not in ("to_sparse", "sparse_compressed_tensor")

    def called(*args: Any, **kwargs: Any) -> Any:
        target = None
        if state.overrides:
            taken = take_over(FUNCTIONS.get(name, called), args, kwargs)
            if taken is not NotImplemented:
                return taken
        if casts and state.special and (casting := modes().autocast) is not None and kwargs.get("out") is None:
            return casting.call(name, called, args, kwargs)
        if kwargs:
            for given in list(kwargs):
                if given in renames:
                    kwargs[renames[given]] = kwargs.pop(given)
            if typed and isinstance(kwargs.get("dtype"), type):
                kwargs["dtype"] = meant(kwargs["dtype"])
            if layouts and kwargs.get("layout", strided) not in (strided, None):
                return later.of_layout(name, args, kwargs)
            if out and "out" in kwargs:
                target = kwargs.pop("out")
        try:
            result = f(*args, **kwargs)
        except (AttributeError, TypeError) as error:
            if older and len(args) > f.__code__.co_argcount:
                numbers = [x for x in args if isinstance(x, (int, float, complex))]
                if len(args) - len(numbers) == f.__code__.co_argcount:
                    scales = dict(zip(("beta", "alpha"), numbers, strict=False))
                    return called(*[x for x in args if isinstance(x, Tensor)], **scales, **kwargs)
            if asked(args):
                return offer(FUNCTIONS.get(name, called), args, kwargs)
            raise _explained(error, f, name, args) from None
        return result if target is None else write_result(name, result, target, exact)

    return _dress(called, f, name)


def _explained(error: Exception, f: Callable, name: str, args: tuple) -> Exception:
    """A complaint about arguments: that the first is no tensor, or what Python says under the public name."""
    first = f.__code__.co_varnames[0] if f.__code__.co_argcount else None
    if isinstance(error, AttributeError):
        if args and not isinstance(args[0], Tensor) and first == "input":
            return TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(args[0]).__name__}")
        return error
    if not isinstance(error, TypeError):
        return error
    told = _in_pytorchs_words(error, f, name)
    if told is error and any(words in str(error) for words in _OF_PYTHON):
        annotations = f.__annotations__
        names = f.__code__.co_varnames
        return no_integer(name, [(n, annotations.get(n, ""), x) for n, x in zip(names, args, strict=False)], error)
    return told


# how Python complains of an argument that is no integer
_OF_PYTHON = ("not supported between", "as an integer", "must be integers", "can't multiply sequence", "is required")


def _in_pytorchs_words(error: TypeError, f: Callable, name: str) -> TypeError:
    """Python's complaint about arguments, under the public name of the function."""
    text = str(error)
    inner = f"{f.__qualname__}()"
    if " missing " in text and text.startswith(inner):
        start, _, names = text.removeprefix(inner).partition(":")
        # PyTorch has plural and singular the wrong way round
        start = start.removesuffix("s") if start.endswith("s") else f"{start}s"
        names = names.replace("'", '"').replace(", and ", ", ").replace(" and ", ", ")
        return TypeError(f"{name}(){start}:{names}")
    return TypeError(f"{name}(){text.removeprefix(inner)}") if text.startswith(inner) else error


def _variadic(f: Callable, parameter: str, position: int) -> Callable:
    """`f` as a method that takes the numbers of one parameter one by one too."""
    inner = f.__wrapped__ if position == 1 else f  # type: ignore[attr-defined]

    def called(*args: Any, **kwargs: Any) -> Any:
        if len(args) > position and parameter not in kwargs:
            one = args[position]
            if type(one) is not tuple and not isinstance(one, (tuple, list)):
                args = (*args[:position], args[position:])
        if kwargs or state.overrides:
            return f(*args, **kwargs)
        try:
            return inner(*args)
        except (AttributeError, TypeError) as error:
            raise _explained(error, inner, f.__name__, args) from None

    return _dress(called, f, f.__name__)


def _in_place(f: Callable, name: str) -> Callable:
    """The method `name_`: compute, then write into the tensor, whose history goes on from the result."""

    def called(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return inplace_result(input, lambda: f(input, *args, **kwargs))

    _dress(called, f, f"{name}_")
    called.__doc__ = f"In-place version of `{name}`."
    return called


def _dress(called: Callable, f: Callable, name: str, module: str = "torch") -> Callable:
    called.__name__ = called.__qualname__ = name
    called.__module__ = module
    called.__doc__ = f.__doc__
    called.__wrapped__ = getattr(f, "__wrapped__", f)  # type: ignore[attr-defined]
    return called
