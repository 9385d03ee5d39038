"""Under `autocast`, each function gives the dtype that it gives in PyTorch."""

from __future__ import annotations

import warnings

import pytest

import flambeau

torch = pytest.importorskip("torch")

# functions of (library, x: 4x4, t: 2x3x4x4x4, floats of one dtype)
CALLS = {
    "addbmm": lambda L, x, t: L.addbmm(x, t[0, :, 0], t[0, :, 1]),
    "addmm": lambda L, x, t: L.addmm(x, x, x),
    "addmv": lambda L, x, t: L.addmv(x[0], x, x[0]),
    "baddbmm": lambda L, x, t: L.baddbmm(t[0, 0], t[0, 0], t[0, 1]),
    "bmm": lambda L, x, t: L.bmm(t[0, 0], t[0, 1]),
    "mm": lambda L, x, t: L.mm(x, x),
    "mv": lambda L, x, t: L.mv(x, x[0]),
    "dot": lambda L, x, t: L.dot(x[0], x[0]),
    "matmul": lambda L, x, t: x @ t[0],
    "matmul method": lambda L, x, t: x.matmul(x),
    "matmul vectors": lambda L, x, t: L.matmul(x[0], x[0]),
    "einsum": lambda L, x, t: L.einsum("ij,jk->ik", x, x),
    "tensordot": lambda L, x, t: L.tensordot(x, x, 1),
    "multi_dot": lambda L, x, t: L.linalg.multi_dot([x, x, x]),
    "chain_matmul": lambda L, x, t: L.chain_matmul(x, x, x),
    "matrix_power": lambda L, x, t: L.linalg.matrix_power(x, 3),
    "vecdot": lambda L, x, t: L.linalg.vecdot(x, x),
    "linear": lambda L, x, t: L.nn.functional.linear(x, x, x[0]),
    "linear without bias": lambda L, x, t: L.nn.functional.linear(x, x),
    "linear of batch": lambda L, x, t: L.nn.functional.linear(t, x, x[0]),
    "linear of batch without bias": lambda L, x, t: L.nn.functional.linear(t, x),
    "linear of mixed": lambda L, x, t: L.nn.functional.linear(x.bfloat16(), x.float(), x[0]),
    "conv1d": lambda L, x, t: L.nn.functional.conv1d(t[0, 0], t[0, 1]),
    "conv2d": lambda L, x, t: L.nn.functional.conv2d(t[0], t[1]),
    "conv3d": lambda L, x, t: L.nn.functional.conv3d(t, t),
    "conv_tbc": lambda L, x, t: L.conv_tbc(t[0, 0], t[0, 1], x[0]),
    "conv_transpose1d": lambda L, x, t: L.nn.functional.conv_transpose1d(t[0, 0], t[0, 1]),
    "conv_transpose2d": lambda L, x, t: L.nn.functional.conv_transpose2d(t[0], t[1].transpose(0, 1)[:3]),
    "conv_transpose3d": lambda L, x, t: L.nn.functional.conv_transpose3d(t, t[:, :, :3].transpose(0, 1)),
    "prelu": lambda L, x, t: L.nn.functional.prelu(x, x[0, :1]),
    "attention": lambda L, x, t: L.nn.functional.scaled_dot_product_attention(t[0], t[0], t[0]),
    "multi-head attention": lambda L, x, t: L.nn.MultiheadAttention(4, 2)(t[0, 0], t[0, 0], t[0, 0])[0],
    "LSTM": lambda L, x, t: L.nn.LSTM(4, 3)(t[0, 0])[0],
    "GRU": lambda L, x, t: L.nn.GRU(4, 3)(t[0, 0])[0],
    "RNN": lambda L, x, t: L.nn.RNN(4, 3)(t[0, 0])[0],
    "RNNCell": lambda L, x, t: L.nn.RNNCell(4, 3)(x),
    "adaptive_avg_pool2d": lambda L, x, t: L.nn.functional.adaptive_avg_pool2d(t[0], 2),
    "adaptive_avg_pool3d": lambda L, x, t: L.nn.functional.adaptive_avg_pool3d(t, 2),
    "adaptive_max_pool3d": lambda L, x, t: L.nn.functional.adaptive_max_pool3d(t, 2),
    "avg_pool2d": lambda L, x, t: L.nn.functional.avg_pool2d(t[0], 2),
    "avg_pool3d": lambda L, x, t: L.nn.functional.avg_pool3d(t, 2),
    "max_pool2d": lambda L, x, t: L.nn.functional.max_pool2d(t[0], 2),
    "max_pool3d": lambda L, x, t: L.nn.functional.max_pool3d(t, 2),
    "max_unpool2d": lambda L, x, t: L.nn.functional.max_unpool2d(
        *L.nn.functional.max_pool2d(t[0], 2, return_indices=True), 2
    ),
    "fractional_max_pool2d": lambda L, x, t: L.nn.functional.fractional_max_pool2d(t[0], 2, output_size=2),
    "fractional_max_pool3d": lambda L, x, t: L.nn.functional.fractional_max_pool3d(t, 2, output_size=2),
    "reflection pad": lambda L, x, t: L.nn.functional.pad(x[None], (1, 1), mode="reflect"),
    "reflection pad of volumes": lambda L, x, t: L.nn.functional.pad(t, (1,) * 6, mode="reflect"),
    "replication pad": lambda L, x, t: L.nn.functional.pad(t, (1,) * 6, mode="replicate"),
    "circular pad": lambda L, x, t: L.nn.functional.pad(x[None], (1, 1), mode="circular"),
    "constant pad": lambda L, x, t: L.nn.functional.pad(x, (1, 1)),
    "grid_sample": lambda L, x, t: L.nn.functional.grid_sample(t[0], t[0, :, :, :, :2], align_corners=False),
    "mse_loss": lambda L, x, t: L.nn.functional.mse_loss(x, x + 1),
    "l1_loss": lambda L, x, t: L.nn.functional.l1_loss(x, x + 1),
    "smooth_l1_loss": lambda L, x, t: L.nn.functional.smooth_l1_loss(x, x + 1),
    "huber_loss": lambda L, x, t: L.nn.functional.huber_loss(x, x + 1),
    "cross_entropy": lambda L, x, t: L.nn.functional.cross_entropy(x, L.arange(4)),
    "cross_entropy of probabilities": lambda L, x, t: L.nn.functional.cross_entropy(x, x.softmax(1)),
    "cross_entropy smoothed": lambda L, x, t: L.nn.functional.cross_entropy(x, L.arange(4), label_smoothing=0.1),
    "cross_entropy of images": lambda L, x, t: L.nn.functional.cross_entropy(t[0], L.zeros(3, 4, 4, dtype=L.int64)),
    "nll_loss": lambda L, x, t: L.nn.functional.nll_loss(x, L.arange(4)),
    "nll_loss of images": lambda L, x, t: L.nn.functional.nll_loss(t[0], L.zeros(3, 4, 4, dtype=L.int64)),
    "bce": lambda L, x, t: L.nn.functional.binary_cross_entropy(x.sigmoid(), x.sigmoid()),
    "bce with logits": lambda L, x, t: L.nn.functional.binary_cross_entropy_with_logits(x, x.sigmoid()),
    "kl_div": lambda L, x, t: L.nn.functional.kl_div(x, x, reduction="sum", log_target=True),
    "poisson_nll_loss": lambda L, x, t: L.nn.functional.poisson_nll_loss(x, x),
    "gaussian_nll_loss": lambda L, x, t: L.nn.functional.gaussian_nll_loss(x, x, x * x + 1),
    "soft_margin_loss": lambda L, x, t: L.nn.functional.soft_margin_loss(x, x),
    "multi_margin_loss": lambda L, x, t: L.nn.functional.multi_margin_loss(x, L.arange(4)),
    "multilabel_margin_loss": lambda L, x, t: L.nn.functional.multilabel_margin_loss(x, L.zeros(4, 4, dtype=L.int64)),
    "hinge_embedding_loss": lambda L, x, t: L.nn.functional.hinge_embedding_loss(x, x),
    "margin_ranking_loss": lambda L, x, t: L.nn.functional.margin_ranking_loss(x, x, x),
    "triplet_margin_loss": lambda L, x, t: L.nn.functional.triplet_margin_loss(x, x, x),
    "cosine_embedding_loss": lambda L, x, t: L.nn.functional.cosine_embedding_loss(x, x, L.ones(4)),
    "ctc_loss": lambda L, x, t: L.nn.functional.ctc_loss(
        t[0, 0].log_softmax(2), L.ones(4, 2, dtype=L.int64), L.full((4,), 4), L.full((4,), 2)
    ),
    "softmax": lambda L, x, t: x.softmax(1),
    "layer_norm": lambda L, x, t: L.nn.functional.layer_norm(x, (4,)),
    "batch_norm": lambda L, x, t: L.nn.functional.batch_norm(x, None, None, training=True),
    "sum": lambda L, x, t: x.sum(),
    "exp": lambda L, x, t: x.exp(),
    "prod": lambda L, x, t: L.prod(x),
    "prod method": lambda L, x, t: x.prod(0),
    "trace": lambda L, x, t: x.trace(),
    "quantile": lambda L, x, t: L.quantile(x, 0.5),
    "nanquantile": lambda L, x, t: x.nanquantile(0.5, 0),
    "cdist": lambda L, x, t: L.cdist(x, x),
    "polar": lambda L, x, t: L.polar(x, x),
    "view_as_complex": lambda L, x, t: L.view_as_complex(x[:, :2].contiguous()),
    "stft": lambda L, x, t: L.stft(t.flatten(), 8, return_complex=True, window=L.ones(8)),
    "fft": lambda L, x, t: L.fft.fft(x),
    "rfft2": lambda L, x, t: L.fft.rfft2(x),
    "hfft": lambda L, x, t: L.fft.hfft(x),
    "svd": lambda L, x, t: L.linalg.svd(x)[1],
    "torch.svd": lambda L, x, t: L.svd(x)[1],
    "svdvals": lambda L, x, t: L.linalg.svdvals(x),
    "qr": lambda L, x, t: L.linalg.qr(x)[0],
    "torch.qr": lambda L, x, t: x.qr()[0],
    "eigh": lambda L, x, t: L.linalg.eigh(x)[0],
    "eigvals": lambda L, x, t: L.linalg.eigvals(x),
    "inv": lambda L, x, t: L.linalg.inv(x),
    "inverse": lambda L, x, t: x.inverse(),
    "pinverse": lambda L, x, t: x.pinverse(),
    "solve": lambda L, x, t: L.linalg.solve(x, x),
    "lstsq": lambda L, x, t: L.linalg.lstsq(x, x)[0],
    "cholesky": lambda L, x, t: L.linalg.cholesky(x @ x.mT + 10 * L.eye(4)),
    "cond": lambda L, x, t: L.linalg.cond(x),
    "matrix_rank": lambda L, x, t: L.linalg.matrix_rank(x),
    "tensorinv": lambda L, x, t: L.linalg.tensorinv(x, ind=1),
    "cat": lambda L, x, t: L.cat([x, x.bfloat16()]),
    "cat of equals": lambda L, x, t: L.cat([x, x]),
    "stack": lambda L, x, t: L.stack([x.bfloat16(), x]),
    "index_copy": lambda L, x, t: x.index_copy(0, L.tensor([0]), x[:1]),
    "add": lambda L, x, t: x + x.bfloat16(),
    "interpolate": lambda L, x, t: L.nn.functional.interpolate(t[0], scale_factor=2, mode="bilinear"),
    "cosine_similarity": lambda L, x, t: L.nn.functional.cosine_similarity(x, x),
    "embedding": lambda L, x, t: L.nn.functional.embedding(L.tensor([0]), x),
}


def dtype_of(library, call, dtype, region):
    """The dtype of a call's result, or the class of its error."""
    generator = torch.Generator().manual_seed(5)
    arrays = [torch.randn(shape, generator=generator).numpy() for shape in ((4, 4), (2, 3, 4, 4, 4))]
    x, t = (library.tensor(a).to(getattr(library, dtype)) for a in arrays)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with library.autocast("cpu", dtype=getattr(library, region)):
                return str(call(library, x, t).dtype)
        except (RuntimeError, NotImplementedError, TypeError, IndexError, ValueError) as error:
            return type(error).__name__


@pytest.mark.parametrize("region", ["bfloat16", "float16"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
@pytest.mark.parametrize("name", CALLS)
def test_results_have_the_dtype_that_they_have_in_pytorch(name, dtype, region):
    theirs = dtype_of(torch, CALLS[name], dtype, region)
    if theirs.endswith("Error"):
        pytest.skip("PyTorch has no kernel for it")
    assert dtype_of(flambeau, CALLS[name], dtype, region) == theirs
