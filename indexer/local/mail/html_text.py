"""The blocks of a newsletter's HTML.

What only an eye would not see goes first: previews in white on white, pixels, tables
that lay the mail out.
"""

from __future__ import annotations

import re
from itertools import chain

from indexer.extract.article import fragment_blocks
from indexer.extract.dom import Element, parse_html
from indexer.extract.tables import rows_of
from indexer.local.mail.footers import MARKS, mark_of, without_footers
from indexer.local.mail.redirects import with_plain_addresses
from search.types import Block

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0"
    r"|(?:font-size\s*:\s*[01]|opacity\s*:\s*0)(?:\.0+)?(?:px|pt|em|%)?\s*(?:!|;|$)",
    re.IGNORECASE,
)
_PREVIEW = re.compile(r"pre-?header|preview-?text", re.IGNORECASE)
_LONGEST_PREVIEW = 1_000  # characters; a class of that name may hold more than one
# Characters of no width that fill the preview up.
_FILLING = re.compile(
    "[\u034f\u00ad\u115f\u1160\u180e\u200b\u2060-\u2064\u2800\u3164\ufeff]+|(?:[\u200c\u200d][\\s\u00a0]*){2,}"
)


def blocks_of_html(html: str) -> tuple[Block, ...]:
    """Return the blocks of a mail in HTML, without links that are no part of it."""
    root = parse_html(MARKS.sub("", html))
    _remove_hidden(root)
    for table in list(root.elements("table")):
        _lay_open(table)
    for link in root.elements("a"):
        _tidy_link(link)
    for element in root.elements():
        element.children = [_filled(child) for child in element.children]
    return without_footers(fragment_blocks(root))


def addresses_in(html: str) -> list[tuple[str, str]]:
    """Return the links of a mail as text and address."""
    links = parse_html(html).elements("a")
    return [(link.text[:200], link.get("href").strip()) for link in links]


def _remove_hidden(root: Element) -> None:
    for element in list(root.elements()):
        if element.tag in ("html", "body"):
            continue
        is_preview = _PREVIEW.search(" ".join(element.names)) is not None
        if is_preview and len(element.text) > _LONGEST_PREVIEW:
            is_preview = False
        if is_preview or _HIDDEN.search(element.get("style")):
            element.remove()


def _lay_open(table: Element) -> None:
    """Turn a table that lays the mail out into boxes."""
    # Programs that write mails use no other way to set one thing under the other; a
    # table of data has headings.
    rows = rows_of(table)
    if any(cell.tag == "th" for row in rows for cell in row):
        return
    parts = [table, *table.child_elements]
    for group in table.child_elements:
        if group.tag != "tr":
            parts += group.child_elements
    for part in (*parts, *chain.from_iterable(rows)):
        part.tag = "div"


def _tidy_link(link: Element) -> None:
    mark = mark_of(link.text, link.get("href"))
    if mark:
        link.children = [mark]


def _filled(child: Element | str) -> Element | str:
    if not isinstance(child, str):
        return child
    return with_plain_addresses(_FILLING.sub(" ", child))
