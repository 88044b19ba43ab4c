"""The text of a mail, when it is its turn.

Reads the file; meant for a worker process.
"""

from __future__ import annotations

import re
from dataclasses import replace

from indexer.extract.article import Extraction
from indexer.extract.page import ExtractError
from indexer.extract.trimming import trimmed, without_blobs
from indexer.local.mail.content import Section, sections_of
from indexer.local.mail.files import read_mail
from indexer.local.mail.html_text import blocks_of_html
from indexer.local.mail.message import parsed, version_of
from indexer.local.mail.plain_text import blocks_of_plain
from indexer.records import Item
from search.types import Block

# The share of the plain text's characters that the HTML must have to be the same text;
# some mails are a picture in HTML.
_SAME_TEXT = 0.4
# The day without a year that a service sets below the title; in these first blocks.
_DAY = re.compile(r"[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2}\.? [A-Z][a-z]{2,8}\.?")
_BEGINNING = 5


def read_stored_mail(item: Item) -> Extraction:
    """Return the text of a mail. Raises ExtractError with a sentence where it can't be
    read any more."""
    content = read_mail(item.file)
    if version_of(content) != item.version:
        raise ExtractError(
            "Its mailbox has changed since it was looked at; the next update reads it."
        )
    blocks = [
        block for section in sections_of(parsed(content)) for block in _blocks(section)
    ]
    # The ids in a mail lead nowhere: not in the program that shows it, nor on the web.
    bare = tuple(
        replace(block, anchor="")
        for number, block in enumerate(blocks)
        if number >= _BEGINNING or not _DAY.fullmatch(block.text)
    )
    known = (item.title, item.author, item.site)
    return Extraction(item.url, blocks=without_blobs(trimmed(bare, known)))


def _blocks(section: Section) -> tuple[Block, ...]:
    """Return the blocks of a section: the HTML's, which knows headings and lists, unless
    the plain text says much more."""
    plain = blocks_of_plain(section) if section.plain.strip() else ()
    html = blocks_of_html(section.html) if section.html.strip() else ()
    if _length(html) >= _SAME_TEXT * _length(plain):
        return html
    return plain


def _length(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.text) for block in blocks)
