"""Futures are set once and call what waits for them."""

from __future__ import annotations

import pytest

from flambeau.futures import Future, collect_all, wait_all


def test_a_result_is_waited_for_and_passed_on():
    f: Future = Future()
    after = f.then(lambda done: done.value() + 1)
    assert not f.done() and not after.done()
    f.set_result(2)
    assert f.wait() == 2 and after.wait() == 3


def test_an_exception_reaches_those_who_wait():
    f: Future = Future()
    after = f.then(lambda done: done.value())
    f.set_exception(KeyError("x"))
    with pytest.raises(KeyError):
        after.wait()


def test_a_future_is_set_once():
    f: Future = Future()
    f.set_result(1)
    with pytest.raises(RuntimeError, match="only be set once"):
        f.set_result(2)


def test_several_futures_are_collected():
    several = [Future() for _ in range(3)]
    whole = collect_all(several)
    for i, f in enumerate(several):
        assert not whole.done()
        f.set_result(i)
    assert wait_all(several) == [0, 1, 2]
