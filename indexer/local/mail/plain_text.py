"""The blocks of a mail in plain text: its lines joined, quotations told apart, the
signature left out."""

from __future__ import annotations

import re
from itertools import groupby

from indexer.documents.plain_text import paragraphs_of
from indexer.local.mail.content import Section
from indexer.local.mail.footers import MARKS, mark_of, without_footers
from indexer.local.mail.redirects import with_plain_addresses
from search.types import Block

_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_LONGEST_SIGNATURE = 1_000  # characters
_QUOTED = re.compile(r"((?:>\s?)+)(.*)")
_WEB = re.compile(r"https?://\S+|mailto:\S+")
_LONGEST_LINE = 300  # characters of one that only leads out of the list


def blocks_of_plain(section: Section) -> tuple[Block, ...]:
    """Return the blocks of a mail in plain text."""
    text = MARKS.sub("", section.plain)
    signature = list(_SIGNATURE.finditer(text))
    if signature and len(text) - signature[-1].end() <= _LONGEST_SIGNATURE:
        text = text[: signature[-1].start()]
    lines = text.split("\n")
    if section.is_flowed:
        lines = _unfolded(lines, drops_space=section.drops_space)
    blocks: list[Block] = []
    for is_quoted, group in groupby(lines, key=_is_quoted):
        if is_quoted:
            blocks += _quote(list(group))
        else:
            said = with_plain_addresses("\n".join(_marked(list(group))))
            blocks += paragraphs_of(said)
    return without_footers(blocks)


def _unfolded(lines: list[str], *, drops_space: bool) -> list[str]:
    """Join the lines that a program broke, as RFC 3676 has it."""
    joined: list[str] = []
    is_open, depth = False, 0
    for line in lines:
        quoted = re.match(">*", line)
        marks = quoted[0] if quoted else ""
        said = line[len(marks) :].removeprefix(" ")
        if is_open and depth == len(marks):
            joined[-1] += said
        else:
            joined.append(f"{marks} {said}" if marks else said)
        # A signature's mark ends in a space, and is a line of its own.
        is_open, depth = said.endswith(" ") and said != "-- ", len(marks)
        if is_open and drops_space:
            joined[-1] = joined[-1][:-1]
    return joined


def _is_quoted(line: str) -> bool:
    return line.startswith(">")


def _quote(lines: list[str]) -> list[Block]:
    said = []
    for line in lines:
        found = _QUOTED.match(line)
        said.append(found[2] if found else "")
    paragraphs = re.split(r"\n\s*\n", with_plain_addresses("\n".join(said)))
    texts = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return [Block("quote", text) for text in texts if text]


def _marked(lines: list[str]) -> list[str]:
    """Put a mark in the place of lines that lead out of the list or to the browser."""
    marked: list[str] = []
    for number, line in enumerate(lines):
        # The address may stand on a line of its own, after the words or a blank line.
        following = " ".join(lines[number + 1 : number + 3])
        near = _WEB.search(line) or _WEB.match(following.strip())
        mark = ""
        if near and len(line) <= _LONGEST_LINE:
            mark = mark_of(_WEB.sub("", line), line).strip()
        marked.append(mark or line)
    return marked
