"""The coverage report: what each source shows, its archive has, and the index stores.

Every address that a source leads to is counted once, by the evidence on which it is
stored, or as missing with a reason. Fetches nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from indexer.backfill.frontier import Frontier
from indexer.crawl.reasons import sentence, why_left_out
from indexer.ledger.ledger import Ledger
from indexer.records import PageRecord, SourceRecord
from indexer.sources.listing import LEFT_OUT
from search.coverage_report import ArchiveSearch, Coverage, NotWhole
from search.errors import IndexDamaged
from search.ports import Writer
from search.types import Evidence

# The reasons that follow from no record of the ledger. People read them as they are.
NOT_TRIED = "not fetched yet; the next update will"
WAITS = "found in the archive, and left for the next backfill"
KEPT_OUT = "the page asks to be kept out of search"
LOST = "the index does not hold it any more; the next update fetches it again"

EvidenceOf = Callable[[str], Evidence | None]


def write_coverage(ledger: Ledger, index: Writer, *, everything: bool) -> None:
    """Write the report of all sources into the index, where the web app reads it.

    Only those are counted of which something changed, or ``everything``.
    """
    known: dict[str, Coverage] = {}
    if not everything:
        with suppress(IndexDamaged):  # then all are counted
            known = {one.source: one for one in index.coverage()}
    stale = ledger.uncounted()
    report = []
    for source in ledger.sources():
        if source.url in known and source.url not in stale:
            report.append(known[source.url])
        else:
            report.append(coverage_of(ledger, source, index.evidence_of))
    index.write_coverage(report)
    if stale:
        with ledger.transaction():
            ledger.note_counted()


def coverage_of(
    ledger: Ledger, source: SourceRecord, evidence_of: EvidenceOf
) -> Coverage:
    """Return the report of one source.

    ``evidence_of`` says on which evidence the index stores an article, None where it
    does not.
    """
    written = ledger.discovery(source.url)
    search = Frontier.read(written)
    counts: Counter[str] = Counter()
    counted: set[str] = set()
    not_whole = []
    for url, title, page in ledger.fates(source.url):
        article = ""
        if page:
            article = page.article
        evidence = evidence_of(article)
        if page and page.state == "partial" and evidence == "article":
            evidence = "summary"  # an older program took it for whole
        if article in counted:
            counts["same"] += 1
            continue
        if evidence is not None:
            counted.add(article)
        counts[evidence or "missing"] += 1
        if evidence != "article":
            not_whole.append(NotWhole(url, title, evidence or "nothing", _reason(page)))
    for post in search.waiting:
        counts["missing"] += 1
        not_whole.append(NotWhole(post.url, post.title, "nothing", WAITS))
    for reason, name in _left_out(source):
        counts["missing"] += 1
        why = why_left_out(reason, name)
        not_whole.append(NotWhole(source.url, name, "nothing", why))
    # A way that was tried and found nothing is not named.
    found = tuple((way, count) for way, count in search.found.items() if count)
    shown = source.shown
    if source.kind == "article":
        shown = 1
    state: ArchiveSearch = "none"
    if written:
        state = _state(search)
    return Coverage(
        source=source.url,
        kind=source.kind,
        title=source.title,
        error=source.error,
        shown=shown,
        found=found,
        search=state,
        known=counts.total(),
        not_whole=tuple(not_whole),
        **counts,
    )


def _left_out(source: SourceRecord) -> list[tuple[str, str]]:
    """Return the entries of a feed that are no items: reason and name."""
    lines = source.leads.get(LEFT_OUT, "").splitlines()
    parts = (line.partition(" ") for line in lines)
    return [(reason, name) for reason, _, name in parts]


def _state(search: Frontier) -> ArchiveSearch:
    if not search.done:
        return "open"
    if search.whole:
        return "whole"
    return "over"


def _reason(page: PageRecord | None) -> str:
    """Return why an address is not stored in full; never empty."""
    if page is None:
        return NOT_TRIED
    if page.reason:
        return sentence(page.reason, page.detail)
    if page.article:
        return LOST
    return KEPT_OUT
