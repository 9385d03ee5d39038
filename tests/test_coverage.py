"""docs/coverage.md says what is here and what is not, and every absence has its reason."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from flambeau import missing
from flambeau.ops.table import TABLE

SPEC = importlib.util.spec_from_file_location("coverage_table", Path(__file__).with_name("coverage_table.py"))
assert SPEC is not None and SPEC.loader is not None
coverage_table = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(coverage_table)


def test_the_page_is_up_to_date():
    found = coverage_table.PAGE.read_text(encoding="utf-8")
    assert found == coverage_table.page(), "run: python tests/coverage_table.py"


def test_every_row_of_the_op_table_is_on_the_page():
    found = coverage_table.PAGE.read_text(encoding="utf-8")
    assert [name for name in TABLE if f"\n| {name} |" not in found] == []


def test_a_name_that_is_here_is_not_called_absent():
    names = missing.torch_names()["torch"]
    assert {"add", "float32", "zeros"} <= names
    listed = "\n".join(coverage_table.absences())
    assert "`add`" not in listed.partition("### torch.Tensor")[0]


def test_reasons_are_found_by_name_and_by_module():
    assert coverage_table.reason("torch", "chalf").startswith("NumPy has no complex")
    assert coverage_table.reason("torch.ao", "pruning").startswith("quantized tensors")
    assert coverage_table.reason("torch.nn", "SomethingNew") == coverage_table.NOT_YET
