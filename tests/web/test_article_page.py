"""The reader page: the stored text of an article, the way back and the way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import html5lib
import pytest

from search.types import Article, Block, Note
from tests.web.canned_engine import PROSE

POST = "http://127.0.0.1:1/posts/0/"


def read(client, **values):
    answer = client.get("/article", query_string={"url": POST, **values})
    assert answer.status_code == 200
    return html5lib.parse(answer.text, namespaceHTMLElements=False)


def links(page):
    return {"".join(a.itertext()).strip(): a.get("href") for a in page.iter("a")}


@pytest.fixture
def stored(engine, monkeypatch):
    """Puts an article into the index."""

    def store(article):
        monkeypatch.setattr(engine, "article", lambda url: article)

    return store


def test_it_shows_the_text_by_its_kinds(client):
    page = read(client)
    assert page.find(".//h1").text == "What the gradient does not say"
    body = page.find(".//div[@class='text blocks']")
    assert [child.tag for child in body] == [
        "h2",
        "p",
        "h2",
        "p",
        "div",
        "p",
        "h2",
        "p",
        "pre",
    ]
    contents = page.find(".//nav[@class='contents']")
    anchors = [a.get("href") for a in contents.iter("a")]
    assert anchors == [f"#{h.get('id')}" for h in body.iter("h2")]
    assert links(page)["Open the original"] == POST


def test_it_leads_back_to_the_same_results(client):
    asked = {
        "q": "what is a gradient?",
        "site": "notes.example",
        "since": "2023",
        "until": "2024",
        "sort": "newest",
        "page": "2",
    }
    back = links(read(client, **asked))["← Back to the results"]
    address = urlsplit(back)
    assert (address.scheme, address.netloc, address.path) == ("", "", "/")
    assert dict(parse_qsl(address.query)) == asked
    assert client.get(back).status_code == 200
    nonsense = links(read(client, q="gradient", page="//evil.example"))
    assert nonsense["← Back to the results"] == "/?q=gradient"
    assert links(read(client))["Go to the search"] == "/"


def test_the_quote_is_marked_and_nothing_without_one(client, engine):
    text = engine.article(POST).text
    start = text.index("Most of the trouble")
    page = read(client, start=start, end=start + 19, q="gradient")
    (mark,) = page.iter("mark")
    assert (mark.text, mark.get("id")) == ("Most of the trouble", "quote")
    assert list(read(client, q="gradient").iter("mark")) == []
    assert list(read(client, q="gradient", start="x", end="-1").iter("mark")) == []


def test_it_is_as_guarded_as_every_page_and_found_by_no_search_engine(client):
    answer = client.get("/article", query_string={"url": POST})
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    assert (
        client.get("/article", query_string={"url": POST}, headers=foreign).status_code
        == 403
    )


def test_an_unknown_address_is_told_what_to_do(client):
    answer = client.get("/article?url=https://nowhere.example/")
    assert answer.status_code == 404
    page = html5lib.parse(answer.text, namespaceHTMLElements=False)
    assert page.find(".//h1").text == "This article is not in the index"
    assert links(page)["Go to the search"] == "/"
    assert client.get("/article").status_code == 400
    assert client.get("/article?url=").status_code == 400


def test_what_is_withheld_is_not_on_the_page(client, stored):
    stored(Article(POST, "Secret", blocks=(Block("paragraph", PROSE),), nosnippet=True))
    answer = client.get("/article", query_string={"url": POST})
    assert "asks that no part of its text be shown" in answer.text
    assert PROSE[:30] not in answer.text
    assert (
        links(html5lib.parse(answer.text, namespaceHTMLElements=False))[
            "Open the original"
        ]
        == POST
    )


def test_summaries_links_and_dead_links_say_what_they_are(client, stored):
    summary = Article(
        POST, "S", evidence="summary", blocks=(Block("paragraph", "Short."),)
    )
    stored(summary)
    text = client.get("/article", query_string={"url": POST}).text
    assert "Summary only" in text
    assert "Only the summary in the feed is indexed." in text
    notes = tuple(Note(f"Note {n}.", page="https://til.example/x") for n in range(30))
    stored(replace(summary, evidence="link", blocks=(), notes=notes))
    text = client.get("/article", query_string={"url": POST}).text
    assert "Link only" in text
    assert "Note 19." in text
    assert "Note 20." not in text
    assert "And 10 more." in text
    assert "The text of this article is not indexed" in text
    stored(
        replace(
            summary,
            dead_since=date(2024, 1, 2),
            archived="https://web.archive.example/1",
        )
    )
    text = client.get("/article", query_string={"url": POST}).text
    assert "Dead link since" in text
    assert 'href="https://web.archive.example/1"' in text


def test_a_local_file_is_read_here(client, stored, engine):
    stored(
        Article(
            "file:///home/me/post.md", "Mine", blocks=(Block("paragraph", "Words."),)
        )
    )
    page = read(client, url="file:///home/me/post.md")
    assert (
        links(page)["Open the file"] == "file?url=file%3A%2F%2F%2Fhome%2Fme%2Fpost.md"
    )
