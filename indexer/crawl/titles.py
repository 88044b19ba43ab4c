"""The title of an article of which nobody gives a proper one: its first words.

Asks nothing; short posts of microblogs have no title, others one that says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from search.text.sentences import sentence_spans
from search.types import Block

LONGEST_FIRST_WORDS = 80  # characters; a line of a list of results
_NO_TITLE = re.compile(
    r"\W*(?:untitled(?: (?:post|note|entry))?|no title|\(?no subject\)?|ohne titel|unbenannt|sans titre"
    r"|sin título|senza titolo|sem título|без названия|无标题|無題)\W*",
    re.IGNORECASE,
)
_HAS_WORD = re.compile(r"[^\W_]")


def proper_title(title: str, site: str, blocks: Sequence[Block]) -> str:
    """Return a title that says something of the article, "" where there is none.

    A sign alone is set before the article's first words; what says that there is no
    title, or names the site alone, is none.
    """
    if not title or _NO_TITLE.fullmatch(title) or title == site:
        return ""
    if _HAS_WORD.search(title):
        return title
    return f"{title} {first_words(blocks)}".strip()


def first_words(blocks: Sequence[Block]) -> str:
    """Return the first sentence of an article, cut where it is long; "" for none."""
    texts = (" ".join(block.text.split()) for block in blocks)
    text = next(filter(None, texts), "")
    spans = sentence_spans(text[: 4 * LONGEST_FIRST_WORDS])
    if spans:
        _, end = spans[0]
        text = text[:end]
    if len(text) <= LONGEST_FIRST_WORDS:
        return text
    cut = text[:LONGEST_FIRST_WORDS]
    whole_words = cut.rpartition(" ")[0] or cut
    return whole_words.rstrip(" ,;:–—-") + "…"
