"""Authors' names as feeds write them."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

import pytest

from indexer.sources.feeds import parse_feed

URL = "https://weir.example/feed"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('<a href="https://weir.example/ann">Ann Weir</a>', "Ann Weir"),
        ("<p>Ann Weir</p>", "Ann Weir"),
        ("&lt;b&gt;Ann&lt;/b&gt; Weir", "Ann Weir"),
        ("ann@weir.example (Ann Weir)", "Ann Weir"),
        ("Ann Weir <ann@weir.example>", "Ann Weir"),
        ('<a href="mailto:ann@weir.example">Ann Weir</a>', "Ann Weir"),
        ("Ann &amp; Bo", "Ann & Bo"),
        ("AT&T Labs", "AT&T Labs"),
        ("ann@weir.example", ""),
    ],
)
@pytest.mark.parametrize("element", ["author", "dc:creator"])
def test_names_without_markup_and_mail(written, name, element):
    body = (
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item><title>x</title>"
        f"<link>/1</link><{element}>{escape(written)}</{element}></item></channel></rss>"
    )
    (item,) = parse_feed(body.encode(), URL).items
    assert item.author == name


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"authors": [{"name": "Ann"}, {"name": "Bo"}]}, "Ann, Bo"),
        ({"author": {"name": "<b>Ann</b>"}}, "Ann"),
        ({"author": "Ann"}, "Ann"),
        ({"authors": ["Ann", "Bo"]}, "Ann, Bo"),
        ({"authors": {"name": "Ann"}}, "Ann"),
        ({"authors": [], "author": {"name": "Ann"}}, "Ann"),
        ({"authors": [None, 7, {"url": "https://weir.example"}]}, ""),
        ({"author": {"name": ["Ann"]}}, ""),
    ],
)
def test_the_odd_authors_of_json_feeds(said, names):
    entry = {"id": "1", "url": "https://weir.example/1", "title": "x"} | said
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [entry]})
    (item,) = parse_feed(body.encode(), URL).items
    assert item.author == names
