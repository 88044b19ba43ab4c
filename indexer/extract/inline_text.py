"""The text of an element as one run: for headings and cells, where no block can
stand."""

from __future__ import annotations

from collections.abc import Callable

from indexer.extract.dom import Element
from indexer.extract.math import formula_of
from indexer.text.markup import word_set
from indexer.text.whitespace import BREAK, one_line

# Elements that begin and end a paragraph.
BLOCK_LEVEL = word_set(
    """
    address article aside body center details dialog dd div dl dt fieldset figcaption figure footer
    form header hgroup hr html legend li main nav ol p section summary table tbody td tfoot th thead
    tr ul caption menu dir blockquote optgroup option turbo-frame
    """
)
_PARTED = BLOCK_LEVEL | {"pre"}

# Elements whose text is not the article's.
SILENT = word_set(
    """
    script style noscript template iframe object embed svg canvas video audio map button select
    textarea input head title meta link base math-renderer rp rt datalist progress meter img picture
    source
    """
)

# The texts of links from a footnote back to the text.
_BACKLINKS = frozenset(
    ["↩", "↩︎", "↑", "^", "⤴", "⏎", "↩\ufe0f", "Back", "back", "[return]", "return"]
)


# Digits of a footnote's number.
_LONGEST_NUMBER = 3


def inline_text(element: Element, is_skipped: Callable[[Element], bool]) -> str:
    """Return all text of an element on one line, but for what is skipped."""
    run: list[str] = []
    _gather_text(element, run, is_skipped)
    return one_line("".join(run))


def _gather_text(
    element: Element, run: list[str], is_skipped: Callable[[Element], bool]
) -> None:
    for child in element.children:
        if isinstance(child, str):
            run.append(child)
            continue
        formula = formula_of(child)
        if formula is not None:
            run.append(formula)
        elif child.tag == "br":
            run.append(BREAK)
        elif is_skipped(child):
            continue
        elif child.tag in _PARTED:
            run.append(BREAK)
            _gather_text(child, run, is_skipped)
            run.append(BREAK)
        else:
            _gather_text(child, run, is_skipped)


def is_silent(element: Element) -> bool:
    """Tell whether an element says nothing in a cell or heading; a button may contain
    the words of an accordion's heading."""
    if element.tag in SILENT:
        return element.tag != "button"
    return is_backlink(element)


def is_backlink(element: Element) -> bool:
    """Tell whether a link at a footnote's end leads back to the text."""
    if element.tag != "a" or not element.get("href").startswith("#"):
        return False
    return element.text in _BACKLINKS


def note_number(element: Element) -> str:
    """Return the number of the footnote that a mark in the text leads to, "" for
    anything else."""
    if element.size > _LONGEST_NUMBER or not element.text.isdecimal():
        return ""
    # a plain link with a number may be anything
    is_mark = element.has("sup") or "footnote" in element.get("class")
    target = next(element.values("a", "href"), "")
    return element.text if is_mark and "#" in target else ""
