"""The markup of a tree, for a reader that parses HTML otherwise than a browser.

Closes what its author left open, and makes no text of figures: an unclosed
``<figure>`` swallows the rest of an article, which other readers take for a picture.
"""

from __future__ import annotations

import html
import re
from operator import attrgetter

from indexer.extract.dom import Element
from indexer.text.markup import word_set

_VOID = word_set("area base br col embed hr img input link meta param source track wbr")
_RAW = frozenset(["script", "style"])
_NAME = re.compile(r"[A-Za-z][\w:.-]*")
# Elements without a text for anybody; half of most pages.
_TEXTLESS = frozenset(["style", "svg"])
_LONGEST_VALUE = 500  # characters of an attribute; longer ones are data
# Characters of paragraphs in a figure from which it is no figure but was left open.
_PROSE_IN_FIGURE = 500
# The signs of a displayed formula that has a box to itself.
_FORMULA = "$$"


def markup_of(root: Element) -> str:
    """Return the HTML of a tree. Sizes must be measured."""
    parts = ["<!doctype html>"]
    # what is still to be written: elements, texts, and end tags
    stack: list[Element | str | tuple[str]] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            parts.append(f"</{node[0]}>")
        elif isinstance(node, str):
            parts.append(html.escape(node, quote=False))
        else:
            if _is_textless(node):
                continue
            tag = _tag_of(node)
            parts.append(f"<{tag}{_attributes_of(node)}>")
            if tag in _RAW:
                parts.append(f"{node.raw_text}</{tag}>")
            elif tag not in _VOID:
                stack.append((tag,))
                stack += reversed(node.children)
    return "".join(parts)


def _is_textless(element: Element) -> bool:
    """Tell whether an element has no text; JSON-LD may have the article's."""
    if element.tag == "script":
        return element.get("type").lower() != "application/ld+json"
    return element.tag in _TEXTLESS


def _tag_of(element: Element) -> str:
    if not _NAME.fullmatch(element.tag):
        return "span"
    if element.tag == "figure":
        prose = sum(map(attrgetter("unlinked"), element.elements("p")))
        return "div" if prose > _PROSE_IN_FIGURE else "figure"
    if element.tag == "div" and not element.child_elements:
        is_formula = element.raw_text.lstrip().startswith(_FORMULA)
        return "p" if is_formula else "div"
    return element.tag


def _attributes_of(element: Element) -> str:
    return "".join(
        f' {name}="{html.escape(value)}"'
        for name, value in element.attrs.items()
        if len(value) <= _LONGEST_VALUE and _NAME.fullmatch(name)
    )
