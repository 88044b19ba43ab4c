"""The addresses in mails without the detours over those who count clicks.

A target is taken from the address itself: nothing is ever asked for it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from search.text.urls import AddressError, canonical, normalized

_ADDRESS = re.compile(r"https?://[^\s<>\"'\u00a0]+", re.IGNORECASE)
_IN_TEXT = re.compile(r"https?://[^\s\"'<>&\\]+")
# Parameters in which redirects name their target.
_PARAMETERS = frozenset(
    ["url", "u", "q", "to", "target", "redirect", "redirect_url", "redirect_to", "dest", "destination", "link"]
)  # fmt: skip
# Services that count clicks: their hosts, and paths that several have in common.
_COUNTING_HOSTS = re.compile(
    r"(?:^|\.)(?:list-manage\d*\.com|sendgrid\.net|awstrack\.me|mandrillapp\.com|rs6\.net"
    r"|hubspotlinks\.com|hubspotemail\.net|klclick\d*\.com|exct\.net|cmail\d+\.com|createsend\d*\.com"
    r"|convertkit-mail\d*\.com|kit-mail\d*\.com|mlsend\.com|acemlna\.com|mailgun\.org"
    r"|sparkpostmail\.com|link\.mail\.beehiiv\.com)$"
)
_COUNTING_PATHS = re.compile(
    r"/(?:ls/click|wf/click|ss/c/|track/click|e3t/|CL0/|L0/|c/eJ|redirect/\d|app-link/)|[\w=+-]{80,}"
)
_MOST_DETOURS = 4  # of one link, one within the other
_LONGEST_UNPACKED = 8_000  # bytes
# Stands in the place of an address that is left out, so that the brackets around it go
# as well, and no others; for private use (Unicode).
_GONE = "\ue0f3"
_LEFT_OUT = re.compile(rf"\(\s*{_GONE}\s*\)|\[\s*{_GONE}\s*\]|<\s*{_GONE}\s*>|{_GONE}")
_ENDS = ".,;:!?)]}'\""


def target_of(url: str) -> str:
    """Return the address that a link leads to, without detours and what counts clicks;
    "" where it stands on no detour that can be read, or is none on the web."""
    try:
        for _ in range(_MOST_DETOURS):
            inner = next(_targets_within(url), "")
            if not inner:
                break
            url = inner
        if is_counting(url):
            return ""
        return canonical(url)
    except (AddressError, ValueError):
        return ""


def is_counting(url: str) -> bool:
    """Say if an address is a detour over a service that counts clicks."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return True
    return bool(_COUNTING_HOSTS.search(host) or _COUNTING_PATHS.search(parts.path))


def with_plain_addresses(text: str) -> str:
    """Return a text in which detours are the addresses that they lead to, or left out
    where that can't be told."""
    if "://" not in text:
        return text
    return _LEFT_OUT.sub("", _ADDRESS.sub(_plain, text))


def _plain(found: re.Match[str]) -> str:
    written = found[0].rstrip(_ENDS)
    rest = found[0][len(written) :]
    target = target_of(written)
    if not target:
        return _GONE + rest if is_counting(written) else found[0]
    # A plain address stays as its author wrote it.
    if _same(target, written):
        return found[0]
    return target + rest


def _same(target: str, written: str) -> bool:
    without_fragment = written.partition("#")[0]
    return normalized(without_fragment) == target


def _targets_within(url: str) -> Iterator[str]:
    """Yield the addresses that another one has within it as those that it leads to."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if host == "urldefense.proofpoint.com":
        yield from _of_proofpoint(parts.query)
    if host == "urldefense.com":
        found = re.match(r"/v3/__(.+?)__;", parts.path + "?" + parts.query)
        yield from _complete(found[1] if found else "")
    for name, value in parse_qsl(parts.query):
        if name.lower() in _PARAMETERS:
            yield from _complete(value)
    for segment in parts.path.split("/"):
        yield from _complete(unquote(segment))
        yield from _complete(_unpacked(segment))


def _of_proofpoint(query: str) -> Iterator[str]:
    written = dict(parse_qsl(query)).get("u", "")
    yield from _complete(unquote(written.replace("-", "%").replace("_", "/")))


def _complete(text: str) -> Iterator[str]:
    if re.match(r"https?://[^/\s]+\.", text, re.IGNORECASE):
        yield text


def _unpacked(segment: str) -> str:
    """Return the address in a segment in base64: plain, in JSON or compressed."""
    # "http" and '{"' in base64, and how zlib begins.
    if not segment.startswith(("aHR0c", "eyJ", "eJ")):
        return ""
    packed = segment.partition(".")[0]
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        if segment.startswith("eJ"):
            data = zlib.decompressobj().decompress(data, _LONGEST_UNPACKED)
        text = data.decode("utf-8", "replace")
        if segment.startswith("eyJ"):
            values = json.loads(text)
            return next(filter(_ADDRESS.match, map(str, values.values())), "")
    except (binascii.Error, ValueError, zlib.error, AttributeError, RecursionError):
        return ""
    found = _IN_TEXT.search(unquote(text))
    return found[0] if found else ""
