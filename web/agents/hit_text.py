"""Articles that were found, as an agent reads them: quotes with their links.

What others wrote stands in lines that begin with ">", titles and names apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from search.states import STATE_WORDS
from search.types import Answer, Article, Hit, HitPassage
from web.agents.room import Room, cut, one_line, quoted

TITLE = 200  # bytes; the longest title of 1,756 posts has 150
NAMES = 200  # bytes of site and author together
ADDRESS = 800  # bytes; a longer one leads nowhere once it is cut, but few have 300
MENDED = 300  # bytes of a question that was mended
# Bytes of one quote: 600 characters, and as many more where they are not ASCII.
QUOTE = 1_200
LAST_LINE = 100  # bytes kept for the line that says how to go on
NOTHING_SHOWN = (
    "(No quote: the page asks that none of its text be shown, or there is none.)"
)


def answer_text(answer: Answer, offset: int) -> str:
    """Write the reply to one question; ``offset`` is how many results it passes over."""
    room = Room()
    answering = answer.total if answer.confident else 0
    for line in (*_mended(answer), _verdict(answer, offset)):
        room.add(line)
    room.left -= LAST_LINE
    # Those that answer are followed by weaker ones, which have to be asked for.
    here = answer.hits[: max(0, answering - offset)] or answer.hits
    shown = _add_hits(room, here, offset, quotes_first=not offset)
    room.left += LAST_LINE
    following = offset + shown
    rest = max(0, answering - following)
    weaker = answer.total + answer.weaker - following - rest
    if shown and rest:
        room.add(f"{rest} more: ask again with offset={following}.")
    elif shown and weaker:
        room.add(f"{weaker} weaker matches: ask again with offset={following}.")
    return room.text()


def nearby_text(first_line: str, hits: Sequence[Hit]) -> str:
    """Write articles that are near to something, under a first line."""
    room = Room()
    room.add(first_line)
    _add_hits(room, hits, 0)
    return room.text()


def about_lines(found: Hit | Article) -> list[str]:
    """Write site, author and day of an article, and what else is to know of it."""
    # Many blogs have one author, after whom they are called.
    names = [found.site, found.author if found.author != found.site else ""]
    lines = []
    if line := ", ".join(one_line(name, NAMES // 2) for name in names if name):
        lines.append(line)
    if found.published:
        lines.append(found.published.isoformat())
    about = ["; ".join(lines)] if lines else []
    # Whole articles need no word.
    if found.evidence != "article":
        about.append(f"Indexed: {STATE_WORDS[found.evidence]}.")
    if found.dead_since:
        copy = f" A copy: {cut(found.archived, ADDRESS)}" if found.archived else ""
        about.append(f"The page is gone since {found.dead_since}.{copy}")
    return about


def titled(found: Hit | Article) -> str:
    """Write the title of an article on one line, its address where it has none."""
    return one_line(found.title, TITLE) or one_line(found.url, TITLE)


def _mended(answer: Answer) -> Iterable[str]:
    if answer.corrected:
        mended = one_line(answer.corrected, MENDED)
        yield f"Typing slips were mended; the answer is to: {mended}"
    if answer.suggested:
        yield f"Perhaps meant, and not asked: {one_line(answer.suggested, MENDED)}"


def _verdict(answer: Answer, offset: int) -> str:
    if answer.hits and not answer.confident:
        return "Nothing in the index answers this; the nearest are:"
    if not answer.hits and offset:
        return f"There are no results beyond offset={offset}."
    if not answer.hits:
        return "Nothing in the index answers this, and nothing is near it."
    if offset >= answer.total:
        return "Weaker matches, which may not answer:"
    if answer.total == 1:
        return "1 article answers this:"
    return f"{answer.total} articles answer this:"


def _add_hits(
    room: Room, hits: Sequence[Hit], offset: int, *, quotes_first: bool = False
) -> int:
    """Add as many articles as there is room for, and count them.

    With ``quotes_first`` the first one, which most likely answers, has all its quotes.
    """
    for place, hit in enumerate(hits):
        number = offset + place + 1
        if (
            quotes_first
            and not place
            and room.add(_hit_text(number, hit, hit.passages))
        ):
            continue
        if not room.add(_hit_text(number, hit, hit.passages[:1])):
            return place
    return len(hits)


def _hit_text(number: int, hit: Hit, quotes: Sequence[HitPassage]) -> str:
    lines = [f"{number}. {titled(hit)}", *about_lines(hit)]
    if hit.note:
        note = hit.note.text.strip() or hit.note.anchor_text
        lines += ["Noted on a link page:", quoted(cut(note, QUOTE))]
    if not quotes:
        lines.append(cut(hit.url, ADDRESS))
        if not hit.note:
            lines.append(NOTHING_SHOWN)
    for one in quotes:
        lines += _quote_lines(one, hit)
    return "\n".join(lines)


def _quote_lines(passage: HitPassage, hit: Hit) -> list[str]:
    # Its link opens the article at the quote, and names it to read_article as well.
    lines = [cut(passage.url, ADDRESS)]
    heading = one_line(passage.heading, TITLE)
    if heading and heading != one_line(hit.title, TITLE):
        lines.append(f"Section: {heading}")
    return [*lines, quoted(cut(passage.text, QUOTE))]
