"""Results as feeds, read by the parser that feed readers use and by our own."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime

import feedparser
import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.feed.json_feed import read_json_feed
from search.feeds.entries import Feed, hit_entries
from search.feeds.formats import atom, json_feed
from search.types import Hit, HitPassage, ShownBlock

ASKED = "q=gradient&site=diary.example"


def parsed(client, address="/search.atom?q=gradient"):
    response = client.get(address)
    assert response.status_code == 200
    assert response.mimetype == "application/atom+xml"
    found = feedparser.parse(response.data)
    assert not found.bozo
    return found


def test_a_reader_finds_the_newest_answers_with_their_quotes(client):
    found = parsed(client)
    days = [entry.updated for entry in found.entries]
    assert len(days) == 30
    assert days == sorted(days, reverse=True)
    first = found.entries[0]
    assert "gradient" in first.content[0].value.lower()
    assert "<blockquote" in first.content[0].value
    assert first.link
    assert found.feed.title == "gradient – Blogsearch"
    assert found.feed.id == "http://localhost/search.atom?q=gradient"


def test_ids_are_the_addresses_of_the_articles(client):
    api = client.get("/api/search?q=gradient&sort=newest&limit=30").get_json()
    found = parsed(client)
    assert [one.id for one in found.entries] == [one["url"] for one in api["results"]]
    assert [one.id for one in parsed(client).entries] == [
        one.id for one in found.entries
    ]


def test_what_no_click_may_open_is_read_here(client):
    entries = parsed(client).entries
    (hostile,) = [one for one in entries if one.id.startswith("javascript:")]
    assert hostile.link.startswith("http://localhost/article?url=javascript:")
    assert all(one.link.startswith("http") for one in entries)


def test_the_json_feed_has_the_same_articles(client):
    response = client.get("/search.json?q=gradient")
    assert response.mimetype == "application/feed+json"
    feed = read_json_feed(
        response.text,
        "http://localhost/search.json?q=gradient",
        latest=datetime.now(UTC),
        most=100,
    )
    entries = parsed(client).entries
    assert [item.id for item in feed.items] == [one.id for one in entries]
    # feedparser takes markup away, which is a title's own words here.
    plain = [place for place, item in enumerate(feed.items) if "<" not in item.title]
    assert len(plain) > 20
    for place in plain:
        assert feed.items[place].title == entries[place].title
    assert all("<blockquote" in item.content for item in feed.items)


def test_weaker_matches_are_no_news(client):
    api = client.get("/api/search?q=few+gradient&sort=newest&limit=100").get_json()
    assert api["weaker"]
    assert len(parsed(client, "/search.atom?q=few+gradient").entries) == api["total"]
    # Nothing answers this one, whatever is near it.
    assert not parsed(client, "/search.atom?q=unsure+gradient").entries


def test_without_a_question_the_newest_articles_are_given(client):
    found = parsed(client, "/search.atom?site=diary.example")
    assert found.entries
    assert not any("content" in entry for entry in found.entries)
    assert found.feed.title == "diary.example – Blogsearch"
    assert parsed(client, "/search.atom").feed.title == "Newest – Blogsearch"


@pytest.mark.parametrize("format_", ["atom", "json"])
def test_who_has_just_this_is_told_so(client, format_):
    address = f"/search.{format_}?q=gradient"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(
        f"/search.{format_}?{ASKED}", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert other.status_code == 200


def test_the_page_names_its_feeds(client):
    asked = f"/?{ASKED}&page=1&sort=newest&weaker=1"
    tree = html5lib.parse(client.get(asked).text, namespaceHTMLElements=False)
    links = tree.findall(".//link[@rel='alternate']")
    assert {link.get("type"): link.get("href") for link in links} == {
        "application/atom+xml": f"/search.atom?{ASKED}",
        "application/feed+json": f"/search.json?{ASKED}",
    }
    assert tree.find(".//nav[@class='order']/a[@type='application/atom+xml']").text


def test_a_mistake_is_answered_as_programs_read_it(client):
    response = client.get("/search.atom?q=gradient&since=nonsense")
    assert response.status_code == 400
    assert response.get_json()["error"]["code"] == "bad-parameter"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(TEXT, TEXT, st.none() | st.dates(date(1970, 1, 1), date(2100, 1, 1)))
def test_any_text_makes_a_feed_that_can_be_read(title, words, day):
    quote = HitPassage(
        text=words,
        heading=title,
        url="https://a.example/1#x",
        highlights=(),
        score=0.5,
        blocks=(ShownBlock(0, len(words), "code"),),
    )
    hit = Hit(
        url="https://a.example/1",
        title=title,
        site=title,
        author="",
        published=day,
        score=0.5,
        evidence="article",
        note=None,
        passages=(quote,),
    )
    feed = Feed(
        title,
        "https://s.example/search.atom",
        "https://s.example/",
        hit_entries([hit], lambda opens, url: opens),
    )
    root = ET.fromstring(atom(feed))  # noqa: S314  # it is our own
    content = root.find("{*}entry/{*}content").text
    # Markup in a quote is text: what a browser reads of it are our own elements.
    fragment = html5lib.parseFragment(content, namespaceHTMLElements=False)
    assert {one.tag for one in fragment.iter() if isinstance(one.tag, str)} <= {
        "DOCUMENT_FRAGMENT",
        "blockquote",
        "pre",
        "p",
        "b",
    }
    assert json_feed(feed)["items"][0]["url"] == "https://a.example/1#x"
