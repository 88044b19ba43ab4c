"""Ctrl-C at moments in which Python would drop it."""

from __future__ import annotations

import signal
import time
import weakref

import pytest

from indexer.runtime.signals import heed, whole


@pytest.fixture(autouse=True)
def heeded():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    heed()
    yield
    for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
        signal.signal(number, handler)


class Kept:
    """Something with an end of its own."""


class Deleted:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def finalized() -> None:
    kept = Kept()
    weakref.finalize(kept, signal.raise_signal, signal.SIGTERM)


@pytest.mark.parametrize("end", [finalized, Deleted])
def test_a_signal_within_a_finalizer_comes_after_it(end):
    """Python prints what a finalizer raises, and goes on."""
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        end()
        time.sleep(10)


def test_a_signal_within_what_is_whole_comes_after_it():
    done = []
    with pytest.raises(KeyboardInterrupt), whole():  # noqa: PT012
        signal.raise_signal(signal.SIGTERM)
        done.append(1)
    assert done
