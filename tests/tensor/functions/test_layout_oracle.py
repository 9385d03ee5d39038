"""Results lie in memory as PyTorch's do: what is made of permuted tensors can be viewed, and drawn for, as there."""

import numpy as np

SHAPE = 2, 3, 4, 5


def layouts(T):
    x = T.from_numpy(np.random.default_rng(0).normal(size=SHAPE))
    return {
        "rows": x,
        "permuted": x.permute(0, 2, 3, 1),
        "by channels": x.contiguous(memory_format=T.channels_last),
        "transposed": x.mT,
        "sliced": x.permute(3, 1, 0, 2)[:, 1:],
        "expanded": x[:1].expand(SHAPE),
    }


def functions(T):
    F = T.nn.functional
    return {
        "softmax": lambda v: v.softmax(1),
        "log_softmax": lambda v: v.log_softmax(-1),
        "cumsum": lambda v: v.cumsum(1),
        "cumprod": lambda v: v.cumprod(2),
        "logcumsumexp": lambda v: v.logcumsumexp(1),
        "sum": lambda v: v.sum(1),
        "mean": lambda v: v.mean((0, 2)),
        "amax": lambda v: v.amax(2),
        "prod": lambda v: v.prod(1),
        "std": lambda v: v.std(1),
        "norm": lambda v: v.norm(dim=1),
        "cat": lambda v: T.cat([v, v], 1),
        "stack": lambda v: T.stack([v, v]),
        "masked_fill": lambda v: v.masked_fill(v > 0, 0.0),
        "layer_norm": lambda v: F.layer_norm(v, v.shape[-1:]),
        "batch_norm": lambda v: F.batch_norm(v, None, None, training=True),
        "roll": lambda v: v.roll(1, 1),
        "tril": lambda v: v.tril(),
        "one_hot": lambda v: F.one_hot((v > 0).long(), 2),
        "gelu": lambda v: F.gelu(v.float()),
        "sigmoid": T.sigmoid,
        "dropout": lambda v: F.dropout(v, 0.5),
    }


def test_results_of_permuted_tensors_have_the_strides_of_pytorch(agree):
    @agree
    def session(T, error):
        T.manual_seed(0)
        for how, v in layouts(T).items():
            for name, f in functions(T).items():
                yield how, name, f(v)


EQUATIONS = (
    "ij,kj->ki|ij,jk->ik|tbh,hk->btk|dhw,k->kdhw|bhqk,bkhd->bqhd|bqhd,bkhd->bhqk|bij,bjk->bki|i,j->ji|ac,bd->abcd|"
    "ab,bc,cd->da|abcd,adef->efbc|abcd,cxdy->bxya|...ij,jk->...ki"
)


def test_products_of_einsum_have_the_strides_of_pytorch(agree):
    @agree
    def session(T, error):
        for equation in EQUATIONS.split("|"):
            terms = equation.partition("->")[0].split(",")
            sizes = [[2 + ord(n) % 5 for n in term.replace("...", "zy")] for term in terms]
            yield equation, T.einsum(equation, *[T.rand(s, dtype=T.float64) for s in sizes])


def test_dropout_after_attention_drops_the_same_elements(agree):
    @agree
    def session(T, error):
        T.manual_seed(0)
        q = T.randn(5, 2, 4, 3)
        attention = T.einsum("ibhd,jbhd->ijbh", q, q).softmax(1)
        yield T.nn.functional.dropout(attention, 0.5), attention.view(25, 8)


def test_images_by_channels_stay_so_in_layers(agree):
    @agree
    def session(T, error):
        F = T.nn.functional
        x = T.from_numpy(np.random.default_rng(0).normal(size=(2, 4, 6, 6)).astype("float32"))
        w = T.from_numpy(np.random.default_rng(1).normal(size=(8, 4, 3, 3)).astype("float32"))
        layers = {
            "conv": lambda v: F.conv2d(v, w),
            "pointwise": lambda v: F.conv2d(v, w[:, :, :1, :1].contiguous()),
            "by channel": lambda v: F.conv2d(v, w[:4, :1].contiguous(), groups=4),
            "max": lambda v: F.max_pool2d(v, 2),
            "mean": lambda v: F.avg_pool2d(v, 2),
            "nearest": lambda v: F.interpolate(v, scale_factor=2),
            "bilinear": lambda v: F.interpolate(v, size=(9, 7), mode="bilinear"),
            "zeros": lambda v: F.pad(v, (1, 2, 0, 1)),
            "reflected": lambda v: F.pad(v, (1, 2, 0, 1), mode="reflect"),
            "dropped": lambda v: F.dropout(F.conv2d(v, w), 0.5),
        }
        T.manual_seed(0)
        for how in (T.contiguous_format, T.channels_last):
            for name, layer in layers.items():
                v = x.contiguous(memory_format=how).requires_grad_()
                result = layer(v)
                yield how, name, result
                (grad,) = T.autograd.grad(result.square().sum(), v)
                yield name, grad.contiguous()
