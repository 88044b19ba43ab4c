"""The articles of a run that are new for the standing questions of an index.

It asks and notes; what is new is decided in search/standing.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from search.errors import BlogsearchError
from search.ports import Embedder, Index, Writer
from search.standing import Standing, StandingQuestion

QUESTION_FAILED = (
    "The standing question {name} could not be asked; the next run tries again: {error}"
)
ALL_FAILED = "What is new for the standing questions could not be noted; the next run tries again: {error}"


@dataclass(slots=True)
class News:
    """The number of articles that are new for each question, by its name, and failures."""

    new: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def note_news(index: Writer, home: Index, embedder: Embedder) -> News:
    """Ask each standing question about the articles that came since it was asked last,
    and note those that answer; after the last commit of a run.

    What a run that was killed has left is noted by the next one. A failure is no error:
    it is in what is returned.
    """
    try:
        # The writer reads it without a snapshot, for which vectors would be loaded.
        standing = index.change_standing(lambda known: known)
        # Of an index without questions not even that is asked.
        last = index.last_article() if standing.questions else 0
        due = [one for one in standing.questions if one.upto < last]
        return _noted(index, home, embedder, due, last) if due else News()
    except BlogsearchError as error:
        return News(failures=[ALL_FAILED.format(error=error)])


def _noted(
    index: Writer,
    home: Index,
    embedder: Embedder,
    due: list[StandingQuestion],
    last: int,
) -> News:
    # It brings numpy and the whole of search along, which most runs don't need.
    from search.engine import Engine

    news = News()
    found: dict[str, Mapping[str, int]] = {}
    # Closed at the end: who holds a file keeps what was forgotten from being erased.
    with closing(Engine(home, embedder=embedder)) as engine:
        for one in due:
            try:
                # Some may have left again: then there is nothing to ask.
                arrived = engine.arrived(one.upto, last)
                found[one.name] = engine.answering(one.text, arrived) if arrived else {}
            except BlogsearchError as error:
                text = QUESTION_FAILED.format(name=one.name, error=error)
                news.failures.append(text)
    # To the microsecond: it tells this run's notes from all others.
    at = datetime.now(UTC).isoformat()

    # All at once: what is killed before has noted nothing, and the next run begins again.
    def note(known: Standing) -> Standing:
        for name, answers in found.items():
            known = known.with_noted(name, answers, upto=last, at=at)
        return known

    for one in index.change_standing(note).questions:
        # Another indexer may have noted some of them just now.
        if count := sum(noted.at == at for noted in one.noted):
            news.new[one.name] = count
    return news
