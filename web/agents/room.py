"""The room that an answer to an agent has, and texts made to fit it.

An agent pays for each word that it reads, so no answer exceeds the room.
"""

from __future__ import annotations

from search.console import plain

# An answer is to stay below 2,000 tokens. Three bytes of UTF-8 are counted as one:
# English has four to five a token, Chinese three, and code between them.
TOKENS = 2_000
BYTES_A_TOKEN = 3
ANSWER = TOKENS * BYTES_A_TOKEN
ELLIPSIS = " …"


class Room:
    """Collects the parts of one answer, a blank line between them, in ``size`` bytes."""

    def __init__(self, size: int = ANSWER) -> None:
        self._parts: list[str] = []
        self.left = size

    def add(self, part: str) -> bool:
        """Take a part in, if there is room for all of it."""
        cost = size_of(part) + len("\n\n")
        if cost > self.left:
            return False
        self._parts.append(part)
        self.left -= cost
        return True

    def text(self) -> str:
        """Return the parts as one text."""
        return "\n\n".join(self._parts)


def size_of(text: str) -> int:
    """Return the bytes of a text in UTF-8."""
    return len(text.encode("utf-8", "replace"))


def one_line(text: str, most: int) -> str:
    """Return a text as one line of ``most`` bytes, without what a terminal would act
    upon."""
    return cut(" ".join(plain(text).split()), most)


def cut(text: str, most: int) -> str:
    """Return a text, or as much of its beginning as ``most`` bytes hold, with a mark."""
    if size_of(text) <= most:
        return text
    head, _ = split_at(text, most - size_of(ELLIPSIS))
    return head.rstrip() + ELLIPSIS


def split_at(text: str, most: int) -> tuple[str, str]:
    """Part a text into a beginning of at most ``most`` bytes and the rest: at a line's
    end, else at a space in its second half, else between two characters.

    ``most`` is at least 4, the bytes of the longest character.
    """
    head = text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")
    if len(head) == len(text):
        return text, ""
    for mark in ("\n", " "):
        place = head.rfind(mark, len(head) // 2)
        if place > 0:
            return text[:place], text[place + 1 :]
    return head, text[len(head) :]


def quoted(text: str) -> str:
    """Mark each line of a text that others wrote, so that it can't pass for ours."""
    lines = plain(text, keep="\n\t").split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)
