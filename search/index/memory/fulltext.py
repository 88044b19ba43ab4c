"""BM25 over passages in memory, by FTS5's formula and with its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search.index.lexicon import (
    K1,
    B,
    Form,
    fields,
    forms_of,
    indexed_words,
    inverse_frequency,
    phrase_forms,
)
from search.port_values import AnyOf, LexicalQuery, Phrase, Scope
from search.ranking.weights import FIELD_WEIGHTS
from search.types import Article, Passage


class MemoryFullText:
    """The words of passages, by id and field."""

    def __init__(self, entries: Mapping[int, tuple[Article, Passage]]) -> None:
        self._fields: dict[int, list[list[str]]] = {}
        for number, (article, passage) in entries.items():
            written = fields(
                article.title,
                " ".join(passage.heading),
                passage.text,
                language=article.language,
                is_note=passage.is_note,
            )
            self._fields[number] = list(map(indexed_words, written))
        self._lengths = {
            number: sum(map(len, found)) for number, found in self._fields.items()
        }

    def matching(self, query: LexicalQuery) -> set[int]:
        """Return the ids of the passages that match."""
        if not query.clauses:
            return set()
        found = set(self._fields)
        for clause in query.clauses:
            found &= self._matching(forms_of(clause, query.languages))
        return found

    def titled(self, text: str, languages: Sequence[str]) -> set[int]:
        """Return the ids of the passages of articles with these words in their
        title."""
        forms = phrase_forms(text, languages)
        return {
            number
            for number, (title, *_) in self._fields.items()
            if any(_count(title, form) for form in forms)
        }

    def within(self, scope: Scope, languages: tuple[str, ...]) -> set[int]:
        """Return the passages that a scope leaves by what stands in them."""
        found = set(self._fields)
        for text in scope.required:
            found &= self.matching(LexicalQuery((Phrase(text),), languages))
        for text in scope.titled:
            found &= self.titled(text, languages)
        for texts in scope.alternatives:
            either = AnyOf(tuple(map(Phrase, texts)))
            found &= self.matching(LexicalQuery((either,), languages))
        return found

    def scores(self, query: LexicalQuery) -> dict[int, float]:
        """Return the BM25 score of each passage that matches."""
        scores = dict.fromkeys(self.matching(query), 0.0)
        mean = sum(self._lengths.values()) / max(1, len(self._lengths))
        for clause in query.clauses:
            for form in forms_of(clause, query.languages):
                rarity = inverse_frequency(
                    len(self._matching([form])), len(self._fields)
                )
                for number in scores:
                    count = self._weighted_count(number, form)
                    room = K1 * (1 - B + B * self._lengths[number] / mean)
                    scores[number] += rarity * count * (K1 + 1) / (count + room)
        return scores

    def _matching(self, forms: Sequence[Form]) -> set[int]:
        return {
            number
            for number, found in self._fields.items()
            if any(_count(words, form) for words in found for form in forms)
        }

    def _weighted_count(self, number: int, form: Form) -> float:
        counts = [_count(words, form) for words in self._fields[number]]
        return sum(
            weight * count for weight, count in zip(FIELD_WEIGHTS, counts, strict=True)
        )


def _count(words: Sequence[str], form: Form) -> int:
    """Count the places where a form stands among words."""
    *first, last = indexed_words(" ".join(form.words)) or [""]
    size = len(first) + 1
    count = 0
    for start in range(len(words) - size + 1):
        run = words[start : start + size]
        is_last = run[-1] == last
        if form.is_prefix:
            is_last = run[-1].startswith(last)
        if is_last and run[:-1] == first:
            count += 1
    return count
