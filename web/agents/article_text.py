"""An article as an agent reads it: the outline first, then section after section.

Sections are cut into pages that fit an answer; nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile

from search.errors import QueryError
from search.types import Article, Block
from web.agents.hit_text import ADDRESS, LAST_LINE, QUOTE, TITLE, about_lines, titled
from web.agents.room import Room, cut, one_line, quoted, size_of, split_at

# Bytes of one page of a section: three of them fit an answer, and one fits below the
# longest title and address.
PAGE = 1_700
OUTLINE = 1_200  # bytes
HEADING = 120  # bytes of a heading in the outline
NOTES = 3  # that are shown
BEGINNING = "(before the first heading)"
WITHHELD = "The page asks that none of its text be shown; open it at its address."
NO_TEXT = "No text of it is indexed; open it at its address."


@dataclass(slots=True)
class Section:
    """A heading and its level, "" and 0 before the first one, and the pages of the
    text."""

    heading: str
    level: int
    pages: list[str] = field(default_factory=list)


def article_text(article: Article, section: str = "", page: int = 1) -> str:
    """Write an article from a section on, its number or heading; without one, the
    outline and the beginning.

    Raises QueryError for a section or page that it hasn't got.
    """
    room = Room()
    head = [titled(article), cut(article.url, ADDRESS)]
    if not section:
        head += about_lines(article)
    room.add("\n".join(head))
    if article.nosnippet:
        room.add(WITHHELD)
        return room.text()
    if not section:
        for note in _notes(article):
            room.add(note)
    parts = sections(article)
    if not parts:
        room.add(NO_TEXT)
        return room.text()
    first = 0
    # Of one section there is nothing to list.
    if section:
        first = _place(parts, section)
    elif len(parts) > 1:
        room.add(outline(parts))
    if page > len(parts[first].pages):
        raise QueryError(
            "bad-parameter",
            f"Section {first + 1} has {len(parts[first].pages)} pages.",
        )
    _add_pages(room, parts, first, page)
    return room.text()


def sections(article: Article) -> list[Section]:
    """Part an article at its headings; each part has a page at least."""
    found: list[Section] = []
    for block in article.blocks:
        if block.kind == "heading":
            found.append(Section(one_line(block.text, TITLE), block.level))
        elif not found:
            found.append(Section("", 0))
        for piece in _pieces(block):
            _add_piece(found[-1].pages, piece)
    return found


def outline(parts: Sequence[Section]) -> str:
    """List the sections, by number and indented by level."""
    top = min((one.level for one in parts if one.level), default=0)
    lines, left = ["Sections:"], OUTLINE
    for number, one in enumerate(parts, 1):
        line = "  " * max(0, one.level - top) + f"{number}. {one.heading or BEGINNING}"
        line = cut(line, HEADING)
        if len(one.pages) > 1:
            line += f" ({len(one.pages)} pages)"
        left -= size_of(line) + 1
        if left < 0:
            lines.append(f"… and on, to section {len(parts)}")
            break
        lines.append(line)
    return "\n".join(lines)


def _notes(article: Article) -> Iterator[str]:
    for note in article.notes[:NOTES]:
        words = note.text.strip() or note.anchor_text
        if words:
            yield f"Noted on a link page:\n{quoted(cut(words, QUOTE // NOTES))}"


def _place(parts: Sequence[Section], section: str) -> int:
    """Find a section by number or heading."""
    # A heading that is a number alone, as a year, is found by its section's number.
    if section.strip().isdecimal():
        number = int(section.strip()[:9])
        if 1 <= number <= len(parts):
            return number - 1
    else:
        wanted = _key(section)
        for number, one in enumerate(parts):
            if _key(one.heading) == wanted:
                return number
        # A quote names the whole path: Training › The step size.
        last = wanted.rpartition("›")[2].strip()
        for number, one in enumerate(parts):
            if last and last in _key(one.heading):
                return number
    raise QueryError(
        "bad-parameter",
        f"There is no section {one_line(section, TITLE)!r}; there are 1 to {len(parts)},"
        " listed if you leave section out.",
    )


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


def _add_pages(room: Room, parts: Sequence[Section], first: int, page: int) -> None:
    """Add pages from this one on, as many as there is room for, and the next one's
    name."""
    ahead = [
        (section, number, text)
        for section in range(first, len(parts))
        for number, text in enumerate(parts[section].pages, 1)
        if section > first or number >= page
    ]
    room.left -= LAST_LINE
    # Below a long outline and notes there may be room for none.
    rest = list(dropwhile(lambda one: room.add(quoted(one[2])), ahead))
    room.left += LAST_LINE
    if not rest:
        room.add("This is the end of the article.")
        return
    section, number, _ = rest[0]
    room.add(f"It goes on: read_article with section={section + 1}, page={number}.")


def _pieces(block: Block) -> Iterator[str]:
    """Write a block, in pieces that fit a page."""
    rest = _written(block)
    while rest:
        most = PAGE
        piece, after = split_at(rest, most)
        # Each line gets a mark.
        while size_of(quoted(piece)) > PAGE:
            most = most * 2 // 3
            piece, after = split_at(rest, most)
        yield piece
        rest = after


def _written(block: Block) -> str:
    if block.kind == "heading":
        return f"{'#' * block.level} {block.text}"
    if block.kind == "item":
        mark = f"{block.number}." if block.number else "-"
        return f"{'  ' * (block.level - 1)}{mark} {block.text}"
    return block.text


def _add_piece(pages: list[str], piece: str) -> None:
    """Add a piece to the last page, or to one of its own."""
    joined = f"{pages[-1]}\n\n{piece}" if pages else piece
    if pages and size_of(quoted(joined)) <= PAGE:
        pages[-1] = joined
    else:
        pages.append(piece)
