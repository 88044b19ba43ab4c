"""The mails in an mbox file: where each begins, and its bytes without what the mailbox
added.

Reads the dialects mboxo, mboxrd and Thunderbird's; parses no mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Before each mail stands a line of the mailbox: a word, mostly with a time (RFC 4155).
# The line after it must be a header's, or a sentence that begins so would part a mail.
_POSTMARK = re.compile(
    rb"From \S{1,300}(?:[ \t]+[^\r\n]{0,200}\d\d:\d\d[^\r\n]{0,200})?[ \t]*\r?\n"
    rb"(?:>From [^\n]{0,500}\n)?[!-9;-~]{1,76}[ \t]*:"
)
# Bytes that such a beginning may take, and those before it that it is told by.
LONGEST_BEGINNING = 2_000
BEFORE = 3
_LINE = b"\nFrom "
_BLANK_LINE = (b"\n\n", b"\n\r\n")
# A mailbox puts ">" before a line that begins so; mboxrd also before one that has it.
_QUOTED = re.compile(rb"\n>(>*From )")


def is_mbox(start: bytes) -> bool:
    """Say if a file that begins so is an mbox."""
    return _POSTMARK.match(start) is not None


def beginnings(window: bytes, *, is_first: bool) -> Sequence[int]:
    """Return the places in a part of a mailbox at which mails begin.

    ``is_first``: the part is the file's beginning; of another the first ``BEFORE``
    bytes only show what stands before.
    """
    places = []
    if is_first and is_mbox(window):
        places.append(0)
    # Mailboxes have gigabytes: an expression would try each byte.
    end = window.find(_LINE, 0 if is_first else BEFORE - 1)
    while end >= 0:
        place = end + 1
        if window.endswith(_BLANK_LINE, 0, place) and _POSTMARK.match(window, place):
            places.append(place)
        end = window.find(_LINE, place)
    return places


def mail_in(stored: bytes) -> bytes:
    """Return a mail without the mailbox's line before it and the ">" within."""
    _, _, mail = stored.partition(b"\n")
    return _QUOTED.sub(rb"\n\1", mail)
