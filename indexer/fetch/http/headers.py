"""Readers of response headers: validators, waiting times, media type, robots directives.

They decide nothing, and raise nothing, however broken a header is.
"""

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
# Digits beyond which a number is taken for _LONGEST; int() of thousands is slow.
_MOST_DIGITS = 12
# Characters; common servers refuse requests with longer header lines.
_LONGEST_VALIDATOR = 4096
# All control characters but the tab (RFC 9110, 5.5).
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Directives of X-Robots-Tag that are themselves followed by a colon, as the name of an
# agent is (https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag).
_VALUED_DIRECTIVES = {
    "unavailable_after",
    "max-snippet",
    "max-image-preview",
    "max-video-preview",
}


def first_value(headers: Headers, name: str) -> str:
    """Return the first value of a header, "" where there is none."""
    return next(iter(headers.get(name, ())), "")


def validators(headers: Headers, url: str) -> Validators:
    """Return the validators of a response, without those that cannot be sent back."""
    etag = _if_sendable(first_value(headers, "etag"))
    modified = _if_sendable(first_value(headers, "last-modified"))
    return Validators(etag, modified, url) or Validators()


def validators_or_date(headers: Headers, url: str) -> Validators:
    """Return the validators of a response, or else the date when it was sent.

    The date does for If-Modified-Since where the server names no time of change
    (RFC 9110, 13.1.3).
    """
    sent = _if_sendable(first_value(headers, "date"))
    return validators(headers, url) or Validators("", sent, url) or Validators()


def retry_after(headers: Headers, now: datetime) -> float | None:
    """Return the seconds that the server asks to wait, None if it asks for none.

    The header is a number of seconds or a date (RFC 9110, 10.2.3).
    """
    value = first_value(headers, "retry-after").strip()
    seconds: float | None = _seconds(value)
    if seconds is None:
        moment = _moment(value)
        if moment is None:
            return None
        seconds = (moment - now).total_seconds()
    return float(min(max(0, seconds), _LONGEST))


def max_age(headers: Headers) -> int | None:
    """Return the seconds for which the response stays fresh, None if it doesn't say.

    The time that it lay in caches is taken off (RFC 9111, 4.2).
    """
    value = ",".join(headers.get("cache-control", ())).lower()
    directives = [directive.strip() for directive in value.split(",")]
    if "no-store" in directives or "no-cache" in directives:
        return 0
    for directive in directives:
        name, _, argument = directive.partition("=")
        seconds = _seconds(argument.strip('"'))
        if name == "max-age" and seconds is not None:
            in_caches = _seconds(first_value(headers, "age")) or 0
            return max(0, seconds - in_caches)
    return _until_expiry(headers)


def _until_expiry(headers: Headers) -> int | None:
    # Counted from when the response was sent: the server's clock may be wrong, but it is
    # the same for both.
    sent = _moment(first_value(headers, "date"))
    expires = _moment(first_value(headers, "expires"))
    if sent is None or expires is None:
        return None
    seconds = int((expires - sent).total_seconds())
    return min(max(0, seconds), _LONGEST)


def content_type(headers: Headers) -> tuple[str, str]:
    """Return media type and charset, both in lower case, "" where they are unsaid."""
    value = first_value(headers, "content-type")
    message = Message()
    message["content-type"] = re.sub(r"[\r\n]", " ", value)
    charset = message.get_param("charset", "")
    if not isinstance(charset, str):  # a tuple: in the form that mail has (RFC 2231)
        charset = ""
    kind, _, _ = value.partition(";")
    return kind.strip().lower(), charset.strip().lower()


def robots_directives(headers: Headers, agent: str) -> Directives:
    """Return the directives of X-Robots-Tag for all agents, or for ours by name."""
    for_us: list[str] = []
    for value in headers.get("x-robots-tag", ()):
        is_for_us = True
        for part in value.lower().split(","):
            directive = part
            name, colon, rest = part.partition(":")
            if colon and name.strip() not in _VALUED_DIRECTIVES:
                # The name of an agent: it holds for the rest of the header.
                is_for_us = name.strip() in ("*", agent)
                directive = rest
            if is_for_us:
                for_us.append(directive)
    return read_directives(for_us)


def _if_sendable(value: str) -> str:
    if len(value) > _LONGEST_VALIDATOR or _UNSENDABLE.search(value):
        return ""
    return value


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000": UTC of an unknown zone (RFC 5322, 3.3)
        return moment.replace(tzinfo=UTC)
    return moment


def _seconds(value: str) -> int | None:
    if not (value.isascii() and value.isdigit()):
        return None
    if len(value) > _MOST_DIGITS:
        return _LONGEST
    return min(int(value), _LONGEST)
