"""The text that trafilatura takes for a page's article; the only door to it.

It is asked where in a page the article may be, never for the article's text itself, of
which it loses a quarter on pages that it parses otherwise than a browser
(docs/decisions.md). It is only given decoded text: of bytes that begin with a gzip mark
it inflates any amount.
"""

from __future__ import annotations

import logging
from contextlib import suppress

# Characters of a page beyond which it is not asked: on some pages its time grows with
# the square of their length.
LONGEST = 500_000


def main_text(html: str) -> str:
    """Return the plain text of the article, "" where it finds none or fails."""
    if len(html) > LONGEST:
        return ""
    # 0.4 s: in the processes that parse, not in the program that starts them
    import trafilatura

    # its troubles with a page are not our user's
    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with suppress(Exception):  # whatever lxml and its own code raise: it is optional
        text = trafilatura.extract(
            html,
            include_comments=False,
            include_tables=True,
            favor_recall=True,
            fast=True,
            output_format="txt",
        )
        if isinstance(text, str):
            return text
        return ""
    return ""
