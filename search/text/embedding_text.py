"""What of a passage is embedded: a line of context, cut short where it is long, and the
text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from search.types import Passage

# Estimated tokens that title and heading path may take: 40 % of the smallest window in
# common use (128 less two marks), so that at least 60 % stays for the text.
CONTEXT_TOKENS = 50

# WordPiece and BPE vocabularies give an English word one or two tokens, and any other
# script, digits and punctuation up to one a character.
_LETTERS_PER_TOKEN = 4
_PART = re.compile(r"[A-Za-z]{1,16}|\s+|.", re.DOTALL)


def embedding_text(passage: Passage, title: str) -> str:
    """The string to embed for a passage. The splitter measures this very string against
    the window."""
    context = _shortened(title, passage.heading)
    return f"{context}\n{passage.text}" if context else passage.text


def estimated_tokens(text: str) -> int:
    """A cautious count of tokens that needs no model: about twice the truth for English
    prose."""
    return sum(_cost(part) for part in _PART.findall(text))


@lru_cache(maxsize=2048)
def _shortened(title: str, heading: tuple[str, ...]) -> str:
    """Title and path on one line; of a long path the inner headings are kept, they say
    most."""
    whole = Passage(text="-", heading=heading).context(title)
    if estimated_tokens(whole) <= CONTEXT_TOKENS:
        return whole
    path = [h for h in heading if h and h != title]
    start = _cut(title, CONTEXT_TOKENS // 2 if path else CONTEXT_TOKENS)
    room = CONTEXT_TOKENS - estimated_tokens(start) - 1
    kept: list[str] = []
    for name in reversed(path):
        cost = estimated_tokens(name) + 1
        if cost > room:
            if not kept:
                kept.append(_cut(name, room))
            break
        kept.insert(0, name)
        room -= cost
    return " › ".join(part for part in (start, *kept) if part)


def _cut(text: str, room: int) -> str:
    """The longest beginning within ``room`` estimated tokens, with "…" where something
    was cut."""
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
        return -(-len(part) // _LETTERS_PER_TOKEN)
    return len(
        unicodedata.normalize("NFD", part)
    )  # a Hangul syllable is read as its letters
