"""Workers: what takes too long, too much, or dies costs one document and nothing
else."""

import itertools
import os
import threading
import time

import pytest

from indexer.documents.read_page import read
from indexer.runtime.parser_pool import ParseError, Workers
from indexer.sources.feed_model import FeedError
from indexer.sources.feeds import parse_feed
from tests.sites import page, text

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
