"""The words of a lexical index as all homes understand them: forms, fields, bounds.

It stores nothing; a home turns forms into its own query language.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import NamedTuple

from search.port_values import AnyOf, Phrase, Term
from search.text.folding import fold
from search.text.languages import COMPOUNDING
from search.text.tokenizer import running_forms, stemmed_alike, vocabulary
from search.text.word_forms import as_written, compound_parts, other_forms, runs_of

# What makes the words that are stored: of another one they are to be made again.
WORDS_VERSION = f"3, snowballstemmer {version('snowballstemmer')}"
SMOOTHING = 5.0  # articles: in a language of so few, a word's share counts half
# Logarithm: a language is left out where another is so many times likelier.
UNLIKELY = math.log(20)
K1, B = 1.2, 0.75  # of BM25, as FTS5 has them
SATURATION = K1 + 1  # the limit of a word's weight as it is repeated
LEAST_IDF = 1e-6  # FTS5's, of a word in more than half of all passages

# What FTS5's tokenizer of the embedded home takes for a word: every byte beyond ASCII is
# a letter, and so are the signs that the tokenizer leaves in words.
_WORD = re.compile(r"[0-9A-Za-z_#\\.<>+\-\x80-\U0010ffff]+")
_MEANT_SIGNS = "\\-#."  # a word that begins so is nothing without them: .NET, --flag


class Form(NamedTuple):
    """Words as they are indexed, one after the other; the last one may go on where
    ``is_prefix``."""

    words: tuple[str, ...]
    is_prefix: bool = False


class Fields(NamedTuple):
    """The words of a passage by field, each field separated by spaces, in the order of
    FIELD_WEIGHTS in search/ranking/weights.py."""

    title: str
    heading: str
    note: str
    text: str
    forms: str


def term_forms(text: str, languages: Sequence[str]) -> list[Form]:
    """Return the forms of one word as each language would write it: inflected, in a
    compound, with its signs."""
    forms: list[Form] = []
    for language in stemmed_alike(languages):
        forms += [Form((form,)) for _, _, form in as_written(text, language)]
        for words in runs_of(text, language):
            forms.append(Form(words))
            if len(words) == 1 and language in COMPOUNDING:
                parts = compound_parts(words[0])
                forms += [Form((part,), is_prefix=True) for part in parts]
    return _distinct(forms)


def phrase_forms(text: str, languages: Sequence[str]) -> list[Form]:
    """Return the forms of words in this order."""
    length = len(text.strip())
    whole = tuple(
        form
        for start, end, form in as_written(text)
        if end - start == length and form[0] in _MEANT_SIGNS
    )
    if whole:
        return [Form(whole)]
    forms: list[Form] = []
    for language in stemmed_alike(languages):
        forms += map(Form, runs_of(text, language))
    return _distinct(forms)


def forms_of(clause: Term | Phrase | AnyOf, languages: Sequence[str]) -> list[Form]:
    """Return the forms of which a passage has to contain any to match a clause."""
    match clause:
        case Term(text):
            return term_forms(text, languages)
        case Phrase(text):
            return phrase_forms(text, languages)
        case AnyOf(members):
            return [form for one in members for form in forms_of(one, languages)]


def fields(
    title: str, heading: str, text: str, *, language: str, is_note: bool
) -> Fields:
    """Return the words of a passage by field; ``heading`` is its path, separated by
    spaces."""
    parts = (title, heading, text)
    words: list[str] = []
    for part in parts:
        words.append(" ".join(running_forms(part, language)))
    # Other forms weigh less than the words as they run, hence a field of their own.
    other = (form for part in parts for _, _, form in other_forms(part, language))
    in_title, in_heading, in_text = words
    if is_note:
        return Fields(in_title, in_heading, in_text, "", " ".join(other))
    return Fields(in_title, in_heading, "", in_text, " ".join(other))


def indexed_words(field: str) -> list[str]:
    """Return the words of a field of Fields in order, as every home counts them."""
    return _WORD.findall(field)


def likely_languages(
    text: str, articles: Mapping[str, int], containing: Callable[[str, str], int]
) -> tuple[str, ...]:
    """Return the languages that a question may be in, likeliest first.

    ``articles`` counts the articles of each language of the index; ``containing``
    counts those of a language that contain a word. A word is as likely in a language as
    its share of that language's articles, drawn towards its share of all articles where
    the language has few.
    """
    if len(articles) < 2:
        return tuple(articles)
    likely = dict.fromkeys(articles, 0.0)  # logarithms
    for word in dict.fromkeys(vocabulary(text)):
        counts = {code: containing(word, code) for code in articles}
        usual = sum(counts.values()) / sum(articles.values())
        if not usual:  # a word that no language has says nothing
            continue
        for code, count in articles.items():
            share = (counts[code] + SMOOTHING * usual) / (count + SMOOTHING)
            likely[code] += math.log(share)
    most = max(likely.values(), default=0.0)
    near = (code for code, value in likely.items() if value > most - UNLIKELY)
    return tuple(sorted(near, key=lambda code: -likely[code]))


def inverse_frequency(frequency: int, passages: int) -> float:
    """Return the inverse document frequency of https://www.sqlite.org/fts5.html."""
    return max(LEAST_IDF, math.log((passages - frequency + 0.5) / (frequency + 0.5)))


def lexical_bound(frequencies: Iterable[int], passages: int) -> float:
    """Return the BM25 score that no passage exceeds, for terms that so many of all
    ``passages`` match each."""
    return SATURATION * sum(inverse_frequency(n, passages) for n in frequencies)


def beginnings(word: str) -> list[str]:
    """Return the first letters, folded, of words that may be meant by a misspelt one:
    its own, or its first two swapped."""
    first_two = fold(word)[:2]
    if len(set(first_two)) < 2:
        return [first_two[:1]]
    return [first_two[0], first_two[::-1]]


def _distinct(forms: Iterable[Form]) -> list[Form]:
    return list(dict.fromkeys(form for form in forms if form.words))
