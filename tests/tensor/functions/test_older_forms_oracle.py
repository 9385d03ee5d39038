"""Forms of calls that PyTorch has given up for new code, and still takes from old."""

import warnings


def test_factors_may_stand_before_what_they_scale(agree):
    @agree
    def session(T, error):
        x, y, m = T.tensor([1.0, 2.0]), T.tensor([3.0, 4.0]), T.tensor([[1.0, 2.0], [3.0, 4.0]])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield x.add(2, y), x.clone().add_(0.5, y), x.sub(2, y), x.clone().sub_(2, y), T.add(x, 2, y), T.sub(x, 2, y)
            yield T.add(x, 2, y, out=T.empty(2)), x.clone().add_(2, 3)
            yield m.addmm(2, m, m), m.clone().addmm_(2, 3, m, m), T.addmm(2, m, 3, m, m), T.addmv(2, x, 3, m, y)
            yield m.addr(2, x, y), T.baddbmm(2, m[None], 3, m[None], m[None]), m.addbmm(2, 3, m[None], m[None])
            w = T.tensor([1.0, 1.0], requires_grad=True)
            (x * w).add(3, w * y).sum().backward()
            yield w.grad
        yield error(lambda: x.clone().add_(y, 2)), error(lambda: T.add(x, y, y))


def test_the_tensor_class_is_a_type_too(agree):
    @agree
    def session(T, error):
        yield (T.ones(2) > 0).type(T.Tensor), (T.ones(2) > 0).type("torch.Tensor").dtype


def test_integers_like_a_tensor_are_below_the_one_bound_given(agree):
    @agree
    def session(T, error):
        T.manual_seed(0)
        x = T.zeros(5)
        yield T.randint_like(x, 9), T.randint_like(x, high=9), T.randint_like(x, low=2, high=9), T.randint_like(x, 2, 9)


def test_subclasses_are_made_of_tensors_without_their_history(agree):
    @agree
    def session(T, error):
        class My(T.Tensor):
            @staticmethod
            def __new__(cls, data, requires_grad=False):
                return T.Tensor._make_subclass(cls, data, requires_grad)

        x = T.arange(3.0)
        mine = My(x, True)
        mine.detach().add_(1)
        yield type(mine).__name__, mine.requires_grad, mine.is_leaf, x, type(mine * 2).__name__
        leaf = T.ones(2, requires_grad=True)
        yield My(leaf * 2).requires_grad, My(leaf * 2).grad_fn
        yield error(lambda: T.Tensor._make_subclass(int, x)), error(lambda: T.Tensor._make_subclass(My, [1.0]))
        yield error(lambda: T.Tensor._make_subclass(My, T.tensor([1]), True))


def test_normal_numbers_of_a_size_take_tensors_without_dims_for_numbers(agree):
    @agree
    def session(T, error):
        T.manual_seed(0)
        yield T.normal(mean=0, std=T.tensor(1.5), size=(3,)), T.normal(T.tensor(1), T.tensor(2.0), size=(2,))
        for std in (T.ones(2), T.tensor(1.5, requires_grad=True)):
            yield error(lambda std=std: T.normal(mean=0.0, std=std, size=(3,))).partition(" - ")[0]
