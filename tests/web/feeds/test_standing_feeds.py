"""What is new for standing questions, read by the parser that feed readers use."""

from __future__ import annotations

import feedparser
import html5lib
import pytest

from tests.web.canned_engine import WATCHED

ADDRESS = "/watch/gradients.atom"


@pytest.fixture(autouse=True)
def watched(engine):
    engine.watched = WATCHED


def parsed(client):
    response = client.get(ADDRESS)
    assert (response.status_code, response.mimetype) == (200, "application/atom+xml")
    found = feedparser.parse(response.data)
    assert not found.bozo
    return found


def test_a_reader_finds_what_was_noted_last_first_with_its_quotes(client, engine):
    found = parsed(client)
    noted = WATCHED.questions[0].noted
    assert [one.id for one in found.entries] == [
        engine.hits[one.article].url for one in noted
    ]
    assert [one.updated for one in found.entries] == [one.at for one in noted]
    assert found.feed.updated == noted[0].at
    assert found.feed.id == f"http://localhost{ADDRESS}"
    last = found.entries[-1]
    assert "<blockquote" in last.content[0].value
    # The day when it was written is another thing than when it was found.
    assert last.published == "2022-01-09T00:00:00+00:00"
    assert all(one.link.startswith("http") for one in found.entries)


def test_the_json_feed_has_the_same(client):
    response = client.get("/watch/gradients.json")
    assert response.mimetype == "application/feed+json"
    items = response.get_json()["items"]
    assert [one["id"] for one in items] == [one.id for one in parsed(client).entries]
    assert items[0]["date_modified"] == WATCHED.questions[0].noted[0].at


def test_an_article_that_left_the_index_is_in_no_feed(client, engine):
    gone = engine.hits[3].url
    del engine.hits[3:]
    assert gone not in client.get(ADDRESS).text


@pytest.mark.parametrize("format_", ["atom", "json"])
def test_who_has_just_this_is_told_so(client, format_):
    address = f"/watch/gradients.{format_}"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_name_that_is_not_known_is_told_in_a_sentence(client):
    response = client.get("/watch/rye.atom")
    assert response.status_code == 404
    error = response.get_json()["error"]
    assert error["code"] == "unknown-question"
    assert "There is no standing question rye" in error["message"]


def test_the_home_page_lists_the_questions_with_their_feeds(client, engine):
    tree = html5lib.parse(client.get("/").text, namespaceHTMLElements=False)
    section = tree.find(".//section[@aria-labelledby='watched']")
    asked, feed = section.findall(".//li/a")
    assert asked.text == WATCHED.questions[0].text
    assert client.get(asked.get("href")).status_code == 200
    assert feed.get("href") == ADDRESS
    engine.watched = type(WATCHED)()
    assert "watched" not in client.get("/").text
