"""The text that is embedded for a passage: a line of context, shortened where it is
long, and the passage's own text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from search.types import Passage

# Estimated tokens that title and heading path may take: 40 % of the smallest window in
# common use (128 less two marks), so that at least 60 % stays for the text.
CONTEXT_TOKENS = 50

# WordPiece and BPE vocabularies give an English word one or two tokens, and any other
# script, digits and punctuation up to one a character.
_LETTERS_PER_TOKEN = 4
_PART = re.compile(r"[A-Za-z]{1,16}|\s+|.", re.DOTALL)


def embedding_key(text: str) -> str:
    """Return the sha256 of an embedded text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def embedding_text(passage: Passage, title: str) -> str:
    """Return the text to embed for a passage. The splitter measures this very text
    against the window."""
    context = _shortened(title, passage.heading)
    if not context:
        return passage.text
    return f"{context}\n{passage.text}"


def estimated_tokens(text: str) -> int:
    """Return a cautious count of tokens that needs no model: about twice the truth for
    English prose."""
    return sum(map(_cost, _PART.findall(text)))


@lru_cache(maxsize=2048)
def _shortened(title: str, heading: tuple[str, ...]) -> str:
    """Return title and path on one line; of a long path the inner headings are kept, as
    they say most."""
    whole = Passage(text="-", heading=heading).context(title)
    if estimated_tokens(whole) <= CONTEXT_TOKENS:
        return whole
    path = [name for name in heading if name not in ("", title)]
    room = CONTEXT_TOKENS
    if path:
        # Titles are longer than headings, and would leave no room to them.
        room //= 2
    start = _cut(title, room)
    inner = _innermost(path, CONTEXT_TOKENS - estimated_tokens(start) - 1)
    return " › ".join(filter(None, (start, *inner)))


def _innermost(path: Sequence[str], room: int) -> list[str]:
    """Return the last names of a path that fit the room; where none does, the last one
    cut short."""
    kept: list[str] = []
    for name in reversed(path):
        room -= estimated_tokens(name) + 1
        if room < 0:
            break
        kept.insert(0, name)
    if path and not kept:
        return [_cut(path[-1], room + estimated_tokens(path[-1]) + 1)]
    return kept


def _cut(text: str, room: int) -> str:
    """Return the longest beginning within ``room`` estimated tokens, with "…" where
    something was cut."""
    spent = end = 0
    for part in _PART.finditer(text):
        spent += _cost(part.group())
        if spent > room:
            return text[:end].rstrip() + "…"
        if spent < room:  # one is kept for the "…"
            end = part.end()
    return text


def _cost(part: str) -> int:
    if part.isspace():
        return 0
    if part.isascii() and part.isalpha():
        return ceil(len(part) / _LETTERS_PER_TOKEN)
    # A Hangul syllable is read as its letters.
    return len(unicodedata.normalize("NFD", part))
