"""The articles that answer a question, without its quotes: those that are new among all.

A text that the index has under another address is not new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from search.port_values import Encoding
from search.query.parser import Query
from search.ranking.fusion import Ranking, one_per_text
from search.results.candidates import Among, RankedArticles, ranked_articles
from search.snapshot_port import Snapshot
from search.text.urls import AddressError, identity

KEY_DIGITS = 16  # hexadecimal ones: two of a million addresses share a key by 3 in 10^8


class Asked(NamedTuple):
    """A question as it is asked of an index."""

    query: Query
    encoding: Encoding
    ranking: Ranking


def answering(index: Snapshot, asked: Asked) -> dict[str, int]:
    """Return the articles that answer, best first: ids by their keys."""
    return _keyed(index, _ranked(index, asked), set())


def new_answers(
    index: Snapshot, asked: Asked, arrived: Collection[int]
) -> dict[str, int]:
    """Return those of the articles that arrived that answer, by their keys.

    They are ranked alone, as older ones may be more than are ever ranked, and held
    against the best of all, as on a page of results.
    """
    among = Among(frozenset(arrived))
    # Most of the time nothing new answers, and no more has to be asked.
    if not _ranked(index, asked, among).confident:
        return {}
    every = _ranked(index, asked)
    if not every.confident:
        return {}
    found = _ranked(index, asked, replace(among, best=every.best))
    return _keyed(index, found, arrived)


def _ranked(index: Snapshot, asked: Asked, among: Among = Among()) -> RankedArticles:  # noqa: B008  # frozen
    return ranked_articles(
        index,
        asked.query,
        encoding=asked.encoding,
        ranking=asked.ranking,
        among=among,
    )


def _keyed(
    index: Snapshot, found: RankedArticles, arrived: Collection[int]
) -> dict[str, int]:
    """Return those that answer, one a text; with ``arrived`` only texts of which all
    copies did."""
    ranked = found.articles[: found.answering]
    # Copies stand under each other's addresses: a text is one article here as well.
    duplicates = index.duplicates([number for number, _, _ in ranked])
    if arrived:
        ranked = [
            one
            for one in ranked
            if one[0] not in duplicates
            or duplicates[one[0]].addresses.keys() <= set(arrived)
        ]
    stands_for = {number: text.representative for number, text in duplicates.items()}
    ids = [number for number, _, _ in one_per_text(ranked, stands_for)]
    # By address: an id is another one in a copy, and in an article that came back.
    known = index.articles(ids)
    return {key_of(known[number].url): number for number in ids if number in known}


def key_of(url: str) -> str:
    """Return the key of an article, which all spellings of its address share."""
    with suppress(AddressError):  # of a file the address is its own
        url = identity(url, section=True)
    return hashlib.sha256(url.encode()).hexdigest()[:KEY_DIGITS]
