"""The rules of each site's robots.txt, read once a run: the only door to protego.

It follows RFC 9309, and Google's parser (https://github.com/google/robotstxt) where the
RFC is silent. It fetches nothing itself.
"""

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
# A file of as many lines, with a wildcard in each, takes a second to read and 50 ms a
# question. No person writes a longer one, so it is taken to close the site.
MOST_LINES = 10_000

_CLOSED = "User-agent: *\nDisallow: /"
# The only line ends there are; protego would also end lines at Unicode's others.
_LINE_END = re.compile(r"\r\n|[\r\n]")
# Lines of other names end a group in protego, and in Google's parser do not, so they are
# left out. The misspellings are those that Google accepts.
_KNOWN_LINE = re.compile(
    r"\s*(?:user[- ]?agent|allow|dis(?:s?all?ow|allaw)|diasllow|crawl[- ]delay|site-?maps?)\b"
    r"[^\v\f\x1c-\x1e\x85\u2028\u2029]*",
    re.IGNORECASE,
)
_AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*[:\s]\s*([^#]*)", re.IGNORECASE)
_AGENT_NAME = re.compile(r"[a-z_-]*", re.IGNORECASE)  # RFC 9309, 2.2.1


@dataclass(slots=True)
class _Entry:
    """The rules of one server, or the failure to read them, None before the first try."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    answer: Protego | BlogsearchError | None = None


class RobotsCache:
    """The rules of all servers met in a run. Safe to call from several threads.

    ``read(url, allow_private)`` gives the text of a robots.txt, "" where a server has
    none, and raises a BlogsearchError where that cannot be found out; it is then raised
    for every page there.
    """

    def __init__(self, read: Callable[[str, bool], str]) -> None:
        self._read = read
        self._entries: dict[tuple[str, bool], _Entry] = {}
        self._lock = threading.Lock()

    def allows(self, address: Address, *, allow_private: bool) -> bool:
        """Return True where the rules let us fetch the page."""
        return self._rules(address, allow_private).can_fetch(address.url, AGENT)

    def sitemaps(self, address: Address, *, allow_private: bool) -> list[str]:
        """Return the sitemaps that the file names, as written."""
        return list(self._rules(address, allow_private).sitemaps)

    def crawl_delay(self, address: Address, *, allow_private: bool) -> float:
        """Return the seconds that the server wants between requests, 0 if unsaid."""
        delay = self._rules(address, allow_private).crawl_delay(AGENT)
        return min(float(delay or 0.0), LONGEST_DELAY)

    def _rules(self, address: Address, allow_private: bool) -> Protego:
        with self._lock:
            entry = self._entries.setdefault((address.origin, allow_private), _Entry())
        with entry.lock:
            if entry.answer is None:
                try:
                    text = self._read(f"{address.origin}/robots.txt", allow_private)
                    entry.answer = parse_robots(text)
                except BlogsearchError as error:
                    entry.answer = error
        if isinstance(entry.answer, BlogsearchError):
            raise entry.answer
        return entry.answer


def parse_robots(text: str) -> Protego:
    """Return the rules of a robots.txt as Google's parser reads them.

    Crawl-delay, which Google ignores, is a rule too. A file of more than MOST_LINES is
    not read, and lets us in nowhere.
    """
    lines = []
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        known = _KNOWN_LINE.match(line)
        if known:
            lines.append(_with_agent_narrowed(known[0]))
    if len(lines) > MOST_LINES:
        return Protego.parse(_CLOSED)
    return Protego.parse("\n".join(lines))


def _with_agent_narrowed(line: str) -> str:
    # All agents but "*" and ours become one, as many agents times many rules would cost
    # minutes; and to protego an agent called "blog" would mean us too.
    match = _AGENT_LINE.match(line)
    if match is None:
        return line
    name = match[1].strip()
    if name.split(maxsplit=1)[:1] == ["*"]:
        return "User-agent: *"
    token = _AGENT_NAME.match(name)
    if token and token[0].lower() == AGENT:
        return f"User-agent: {AGENT}"
    return "User-agent: other"
