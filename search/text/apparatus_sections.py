"""The apparatus of an article by the titles that it stands under.

A title says what to look for; without lines of that shape it is believed of nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from search.text.apparatus_findings import Findings, letters
from search.text.line_shapes import is_like_title
from search.text.reference_shapes import LONGEST_ENTRY, is_marked
from search.text.section_titles import Part, TitledSection, sections_of_apparatus

# The share of a section's lines that must look like references under "References", and
# like links under "See also".
MOST_OF_IT = 0.6
NEARLY_ALL = 0.8
_ANY_SIGN = 2  # points of a line that is a reference under that title
_REPEATED = 0.5  # of the items under "Contents", which are headings of the article
_LONGEST_LEAD = 200  # characters of "I read these:" above a list
_LONGEST_LINK_WORD = 30  # characters of "Or" and "In BibTeX"
_MOST_OF_AUTHOR = 3  # blocks about the author at the end


def flag_sections(findings: Findings) -> None:
    """Flag the lines under each title that have the shape which it promises."""
    # From the end: what stands behind a section tells if it is at the end.
    for section in reversed(list(sections_of_apparatus(findings.blocks))):
        if section.start == section.end:
            continue
        _RULES[section.part](findings, section)
        # A title that is a line goes the way of what stands under it.
        if findings.blocks[section.title].kind != "heading":
            findings.flag([section.title], findings.kinds[section.start])


def _flag_references(findings: Findings, section: TitledSection) -> None:
    _flag_entries(findings, section, least=MOST_OF_IT)


def _flag_links(findings: Findings, section: TitledSection) -> None:
    _flag_entries(findings, section, least=NEARLY_ALL)


def _flag_entries(findings: Findings, section: TitledSection, *, least: float) -> None:
    """Flag the entries if they are at least this share of a section's lines."""
    lines = range(section.start, section.end)
    lead = lines[: len(lines) > 1 and _is_lead(findings.blocks[section.start].text)]
    lines = lines[len(lead) :]
    at_end = findings.is_at_end(section.end)
    if findings.blocks[section.title].kind != "heading":
        # What no heading ends goes as far as the lines look alike.
        lines = range(lines.start, _end_of_entries(findings, lines))
        at_end = True
    entries = [i for i in lines if _is_entry(findings, i, titles=at_end)]
    if len(entries) >= least * max(1, len(lines)):
        # A line between two entries is one with a slip in it.
        between = {i + 1 for i in entries} & {i - 1 for i in entries}
        findings.flag([*lead, *entries, *between], "reference")


def _end_of_entries(findings: Findings, lines: range) -> int:
    for i in lines:
        is_item = findings.blocks[i].kind == "item"
        if not _is_entry(findings, i, titles=is_item):
            return i
    return lines.stop


def _is_lead(text: str) -> bool:
    """Tell if a line only introduces the list below it."""
    return text.endswith((":", "：")) and len(text) <= _LONGEST_LEAD


def _is_entry(findings: Findings, i: int, *, titles: bool) -> bool:
    """Tell if a line under "References" is one; ``titles``: bare titles count."""
    text = findings.blocks[i].text
    if findings.kinds[i] == "reference":
        return True
    if not findings.is_prose(i) or len(text) > LONGEST_ENTRY:
        return False
    if findings.points.get(i, 0) >= _ANY_SIGN or is_marked(text):
        return True
    # "sorted(key) – …" is an entry of another kind of reference.
    return titles and is_like_title(text) and "(" not in text.split(maxsplit=1)[0]


def _flag_footnotes(findings: Findings, section: TitledSection) -> None:
    if findings.is_at_end(section.end):
        findings.flag(range(section.start, section.end), "footnote")
    else:
        _flag_notes(findings, section)


def _flag_notes(findings: Findings, section: TitledSection) -> None:
    """Flag numbered lines; a recipe's notes are numbered too, but nothing has their
    marks."""
    lines = range(section.start, section.end)
    notes = filter(findings.is_note, lines)
    shaped = set(filter(findings.has_mark, notes))
    shaped |= {i for i in lines if is_marked(findings.blocks[i].text)}
    if len(shaped) >= MOST_OF_IT * len(lines):
        findings.flag(shaped, "footnote")


def _flag_citation(findings: Findings, section: TitledSection) -> None:
    lines = range(section.start, section.end)
    cited = [i for i in lines if _is_citation(findings, i)]
    # "Or" between the two ways to cite is one of them.
    short = [i for i in lines if len(findings.blocks[i].text) <= _LONGEST_LINK_WORD]
    if cited and len({*cited, *short}) == len(lines):
        cited = list(lines)
    findings.flag(cited, "reference")


def _is_citation(findings: Findings, i: int) -> bool:
    text = findings.blocks[i].text.casefold()
    signs = (
        findings.kinds[i] == "reference",
        findings.points.get(i, 0) >= _ANY_SIGN,
        "bibtex" in text,
        "citing" in text,
    )
    return any(signs)


def _flag_contents(findings: Findings, section: TitledSection) -> None:
    lines = range(section.start, section.end)
    items = [i for i in lines if findings.blocks[i].kind == "item"]
    same = [i for i in items if letters(findings.blocks[i].text) in findings.titles]
    if len(same) >= _REPEATED * len(lines):
        findings.flag(items, "navigation")


def _flag_navigation(findings: Findings, section: TitledSection) -> None:
    lines = range(section.start, section.end)
    texts = [findings.blocks[i].text for i in lines]
    if findings.is_at_end(section.end) and all(map(is_like_title, texts)):
        findings.flag(lines, "navigation")


def _flag_author(findings: Findings, section: TitledSection) -> None:
    lines = range(section.start, section.end)
    if findings.is_at_end(section.end) and len(lines) <= _MOST_OF_AUTHOR:
        findings.flag(lines, "byline")


_RULES: dict[Part, Callable[[Findings, TitledSection], None]] = {
    "references": _flag_references,
    "links": _flag_links,
    "footnotes": _flag_footnotes,
    "notes": _flag_notes,
    "citation": _flag_citation,
    "contents": _flag_contents,
    "navigation": _flag_navigation,
    "author": _flag_author,
}
