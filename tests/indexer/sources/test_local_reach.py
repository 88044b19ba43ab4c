"""Nothing that others wrote has a file of this machine read: not over the web, and not
in a page or feed that was saved on disk."""

from __future__ import annotations

import json
import os

import pytest

from indexer.documents.read_page import read_with_links
from indexer.records import Page, SourceRecord
from indexer.sources.find_feeds import find_feeds
from indexer.sources.listing import list_items
from indexer.sources.opml import parse_opml
from tests.runs import Inline, Runs
from tests.sites import rss, text
from tests.watching import watching

HOST = "https://evil.example"
INSIDE = "file:///home/me/secret.md"
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="file:///home/me/"><title>x</title>
<link href="{INSIDE}"/><link rel="next" href="{INSIDE}"/><link rel="prev-archive" href="{INSIDE}"/><id>{INSIDE}</id>
<entry xml:base="file:///home/me/"><title>a</title><link href="secret.md"/><id>secret.md</id>
<content src="{INSIDE}"/></entry>
<entry><title>b</title><link href="{INSIDE}"/></entry><entry><title>c</title><id>{INSIDE}</id></entry>
<entry><title>d</title><link rel="enclosure" href="{INSIDE}"/></entry>
<entry><title>e</title><link href="{HOST}/good"/></entry>
</feed>"""
RSS = (
    rss("file:///home/me", (("/secret.md", "a"), ("/good", "b")))
    .replace("file:///home/me/good", f"{HOST}/good")
    .replace("<item>", f"<item><guid>{INSIDE}</guid><enclosure url='{INSIDE}'/>")
)
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1", "title": "x", "home_page_url": INSIDE, "feed_url": INSIDE,
        "next_url": INSIDE,
        "items": [
            {"id": INSIDE, "content_text": "a"}, {"id": "1", "url": INSIDE, "content_text": "b"},
            {"id": "2", "external_url": INSIDE, "content_text": "c"}, {"id": "3", "url": "/good", "content_text": "d"},
        ],
    }
)  # fmt: skip
LINKS = f"""<base href="file:///home/me/"><title>x</title><main><ul><li><a href="secret.md">a</a> is it</li>
<li><a href="{INSIDE}">b</a> is it</li><li><a href="FILE:///home/me/secret.md">c</a></li><li>{INSIDE} is bare</li>
<li><a href="https://web.archive.org/web/2020/{INSIDE}">d</a></li><li><a href="/good">e</a></li></ul></main>"""
MARKDOWN = f"""---
permalink: file:///home/me/
---
- [a](secret.md) is it
- [b]({INSIDE}) is it
- <{INSIDE}> is it
- [c][c] and [e](/good)

[c]: {INSIDE}
"""


@pytest.mark.parametrize(
    ("kind", "body", "content_type"),
    [
        ("feed", ATOM, "application/atom+xml"),
        ("feed", RSS, "application/rss+xml"),
        ("feed", JSON_FEED, "application/feed+json"),
        ("linkpage", LINKS, "text/html"),
        ("linkpage", MARKDOWN, "text/markdown"),
    ],
)
def test_a_source_on_the_web_lists_no_file(kind, body, content_type):
    url = f"{HOST}/source"
    page = Page(url, url, body.encode(), content_type=content_type)
    found = list_items(SourceRecord(url, kind), page, Inline())
    urls = [item.url for item in found.items]
    assert urls
    assert not [one for one in urls if not one.startswith("https://")]
    assert not [item.archived for item in found.items if item.archived]
    assert "file:" not in f"{found.home} {found.leads}"


def test_a_page_on_the_web_leads_to_no_file():
    head = "".join(
        f'<link rel="{rel}" href="{INSIDE}" type="application/rss+xml">'
        for rel in ("canonical", "alternate", "next", "prev", "amphtml", "shortlink")
    )
    linked = json.dumps(
        {"@type": "BlogPosting", "url": INSIDE, "mainEntityOfPage": INSIDE}
    )
    body = (
        f'<html><head><base href="file:///home/me/">{head}<meta property="og:url" content="{INSIDE}">'
        f'<meta http-equiv="refresh" content="0;url={INSIDE}"><script type="application/ld+json">{linked}</script>'
        f'</head><body><article><h1>Post</h1><p>{text(4)}</p><p>{text(5)}</p><a href="{INSIDE}">x</a>'
        f'<iframe src="{INSIDE}"></iframe><video src="{INSIDE}"></video></article></body></html>'
    ).encode()
    with watching() as watch:
        article = read_with_links(body, f"{HOST}/post", content_type="text/html")
        assert not [one for one in find_feeds(body, f"{HOST}/post") if "file:" in one]
    assert article.page.url == f"{HOST}/post"
    assert not [link for link in article.links if "file:" in link.url]
    assert not [path for path in watch.opened if "home/me" in path]


@pytest.mark.parametrize("base", ["", f"{HOST}/list.opml", "file:///home/me/l.opml"])
def test_a_list_of_feeds_leads_to_no_file_elsewhere(base):
    outlines = "".join(
        f'<outline xmlUrl="{url}" htmlUrl="{url}"/>'
        for url in (INSIDE, "/etc/passwd", "../secret", f"feed:{INSIDE}", "//x.example")
    )
    found = parse_opml(f"<opml><body>{outlines}</body></opml>".encode(), base)
    named = " ".join(f"{feed.url} {feed.home}" for feed in found)
    assert "etc/passwd" not in named or base.startswith("https:")
    assert "file:" not in named.replace(INSIDE, "" if base.startswith("file") else INSIDE)  # fmt: skip


NAMES = (
    "good.md", "below/good.html", ".ssh/notes.md", ".netrc", "id_rsa", "config.yaml", "secret.json", "link.md",
    "linked/post.md", "pipe.md", "%00.md", "round.md", "x" * 300 + ".md", "gone.md",
)  # fmt: skip


@pytest.fixture
def saved(tmp_path):
    """A folder in which somebody saved a page or a feed from the web."""
    folder = tmp_path.resolve() / "saved"
    secret = folder.with_name("outside")
    for name in ("below", ".ssh"):
        (folder / name).mkdir(parents=True)
    secret.mkdir()
    (secret / "post.md").write_text(f"# Secret outside\n\n{text(7)}")
    for name in NAMES[2:7]:
        (folder / name).write_text(f"# Secret\n\n{text(8)}")
    (folder / "good.md").write_text(f"# Good\n\n{text(1)}")
    (folder / "below/good.html").write_text(f"<h1>Good</h1><p>{text(2)}</p>")
    (folder / "link.md").symlink_to(secret / "post.md")
    (folder / "linked").symlink_to(secret)
    (folder / "round.md").symlink_to(folder / "round.md")
    os.mkfifo(folder / "pipe.md")
    return folder


@pytest.mark.parametrize("kind", ["feed", "links"])
def test_what_was_saved_leads_to_documents_beside_it_and_nothing_else(
    saved, tmp_path, kind
):
    if kind == "feed":
        source = saved / "feed.xml"
        source.write_text(rss("", [(name, name) for name in NAMES]))
    else:
        source = saved / "til.md"
        source.write_text("".join(f"- [{name[:9]}]({name}) is it\n" for name in NAMES))
    runs = Runs(tmp_path / "index", Inline())
    with watching() as watch:
        for run in (lambda: runs.add(str(source)), runs.update):
            run()
            runs.later(days=30)
    read = {path for path in watch.opened if path.startswith(f"{saved.parent}/")}
    read = {path for path in read if "/index" not in path} - {str(source)}
    assert read == {str(saved / "good.md"), str(saved / "below/good.html")}
    held = {url for url, one in runs.articles().items() if one.blocks}
    assert held == {(saved / name).as_uri() for name in NAMES[:2]}
