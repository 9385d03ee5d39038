"""The modes of a thread: none of them is seen by another, and the hot path learns of all by one number."""

from __future__ import annotations

import threading

import pytest

import flambeau as torch
from flambeau import config


def test_the_number_of_threads_in_a_mode_goes_back_to_zero():
    assert config.state.special == 0
    with torch.no_grad():
        assert config.state.special == 1 and config.quiet()
        with torch.inference_mode():
            assert not config.quiet()
    assert config.state.special == 0 and not config.quiet()


def test_setting_a_default_costs_no_entry():
    config.set_mode("grad", True)
    assert config.state.special == 0


def test_another_thread_keeps_its_modes():
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append((config.grad_enabled(), config.quiet())))
        thread.start()
        thread.join()
    assert seen == [(True, False)]


def test_an_error_inside_a_mode_leaves_it():
    with pytest.raises(ZeroDivisionError), torch.no_grad(), torch.inference_mode():
        1 / 0
    assert config.state.special == 0 and torch.is_grad_enabled()


def test_only_floating_dtypes_may_be_the_default():
    for wrong in (torch.int64, "float32", torch.complex64):
        with pytest.raises(TypeError, match="only floating-point types"):
            torch.set_default_dtype(wrong)
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.ones(1).dtype is torch.float64 and torch.tensor(1j).dtype is torch.complex128
        assert (torch.tensor(1) / 2).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
