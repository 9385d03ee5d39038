"""The text of tensors. Every expected text here was printed by PyTorch 2.13."""

import copy
import re

import ml_dtypes
import numpy as np
import pytest

from flambeau import config, dtypes
from flambeau.device import device
from flambeau.tensor import printing
from flambeau.tensor.node import Node, Output
from flambeau.tensor.printing import format_array, parameter_str, return_type_str, tensor_format, tensor_str
from flambeau.tensor.tensor import KINDS, Parameter, Tensor, make


@pytest.fixture(autouse=True)
def default_state():
    yield
    printing.set_printoptions(profile="default")
    config.set_default_dtype(dtypes.float32)


def tensor(values, dtype=dtypes.float32, place="cpu", edge=None):
    kind = copy.copy(KINDS[dtype])
    kind.device = device(place)
    return make(np.asarray(values, dtype=dtype.name), kind, edge)


def leaf(values, dtype=dtypes.float32, place="cpu"):
    return tensor(values, dtype, place).requires_grad_()


def of_class(kind, values, dtype=dtypes.float32):
    made = tensor(values, dtype)
    made.__class__ = kind
    return made


class AddBackward0(Node):
    pass


class MyTensor(Tensor):
    pass


class MyParameter(Parameter):
    pass


def text(array, dtype, **options):
    with printing.printoptions(**options):
        return format_array(array, dtype)


INF, NAN = float("inf"), float("nan")

# values, dtype, expected
PLAIN = [
    (1.0, "float32", "tensor(1.)"),
    (-0.0, "float32", "tensor(-0.)"),
    (0.1, "float32", "tensor(0.1000)"),
    (3, "int64", "tensor(3)"),
    (True, "bool", "tensor(True)"),
    (1 - 0.5j, "complex64", "tensor(1.-0.5000j)"),
    (1e-5, "float32", "tensor(1.0000e-05)"),
    ([1.0, 2.0, 3.0], "float32", "tensor([1., 2., 3.])"),
    ([1.0, 2.5, -3.0], "float32", "tensor([ 1.0000,  2.5000, -3.0000])"),
    ([1, -20, 300], "int32", "tensor([  1, -20, 300], dtype=torch.int32)"),
    ([True, False], "bool", "tensor([ True, False])"),
    ([2**64 - 1, 0], "uint64", "tensor([18446744073709551615,                    0], dtype=torch.uint64)"),
    # whole numbers: a point only, and non-finite values are not measured
    ([1.0, NAN], "float32", "tensor([1., nan])"),
    ([100.0, INF, -INF, 0.0], "float32", "tensor([100.,  inf, -inf,   0.])"),
    ([NAN, INF], "float64", "tensor([nan, inf], dtype=torch.float64)"),
    ([0.0, -0.0], "float32", "tensor([0., -0.])"),
    ([-0.0, 0.5], "float32", "tensor([-0.0000, 0.5000])"),
    # scientific: a ratio above 1000, a value above 1e8 or below 1e-4; each limit itself is not
    ([1.0, 1000.0], "float64", "tensor([   1., 1000.], dtype=torch.float64)"),
    ([1.0, 1001.0], "float64", "tensor([1.0000e+00, 1.0010e+03], dtype=torch.float64)"),
    ([1e8], "float64", "tensor([100000000.], dtype=torch.float64)"),
    ([1e8 + 1], "float64", "tensor([1.0000e+08], dtype=torch.float64)"),
    ([1e-4], "float64", "tensor([0.0001], dtype=torch.float64)"),
    ([9.9e-5], "float64", "tensor([9.9000e-05], dtype=torch.float64)"),
    ([-1e10, 0.0, NAN], "float32", "tensor([-1.0000e+10,  0.0000e+00,         nan])"),
    # decimal rounding is that of the exact binary value, ties to even
    ([0.00005, 0.12345, 1.00015], "float32", "tensor([5.0000e-05, 1.2345e-01, 1.0001e+00])"),
    ([0.5, 0.03125, 2.03125], "float32", "tensor([0.5000, 0.0312, 2.0312])"),
    # complex: parts are aligned each on their own
    ([1 + 2j, -0.5 - 1j], "complex64", "tensor([ 1.0000+2.j, -0.5000-1.j])"),
    ([1j, complex(NAN, INF)], "complex128", "tensor([0.+1.j, nan+infj], dtype=torch.complex128)"),
    ([complex(0, -0.0)], "complex64", "tensor([0.-0.j])"),
    # empty
    ([], "float32", "tensor([])"),
    ([], "int64", "tensor([], dtype=torch.int64)"),
    (np.zeros((0, 3)), "float32", "tensor([], size=(0, 3))"),
    (np.zeros((2, 0)), "complex64", "tensor([], size=(2, 0), dtype=torch.complex64)"),
    # brackets
    ([[1, 2], [3, 4]], "int64", "tensor([[1, 2],\n        [3, 4]])"),
    ([[[1], [2]], [[3], [4]]], "int64", "tensor([[[1],\n         [2]],\n\n        [[3],\n         [4]]])"),
    (np.arange(3).reshape(1, 1, 1, 3), "uint8", "tensor([[[[0, 1, 2]]]], dtype=torch.uint8)"),
]


@pytest.mark.parametrize("values, dtype, expected", PLAIN)
def test_small_arrays_print_in_full(values, dtype, expected):
    assert format_array(np.asarray(values, dtype), getattr(dtypes, dtype.replace("bool", "bool_"))) == expected


NARROW = [
    ([0.1, 65504.0, NAN], "float16", "tensor([9.9976e-02, 6.5504e+04,        nan], dtype=torch.float16)"),
    ([0.1, 3.0], "bfloat16", "tensor([0.1001, 3.0000], dtype=torch.bfloat16)"),
    ([448.0, NAN], "float8_e4m3fn", "tensor([448.,  nan], dtype=torch.float8_e4m3fn)"),
    ([57344.0, INF, -0.0], "float8_e5m2", "tensor([57344.,    inf,    -0.], dtype=torch.float8_e5m2)"),
    ([0.5, -240.0], "float8_e4m3fnuz", "tensor([   0.5000, -240.0000], dtype=torch.float8_e4m3fnuz)"),
    ([1.0, 2.0**-15], "float8_e5m2fnuz", "tensor([1.0000e+00, 3.0518e-05], dtype=torch.float8_e5m2fnuz)"),
    # this format has no zero: PyTorch prints its smallest value as one, and counts its NaN as finite
    ([2.0**-127, 1.0], "float8_e8m0fnu", "tensor([0., 1.], dtype=torch.float8_e8m0fnu)"),
    ([1.0, NAN, 2.0**-127], "float8_e8m0fnu", "tensor([1.0000,    nan, 0.0000], dtype=torch.float8_e8m0fnu)"),
    ([2.0**-20, NAN], "float8_e8m0fnu", "tensor([0.0000,    nan], dtype=torch.float8_e8m0fnu)"),
    ([2.0**-127, NAN, 1.0], "float8_e8m0fnu", "tensor([0.0000,    nan, 1.0000], dtype=torch.float8_e8m0fnu)"),
]


@pytest.mark.parametrize("values, dtype, expected", NARROW)
def test_narrow_floats_print_their_exact_values(values, dtype, expected):
    stored = np.dtype(dtype) if dtype == "float16" else getattr(ml_dtypes, dtype)
    assert format_array(np.asarray(values, np.float32).astype(stored), getattr(dtypes, dtype)) == expected


def test_the_named_dtype_may_be_narrower_than_the_stored_one():
    stored = np.asarray([1 + 2j, -0.5 - 1j], np.complex64)
    assert format_array(stored, dtypes.complex32) == "tensor([ 1.0000+2.j, -0.5000-1.j], dtype=torch.complex32)"


def test_default_dtype_and_its_complex_partner_are_not_mentioned():
    ones = {d: np.ones(1, d.name) for d in (*dtypes.INTEGERS, *dtypes.WIDE_UNSIGNED, dtypes.bool_)}
    ones |= {d: np.ones(1, d.name) for d in (dtypes.float16, dtypes.float32, dtypes.float64)}
    ones |= {d: np.ones(1, d.name) for d in (dtypes.complex64, dtypes.complex128)}
    always = {dtypes.int64, dtypes.bool_}
    for default, silent in (
        (dtypes.float32, {dtypes.float32, dtypes.complex64}),
        (dtypes.float64, {dtypes.float64, dtypes.complex128}),
        (dtypes.float16, {dtypes.float16, dtypes.complex64}),
    ):
        config.set_default_dtype(default)
        for dtype, array in ones.items():
            named = f"dtype={dtype}" in format_array(array, dtype)
            assert named == (dtype not in silent | always), (default, dtype)


def test_long_rows_wrap_at_the_line_width():
    # zeros are not measured, so more than fit are put on a line
    assert format_array(np.zeros(26), dtypes.float32) == "tensor([" + "0., " * 23 + "0.,\n        0., 0.])"
    expected = "tensor([" + "0.+0.j, " * 13 + "0.+0.j,\n        0.+0.j])"
    assert format_array(np.zeros(15, np.complex64), dtypes.complex64) == expected
    assert text(np.arange(30), dtypes.int64) == (
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
        "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])"
    )
    assert text(np.arange(4.0), dtypes.float32, linewidth=3) == "tensor([0.,\n        1.,\n        2.,\n        3.])"
    assert text(np.eye(2), dtypes.float64, linewidth=30) == (
        "tensor([[1., 0.],\n        [0., 1.]],\n       dtype=torch.float64)"
    )


def test_large_arrays_keep_only_the_edges_of_each_axis():
    assert text(np.arange(1001), dtypes.int64) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])"
    assert text(np.arange(7), dtypes.int64, threshold=6, edgeitems=1) == "tensor([0,  ..., 6])"
    assert text(np.arange(6), dtypes.int64, threshold=6, edgeitems=1) == "tensor([0, 1, 2, 3, 4, 5])"
    assert text(np.arange(6), dtypes.int64, threshold=5, edgeitems=3) == "tensor([0, 1, 2, 3, 4, 5])"
    assert text(np.arange(2004).reshape(2, 1002), dtypes.int64) == (
        "tensor([[   0,    1,    2,  ...,  999, 1000, 1001],\n        [1002, 1003, 1004,  ..., 2001, 2002, 2003]])"
    )
    assert text(np.arange(27).reshape(3, 3, 3), dtypes.int64, threshold=10, edgeitems=1) == (
        "tensor([[[ 0,  ...,  2],\n         ...,\n         [ 6,  ...,  8]],\n\n        ...,\n\n"
        "        [[18,  ..., 20],\n         ...,\n         [24,  ..., 26]]])"
    )


def test_hidden_values_decide_nothing():
    values = np.zeros((100, 100))
    values[50, 50] = 1e-30
    assert format_array(values, dtypes.float64) == format_array(np.zeros((100, 100)), dtypes.float64)


def test_only_the_shown_elements_are_read():
    huge = np.broadcast_to(np.float32(1), (10**6, 10**6))
    row = "[1., 1., 1.,  ..., 1., 1., 1.]"
    rows = [row] * 3 + ["..."] + [row] * 3
    assert format_array(huge, dtypes.float32) == "tensor([" + ",\n        ".join(rows) + "])"


def test_without_edge_items_the_size_is_all_there_is():
    assert text(np.arange(4.0), dtypes.float32, edgeitems=0) == "tensor([0., 1., 2., 3.], size=(4,))"
    assert text(np.arange(4.0), dtypes.float32, edgeitems=0, threshold=2) == "tensor([...], size=(4,))"
    expected = "tensor([...], size=(3, 3), dtype=torch.float64)"
    assert text(np.ones((3, 3)), dtypes.float64, edgeitems=0, threshold=2) == expected
    assert text(np.float32(4), dtypes.float32, edgeitems=0, threshold=0) == "tensor(4., size=())"


def test_whole_numbers_read_back_as_they_were():
    rng = np.random.default_rng(0)
    for rank in range(1, 5):
        for width in (10, 40, 80):
            values = rng.integers(-(10**6), 10**6, rng.integers(1, 7, rank))
            shown = text(values, dtypes.int64, profile="full", linewidth=width)
            assert eval(shown, {"tensor": list}) == values.tolist()


def test_seventeen_digits_read_back_exactly():
    values = np.random.default_rng(1).standard_normal((5, 7)) * 10.0 ** np.arange(-3, 4)
    shown = text(values, dtypes.float64, precision=17, sci_mode=True)
    assert eval(shown.replace(", dtype=torch.float64", ""), {"tensor": list}) == values.tolist()


def test_no_line_is_longer_than_the_line_width():
    rng = np.random.default_rng(2)
    for width in range(30, 100, 7):
        values = rng.standard_normal((4, 50))
        assert max(map(len, text(values, dtypes.float64, linewidth=width).split("\n"))) <= width


def test_options_choose_digits_and_notation():
    values = np.asarray([1.12345, 2.0], np.float32)
    assert text(values, dtypes.float32, precision=2) == "tensor([1.12, 2.00])"
    assert text(values, dtypes.float32, precision=0) == "tensor([1, 2])"
    assert text(values, dtypes.float32, sci_mode=True) == "tensor([1.1235e+00, 2.0000e+00])"
    assert text(np.asarray([1e9, 0.5], np.float32), dtypes.float32, sci_mode=False) == (
        "tensor([1000000000.0000,          0.5000])"
    )
    assert text(np.asarray([0.0]), dtypes.float64, sci_mode=True) == "tensor([0.], dtype=torch.float64)"


def test_profiles_set_everything_but_leave_what_is_given():
    printing.set_printoptions(profile="short")
    assert printing.get_printoptions() == {
        "precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80, "sci_mode": None,
    }  # fmt: skip
    printing.set_printoptions(profile="full", precision=7)
    assert (printing.PRINT_OPTS.threshold, printing.PRINT_OPTS.precision) == (INF, 7)
    printing.set_printoptions(profile="no such profile", linewidth=33)
    assert (printing.PRINT_OPTS.precision, printing.PRINT_OPTS.linewidth) == (7, 33)


def test_options_left_out_stay_except_the_notation():
    printing.set_printoptions(edgeitems=9, sci_mode=True)
    printing.set_printoptions(precision=1)
    assert printing.get_printoptions() == {
        "precision": 1, "threshold": 1000, "edgeitems": 9, "linewidth": 80, "sci_mode": None,
    }  # fmt: skip


def test_the_context_manager_restores_the_options_after_an_error():
    printing.set_printoptions(sci_mode=True, linewidth=50)
    before = printing.get_printoptions()
    with pytest.raises(KeyError), printing.printoptions(precision=1, profile="full"):
        assert printing.PRINT_OPTS.precision == 1
        raise KeyError
    assert printing.get_printoptions() == before


def test_unknown_options_are_refused():
    with pytest.raises(TypeError, match=re.escape("set_printoptions() got an unexpected keyword argument 'digits'")):
        printing.set_printoptions(digits=3)


def test_a_tensor_tells_its_place_in_the_graph():
    assert tensor_str(leaf([1.0])) == "tensor([1.], requires_grad=True)"
    assert tensor_str(tensor([1.0], edge=AddBackward0())) == "tensor([1.], grad_fn=<AddBackward0>)"
    assert tensor_str(tensor([1.0], edge=Output(AddBackward0(), 1))) == "tensor([1.], grad_fn=<AddBackward0>)"
    assert tensor_str(leaf([1.0], dtypes.float64)) == "tensor([1.], dtype=torch.float64, requires_grad=True)"


def test_a_tensor_without_valid_history_still_prints():
    class Stale(Tensor):
        @property
        def grad_fn(self):
            raise RuntimeError("written in place")

    assert tensor_str(of_class(Stale, [1.0])) == "Stale([1.], grad_fn=<Invalid>)"


def test_notes_that_do_not_fit_start_a_new_line():
    assert tensor_str(leaf(np.full(10, 0.5))) == (
        "tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000,\n"
        "        0.5000], requires_grad=True)"
    )
    assert tensor_str(leaf(np.full(8, 0.5))) == (
        "tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000],\n       requires_grad=True)"
    )
    two_lines = "tensor([1., 1.],\n       dtype=torch.float64,\n       requires_grad=True)"
    for width, expected in ((37, two_lines), (38, two_lines.replace(",\n       dtype", ", dtype"))):
        with printing.printoptions(linewidth=width):
            assert tensor_str(leaf(np.ones(2), dtypes.float64)) == expected
    with printing.printoptions(linewidth=46):
        assert tensor_str(leaf(np.ones(6), dtypes.float64)) == (
            "tensor([1., 1., 1., 1., 1., 1.],\n       dtype=torch.float64, requires_grad=True)"
        )


def test_other_devices_are_named_and_meta_tensors_show_no_numbers():
    assert tensor_str(tensor([1.0], place="cuda:0")) == "tensor([1.], device='cuda:0')"
    assert tensor_str(tensor(np.ones((2, 3)), place="meta")) == "tensor(..., device='meta', size=(2, 3))"
    assert tensor_str(leaf(1.0, dtypes.float64, "meta")) == (
        "tensor(..., device='meta', size=(), dtype=torch.float64, requires_grad=True)"
    )
    expected = "tensor(..., device='meta', size=(1,), dtype=torch.int64)"
    assert tensor_str(tensor([1], dtypes.int64, "meta")) == expected


def test_a_subclass_prints_under_its_own_name():
    assert tensor_str(of_class(MyTensor, [[1.0], [2.0]])) == "MyTensor([[1.],\n          [2.]])"
    own = of_class(MyParameter, [1.0]).requires_grad_()
    assert parameter_str(own) == "Parameter containing:\nParameter(MyParameter([1.], requires_grad=True))"
    marked = of_class(MyTensor, [1.0])
    marked._is_param = True
    assert tensor_str(marked) == "Parameter(MyTensor([1.]))"


def test_a_parameter_prints_under_a_heading():
    parameter = of_class(Parameter, [1.0]).requires_grad_()
    assert parameter_str(parameter) == "Parameter containing:\ntensor([1.], requires_grad=True)"


def test_other_contents_may_stand_in_for_the_numbers():
    assert tensor_str(leaf([1.0]), tensor_contents="hello") == "tensor(hello, requires_grad=True)"
    assert tensor_str(tensor([1.0], place="meta"), tensor_contents="") == "tensor(, device='meta', size=(1,))"


def test_a_0_dim_tensor_formats_as_its_number():
    assert tensor_format(tensor(0.1), ".3f") == "0.100"
    assert tensor_format(tensor(0.1), "") == "0.10000000149011612"
    assert tensor_format(tensor(255, dtypes.int64), "x") == "ff"
    assert tensor_format(leaf(0.5), ".1f") == "0.5"


def test_what_is_not_a_plain_0_dim_tensor_takes_no_format_spec():
    for value in (tensor([3.0]), of_class(MyTensor, 3.0), of_class(Parameter, 3.0), tensor(3.0, place="meta")):
        message = f"unsupported format string passed to {type(value).__name__}.__format__"
        with pytest.raises(TypeError, match=re.escape(message)):
            tensor_format(value, ".2f")
        assert tensor_format(value, "") == str(value)


def test_named_results_print_one_field_to_a_line():
    class Matrix:
        __repr__ = lambda self: "tensor([[1.],\n        [2.]])"

    found = return_type_str("max", {"values": Matrix(), "indices": 0})
    assert found == "torch.return_types.max(\nvalues=tensor([[1.],\n        [2.]]),\nindices=0)"
