"""The texts that trafilatura takes for a page's article; the only door to it.

Its texts are compared with ours and never stored: it loses formulas, captions and the
places of headings (docs/decisions.md). It is given the tree that we parsed, as it reads
a page otherwise than a browser, and only decoded text: of bytes that begin with a gzip
mark it inflates any amount.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import cached_property
from typing import Any

# Characters of a page beyond which it is not asked: on some pages its time grows with
# the square of their length.
LONGEST = 500_000
# It is asked twice: as it comes, and for more of the page without comparing extractors.
# On 650 annotated pages the one finds more of the text and the other cuts cleaner;
# which of them was right on a page is told by how much of it we have found too.
_WAYS: tuple[dict[str, Any], ...] = ({}, {"favor_recall": True, "fast": True})


class SecondReader:
    """Reads the markup of a page when it is asked to, once."""

    def __init__(self, markup: str) -> None:
        self._markup = markup

    @property
    def fullest(self) -> str:
        """The text that leaves out least, "" where nothing is found."""
        return self.texts[-1] if self.texts else ""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The plain texts of the article, one a way of asking, without readers'
        comments; none where it finds nothing or fails."""
        if len(self._markup) > LONGEST:
            return ()
        # 0.4 s: in the processes that parse, not in the program that starts them
        import trafilatura

        # its troubles with a page are not our user's
        for name in ("trafilatura", "htmldate"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        texts: list[str] = []
        for way in _WAYS:
            with suppress(Exception):  # whatever lxml and its own code raise
                text = trafilatura.extract(self._markup, include_comments=False, **way)
                if isinstance(text, str) and text.strip():
                    texts.append(text)
        return tuple(texts)
