"""What would be compiled runs as Python, and what has no meaning without a graph says so."""

import pytest

import flambeau as torch
from flambeau import compiler, fx, nn


@pytest.mark.filterwarnings("ignore:torch.compile")
def test_compile_gives_back_what_it_is_given():
    model = nn.Linear(2, 2)
    assert torch.compile(model, mode="max-autotune", fullgraph=True) is model

    @torch.compile(dynamic=True)
    def double(x):
        return 2 * x

    assert double(torch.ones(2)).tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match="Either mode or options can be specified"):
        torch.compile(model, mode="default", options={})
    with pytest.raises(AssertionError, match="A callable function is expected, but <class 'int'> is provided."):
        torch.compile(3)


def test_the_first_use_of_compile_says_that_nothing_is_compiled():
    compiler._warn_once.cache_clear()
    torch.compile(nn.Linear(2, 2), disable=True)
    with pytest.warns(UserWarning, match="Flambeau does not compile yet") as seen:
        torch.compile(nn.Linear(2, 2))
        torch.compile(nn.Linear(2, 2))
    assert [w.filename for w in seen] == [__file__]


def test_graphs_of_programs_are_refused():
    assert not isinstance(nn.Linear(1, 1), fx.GraphModule)
    with pytest.raises(NotImplementedError, match="no graphs of programs"):
        fx.GraphModule(nn.Linear(1, 1), None)


def test_arguments_of_to_are_read_for_modules_that_override_it():
    parse = torch._C._nn._parse_to
    assert parse("cpu", torch.float64) == (torch.device("cpu"), torch.float64, False, None)
    assert parse(torch.zeros(1, dtype=torch.float16), non_blocking=True)[1:3] == (torch.float16, True)
