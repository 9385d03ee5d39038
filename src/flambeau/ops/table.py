"""The op table: one declaration per primitive operation.

    @op(input=lambda xp, g, other: g / other,
        other=lambda xp, g, input, other: -g * input / (other * other), promote="float")
    def div(xp, input, other):
        "Elementwise `input / other`. Shapes broadcast; integers give the default float."
        return xp.divide(input, other)

The first parameter is the array namespace. Positional parameters without a default and without an annotation are
arrays; so are those annotated `Array`, `Array | None` (optional), `Arrays` (a sequence) or `Index` (of integers or
bools, whatever the dtype of the others, and without a gradient). Every other parameter is an attribute. A rule names what it needs, and only that is kept alive until the backward pass:

- `xp`, `g` (the incoming gradient; a list, one entry for each output, where the op returns a tuple), `out`, `needs`
  (joint rules only: which array inputs need a gradient),
- an input's name (its array), `<input>_shape`, `<input>_dtype` (metadata), an attribute's name (its value).

Anything else is an error at import.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Array = Any
Arrays = Any
Index = Any
ARRAY_ANNOTATIONS = {"Array": "array", "Array | None": "optional", "Arrays": "list", "Index": "index"}
PROMOTIONS = (None, "same", "float", "bool")


@dataclass(slots=True)
class Input:
    """An array parameter of an op: its name, and whether it is one array, an optional one, a list or an index."""

    name: str
    how: str


@dataclass(slots=True)
class Op:
    """One row of the table. See `op` for what the options mean."""

    name: str
    forward: Callable
    inputs: list[Input]
    signature: inspect.Signature
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
    numbers: bool | str
    retypes: bool
    check: Callable | None
    saved: tuple[str, ...] = ()
    attributes: list[str] = field(default_factory=list)

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
    numbers: whether Python numbers may stand for arrays; "other": for all but the first. retypes: the result may have another dtype than the inputs.
    check: called with the operands (tensors, numbers) and the attributes before the row; raises what the user did wrong.
    """

    def declare(forward: Callable) -> Op:
        name = forward.__name__.rstrip("_") if forward.__name__.endswith("__") else forward.__name__
        signature = inspect.signature(forward)
        parameters = list(signature.parameters.values())[1:]
        inputs, attributes = [], []
        for p in parameters:
            how = ARRAY_ANNOTATIONS.get(p.annotation) if isinstance(p.annotation, str) else None
            if how is None and p.annotation is p.empty and p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD:
                how = "array"
            if how is None:
                attributes.append(p.name)
            else:
                inputs.append(Input(p.name, how))
        row = Op(
            name=name,
            forward=forward,
            inputs=inputs,
            signature=signature.replace(parameters=parameters),
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
            check=check,
            attributes=attributes,
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
