"""Named results, `torch.return_types.max(values=..., indices=...)`: tuples whose fields have names too.

A class is made when a function first returns it. Like those of PyTorch they are made of one sequence,
`max([values, indices])`, have no further attributes, and cannot be changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

# the fields of every named result, by the name of the function; "_out" classes have the fields of their function
FIELDS: dict[str, tuple[str, ...]] = {
    "aminmax": ("min", "max"),
    "frexp": ("mantissa", "exponent"),
    "geqrf": ("a", "tau"),
    "histogram": ("hist", "bin_edges"),
    "histogramdd": ("hist", "bin_edges"),
    "linalg_cholesky_ex": ("L", "info"),
    "linalg_eig": ("eigenvalues", "eigenvectors"),
    "linalg_eigh": ("eigenvalues", "eigenvectors"),
    "linalg_inv_ex": ("inverse", "info"),
    "linalg_ldl_factor": ("LD", "pivots"),
    "linalg_ldl_factor_ex": ("LD", "pivots", "info"),
    "linalg_lstsq": ("solution", "residuals", "rank", "singular_values"),
    "linalg_lu": ("P", "L", "U"),
    "linalg_lu_factor": ("LU", "pivots"),
    "linalg_lu_factor_ex": ("LU", "pivots", "info"),
    "linalg_qr": ("Q", "R"),
    "linalg_slogdet": ("sign", "logabsdet"),
    "linalg_solve_ex": ("result", "info"),
    "linalg_svd": ("U", "S", "Vh"),
    "lu_unpack": ("P", "L", "U"),
    "qr": ("Q", "R"),
    "slogdet": ("sign", "logabsdet"),
    "svd": ("U", "S", "V"),
    "triangular_solve": ("solution", "cloned_coefficient"),
    **dict.fromkeys("cummax cummin kthvalue max median min mode nanmedian sort topk".split(), ("values", "indices")),
}

CLASSES: dict[str, type[NamedResult]] = {}


class NamedResult(tuple):
    """A tuple with named fields, made of one sequence."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()
    n_fields = n_sequence_fields = n_unnamed_fields = 0

    def __new__(cls, values: Iterable[Any], dict: Any = None) -> NamedResult:
        try:
            self = tuple.__new__(cls, values)
        except TypeError:
            raise TypeError("constructor requires a sequence") from None
        if len(self) != cls.n_fields:
            raise TypeError(
                f"{cls.__module__}.{cls.__name__}() takes a {cls.n_fields}-sequence ({len(self)}-sequence given)"
            )
        return self

    def __repr__(self) -> str:
        lines = ",\n".join([f"{name}={value!r}" for name, value in zip(self.__match_args__, self, strict=True)])
        return f"torch.return_types.{type(self).__name__}(\n{lines})"

    def __reduce__(self):
        return (rebuild, (type(self).__name__, tuple(self)))


def named(name: str) -> type[NamedResult]:
    """The class of the named results of a function."""
    found = CLASSES.get(name)
    if found is None:
        fields = FIELDS[name.removesuffix("_out")]
        members: dict[str, Any] = {
            "__slots__": (),
            "__module__": "torch.return_types",
            "__match_args__": fields,
            "n_fields": len(fields),
            "n_sequence_fields": len(fields),
            **{field: property(itemgetter(i)) for i, field in enumerate(fields)},
        }
        found = CLASSES[name] = type(name, (NamedResult,), members)
    return found


def rebuild(name: str, values: tuple) -> NamedResult:
    """A named result read from a pickle."""
    return named(name)(values)


def __getattr__(name: str) -> Any:
    if name.removesuffix("_out") in FIELDS:
        return named(name)
    raise AttributeError(f"module 'torch.return_types' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*FIELDS, *(f"{name}_out" for name in FIELDS if name != "histogramdd"), "all_return_types"])
