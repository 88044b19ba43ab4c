"""Code in a page as its lines: indentation kept, line numbers and buttons left out."""

from __future__ import annotations

import re

from indexer.extract.dom import Element
from indexer.text.markup import word_set

# Three of them are obsolete, and still stand in old posts.
_PREFORMATTED = frozenset(["pre", "listing", "xmp", "plaintext"])
# Class names that highlighters give to line numbers.
_NUMBERS = word_set(
    """
    linenos lineno linenodiv line-numbers line-numbers-rows linenumber linenumbers line-number gutter
    rouge-gutter ln lnt crayon-nums crayon-num blob-num line_numbers code-gutter hljs-ln-numbers
    react-syntax-highlighter-line-number ec-line-number cm-gutters gl
    """
)
# Elements in a box of code that are no code.
_BUTTONS = frozenset(
    ["button", "svg", "style", "script", "noscript", "textarea", "input"]
)
# Elements that highlighters set a line of code in.
_LINES = frozenset(["div", "p", "li", "tr", "ol", "ul", "table"])
# Classes of boxes with code and no <pre>.
_SOURCES = frozenset(["syntaxhighlighter", "crayon-syntax", "code-block", "codeblock"])
# All that may stand in a line number.
_DIGITS = re.compile(r"[\d\s.:|]*")
# A <code> alone in one of these is a block, in any other element it is a word.
_AROUND = word_set(
    """
    p div td li figure blockquote body section article
    """
)
_FEWEST_BREAKS = 2  # lines' ends that make a <code> without <br> a block


def is_code(element: Element) -> bool:
    """Tell whether an element as a whole is a piece of code."""
    test = _TESTS.get(element.tag)
    return test is not None and test(element)


def code_text(element: Element) -> str:
    """Return the lines of code, without the newlines around them."""
    if element.tag != "table":
        return _lines(element)
    lines = [_lines(cells_of(row)[-1]) for row in element.elements("tr")]
    return "\n".join(lines).rstrip().strip("\n")


def _lines(element: Element) -> str:
    texts: list[str] = []
    _gather_code(element, texts)
    return "".join(texts).rstrip().strip("\n")


def _gather_code(element: Element, texts: list[str]) -> None:
    for child in element.children:
        if isinstance(child, str):
            texts.append(child)
        elif child.tag == "br":
            texts.append("\n")
        elif child.tag in _BUTTONS or _is_line_number(child):
            continue
        elif child.tag in _LINES:
            _end_line(texts)
            _gather_code(child, texts)
            _end_line(texts)
        else:
            _gather_code(child, texts)


def _end_line(texts: list[str]) -> None:
    last = next(filter(None, reversed(texts)), "\n")
    if not last.endswith("\n"):
        texts.append("\n")


def _is_line_number(element: Element) -> bool:
    """Tell whether an element stands beside the code to count its lines."""
    signs = (
        not _NUMBERS.isdisjoint(element.get("class").lower().split()),
        "data-line-number" in element.attrs,
    )
    return any(signs) and _DIGITS.fullmatch(element.raw_text) is not None


def _is_block(code: Element) -> bool:
    """Tell whether a ``<code>`` stands alone in its block and has line breaks."""
    around = code.around
    if around.tag not in _AROUND or around.size > code.size:
        return False
    return code.has("br") or code.raw_text.strip().count("\n") >= _FEWEST_BREAKS


def _is_source_box(box: Element) -> bool:
    """Tell whether a highlighter's box sets code without ``<pre>``, a ``<div>`` a
    line."""
    if _SOURCES.isdisjoint(box.get("class").lower().split()):
        return False
    return box.has("code", "table") and not box.has("pre")


def _is_numbered_code(table: Element) -> bool:
    rows = list(map(cells_of, table.elements("tr")))
    is_simple = len(list(table.elements("table"))) == 1
    return is_simple and bool(rows) and all(map(_is_numbered_row, rows))


def _is_numbered_row(cells: list[Element]) -> bool:
    if len(cells) != 2 or not _DIGITS.fullmatch(cells[0].raw_text):
        return False
    is_filled = cells[0].size > 0 and cells[1].has("pre")
    return is_filled or any(map(_is_line_number, cells[0].elements()))


def cells_of(row: Element) -> list[Element]:
    """Return the cells of a table's row."""
    return [cell for cell in row.child_elements if cell.tag in ("td", "th")]


def _always(_: Element) -> bool:
    return True


_TESTS = {
    **dict.fromkeys(_PREFORMATTED, _always),
    "table": _is_numbered_code,
    "code": _is_block,
    "div": _is_source_box,
}
