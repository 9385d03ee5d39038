"""Conditions that programs state raise as PyTorch's do."""

import warnings


def test_conditions_raise_what_they_say(agree):
    @agree
    def session(torch, error):
        messages = (), (lambda: "told",), ("no callable",)
        for name in ("_check", "_check_index", "_check_not_implemented", "_check_type", "_check_value"):
            for cond in (True, False, 1, torch.tensor(True)):
                for message in messages:
                    yield error(lambda name=name, cond=cond, m=message: getattr(torch, name)(cond, *m))
        for cond in (torch.tensor([True, False]), torch.tensor([True]), torch.tensor([1]), 1):
            yield error(lambda cond=cond: torch._check_tensor_all(cond))
            yield error(lambda cond=cond: torch._check_tensor_all_with(ValueError, cond, lambda: "told"))
        yield error(lambda: torch._check_with(KeyError, False, lambda: "told"))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for i in (-1, 0, 4):
                yield error(lambda i=i: torch._check_is_size(i, max=3))
        yield [(w.category.__name__, str(w.message)) for w in caught]
