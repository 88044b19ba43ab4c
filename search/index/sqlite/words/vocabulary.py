"""The vocabulary of an index as a question asks it: languages, words, words like one.

It counts articles, and what was counted is kept for the generation; it writes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import product

from search.index.lexicon import beginnings, likely_languages
from search.index.sqlite.words.kept import ByLength, KeptWords, filled
from search.text.folding import fold
from search.text.tokenizer import vocabulary

# No word goes on with it: words that begin alike sort before it.
LAST_LETTER = "\U0010ffff"
# The Latin letters beyond ASCII: those of Europe, and the rest, of Vietnamese above all.
ACCENTED = (("\u00c0", "\u02b0"), ("\u1d00", "\u1f00"))


class Vocabulary:
    """The words of all articles, over one SQLite connection."""

    def __init__(self, connection: sqlite3.Connection, kept: KeptWords) -> None:
        self._db = connection
        self._kept = kept

    def languages(self) -> tuple[str, ...]:
        """Return the codes of the languages of the articles, "" where unknown."""
        return tuple(self._articles_by_language())

    def languages_of(self, text: str) -> tuple[str, ...]:
        """Return the languages of the index that a question may be in, likeliest
        first."""
        articles = self._articles_by_language()
        if len(articles) < 2:
            return tuple(articles)
        counts = self._articles_by_word(set(vocabulary(text)), articles)
        return likely_languages(text, articles, lambda word, code: counts[code, word])

    def articles_with(
        self, words: Iterable[str], languages: Iterable[str]
    ) -> dict[str, int]:
        """Count the articles in these languages that contain each of these very words,
        in lower case; words that none contains are left out."""
        counts: dict[str, int] = {}
        for (_, word), articles in self._articles_by_word(words, languages).items():
            if articles:
                counts[word] = counts.get(word, 0) + articles
        return counts

    def similar_words(
        self, word: str, languages: Iterable[str], edits: int
    ) -> dict[str, int]:
        """Return the words that may be meant by a misspelt one, and how many articles
        contain each.

        Those in these languages that begin like it, or as if its first letters were
        swapped, and are at most ``edits`` letters shorter or longer; accents and
        ligatures aside.
        """
        counts: dict[str, int] = {}
        begins = tuple(beginnings(word))
        size = len(fold(word))
        for code, (first, last) in product(languages, _ranges(begins)):
            by_length = self._between(f"{code}/{first}", f"{code}/{last}")
            for length in range(size - edits, size + edits + 1):
                for other, articles in by_length.get(length, ()):
                    if fold(other).startswith(begins):
                        counts[other] = counts.get(other, 0) + articles
        return counts

    def _articles_by_language(self) -> dict[str, int]:
        if not self._kept.languages:
            counted = self._db.execute(
                "SELECT language, count(*) FROM articles GROUP BY language"
            )
            self._kept.languages = {row[0]: int(row[1]) for row in counted}
        return self._kept.languages

    def _articles_by_word(
        self, words: Iterable[str], languages: Iterable[str]
    ) -> dict[tuple[str, str], int]:
        """Count the articles of each language that contain each word."""
        asked = {
            f"{code}/{word}": (code, word)
            for code in set(languages)
            for word in set(words)
        }
        counts = filled(self._kept.articles, asked, self._articles_by_term)
        return {asked[term]: articles for term, articles in counts.items()}

    def _articles_by_term(self, terms: list[str]) -> dict[str, int]:
        rows = self._db.execute(
            "SELECT term, doc FROM json_each(?) JOIN vocabulary_words ON term = value",
            (json.dumps(terms),),
        )
        return dict.fromkeys(terms, 0) | {row[0]: int(row[1]) for row in rows}

    def _between(self, first: str, last: str) -> ByLength:
        """Return the words whose term sorts between these two."""
        known = self._kept.beginnings.get(first)
        if known is None:
            known = {}
            rows = self._db.execute(
                "SELECT term, doc FROM vocabulary_words WHERE term >= ? AND term < ?",
                (first, last),
            )
            for term, articles in rows:
                word = term.partition("/")[2]
                known.setdefault(len(fold(word)), []).append((word, int(articles)))
            self._kept.keep_beginning(first, known)
        return known


def _ranges(begins: Sequence[str]) -> list[tuple[str, str]]:
    """Return the ranges of words that may begin so once they are folded."""
    ranges = [(begin, begin + LAST_LETTER) for begin in begins]
    # An é is typed as e, but a Russian word begins with no Latin letter.
    if begins[0].isascii():
        ranges += ACCENTED
    return ranges
