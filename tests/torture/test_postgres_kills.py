"""kill -9 of an indexer, of a connection's process on the server, and of the whole
server, at any moment while two indexers write: nothing is half, and the next run
completes it.

The indexers are real blog-indexer processes with a model of hashes; the server is a real
one with fsync on. A kill of the server takes all of its processes, which is not yet a
power failure: what they have written to files is kept by the kernel.
"""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import pytest

from tests.postgres import DURABLE, Server, unavailable
from tests.torture.postgres_indexers import two_indexers
from tests.torture.postgres_soundness import assert_sound, editions
from tests.torture.scale import rounds

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable())

KILLS = rounds(2, 30)
PATIENCE = 20  # seconds for connections to appear
NOTHING_DONE = 3


class Scene:
    """Two indexers that are kept at work, an edition after the other."""

    def __init__(self, server, address, indexers) -> None:
        self.server, self.address, self.indexers = server, address, indexers
        self._edition = 1
        begun = time.monotonic()
        self.begin()
        self.assert_ended(self.end(), [0, 0])
        self._usual = time.monotonic() - begun

    def begin(self) -> list[int]:
        """Start both on the next edition; their processes."""
        self._edition += 1
        for indexer in self.indexers:
            indexer.write(self._edition)
        return [indexer.start() for indexer in self.indexers]

    def end(self):
        return [indexer.end() for indexer in self.indexers]

    def wait(self, *, connected: bool = False) -> float:
        """Let them work for a part of what they usually take, from the moment on that
        both are connected if that is asked."""
        # Or one is done before the other connects.
        until = time.monotonic() + PATIENCE
        while connected and time.monotonic() < until:
            if len(self.server.clients()) >= len(self.indexers):
                break
            time.sleep(0.01)
        seconds = random.uniform(0.02, self._usual)
        time.sleep(seconds)
        return seconds

    def assert_ended(self, ended, codes) -> None:
        for one, code in zip(ended, codes, strict=True):
            if one.code == NOTHING_DONE:
                # It was only starting, and nobody was there.
                assert "can't be reached" in one.said, one
                assert "to do" not in one.said, one
            else:
                assert one.code in (0, code), one
            assert "Traceback" not in one.said, one.said

    def assert_recovers(self, note) -> bool:
        """What is there is sound, every article of one edition, and completed by the
        next run; whether there was something to complete."""
        print(note)  # shown when the test fails
        assert_sound(self.address)
        found = editions(self.address)
        assert set(found.values()) <= {self._edition - 1, self._edition}
        for indexer in self.indexers:
            indexer.start()
        self.assert_ended(self.end(), [0, 0])
        assert_sound(self.address)
        completed = editions(self.address)
        assert set(completed.values()) == {self._edition}
        assert completed.keys() == found.keys()
        return completed != found


@pytest.fixture(scope="module")
def scene():
    with (
        Server(settings=DURABLE) as server,
        server.database() as address,
        two_indexers(address) as indexers,
    ):
        yield Scene(server, address, indexers)


def test_kills_of_an_indexer_leave_a_sound_index(scene):
    broken = 0
    for number in range(KILLS):
        pids = scene.begin()
        seconds = scene.wait()
        victim = number % 2
        with suppress(ProcessLookupError):
            os.kill(pids[victim], signal.SIGKILL)
        codes = [0, 0]
        codes[victim] = -signal.SIGKILL
        scene.assert_ended(scene.end(), codes)
        broken += scene.assert_recovers(("indexer", victim, seconds))
    print(f"{KILLS} kills of an indexer, {broken} with articles still to write")
    assert broken


def test_kills_of_a_connection_s_process_leave_a_sound_index(scene):
    """The server ends all connections then, as its shared memory may be damaged, and
    recovers by itself; indexers connect again."""
    killed = 0
    for _ in range(KILLS):
        scene.begin()
        seconds = scene.wait(connected=True)
        killed += one_backend_killed(scene.server)
        scene.assert_ended(scene.end(), [0, 0])
        scene.assert_recovers(("backend", seconds))
    print(f"{KILLS} rounds, {killed} kills of a connection's process")
    assert killed


def test_kills_of_the_server_leave_a_sound_index(scene):
    for _ in range(KILLS):
        scene.begin()
        seconds = scene.wait(connected=True)
        scene.server.kill()
        scene.server.start()
        scene.assert_ended(scene.end(), [0, 0])
        scene.assert_recovers(("server", seconds))
    print(f"{KILLS} kills of the server")


def one_backend_killed(server) -> bool:
    """Kill a process that serves an indexer; whether one was left."""
    found = server.clients()
    if found:
        with suppress(ProcessLookupError):
            os.kill(random.choice(found), signal.SIGKILL)
            return True
    return False
