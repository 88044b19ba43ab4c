"""Entries of feeds as items: linkblogs, entries without address, what is left out."""

from __future__ import annotations

import json
import logging

import pytest

from indexer.records import Item, Listing, Page, SourceRecord
from indexer.sources.listing import LEFT_OUT, list_items
from tests.runs import Inline

HOME = "https://mill.example/"
FEED = SourceRecord(f"{HOME}feed", "feed")
FAR = "https://far.example/sluice"
OWN = f"{HOME}linked/sluice"
REMARK = "<p>I know this sluice, and it leaks.</p>"


def listing(body: str, source: SourceRecord = FEED) -> Listing:
    return list_items(source, Page(source.url, source.url, body.encode()), Inline())


def rss(*items: str) -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0'><channel><title>Mill</title><link>{HOME}</link>{inside}</channel></rss>"


def atom(inside: str) -> str:
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Mill</title><link href='{HOME}'/>"
        f"<author><name>Bo</name></author><entry><title>A sluice</title>"
        f"<published>2021-05-05T10:00:00Z</published>{inside}"
        f"<content type='html'>{REMARK.replace('<', '&lt;')}</content></entry></feed>"
    )


def post_and_link(found: Listing) -> tuple[Item, Item]:
    post, link = found.items
    assert (post.url, link.url) == (OWN, FAR)
    assert (post.content, post.notes) == (REMARK, ())
    ((text, anchor, _, day, _),) = link.notes
    assert (text, anchor) == ("I know this sluice, and it leaks.", post.title)
    assert (link.content, link.site, link.author) == ("", "", "")
    assert day == post.published
    return post, link


@pytest.mark.parametrize(
    "links",
    [
        # The entry leads to the other site, and its own address is said beside.
        f"<link href='{FAR}'/><link rel='related' href='{OWN}'/><id>tag:1</id>",
        f"<link href='{FAR}'/><link rel='via' href='{OWN}'/><id>tag:1</id>",
        f"<link href='{FAR}'/><id>{OWN}</id>",
        # The entry is its own, and says what it is about.
        f"<link href='{OWN}'/><link rel='related' href='{FAR}'/><id>tag:1</id>",
        f"<link href='{OWN}'/><link rel='via' href='{FAR}'/><id>tag:1</id>",
    ],
)
def test_an_entry_of_a_linkblog_is_the_bloggers_own_post_and_a_link(links):
    post, _ = post_and_link(listing(atom(links)))
    assert (post.author, post.published) == ("Bo", "2021-05-05")


@pytest.mark.parametrize("permalink", ["", " isPermaLink='false'"])
def test_a_guid_of_the_own_site_is_the_own_post(permalink):
    words = REMARK.replace("<", "&lt;")
    item = f"<title>A sluice</title><link>{FAR}</link><guid{permalink}>{OWN}</guid><description>{words}</description>"
    post_and_link(listing(rss(item)))


@pytest.mark.parametrize(
    "anchor",
    [
        '<a title="Permanent link" href="/linked/sluice">&#160;★&#160;</a>',
        "<a href='/linked/sluice'>∞</a>",
        '<a rel="bookmark" href="https://mill.example/linked/sluice">12 May</a>',
    ],
)
def test_a_permalink_in_the_text_is_the_own_post(anchor):
    body = rss(
        f"<title>A</title><link>{FAR}</link><description><![CDATA[{REMARK}{anchor}]]></description>"
    )
    assert [item.url for item in listing(body).items] == [OWN, FAR]


def test_json_feeds_external_address():
    entries = [
        {"id": "1", "url": OWN, "external_url": FAR, "title": "A sluice", "content_html": REMARK},
        {"id": "2", "external_url": "https://far.example/2", "content_text": "Look at this."},
        {"id": f"{HOME}linked/3", "external_url": "https://far.example/3", "content_text": "Or this."},
    ]  # fmt: skip
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Mill",
                       "home_page_url": HOME, "items": entries})  # fmt: skip
    found = {item.url: item for item in listing(body).items}
    assert list(found) == [
        OWN,
        f"{HOME}linked/3",
        FAR,
        "https://far.example/2",
        "https://far.example/3",
    ]
    assert found[OWN].content == REMARK
    # Of what has no page of its own there is the note beside the link.
    assert found["https://far.example/2"].notes[0][0] == "Look at this."


def test_what_two_entries_are_about_has_both_notes():
    items = [
        f"<title>{n}</title><link>{FAR}</link><guid>{OWN}-{n}</guid><description>Remark {n}.</description>"
        for n in (1, 2)
    ]
    found = listing(rss(*items))
    assert [note[0] for note in found.items[-1].notes] == ["Remark 1.", "Remark 2."]


def test_no_linkblogs():
    """An address of a counter, a planet's posts, and a blog whose home has moved."""
    counted = f"<title>A</title><link>http://feeds.feedburner.com/~r/mill/1</link><guid>{OWN}</guid>"
    assert [item.url for item in listing(rss(counted)).items] == [
        "http://feeds.feedburner.com/~r/mill/1"
    ]
    planet = "<title>A</title><link>https://b.example/1</link><guid>https://b.example/1</guid>"
    (item,) = listing(rss(planet)).items
    assert (item.url, item.notes, item.elsewhere) == ("https://b.example/1", (), True)
    moved = [
        f"<title>{n}</title><link>https://new.example/{n}</link><guid>{HOME}?p={n}</guid>"
        for n in range(3)
    ]
    assert [(item.url, item.elsewhere) for item in listing(rss(*moved)).items] == [
        (f"https://new.example/{n}", False) for n in range(3)
    ]


def test_an_entry_without_address_is_kept_for_its_text():
    found = listing(
        rss(
            "<title>No link</title><guid isPermaLink='false'>tag:9</guid><description>Two eels.</description>",
            "<description>Neither a link nor a name.</description>",
            f"<title>Plain</title><link>{HOME}plain</link>",
        )
    )
    plain, named, nameless = found.items
    assert (plain.url, plain.pageless) == (f"{HOME}plain", False)
    assert (named.url, named.content) == (f"{HOME}#item-tag%3A9", "Two eels.")
    assert nameless.url.startswith(f"{HOME}#item-")
    assert named.pageless
    assert LEFT_OUT not in found.leads


def test_what_is_left_out_is_named(caplog, tmp_path):
    source = SourceRecord((tmp_path / "feed.xml").as_uri(), "feed")
    body = rss(
        "<title>Only a name</title>",
        f"<title>First</title><link>{HOME}1</link><description>One.</description>",
        f"<title>Second</title><link>{HOME}1</link><description>Two.</description>",
        f"<title>First</title><link>{HOME}1?utm_source=x</link><description>One.</description>",
        "<title>Keys</title><link>file:///etc/passwd</link>",
    )
    with caplog.at_level(logging.INFO):
        found = listing(body, source)
    assert found.leads[LEFT_OUT].splitlines() == [
        "same-address Second",
        "no-address Only a name",
        "no-address Keys",
    ]
    assert "Only a name" in caplog.text
