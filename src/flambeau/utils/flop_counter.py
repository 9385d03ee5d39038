"""`torch.utils.flop_counter`: how many operations of floating point the products of a block take.

As in PyTorch, only products of matrices, convolutions and attention count, two for each multiplication and addition,
in the forward pass and in the backward pass.
"""

from __future__ import annotations

from collections import defaultdict
from math import prod
from types import TracebackType
from typing import Any

from .. import config
from .. import missing as _missing
from ..nn.hooks import register_module_forward_hook, register_module_forward_pre_hook
from ..ops.table import Op
from ..tensor.engine import passes
from ..tensor.tensor import Tensor

__all__ = ["FlopCounterMode"]

# row -> PyTorch's operation, its operation in the backward pass, and the places of the two factors
_PRODUCTS = {
    "mm": ("mm", "mm", 0, 1),
    "matmul": ("mm", "mm", 0, 1),
    "bmm": ("bmm", "bmm", 0, 1),
    "addmm": ("addmm", "mm", 1, 2),
    "baddbmm": ("baddbmm", "bmm", 1, 2),
    "linear": ("addmm", "mm", 0, 1),
    "linear_without_bias": ("mm", "mm", 0, 1),
    "linear_of_batch": ("addmm", "mm", 0, 1),
    "linear_of_batch_without_bias": ("mm", "mm", 0, 1),
    "conv_forward": ("convolution", "convolution_backward", 0, 1),
    "conv_input_gradient": ("convolution", "convolution_backward", 0, 1),
}


class FlopCounterMode:
    """Count the operations of a block, whole ("Global") and for each module that is called in it.

    As in PyTorch, an LSTM and fused attention count nothing on the CPU, where each is one kernel.

    >>> with torch.utils.flop_counter.FlopCounterMode(display=False) as counter:
    ...     y = torch.nn.Linear(8, 4)(torch.ones(3, 8))
    >>> counter.get_total_flops()
    192
    """

    def __init__(self, mods: Any = None, depth: int = 2, display: bool = True, custom_mapping: Any = None) -> None:
        if custom_mapping:
            raise NotImplementedError("FlopCounterMode(custom_mapping=...) is not implemented")
        self.depth, self.display = depth, display
        self.flop_counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._names: dict[int, tuple[Any, str]] = {}
        self._within: list[str] = ["Global"]
        # what the backward pass of a node will count
        self._nodes: dict[int, tuple[Any, str, int, list[str]]] = {}

    def get_total_flops(self) -> int:
        """How many operations there were."""
        return sum(self.flop_counts["Global"].values())

    def get_flop_counts(self) -> dict[str, dict[str, int]]:
        """Module -> operation -> how many."""
        return {name: dict(counts) for name, counts in self.flop_counts.items() if counts}

    def __enter__(self) -> FlopCounterMode:
        self.flop_counts.clear()
        self._hooks = [
            register_module_forward_pre_hook(self._enter),
            register_module_forward_hook(self._leave, always_call=True),
        ]
        self._before = config.set_mode("profile", self._call)
        self._watched, passes.watched = passes.watched, True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        config.set_mode("profile", self._before)
        passes.watched = self._watched
        for hook in self._hooks:
            hook.remove()
        self._nodes.clear()
        if self.display:
            print(self.get_table())  # noqa: T201

    def _enter(self, module: Any, inputs: Any) -> None:
        if id(module) not in self._names:
            name = type(module).__name__
            for path, inner in module.named_modules():
                self._names.setdefault(id(inner), (inner, f"{name}.{path}" if path else name))
        self._within.append(self._names[id(module)][1])

    def _leave(self, module: Any, inputs: Any, output: Any) -> None:
        self._within.pop()

    def _call(self, what: Any, suffix: str, function: Any, arguments: tuple) -> Any:
        """Make the call of a row or a node, and count it."""
        config.set_mode("profile", None)
        try:
            result = function(*arguments)
        finally:
            config.set_mode("profile", self._call)
        if not isinstance(what, Op):
            kept = self._nodes.get(id(what))
            if kept is not None:
                self._count(*kept[1:])
        elif what.name in _PRODUCTS:
            self._count_product(what.name, arguments[1], arguments[2], result)
        elif what.name in ("gru_layer", "rnn_layer"):
            self._count_layer(arguments[1], arguments[2]["sizes"], result[0])
        return result

    def _count(self, operation: str, flops: int, modules: list[str]) -> None:
        for name in set(modules):
            self.flop_counts[name][f"aten.{operation}"] += flops

    def _count_product(self, row: str, inputs: Any, attributes: dict, result: Tensor) -> None:
        operation, backward, first, second = _PRODUCTS[row]
        a, b = inputs[first], inputs[second]
        if row == "matmul" and (a.ndim < 2 or b.ndim < 2):
            # a product with a vector, which PyTorch does not count
            return
        if row == "matmul" and b.ndim > 2:
            operation = backward = "bmm"
        if row == "conv_forward":
            flops = 2 * result._array.size * prod(b.shape[1:])
        elif row == "conv_input_gradient":
            flops = 2 * a._array.size * prod(b.shape[1:])
        else:
            flops = 2 * result._array.size * a.shape[-1]
        # groups do not make the gradient of a convolution's weight cheaper, as PyTorch counts
        later = flops * (a.requires_grad + b.requires_grad * attributes.get("groups", 1))
        self._count_both(operation, flops, backward, later, result)

    def _count_layer(self, inputs: Any, sizes: Any, result: Tensor) -> None:
        x, h0, w_ih, w_hh = inputs[:4]
        rows, by_ih, by_hh = sum(sizes), 2 * w_ih._array.size, 2 * w_hh._array.size
        later = rows * by_ih * (x.requires_grad + w_ih.requires_grad) + rows * by_hh * w_hh.requires_grad
        # the first state may need no gradient
        later += (rows - sizes[0] * (not h0.requires_grad)) * by_hh
        self._count_both("addmm", rows * (by_ih + by_hh), "mm", later, result)

    def _count_both(self, operation: str, flops: int, backward: str, later: int, result: Tensor) -> None:
        """Count an operation now, and what its gradient takes when its node is visited."""
        self._count(operation, flops, self._within)
        node = result.grad_fn
        if node is not None:
            self._nodes[id(node)] = node, backward, later, [*self._within]

    def get_table(self, depth: int | None = None) -> str:
        """The counts of modules, `depth` deep, as text."""
        total = self.get_total_flops()
        names = [n for n in sorted(self.get_flop_counts()) if n != "Global" and n.count(".") < (depth or self.depth)]
        if total and not any(sum(self.flop_counts[name].values()) == total for name in names):
            names.insert(0, "Global")
        step = max(0, min(4, (len(str(total)) - 2) // 3))

        def row(label: str, n: int) -> tuple[str, str, str]:
            flops = f"{n / 1000**step:.3f}{' KMBT'[step]}" if step else str(n)
            return label, flops, f"{100 * n / total:.2f}%"

        rows: list[tuple[str, str, str]] = []
        for name in names:
            counts = self.flop_counts[name]
            rows += [row(name, sum(counts.values())), *(row(f"- {kind}", n) for kind, n in counts.items())]
        rows = rows or [("Global", "0", "0%")]
        head = ("Module", "FLOP", "% Total")
        a, b, c = (max(len(title) + 2, *(len(r[i]) for r in rows)) for i, title in enumerate(head))
        lines = [head, ("-" * a, "-" * b, "-" * c), *rows]
        return "\n".join(f"{x:<{a}}  {y:>{b}}  {z:>{c}}" for x, y, z in lines)


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
