"""The words of a question that may be typing slips, and the question with others in
their place.

Names, acronyms, identifiers and version numbers are what was meant. Nothing is looked
up here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from search.text.languages import STOP_WORDS
from search.text.tokenizer import UNIT

SHORTEST = 3  # letters of a word, or of one half of a word that was typed as two
SHORTEST_CAPITALS = 5  # letters; shorter words in capitals are acronyms as a rule
LONGEST = 40  # letters; what is longer is no word
TITLE = 3  # words; two with capitals are a name: Linus Torvalds

_LETTERS = r"[^\W\d_]+"
_WORDY = re.compile(rf"{_LETTERS}(?:[-'’\u2010\u2011]{_LETTERS})*")
_WORD = re.compile(_LETTERS)
_OPENING, _CLOSING = "([{'‘*¿¡", ")]}'’*.,;:!?…"
_SENTENCE_END = re.compile(r"[.!?:…]\W*\Z")

Span = tuple[int, int]


class TypedWord(NamedTuple):
    """A word in lower case, and where it begins and ends in the question.

    ``is_name``: its capital is not that of a sentence or a title.
    """

    word: str
    start: int
    end: int
    is_name: bool


def typed_words(
    text: str, parts: Sequence[Span], *, nouns_have_capitals: bool = False
) -> list[TypedWord]:
    """Return the words in these parts of a text, which stand between spaces, that may
    be slips, in their order."""
    spans = list(chain.from_iterable(_words(text, part) for part in parts))
    words = [text[start:end] for start, end in spans]
    is_shouted = len(words) >= TITLE and text.upper() == text
    untelling = (nouns_have_capitals, is_shouted, _is_title(words))
    capitals_tell = not any(untelling)
    least = SHORTEST
    if is_shouted:
        least = SHORTEST_CAPITALS
    found = []
    for place, (start, end) in enumerate(spans):
        word = words[place]
        # Capitals inside are those of acronyms and identifiers.
        is_plain = is_shouted or word[1:].islower()
        if is_plain and least <= len(word) <= LONGEST:
            is_name = capitals_tell and _is_name(text, spans, place)
            found.append(TypedWord(word.lower(), start, end, is_name))
    return found


def neighbours(
    text: str, words: Sequence[TypedWord]
) -> list[tuple[TypedWord, TypedWord]]:
    """Return the pairs of words with nothing but spaces between them."""
    pairs = pairwise(words)
    return [(one, two) for one, two in pairs if text[one.end : two.start].isspace()]


def replaced(text: str, words: Sequence[TypedWord], meant: Mapping[str, str]) -> str:
    """Return the text with what was meant in place of the words, and of two words typed
    for one, which ``meant`` names with a space between."""
    edits: list[tuple[int, int, str]] = []
    joined: set[TypedWord] = set()
    for one, two in neighbours(text, words):
        instead = meant.get(f"{one.word} {two.word}")
        if instead and one not in joined:
            edits.append((one.start, two.end, instead))
            joined.update((one, two))
    for one in words:
        if one.word in meant and one not in joined:
            edits.append((one.start, one.end, meant[one.word]))
    for start, end, instead in sorted(edits, reverse=True):
        text = text[:start] + _cased(instead, text[start:end]) + text[end:]
    return text


def _words(text: str, part: Span) -> list[Span]:
    start, end = part
    inner = text[start:end].lstrip(_OPENING)
    start = end - len(inner)
    inner = inner.rstrip(_CLOSING)
    if not _WORDY.fullmatch(inner) or UNIT.search(inner):
        return []
    return [(start + one.start(), start + one.end()) for one in _WORD.finditer(inner)]


def _is_title(words: Sequence[str]) -> bool:
    """Tell if all words but the common ones have capitals, as a title has them."""
    initials = [word[0] for word in words if word.lower() not in STOP_WORDS]
    return len(initials) >= TITLE and all(map(str.isupper, initials))


def _is_name(text: str, spans: Sequence[Span], place: int) -> bool:
    """Tell if a word has a capital though no sentence begins with it, or is followed by
    another that has one."""
    start, _ = spans[place]
    if not text[start].isupper():
        return False
    before = text[:start].strip()
    if before and not _SENTENCE_END.search(before):
        return True
    is_last = place + 1 == len(spans)
    return not is_last and text[spans[place + 1][0]].isupper()


def _cased(word: str, typed: str) -> str:
    if len(typed) > 1 and typed.isupper():
        return word.upper()
    if typed[0].isupper():
        return word[0].upper() + word[1:]
    return word
