"""The headers of a mail as text.

Never raises for what a mail may contain.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, date, datetime
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from urllib.parse import quote

from indexer.text.encoding import decode
from indexer.text.markup import legal

# RFC 2047, section 2, with the language of RFC 2231.
_WORD = re.compile(r"=\?([\w.:-]+)(?:\*[\w-]*)?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_LIST_ID = re.compile(r"(.*?)<([^<>]*)>\s*$", re.DOTALL)
_LONGEST = 20_000  # characters of one header; a subject has a line


def text_of(mail: Message, name: str) -> str:
    """Return a header as one line of text, "" where there is none."""
    return decoded(raw(mail, name))


def raw(mail: Message, name: str) -> str:
    """Return a header as it was sent, in one line; bytes beyond ASCII as text."""
    wanted = name.lower()
    for key, value in mail.raw_items():
        if key.lower() == wanted:
            sent = str(value)[:_LONGEST].encode("utf-8", "surrogateescape")
            return " ".join(legal(decode(sent)).split())
    return ""


def decoded(header: str) -> str:
    """Return a header with its encoded words as text."""
    joined = _BETWEEN_WORDS.sub(r"\1", header)
    parts: list[str] = []
    end = 0
    for row in _rows(joined):
        parts.append(joined[end : row[0].start()])
        parts.append(decode(b"".join(map(_bytes, row)), row[0][1]))
        end = row[-1].end()
    parts.append(joined[end:])
    return " ".join(legal("".join(parts)).split())


def _rows(header: str) -> list[list[re.Match[str]]]:
    """Return the encoded words, those of one charset that touch each other in one row:
    they may part a character between them."""
    rows: list[list[re.Match[str]]] = []
    for word in _WORD.finditer(header):
        last = rows[-1][-1] if rows else None
        if last and last.end() == word.start() and last[1].lower() == word[1].lower():
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def _bytes(word: re.Match[str]) -> bytes:
    text = word[3].encode("ascii", "replace")
    if word[2].lower() == "q":
        return binascii.a2b_qp(text, header=True)
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4))
    except ValueError:
        return text


def sender(mail: Message) -> tuple[str, str]:
    """Return the name of the sender and the address, "" for what is not said."""
    name, address = parseaddr(raw(mail, "From"))
    return decoded(name).strip("\"' "), address.strip().lower()


def day_of(mail: Message, today: date) -> date | None:
    """Return the day in UTC on which a mail was sent, None for none that can be."""
    # A server's own time stands in for a sender's clock that was never set.
    received = raw(mail, "Received").rpartition(";")[2]
    for text in (raw(mail, "Date"), received):
        day = _day(text)
        if day is not None and date(1970, 1, 2) <= day <= today:
            return day
    return None


def _day(text: str) -> date | None:
    try:
        moment: datetime = parsedate_to_datetime(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.date()


def message_id(mail: Message) -> str:
    """Return the mail's own id without its brackets, "" where it has none."""
    found = raw(mail, "Message-ID").strip()
    inside = re.match(r"<([^<>\s]+)>", found)
    if inside:
        return inside[1]
    return "" if " " in found else found.strip("<>")


def mid_address(identity: str) -> str:
    """Return the address of a mail by its id (RFC 2392)."""
    return f"mid:{quote(identity, safe='@!$&+=-._~')}"


def list_of(mail: Message) -> tuple[str, str]:
    """Return the name and the id of the mailing list, "" for what is not said."""
    found = _LIST_ID.match(raw(mail, "List-Id"))
    if found is None:
        return "", ""
    name = decoded(found[1]).strip("\"' ")
    # Some services have numbers of their own in the name's place.
    if re.search(r"\d{5,}|[0-9a-f]{12,}", name):
        name = ""
    return name, found[2].strip().lower()
