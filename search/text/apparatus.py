"""The blocks of an article that answer no question: references, footnotes, captions …

Told by the shape of the lines and by the title that they stand under, both together:
neither is believed alone. It takes nothing out; who quotes an article passes over them
while anything else answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from search.text.apparatus_findings import NOT_PROSE, Apparatus, Findings, letters
from search.text.apparatus_sections import (
    MOST_OF_IT,
    NEARLY_ALL,
    flag_sections,
)
from search.text.line_shapes import (
    is_byline,
    is_caption,
    is_empty,
    is_licence,
    is_navigation,
    is_promotion,
)
from search.text.reference_shapes import (
    ENTRY,
    LIKELY,
    LONGEST_ENTRY,
    asks_to_cite,
    begins_note,
    is_bibtex,
    is_marked,
    is_numbered,
    is_reference,
    leads_back,
    reference_points,
)
from search.text.section_titles import TitledSection, lists_in, part_titled
from search.types import Block

_HEAD = 4  # blocks at the beginning that may be bylines and the like
_TAIL = 12  # blocks at the end that may be licences, share lines, related posts
_FEWEST_ENTRIES = 3  # of a list that is all references
_FEWEST_CONTENTS = 6  # headings of an article with a table of contents
# Kinds of blocks that nothing beside them makes apparatus; code may be cited, and items
# are of a list.
_PLAIN = ("paragraph", "quote", "math", "table")


def apparatus(blocks: Sequence[Block]) -> list[Apparatus | None]:
    """Return of each block the part of the apparatus that it is, None for text."""
    findings = Findings(blocks)
    # By one sign after the other, those that need least first.
    likely, noted = _flag_by_shape(findings)
    _flag_runs(findings, likely)
    _flag_citations(findings)
    _flag_lists(findings)
    _flag_edges(findings)
    flag_sections(findings)
    _flag_notes_in_text(findings, noted)
    _flag_notes_at_end(findings)
    _flag_headings(findings)
    return findings.kinds


def is_surely_text(
    blocks: Sequence[Block], number: int, titled: Sequence[TitledSection]
) -> bool:
    """Tell if a glance at a block is enough to know that ``apparatus`` says no more of
    it than "caption": neither its shape speaks for that nor the title above it.

    ``titled`` are the ``sections_of_apparatus``. False says nothing: a question asks of
    a few blocks, and looking at all of an article takes a millisecond.
    """
    block = blocks[number]
    if block.kind not in _PLAIN or block.number or _is_shaped(block.text):
        return False
    is_edge = number < _HEAD or number >= len(blocks) - _TAIL
    if is_edge and _at_edge(block.text):
        return False
    return not any(one.title <= number < one.end for one in titled)


def _is_shaped(text: str) -> bool:
    """Tell if the shape of a line alone speaks for its being apparatus."""
    if is_empty(text) or leads_back(text) or is_marked(text) or is_numbered(text):
        return True
    return reference_points(text) > 0 or is_reference(text)


def _flag_by_shape(findings: Findings) -> tuple[list[int], list[int]]:
    """Flag what its shape tells alone; return the blocks that are likely references,
    and those that begin or end as footnotes do."""
    likely: list[int] = []
    noted: list[int] = []
    for i, block in enumerate(findings.blocks):
        text = block.text
        if block.kind == "caption":
            findings.kinds[i] = "caption"
        elif block.kind in NOT_PROSE:
            if block.kind == "code" and is_bibtex(text):
                findings.kinds[i] = "reference"
        elif is_caption(text):
            findings.kinds[i] = "caption"
        elif is_empty(text):
            findings.kinds[i] = "navigation"
        elif len(text) <= LONGEST_ENTRY:
            points = reference_points(text)
            if points > 0:
                findings.points[i] = points
            if points >= LIKELY:
                likely.append(i)
            elif leads_back(text) or begins_note(text):
                noted.append(i)
            if points >= ENTRY or is_reference(text):
                findings.kinds[i] = "reference"
    return likely, noted


def _flag_runs(findings: Findings, likely: Sequence[int]) -> None:
    """Flag the likely references beside flagged ones."""
    for i in likely:
        _join(findings, i, findings.kinds[max(0, i - 1) : i])
    for i in reversed(likely):
        _join(findings, i, findings.kinds[i + 1 : i + 2])


def _flag_citations(findings: Findings) -> None:
    """Flag the entry that "Cited as:" introduces, in code style too."""
    for i, block in enumerate(findings.blocks):
        is_cited = findings.kinds[i] == "reference" and asks_to_cite(block.text)
        if is_cited and _may_be_citation(findings, i + 1):
            findings.flag([i + 1], "reference")


def _may_be_citation(findings: Findings, i: int) -> bool:
    if i == len(findings.blocks) or len(findings.blocks[i].text) > LONGEST_ENTRY:
        return False
    return findings.blocks[i].kind == "code" or i in findings.points


def _join(findings: Findings, i: int, beside: Sequence[Apparatus | None]) -> None:
    # Nothing stands beside the first block, and nothing beside the last one.
    if "reference" in beside:
        findings.flag([i], "reference")


def _flag_lists(findings: Findings) -> None:
    """Flag the whole of each list of which most is flagged, and lists whose items are
    nearly all of the article's headings."""
    titles = findings.titles
    for start, end in lists_in(findings.blocks):
        size = end - start
        flagged = findings.kinds[start:end].count("reference")
        if flagged >= max(_FEWEST_ENTRIES, MOST_OF_IT * size):
            findings.flag(range(start, end), "reference")
        elif size >= NEARLY_ALL * len(titles) >= NEARLY_ALL * _FEWEST_CONTENTS:
            items = {letters(block.text) for block in findings.blocks[start:end]}
            same = titles & items
            if len(same) >= NEARLY_ALL * max(size, len(titles)):
                findings.flag(range(start, end), "navigation")


def _flag_edges(findings: Findings) -> None:
    """Flag bylines above the text, licences and share lines around it."""
    count = len(findings.blocks)
    for i in {*range(min(_HEAD, count)), *range(max(0, count - _TAIL), count)}:
        if findings.kinds[i] is None and findings.is_prose(i):
            findings.kinds[i] = _at_edge(findings.blocks[i].text)


def _at_edge(text: str) -> Apparatus | None:
    if is_licence(text):
        return "licence"
    if is_promotion(text) or is_navigation(text):
        return "navigation"
    if is_byline(text):
        return "byline"
    return None


def _flag_notes_in_text(findings: Findings, noted: Sequence[int]) -> None:
    """Flag the footnotes that stand below their paragraphs, as their marks tell."""
    for i in noted:
        if leads_back(findings.blocks[i].text) or findings.has_mark(i):
            findings.flag([i], "footnote")


def _flag_notes_at_end(findings: Findings) -> None:
    """Flag the footnotes with which an article ends, where no title names them."""
    end = len(findings.blocks)
    while end > 0 and findings.kinds[end - 1]:
        end -= 1
    start = end
    while start > 0 and _may_be_note(findings, start - 1):
        start -= 1
    run = range(start, end)
    # "[1] show that …" may be a sentence, but not two of them in a row.
    if len(run) == 1 and is_marked(findings.blocks[start].text):
        run = run[: begins_note(findings.blocks[start].text)]
    numbers = set(map(str, range(1, len(run) + 1)))
    # A list without numbers, as indexes had them, is known by their marks in the text.
    is_list = all(findings.blocks[i].kind == "item" for i in run)
    if all(map(findings.has_mark, run)) or (is_list and findings.marks == numbers):
        findings.flag(run, "footnote")


def _may_be_note(findings: Findings, i: int) -> bool:
    if findings.kinds[i]:
        return False
    return findings.blocks[i].kind == "item" or findings.is_note(i)


def _flag_headings(findings: Findings) -> None:
    """Flag the headings of apparatus alone: any above several blocks of it, one that
    names it above a single block."""
    blocks, kinds = findings.blocks, findings.kinds
    # The next heading, or the end; and if a block in between is text or a picture.
    border, has_text = len(blocks), False
    for i in range(len(blocks) - 1, -1, -1):
        if blocks[i].kind != "heading":
            has_text = has_text or kinds[i] in (None, "caption")
            continue
        count = border - i - 1
        if not has_text and count >= _fewest_below(blocks[i].text):
            kinds[i] = kinds[i + 1]
        border, has_text = i, False


def _fewest_below(title: str) -> int:
    """Return how many blocks of apparatus make the heading above them one of it."""
    if part_titled(title) is None:
        return _FEWEST_ENTRIES
    return 1
