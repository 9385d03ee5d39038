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


def test_where_rows_begin_and_back_is_as_in_pytorch(agree):
    @agree
    def _(torch, error):
        starts, back = torch._convert_indices_from_coo_to_csr, torch._convert_indices_from_csr_to_coo
        rows, columns = torch.tensor([0, 0, 2, 3]), torch.tensor([1, 2, 0, 1])
        yield starts(rows, 5), starts(rows.int(), 4), starts(rows, 4, out_int32=True), starts(rows[:0], 3)
        yield error(lambda: starts(rows[None], 5)), error(lambda: starts(rows.float(), 5))
        yield back(starts(rows, 5), columns), back(starts(rows, 4), columns, out_int32=True, transpose=True)


def test_extremes_of_segments_have_two_names(agree):
    @agree
    def _(torch, error):
        x, lengths = torch.tensor([1.0, 3.0, 2.0]), torch.tensor([2, 0, 1])
        yield [torch.segment_reduce(x, name, lengths=lengths) for name in ("amax", "max", "amin", "min")]
        yield error(lambda: torch.segment_reduce(x, "any", lengths=lengths))
