"""Sources as an agent reads them: a page at a time, and all of them in the end."""

from __future__ import annotations

import re

from search.coverage_report import Coverage
from search.types import IndexStatus
from web.agents.room import ANSWER, size_of
from web.agents.source_text import sources_text

STATUS = IndexStatus(
    40, 1234, (("A", 30), ("b.example", 10)), (2024,), "2026-11-22T08:14:51", "m"
)


def test_each_source_is_told_with_what_is_held_of_it():
    reports = (
        Coverage("https://a.example/feed", "feed", "A", known=5, article=3, missing=1, same=1),
        Coverage("https://b.example/", "unseen", error="There is no host\n\nat all."),
    )  # fmt: skip
    said = sources_text(STATUS, reports, 0).split("\n")
    assert said[0].startswith("40 articles of 2 sources; last change 2026-11-22T08")
    assert said[2:] == [
        "- A: https://a.example/feed (feed, 3 of 4 in full)",
        "- https://b.example/ (unseen, 0 of 0 in full); not read the last time:"
        " There is no host at all.",
    ]
    assert sources_text(STATUS, reports, 7).endswith("There are no more.")


def test_an_index_without_a_report_tells_its_sites():
    said = sources_text(STATUS, (), 0)
    assert said.startswith("40 articles; last change")
    assert said.endswith("- A: 30 articles\n- b.example: 10 articles")


def test_all_of_many_are_told_in_answers_that_are_not_too_long():
    reports = [
        Coverage(f"https://{n}.example/" + "é" * 900, "feed", f"{n} " + "A title " * 90,
                 error="An error. " * 90)
        for n in range(200)
    ]  # fmt: skip
    seen: list[int] = []
    offset = 0
    while True:
        said = sources_text(STATUS, reports, offset)
        assert size_of(said) <= ANSWER
        seen += map(int, re.findall(r"^- (\d+) A title", said, re.MULTILINE))
        more = re.search(r"more: ask with offset=(\d+)\.\Z", said)
        if not more:
            break
        offset = int(more[1])
        assert offset == len(seen)
    assert seen == list(range(200))
