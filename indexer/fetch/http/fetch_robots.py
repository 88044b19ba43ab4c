"""A reader of robots.txt files that remembers them from one run to the next.

It fetches through the fetcher that it is given, and leaves the rules to robots.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from indexer.fetch.http.clock import Clock
from indexer.fetch.http.redirects import FetchRequest
from indexer.fetch.http.server_memory import ServerMemory
from indexer.records import FetchError, NotModified, Page, RobotsCopy, Validators

LONGEST_FRESH = timedelta(days=1)  # whatever its server says (RFC 9309, 2.4)

# Failures that hold for the page itself, and so are passed on as they are.
_OF_THE_HOST = {
    "bad-address",
    "private-address",
    "no-network",
    "no-such-host",
    "silent-host",
    "put-off",
    "tls",
    "stopped",
}
_NEVER_READ = RobotsCopy(None, Validators())


class RobotsReader:
    """A reader of robots.txt files, from ``memory`` as long as the copy is fresh."""

    def __init__(
        self,
        fetch: Callable[[FetchRequest], Page | NotModified],
        memory: ServerMemory,
        clock: Clock,
    ) -> None:
        self._fetch = fetch
        self._memory = memory
        self._clock = clock

    def read(self, url: str, allow_private: bool) -> str:
        """Return the text of a robots.txt, "" where there is none. Raises FetchError.

        RFC 9309, 2.3.1: no file, no rules; a file that cannot be read now forbids all
        for now.
        """
        copy = self._memory.robots.get(url, _NEVER_READ)
        if copy.fresh_until > self._clock.utc_now().isoformat():
            return copy.text or ""
        try:
            answer = self._ask(url, copy, allow_private)
        except FetchError as error:
            if error.reason in _OF_THE_HOST:
                raise
            if _is_missing(error):
                # Asked again in each run, though only for a file newer than this answer.
                self._memory.robots[url] = RobotsCopy(None, error.seen)
                return ""
            unread = FetchError(
                url,
                "robots-unreachable",
                f"The site's robots.txt could not be read. {error}",
                status=error.status,
                retry_after=error.retry_after,
            )
            unread.silent = error.silent
            raise unread from error
        if isinstance(answer, NotModified):
            text = copy.text or ""
        else:
            text = answer.body.decode("utf-8", "replace")
        self._remember(url, text, answer)
        return text

    def _ask(
        self, url: str, copy: RobotsCopy, allow_private: bool
    ) -> Page | NotModified:
        answer = self._fetch(FetchRequest(url, copy.seen, "robots", allow_private))
        if isinstance(answer, NotModified) and copy.text is None:
            # There was none: one has come whose date is older.
            again = FetchRequest(url, Validators(), "robots", allow_private)
            return self._fetch(again)
        return answer

    def _remember(self, url: str, text: str, answer: Page | NotModified) -> None:
        fresh = min(timedelta(seconds=answer.max_age or 0), LONGEST_FRESH)
        until = (self._clock.utc_now() + fresh).isoformat(timespec="seconds")
        self._memory.robots[url] = RobotsCopy(text, answer.validators, until)


def _is_missing(error: FetchError) -> bool:
    if error.status is None or error.reason == "rate-limited":
        return False
    return error.status < 500
