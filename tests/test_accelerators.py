"""What has no accelerator says so as PyTorch's CPU build does."""

from __future__ import annotations

import pytest

import flambeau as torch


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
