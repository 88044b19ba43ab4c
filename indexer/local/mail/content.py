"""The texts of a mail: what its parts say, as HTML and as plain text.

Attachments are not opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message

from indexer.text.encoding import decode
from indexer.text.markup import legal

_MOST_PARTS = 1_000  # of a mail; a digest of a busy list has some fifty
_DEEPEST = 30  # parts within parts


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a mail: one text, in HTML, in plain text or in both.

    ``is_flowed``: lines that end in a space go on (RFC 3676); with ``drops_space`` that
    space is the sender's program's.
    """

    html: str = ""
    plain: str = ""
    is_flowed: bool = False
    drops_space: bool = False


def sections_of(mail: Message) -> tuple[Section, ...]:
    """Return the texts of a mail in their order."""
    found = _sections(mail, 0)
    return tuple(section for _, section in zip(range(_MOST_PARTS), found, strict=False))


def _sections(part: Message, depth: int) -> Iterator[Section]:
    kind = part.get_content_type()
    if depth > _DEEPEST or part.get_content_disposition() == "attachment":
        return
    if part.is_multipart():
        below = _parts(part)
        if kind == "multipart/alternative":
            yield from _alternative(below, depth)
        else:
            for each in below:
                yield from _sections(each, depth + 1)
        return
    # A text with a name of its own is a file that someone sends along.
    if part.get_filename():
        return
    if kind == "text/html":
        yield Section(html=_text(part))
    elif kind == "text/plain":
        yield Section(
            plain=_text(part),
            is_flowed=_parameter(part, "format") == "flowed",
            drops_space=_parameter(part, "delsp") == "yes",
        )


def _parts(part: Message) -> Sequence[Message]:
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    below = [each for each in payload if isinstance(each, Message)]
    # A mail within a mail was attached to it, unless it is a list's digest.
    if part.get_content_type() == "multipart/digest":
        return below
    return [each for each in below if each.get_content_type() != "message/rfc822"]


def _alternative(parts: Sequence[Message], depth: int) -> Iterator[Section]:
    """Yield one section of what says the same in several forms."""
    forms = [section for part in parts for section in _sections(part, depth + 1)]
    html = "\n".join(section.html for section in forms if section.html)
    plain = next((section for section in forms if section.plain), Section())
    yield Section(html, plain.plain, plain.is_flowed, plain.drops_space)


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return legal(decode(content, _parameter(part, "charset")))


def _parameter(part: Message, name: str) -> str:
    try:
        found = part.get_param(name)
    except (ValueError, LookupError, TypeError):  # a header that nothing can read
        return ""
    if isinstance(found, tuple):
        found = found[2]
    return str(found or "").strip().lower()
