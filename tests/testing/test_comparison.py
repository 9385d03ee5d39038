"""`assert_close` accepts what rounding explains and says where the rest differs."""

from __future__ import annotations

import pytest

import flambeau as torch
from flambeau.testing import assert_close, make_tensor


def test_what_rounding_explains_is_close():
    assert_close(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0 + 1e-6]))
    assert_close(1.0, 1.0 + 1e-8)
    assert_close({"a": [torch.ones(2)]}, {"a": [torch.ones(2)]})


def test_the_error_names_the_greatest_differences_and_their_places():
    with pytest.raises(AssertionError) as caught:
        assert_close(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 2.5], [3.0, 8.0]]))
    assert str(caught.value) == (
        "Tensor-likes are not close!\n\nMismatched elements: 2 / 4 (50.0%)\n"
        "Greatest absolute difference: 4.0 at index (1, 1) (up to 1e-05 allowed)\n"
        "Greatest relative difference: 0.5 at index (1, 1) (up to 1.3e-06 allowed)"
    )


def test_integers_are_compared_exactly():
    with pytest.raises(AssertionError, match="Tensor-likes are not equal!"):
        assert_close(torch.tensor([1, 2]), torch.tensor([1, 3]))


def test_the_place_in_nested_values_is_told():
    with pytest.raises(AssertionError, match=r"The failure occurred for item \['x'\]\[1\]$"):
        assert_close({"x": [1, torch.tensor([1.0])]}, {"x": [1, torch.tensor([2.0])]})


@pytest.mark.parametrize(
    ("actual", "expected", "text"),
    [
        (torch.ones(2), torch.ones(3), r"attribute 'shape' do not match: torch.Size\(\[2\]\) != torch.Size\(\[3\]\)"),
        (torch.ones(2), torch.ones(2).double(), "attribute 'dtype' do not match: torch.float32 != torch.float64"),
        ([1], [1, 2], "The length of the sequences mismatch: 1 != 2"),
        ({"a": 1}, {"b": 1}, r"Missing keys in the actual mapping: \['b'\]"),
        (True, False, "Booleans mismatch: True is not False"),
        (None, 1, "None mismatch: None is not 1"),
    ],
)
def test_what_has_no_counterpart_is_an_error(actual, expected, text):
    with pytest.raises(AssertionError, match=text):
        assert_close(actual, expected)


def test_nan_equals_nan_only_where_asked_for():
    nan = torch.tensor([float("nan")])
    assert_close(nan, nan, equal_nan=True)
    with pytest.raises(AssertionError, match="not close"):
        assert_close(nan, nan)


def test_only_one_tolerance_is_an_error():
    with pytest.raises(ValueError, match="but got no atol"):
        assert_close(torch.ones(1), torch.ones(1), rtol=0.1)


def test_a_message_may_replace_or_wrap_the_text():
    with pytest.raises(AssertionError, match="^no$"):
        assert_close(torch.ones(1), torch.zeros(1), msg="no")
    with pytest.raises(AssertionError, match="^Header: Tensor-likes"):
        assert_close(torch.ones(1), torch.zeros(1), msg=lambda text: f"Header: {text}")


def test_made_tensors_lie_in_their_interval():
    t = make_tensor(50, dtype=torch.float32, device="cpu", low=-2, high=3)
    assert t.min() >= -2 and t.max() < 3
    t = make_tensor(50, dtype=torch.int64, device="cpu", exclude_zero=True)
    assert (t != 0).all() and t.min() >= -9 and t.max() < 10
    assert make_tensor(4, dtype=torch.float32, device="cpu", noncontiguous=True).stride() == (2,)
    with pytest.raises(ValueError, match="`low` must be less than `high`"):
        make_tensor(2, dtype=torch.int64, device="cpu", low=3, high=1)
