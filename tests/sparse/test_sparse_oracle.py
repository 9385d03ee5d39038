"""Sparse tensors print, compute, fail and differentiate as PyTorch's do."""

import re
import warnings

import pytest

import flambeau

torch = pytest.importorskip("torch")

SETUP = """
i = T.tensor([[0, 1, 1], [2, 0, 2]])
v = T.tensor([3., 4., 5.])
s = T.sparse_coo_tensor(i, v, (2, 3))
c = s.coalesce()
u = T.sparse_coo_tensor([[0, 0, 1], [1, 1, 2]], [1., 2., 3.], (2, 3))
d = T.arange(6.).reshape(2, 3) + 1
m = T.arange(6.).reshape(3, 2)
h = T.sparse_coo_tensor([[1, 0, 1]], T.arange(6.).reshape(3, 2), (3, 2))
"""
VALUES = """
s; c; u; h; h.coalesce(); T.eye(60).to_sparse(); s.double(); s.bool(); s.cfloat(); s.long(); T.nn.Parameter(s)
T.sparse_coo_tensor(i, v); T.sparse_coo_tensor((2, 3)); T.sparse_coo_tensor([[0, 1], [2, 0]], [3, 4])
T.sparse_coo_tensor([[0, 1], [2, 0]], [3, 4.], (2, 3), dtype=T.float64, requires_grad=True)
T.sparse_coo_tensor(T.empty(1, 0, dtype=T.int64), T.empty(0, 2)); T.sparse_coo_tensor([[1]], 2.)
T.sparse_coo_tensor(T.empty(0, 1, dtype=T.int64), T.tensor([2.]), ()); T.zeros(2, 3, layout=T.sparse_coo)
T.sparse_coo_tensor([[0]], T.ones(1, 2, 2).requires_grad_())
(s.is_coalesced(), c.is_coalesced(), s.is_sparse, s.layout, s.sparse_dim(), h.dense_dim(), s._nnz(), s.is_sparse_csr)
(s.stride(), s.is_contiguous(), s.type(), s.size(), s.numel(), len(s), s.dtype, s.ndim, s.requires_grad, s.is_leaf)
T.sparse_coo_tensor([[1]], [2.]).is_coalesced(); d.to_sparse().is_coalesced()
(c.t().is_coalesced(), (c + c).is_coalesced())
s + u; s + s; c + u.coalesce(); s - u; T.add(s, u, alpha=2); d + u; d - u; T.add(d, u, alpha=2); s + s.long()
s * 2; 2 * s; s * T.tensor(2.); s / 2; s // 2; s ** 2; u ** 2; s * d; d * s; s * T.ones(3); c * u.coalesce()
s @ m; m @ s; s @ s.t(); T.mm(s, m); T.mv(s, T.ones(3)); T.addmm(T.ones(2, 2), s, m, beta=2, alpha=3)
T.dsmm(s, m); T.sparse_coo_tensor(size=(5, 3))
T.sparse.mm(s, m); T.sparse.mm(m, s); T.sparse.mm(s, s.t()); T.sparse.addmm(T.ones(2, 2), s, m, beta=2., alpha=3.)
T.sparse.sum(s); T.sparse.sum(s, 0); T.sparse.sum(s, [0, 1]); T.sparse.sum(h, 0); T.sparse.sum(h, 1); s.sum()
s.sum(0)
T.sparse.softmax(s, 1); T.sparse.softmax(s, 0); T.sparse.log_softmax(s, 1); T.sparse.softmax(s, 1, dtype=T.float64)
s.t(); s.T; s.mT; s.transpose(0, 1); s.permute(1, 0); s.unsqueeze(0); s[0]; s[0, 2]; s[-1]; s[None]; s.unbind(0)
T.cat([s, u]); T.cat([s, u], 1); T.stack([s, u]); T.zeros_like(s); s.clone(); s.detach(); s.norm(); s.any(); list(s)
d.sparse_mask(s); d.sparse_mask(u); s.sparse_mask(u); d.to_sparse(); d.to_sparse(1); T.tensor(2.).to_sparse()
s.to_dense()
s.abs(); s.sqrt(); s.sin(); s.sign(); s.isnan(); s.relu(); u.tanh(); -u; s.to(T.float64); s.neg_(); s.zero_()
d.add_(u)
s.mul_(2); s.div_(2); s.add_(u); s.sub_(u); s.copy_(u); s.mul_(d); s.sparse_resize_((4, 4), 2, 0)
s.sparse_resize_and_clear_((4, 4), 2, 0); T.add(s, u, out=u)
T.sparse_coo_tensor([[0, 1, 1]], v, (2, 3)); T.sparse_coo_tensor(i, T.ones(2)); T.sparse_coo_tensor([0, 1], T.ones(2))
T.sparse_coo_tensor([[0, -1]], [1., 2.]); T.sparse_coo_tensor(i, T.ones(3, 2), (2, 3, 4))
T.sparse_coo_tensor([[0, 0], [0, 0]], T.ones(2), (2, 3), is_coalesced=True, check_invariants=True)
T.sparse_coo_tensor([[0, 2]], [1., 2.], (2,), check_invariants=True)
s.indices(); s.values(); s + d; s - d; s + 1; 1 + s; s / d; s / s; s + s.t(); T.ones(3) + s; 2 / s; s ** 0; s > 0
s == s
s.exp(); s.cos(); s.mean(); s.max(); s.numpy(); s.item(); s.tolist(); s.view(6); s.reshape(6); s.expand(2, 2, 3)
h.t()
s[:, 0:2]; s.sin_(); s.exp_(); s.copy_(d); d.copy_(s); T.cat([s, d]); T.ones(3, 3).sparse_mask(u); d.sparse_mask(d)
d.to_sparse(0); d.to_sparse(3); d._nnz(); d._indices(); d.values(); d.coalesce(); s.crow_indices(); h @ T.ones(2, 2)
T.sparse.mm(s, T.ones(2, 2)); T.sparse.mm(s, m.double()); T.sparse.softmax(d, 1); T.sparse.sum(s, 5)
s.to_dense(dtype=T.float64)
T.softmax(s, 1); T.ones(2, 3, layout=T.sparse_coo); s.contiguous(); T.where(s.bool(), s, s); s.select(0, 5)
"""
LINES = [line.strip() for line in re.split(r"[;\n]", VALUES) if line.strip()]


def outcome(library, line: str) -> str:
    """What a line prints, or its error: the class and the first words, without the name of an overload."""
    scope = {"T": library}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(SETUP, scope)
        try:
            return repr(eval(line, scope))
        except Exception as error:
            text = re.sub(r"aten::\w+(\.\w+)?", "aten::", str(error).split(". This could")[0].split("\n")[0])
            return f"{type(error).__name__}: {text.rstrip('.')}"


@pytest.mark.parametrize("line", LINES)
def test_line_gives_what_it_gives_in_pytorch(line):
    assert outcome(flambeau, line) == outcome(torch, line)


GRADIENTS = {
    "sparse.mm": lambda T, s, d: T.sparse.mm(s, d.t()),
    "sparse.mm from the left": lambda T, s, d: T.sparse.mm(d.t(), s),
    "mm": lambda T, s, d: s @ d.t(),
    "mv": lambda T, s, d: s @ d[0],
    "addmm": lambda T, s, d: T.sparse.addmm(T.ones(2, 2), s, d.t(), beta=2.0, alpha=3.0),
    "to_dense": lambda T, s, d: s.to_dense() * d,
    "to_dense, unmasked": lambda T, s, d: s.to_dense(masked_grad=False) * d,
    "add": lambda T, s, d: d + s,
    "mul": lambda T, s, d: s * d,
    "numbers": lambda T, s, d: -(s * 3) / 2,
    "power": lambda T, s, d: s**2,
    "sum": lambda T, s, d: s.sum() * d,
    "sum over a dim": lambda T, s, d: T.sparse.sum(s, 0).to_dense() * d,
    "values": lambda T, s, d: s.coalesce().values() * d[0],
    "softmax": lambda T, s, d: T.sparse.softmax(s, 1) * d,
    "transposed": lambda T, s, d: T.sparse.mm(s.t(), d),
    "mask": lambda T, s, d: d.sparse_mask(s.detach()),
    "to_sparse": lambda T, s, d: d.to_sparse() * 2,
}


def rounded(t):
    return [f"{x:.5f}" for x in t.reshape(-1).tolist()]


@pytest.mark.parametrize("leaf", ["sparse tensor", "values"])
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient_has_the_layout_and_the_numbers_of_pytorchs(name, leaf):
    def gradients(T):
        indices, values = T.tensor([[0, 1, 1], [2, 0, 2]]), T.tensor([3.0, 4.0, 5.0])
        values.requires_grad_(leaf == "values")
        s = T.sparse_coo_tensor(indices, values, (2, 3), requires_grad=leaf == "sparse tensor")
        d = (T.arange(6.0).reshape(2, 3) + 1).requires_grad_()
        result = GRADIENTS[name](T, s, d)
        (T.sparse.sum(result) if result.is_sparse else (result * result).sum()).backward()
        found = [values.grad if leaf == "values" else s.grad, d.grad]
        facts = [None if g is None else (g.is_sparse, rounded(g.to_dense())) for g in found]
        return type(result.grad_fn).__name__, facts

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = gradients(torch)
    assert gradients(flambeau) == expected
