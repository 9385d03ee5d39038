"""Results lie in memory as PyTorch's do: strides, contiguity and formats of views, copies and elementwise results."""

# `error` calls at once what it is given
# ruff: noqa: B023
from __future__ import annotations

MAKERS = {
    "rows": lambda T: T.arange(24.0).reshape(2, 3, 4),
    "transposed": lambda T: T.arange(24.0).reshape(4, 3, 2).permute(2, 1, 0),
    "sliced": lambda T: T.arange(48.0).reshape(2, 3, 8)[:, :, ::2],
    "expanded": lambda T: T.arange(8.0).reshape(2, 1, 4).expand(2, 3, 4),
}
OPS = {
    "neg": lambda T, x: -x,
    "add": lambda T, x: x + 1,
    "exp": lambda T, x: x.exp(),
    "add itself": lambda T, x: x + x,
    "compare": lambda T, x: x > 1,
    "clone": lambda T, x: x.clone(),
    "contiguous": lambda T, x: x.contiguous(),
    "double": lambda T, x: x.double(),
    "zeros_like": lambda T, x: T.zeros_like(x),
    "empty_like": lambda T, x: T.empty_like(x) * 0,
    "relu": lambda T, x: x.relu(),
    "where": lambda T, x: T.where(x > 1, x, x),
    "clamp": lambda T, x: x.clamp(0, 3),
    "view": lambda T, x: x.view(2, 3, 2, 2),
    "reshape": lambda T, x: x.reshape(6, 4),
    "flatten": lambda T, x: x.flatten(),
    "t": lambda T, x: x.transpose(0, 2),
    "permute": lambda T, x: x.permute(1, 2, 0),
    "select": lambda T, x: x[1],
    "slice": lambda T, x: x[:, 1:, ::2],
    "unsqueeze": lambda T, x: x.unsqueeze(1),
    "squeeze": lambda T, x: x[:, :1].squeeze(1),
    "sum": lambda T, x: x.sum(1),
    "sum keepdim": lambda T, x: x.sum(1, keepdim=True),
    "max": lambda T, x: x.max(2)[0],
    "cat": lambda T, x: T.cat([x, x], 1),
    "stack": lambda T, x: T.stack([x, x]),
    "unbind": lambda T, x: x.unbind(1)[0],
    "chunk": lambda T, x: x.chunk(2, 2)[1],
    "index": lambda T, x: x[:, [0, 2]],
    "mask": lambda T, x: x[x > 3],
    "gather": lambda T, x: x.gather(2, T.zeros(2, 3, 1, dtype=T.int64)),
    "index_select": lambda T, x: x.index_select(1, T.tensor([0, 2])),
    "softmax": lambda T, x: x.softmax(1),
    "cumsum": lambda T, x: x.cumsum(1),
    "sort": lambda T, x: x.sort(1)[0],
    "flip": lambda T, x: x.flip(1),
    "roll": lambda T, x: x.roll(1, 1),
    "repeat": lambda T, x: x.repeat(1, 2, 1),
    "expand": lambda T, x: x[:1].expand(3, 3, 4),
    "diagonal": lambda T, x: x.diagonal(0, 0, 1),
    "tril": lambda T, x: x.tril(),
    "matmul": lambda T, x: x @ x.transpose(1, 2),
    "bmm": lambda T, x: T.bmm(x, x.mT),
    "narrow": lambda T, x: x.narrow(2, 1, 2),
    "unfold": lambda T, x: x.unfold(2, 2, 1),
    "pow": lambda T, x: x**2,
    "add rows": lambda T, x: x + T.ones(2, 3, 4),
    "rows add": lambda T, x: T.ones(2, 3, 4) + x,
    "add column": lambda T, x: x + T.ones(3, 1),
    "add transposed": lambda T, x: x + T.ones(4, 3, 2).permute(2, 1, 0),
    "swapaxes": lambda T, x: x.swapaxes(0, 1),
    "movedim": lambda T, x: x.movedim(0, 2),
    "to": lambda T, x: x.to(T.float64).to(T.float32),
    "masked_fill": lambda T, x: x.masked_fill(x > 2, 0.0),
    "dropout": lambda T, x: T.nn.functional.dropout(x, 0.0),
    "layer_norm": lambda T, x: T.nn.functional.layer_norm(x, (4,)),
    "linear": lambda T, x: T.nn.functional.linear(x, T.ones(5, 4)),
    "norm": lambda T, x: x.norm(dim=1),
    "as_strided": lambda T, x: x.as_strided((2, 2), (1, 2)),
}
EXACT = (
    "neg add exp clone contiguous double zeros_like relu view t permute select slice unsqueeze diagonal narrow unfold"
).split()


def test_results_lie_in_memory_as_in_pytorch(agree):
    for name, make in MAKERS.items():

        @agree
        def session(T, error, make=make, name=name):
            for label, op in OPS.items():
                x = make(T)
                yield (name, label), error(lambda: op(T, x)).partition(":")[0]
                if error(lambda: op(T, x)) == "no error":
                    y = op(T, x)
                    # only what is laid out row by row in PyTorch must be so here: it may be viewed in other shapes
                    told = y.is_contiguous() if name == "rows" or label in EXACT else None
                    yield (name, label), list(y.shape), list(y.stride()) if told is not None else None, told


def test_channels_last_is_kept_and_told(agree):
    @agree
    def session(T, error):
        x = T.arange(120.0).reshape(2, 3, 4, 5)
        y = x.to(memory_format=T.channels_last)
        for t in (
            y,
            x.contiguous(memory_format=T.channels_last),
            y + 1,
            y.clone(),
            y.contiguous(),
            y.relu(),
            y * y,
            y.to(T.float64),
            T.zeros_like(y),
            T.empty_like(y).zero_(),
            y[0],
            y.sum(1),
            T.cat([y, y]),
            y.clone(memory_format=T.contiguous_format),
            T.zeros_like(y, memory_format=T.contiguous_format),
            x.clone(memory_format=T.channels_last),
        ):
            yield (
                t.stride(),
                t.is_contiguous(),
                t.is_contiguous(memory_format=T.channels_last) if t.dim() == 4 else None,
            )
        yield (
            y.equal(x),
            error(lambda: x[0].to(memory_format=T.channels_last)),
            error(lambda: x.contiguous(memory_format=T.channels_last_3d)),
        )
        yield (
            x.is_contiguous(memory_format=T.channels_last),
            T.ones(1, 1, 1, 1).is_contiguous(memory_format=T.channels_last),
            y.suggest_memory_format() if hasattr(y, "suggest_memory_format") else None,
        )
        z = T.ones(2, 3, 4, 5, 6).to(memory_format=T.channels_last_3d)
        yield z.stride(), T.empty(2, 3, 4, 5, memory_format=T.channels_last).stride()


def test_the_shape_or_dtype_of_what_is_no_tensor_is_refused(agree):
    @agree
    def session(T, error):
        for name in ("view_as", "reshape_as", "expand_as", "type_as"):
            for other in (None, 3, [1.0]):
                yield error(lambda name=name, other=other: getattr(T.ones(2), name)(other))
