"""The mails in an mbox file: where each begins, and its bytes without what the mailbox
added.

Reads the dialects mboxo, mboxrd and Thunderbird's; parses no mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Before each mail stands a line of the mailbox: a word, mostly with a time (RFC 4155).
# The line after it must be a header's, or a sentence that begins so would part a mail.
_POSTMARK = (
    rb"From \S{1,300}(?:[ \t]+[^\r\n]{0,200}\d\d:\d\d[^\r\n]{0,200})?[ \t]*\r?\n"
)
_BEGINNING = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))(?=" + _POSTMARK + rb"(?:>From [^\n]{0,500}\n)?"
    rb"[!-9;-~]{1,76}[ \t]*:)"
)
# Bytes that such a beginning may take, and those before it that it is told by.
LONGEST_BEGINNING = 2_000
BEFORE = 3
# A mailbox puts ">" before a line that begins so; mboxrd also before one that has it.
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def is_mbox(start: bytes) -> bool:
    """Say if a file that begins so is an mbox."""
    found = _BEGINNING.match(start)
    return found is not None


def beginnings(window: bytes, *, is_first: bool) -> Sequence[int]:
    """Return the places in a part of a mailbox at which mails begin.

    ``is_first``: the part is the file's beginning; of another the first ``BEFORE``
    bytes only show what stands before.
    """
    places = [found.start() for found in _BEGINNING.finditer(window)]
    if is_first:
        return places
    return [place for place in places if place >= BEFORE]


def mail_in(stored: bytes) -> bytes:
    """Return a mail without the mailbox's line before it and the ">" within."""
    _, _, mail = stored.partition(b"\n")
    return _QUOTED.sub(rb"\1", mail)
