"""What has no accelerator says so as PyTorch's CPU build does."""

from __future__ import annotations

import pytest

import flambeau as torch
from flambeau.distributed.tensor import DTensor


def test_nothing_is_available():
    assert not torch.cuda.is_available() and torch.cuda.device_count() == 0
    assert not torch.backends.mps.is_available() and not torch.backends.cudnn.is_available()
    assert torch.accelerator.current_accelerator() is None and not torch.accelerator.is_available()
    assert torch.cpu.is_available()


def test_seeding_and_counting_memory_are_harmless():
    assert torch.cuda.manual_seed_all(1) is None and torch.cuda.empty_cache() is None
    assert torch.cuda.memory_allocated() == torch.cuda.max_memory_reserved() == 0


def test_what_needs_a_device_raises():
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        torch.cuda.synchronize()
    with pytest.raises(RuntimeError, match="Cannot access accelerator device when none is available"):
        torch.accelerator.synchronize()
    with pytest.raises(RuntimeError, match="without MPS backend"):
        torch.mps.empty_cache()


def test_settings_that_exist_can_be_set_and_others_cannot():
    torch.backends.cudnn.benchmark = True
    assert torch.backends.cudnn.benchmark is True
    torch.backends.cudnn.benchmark = False
    with pytest.raises(AttributeError, match="no setting 'benchmrk'"):
        torch.backends.cudnn.benchmrk = True
    with torch.backends.cudnn.flags(enabled=False):
        assert not torch.backends.cudnn.enabled
    assert torch.backends.cudnn.enabled


def test_intels_gpus_are_not_there_either():
    assert not torch.xpu.is_available() and torch.xpu.device_count() == torch.xpu.memory_allocated() == 0
    assert torch.xpu.manual_seed_all(1) is None and torch.xpu.get_rng_state_all() == []
    with pytest.raises(AssertionError, match="Torch not compiled with XPU enabled"):
        torch.xpu.synchronize()


def test_no_tensor_lies_on_several_devices():
    assert not isinstance(torch.ones(2), DTensor)
    with pytest.raises(RuntimeError, match="no groups of processes"):
        DTensor(torch.ones(2))


def test_recording_work_of_a_gpu_is_refused():
    with pytest.raises(RuntimeError, match="requires CUDA support"):
        torch.cuda.graph(None)


def test_queues_of_work_of_the_cpu_are_empty_as_in_pytorch(agree):
    @agree
    def _(torch, error):
        stream, event = torch.Stream(), torch.Event(device="cpu")
        yield repr(stream), repr(event), repr(torch.Stream("meta")), repr(torch.Stream), repr(torch.Event)
        yield stream.query(), event.query(), stream.synchronize(), event.wait(), stream.wait_event(event)
        yield stream == torch.Stream(), hash(stream) == hash(torch.Stream()), repr(stream.device), stream.stream_id
        yield error(stream.record_event), error(lambda: stream.wait_stream(stream)), error(event.record)
        yield error(lambda: event.elapsed_time(event))
        with stream:
            yield torch.ones(1)
