"""A question with the letters of the index: coeur → cœur, strasse → straße.

A model reads these as different words, and the words of the full text are folded
anyway. Only what stands nowhere as it was typed is written otherwise.
"""

from __future__ import annotations

import re
import unicodedata

from search.snapshot_port import Snapshot
from search.text.folding import fold
from search.text.tokenizer import WORD, vocabulary

MOST_WORDS = 200  # a longer text is no question
# Its words have no letters but those of keyboards, and are most of many an index.
_PLAIN = "en"


def as_articles_write(text: str, index: Snapshot) -> str:
    """Return a text for the model, its words with the accents and ligatures that they
    have in the articles."""
    words = set(vocabulary(text))
    languages = index.languages()
    others = [code for code in languages if code != _PLAIN]
    # Who types accents means a word without one as it is.
    are_plain = all(map(str.isascii, words))
    if not (others and are_plain and 0 < len(words) <= MOST_WORDS):
        return text
    held = index.articles_with(sorted(words), languages)
    written: dict[str, str] = {}
    for word in sorted(words - held.keys()):
        alike = index.similar_words(word, others, 0)
        same = [other for other in alike if fold(other) == fold(word)]
        if same:
            written[word] = max(same, key=lambda other: (alike[other], other))

    def as_held(found: re.Match[str]) -> str:
        small = unicodedata.normalize("NFC", found[0]).lower()
        return written.get(small, found[0])

    return WORD.sub(as_held, text)
