"""The sample archive holds together: its feeds, pages, link page and judged queries
agree."""

import json
import re
from pathlib import Path
from urllib.parse import urldefrag
from xml.etree import ElementTree

import html5lib
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "sample"
JUDGED = Path(__file__).with_name("sample_queries.jsonl")
QUERIES = [json.loads(line) for line in JUDGED.read_text(encoding="utf-8").splitlines()]
PAGES = sorted(SAMPLE.rglob("*.html"))
POSTS = [page for page in PAGES if page.name != "index.html"]
ATOM = "{http://www.w3.org/2005/Atom}"
RESERVED = (
    ".example",
    ".invalid",
    ".test",
)  # RFC 2606: these names never belong to anybody


def links(feed: str) -> list[str]:
    tree = ElementTree.parse(SAMPLE / feed).getroot()  # noqa: S314 - our own file
    if tree.tag == "rss":
        return [item.findtext("link") or "" for item in tree.iter("item")]
    return [
        entry.find(f"{ATOM}link").attrib["href"] for entry in tree.iter(f"{ATOM}entry")
    ]


def words(page: Path) -> str:
    """The text of a page as one line, each table row's cells parted as the index parts
    them."""
    source = re.sub(r"</t[dh]>\s*<t[dh]>", " | ", page.read_text(encoding="utf-8"))
    tree = html5lib.parse(source, namespaceHTMLElements=False)
    return " ".join("".join(tree.find("body").itertext()).split())


def test_every_post_is_in_a_feed_and_every_item_is_a_post() -> None:
    listed = [
        (SAMPLE / feed).parent / link
        for feed in ("notebook/feed.xml", "kettle-hill/atom.xml")
        for link in links(feed)
    ]

    assert sorted(listed) == POSTS
    assert len(POSTS) >= 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(SAMPLE)))
def test_a_page_is_correct_html_and_its_links_lead_somewhere(page: Path) -> None:
    strict = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = strict.parse(page.read_text(encoding="utf-8"))

    targets = [
        urldefrag(link.attrib["href"]).url
        for link in tree.iter()
        if "href" in link.attrib
    ]
    assert [
        target for target in targets if target and not (page.parent / target).is_file()
    ] == []


def test_the_link_page_leads_to_the_posts_or_to_nobody() -> None:
    targets = re.findall(
        r"\]\(([^)]+)\)", (SAMPLE / "til.md").read_text(encoding="utf-8")
    )

    own = [target for target in targets if "://" not in target]
    foreign = [target.split("/")[2] for target in targets if "://" in target]
    assert len(targets) >= 12
    assert [target for target in own if not (SAMPLE / target).is_file()] == []
    assert all(host.endswith(RESERVED) for host in foreign)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query["id"])
def test_a_gold_span_stands_in_its_page(query: dict) -> None:
    for gold in query["gold"]:
        text = words(SAMPLE / gold["url"])
        assert [
            span for span in gold["spans"] if " ".join(span.split()) not in text
        ] == []


def test_the_queries_cover_the_kinds_and_most_posts() -> None:
    kinds = {query["kind"] for query in QUERIES}
    asked = {gold["url"] for query in QUERIES for gold in query["gold"]}

    assert kinds == {
        "question", "paraphrase", "keyword", "identifier", "exact", "typo", "operator", "memory",
        "unanswerable",
    }  # fmt: skip
    assert all(
        (query["gold"] == []) == (query["kind"] == "unanswerable") for query in QUERIES
    )
    assert len(asked) == len(POSTS)
