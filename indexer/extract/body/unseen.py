"""The text that a page holds for browsers without scripts, or hands to scripts: put where
a reader of the page would see it.

Judges by how much prose there is; never shows a text that the page shows already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.extract.dom import Element, parse_html, visible_length

# Characters of paragraphs from which such text is an article's, and no request to turn
# scripts on.
PROSE = 200
# Characters by which a text is found again in the page.
_COMPARED = 120
# Types of scripts that hold HTML, not a program.
_HTML_TYPES = frozenset(["text/template", "text/html", "text/x-template"])
_TEMPLATE = re.compile(r"<(/?)template\b([^>]*)>", re.I)
_SHADOW = re.compile(r"\bshadowroot(?:mode)?\s*=", re.I)


def with_shadow_roots(source: str) -> str:
    """Return a page whose declarative shadow roots stand in it as boxes, as a browser
    shows them; the parser leaves templates empty."""
    if not _SHADOW.search(source):
        return source
    is_shadow: list[bool] = []  # of each template that is open

    def as_box(mark: re.Match[str]) -> str:
        closes, attributes = mark.groups()
        if closes:
            shows = is_shadow.pop() if is_shadow else False
        else:
            shows = _SHADOW.search(attributes) is not None
            is_shadow.append(shows)
        return f"<{closes}div{attributes}>" if shows else mark[0]

    return _TEMPLATE.sub(as_box, source)


def reveal(root: Element) -> None:
    """Turn elements with an article's text that no browser shows into boxes."""
    shown: str | None = None
    for element in list(root.elements("noscript", "script")):
        children = _content_of(element)
        if _prose_in(children) < PROSE:
            continue
        if shown is None:
            shown = _squeezed(_texts_shown(root))
        text = _squeezed(_paragraphs_in(children))
        if text[:_COMPARED] in shown:
            continue
        shown += text
        _show(element, children)


def _content_of(element: Element) -> list[Element]:
    if element.tag == "noscript":
        return element.child_elements
    if element.get("type").lower() not in _HTML_TYPES:
        return []
    body = parse_html(element.raw_text).first("body")
    return body.child_elements if body is not None else []


def _prose_in(elements: list[Element]) -> int:
    return sum(map(visible_length, _paragraphs_in(elements)))


def _paragraphs_in(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        for paragraph in element.elements("p"):
            yield from paragraph.texts()


def _texts_shown(root: Element) -> Iterator[str]:
    stack: list[Element | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif node.tag not in ("script", "style", "noscript", "template"):
            stack += reversed(node.children)


def _squeezed(texts: Iterator[str]) -> str:
    return "".join("".join(texts).split())


def _show(element: Element, children: list[Element]) -> None:
    element.tag = "div"
    element.attrs = {}
    element.children = list(children)
    for child in children:
        child.parent = element
