"""The articles in Markdown and plain text."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from indexer.extract.article import Extraction, extract_fragment
from indexer.extract.page import ExtractError
from indexer.text.dates import find_date, machine_date
from indexer.text.encoding import decode
from indexer.text.front_matter import split_front_matter, text_of
from indexer.text.markdown import render_markdown
from indexer.text.markup import legal
from search.types import Block

# Characters; "War and Peace" has 3.2 million, and longer texts are logs and tables.
LARGEST = 3_000_000

# Endings of texts for people; any other is that of a program's source.
_PROSE = ("", ".txt", ".text", ".rst", ".org", ".adoc", ".asciidoc")
_SUFFIX = re.compile(r"\.\w{1,10}$")
# Files that are named for their folder, and folders that are named for a branch.
_NAMELESS = re.compile(r"(?:readme|index)(?:\.\w{1,10})?", re.IGNORECASE)
_BRANCHES = ("", "HEAD", "main", "master")
_BLANK = re.compile(r"\n\s*\n")
# A line under a title, or between parts.
_UNDERLINE = re.compile(r"([=\-~#*^])\1{2,}\s*")
# The mark of a list item.
_ITEM = re.compile(r"\s*(?:[-*•●○]|\d{1,3}[.)])\s+(?=\S)")
_ALL_INDENTED = re.compile(r"(?:(?:    |\t).*(?:\n|$))+")
# A text with a longer line was not broken by hand, so each line is a paragraph.
_FLOWING = 200  # characters
_LONGEST_TITLE = 120  # characters
_TITLE_ENDS = (".", ",", ";", ":")  # of lines that are no titles


def read_markdown(body: bytes, url: str, *, charset: str = "") -> Extraction:
    """Return the article in a Markdown file with title, author and date from its front
    matter, where it has one."""
    about, markdown = split_front_matter(_decoded(body, url, charset))
    blocks = extract_fragment(render_markdown(markdown), url)
    return with_front_matter(url, blocks, about)


def read_text(body: bytes, url: str, *, charset: str = "") -> Extraction:
    """Return the article in a plain text; a program's source is one block of code under
    its file's name."""
    text = _decoded(body, url, charset)
    name = urlsplit(url).path.rpartition("/")[2]
    suffix = _SUFFIX.search(name)
    if suffix is None or suffix[0].lower() in _PROSE:
        title, rest = _title_and_rest(text)
        return Extraction(url, title or file_title(url), blocks=paragraphs_of(rest))
    code = []
    if text.strip():
        code = [Block("code", text.strip("\n"))]
    return Extraction(url, unquote(name), blocks=tuple(code))


def with_front_matter(
    url: str, blocks: tuple[Block, ...], about: dict[str, Any]
) -> Extraction:
    """Make an article of blocks and front matter.

    Its title is that of the front matter, its first heading or its file's name.
    """
    headings = [block for block in blocks if block.kind == "heading"]
    heading = headings[0].text if headings else ""
    title = text_of(about, "title") or heading or file_title(url)
    if headings[:1] == [*blocks[:1]] and heading == title:
        blocks = blocks[1:]
    return Extraction(
        url,
        title,
        author=text_of(about, "author", "authors"),
        published=_day_of(text_of(about, "date", "published", "created")),
        blocks=blocks,
    )


def _day_of(text: str) -> date | None:
    return machine_date(text) or find_date(text)


def file_title(url: str) -> str:
    """Return the name of a file without its ending, that of its folder for a README; ""
    where it has no ending."""
    *folders, name = unquote(urlsplit(url).path).split("/")
    if _NAMELESS.fullmatch(name):
        named = (folder for folder in reversed(folders) if folder not in _BRANCHES)
        return next(named, "")
    if _SUFFIX.search(name):
        return _SUFFIX.sub("", name)
    return ""


def _decoded(body: bytes, url: str, charset: str) -> str:
    text = legal(decode(body, charset)).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LARGEST:
        raise ExtractError(
            f"{url} is a text of {len(text):,} characters; more than {LARGEST:,} are not read."
        )
    return text.removeprefix("\ufeff")


def _title_and_rest(text: str) -> tuple[str, str]:
    """Part a text from its title: a first line without a full stop that stands alone or
    is underlined."""
    first, _, rest = text.strip("\n").partition("\n")
    second, _, below = rest.partition("\n")
    title = first.strip()
    is_title = all(
        (
            0 < len(title) <= _LONGEST_TITLE,
            not title.endswith(_TITLE_ENDS),
            not _ITEM.match(first),
        )
    )
    if is_title and _UNDERLINE.fullmatch(second):
        return title, below
    stands_alone = bool(rest.strip()) and not second.strip()
    if is_title and stands_alone:
        return (title, rest)
    return ("", text)


def paragraphs_of(text: str) -> tuple[Block, ...]:
    """Return the paragraphs, list items and indented passages (code) of a plain text."""
    blocks: list[Block] = []
    for part in _BLANK.split(text):
        lines = list(filter(_is_text_line, part.split("\n")))
        if _is_code(lines):
            blocks.append(Block("code", "\n".join(lines)))
        else:
            blocks += map(_paragraph, _groups(lines))
    return tuple(blocks)


def _is_text_line(line: str) -> bool:
    return bool(line.strip()) and not _UNDERLINE.fullmatch(line.strip())


def _is_code(lines: list[str]) -> bool:
    """Tell whether all lines are indented, and none is a list item."""
    text = "\n".join(lines)
    return _ALL_INDENTED.fullmatch(text) is not None and not _ITEM.match(text)


def _groups(lines: list[str]) -> list[list[str]]:
    """Return the lines that make one block together: each list item begins a new one."""
    is_flowing = max(map(len, lines), default=0) > _FLOWING
    groups: list[list[str]] = []
    for line in lines:
        if any((is_flowing, not groups, _ITEM.match(line))):
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups


def _paragraph(lines: list[str]) -> Block:
    text = " ".join(" ".join(lines).split())
    mark = _ITEM.match(lines[0])
    if mark is None:
        return Block("paragraph", text)
    sign = mark[0].strip()
    digits = sign[:-1]
    number = int(digits) if digits.isdecimal() else 0
    return Block("item", text[len(sign) :].strip(), 1, number=number)
