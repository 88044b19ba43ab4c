"""The page that shows the books of the index."""

from __future__ import annotations

import html5lib

from tests.web.canned_engine import BOOKS, HOSTILE
from web.coverage.view import MOST_NAMED, source_view


def page(client):
    return html5lib.parse(client.get("/coverage").text, namespaceHTMLElements=False)


def text(element):
    return " ".join("".join(element.itertext()).split())


def sums(article):
    return {
        text(row.find("dt")): text(row.find("dd"))
        for row in article.iterfind(".//dl/div")
    }


def test_the_home_leads_to_it(client):
    home = html5lib.parse(client.get("/").text, namespaceHTMLElements=False)
    (link,) = [a for a in home.iter("a") if text(a) == "Sources and coverage"]
    assert link.get("href") == "/coverage"


def test_each_source_has_its_account(client):
    tree = page(client)
    assert text(tree.find(".//main/p")).startswith(
        "1,140 of 1,277 known articles and links are indexed with their full text"
    )
    first, second, empty = tree.findall(".//article")
    assert (text(first.find(".//h2")), first.find(".//h2/a").get("href")) == (
        "notes.example",
        BOOKS[0].source,
    )
    assert [text(li) for li in first.iterfind("ul/li")] == [
        "Feed",
        "40 of 43 full text",
        "Newest posts of notes.example",
    ]
    assert sums(first) == {
        "Shown by the source": "15",
        "Older posts found": "29 from sitemaps",
        "Full text": "40",
        "Summary only": "1",
        "Not indexed": "2",
        "Second addresses of these": "1",
    }
    assert sums(second) == {
        "Shown by the source": "1,234",
        "Full text": "1,100",
        "Link only": "134",
    }
    assert sums(empty)["Older posts found"] == "not looked for yet"
    assert empty.find(".//details") is None


def test_each_gap_has_its_reason(client):
    first, second, _ = page(client).findall(".//article")
    summary, dead, _ = (
        [text(p) for p in gap.iter("p")] for gap in first.iterfind(".//details//li")
    )
    assert summary == [
        "Gradient checkpointing",
        "Summary only: the page holds no whole article",
    ]
    assert dead == [
        "http://127.0.0.1:1/posts/dead/",
        "Not indexed: There is no such page (404).",
    ]
    assert text(first.find(".//summary")).startswith("3 not with full text, and why")
    rows = second.findall(".//details//li")
    assert len(rows) == MOST_NAMED + 1
    assert text(rows[-1]).startswith("And 34 more;")


def test_nothing_from_a_source_is_ever_markup(client):
    tree = page(client)
    shown = text(tree.find(".//main"))
    for what in ("gap", "reason", "source", "error"):
        assert " ".join(f"{HOSTILE} {what}".split()) in shown
    assert not list(tree.iter("img"))
    assert len(list(tree.iter("script"))) == 2
    assert all(
        a.get("href").startswith(("http://127.0.0.1:1/", "/"))
        for a in tree.find(".//main").iter("a")
    )


def test_local_files_and_other_schemes_are_no_links():
    assert [source_view(one).link for one in BOOKS] == [BOOKS[0].source, "", ""]


def test_without_an_index_it_says_so(client_without_index):
    response = client_without_index.get("/coverage")
    assert response.status_code == 503
    assert "There is no index" in response.text


def test_an_index_from_before_has_no_books_yet(client, engine, tmp_path):
    engine.coverage = lambda: ()
    assert (
        text(page(client).findall(".//main/p")[-1])
        == f"The next blog-indexer update --index {tmp_path} writes this report."
    )
