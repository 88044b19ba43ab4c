from __future__ import annotations

import time

import pytest
from waitress.adjustments import Adjustments

from web.server.request_parser import RequestParser

ADJUSTMENTS = Adjustments(listen="127.0.0.1:0", max_request_header_size=131_072)
# Of the same length, by what a pattern may stumble over.
LONG = {
    "blanks before": lambda n: b"X:" + b" " * n + b"a",
    "blanks behind": lambda n: b"X: a" + b" " * n,
    "blanks alone": lambda n: b"X:" + b" " * n,
    "blanks and a control": lambda n: b"X:" + b"\t " * (n // 2) + b"\x01",
    "words": lambda n: b"X:" + b" a" * (n // 2) + b"\x01",
    "a long name": lambda n: b"X" * n + b" :",
    "no colon": lambda n: b" ".join([b"X"] * (n // 2)),
    "many headers": lambda n: b"X:\r\n" * (n // 4) + b"X:",
    "many blank headers": lambda n: (b"X:" + b" " * 60 + b"\r\n") * (n // 64) + b"X:",
    "lengths": lambda n: b"Content-Length:" + b"9" * n,
    "codings": lambda n: b"Transfer-Encoding:" + b"chunked," * (n // 8),
}


def parsed(head):
    parser = RequestParser(ADJUSTMENTS)
    parser.received(b"GET / HTTP/1.1\r\n" + head + b"\r\n\r\n")
    return parser


def seconds(head):
    began = time.thread_time()
    parsed(head)
    return max(time.thread_time() - began, 0.002)


@pytest.mark.parametrize("kind", LONG)
def test_a_header_costs_what_it_is_long_and_not_the_square(kind):
    """Eight times the length costs 64 times as much by the square."""
    make = LONG[kind]
    assert seconds(make(32_000)) < 25 * seconds(make(4_000))


def test_blanks_around_a_value_are_none_of_it():
    asked = parsed(b"Host: \t localhost \t\r\nX:\r\nY:a \t b")
    assert asked.error is None
    assert asked.headers == {"HOST": "localhost", "X": "", "Y": "a \t b"}


def test_a_whole_address_may_name_the_host_in_other_letters():
    parser = RequestParser(ADJUSTMENTS)
    parser.received(b"GET http://LOCALHOST/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (parser.error, parser.path, parser.query) == (None, "/a", "b")


def test_what_expects_a_body_that_it_does_not_announce_is_complete():
    parser = parsed(b"Host: localhost\r\nExpect: 100-continue")
    assert parser.completed
    assert not parser.expect_continue
