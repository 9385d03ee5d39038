"""`float`, `int`, `bool` and `complex` stand for dtypes wherever PyTorch lets them."""


def test_pythons_types_stand_for_dtypes(agree):
    @agree
    def session(T, error):
        x = T.tensor([1.5, 2.0])
        yield [str(x.to(t).dtype) for t in (int, float, bool, complex)]
        yield str(x.to("cpu", float).dtype), str(x.to(dtype=int).dtype), x.view(int).tolist()
        yield str(x.sum(dtype=float).dtype), str(T.softmax(x, 0, dtype=float).dtype)
        yield str(T.cumsum(x, 0, dtype=float).dtype), str(x.new_zeros(2, dtype=bool).dtype)
        yield str(T.nn.Linear(1, 1).to(float).weight.dtype)
        yield T.finfo(float).eps, T.iinfo(int).max
        yield str(T.promote_types(int, T.float32)), T.can_cast(float, int)
        yield error(lambda: x.type(int))


def test_axis_stands_for_dim_in_a_concatenation(agree):
    @agree
    def session(T, error):
        x = T.ones(2, 3)
        yield T.cat((x, x), axis=1).shape, T.cat((x, x), axis=-1).shape, T.concat([x, x], axis=0).shape
