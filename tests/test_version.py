"""`torch.__version__` is a string that also compares as a version, with the outcomes of PyTorch's."""

from __future__ import annotations

import itertools
import operator
import pickle

import pytest

from flambeau import version
from flambeau.version import TorchVersion, order

COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
# from the lowest to the highest, as PEP 440 sorts
ASCENDING = (
    "0.9",
    "1.0.dev2",
    "1.0a1.dev1",
    "1.0a1",
    "1.0b2",
    "1.0rc1",
    "1.0",
    "1.0+abc",
    "1.0+abc.5",
    "1.0+5",
    "1.0.post1.dev3",
    "1.0.post1",
    "1.0.1",
    "1.10",
    "2.0",
    "1!0.1",
)
EQUAL = (
    ("1.0", "1.0.0", "v1", " 1.0 "),
    ("1.0a1", "1.0-alpha.1", "1.0A1", "1.0_alpha_1"),
    ("1.0rc2", "1.0c2", "1.0pre2", "1.0-preview-2"),
    ("1.0.post1", "1.0-1", "1.0.rev1", "1.0r1"),
    ("1.0.post0", "1.0.post"),
    ("1.0+a.1", "1.0+A_01"),
)


def test_names_pytorchs_api_and_our_own_release():
    assert version.__version__.startswith("2.13.0+flambeau")
    assert version.__version__.split("+")[0] == version.API
    assert version.__version__ >= (2, 13)
    assert version.__version__ >= "2.0.1"
    assert not version.__version__ >= "2.14"


def test_no_build_for_a_device_is_claimed():
    assert (version.cuda, version.hip, version.rocm, version.xpu, version.debug) == (None, None, None, None, False)


@pytest.mark.parametrize(("low", "high"), list(itertools.combinations(ASCENDING, 2)))
def test_versions_sort_as_pep_440_says(low, high):
    assert TorchVersion(low) < high
    assert TorchVersion(high) > low
    assert not TorchVersion(low) >= high
    assert TorchVersion(low) != high


@pytest.mark.parametrize("group", EQUAL, ids=lambda group: group[0])
def test_spellings_of_one_version_are_equal(group):
    for a, b in itertools.product(group, repeat=2):
        assert TorchVersion(a) == b
        assert TorchVersion(a) <= b


def test_tuples_count_as_versions():
    assert TorchVersion("2.13.0") == (2, 13)
    assert TorchVersion("2.13.0+cpu") > [2, 12, 9]
    assert TorchVersion("2.13.0") < (2, 14)


def test_what_is_no_version_compares_as_text():
    assert TorchVersion("2.13.0") < "parrot"
    assert TorchVersion("2.13.0") != "parrot"
    with pytest.raises(TypeError, match="not supported between instances of 'TorchVersion' and 'int'"):
        TorchVersion("2.13.0") > 2


def test_it_stays_a_string():
    ours = TorchVersion("2.13.0+cpu")
    assert isinstance(ours, str)
    assert hash(ours) == hash("2.13.0+cpu")
    assert {"2.13.0+cpu": 1}[ours] == 1
    assert type(ours[:4]) is str
    assert f"{ours}" == "2.13.0+cpu"
    again = pickle.loads(pickle.dumps(ours))
    assert type(again) is TorchVersion
    assert str(again) == str(ours)


@pytest.mark.parametrize("text", ["", "parrot", "2.", "2..1", "2.0+a..b", "2 13", "2.0a1b1", "١.0"])
def test_malformed_versions_have_no_order(text):
    assert order(text) is None


def test_every_comparison_ends_as_in_pytorch():
    torch = pytest.importorskip("torch")
    texts = [*ASCENDING, *itertools.chain(*EQUAL), "parrot", "", "2.13.0+cpu", "2.13.0"]
    others = [*texts, (2, 13), (2, 13, 0), [1, 0, "rc1"], (), ("x",), b"2", None, 2, 2.0, {2: 1}]
    for text, other, compare in itertools.product(texts, others, COMPARISONS):
        for swap in (False, True):
            outcomes = [
                outcome(kind(text), other, compare, swap) for kind in (TorchVersion, torch.__version__.__class__)
            ]
            assert outcomes[0] == outcomes[1], (text, compare, other, swap)


def outcome(ours, other, compare, swap):
    """The result of a comparison, or the kind and words of its error."""
    try:
        return compare(other, ours) if swap else compare(ours, other)
    except Exception as error:
        return type(error), str(error)
