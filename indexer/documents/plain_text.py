"""Markdown and plain text → articles. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from indexer.extract.article import Extraction, extract_fragment
from indexer.extract.page import ExtractError
from indexer.text.dates import find_date, machine_date
from indexer.text.encoding import decode
from indexer.text.front_matter import front_matter, text_of
from indexer.text.markdown import render_markdown
from indexer.text.markup import legal
from search.types import Block

LARGEST = 3_000_000
"""Characters; "War and Peace" has 3.2 million, and longer texts are logs and tables."""

_PROSE = ("", ".txt", ".text", ".rst", ".org", ".adoc", ".asciidoc")
_SUFFIX = re.compile(r"\.\w{1,10}$")
_NAMELESS = re.compile(r"(?:readme|index)(?:\.\w{1,10})?", re.IGNORECASE)
_BRANCHES = ("", "HEAD", "main", "master")
_BLANK = re.compile(r"\n\s*\n")
_UNDERLINE = re.compile(r"([=\-~#*^])\1{2,}\s*")
_ITEM = re.compile(r"\s*(?:[-*•●○]|\d{1,3}[.)])\s+(?=\S)")
_FLOWING = 200  # characters; a line that is longer was not broken by hand, so each line is a paragraph
_LONGEST_TITLE = 120  # characters


def read_markdown(body: bytes, url: str, *, charset: str = "") -> Extraction:
    """The article in a Markdown file; title, author and date from its front matter,
    where it has one."""
    about, markdown = front_matter(_text(body, url, charset))
    return extraction(url, extract_fragment(render_markdown(markdown), url), about)


def read_text(body: bytes, url: str, *, charset: str = "") -> Extraction:
    """The article in a plain text; a program's source is one block of code under its
    file's name."""
    text = _text(body, url, charset)
    name = urlsplit(url).path.rpartition("/")[2]
    suffix = _SUFFIX.search(name)
    if suffix is not None and suffix[0].lower() not in _PROSE:
        code = (Block("code", text.strip("\n")),) if text.strip() else ()
        return Extraction(url, unquote(name), blocks=code)
    title, rest = _title_and_rest(text)
    blocks = paragraphs_of(rest)
    return Extraction(url, title or file_title(url), blocks=blocks)


def extraction(
    url: str, blocks: tuple[Block, ...], about: dict[str, Any]
) -> Extraction:
    """An article of blocks and front matter; its title is said there, or its first
    heading, or its name."""
    first = next((n for n, block in enumerate(blocks) if block.kind == "heading"), None)
    heading = blocks[first].text if first is not None else ""
    title = text_of(about, "title") or heading or file_title(url)
    if first == 0 and heading == title:
        blocks = blocks[1:]
    return Extraction(
        url,
        title,
        author=text_of(about, "author", "authors"),
        published=_day(text_of(about, "date", "published", "created")),
        blocks=blocks,
    )


def file_title(url: str) -> str:
    """The name of a file without its ending, that of its folder for a README; "" where
    it has no ending."""
    *folders, name = unquote(urlsplit(url).path).split("/")
    if _NAMELESS.fullmatch(name):
        return next(
            (folder for folder in reversed(folders) if folder not in _BRANCHES), ""
        )
    return _SUFFIX.sub("", name) if _SUFFIX.search(name) else ""


def paragraphs_of(text: str) -> tuple[Block, ...]:
    """The paragraphs, list items and indented passages (code) of a plain text."""
    return tuple(
        block for part in _BLANK.split(text) if part.strip() for block in _part(part)
    )


def _text(body: bytes, url: str, charset: str) -> str:
    text = legal(decode(body, charset))
    if len(text) > LARGEST:
        raise ExtractError(
            f"{url} is a text of {len(text):,} characters; more than {LARGEST:,} are not read."
        )
    return text.removeprefix("\ufeff")


def _title_and_rest(text: str) -> tuple[str, str]:
    """A first line that stands alone or is underlined, without a full stop, is the
    title."""
    first, _, rest = text.strip("\n").partition("\n")
    second, _, below = rest.partition("\n")
    title = first.strip()
    if (
        not title
        or len(title) > _LONGEST_TITLE
        or title.endswith((".", ",", ";", ":"))
        or _ITEM.match(first)
    ):
        return "", text
    if _UNDERLINE.fullmatch(second):
        return title, below
    return (title, rest) if rest.strip() and not second.strip() else ("", text)


def _part(part: str) -> list[Block]:
    lines = [
        line
        for line in part.split("\n")
        if line.strip() and not _UNDERLINE.fullmatch(line.strip())
    ]
    if (
        lines
        and all(line.startswith(("    ", "\t")) for line in lines)
        and not _ITEM.match(lines[0])
    ):
        return [Block("code", "\n".join(lines))]
    flows = any(len(line) > _FLOWING for line in lines)
    return [
        _block(group)
        for group in ([[line] for line in lines] if flows else _groups(lines))
    ]


def _groups(lines: list[str]) -> list[list[str]]:
    """Lines that belong together: each list item begins anew."""
    groups: list[list[str]] = []
    for line in lines:
        if groups and not _ITEM.match(line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _block(lines: list[str]) -> Block:
    text = " ".join(" ".join(lines).split())
    marked = _ITEM.match(lines[0])
    rest = text[len(marked[0].strip()) :].strip() if marked else ""
    return Block("item", rest, 1) if rest else Block("paragraph", text)


def _day(text: str) -> date | None:
    return (machine_date(text) or find_date(text)) if text else None
