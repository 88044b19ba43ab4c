"""The parser of requests: waitress's, without the forms that two programs read as
different requests.

It changes nothing of what it lets through, but that a connection ends after a body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import BadRequest

# What follows a method: a path of this server, the address of a page of it, or "*" of
# OPTIONS. No control characters: some programs drop them, and read another address.
_FIRST_LINE = re.compile(
    rb"(?:OPTIONS \*|[A-Z0-9!#$%&'*+.^_`|~-]+ (?:/|https?://)[!-~]*)"
    rb" HTTP/1\.[01]"
)
_BARE_LINE_END = re.compile(rb"[^\r]\n")
# Enough to see a line end that came in two parts.
_OVERLAP = 3  # bytes


@dataclass(frozen=True, slots=True)
class Uploads:
    """The one address that takes large bodies, as far as ``limits`` go.

    ``admits`` tells from a header, Authorization, who may send one.
    """

    path: str
    limits: Adjustments
    admits: Callable[[str], bool]


class _Sink(OverflowableBuffer):  # type: ignore[misc]  # waitress ships no types
    """Takes a body and keeps none of it."""

    def append(self, s: bytes) -> None:
        pass


class RequestParser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """One request. What RFC 9112 says to refuse, so that nobody smuggles a request in
    another, is an error, after which waitress ends the connection.

    ``is_admitted``: its client may send a large body, and have the time for it.
    """

    is_admitted = False
    body_rcv: Any = None

    def __init__(self, adj: Adjustments, uploads: Uploads | None = None) -> None:
        super().__init__(adj)
        self._uploads = uploads

    def received(self, data: bytes) -> int:
        """Take bytes; a line of the head that ends in LF alone is an error at once, as
        waitress would wait for another end of it."""
        if self.body_rcv is None and not self.completed:
            # A request doesn't begin with LF either.
            before = self.header_plus[-_OVERLAP:] or b" "
            head = (before + data).partition(b"\r\n\r\n")[0]
            if _BARE_LINE_END.search(head):
                self._refuse()
                return len(data)
        return int(super().received(data))

    def parse_header(self, head: bytes) -> None:
        """Read the head of a request; raises ParsingError for what it should not be."""
        lines = head.split(b"\r\n")
        self._check(lines)
        try:
            super().parse_header(b"\r\n".join(map(_without_blanks, lines)))
        # Of an address like http://[, or of a length of 5,000 digits.
        except ValueError as error:
            raise ParsingError("Invalid address") from error
        # A proxy in front may have gone by the one name and we by the other.
        if self.proxy_netloc and not self._is_of_its_host():
            raise ParsingError("Two hosts")
        if self.body_rcv is None:
            # waitress would wait for a body that doesn't come.
            self.expect_continue = False
        else:
            # Few addresses of ours take a body. However that was framed, nothing behind
            # it is read as a request.
            self.headers["CONNECTION"] = "close"
            if self._uploads is not None and self.path == self._uploads.path:
                self._take_upload(self._uploads)

    def _take_upload(self, uploads: Uploads) -> None:
        """Take a large body from who is admitted; of others it is read and dropped, so
        that they hear from the app why."""
        self.adj = uploads.limits
        self.is_admitted = uploads.admits(self.headers.get("AUTHORIZATION", ""))
        if self.is_admitted:
            return
        if self.expect_continue:
            # They hear it before they send anything.
            self.expect_continue, self.chunked = False, False
            self.content_length, self.body_rcv = 0, None
        else:
            self.body_rcv.buf = _Sink(self.adj.inbuf_overflow)
        self.headers["CONTENT_LENGTH"] = "0"

    def _is_of_its_host(self) -> bool:
        host = self.headers.get("HOST", "")
        return bool(self.proxy_netloc.lower() == host.lower())

    def _check(self, lines: list[bytes]) -> None:
        if not _FIRST_LINE.fullmatch(lines[0]):
            raise ParsingError("Start line is invalid")
        if any(line.startswith((b" ", b"\t")) for line in lines):
            raise ParsingError("A header goes on in the next line")
        names = [line.partition(b":")[0].lower() for line in lines]
        codings = names.count(b"transfer-encoding")
        if codings + names.count(b"content-length") > 1:
            raise ParsingError("More than one length")
        if codings:
            _, _, coding = lines[names.index(b"transfer-encoding")].partition(b":")
            is_known = lines[0].endswith(b"1.1")  # 1.0 has no codings
            if b"," in coding or not coding.strip(b" \t") or not is_known:
                raise ParsingError("Not one coding")

    def _refuse(self) -> None:
        super().parse_header(b"GET / HTTP/1.0\r\n")  # what an answer needs to know
        self.error = BadRequest("Bare LF")
        self.completed = True


def _without_blanks(line: bytes) -> bytes:
    """Take the blanks around a header's value: waitress's pattern for these takes the
    square of their number, 88 seconds for a line of 128 kB."""
    name, colon, value = line.partition(b":")
    return name + colon + value.strip(b" \t")
