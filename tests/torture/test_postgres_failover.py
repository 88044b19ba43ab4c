"""A primary that is killed while two indexers write and a page is served: its replica
answers, is promoted, and takes the writing.

Both servers are real ones of PostgreSQL 18 with streaming replication, on one machine
(Debian 12 has no pgvector for its own); the replica is a base backup, and commits wait
until it shows them. Who promotes it is the test: choosing when is the work of an operator
or of a program such as Patroni.
"""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.request
from contextlib import closing
from subprocess import DEVNULL

import pytest

from tests.postgres import DURABLE, Server, unavailable
from tests.torture.postgres_indexers import two_indexers
from tests.torture.postgres_soundness import assert_sound, editions
from tests.torture.scale import rounds
from tests.web.serving import serving

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable())
FAILOVERS = rounds(1, 5)
PATIENCE = 60  # seconds for both indexers to write


class Reader(threading.Thread):
    """Asks until it is over; how many articles each answer has, and what failed."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._page = f"{address.rstrip('/')}/api/search?q=bread+in+a+cold+room"
        self.over = threading.Event()
        self.found: list[int] = []
        self.failed: list[str] = []

    def run(self) -> None:
        while not self.over.is_set():
            try:
                with urllib.request.urlopen(self._page, timeout=60) as reply:
                    said = json.load(reply)
                self.found.append(said["total"] + said["weaker"])
            except Exception as error:  # noqa: BLE001  # it is told
                self.failed.append(repr(error))

    def asked(self, more: int) -> None:
        """Wait for so many answers more."""
        wanted = len(self.found) + more
        while len(self.found) < wanted and not self.failed:
            time.sleep(0.01)


@pytest.mark.parametrize("number", range(FAILOVERS))
def test_a_replica_answers_and_takes_over(number):
    with (
        Server(settings=DURABLE) as primary,
        closing(Server(settings=DURABLE)) as replica,
    ):
        name = primary.new_database()
        both = f"postgresql://postgres@/{name}?host={primary.folder},{replica.folder}"
        with two_indexers(both) as indexers:
            replica.follow(primary)
            # Nobody reads its log: in a pipe it would stop the server once that is full.
            reading = f"{both}&target_session_attrs=prefer-standby"
            with serving(reading, log=DEVNULL) as served:
                reader = Reader(served.address)
                reader.start()
                try:
                    fail_over(name, primary, replica, indexers, reader)
                finally:
                    reader.over.set()
                    reader.join()
            promoted = replica.address(name)
            assert_sound(promoted)
            assert set(editions(promoted).values()) == {2}
            # And it goes on.
            for indexer in indexers:
                indexer.write(3)
                assert indexer.run().code == 0
            assert_sound(promoted)
            assert set(editions(promoted).values()) == {3}
        assert reader.failed == []
        assert min(reader.found) > 0
        print(f"{len(reader.found)} answers, none failed")


def commits(server, name) -> list[tuple[object, ...]]:
    """How many each indexer made."""
    return server.sql(
        "SELECT id, generation FROM blogsearch.indexers ORDER BY id", name
    )


def fail_over(name, primary, replica, indexers, reader) -> None:
    reader.asked(3)
    assert len(replica.clients()) > len(primary.clients()) == 0
    before = commits(primary, name)
    for indexer in indexers:
        indexer.write(2)
        indexer.start()
    # One that is only starting would say that nobody is there, and end.
    until = time.monotonic() + PATIENCE
    while any(
        now == then for now, then in zip(commits(primary, name), before, strict=True)
    ):
        assert time.monotonic() < until, "the indexers did not write"
        time.sleep(0.01)
    time.sleep(random.uniform(0, 1.5))
    primary.kill()
    # Nobody takes writes now; the indexers try again for a minute.
    reader.asked(5)
    assert replica.sql("SELECT pg_is_in_recovery()") == [(True,)]
    replica.promote()
    ended = [indexer.end() for indexer in indexers]
    assert [one.code for one in ended] == [0, 0], ended
    reader.asked(5)
