"""Code written for TorchScript, a compiler or a group of processes runs as Python, alone; what needs them raises."""

from __future__ import annotations

import importlib
from collections import OrderedDict

import pytest

import flambeau as torch
from flambeau import nn


def test_what_is_scripted_or_traced_stays_python():
    module = nn.Linear(2, 2)
    example = torch.ones(1, 2)
    assert torch.jit.script(module) is module and torch.jit.trace(module, example) is module

    @torch.jit.script
    def double(x):
        return x * 2

    @torch.jit.script_if_tracing
    def half(x):
        return x / 2

    assert double(example).tolist() == [[2, 2]] and half(example).tolist() == [[0.5, 0.5]]
    assert not torch.jit.is_scripting() and not torch.jit.is_tracing() and not torch.compiler.is_compiling()


def test_marked_methods_of_a_script_module_run():
    class Twice(torch.jit.ScriptModule):
        __constants__ = ["scale"]
        scale: torch.jit.Final[int] = 2

        @torch.jit.script_method
        def forward(self, x):
            return self.inner(x)

        @torch.jit.export
        def inner(self, x):
            return x * self.scale

        @torch.jit.ignore
        def plain(self):
            return 1

        @torch.jit.ignore(drop=True)
        def dropped(self):
            return 2

        @torch.jit.unused
        def never(self):
            return 3

    t = Twice()
    assert t(torch.ones(1)).item() == 2 and (t.plain(), t.dropped(), t.never()) == (1, 2, 3)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ([1, 2], list[int], True),
        ([1, "a"], list[int], False),
        ({"a": 1}, dict[str, int], True),
        ({"a": "b"}, dict[str, int], False),
        ((1, "a"), tuple[int, str], True),
        ((1,), tuple[int, str], False),
        (None, int | None, True),
        (1.0, int | None, False),
        (3, (str, int), True),
        ([[1], []], list[list[int]], True),
        (OrderedDict(a=1), dict[str, int], True),
    ],
)
def test_isinstance_looks_into_containers(value, kind, expected):
    assert torch.jit.isinstance(value, kind) is expected


def test_isinstance_wants_the_type_of_the_elements():
    with pytest.raises(RuntimeError, match=r"Attempted to use list without a contained type.*list\[int\]"):
        torch.jit.isinstance([1], list)


def test_a_forked_call_gives_its_result_or_its_exception():
    assert torch.jit.wait(torch.jit.fork(lambda a, b: a - b, 3, b=1)) == 2
    with pytest.raises(ZeroDivisionError):
        torch.jit.wait(torch.jit.fork(lambda: 1 // 0))


def test_what_is_not_there_says_so():
    for module, name in ((torch.jit, "save"), (torch.fx, "symbolic_trace"), (torch.distributed, "new_group")):
        with pytest.raises(AttributeError, match="Flambeau has none yet"):
            getattr(module, name)


def test_no_group_of_processes_exists():
    assert not torch.distributed.is_available() and not torch.distributed.is_initialized()
    assert not importlib.import_module("flambeau.distributed.rpc").is_available()
    with pytest.raises(ValueError, match="Default process group has not been initialized"):
        torch.distributed.get_rank()


def test_nothing_is_exported_and_no_c_plus_plus_compiled():
    assert not torch.onnx.is_in_onnx_export()
    with pytest.raises(AttributeError, match="Flambeau has none yet"):
        getattr(torch.onnx, "export")  # noqa: B009
    with pytest.raises(RuntimeError, match="Error building extension 'fast'"):
        importlib.import_module("flambeau.utils.cpp_extension").load(name="fast", sources=["fast.cpp"])


def test_marks_for_compilers_change_nothing():
    def f(x):
        return x

    assert torch.fx.wrap(f) is f and torch.compiler.disable(f) is f and torch.compiler.disable(recursive=False)(f) is f
    with pytest.raises(RuntimeError, match="Must be either a callable or string name"):
        torch.fx.wrap(3)


def test_every_listed_name_is_there():
    for module in (torch.jit, torch.fx, torch.compiler, torch.distributed, torch.distributed.device_mesh):
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_types_of_annotations_come_from_their_module():
    from flambeau.jit.annotations import Dict, List, Optional

    assert torch.jit.isinstance([1], List[int]) and torch.jit.isinstance({"a": None}, Dict[str, Optional[int]])


def test_the_type_of_devices_is_for_annotations():
    assert repr(torch.DeviceObjType) == "<class 'torch.DeviceObjType'>"
    with pytest.raises(TypeError, match="No constructor defined"):
        torch.DeviceObjType()


def test_of_overloaded_functions_the_last_definition_runs():
    @torch.jit._overload
    def double(x: int) -> int: ...

    def double(x):  # noqa: F811
        return x * 2

    assert double(2) == 4 and double("a") == "aa"


def test_nothing_is_traced():
    assert torch._C._get_tracing_state() is None
    assert issubclass(torch.jit.TracerWarning, Warning)


def test_uses_are_not_counted_and_nothing_is_traced():
    from flambeau import _C

    assert _C._log_api_usage_once("metric") is None and _C._get_tracing_state() is None


def test_what_needs_other_processes_refuses():
    for name in ("all_reduce", "broadcast", "all_gather"):
        with pytest.raises(ValueError, match="^Default process group has not been initialized"):
            getattr(torch.distributed, name)(torch.ones(1))
    assert repr(torch.distributed.ReduceOp.SUM) == "<RedOpType.SUM: 0>"
    from flambeau.distributed._composable.fsdp import FSDPModule
    from flambeau.distributed._tensor.experimental import implicit_replication

    with pytest.raises(ValueError, match="^Default process group"), implicit_replication():
        FSDPModule()
    assert not isinstance(nn.Linear(1, 1), (FSDPModule, torch.distributed.fsdp.FullyShardedDataParallel))
