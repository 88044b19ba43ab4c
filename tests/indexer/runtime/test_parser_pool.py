"""Workers: what takes too long, too much, or dies costs one document and nothing
else."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from indexer.documents.read_page import read
from indexer.runtime.parser_pool import ParseError, Workers
from indexer.sources.feed.model import FeedError
from indexer.sources.feeds import parse_feed
from tests.at_work import broken_off, killed_at_work, pid_after
from tests.sites import page, text

ROOT = Path(__file__).parents[3]
LIMIT = 1.0
PATIENCE = 20.0


@pytest.fixture(scope="module")
def few():
    with Workers(1, time_limit=LIMIT, patience=PATIENCE) as running:
        running.run(
            parse_feed, FEED, "https://a.example/"
        )  # imports are not what is limited here
        yield running


FEED = (
    b"<rss version='2.0'><channel><title>t</title><item><title>a</title><link>http://a.example/1</link>"
    b"</item></channel></rss>"
)


def still_works(workers: Workers) -> None:
    assert [
        item.title for item in workers.run(parse_feed, FEED, "https://a.example/").items
    ] == ["a"]


def test_results_and_expected_errors_come_back_as_they_are(few):
    assert few.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(FeedError, match="no feed"):
        few.run(parse_feed, b"<p>no</p>", "https://a.example/")


def test_what_works_too_long_is_ended(few):
    with pytest.raises(ParseError, match="more than 1 seconds"):
        few.run(
            sum, itertools.repeat(1)
        )  # in C: no signal handler of Python's would ever have its turn
    still_works(few)


def test_what_waits_too_long_is_ended():
    with Workers(1, patience=0.5) as one:
        with pytest.raises(ParseError, match="more than 0 seconds"):
            one.run(time.sleep, 60)
        still_works(one)


def test_waiting_is_no_work(few):
    """A page on a machine that does much else waits by the clock, and is not at
    fault."""
    assert few.run(time.sleep, 1.5 * LIMIT) is None


def test_a_crash_costs_one_document(few):
    with pytest.raises(ParseError, match="broke the parser"):
        few.run(os._exit, 3)
    with pytest.raises(ParseError, match="broke the parser"):
        few.run(os.abort)
    still_works(few)


def test_memory_is_limited(few):
    with pytest.raises(ParseError, match="too much memory"):
        few.run(bytearray, 8 << 30)
    still_works(few)


def test_an_unexpected_exception_is_told_by_its_name(few):
    with pytest.raises(ParseError, match=r"can't be read \(ZeroDivisionError\)"):
        few.run(divmod, 1, 0)


def test_a_document_waits_for_its_turn_without_that_counting():
    """The limits are for the work, not for the queue before it."""
    with Workers(1, patience=1.5) as one:
        ended = []
        threads = [
            threading.Thread(target=lambda: ended.append(one.run(time.sleep, 0.5)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ended == [None] * 4


def item(inside: str) -> bytes:
    return FEED.replace(b"</item>", inside.encode() + b"</item>")


HOSTILE = {
    "categories": (parse_feed, item("<category>x</category>" * (1_070_000 // 22))),
    "comments": (parse_feed, item(f"<description>{'&lt;!--' * (1_400_000 // 7)}</description>")),
    "attributes": (read, f"<p {' '.join(f'a{n}=1' for n in range(40_000))}>{page('A', text(1))}".encode()),
    "nesting": (read, b"<div>" * 30_000 + text(1).encode()),
    "open tags": (read, b"<b><i><a>" * 15_000 + text(1).encode()),
    "entities": (parse_feed, b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(12)
    ) + b"]>" + item("<description>&a11;</description>")),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_document_ends_and_the_run_goes_on(few, kind):
    function, body = HOSTILE[kind]
    try:
        few.run(function, body, "https://a.example/")
    except (ParseError, FeedError) as error:
        assert str(error)  # noqa: PT017
    still_works(few)


# Processes that are killed: `kill -9` is what the system does where memory is short.


def at_once(*calls):
    """Make the calls in threads; return their results, or what they raised, in order."""
    ended = [None] * len(calls)

    def make(place: int, call) -> None:
        try:
            ended[place] = call()
        except ParseError as error:
            ended[place] = str(error)

    threads = [threading.Thread(target=make, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def two():
    with Workers(2) as running:
        yield running


def pids_of(workers: Workers) -> list[int]:
    """The processes of two, both of which run then."""
    while True:
        pids = at_once(*[lambda: workers.run(pid_after, 0.2)] * 2)
        if len(set(pids)) == 2:
            return pids


@pytest.mark.parametrize("which", [slice(1), slice(None)], ids=["one", "all"])
def test_processes_that_are_killed_while_idle_cost_nothing(two, which):
    for _ in range(2):  # and again
        pids = pids_of(two)
        kill(*pids[which])
        assert at_once(*[lambda: two.run(divmod, 7, 2)] * 4) == [(3, 1)] * 4


def test_one_kill_at_work_is_not_the_documents_fault_a_second_is(two, tmp_path):
    once, twice = tmp_path / "once", tmp_path / "twice"
    ended = at_once(
        lambda: two.run(killed_at_work, once, 1),
        lambda: two.run(killed_at_work, twice, 2),
        lambda: two.run(divmod, 7, 2),
    )
    assert ended[0] == 1
    assert "broke the parser" in ended[1]
    assert ended[2] == (3, 1)
    assert len(twice.read_text().split()) == 2  # it is given up, not tried for ever


def test_all_killed_at_work_are_done_by_others(two, tmp_path):
    files = [tmp_path / "a", tmp_path / "b"]
    ended = at_once(*[partial(two.run, killed_at_work, file, 1) for file in files])
    assert ended == [1, 1]


def test_a_process_that_is_killed_while_it_starts_is_started_again(two, monkeypatch):
    started = []
    start = SpawnProcess.start

    def start_and_kill(process):
        start(process)
        started.append(process)
        if len(started) <= 3:
            kill(process.pid)

    monkeypatch.setattr(SpawnProcess, "start", start_and_kill)
    assert two.run(divmod, 7, 2) == (3, 1)
    assert len(started) == 4


def test_where_no_process_can_be_started_that_is_said(two, monkeypatch):
    def start(process):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", start)
    with pytest.raises(ParseError, match="ended again and again"):
        two.run(divmod, 7, 2)


def test_a_process_that_is_killed_in_the_middle_of_its_answer_is_replaced(
    two, tmp_path
):
    assert two.run(broken_off, tmp_path / "calls") == "whole"


def test_a_clock_that_jumps_ends_nothing(monkeypatch):
    """As after a night in which the machine slept."""
    with Workers(1, patience=5.0) as one:
        now = time.time
        one.run(divmod, 7, 2)
        ended = []
        waiting = threading.Thread(
            target=lambda: ended.append(one.run(pid_after, 1.0)), daemon=True
        )
        waiting.start()
        time.sleep(0.3)
        monkeypatch.setattr(time, "time", lambda: now() + 8 * 3600)
        waiting.join()
        assert len(ended) == 1


STOPPED = """
import sys
from pathlib import Path
from indexer.runtime.parser_pool import Workers
from tests.at_work import come

if __name__ == "__main__":
    with Workers(1, patience=1.5) as one:
        one.run(divmod, 7, 2)
        print("ready", flush=True)
        print(one.run(come, Path(sys.argv[1])), flush=True)
"""


def test_a_program_that_is_stopped_and_goes_on_loses_nothing(tmp_path):
    """Longer than the patience with any document, as a suspended job is."""
    script, file = tmp_path / "stopped.py", tmp_path / "file"
    script.write_text(STOPPED)
    with subprocess.Popen(
        [sys.executable, str(script), str(file)], stdout=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as running:  # fmt: skip
        assert running.stdout.readline() == "ready\n"
        os.killpg(running.pid, signal.SIGSTOP)
        time.sleep(2.0)
        file.touch()
        os.killpg(running.pid, signal.SIGCONT)
        assert running.stdout.read() == "come\n"
    assert running.returncode == 0


def test_no_process_outlives_its_pool():
    with Workers(2) as two:
        pids = pids_of(two)
        late = threading.Thread(
            target=at_once, args=[lambda: two.run(pid_after, 60)], daemon=True
        )
        late.start()
        time.sleep(0.3)
    late.join(10)
    assert not late.is_alive()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(ParseError, match="ended before"):
        two.run(divmod, 7, 2)
