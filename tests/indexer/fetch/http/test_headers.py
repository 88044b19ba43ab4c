from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.fetch.http import headers
from indexer.records import Validators
from tests.torture.scale import rounds

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (" 7 ", 7),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("9" * 5000, 366 * 86400),
        ("²", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86400),
        ("Fri, 99 Dec 2026 23:59:59 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value, seconds):
    assert headers.retry_after({"retry-after": (value,)}, NOW) == seconds


@pytest.mark.parametrize(
    ("control", "age", "seconds"),
    [
        ("max-age=600", "", 600),
        ("public, Max-Age=600", "", 600),
        ('max-age="60"', "", 60),
        ("max-age=600", "500", 100),
        ("max-age=600", "900", 0),
        ("no-cache, max-age=600", "", 0),
        ("no-store", "", 0),
        ("private", "", None),
        ("max-age=x", "", None),
        ("s-maxage=9", "", None),
    ],
)
def test_max_age(control, age, seconds):
    assert headers.max_age({"cache-control": (control,), "age": (age,)}) == seconds


SENT = "Fri, 01 May 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("control", "expires", "sent", "seconds"),
    [
        ("", "Fri, 01 May 2026 13:00:00 GMT", SENT, 3600),
        ("private", "Fri, 01 May 2026 13:00:00 GMT", SENT, 3600),
        ("max-age=60", "Fri, 01 May 2026 13:00:00 GMT", SENT, 60),
        ("no-cache", "Fri, 01 May 2026 13:00:00 GMT", SENT, 0),
        ("", "Wed, 11 Jan 1984 05:00:00 GMT", SENT, 0),
        ("", "0", SENT, None),
        ("", "-1", SENT, None),
        ("", "Fri, 31 Dec 9999 23:59:59 GMT", SENT, 366 * 86400),
        ("", "Fri, 01 May 2026 13:00:00 GMT", "", None),
    ],
)
def test_expires_says_it_where_cache_control_does_not(control, expires, sent, seconds):
    told = {"cache-control": (control,), "expires": (expires,), "date": (sent,)}
    assert headers.max_age(told) == seconds


def test_without_cache_control_nothing_is_said_of_freshness():
    assert headers.max_age({}) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/HTML; Charset=UTF-8", ("text/html", "utf-8")),
        ("text/html", ("text/html", "")),
        (
            'application/rss+xml; charset="iso-8859-1"; x=y',
            ("application/rss+xml", "iso-8859-1"),
        ),
        ("", ("", "")),
        (";;;", ("", "")),
        ("text/html;charset", ("text/html", "")),
    ],
)
def test_content_type_and_charset(value, expected):
    assert headers.content_type({"content-type": (value,)}) == expected


@pytest.mark.parametrize(
    ("values", "kept_out"),
    [
        (("noindex",), True),
        (("none",), True),
        (("NoFollow, NoIndex",), True),
        (("nofollow",), False),
        (("googlebot: noindex",), False),
        (("blogsearch: noindex",), True),
        (("*: none",), True),
        (("googlebot: nofollow, noindex",), False),
        (("googlebot: noindex", "noindex"), True),
        (("unavailable_after: 25 Jun 2030 15:00:00 PST, noindex",), True),
        ((), False),
    ],
)
def test_noindex_for_all_or_for_us(values, kept_out):
    assert (
        headers.robots_directives({"x-robots-tag": values}, "blogsearch").noindex
        is kept_out
    )


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        (("nosnippet",), True),
        (("noarchive, Max-Snippet: 0",), True),
        (("max-snippet:0, max-image-preview:none",), True),
        (("max-snippet:-1",), False),
        (("max-snippet:100",), False),
        (("googlebot: nosnippet",), False),
        (("blogsearch: nosnippet",), True),
        (("googlebot: max-snippet:0", "blogsearch: max-snippet:0"), True),
        (("none",), False),
    ],
)
def test_nosnippet_for_all_or_for_us(values, hidden):
    assert (
        headers.robots_directives({"x-robots-tag": values}, "blogsearch").nosnippet
        is hidden
    )


def test_validators_are_kept_exactly_as_served():
    served = {"etag": ('W/"ab, c"-gzip',), "last-modified": ("yesterday, at noon",)}
    assert headers.validators(served, "http://a/") == Validators(
        'W/"ab, c"-gzip', "yesterday, at noon", "http://a/"
    )


@pytest.mark.parametrize("bad", ['"a\r\nX: y"', '"a\x00"', "x" * 5000])
def test_a_validator_that_cannot_be_sent_back_is_none(bad):
    assert not headers.validators({"etag": (bad,)}, "http://a/")


@given(st.text(max_size=40))
@settings(max_examples=rounds(150, 1000), deadline=None)
def test_no_header_breaks_the_reading(text):
    names = "retry-after cache-control age expires date content-type x-robots-tag etag"
    every = dict.fromkeys(names.split(), (text,))
    assert (headers.retry_after(every, NOW) or 0) >= 0
    assert (headers.max_age(every) or 0) >= 0
    kind, charset = headers.content_type(every)
    assert kind == kind.lower()
    assert charset == charset.lower()
    headers.robots_directives(every, "blogsearch")
    headers.validators(every, "http://a/")
