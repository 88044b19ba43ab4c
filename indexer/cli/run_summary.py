"""The end of a run as the page shows it: what came, and what failed and why.

Counts as the closing table in report.py does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.crawl.reasons import sentence
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.records import Outcome, Report
from search.inbox.run_status import Line, RunStatus

MOST_NEW = 30  # articles named one by one
MOST_TROUBLES = 30
MOST_SOURCES = 50
# What a run did not ask for is counted, not named.
NOT_ASKED = ("", "no-network", "put-off", "silent-host")

Refused = Sequence[tuple[str, str]]  # an address with the sentence that says why


def summary_of(
    status: RunStatus, report: Report, work: UnitOfWork, refused: Refused = ()
) -> RunStatus:
    """Return the state of a run that has ended so.

    ``refused`` are addresses that were to be followed and can't be.
    """
    new = [one for one in report.outcomes if one.result == "article" and one.tried]
    troubled = [one for one in report.outcomes if one.tried and _is_trouble(one)]
    failing = [
        Line(source.url, source.title, error)
        for source, error in report.sources
        if error
    ]
    failing += [Line(url, text=why) for url, why in refused]
    unchanged = sum(one.result == "unchanged" for one in report.outcomes)
    return replace(
        status,
        stopped=report.stopped,
        unchanged=report.unchanged + unchanged,
        unreached=report.unreached_sources + report.unreached_pages,
        new=tuple(_new_lines(new[:MOST_NEW], work)),
        more_new=max(0, len(new) - MOST_NEW),
        sources=tuple(failing[:MOST_SOURCES]),
        troubles=tuple(
            Line(one.url, text=sentence(one.reason, one.detail))
            for one in troubled[:MOST_TROUBLES]
        ),
        more_troubles=max(0, len(troubled) - MOST_TROUBLES),
    )


def _is_trouble(outcome: Outcome) -> bool:
    return outcome.reason not in NOT_ASKED


def _new_lines(outcomes: Sequence[Outcome], work: UnitOfWork) -> Iterator[Line]:
    for outcome in outcomes:
        record = work.record(outcome.url)
        article = work.article(record.article) if record else None
        if article is None:
            yield Line(outcome.url)
        else:
            yield Line(article.url, article.title)
