"""What is said within an element, as one run of text: for headings and cells, where no
block can stand."""

from __future__ import annotations

from collections.abc import Callable

from indexer.extract import math as maths
from indexer.extract.dom import Element
from indexer.text import whitespace as prose
from indexer.text.markup import word_set

BLOCK_LEVEL = word_set(
    """
    address article aside body center details dialog dd div dl dt fieldset figcaption figure footer
    form header hgroup hr html legend li main nav ol p section summary table tbody td tfoot th thead
    tr ul caption menu dir blockquote optgroup option turbo-frame
    """
)
"""Elements that begin and end a paragraph."""

SILENT = word_set(
    """
    script style noscript template iframe object embed svg canvas video audio map button select
    textarea input head title meta link base math-renderer rp rt datalist progress meter img picture
    source
    """
)
"""Elements whose text is not the article's."""

_BACKLINKS = frozenset(
    ["↩", "↩︎", "↑", "^", "⤴", "⏎", "↩\ufe0f", "Back", "back", "[return]", "return"]
)


def said_in(element: Element, skipped: Callable[[Element], bool]) -> str:
    """Everything said in an element on one line, but for what is skipped."""
    run: list[str] = []
    _gather(element, run, skipped)
    return prose.one_line("".join(run))


def _gather(
    element: Element, run: list[str], skipped: Callable[[Element], bool]
) -> None:
    for child in element.children:
        if isinstance(child, str):
            run.append(child)
            continue
        tex = maths.tex_of(child)
        if tex is not None:
            run.append(tex)
        elif child.tag == "br":
            run.append(prose.BREAK)
        elif not skipped(child):
            edge = prose.BREAK if child.tag in BLOCK_LEVEL or child.tag == "pre" else ""
            run.append(edge)
            _gather(child, run, skipped)
            run.append(edge)


def is_voiceless(element: Element) -> bool:
    """What says nothing in a cell or heading; a button may hold the words of an
    accordion's heading."""
    return (element.tag in SILENT and element.tag != "button") or is_backlink(element)


def is_backlink(element: Element) -> bool:
    """The mark at a footnote's end that leads back to the text."""
    return (
        element.tag == "a"
        and element.attrs.get("href", "").startswith("#")
        and element.text in _BACKLINKS
    )


def note_number(element: Element) -> str:
    """The number of the footnote a mark in the text leads to, "" if that is not what
    this is."""
    if element.size > 3 or not element.text.isdecimal():
        return ""
    if element.tag == "a":
        marked = element.first("sup") is not None or "footnote" in element.attrs.get(
            "class", ""
        )
        return element.text if marked and "#" in element.attrs.get("href", "") else ""
    link = element.first("a")
    return (
        element.text if link is not None and "#" in link.attrs.get("href", "") else ""
    )
