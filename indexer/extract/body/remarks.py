"""Readers' remarks told by their shape: several boxes made alike, each of which begins
with who wrote it and when.

Needs no names, which every theme gives anew.
"""

from __future__ import annotations

import re
from collections import defaultdict

from indexer.extract.dom import Element

# Boxes of one shape from which they are remarks; of fewer a post may consist.
FEWEST = 3
_BOXES = frozenset(["div", "li", "article", "section", "dd", "tr", "blockquote"])
_LOOKED_AT = 160  # characters at the beginning of a box
_WROTE = re.compile(
    r"""\b(?:says|wrote|said|replied|commented|posted|schrieb|schreibt|sagt|sagte|meint|kommentierte|a\s+écrit|dit|dice|dijo|escribió|
    ha\s+scritto|scrive|disse|escreveu|skrev|schreef|zegt|napisał|pisze|пишет|написал)\b""",
    re.I | re.X,
)
_WHEN = re.compile(
    r"\b\d{1,2}[:.h]\d\d\b|\b(?:19|20)\d\d\b|\b\d+\s+(?:minutes?|hours?|days?|weeks?|months?|years?)\s+ago\b",
    re.I,
)


def remarks_in(element: Element) -> set[int]:
    """Return the ids (Python's) of those child elements that are readers' remarks."""
    alike: dict[tuple[str, str], list[Element]] = defaultdict(list)
    for child in element.child_elements:
        if child.tag in _BOXES and child.size:
            alike[child.tag, child.get("class")].append(child)
    found: set[int] = set()
    for boxes in alike.values():
        if len(boxes) >= FEWEST and all(map(_is_remark, boxes)):
            found.update(map(id, boxes))
    return found


def _is_remark(box: Element) -> bool:
    start = box.text[:_LOOKED_AT]
    wrote = _WROTE.search(start)
    return wrote is not None and _WHEN.search(start) is not None
