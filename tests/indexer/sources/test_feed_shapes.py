"""The shapes in which feeds say where their older items are (RFC 5005, JSON Feed),
sound and broken.

Each shape puts a feed of eight posts onto a blog and says what a search through the
feed must make of it: which posts are held, whether they are known to be all, and how
often the feed's parts are asked for.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.blogs import TEXT, Blog, numbered
from tests.servers import Served, scripted

POSTS = numbered(8)
NEWEST, MIDDLE, OLDEST = POSTS[5:], POSTS[2:5], POSTS[:2]
ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"


@dataclass(frozen=True)
class Expected:
    """What comes of a shape. ``asked`` are requests for parts of the feed, the feed
    itself among them."""

    asked: int
    held: tuple[str, ...] = tuple(POSTS)
    whole: bool = True


Shape = Callable[[Blog], Expected]
SHAPES: dict[str, Shape] = {}


def shape(build: Shape) -> Shape:
    SHAPES[build.__name__.replace("_", " ")] = build
    return build


def link(relation: str, href: str) -> str:
    return f'<atom:link rel="{relation}" href="{href}"/>'


def atom(
    blog: Blog,
    path: str,
    posts: list[str],
    extra: str = "",
    root: str = "",
    day: str = "01",
) -> None:
    entries = "".join(
        f"<entry><title>T{p}</title><id>BASE{p}</id><link href='BASE{p}'/>"
        f"<updated>2012-01-{day}T00:00:00Z</updated></entry>"
        for p in posts
    )
    about = f"<title>B</title><id>BASE/</id><link href='BASE/'/><updated>2012-01-{day}T00:00:00Z</updated>"
    blog.put(
        path,
        f'<feed xmlns="{ATOM}" xmlns:fh="{HISTORY}" {root}>{about}{extra}{entries}</feed>',
    )


# Paged


@shape
def paged_rss_by_atom_link(blog):
    ends = link("first", "BASE/feed.xml") + link("last", "BASE/feed3.xml")
    blog.rss("/feed.xml", NEWEST, ends + link("next", "BASE/feed2.xml"))
    blog.rss(
        "/feed2.xml",
        MIDDLE,
        ends + link("previous", "BASE/feed.xml") + link("next", "BASE/feed3.xml"),
    )
    blog.rss("/feed3.xml", OLDEST, ends + link("previous", "BASE/feed2.xml"))
    return Expected(asked=3)


@shape
def paged_atom_with_first_last_and_previous(blog):
    ends = "<link rel='first' href='BASE/feed.xml'/><link rel='last' href='BASE/feed3.xml'/>"
    atom(blog, "/feed.xml", NEWEST, f"{ends}<link rel='next' href='BASE/feed2.xml'/>")
    middle = "<link rel='previous' href='BASE/feed.xml'/><link rel='next' href='BASE/feed3.xml'/>"
    atom(blog, "/feed2.xml", MIDDLE, ends + middle)
    atom(
        blog,
        "/feed3.xml",
        OLDEST,
        f"{ends}<link rel='previous' href='BASE/feed2.xml'/>",
    )
    return Expected(asked=3)


@shape
def paged_with_relative_links(blog):
    blog.feed = "/blog/feed/"
    blog.rss("/blog/feed/", NEWEST, link("next", "../feed/2"))
    blog.rss("/blog/feed/2", MIDDLE, link("next", "?page=3"))
    blog.rss("/blog/feed/2?page=3", OLDEST)
    return Expected(asked=3)


@shape
def paged_with_links_below_xml_base(blog):
    atom(
        blog,
        "/feed.xml",
        NEWEST,
        "<link rel='next' href='p2'/>",
        root='xml:base="BASE/pages/"',
    )
    atom(blog, "/pages/p2", [*MIDDLE, *OLDEST])
    return Expected(asked=2)


@shape
def json_feed_with_next_url(blog):
    blog.feed = "/feed.json"
    for path, posts, further in (
        ("/feed.json", NEWEST, "/2.json"),
        ("/2.json", [*MIDDLE, *OLDEST], ""),
    ):
        items = [{"id": p, "url": f"BASE{p}", "content_text": TEXT} for p in posts]
        body = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "B",
            "items": items,
        }
        body |= {"next_url": f"BASE{further}"} if further else {}
        blog.put(
            path, json.dumps(body), headers=(("Content-Type", "application/feed+json"),)
        )
    return Expected(asked=2)


@shape
def a_page_in_gzip(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed2.xml"))
    blog.rss("/feed2.xml", [*MIDDLE, *OLDEST])
    plain = blog.script.pages["/feed2.xml"]
    kind = (("Content-Type", "application/xml"), ("Content-Encoding", "gzip"))
    blog.script.pages["/feed2.xml"] = Served(gzip.compress(plain.body), headers=kind)
    return Expected(asked=2)


@shape
def a_page_of_another_format(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed2.atom"))
    atom(blog, "/feed2.atom", MIDDLE, "<link rel='next' href='BASE/feed3.json'/>")
    items = [{"id": p, "url": f"BASE{p}", "content_text": TEXT} for p in OLDEST]
    blog.put(
        "/feed3.json",
        json.dumps({"items": items}),
        headers=(("Content-Type", "application/json"),),
    )
    return Expected(asked=3)


@shape
def an_empty_page_between(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed2.xml"))
    atom(blog, "/feed2.xml", [], "<link rel='next' href='BASE/feed3.xml'/>")
    blog.rss("/feed3.xml", [*MIDDLE, *OLDEST])
    return Expected(asked=3)


@shape
def entries_that_come_again_and_newer(blog):
    atom(
        blog, "/feed.xml", NEWEST, "<link rel='next' href='BASE/feed2.xml'/>", day="09"
    )
    atom(
        blog,
        "/feed2.xml",
        [*NEWEST[:2], *MIDDLE],
        "<link rel='next' href='BASE/feed3.xml'/>",
        day="05",
    )
    atom(blog, "/feed3.xml", [*MIDDLE[:2], *OLDEST])
    return Expected(asked=3)


@shape
def a_page_that_moved(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/old2.xml"))
    blog.put("/old2.xml", b"", status=301, headers=(("Location", "/feeds/2.xml"),))
    blog.rss("/feeds/2.xml", MIDDLE, link("next", "3.xml"))  # below its new address
    blog.rss("/feeds/3.xml", OLDEST)
    return Expected(asked=4)


# Archived


@shape
def archived_with_current(blog):
    current = "<fh:archive/>" + link("current", "BASE/feed.xml")
    blog.rss("/feed.xml", NEWEST, link("prev-archive", "BASE/2011.xml"))
    # names what is being written: not there yet
    newer = link("next-archive", "BASE/2012.xml")
    blog.rss(
        "/2011.xml", MIDDLE, current + newer + link("prev-archive", "BASE/2010.xml")
    )
    blog.rss("/2010.xml", OLDEST, current + link("next-archive", "BASE/2011.xml"))
    return Expected(asked=3)


@shape
def archived_atom(blog):
    atom(blog, "/feed.xml", NEWEST, "<link rel='prev-archive' href='/2011.xml'/>")
    atom(
        blog,
        "/2011.xml",
        MIDDLE,
        "<fh:archive/><link rel='prev-archive' href='/2010.xml'/>",
    )
    atom(blog, "/2010.xml", OLDEST, "<fh:archive/>")
    return Expected(asked=3)


@shape
def archived_and_paged(blog):
    leads = link("next", "BASE/feed.xml?page=2") + link("prev-archive", "BASE/2011.xml")
    blog.rss("/feed.xml", NEWEST, leads)
    blog.rss("/2011.xml", [*MIDDLE, *OLDEST], "<fh:archive/>")
    return Expected(asked=2)


@shape
def an_archive_that_begins_with_what_the_feed_shows(blog):
    blog.rss("/feed.xml", NEWEST, link("prev-archive", "BASE/2012.xml"))
    blog.rss(
        "/2012.xml", NEWEST[:2], "<fh:archive/>" + link("prev-archive", "BASE/2011.xml")
    )
    blog.rss("/2011.xml", [*MIDDLE, *OLDEST], "<fh:archive/>")
    return Expected(asked=3)


# Complete


@shape
def complete_rss(blog):
    blog.rss("/feed.xml", POSTS, "<fh:complete/>" + link("next", "BASE/feed2.xml"))
    return Expected(asked=1)


@shape
def complete_atom_under_another_prefix(blog):
    atom(
        blog,
        "/feed.xml",
        POSTS,
        "<History:complete/>",
        root=f'xmlns:History="{HISTORY}"',
    )
    return Expected(asked=1)


@shape
def complete_without_a_prefix(blog):
    atom(blog, "/feed.xml", POSTS, f'<complete xmlns="{HISTORY}"/>')
    return Expected(asked=1)


@shape
def complete_only_in_the_words_of_an_item(blog):
    said = "<item><title>On RFC 5005</title><link>BASE/2012/post-8/</link>"
    said += (
        "<description><![CDATA[Write <fh:complete/> into it.]]></description></item>"
    )
    blog.rss("/feed.xml", NEWEST[:2], said + link("next", "BASE/feed2.xml"))
    blog.rss("/feed2.xml", [*MIDDLE, *OLDEST])
    return Expected(asked=2)


# Chains that lead nowhere


@shape
def a_page_that_is_its_own_next(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed2.xml"))
    blog.rss("/feed2.xml", [*MIDDLE, *OLDEST], link("next", "BASE/feed2.xml"))
    return Expected(asked=2)


@shape
def a_circle_of_pages(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed2.xml"))
    blog.rss("/feed2.xml", MIDDLE, link("next", "BASE/feed3.xml"))
    blog.rss("/feed3.xml", OLDEST, link("next", "BASE/feed.xml"))
    return Expected(asked=3)


@shape
def a_chain_without_end_by_a_token(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed.xml?token=t0"))
    for n in range(30):
        blog.rss(
            f"/feed.xml?token=t{n}", [*MIDDLE, *OLDEST] if n == 0 else POSTS,
            link("next", f"BASE/feed.xml?token=t{n + 1}"),
        )  # fmt: skip
    return Expected(asked=3)


@shape
def empty_pages_without_end(blog):
    blog.rss("/feed.xml", POSTS, link("next", "BASE/feed.xml?token=t0"))
    for n in range(30):
        atom(
            blog,
            f"/feed.xml?token=t{n}",
            [],
            f"<link rel='next' href='BASE/feed.xml?token=t{n + 1}'/>",
        )
    return Expected(asked=4)


@shape
def a_page_that_is_missing(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed2.xml"))
    blog.rss("/feed2.xml", MIDDLE, link("next", "BASE/feed3.xml"))
    return Expected(asked=3, held=(*MIDDLE, *NEWEST), whole=False)


@shape
def a_page_that_breaks_off(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed2.xml"))
    blog.rss("/feed2.xml", MIDDLE, link("next", "BASE/feed3.xml"))
    cut = blog.script.pages["/feed2.xml"]
    blog.script.pages["/feed2.xml"] = Served(cut.body[:-60], headers=cut.headers)
    blog.rss("/feed3.xml", OLDEST)
    return Expected(asked=3, held=(*OLDEST, *MIDDLE[:2], *NEWEST), whole=False)


@shape
def a_page_that_is_no_feed(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/older.html"))
    blog.html("/older.html", "<p>Our archive moved.</p>")
    return Expected(asked=2, held=tuple(NEWEST), whole=False)


@shape
def a_page_on_another_host(blog):
    blog.rss("/feed.xml", NEWEST, link("next", "BASE/feed2.xml"))
    blog.rss(
        "/feed2.xml",
        [*MIDDLE, *OLDEST],
        link("next", "http://elsewhere.example/feed3.xml"),
    )
    return Expected(asked=2, whole=False)


@pytest.fixture
def blog(tmp_path, workers):
    with scripted() as script:
        yield Blog(tmp_path / "index", workers, script)


def test_there_are_26_shapes():
    assert len(SHAPES) == 26


@pytest.mark.parametrize("name", SHAPES)
def test_a_feed_of_this_shape_gives_its_posts(blog, name):
    blog.posts(POSTS)
    expected = SHAPES[name](blog)
    blog.run()
    parts = [path for path in blog.asked if path in blog.script.pages or "feed" in path]
    parts = [path for path in parts if path not in POSTS]
    assert blog.held == list(expected.held)
    assert len(parts) == expected.asked
    assert blog.twice() == set()
    assert blog.frontier.whole == expected.whole
    assert (
        "/sitemap.xml" in blog.asked
    ) != expected.whole  # where posts may be missing, the search goes on


def test_a_page_that_redirects_to_another_host_is_not_read(blog):
    with scripted() as other:
        blog.rss("/feed.xml", blog.posts(NEWEST), link("next", "BASE/feed2.xml"))
        blog.put(
            "/feed2.xml",
            b"",
            status=302,
            headers=(("Location", f"{other.base}/feed2.xml"),),
        )
        items = f"<item><title>x</title><link>{blog.script.base}/2012/slipped-in/</link></item>"
        other.pages["/feed2.xml"] = Served(
            f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
        )
        blog.run()
        assert blog.held == NEWEST
        assert not blog.frontier.whole


def test_archives_are_not_asked_for_again(blog):
    SHAPES["archived with current"](blog)
    blog.posts(POSTS)
    blog.run()
    before = len(blog.asked)
    blog.put("/feed.xml", b"", status=304)
    blog.run(again=True)
    blog.update()
    assert blog.asked[before:] == ["/feed.xml", "/feed.xml"]
    assert all(
        headers["If-None-Match"] == '"1"' for _, headers in blog.script.asked[before:]
    )


def test_an_entry_that_a_complete_feed_drops_stays_as_long_as_its_page_answers(blog):
    blog.rss("/feed.xml", blog.posts(POSTS), "<fh:complete/>")
    blog.run()
    blog.rss("/feed.xml", POSTS[1:], "<fh:complete/>")
    blog.update()
    assert blog.held == POSTS
