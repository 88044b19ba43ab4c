"""robots.txt, asked for once per server and run: the only door to protego (RFC
9309)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from protego import Protego

from indexer.fetch.http.ssrf import Address
from indexer.text.robots_directives import AGENT
from search.errors import BlogsearchError

LONGEST_DELAY = 30.0  # seconds of Crawl-delay that are kept; some files ask for hours
# with a wildcard in each, reading them takes a second, and asking 50 ms
MOST_LINES = 10_000

_CLOSED = "User-agent: *\nDisallow: /"
_LINE_END = re.compile(r"\r\n|[\r\n]")
# Up to what other line ends of Unicode's would begin; with the misspellings that Google
# accepts.
_KNOWN_LINE = re.compile(
    r"\s*(?:user[- ]?agent|allow|dis(?:s?all?ow|allaw)|diasllow|crawl[- ]delay|site-?maps?)\b"
    r"[^\v\f\x1c-\x1e\x85\u2028\u2029]*",
    re.IGNORECASE,
)
_AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*[:\s]\s*([^#]*)", re.IGNORECASE)
_AGENT_NAME = re.compile(r"[a-z_-]*", re.IGNORECASE)


@dataclass(slots=True)
class _Known:
    """What is known of one server: rules, or the failure to read them, once one of the
    two is there."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: Protego | None = None
    failure: BlogsearchError | None = None


class RobotsCache:
    """Answers whether a page may be fetched. Safe to call from several threads.

    ``read(url, allow_private)`` gives the text of a robots.txt, "" where a server has
    none, and raises a BlogsearchError where that cannot be found out; it is then raised
    for every page there.
    """

    def __init__(self, read: Callable[[str, bool], str]) -> None:
        self._read = read
        self._known: dict[tuple[str, bool], _Known] = {}
        self._lock = threading.Lock()

    def allows(self, address: Address, *, allow_private: bool) -> bool:
        return self._rules(address, allow_private).can_fetch(address.url, AGENT)

    def sitemaps(self, address: Address, *, allow_private: bool) -> list[str]:
        """The sitemaps that the file names, as written."""
        return list(self._rules(address, allow_private).sitemaps)

    def crawl_delay(self, address: Address, *, allow_private: bool) -> float:
        """Seconds that the server wants between requests, 0 where it says nothing."""
        delay = self._rules(address, allow_private).crawl_delay(AGENT)
        return min(float(delay or 0.0), LONGEST_DELAY)

    def _rules(self, address: Address, allow_private: bool) -> Protego:
        with self._lock:
            known = self._known.setdefault((address.origin, allow_private), _Known())
        with known.lock:
            if known.rules is None and known.failure is None:
                try:
                    known.rules = parse_robots(
                        self._read(f"{address.origin}/robots.txt", allow_private)
                    )
                except BlogsearchError as error:
                    known.failure = error
            if known.rules is None:
                raise known.failure or AssertionError("neither rules nor a failure")
            return known.rules


def parse_robots(text: str) -> Protego:
    """The rules of a robots.txt, as Google's parser reads it
    (github.com/google/robotstxt) but for Crawl-delay, which is a rule to us. Three
    things protego would read otherwise: an agent called "blog" is not us, an unknown
    line ends no group, and only \\n, \\r and both end a line. All agents but "*" and
    ours become one, as many agents times many rules would cost minutes. A file of more
    lines than anyone writes is not read, and lets us in nowhere."""
    matches = (
        _KNOWN_LINE.match(line) for line in _LINE_END.split(text.removeprefix("\ufeff"))
    )
    lines = [_ours_or_other(match[0]) for match in matches if match]
    return Protego.parse("\n".join(lines) if len(lines) <= MOST_LINES else _CLOSED)


def _ours_or_other(line: str) -> str:
    match = _AGENT_LINE.match(line)
    if match is None:
        return line
    name = match[1].strip()
    if name.split(maxsplit=1)[:1] == ["*"]:
        return "User-agent: *"
    token = _AGENT_NAME.match(name)
    ours = token is not None and token[0].lower() == AGENT
    return f"User-agent: {AGENT if ours else 'other'}"
