"""What trafilatura makes of a page: the only ``import trafilatura``.

It is asked where in a page the article may be and what its metadata say, never for the
article's text itself, of which it loses a quarter on pages it parses otherwise than a
browser (docs/decisions.md). Only ever given decoded text: of bytes that begin with a
gzip mark it inflates any amount.
"""

from __future__ import annotations

import logging
from contextlib import suppress

LONGEST = 500_000
"""Characters of a page beyond which it is not asked: its time grows with the square of
some pages' length."""

logging.getLogger("trafilatura").setLevel(
    logging.CRITICAL
)  # its parsing troubles are not our user's
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def main_text(html: str) -> str:
    """The plain text it takes for the article, "" where it finds none or fails."""
    if len(html) > LONGEST:
        return ""
    import trafilatura  # 0.4 s: in the processes that parse, not in the program that has them

    with suppress(
        Exception
    ):  # it raises what lxml and its own code raise; the opinion is optional
        text = trafilatura.extract(
            html,
            include_comments=False,
            include_tables=True,
            favor_recall=True,
            fast=True,
            output_format="txt",
        )
        return text if isinstance(text, str) else ""
    return ""
