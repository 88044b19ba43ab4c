"""Corrections of typing slips in a question, by the words of an index and its model.

It changes no name, nothing that is quoted and no operator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, compress
from typing import NamedTuple

from search.port_values import AnyOf, LexicalQuery, Phrase, Term
from search.ports import Embedder
from search.query import slips, spelling
from search.query.lexical import one_clause
from search.query.parser import LONGEST, Query, parse, plain_parts
from search.query.typed_words import neighbours, replaced, typed_words
from search.snapshot_port import Snapshot
from search.text.languages import STOP_WORDS, language_by_stop_words
from search.text.tokenizer import vocabulary
from search.types import Filters

RARE = 5  # articles; a word in more of them is one
COMMON = 3  # articles; two words are taken for one that is in as many
MOST_WORDS = 200  # a longer text is no question
SMOOTHING = 0.5  # passages
# English, the language of the default model; other words have no such endings as a rule.
_ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "ly")


class Respelt(NamedTuple):
    """A question with its slips corrected, to be asked in its place, and one that may be
    meant, to be offered; None where there is none."""

    corrected: str | None = None
    suggested: str | None = None


def respelt(
    question: str, filters: Filters, index: Snapshot, *, embedder: Embedder
) -> Respelt:
    """Look for typing slips in a question. Raises parse's QueryError."""
    query = parse(question, filters)
    # Only words outside of quotes and operators: those were meant as typed.
    text, parts = plain_parts(question)
    lexicon = _IndexWords(query, index, embedder)
    all_words = typed_words(text, parts, nouns_have_capitals=lexicon.is_german)
    words = [one for one in all_words if not one.is_name]
    if not 0 < len(words) <= MOST_WORDS:
        return Respelt()
    pairs = [(one.word, two.word) for one, two in neighbours(text, words)]
    found = spelling.meant([one.word for one in words], pairs, lexicon)
    corrected = replaced(text, words, found.sure)
    suggested = replaced(text, words, found.sure | found.likely)
    return Respelt(
        _if_new(corrected, text, is_any=bool(found.sure)),
        _if_new(suggested, text, is_any=bool(found.likely)),
    )


def _if_new(question: str, typed: str, *, is_any: bool) -> str | None:
    is_new = is_any and question != typed
    if is_new and len(question) <= LONGEST:
        return question.strip()
    return None


@dataclass(frozen=True)
class _IndexWords:
    """The answers of a spelling.Lexicon for one question."""

    query: Query
    index: Snapshot
    embedder: Embedder
    _doubtful: set[str] = field(default_factory=set)

    @property
    def articles(self) -> int:
        return self.index.manifest.articles

    @property
    def is_german(self) -> bool:
        return self._language == "de"

    def doubtful(self, words: Sequence[str]) -> dict[str, int]:
        unread = self._unread(words)
        counts = self._counts(unread)
        rare = [word for word in unread if counts.get(word, 0) <= RARE]
        is_question = 0 < len(rare) <= spelling.MOST_DOUBTFUL
        if not is_question or not self._is_of_known_language():
            return {}
        found = {word: counts.get(word) or self._occurs(Term(word)) for word in rare}
        self._doubtful.update(found)
        return found

    def like(self, word: str) -> dict[str, int]:
        return self.index.similar_words(word, self._languages, slips.edits(word))

    def lifts(
        self, words: Sequence[str], besides: Sequence[str]
    ) -> dict[str, float] | None:
        rest = (*self._telling, *map(Term, besides))
        if not rest:
            return None
        beside = AnyOf(rest)
        asked = [LexicalQuery((beside,), self._languages)]
        for word in words:
            asked.append(one_clause(Term(word), self._languages))
            asked.append(LexicalQuery((Term(word), beside), self._languages))
        have_rest, *counts = self.index.document_frequencies(asked)
        share = have_rest / max(1, self.index.manifest.passages)
        return {
            word: (both + SMOOTHING) / (have * share + SMOOTHING)
            for word, have, both in zip(words, counts[::2], counts[1::2], strict=True)
        }

    def is_joined(self, first: str, second: str) -> bool:
        joined = first + second
        is_common = self._counts([joined]).get(joined, 0) >= COMMON
        return is_common and not self._occurs(Phrase(f"{first} {second}"))

    def parted(self, word: str) -> str | None:
        places = range(spelling.SHORTEST_HALF, len(word) - spelling.SHORTEST_HALF + 1)
        halves = {half for at in places for half in (word[:at], word[at:])}
        known = {
            half
            for half, articles in self._counts(sorted(halves)).items()
            if len(half) >= spelling.SHORTEST or articles >= COMMON
        }
        for at in places:
            both = f"{word[:at]} {word[at:]}"
            if known.issuperset(both.split()) and self._occurs(Phrase(both)):
                return both
        return None

    def _unread(self, words: Sequence[str]) -> list[str]:
        """Return the words that the model doesn't read as one token, nor as one with an
        ending: such a word is one of its language, whether or not it occurs here."""
        telling = dict.fromkeys(words).keys() - STOP_WORDS
        bases = {word: _bases(word) for word in telling - self._read(telling)}
        known = self._read(chain.from_iterable(bases.values()))
        return sorted(word for word in bases if known.isdisjoint(bases[word]))

    def _read(self, words: Iterable[str]) -> set[str]:
        asked = list(words)
        is_one = map((1).__eq__, self.embedder.count_tokens(asked))
        return set(compress(asked, is_one))

    def _is_of_known_language(self) -> bool:
        """Tell if the question's common words speak against no language of the
        index."""
        known = {code[:2] for code in self._all_languages if code}
        return not (self._language and known) or self._language in known

    def _counts(self, words: Sequence[str]) -> Mapping[str, int]:
        if not words:
            return {}
        return self.index.articles_with(words, self._all_languages)

    def _occurs(self, clause: Term | Phrase) -> bool:
        query = one_clause(clause, self._all_languages)
        return self.index.document_frequencies([query]) != [0]

    @cached_property
    def _language(self) -> str:
        return language_by_stop_words(set(vocabulary(self.query.text)))

    @cached_property
    def _all_languages(self) -> tuple[str, ...]:
        return self.index.languages()

    @cached_property
    def _known_words(self) -> list[str]:
        def is_known(word: str) -> bool:
            # A question mark may stand at the end of the last one.
            return self._doubtful.isdisjoint(vocabulary(word))

        return list(filter(is_known, self.query.words))

    @cached_property
    def _languages(self) -> tuple[str, ...]:
        """The languages that the question may be in."""
        code = self.query.filters.language
        if code:
            return (code,)
        if self._language and self._language in self._all_languages:
            # Of some articles the language is unknown.
            return tuple({self._language, ""}.intersection(self._all_languages))
        return self.index.languages_of(" ".join(self._known_words))

    @cached_property
    def _telling(self) -> tuple[Term | Phrase, ...]:
        """The rarer half of the question's other words and phrases."""
        clauses: list[Term | Phrase] = list(map(Term, self._known_words))
        clauses += map(Phrase, self.query.phrases)
        asked = [one_clause(clause, self._languages) for clause in clauses]
        counts = self.index.document_frequencies(asked)
        # Of equally rare ones the first typed.
        held = sorted(
            filter(counts.__getitem__, range(len(counts))), key=counts.__getitem__
        )
        return tuple(clauses[place] for place in held[: (len(held) + 1) // 2])


def _bases(word: str) -> list[str]:
    """Return what a word may be a form of, in English."""
    found = []
    for ending in _ENDINGS:
        base = word.removesuffix(ending)
        if base == word or len(base) < spelling.SHORTEST_HALF:
            continue
        found.append(base)
        # caches, cleaved, practising
        if ending not in ("s", "ly"):
            found.append(f"{base}e")
    return found
