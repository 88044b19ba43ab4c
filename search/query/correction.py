"""What is asked of an index, its words and its model, to mend the typing slips of a
question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from search.index.sqlite.articles import Passages
from search.index.sqlite.fts5_query import phrase, term
from search.index.sqlite.fulltext import FullText
from search.ports import Embedder
from search.query import spelling
from search.query.parser import LONGEST, Query, parse, plain_parts
from search.text.languages import STOP_WORDS, language_by_stop_words
from search.text.tokenizer import vocabulary
from search.types import Filters


def corrected(
    question: str, filters: Filters, stored: Passages, embedder: Embedder
) -> str | None:
    """The question with its typing slips mended, None where there is none. Raises
    parse's QueryError."""
    asked = _Asked(
        parse(question, filters), stored.fulltext, stored.languages(), embedder
    )
    text, parts = plain_parts(question)
    if not asked.is_of_a_language_held():
        return None  # the words of another language are no slips
    lexicon = spelling.Lexicon(asked.knows, asked.like, asked.supports, asked.adjoins)
    meant = spelling.slips(text, parts, lexicon)
    mended = spelling.mended(text, parts, meant)
    if mended == text or len(mended) > LONGEST:
        return None
    # what is mended now may support what was meant by other words
    again = None in meant.values()
    return corrected(mended, filters, stored, embedder) or mended if again else mended


@dataclass(frozen=True)
class _Asked:
    """A spelling.Lexicon's answers for one question; ``held`` are the languages of the
    index."""

    query: Query
    fulltext: FullText
    held: Sequence[str]
    embedder: Embedder

    def is_of_a_language_held(self) -> bool:
        """Whether its common words speak against no language of the index."""
        language = language_by_stop_words(set(vocabulary(self.query.text)))
        known = {code[:2] for code in self.held if code}
        return not (language and known) or language in known

    def knows(self, word: str) -> bool:
        """Whether any language of the index holds the word in any form, or the model
        reads it as one token: that is a word of its language that just does not occur
        here."""
        return (
            word in STOP_WORDS
            or self.fulltext.is_spelt(word, self.held)
            or self.embedder.count_tokens([word]) == [1]
            or self.fulltext.frequency(term(word, self.held)) > 0
        )

    def like(self, word: str) -> dict[str, int]:
        return self.fulltext.spelt_like(word, self._spoken, spelling.edits(word))

    def supports(self, word: str) -> int | None:
        if not self._telling:
            return None
        return self.fulltext.frequency(
            f"{term(word, self._spoken)} AND ({' OR '.join(self._telling)})"
        )

    def adjoins(self, first: str, second: str) -> bool:
        return (
            all(self.fulltext.is_spelt(half, self._spoken) for half in (first, second))
            and self.fulltext.frequency(phrase(f"{first} {second}", self._spoken)) > 0
        )

    @cached_property
    def _spoken(self) -> Sequence[str]:
        language = self.query.filters.language
        return (language,) if language else self.fulltext.languages_of(self.query.text)

    @cached_property
    def _telling(self) -> list[str]:
        """Expressions of the rarer half of the question's other words and phrases.
        Words that are known but not held are among them, so that they speak against a
        question that the index knows nothing of."""
        matches = [
            term(word, self._spoken)
            for word in self.query.words
            if self.knows(word.lower())
        ]
        matches += [phrase(text, self._spoken) for text in self.query.phrases]
        return sorted(matches, key=self.fulltext.frequency)[: (len(matches) + 1) // 2]
