"""A mail as an item: who wrote it when, on which list, and the address it goes by."""

from __future__ import annotations

import email
import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import Message
from email.policy import compat32

from indexer.local.mail.content import sections_of
from indexer.local.mail.headers import (
    day_of,
    list_of,
    message_id,
    mid_address,
    raw,
    sender,
    text_of,
)
from indexer.local.mail.refused import is_encrypted, reason_of
from indexer.local.mail.web_version import web_address_of
from indexer.records import Item, LeftOut

# Marks it as a mail for those who read an item's text.
SOFTWARE = "mail"
# Bytes of a mail that are read: its texts stand before what is attached.
LARGEST = 32 << 20
# Headers that a mail program writes into the file while the mail stays the same.
_CHANGING = re.compile(
    rb"^(?:X-Mozilla-\S*|X-Status|Status|X-Keywords|X-UID|X-IMAP\S*|X-Evolution\S*"
    rb"|Content-Length|Lines):.*\n(?:[ \t].*\n)*",
    re.MULTILINE | re.IGNORECASE,
)
_LONGEST_HEAD = 200_000  # bytes in which those are looked for
_FROM_SITE = r"(?<=\S)\s+(?:from|at|of|@|[|,–-])\s+{}$"
_TAG = re.compile(r"\[([^\[\]]{1,80})\]\s*(?=\S)")
_REPLY = re.compile(r"(?:re|aw|antw|sv|rv|odp|réf?)\s*(?:\[\d+\])?:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ScannedMail:
    """The result of a look at a mail at ``file``. ``item`` is None for what is no
    article, ``left_out`` then is the reason, or ``unread`` a sentence.

    ``message`` is its address by its own id, the same in whatever folder it lies.
    ``is_known``: it is as it was at the last look. ``again``: the next look is due even
    where the file hasn't changed.
    """

    file: str
    version: str = ""
    message: str = ""
    item: Item | None = None
    left_out: LeftOut = ""
    unread: str = ""
    is_known: bool = False
    again: bool = False


def scan_mail(
    file: str, content: bytes, today: date, *, known_version: str = ""
) -> ScannedMail:
    """Look at one mail, unless it is of the version that is known; runs in a worker."""
    version = version_of(content)
    if version == known_version:
        return ScannedMail(file, version, is_known=True)
    if not content.strip():
        return ScannedMail(file, version, left_out="empty")
    mail = parsed(content)
    own = message_id(mail) or f"{version[:32]}@blogsearch.invalid"
    message = mid_address(own)
    reason = reason_of(mail)
    if reason:
        return ScannedMail(file, version, message, left_out=reason)
    sections = sections_of(mail)
    if is_encrypted(sections):
        return ScannedMail(file, version, message, left_out="encrypted")
    if not any(section.html.strip() or section.plain.strip() for section in sections):
        return ScannedMail(file, version, message, left_out="empty")
    subject = title_of(mail)
    name, address = sender(mail)
    site = _site_of(mail) or name or address.rpartition("@")[2]
    # Services say of whom and where in one: "Mara Lindqvist from The Kitchen Garden".
    author = re.sub(_FROM_SITE.format(re.escape(site)), "", name or address)
    # Elsewhere it may be tomorrow already.
    day = day_of(mail, today + timedelta(days=1))
    item = Item(
        url=web_address_of(mail, subject, sections) or message,
        title=subject,
        author=author,
        published=day.isoformat() if day else "",
        site=site,
        file=file,
        version=version,
        software=SOFTWARE,
    )
    return ScannedMail(file, version, message, item)


def _site_of(mail: Message) -> str:
    """Return the name of the list that a mail came by; the id of a list on which many
    write, for want of a name."""
    name, list_id = list_of(mail)
    is_shared = "mailto:" in raw(mail, "List-Post")
    return name or (list_id if is_shared else "")


def parsed(content: bytes) -> Message:
    """Parse a mail, whatever it is."""
    return email.message_from_bytes(content, policy=compat32)


def version_of(content: bytes) -> str:
    """Return a hash of a mail without what mail programs note in it."""
    normal = content.replace(b"\r\n", b"\n")
    head, blank, body = normal[:_LONGEST_HEAD].partition(b"\n\n")
    head = _CHANGING.sub(b"", head + b"\n")
    kept = head + blank + body + normal[_LONGEST_HEAD:]
    return hashlib.sha256(kept.rstrip()).hexdigest()


def title_of(mail: Message) -> str:
    """Return the subject without the list's name in brackets and, of an answer, without
    the "Re:"."""
    subject = text_of(mail, "Subject")
    name, list_id = list_of(mail)
    names = {name.casefold(), list_id.partition(".")[0]} - {""}
    is_answer = bool(raw(mail, "In-Reply-To") or raw(mail, "References"))
    for _ in range(4):  # each may stand before the other, and more than once
        tag = _TAG.match(subject)
        reply = _REPLY.match(subject) if is_answer else None
        if tag and tag[1].casefold() in names:
            subject = subject[tag.end() :]
        elif reply:
            subject = subject[reply.end() :]
        else:
            break
    return subject
