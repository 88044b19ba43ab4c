"""The HTML elements that make the lines, headings and boilerplate of a page of links."""

from __future__ import annotations

import re

from indexer.extract.dom import Element
from indexer.text.markup import word_set

HEADINGS = {f"h{level}": level for level in range(1, 7)}
ITEMS = frozenset({"li", "tr", "dt"})
LINES = ITEMS | word_set(
    """
    p td th dd figcaption blockquote div section article main pre address details
    summary
    """
)
# A block inside one of these belongs to its line.
WHOLE_LINES = ITEMS | HEADINGS.keys()
# Their ends close a line; that of a term goes on through its definitions.
CLOSING = LINES - {"dt"} | {"dl"}
_SKIPPED = word_set(
    """
    script style template noscript nav aside footer form button select textarea svg math
    iframe object head
    """
)
# The names of these tell of a page, or of what their text is about, not of their part.
_NEVER_SKIPPED = frozenset({"body", "main", "article", "a", "code", "pre"})
# Classes and ids as the themes of blog software have them.
_SKIPPED_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|footer|comments?"
    r"|pagination|pager|share|sharing|social|related|toc|table-of-contents|site-header"
    r"|masthead|cookie|subscribe|newsletter|skip-link)(?:$|[\s_-])",
    re.IGNORECASE,
)
_LONGEST_NAMES = 500  # characters; a bound for the search
_SKIPPED_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary"}
)


def is_skipped(element: Element) -> bool:
    """Say if an element is navigation, a side bar, comments or unseen: no part of the
    page's own text."""
    if element.tag in _SKIPPED:
        return True
    if element.tag in _NEVER_SKIPPED:
        return False
    if element.get("role") in _SKIPPED_ROLES or "hidden" in element.attrs:
        return True
    names = f"{element.get('class')} {element.get('id')}"
    return bool(_SKIPPED_NAMES.search(names[:_LONGEST_NAMES]))
