"""Lists of feeds, read as others write them and written so that they come back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.sources import opml
from indexer.sources.opml import OpmlError, OpmlFeed, parse_opml, write_opml
from search.text.urls import canonical
from tests.torture.scale import rounds

NESTED = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>Mine</title></head><body>
<outline text="Folder"><outline text="Deeper">
  <outline type="rss" text="One &amp; only" xmlUrl="https://one.example/feed" htmlUrl="https://one.example/"/>
  <OUTLINE title="Two" text="not this" xmlurl=" https://two.example/rss?a=1&b=2 "/>
</outline></outline>
<outline text="Again" xmlUrl="https://one.example/feed"/>
<outline text="Old scheme" xmlUrl="feed://three.example/rss"/>
<outline text="Old scheme twice" xmlUrl="feed:https://four.example/rss"/>
<outline text="A page" type="link" url="https://page.example/"/>
<outline text="No address" xmlUrl="javascript:alert(1)"/>
<outline text="Local" xmlUrl="file:///etc/passwd"/>
</body></opml>"""


def test_folders_name_collections_and_each_feed_comes_once():
    assert parse_opml(NESTED) == (
        OpmlFeed(
            "https://one.example/feed",
            "One & only",
            "https://one.example/",
            ("Folder", "Deeper"),
        ),
        OpmlFeed("https://two.example/rss?a=1&b=2", "Two", "", ("Folder", "Deeper")),
        OpmlFeed("http://three.example/rss", "Old scheme"),
        OpmlFeed("https://four.example/rss", "Old scheme twice"),
    )


def test_relative_addresses_start_from_where_the_file_came_from():
    body = b'<opml><body><outline xmlUrl="/feed"/></body></opml>'
    assert parse_opml(body, "https://a.example/x/subs.opml") == (
        OpmlFeed("https://a.example/feed"),
    )
    assert parse_opml(body) == ()


def test_latin_1():
    body = '<?xml version="1.0" encoding="ISO-8859-1"?><opml><body><outline text="Café" xmlUrl="http://a.example/"/></body></opml>'
    assert parse_opml(body.encode("latin-1"))[0].title == "Café"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"<html><body/></html>", "outermost element is <html>"),
        (b"<opml><body>\n<outline", "broken in line 2"),
        (b"no markup", "broken in line 1"),
        (
            b'<!DOCTYPE opml [<!ENTITY a "x">]><opml><body><outline text="&a;"/></body></opml>',
            "declares XML entities",
        ),
        (
            b'<!DOCTYPE opml [<!ENTITY % a SYSTEM "file:///etc/passwd">]><opml/>',
            "declares XML entities",
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(body, reason):
    with pytest.raises(OpmlError, match=reason):
        parse_opml(body)


def test_too_large_a_file_is_refused_unread(monkeypatch):
    monkeypatch.setattr(opml, "MAX_BYTES", 10)
    with pytest.raises(OpmlError, match="11 bytes"):
        parse_opml(b"x" * 11)


def test_nesting_without_end_is_no_trouble():
    with pytest.raises(OpmlError, match="broken"):
        parse_opml(b"<opml><body>" + b"<outline>" * 100_000)


ADDRESS = st.text("abc/?&=é\"'<>", max_size=12).map(
    lambda path: canonical(f"https://a.example/{path}")
)
TITLE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=20)


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(
    st.lists(
        st.builds(OpmlFeed, ADDRESS, TITLE, st.one_of(st.just(""), ADDRESS)),
        unique_by=lambda feed: feed.url,
    )
)
def test_what_is_written_is_read_again(feeds):
    again = parse_opml(write_opml(feeds, title="A <list> & more").encode())
    assert [(feed.url, feed.home) for feed in again] == [
        (feed.url, feed.home) for feed in feeds
    ]
    assert [feed.title for feed in again] == [
        " ".join(feed.title.split()) for feed in feeds
    ]
    assert parse_opml(write_opml(again).encode()) == again


def test_folders_are_collections_and_a_feed_may_be_in_several():
    body = b"""<opml version="2.0"><body>
    <outline text="Tech"><outline title="Python &amp; co">
      <outline xmlUrl="https://a.example/feed" text="A"/>
      <outline xmlUrl="https://b.example/feed" text="B"/>
    </outline></outline>
    <outline text="To read"><outline xmlUrl="https://a.example/feed"/></outline>
    <outline xmlUrl="https://c.example/feed" text="C"/></body></opml>"""
    collections = {feed.url: feed.collections for feed in parse_opml(body)}
    assert collections == {
        "https://a.example/feed": ("Tech", "Python & co", "To read"),
        "https://b.example/feed": ("Tech", "Python & co"),
        "https://c.example/feed": (),
    }
    written = write_opml(parse_opml(body)).encode()
    again = {feed.url: set(feed.collections) for feed in parse_opml(written)}
    assert again == {url: set(names) for url, names in collections.items()}
