"""Functions of sparse tensors agree with PyTorch's."""


def test_spmm_multiplies_matrices_of_which_either_may_be_sparse(agree):
    @agree
    def session(T, error):
        a = T.tensor([[0.0, 2.0], [3.0, 0.0]]).to_sparse().requires_grad_()
        b = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        yield T.spmm(a, b)
        yield T.spmm(b.detach(), a.detach())
        yield T.spmm(b, b)
        T.spmm(a, b).sum().backward()
        yield b.grad, a.grad.to_dense()
