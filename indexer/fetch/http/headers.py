"""What the headers of a reply say: validators, how long to wait, what kind of text, who
may index. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from indexer.records import Validators
from indexer.text.robots_directives import Directives, read_directives

# Lower-case name to the values in the order in which they came.
Headers = Mapping[str, tuple[str, ...]]

_LONGEST = 366 * 24 * 3600  # seconds; beyond a year a server's number says nothing
# characters; common servers refuse requests with longer header lines
_LONGEST_VALIDATOR = 4096
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Directives of X-Robots-Tag that are themselves followed by a colon
# (developers.google.com/search).
_VALUED_DIRECTIVES = {
    "unavailable_after",
    "max-snippet",
    "max-image-preview",
    "max-video-preview",
}


def first_value(headers: Headers, name: str) -> str:
    """The first value of a header, "" where there is none."""
    values = headers.get(name, ())
    return values[0] if values else ""


def validators(headers: Headers, url: str) -> Validators:
    """The validators of a reply; one that could not be sent back as it is counts as
    none."""
    etag, modified = (
        "" if _UNSENDABLE.search(value) or len(value) > _LONGEST_VALIDATOR else value
        for value in (
            first_value(headers, "etag"),
            first_value(headers, "last-modified"),
        )
    )
    return Validators(etag, modified, url) if etag or modified else Validators()


def validators_or_date(headers: Headers, url: str) -> Validators:
    """The validators of a reply, or else when it was sent: that does for
    If-Modified-Since where the server names no time of change (RFC 9110, 13.1.3)."""
    sent = first_value(headers, "date")
    usable = sent and not _UNSENDABLE.search(sent) and len(sent) <= _LONGEST_VALIDATOR
    return validators(headers, url) or (
        Validators("", sent, url) if usable else Validators()
    )


def retry_after(headers: Headers, now: datetime) -> float | None:
    """Seconds that the server asks to wait (RFC 9110, 10.2.3: a number or a date), None
    if it doesn't."""
    value = first_value(headers, "retry-after").strip()
    seconds = _seconds(value)
    if seconds is not None:
        return float(seconds)
    moment = _moment(value)
    return (
        None
        if moment is None
        else min(max(0.0, (moment - now).total_seconds()), float(_LONGEST))
    )


def max_age(headers: Headers) -> int | None:
    """Seconds for which the reply stays fresh (RFC 9111), less the time it lay in
    caches; None if unsaid."""
    directives = [
        d.strip().lower()
        for value in headers.get("cache-control", ())
        for d in value.split(",")
    ]
    if "no-store" in directives or "no-cache" in directives:
        return 0
    ages = (
        _seconds(d.removeprefix("max-age=").strip('"'))
        for d in directives
        if d.startswith("max-age=")
    )
    age = next((a for a in ages if a is not None), None)
    if age is None:
        return _until_expiry(headers)
    return max(0, age - (_seconds(first_value(headers, "age")) or 0))


def _until_expiry(headers: Headers) -> int | None:
    """By Expires, counted from when the reply was sent; its clock may be wrong, but the
    same for both."""
    sent, expires = (
        _moment(first_value(headers, "date")),
        _moment(first_value(headers, "expires")),
    )
    if sent is None or expires is None:
        return None
    return min(max(0, int((expires - sent).total_seconds())), _LONGEST)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def content_type(headers: Headers) -> tuple[str, str]:
    """Media type and charset, both in lower case, "" where they are unsaid."""
    value = first_value(headers, "content-type").strip()
    if not value:
        return "", ""
    message = Message()
    message["content-type"] = re.sub(r"[\r\n]", " ", value)
    charset = message.get_param("charset", "")
    return (
        value.partition(";")[0].strip().lower(),
        charset.strip().lower() if isinstance(charset, str) else "",
    )


def robots_directives(headers: Headers, agent: str) -> Directives:
    """What X-Robots-Tag asks of all agents, or of ours by name."""
    concern_us: list[str] = []
    for value in headers.get("x-robots-tag", ()):
        concerned = True
        for part in value.lower().split(","):
            name, colon, rest = part.partition(":")
            if colon and name.strip() not in _VALUED_DIRECTIVES:
                concerned, part = name.strip() in ("*", agent), rest
            if concerned:
                concern_us.append(part)
    return read_directives(concern_us)


def _seconds(value: str) -> int | None:
    if not (value.isascii() and value.isdigit()):
        return None
    # Thousands of digits are no number that int() should be given.
    return min(int(value), _LONGEST) if len(value) <= 12 else _LONGEST
