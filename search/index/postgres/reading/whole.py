"""The index as a whole: its addresses, samples, sites, years and coverage report.

It answers no question.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import numpy as np

from search.coverage_report import Coverage
from search.index.addresses import alias_among, longest_letters, page_of
from search.index.postgres.reading.transaction import Transaction
from search.index.postgres.rows import VECTOR, vectors_of_rows
from search.index.postgres.state import coverage_from
from search.index.stored_standing import KEY, standing_of
from search.manifest import Manifest
from search.port_values import Sample
from search.standing import Standing
from search.types import Evidence, IndexStatus

# Names are far fewer than articles, so that these are counted first.
_SITES = """
SELECT name, sum(articles)::bigint AS many FROM (
    SELECT byline, count(*) AS articles FROM articles GROUP BY byline
) counted
JOIN (SELECT id, coalesce(nullif(site, ''), host) AS name FROM bylines) named ON id = byline
WHERE name != '' GROUP BY name ORDER BY many DESC, name COLLATE "C"
"""
_YEARS = "SELECT DISTINCT left(dated, 4) FROM articles WHERE dated != ''"
_SAMPLE = f"SELECT p.id, p.article, {VECTOR} FROM passages p WHERE p.id = ANY(%(ids)s) ORDER BY p.id"  # fixed text
_TITLES = """
SELECT a.title, array_agg(p.id ORDER BY p.id) FROM articles a
JOIN passages p ON p.article = a.id AND p.site = a.site
WHERE a.id = ANY(%(ids)s) AND a.title != '' GROUP BY a.id, a.title ORDER BY a.id
"""
_NEAR_ADDRESSES = """
SELECT a.id, a.url FROM articles a JOIN sites s ON s.id = a.site
WHERE s.host IN (%(host)s, 'www.' || %(host)s) AND strpos(lower(a.url), %(letters)s) > 0
ORDER BY a.id
"""


class Whole:
    """The rows of one generation as a whole, over one transaction."""

    def __init__(self, transaction: Transaction, manifest: Manifest) -> None:
        self._transaction = transaction
        self._manifest = manifest

    def urls(self) -> list[str]:
        """Return the addresses of all articles, oldest entry first."""
        rows = self._transaction.rows("SELECT url FROM articles ORDER BY id", {})
        return [row[0] for row in rows]

    def evidence(self) -> dict[str, Evidence]:
        """Return the evidence of each article by its address."""
        return dict(self._transaction.rows("SELECT url, evidence FROM articles", {}))

    def find(self, url: str) -> int | None:
        """Return the id of the article at this address or at an alias of it."""
        # Most addresses are written as they are stored.
        exact = self._transaction.rows(
            "SELECT id FROM articles WHERE url = %(url)s", {"url": url}
        )
        if exact:
            return int(exact[0][0])
        page = page_of(url)
        if not page:
            return None
        host = urlsplit(f"//{page}").hostname
        values = {"host": host, "letters": longest_letters(page)}
        rows = self._transaction.rows(_NEAR_ADDRESSES, values)
        return alias_among(url, [(int(number), stored) for number, stored in rows])

    def sample(self, count: int) -> Sample:
        """Return about ``count`` passages, evenly spread over the index."""
        ids = self._spread("passages", self._manifest.passages // count)
        rows = self._transaction.rows(_SAMPLE, {"ids": ids})
        dimension = self._manifest.dimension
        return Sample(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            vectors_of_rows([row[2:] for row in rows], dimension),
        )

    def sample_titles(self, count: int) -> list[tuple[str, list[int]]]:
        """Return the titles of about ``count`` articles with the ids of their
        passages."""
        ids = self._spread("articles", self._manifest.articles // count)
        rows = self._transaction.rows(_TITLES, {"ids": ids})
        return [(title, list(passages)) for title, passages in rows]

    def status(self) -> IndexStatus:
        """Return the numbers, sites and years of the index."""
        known = self._manifest
        sites, years = self._transaction.together([(_SITES, {}), (_YEARS, {})])
        return IndexStatus(
            known.articles,
            known.passages,
            tuple((name, int(articles)) for name, articles in sites),
            tuple(sorted((int(row[0]) for row in years), reverse=True)),
            known.updated,
            known.model,
        )

    def coverage(self) -> tuple[Coverage, ...]:
        """Return the coverage reports of all indexers, oldest source first."""
        rows = self._transaction.rows(
            "SELECT report FROM coverage ORDER BY indexer, place", {}
        )
        return coverage_from(rows)

    def standing(self) -> Standing:
        """Return the standing questions."""
        rows = self._transaction.rows(
            "SELECT value FROM meta WHERE key = %(key)s", {"key": KEY}
        )
        return standing_of(rows[0][0] if rows else None)

    def arrived(self, after: int, upto: int) -> list[int]:
        """Return the ids above one, and up to another, that articles have."""
        rows = self._transaction.rows(
            "SELECT id FROM articles WHERE id > %(after)s AND id <= %(upto)s ORDER BY id",
            {"after": after, "upto": upto},
        )
        return [int(row[0]) for row in rows]

    def _spread(self, table: str, step: int) -> list[int]:
        """Return the ids at even distances that a table may have."""
        # By id and not by chance, so that a generation always gives the same ones.
        ((last,),) = self._transaction.rows(
            f"SELECT max(id) FROM {table}", {}
        )  # fixed names
        step = max(1, step)
        return list(range(step, (last or 0) + 1, step))
