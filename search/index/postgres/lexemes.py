"""The words of a passage as PostgreSQL keeps them: a tsvector to find them, and their
frequencies to score them.

Pure: no database is asked. What the words are is search/text/tokenizer.py's.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.index.lexicon import Fields, Form, indexed_words
from search.ranking.weights import FIELD_WEIGHTS

# A passage has a note or a text, which weigh the same: four labels do for five fields.
LABELS = Fields(title="A", heading="B", note="C", text="C", forms="D")
GAP = 2  # places between two fields, so that no phrase goes from one to the next
LAST_PLACE = 16_383  # PostgreSQL's: words beyond all have this place
LONGEST = 500  # bytes of a word that is kept whole; PostgreSQL takes 2,046
UNCUT = LONGEST // 4  # letters of at most four bytes each
HALVES = 2  # frequencies are stored in halves, the least of FIELD_WEIGHTS
_RECORD = np.dtype([("word", "<u4"), ("frequency", "<u2")])


class IndexedWords(NamedTuple):
    """A passage's words: the tsvector as text, the frequencies, and the length in words;
    ``tokens`` are the different ones."""

    vector: str
    frequencies: bytes
    length: int
    tokens: frozenset[str]


def indexed(written: Fields) -> IndexedWords:
    """Return what is stored of a passage's words by field."""
    # Places are counted as FTS5 does, but for the gaps.
    places: dict[str, list[str]] = {}
    weights: dict[str, int] = {}
    begin, length = 1, 0
    for field, label, weight in zip(written, LABELS, FIELD_WEIGHTS, strict=True):
        words = list(map(lexeme, indexed_words(field)))
        halves = round(HALVES * weight)
        for place, word in enumerate(words, begin):
            at = f"{place if place < LAST_PLACE else LAST_PLACE}{label}"
            # The copy of an index spends most of its time here.
            if word in places:
                places[word].append(at)
                weights[word] += halves
            else:
                places[word] = [at]
                weights[word] = halves
        length += len(words)
        begin += len(words) + GAP
    vector = " ".join([f"{quoted(word)}:{','.join(at)}" for word, at in places.items()])
    return IndexedWords(vector, _packed(weights), length, frozenset(places))


def frequencies_of(
    stored: Sequence[bytes], words: Sequence[str]
) -> NDArray[np.float32]:
    """Return how often each of the words stands in each passage, fields by their
    weights: float32, shape (len(stored), len(words))."""
    found = np.zeros((len(stored), len(words)), np.float32)
    if not stored or not words:
        return found
    # All passages at once: a question scores thousands.
    rows = np.frombuffer(b"".join(stored), _RECORD)
    sizes = np.array([len(one) // _RECORD.itemsize for one in stored])
    owners = np.repeat(np.arange(len(stored)), sizes)
    for column, word in enumerate(words):
        places = np.flatnonzero(rows["word"] == word_hash(word))
        found[owners[places], column] = rows["frequency"][places] / HALVES
    return found


@lru_cache(maxsize=100_000)  # an article's words come again in the next one
def word_hash(word: str) -> int:
    """Return the number by which frequencies name a word: CRC-32, of which two words of
    one passage share one in some 50 million."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def lexeme(word: str) -> str:
    """Return a word as it is kept: what is longer than any word loses its end."""
    if len(word) <= UNCUT:
        return word
    return word.encode("utf-8", "ignore")[:LONGEST].decode("utf-8", "ignore")


def query_of(forms: Iterable[Form]) -> str:
    """Return the tsquery of any of these forms, "" where there is none with words."""
    return any_of([one for one in map(form_query, forms) if one])


def title_query(forms: Iterable[Form]) -> str:
    """Return the tsquery of any of these forms in a title, "" where none has words."""
    found = [form_query(form, LABELS.title) for form in forms]
    return any_of([one for one in found if one])


def form_query(form: Form, label: str = "") -> str:
    """Return the tsquery of one form, its words one after the other, "" without any;
    with a label of LABELS of those in this field alone."""
    words = words_of(form)
    if not words:
        return ""
    # Neighbours in the tsvector are neighbours in one field.
    parts = list(map(quoted, words))
    if label:
        parts = [f"{part}:{label}" for part in parts]
    if form.is_prefix:
        parts[-1] += "*" if label else ":*"
    return f"({' <-> '.join(parts)})" if len(parts) > 1 else parts[0]


def words_of(form: Form) -> list[str]:
    """Return the words of a form as they are kept."""
    return list(map(lexeme, indexed_words(" ".join(form.words))))


def any_of(queries: Sequence[str]) -> str:
    """Return the tsquery of any of these, "" where there are none."""
    if len(queries) < 2:
        return "".join(queries)
    return f"({' | '.join(queries)})"


def quoted(word: str) -> str:
    """Return a word so that nothing in it is read as syntax."""
    if "\\" in word or "'" in word:
        word = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{word}'"


def _packed(weights: dict[str, int]) -> bytes:
    rows = np.zeros(len(weights), _RECORD)
    rows["word"] = list(map(word_hash, weights))
    rows["frequency"] = np.minimum(list(weights.values()), np.iinfo(np.uint16).max)
    return rows.tobytes()
