"""`Size`, the shape of a tensor: a tuple that knows its number of elements."""

from __future__ import annotations

from typing import Any


class Size(tuple):
    """The shape of a tensor: a tuple that knows its number of elements.

    >>> Size([2, 3]).numel()
    6
    """

    __slots__ = ()

    def __new__(cls, sizes: Any = ()) -> Size:
        values = tuple.__new__(cls, sizes)
        for i, n in enumerate(values):
            if type(n) is not int and not hasattr(n, "__index__"):
                raise TypeError(f"torch.Size() takes an iterable of 'int' (item {i} is '{type(n).__name__}')")
        return values

    def numel(self) -> int:
        """The product of the sizes."""
        total = 1
        for n in self:
            total *= n
        return total

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    __str__ = __repr__

    def __add__(self, other: Any) -> Size:  # type: ignore[override]
        return size(tuple.__add__(self, tuple(other)))

    def __radd__(self, other: Any) -> Size:
        return size(tuple(other) + tuple(self))

    def __mul__(self, n: Any) -> Size:  # type: ignore[override]
        return size(tuple.__mul__(self, n))

    __rmul__ = __mul__  # type: ignore[assignment]

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return size(found) if type(index) is slice else found

    def __reduce__(self):
        # by a function, since the class goes by the name torch.Size, which may be someone else's
        return (size, (tuple(self),))


Size.__module__ = "torch"


def size(values: Any) -> Size:
    """A Size of values known to be integers."""
    return tuple.__new__(Size, values)
