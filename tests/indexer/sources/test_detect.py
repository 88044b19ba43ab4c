"""What bytes are, whatever they are called."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from indexer.sources.detect import detect, looks_like_link_page
from indexer.sources.find_feeds import USUAL_FEED_PATHS, find_feeds

DATA = Path(__file__).parents[2] / "data"
SHARED = Path(__file__).parents[4] / "shared"
FEEDS = sorted((DATA / "feeds").iterdir())


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
@pytest.mark.parametrize(
    "content_type",
    ["", "text/html", "text/plain; charset=utf-8", "application/octet-stream"],
)
def test_a_feed_is_one_by_what_it_holds(path, content_type):
    assert detect(path.read_bytes(), content_type=content_type) == "feed"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            b'<?xml version="1.0"?><!-- mine --><opml version="2.0"><body/></opml>',
            "opml",
        ),
        (b"\xef\xbb\xbf<opml><body/></opml>", "opml"),
        (b"<!doctype html><html><body><p>hello</p></body></html>", "page"),
        (b"<!-- saved --><html><body><rss></rss></body></html>", "page"),
        (b"<div><p>a fragment</p></div>", "page"),
        (b"", "unknown"),
        (b"   \n", "unknown"),
        (b"%PDF-1.7 ...", "document"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "unknown"),
        (bytes(range(32)) * 40, "unknown"),
        (b'{"name": "not a feed", "items": ["a"]}', "page"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": []}', "feed"),
        (
            b"<?xml version='1.0'?><urlset><url><loc>https://a.example/</loc></url></urlset>",
            "unknown",
        ),
        (b"Just a few words of text.", "page"),
    ],
)
def test_other_kinds(body, kind):
    assert detect(body) == kind


def test_markdown_with_lists_of_links_is_a_link_page():
    assert (
        detect(
            (DATA / "linkpages" / "weekly.md").read_bytes(),
            url="file:///home/me/weekly.md",
        )
        == "linkpage"
    )
    assert (
        detect(
            b"# TIL\n- [a](https://a.example/) x\n- [b](https://b.example/)\n- <https://c.example/>\n"
        )
        == "linkpage"
    )


def test_a_text_that_cites_a_few_sources_is_none():
    prose = "We waited for the dough and wrote down what happened every hour. " * 20
    text = f"# Dough\n{prose} [a](https://a.example/) [b](https://b.example/) {prose}\n\n- [c](https://c.example/)\n"
    assert detect(text.encode(), url="https://a.example/dough.md") == "page"


def test_comments_without_end_are_no_trouble():
    assert detect(b"<!-- -->" * 50_000) == "page"
    assert detect(b"<!--" * 50_000) in ("page", "unknown")


# --- the feeds of a page ---


def test_the_widest_feed_first_and_comments_last():
    body = (DATA / "linkpages" / "blog_home.html").read_bytes()
    assert find_feeds(body, "https://nils.example/") == (
        "https://nils.example/feed/",
        "https://nils.example/boats/feed/",
        "https://nils.example/comments/feed/",
    )


def test_seen_from_a_category_its_own_feed_keeps_its_place():
    body = (DATA / "linkpages" / "blog_home.html").read_bytes()
    assert (
        find_feeds(body, "https://nils.example/boats/")[0]
        == "https://nils.example/boats/feed/"
    )


def test_the_head_of_a_page_in_its_order():
    body = b"""<html><head><base href="https://b.example/x/">
    <link href=atom.xml rel="ALTERNATE home" type="application/atom+xml">
    <link rel=alternate type=application/feed+json href=feed.json>
    <link rel=feed href=third><link rel=stylesheet type=text/xml href=style.xml>
    <link rel=alternate type=text/html href=m>
    <link rel=alternate type=application/rss+xml href="javascript:alert(1)">
    <link rel=alternate type=application/rss+xml href=atom.xml>
    </head><body><a href=/rss>RSS</a></body></html>"""
    assert find_feeds(body, "https://a.example/") == tuple(
        f"https://b.example/x/{name}" for name in ("atom.xml", "feed.json", "third")
    )


def test_links_in_the_text_are_the_last_resort():
    body = b"""<body><a href="https://else.example/feed">their feed</a><a href="/about">About the feed</a>
    <a href="/blog/index.xml">Subscribe</a><a href="/feeding-birds">Feeding</a>
    <a href="https://feeds.feedburner.com/nils">RSS</a></body>"""
    assert find_feeds(body, "https://nils.example/") == (
        "https://feeds.feedburner.com/nils",
        "https://nils.example/blog/index.xml",
    )


def test_a_page_without_feeds_and_bytes_that_are_no_page():
    assert (
        find_feeds(b"<html><body><p>nothing</p></body></html>", "https://a.example/")
        == ()
    )
    assert find_feeds(b"\xff\xfe\x00" * 30, "http://[") == ()


def test_usual_paths_begin_at_the_root_and_come_once():
    assert all(path.startswith("/") for path in USUAL_FEED_PATHS)
    assert len(set(USUAL_FEED_PATHS)) == len(USUAL_FEED_PATHS)
    assert {
        "/feed",
        "/index.xml",
        "/atom.xml",
        "/rss.xml",
        "/feed.xml",
        "/feed.json",
    } <= set(USUAL_FEED_PATHS)


# --- pages of links ---


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("til.html", True),
        ("weekly_links.html", True),
        ("blog_home.html", False),
        ("post_with_references.html", False),
    ],
)
def test_pages_of_links_and_others(name, expected):
    body = (DATA / "linkpages" / name).read_bytes()
    assert detect(body, content_type="text/html") == "page"
    assert looks_like_link_page(body, "https://nils.example/") is expected


def test_a_blogroll_says_nothing_of_its_links():
    items = "".join(
        f'<li><a href="https://b{n}.example/">Blog number {n}</a></li>'
        for n in range(20)
    )
    body = (
        f"<html><head><title>Links</title></head><body><ul>{items}</ul></body></html>"
    )
    assert not looks_like_link_page(body.encode(), "https://me.example/links")


def test_no_page_of_a_real_blog_is_taken_for_one():
    if not (SHARED / "archives").exists():
        pytest.skip("the archives lie outside the repository, in ../shared/archives")
    for name in ("lilianweng", "keras-blog", "ruder"):
        with zipfile.ZipFile(SHARED / "archives" / f"{name}.zip") as archive:
            pages = [path for path in archive.namelist() if path.endswith(".html")][:40]
            wrong = [
                p
                for p in pages
                if looks_like_link_page(archive.read(p), f"https://{name}.example/{p}")
            ]
        assert (name, wrong, bool(pages)) == (name, [], True)


def test_the_users_documents():
    seeds = sorted((SHARED / "seeds").glob("*.txt"))
    if not seeds:
        pytest.skip(
            "the user's documents lie outside the repository, in ../shared/seeds"
        )
    kinds = {
        path.name[:3]: detect(
            path.read_bytes(), content_type="text/plain", url=path.as_uri()
        )
        for path in seeds
    }
    assert kinds == {"000": "linkpage", "003": "feed"}
