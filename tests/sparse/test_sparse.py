"""Sparse tensors mean what their dense forms mean, in values and in gradients, or refuse."""

import copy
import io
import pickle

import numpy as np
import pytest

import flambeau as torch
from flambeau import sparse
from flambeau.tensor.public import FUNCTIONS, METHODS

INDICES = {
    "in order": [[0, 0, 2, 3], [1, 4, 0, 2]],
    "in disorder": [[3, 0, 2, 0], [2, 4, 0, 1]],
    "with repeated places": [[3, 0, 2, 0, 3, 3], [2, 4, 0, 4, 2, 2]],
    "with none": [[], []],
}
WEIGHTS = torch.tensor(np.random.default_rng(0).standard_normal((4, 5)).astype("float64"))


def made(case: str, dense: tuple = (), requires_grad: bool = False):
    """A sparse tensor of shape (4, 5, *dense) and its values, the leaf."""
    indices = torch.tensor(INDICES[case], dtype=torch.int64).reshape(2, -1)
    values = np.random.default_rng(1).uniform(0.05, 0.3, (indices.shape[1], *dense))
    leaf = torch.tensor(values, requires_grad=requires_grad)
    return torch.sparse_coo_tensor(indices, leaf, (4, 5, *dense)), leaf


def dense_of(t):
    return t.to_dense() if t.is_sparse else t


# functions for which a sparse tensor and its dense form give the same
ALIKE = {
    "neg": lambda t: -t,
    "twice": lambda t: t * 2 + 3 * t,
    "half": lambda t: t / 2,
    "difference": lambda t: t - t * 0.5,
    "times a tensor of no dim": lambda t: t * torch.tensor(2.5) / torch.tensor(2.0),
    "square": lambda t: t**2,
    "product with itself": lambda t: t * t,
    "product with a dense tensor": lambda t: t * WEIGHTS,
    "product with a row": lambda t: WEIGHTS[0] * t,
    "added to a dense tensor": lambda t: WEIGHTS + t,
    "subtracted from a dense tensor": lambda t: torch.sub(WEIGHTS, t, alpha=3),
    "matrix product": lambda t: t @ WEIGHTS.T,
    "matrix product from the left": lambda t: WEIGHTS.T @ t,
    "matrix and vector": lambda t: t @ WEIGHTS[0],
    "two sparse matrices": lambda t: t @ t.t(),
    "addmm": lambda t: torch.addmm(torch.ones(4, 4).double(), t, WEIGHTS.T, beta=2, alpha=3),
    "linear": lambda t: torch.nn.functional.linear(WEIGHTS, t),
    "sum": lambda t: t.sum(),
    "sum over rows": lambda t: t.sum(0),
    "sum over columns": lambda t: t.sum(-1, keepdim=True),
    "sum over all dims": lambda t: t.sum((0, 1)),
    "transposed": lambda t: t.t() * WEIGHTS.T,
    "permuted": lambda t: t.permute(1, 0),
    "row": lambda t: t[0],
    "element": lambda t: t[3, 2],
    "new dim": lambda t: t.unsqueeze(1),
    "cat": lambda t: torch.cat([t, t * 2], 1),
    "stack": lambda t: torch.stack([t, t]),
    "clone": lambda t: t.clone(),
    "norm": lambda t: t.norm(),
    "conversion": lambda t: t.float().double(),
    "several at once": lambda t: (t.sin() * WEIGHTS + t.sqrt()).to_dense() @ WEIGHTS.T if t.is_sparse
    else (t.sin() * WEIGHTS + t.sqrt()) @ WEIGHTS.T,
    **{name: lambda t, name=name: getattr(t, name)() for name in
       "abs asin asinh atan atanh ceil deg2rad erf expm1 floor frac log1p relu sgn sin sinh tan tanh trunc".split()},
}  # fmt: skip


@pytest.mark.parametrize("case", INDICES)
@pytest.mark.parametrize("name", ALIKE)
def test_function_gives_what_the_dense_form_gives(name, case):
    t, _ = made(case)
    got, expected = ALIKE[name](t), ALIKE[name](t.to_dense())
    assert got.shape == expected.shape and got.dtype is expected.dtype
    torch.testing.assert_close(dense_of(got), expected)


@pytest.mark.parametrize("case", [c for c in INDICES if c != "with none"])
@pytest.mark.parametrize("name", [n for n in ALIKE if n not in ("norm",)])
def test_gradient_of_values_is_that_through_the_dense_form(name, case):
    t, leaf = made(case, requires_grad=True)
    weights = torch.linspace(1, 2, 400).double()

    def loss(result):
        flat = dense_of(result).reshape(-1)
        return (flat * weights[: flat.numel()]).sum()

    (got,) = torch.autograd.grad(loss(ALIKE[name](t)), leaf)
    dense = t.detach().to_dense().requires_grad_()
    (whole,) = torch.autograd.grad(loss(ALIKE[name](dense)), dense)
    rows, columns = INDICES[case]
    torch.testing.assert_close(got, whole[rows, columns], equal_nan=name == "several at once")


def test_gradients_can_be_differentiated_again():
    t, leaf = made("in disorder", requires_grad=True)
    (first,) = torch.autograd.grad((t * t @ WEIGHTS.T).sum(), leaf, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), leaf)
    torch.testing.assert_close(second, first.detach() / leaf.detach())


@pytest.mark.parametrize("dense", [(2,), (2, 3)])
@pytest.mark.parametrize("case", INDICES)
def test_dense_dims_follow_the_sparse_ones(case, dense):
    t, _ = made(case, dense)
    assert (t.sparse_dim(), t.dense_dim()) == (2, len(dense))
    whole = t.to_dense()
    for f in (lambda t: t * 2, lambda t: t + t, lambda t: t.transpose(0, 1), lambda t: t.clone(),
              lambda t: t.sum(2), lambda t: t.sum(0), lambda t: t.sum((0, 1)), lambda t: t[1],
              lambda t: t.select(2, 1), lambda t: t * torch.ones(4, 5, *dense).double()):  # fmt: skip
        torch.testing.assert_close(dense_of(f(t)), dense_of(f(whole)))


def test_what_is_not_there_counts_as_minus_infinity_in_a_softmax():
    t, _ = made("with repeated places")
    whole = t.to_dense()
    for dim in (0, 1):
        expected = torch.softmax(whole.masked_fill(whole == 0, -torch.inf), dim).nan_to_num()
        torch.testing.assert_close(sparse.softmax(t, dim).to_dense(), expected)
        log = sparse.log_softmax(t, dim)
        torch.testing.assert_close(log.values().exp(), sparse.softmax(t, dim).values())


# a list of tensors, which the rows of a dense one are not, or nothing that a dense tensor has
NOT_ALIKE = {"cat", "concat", "concatenate", "stack", "coalesce", "indices", "values"}
NO_ARGUMENTS = sorted({*METHODS, *FUNCTIONS} - NOT_ALIKE)


@pytest.mark.parametrize("name", NO_ARGUMENTS)
def test_no_function_takes_a_sparse_tensor_for_something_else(name):
    """Each agrees with its dense form, or raises: none gives other numbers."""
    function = METHODS.get(name) or FUNCTIONS[name]
    t, _ = made("with repeated places")
    whole = t.to_dense()
    try:
        got = function(t)
    except Exception:
        return
    if isinstance(got, torch.Tensor) and "_like" not in name and not name.startswith("_"):
        torch.testing.assert_close(dense_of(got), dense_of(function(whole)), check_dtype=False)


ROWS = sorted(n for n in dir(torch.Tensor) if not n.startswith("__") and n not in METHODS)


@pytest.mark.parametrize("other", ["none", "number", "dense", "sparse"])
def test_no_method_takes_a_sparse_tensor_for_something_else(other):
    """The same for the methods that are rows, with a second operand of each sort."""
    for name in ROWS:
        t, _ = made("with repeated places")
        whole = t.to_dense()
        seconds = {
            "none": ((), ()),
            "number": ((2,), (2,)),
            "dense": ((WEIGHTS,), (WEIGHTS,)),
            "sparse": ((t,), (whole,)),
        }
        method = getattr(torch.Tensor, name, None)
        if not callable(method) or name in ("_make_subclass", "sparse_mask"):
            continue
        try:
            got = method(t, *seconds[other][0])
        except Exception:
            continue
        if isinstance(got, torch.Tensor):
            torch.testing.assert_close(
                dense_of(got),
                dense_of(method(whole, *seconds[other][1])),
                check_dtype=False,
                msg=lambda m, name=name: f"{name}: {m}",
            )


def test_refusal_names_the_function_and_the_way_out():
    t, _ = made("in order")
    with pytest.raises(NotImplementedError, match=r"'aten::exp' with arguments from the 'SparseCPU'.*\n.*to_dense"):
        t.exp()
    with pytest.raises(NotImplementedError, match=r"'aten::_nnz' with arguments from the 'CPU' backend"):
        WEIGHTS._nnz()
    with pytest.raises(NotImplementedError, match="the layout torch.sparse_csr is not supported"):
        WEIGHTS.to_sparse_csr()
    with pytest.raises(TypeError, match="can't convert Sparse layout tensor to numpy"):
        np.asarray(t)


def test_indices_outside_of_the_size_are_refused():
    with pytest.raises(RuntimeError, match="size is inconsistent with indices: for dim 1, size is 2 but found index 4"):
        torch.sparse_coo_tensor([[0], [4]], [1.0], (1, 2))


def test_more_places_than_int64_counts_are_refused():
    t = torch.sparse_coo_tensor([[1, 1], [2, 2], [3, 3]], [1.0, 2.0], (1 << 31, 1 << 31, 1 << 31))
    with pytest.raises(RuntimeError, match="more places than int64 has numbers"):
        t.coalesce()


def test_products_keep_to_the_places_of_a_matrix_in_its_gradient():
    t, _ = made("in disorder")
    t.requires_grad_()
    sparse.mm(t, WEIGHTS.T).sum().backward()
    assert t.grad.is_sparse and sorted(map(tuple, t.grad.coalesce().indices().T.tolist())) == sorted(
        zip(*INDICES["in disorder"], strict=True)
    )
    t.grad = None
    torch.mm(t, WEIGHTS.T).sum().backward()
    assert not t.grad.is_sparse


def test_a_value_that_was_changed_in_place_is_noticed():
    t, _ = made("in order")
    t.requires_grad_()
    doubled, weights = t * 2, torch.ones(5, 1).double()
    result = sparse.mm(doubled, weights)
    doubled.add_(t)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        result.sum().backward()


def test_in_place_changes_reach_the_values_that_were_given():
    values = torch.tensor([1.0, 2.0])
    t = torch.sparse_coo_tensor([[0, 2]], values, (3,))
    t.neg_().div_(0.5)
    assert values.tolist() == [-2.0, -4.0] and t._version == 2
    t.mul_(3).add_(t)
    assert t.to_dense().tolist() == [-12.0, 0.0, -24.0]
    t.zero_()
    assert t._nnz() == 0 and values.tolist() == [-2.0, -4.0]
    whole = torch.ones(3)
    assert whole.add_(torch.sparse_coo_tensor([[1, 1]], values, (3,))) is whole and whole.tolist() == [1.0, -5.0, 1.0]


@pytest.mark.parametrize("case", INDICES)
def test_copies_pickles_and_files_keep_everything(case):
    t, _ = made(case)
    file = io.BytesIO()
    torch.save({"t": t, "c": t.coalesce()}, file)
    file.seek(0)
    loaded = torch.load(file)
    for again in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t)), loaded["t"]):
        assert repr(again) == repr(t) and again.is_coalesced() == t.is_coalesced()
    assert loaded["c"].is_coalesced()


@pytest.mark.parametrize("function", ["zeros", "empty"])
def test_layout_of_a_new_tensor_is_respected(function):
    made = getattr(torch, function)(2, 3, layout=torch.sparse_coo, dtype=torch.float64)
    assert made.is_sparse and made.shape == (2, 3) and made._nnz() == 0 and made.dtype is torch.float64
    with pytest.raises(RuntimeError, match="not implemented for sparse layout"):
        torch.ones(2, layout=torch.sparse_coo)


def test_tangents_and_batches_are_not_dropped():
    values = torch.tensor([1.0, 2.0])
    _, tangent = torch.func.jvp(lambda v: torch.sparse_coo_tensor([[0, 1]], v * v).to_dense(), (values,), (values,))
    assert tangent.tolist() == [2.0, 8.0]
    with torch.autograd.forward_ad.dual_level(), pytest.raises(NotImplementedError, match="forward mode"):
        dual = torch.autograd.forward_ad.make_dual(values, values)
        torch.sparse_coo_tensor([[0, 1]], dual)
    with pytest.raises((NotImplementedError, RuntimeError)):
        torch.func.vmap(lambda v: torch.sparse_coo_tensor([[0, 1]], v).to_dense())(torch.ones(3, 2))
