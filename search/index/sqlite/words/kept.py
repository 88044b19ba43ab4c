"""The answers that stay true for a generation of the index, most of them about words.

They are shared by all threads that read it. Nothing is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

# Counts, and words of the vocabulary, at most: some 20 MB of each.
MOST = 200_000

ByLength = dict[int, list[tuple[str, int]]]
"""Words with the number of articles that contain each, by the number of their letters."""


class KeptWords:
    """Counts of one generation, as far as they were asked for.

    Safe to use from several threads: what two of them find out at once is the same.
    """

    def __init__(self) -> None:
        self.languages: dict[str, int] = {}
        """The articles of each language; empty until they were counted."""
        self.passages: dict[str, int] = {}
        """The passages that match an expression."""
        self.articles: dict[str, int] = {}
        """The articles that contain a term of the vocabulary, 0 included."""
        self.article_of: dict[int, int] = {}
        """The article of a passage: a row is read for it, with all that it has."""
        self.beginnings: dict[str, ByLength] = {}
        """Ranges of the words of the vocabulary, by their first term."""
        self._words = 0

    def keep_beginning(self, begin: str, words: ByLength) -> None:
        """Keep the words that begin so, in place of all others where these grow too
        many."""
        self._words += sum(map(len, words.values()))
        if self._words > MOST:
            self.beginnings.clear()
            self._words = 0
        self.beginnings[begin] = words


def filled(
    known: dict[Key, Value],
    keys: Iterable[Key],
    find: Callable[[list[Key]], dict[Key, Value]],
) -> dict[Key, Value]:
    """Return the values of these keys; those that are not known are found, and kept."""
    wanted = list(dict.fromkeys(keys))
    values = {key: known[key] for key in wanted if key in known}
    missing = [key for key in wanted if key not in values]
    if missing:
        found = find(missing)
        if len(known) + len(found) > MOST:
            known.clear()
        known.update(found)
        values |= found
    return values
