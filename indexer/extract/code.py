"""Code in a page → its lines, whole: indentation kept, line numbers and buttons left
out."""

from __future__ import annotations

import re

from indexer.extract.dom import Element
from indexer.text.markup import word_set

_PREFORMATTED = frozenset(["pre", "listing", "xmp", "plaintext"])
_NUMBERS = word_set(
    """
    linenos lineno linenodiv line-numbers line-numbers-rows linenumber linenumbers line-number gutter
    rouge-gutter ln lnt crayon-nums crayon-num blob-num line_numbers code-gutter hljs-ln-numbers
    react-syntax-highlighter-line-number ec-line-number cm-gutters gl
    """
)
_BUTTONS = frozenset(
    ["button", "svg", "style", "script", "noscript", "textarea", "input"]
)
_LINES = frozenset(["div", "p", "li", "tr", "ol", "ul", "table"])
_SOURCES = frozenset(["syntaxhighlighter", "crayon-syntax", "code-block", "codeblock"])
_DIGITS = re.compile(r"[\d\s.:|]*")


def is_code(element: Element) -> bool:
    """Whether this element as a whole is a piece of code."""
    if element.tag in _PREFORMATTED:
        return True
    if element.tag == "table":
        return _numbered_cells(element)
    if element.tag == "code":
        return _is_block(element)
    return element.tag == "div" and _is_source_box(element)


def text_of(element: Element) -> str:
    """The lines of code, without the newlines around them."""
    if element.tag == "table":
        return (
            "\n".join(_lines(cell) for cell in _code_cells(element))
            .rstrip()
            .strip("\n")
        )
    return _lines(element)


def _lines(element: Element) -> str:
    out: list[str] = []
    _gather(element, out)
    return "".join(out).rstrip().strip("\n")


def _gather(element: Element, out: list[str]) -> None:
    for child in element.children:
        if isinstance(child, str):
            out.append(child)
        elif child.tag == "br":
            out.append("\n")
        elif child.tag not in _BUTTONS and not _is_number(child):
            is_line = child.tag in _LINES
            if is_line:
                _end_line(out)
            _gather(child, out)
            if is_line:
                _end_line(out)


def _end_line(out: list[str]) -> None:
    last = next((text for text in reversed(out) if text), "\n")
    if not last.endswith("\n"):
        out.append("\n")


def _is_number(element: Element) -> bool:
    """Whether this stands beside the code to count its lines."""
    if (
        _NUMBERS.isdisjoint(element.attrs.get("class", "").lower().split())
        and "data-line-number" not in element.attrs
    ):
        return False
    return bool(_DIGITS.fullmatch(element.raw_text))


def _is_block(code: Element) -> bool:
    """A ``<code>`` that stands alone in its block and has line breaks of its own."""
    above = code.parent
    if above is None or above.tag not in (
        "p",
        "div",
        "td",
        "li",
        "figure",
        "blockquote",
        "body",
        "section",
        "article",
    ):
        return False
    if any(
        c is not code and (c.strip() if isinstance(c, str) else c.text)
        for c in above.children
    ):
        return False
    return (
        any(e.tag == "br" for e in code.elements())
        or code.raw_text.strip().count("\n") >= 2
    )


def _is_source_box(box: Element) -> bool:
    """A highlighter's box that sets code without ``<pre>``, a ``<div>`` a line."""
    if _SOURCES.isdisjoint(box.attrs.get("class", "").lower().split()):
        return False
    inner = list(box.elements())
    if any(e.tag == "pre" for e in inner):
        return False
    return any(e.tag in ("code", "table") for e in inner)


def _numbered_cells(table: Element) -> bool:
    rows = [e for e in table.elements() if e.tag == "tr"]
    if not rows or any(e.tag == "table" and e is not table for e in table.elements()):
        return False
    return all(_is_numbered(_cells(row)) for row in rows)


def _is_numbered(cells: list[Element]) -> bool:
    if len(cells) != 2 or not _DIGITS.fullmatch(cells[0].raw_text):
        return False
    marked = any(_is_number(e) for e in cells[0].elements())
    return marked or (cells[0].size > 0 and cells[1].first("pre") is not None)


def _code_cells(table: Element) -> list[Element]:
    return [_cells(row)[-1] for row in table.elements() if row.tag == "tr"]


def _cells(row: Element) -> list[Element]:
    return [c for c in row.children if not isinstance(c, str) and c.tag in ("td", "th")]
