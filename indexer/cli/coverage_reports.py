"""The coverage reports that a person asks for: counted from the ledger, or, where this
machine has none of an index on a server, as the indexers wrote them into the index.

Counts nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from indexer.cli.session import has_ledger, open_ledger
from indexer.crawl.coverage import coverage_of
from indexer.ledger.place import Place
from indexer.records import SourceRecord
from search.console import say_on_stderr
from search.coverage_report import Coverage
from search.errors import IndexMissing
from search.types import Evidence

AS_STORED = "There is no ledger of this index on this machine: this is what the last runs stored."


class CountedReports:
    """The sources of a ledger, each counted when it is asked for."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._ledger = open_ledger(place)
        self.source, self.sources = self._ledger.source, self._ledger.sources

    def reports(self, wanted: Sequence[SourceRecord]) -> list[Coverage]:
        """Return the reports of these sources."""
        evidence = self._evidence()
        return [coverage_of(self._ledger, source, evidence.get) for source in wanted]

    def _evidence(self) -> Mapping[str, Evidence]:
        # Every article may have failed so far, and then there is no index yet.
        with suppress(IndexMissing), self._place.snapshot() as index:
            return index.evidence()
        return {}


class StoredReports:
    """The sources of which an index has a report."""

    def __init__(self, place: Place) -> None:
        with place.snapshot() as index:
            self._stored = {report.source: report for report in index.coverage()}
        # On standard error: with --json only the reports go to standard output.
        say_on_stderr(AS_STORED)

    def source(self, url: str) -> SourceRecord | None:
        """Return the source that is read from this address."""
        return next((one for one in self.sources() if one.url == url), None)

    def sources(self) -> list[SourceRecord]:
        """Return all sources, by whose names people find them."""
        return [
            # A report knows the kind as a text, and nobody looks a source up by it.
            SourceRecord(report.source, "unseen", report.title)
            for report in self._stored.values()
        ]

    def reports(self, wanted: Sequence[SourceRecord]) -> list[Coverage]:
        """Return the reports of these sources."""
        return [self._stored[source.url] for source in wanted]


def reports_of(place: Place) -> CountedReports | StoredReports:
    """Choose where the reports of an index come from."""
    if place.is_folder or has_ledger(place):
        return CountedReports(place)
    return StoredReports(place)
