"""Feeds that are taken for feeds, and whose text comes out as it was meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from indexer.sources.detect import detect
from indexer.sources.feed.model import Feed
from indexer.sources.feeds import parse_feed

URL = "https://weir.example/feed.xml"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def read(text: str | bytes, **more: str) -> Feed:
    body = text if isinstance(text, bytes) else text.encode()
    assert detect(body, url=URL, **more) == "feed"
    return parse_feed(body, URL, now=NOW, **more)


def rss(inside: str, channel: str = "") -> str:
    item = f"<item><link>https://weir.example/1</link>{inside}</item>"
    return f"<rss version='2.0'><channel>{channel}{item}</channel></rss>"


NOTICE = "You may read this file with a news reader. " * 300


@pytest.mark.parametrize(
    "before",
    [
        f"<!-- {NOTICE} -->",
        f"<?xml version='1.0'?>\n<?xml-stylesheet href='/a.xsl'?>\n<!-- {NOTICE} -->\n",
        f"<!-- one --><!-- {NOTICE} <rss><channel></channel></rss> -->",
        f"\ufeff  <!-- {NOTICE} --> <!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'http://n.example/r.dtd'>",
    ],
)
def test_what_stands_before_a_feed_may_be_longer_than_it(before):
    (item,) = read(before + rss("<title>Eels</title>")).items
    assert item.title == "Eels"


def test_a_comment_that_never_ends_is_no_feed():
    assert detect(f"<!-- {NOTICE}".encode(), url=URL) != "feed"


def test_the_entities_that_a_document_declares():
    doctype = '<!DOCTYPE rss [<!ENTITY mill "Upper Mill"> <!ENTITY nbsp "&#160;">]>'
    (item,) = read(
        doctype + rss("<title>At &mill;</title><description>a&nbsp;b</description>")
    ).items
    assert (item.title, item.content) == ("At Upper Mill", "a\xa0b")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("AT&T and R&D", "AT&T and R&D"),
        ("Q&A; more", "Q&A; more"),
        ("Smith & Sons", "Smith & Sons"),
        ("caf&eacute; &mdash; &hellip;", "café — …"),
        ("&copy 2020", "&copy 2020"),
        ("x &amp; y &#38; z &#x26;", "x & y & z &"),
        ("<![CDATA[AT&T & Co]]>", "AT&T & Co"),
        ("<!-- AT&T -->Ma Bell", "Ma Bell"),
    ],
)
def test_ampersands_mean_what_they_say(written, meant):
    feed = read(rss(f"<title>{written}</title>", channel=f"<title>{written}</title>"))
    assert (feed.title, feed.items[0].title) == (meant, meant)


def test_an_address_with_bare_ampersands_stays_whole():
    body = rss("").replace("/1<", "/?p=1&copy=2&section=3&id=4<")
    (item,) = read(body).items
    assert item.url == "https://weir.example/?p=1&copy=2&section=3&id=4"


def test_the_text_of_a_link_counts_before_its_uri():
    body = rss("").replace("<link>", "<link uri='at://did:plc:z/post/9'>")
    assert read(body).items[0].url == "https://weir.example/1"
    alone = rss("").replace(
        "<link>https://weir.example/1</link>", "<link uri='https://weir.example/2'/>"
    )
    assert read(alone).items[0].url == "https://weir.example/2"


def test_rss_1_1():
    feed = read(
        "<Channel xmlns='http://purl.org/net/rss1.1#' xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
        " rdf:about='https://weir.example/feed'><title>Weir</title><link>https://weir.example/</link>"
        "<items rdf:parseType='Collection'><item rdf:about='https://weir.example/7'><title>Seven</title>"
        "<link>https://weir.example/7</link><description>Of seven weirs.</description></item></items></Channel>"
    )
    assert feed.title == "Weir"
    assert [(item.url, item.title) for item in feed.items] == [
        ("https://weir.example/7", "Seven")
    ]


def test_an_atom_entry_by_itself():
    feed = read(
        "<entry xmlns='http://www.w3.org/2005/Atom'><title>Lone</title><id>tag:1</id>"
        "<link href='/lone'/><updated>2020-01-02T00:00:00Z</updated><summary>Words.</summary></entry>"
    )
    (item,) = feed.items
    assert (item.url, item.title) == ("https://weir.example/lone", "Lone")


TEXT = rss("<title>Болото и тростник</title>")


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (TEXT.encode("windows-1251"), "windows-1251"),
        (TEXT.encode("koi8-r"), "koi8-r"),
        (b"<?xml version='1.0' encoding='windows-1251'?>" + TEXT.encode("cp1251"), ""),
        (TEXT.encode("utf-8-sig"), "windows-1251"),
        (TEXT.encode("utf-16"), ""),
        (TEXT.encode("utf-16-le"), ""),
        (TEXT.encode("utf-16-be"), ""),
        (TEXT.encode("utf-16-be"), "utf-16"),
    ],
)
def test_charsets_by_header_mark_declaration_and_zeros(body, charset):
    (item,) = read(body, charset=charset).items
    assert item.title == "Болото и тростник"
