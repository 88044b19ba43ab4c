"""An element of a page → the blocks of its text, in reading order.

A walk of our own, as no extractor we tried keeps code, maths and nesting: text gathers in a run
until a block-level element begins or ends, and then becomes a block of the kind it stands in.
"""

from __future__ import annotations

import re

from indexer import code, maths, prose
from indexer.dom import Element, word_set
from search.types import Block, BlockKind

_BLOCK_LEVEL = word_set(
    """
    address article aside body center details dialog dd div dl dt fieldset figcaption figure footer
    form header hgroup hr html legend li main nav ol p section summary table tbody td tfoot th thead
    tr ul caption menu dir blockquote optgroup option turbo-frame
    """
)
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_LISTS = frozenset(["ul", "ol", "dl", "menu", "dir"])
_ITEMS = frozenset(["li", "dt", "dd"])
_SILENT = word_set(
    """
    script style noscript template iframe object embed svg canvas video audio map button select
    textarea input head title meta link base math-renderer rp rt datalist progress meter img picture
    source
    """
)

_PERMALINK_TEXTS = frozenset(
    ["", "#", "##", "¶", "§", "🔗", "⚓", "∞", "link", "permalink", "anchor", "direct link"]
)
_PERMALINK_NAMES = re.compile(
    r"(?:^|[-_])(?:head(?:er|ing)?-?(?:link|anchor)|anchor(?:js)?(?:-?link)?|hash-?link|permalink|direct-link)(?:$|[-_])",
    re.I,
)
_BACKLINKS = frozenset(["↩", "↩︎", "↑", "^", "⤴", "⏎", "↩\ufe0f", "Back", "back", "[return]", "return"])
_TRAILING_MARK = re.compile(r"\s*[¶🔗]+\s*$|\s+[#§]+\s*$")
_SIGNED_IN = frozenset(["span", "small", "sup", "i", "svg", "b"])

LAYOUT_CELL = 600
"""Characters in one cell beyond which a table lays out the page and holds no data; the longest
true cell in the archives at hand is 410, the shortest column of a table layout 900."""


def blocks_of(body: Element) -> tuple[Block, ...]:
    """The blocks of everything below ``body``; nothing is judged here, only told apart."""
    walker = _Walker()
    walker.inside(body)
    walker.flush()
    return tuple(walker.blocks)


class _Walker:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.run: list[str] = []
        self.lists = 0
        self.quotes = 0
        self.item = 0  # the level of a list item whose first text is still to come, 0 for none
        self.anchor = ""  # the id of what was opened since the last text, for a heading that follows

    def inside(self, element: Element) -> None:
        for child in element.children:
            if isinstance(child, str):
                self.say(child)
            else:
                self.visit(child)

    def say(self, text: str) -> None:
        self.run.append(text)
        if self.anchor and text.strip():
            self.anchor = ""

    def visit(self, element: Element) -> None:
        tag = element.tag
        tex = maths.tex_of(element)
        if tex is not None:
            self.say(tex)
        elif tag in _SILENT or _is_backlink(element):
            return
        elif tag in ("sup", "a") and (number := _note_number(element)):
            self.say(f"[{number}]")
        elif tag == "br":
            self.run.append(prose.BREAK)
        elif tag in _HEADINGS:
            self.heading(element)
        elif code.is_code(element):
            self.flush()
            self.emit("code", code.text_of(element))
        elif tag == "table":
            self.table(element)
        else:
            self.container(element)

    def container(self, element: Element) -> None:
        self.anchor = element.attrs.get("id") or element.attrs.get("name", "") or self.anchor
        if element.tag not in _BLOCK_LEVEL:
            self.inside(element)
            return
        self.flush()
        if element.tag in _LISTS:
            self.list(element)
        elif element.tag in _ITEMS:
            self.list_item(element)
        elif element.tag == "blockquote":
            self.quotes += 1
            self.inside(element)
            self.flush()
            self.quotes -= 1
        else:
            self.inside(element)
            self.flush()

    def list(self, element: Element) -> None:
        outer, self.item = self.item, 0
        self.lists += 1
        self.inside(element)
        self.flush()
        self.lists -= 1
        self.item = outer

    def list_item(self, element: Element) -> None:
        self.item = max(1, self.lists) + (element.tag == "dd")
        self.inside(element)
        self.flush()
        self.item = 0

    def heading(self, element: Element) -> None:
        anchor = _anchor_of(element) or self.anchor or _section_id(element)
        self.flush()
        self.anchor = ""
        text = heading_text(element)
        if text:
            self.blocks.append(Block("heading", text, _HEADINGS[element.tag], anchor))

    def table(self, element: Element) -> None:
        self.flush()
        rows = _rows(element)
        if _is_layout(element, rows):
            self.inside(element)
            self.flush()
            return
        for caption in (c for c in element.children if not isinstance(c, str) and c.tag == "caption"):
            self.inside(caption)
            self.flush()
        lines = [" | ".join(_cell_text(cell) for cell in row) for row in rows]
        self.emit("table", "\n".join(line for line in lines if line.strip(" |")))

    def flush(self) -> None:
        """End the run of text: what it holds becomes blocks."""
        if not self.run:
            return
        raw = "".join(self.run)
        self.run.clear()
        for text in prose.paragraphs(raw):
            if prose.is_maths(text):
                self.emit("math", text)
            elif self.item:
                self.blocks.append(Block("item", text, self.item))
            else:
                self.emit("quote" if self.quotes else "paragraph", text)
            self.item = 0

    def emit(self, kind: BlockKind, text: str) -> None:
        self.anchor = ""
        if text.strip():
            self.blocks.append(Block(kind, text))


def heading_text(element: Element) -> str:
    """A heading's words, without the mark that links to it."""
    gatherer = _Walker()
    _gather(element, gatherer.run, drop_permalinks=True)
    text = prose.one_line("".join(gatherer.run))
    if not text:
        gatherer.run.clear()
        _gather(element, gatherer.run, drop_permalinks=False)
        text = prose.one_line("".join(gatherer.run))
    text = _TRAILING_MARK.sub("", text).strip()
    return "" if text in _PERMALINK_TEXTS else text


def _cell_text(cell: Element) -> str:
    run: list[str] = []
    _gather(cell, run, drop_permalinks=False)
    return prose.one_line("".join(run))


def _gather(element: Element, run: list[str], *, drop_permalinks: bool) -> None:
    """Everything said below as one run of text; blocks are parted by breaks."""
    for child in element.children:
        if isinstance(child, str):
            run.append(child)
            continue
        tex = maths.tex_of(child)
        if tex is not None:
            run.append(tex)
        elif child.tag == "br":
            run.append(prose.BREAK)
        elif (
            child.tag not in _SILENT
            and not _is_backlink(child)
            and not (drop_permalinks and _is_permalink(child))
        ):
            edge = prose.BREAK if child.tag in _BLOCK_LEVEL or child.tag == "pre" else ""
            run.append(edge)
            _gather(child, run, drop_permalinks=drop_permalinks)
            run.append(edge)


def _is_permalink(element: Element) -> bool:
    words = element.text.strip().lower()
    if element.tag == "a":
        named = any(_PERMALINK_NAMES.search(name) for name in element.names)
        return words in _PERMALINK_TEXTS or (named and len(words) <= 2)
    return element.tag in _SIGNED_IN and words in ("#", "¶", "🔗")


def _is_backlink(element: Element) -> bool:
    """The mark at a footnote's end that leads back to the text."""
    return element.tag == "a" and element.attrs.get("href", "").startswith("#") and element.text in _BACKLINKS


def _note_number(element: Element) -> str:
    """The number of the footnote a mark in the text leads to, "" if that is not what this is."""
    if element.size > 3 or not element.text.isdecimal():
        return ""
    if element.tag == "a":
        marked = element.first("sup") is not None or "footnote" in element.attrs.get("class", "")
        return element.text if marked and "#" in element.attrs.get("href", "") else ""
    link = element.first("a")
    return element.text if link is not None and "#" in link.attrs.get("href", "") else ""


def _anchor_of(heading: Element) -> str:
    """The id on a heading, on an anchor inside it, or the one its own permalink names."""
    if heading.attrs.get("id"):
        return heading.attrs["id"]
    inner = [e for e in heading.elements() if e is not heading]
    for element in inner:
        name = element.attrs.get("id") or (element.attrs.get("name", "") if element.tag == "a" else "")
        if name:
            return name
    links = (e.attrs.get("href", "") for e in inner if e.tag == "a" and _is_permalink(e))
    return next((href[1:] for href in links if href.startswith("#") and len(href) > 1), "")


def _section_id(heading: Element) -> str:
    """The id of the section this heading begins."""
    above = heading.parent
    if above is None or above.tag not in ("section", "div", "hgroup", "header", "article"):
        return ""
    before = above.children[: above.children.index(heading)]
    is_first = not any(c.strip() if isinstance(c, str) else c.text for c in before)
    return above.attrs.get("id", "") if is_first and above.tag in ("section", "div") else ""


def _rows(table: Element) -> list[list[Element]]:
    """The cells of each row; those of a table inside are its own."""
    rows: list[list[Element]] = []
    stack = [c for c in reversed(table.children) if not isinstance(c, str)]
    while stack:
        element = stack.pop()
        if element.tag == "tr":
            rows.append([c for c in element.children if not isinstance(c, str) and c.tag in ("td", "th")])
        elif element.tag in ("thead", "tbody", "tfoot"):
            stack.extend(c for c in reversed(element.children) if not isinstance(c, str))
    return rows


def _is_layout(table: Element, rows: list[list[Element]]) -> bool:
    if table.attrs.get("role") in ("presentation", "none") or all(len(row) <= 1 for row in rows):
        return True
    cells = [cell for row in rows for cell in row]
    if any(_holds_structure(cell) for cell in cells):
        return True
    return any(cell.size > LAYOUT_CELL for cell in cells)


def _holds_structure(cell: Element) -> bool:
    tags = [e.tag for e in cell.elements()]
    return (
        any(t in _HEADINGS or t in ("pre", "table", "blockquote", "form") for t in tags)
        or tags.count("p") > 3
    )
