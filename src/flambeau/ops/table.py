"""The op table: one declaration per primitive operation.

    @op(input=lambda xp, g, other: g / other,
        other=lambda xp, g, input, other: -g * input / (other * other), promote="float")
    def div(xp, input, other):
        "Elementwise `input / other`. Shapes broadcast; integers give the default float."
        return xp.divide(input, other)

The first parameter is the array namespace. Positional parameters without a default and without an annotation are
arrays; so are those annotated `Array`, `Array | None` (optional), `Arrays` (a sequence) or `Index` (of integers or
bools, whatever the dtype of the others, and without a gradient). Every other parameter is an attribute. A rule names
what it needs, and only that is kept alive until the backward pass:

- `xp`, `g` (the incoming gradient; a list, one entry for each output, where the op returns a tuple), `out`, `needs`
  (joint rules only: which array inputs need a gradient),
- an input's name (its array), `<input>_shape`, `<input>_dtype` (metadata), an attribute's name (its value).

Anything else is an error at import.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

Array = Any
Arrays = Any
Index = Any
ARRAY_ANNOTATIONS = {"Array": "array", "Array | None": "optional", "Arrays": "list", "Index": "index"}
PROMOTIONS = (None, "same", "float", "bool")


def fused(function: Callable) -> Callable:
    """Mark a function of `xp` that treats every element alike: a namespace may run all of it as one loop.

    Its arrays come first, and are of one shape or numbers.
    """

    def apply(xp: Any, *arguments: Any) -> Any:
        fuse = getattr(xp, "fuse", None)
        return function(xp, *arguments) if fuse is None else fuse(function, arguments)

    return apply


class Input:
    """An array parameter of an op: its name, and whether it is one array, an optional one or a list."""

    __slots__ = ("name", "how")

    def __init__(self, name: str, how: str) -> None:
        self.name = name
        self.how = how


class Parameter:
    """A parameter of an op: its name, its default (or REQUIRED), whether it is given by name only."""

    __slots__ = ("name", "default", "keyword_only")

    def __init__(self, name: str, default: Any, keyword_only: bool) -> None:
        self.name = name
        self.default = default
        self.keyword_only = keyword_only


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()


def parameters_of(function: Callable) -> list[Parameter]:
    """A function's parameters but the first, which is the namespace. (`inspect.signature` takes ten times as long.)"""
    code: CodeType = function.__code__
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    padded = [REQUIRED] * (len(names) - len(defaults)) + list(defaults)
    found = [Parameter(n, d, False) for n, d in zip(names, padded, strict=True)]
    for name in code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]:
        found.append(Parameter(name, (function.__kwdefaults__ or {}).get(name, REQUIRED), True))
    return found[1:]


class Op:
    """One row of the table. See `op` for what the options mean."""

    name: str
    forward: Callable
    inputs: list[Input]
    parameters: list[Parameter]
    rules: dict[str, Callable]
    joint: Callable | None
    promote: str | None
    view: str | None
    moves: bool
    composite: bool
    node_name: str
    inplace: bool
    method: bool
    public: bool
    aliases: tuple[str, ...]
    returns: tuple[str, ...] | None
    refuses: tuple[str, ...]
    outputs: int | None
    check: Any
    numbers: Any
    retypes: Any
    again: bool
    saved: tuple[str, ...]
    attributes: list[str]

    def __init__(self, **facts: Any) -> None:
        self.__dict__.update(facts)

    @property
    def differentiable(self) -> bool:
        return bool(self.rules) or self.joint is not None

    @property
    def family(self) -> str:
        """The name of the file of ops that declares this row."""
        return self.forward.__module__.rsplit(".", 1)[-1]


TABLE: dict[str, Op] = {}


def rule_parameters(rule: Callable) -> tuple[str, ...]:
    """What a rule asks for, by the names of its parameters."""
    return rule.__code__.co_varnames[: rule.__code__.co_argcount]


def op(
    *,
    promote: str | None = None,
    view: str | None = None,
    moves: bool = False,
    composite: bool = False,
    joint: Callable | None = None,
    node: str | None = None,
    inplace: bool = False,
    method: bool = True,
    public: bool = True,
    aliases: tuple[str, ...] = (),
    returns: tuple[str, ...] | None = None,
    refuses: tuple[str, ...] = (),
    outputs: int | None = 1,
    numbers: bool | str = True,
    retypes: bool = False,
    again: bool = False,
    check: Callable | None = None,
    **rules: Callable,
) -> Callable[[Callable], Op]:
    """Declare a primitive operation, and one gradient rule for each differentiable input.

    promote: "same" brings the inputs to their common dtype, "float" moreover turns integers into the default float,
    "bool" is "same" for operations whose result is a bool, None leaves dtypes alone.
    view: "always" where the result shares the input's memory, "maybe" where it does if that is possible.
    moves: the row only moves elements, so that float16 and bfloat16 need no widening.
    composite: the row has no rule; its body, run on tensors, is differentiated.
    joint: one rule for all inputs, whose gradients share work; it returns one gradient for each array input.
    node: PyTorch's name of the graph node without `Backward0`; by default the CamelCase of the row's name.
    inplace: there is an in-place method `name_`. method: the function is a method of Tensor too.
    returns: the field names of a named tuple, for a row that returns several arrays. outputs: how many (None: varies).
    refuses: categories of dtype that PyTorch refuses here, of "bool", "integer", "float", "complex", "half".
    numbers: whether Python numbers may stand for arrays; "other": for all but the first. retypes: the result may have
    another dtype than the inputs. again: where the result that the rules ask for was overwritten since, it is computed
    once more, from the inputs; else that is an error.
    check: called with the operands (tensors, numbers) and the attributes before the row; raises what the user did
    wrong.
    """

    def declare(forward: Callable) -> Op:
        name = forward.__name__.rstrip("_") if forward.__name__.endswith("__") else forward.__name__
        parameters = parameters_of(forward)
        annotations = forward.__annotations__
        inputs, attributes = [], []
        for p in parameters:
            annotation = annotations.get(p.name)
            how = ARRAY_ANNOTATIONS.get(annotation) if isinstance(annotation, str) else None
            if how is None and annotation is None and p.default is REQUIRED and not p.keyword_only:
                how = "array"
            if how is None:
                attributes.append(p.name)
            else:
                inputs.append(Input(p.name, how))
        row = Op(
            name=name,
            forward=forward,
            inputs=inputs,
            parameters=parameters,
            rules=rules,
            joint=joint,
            promote=promote,
            view=view,
            moves=moves or view is not None,
            composite=composite,
            node_name=node or "".join(part.capitalize() for part in name.split("_")),
            inplace=inplace,
            method=method,
            public=public,
            aliases=aliases,
            returns=returns,
            refuses=refuses,
            outputs=len(returns) if returns else outputs,
            numbers=numbers,
            retypes=retypes,
            again=again,
            check=check,
            attributes=attributes,
            saved=(),
        )
        row.saved = _check(row)
        if name in TABLE:
            raise ValueError(f"op {name} is declared twice")
        TABLE[name] = row
        return row

    return declare


def _check(row: Op) -> tuple[str, ...]:
    """Refuse what cannot work, at import; return everything that some rule of the row needs saved."""
    names = [i.name for i in row.inputs]
    allowed = {"xp", "g", "out", *names, *row.attributes}
    allowed |= {f"{n}_{what}" for n in names for what in ("shape", "dtype")}
    if row.promote not in PROMOTIONS:
        raise ValueError(f"op {row.name}: promote={row.promote!r} is none of {PROMOTIONS}")
    if row.joint is not None and row.rules:
        raise ValueError(f"op {row.name} has both a joint rule and rules of its own")
    if row.composite and row.differentiable:
        raise ValueError(f"op {row.name} is a composite and has rules")
    saved: dict[str, None] = {}
    for target, rule in [*row.rules.items(), *([("joint", row.joint)] if row.joint else [])]:
        if target != "joint" and target not in names:
            raise TypeError(f"op {row.name}: there is no input {target!r} to have a rule; inputs are {names}")
        extra = {"needs"} if target == "joint" else set()
        for asked in rule_parameters(rule):
            if asked not in allowed | extra:
                raise TypeError(
                    f"op {row.name}, rule of {target}: unknown parameter {asked!r}; a rule may name "
                    f"{', '.join(sorted(allowed | extra))}"
                )
            if asked not in ("xp", "g", "needs"):
                saved[asked] = None
    return tuple(saved)
