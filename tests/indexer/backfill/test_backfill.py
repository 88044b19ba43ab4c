"""Searches for older posts on small sites of every shape, through the real fetcher and
pipeline."""

from __future__ import annotations

import gzip
import json

import pytest

from indexer.backfill.list_strategies import BARREN_MONTHS
from indexer.backfill.site import own_posts
from indexer.backfill.site_search import BY_LINKS
from tests.blogs import TEXT, Blog, numbered
from tests.servers import scripted


@pytest.fixture
def blog(tmp_path, workers):
    with scripted() as script:
        yield Blog(tmp_path / "index", workers, script)


# What the feed says itself


def test_a_paged_feed_is_followed_to_its_end(blog):
    posts = blog.posts(numbered(6))
    blog.rss("/feed.xml", posts[:2], '<atom:link rel="next" href="BASE/feed2.xml"/>')
    blog.rss("/feed2.xml", posts[2:4], '<atom:link rel="next" href="BASE/feed3.xml"/>')
    blog.rss("/feed3.xml", posts[4:])
    blog.run()
    assert blog.held == posts
    assert blog.frontier.found == {"the feed's older pages": 4}
    assert blog.frontier.whole
    assert "/sitemap.xml" not in blog.asked


def test_archived_feeds_are_followed_from_the_newest(blog):
    posts = blog.posts(numbered(6))
    blog.rss(
        "/feed.xml", posts[4:], '<atom:link rel="prev-archive" href="BASE/2011.xml"/>'
    )
    blog.rss(
        "/2011.xml",
        posts[2:4],
        '<fh:archive/><atom:link rel="prev-archive" href="/2010.xml"/>',
    )
    blog.rss("/2010.xml", posts[:2], "<fh:archive/>")
    blog.run()
    assert blog.held == posts
    assert blog.frontier.whole


def test_a_complete_feed_needs_no_search(blog):
    blog.rss("/feed.xml", blog.posts(numbered(3)), "<fh:complete/>")
    blog.run()
    assert blog.frontier.whole
    assert set(blog.asked) == {"/feed.xml", "/robots.txt", *numbered(3)}


@pytest.mark.parametrize("back", ["/feed.xml", "/feed2.xml"])
def test_pages_of_a_feed_that_lead_in_a_circle_end(blog, back):
    posts = blog.posts(numbered(4))
    blog.rss("/feed.xml", posts[:2], '<atom:link rel="next" href="BASE/feed2.xml"/>')
    blog.rss("/feed2.xml", posts[2:], f'<atom:link rel="next" href="BASE{back}"/>')
    blog.run()
    assert blog.held == posts
    assert blog.asked.count("/feed2.xml") == 1
    assert blog.asked.count("/feed.xml") <= 2


def test_a_feed_without_end_ends_where_nothing_is_new(blog):
    posts = blog.posts(numbered(2))
    for n in range(1, 50):
        more = f'<atom:link rel="next" href="BASE/feed.xml?page={n + 1}"/>'
        blog.rss("/feed.xml" if n == 1 else f"/feed.xml?page={n}", posts, more)
    blog.run()
    assert [path for path in blog.asked if "page=" in path] == ["/feed.xml?page=2"]


def test_a_feed_that_goes_on_at_another_site_is_not_followed_there(blog):
    with scripted() as other:
        blog.rss(
            "/feed.xml",
            blog.posts(numbered(2)),
            f'<atom:link rel="next" href="{other.base}/x"/>',
        )
        blog.run()
        assert other.asked == []


def test_json_feeds_go_on_with_next_url(blog):
    posts = blog.posts(numbered(4))
    blog.feed = "/feed.json"

    def body(mine: list[str], **more: str) -> str:
        items = [{"id": p, "url": f"BASE{p}", "content_text": TEXT} for p in mine]
        return json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "B",
                "items": items,
            }
            | more
        )

    kind = (("Content-Type", "application/feed+json"),)
    blog.put("/feed.json", body(posts[:2], next_url="BASE/2.json"), headers=kind)
    blog.put("/2.json", body(posts[2:]), headers=kind)
    blog.run()
    assert blog.held == posts
    assert blog.frontier.whole


def test_what_an_older_page_of_the_feed_says_is_held_where_the_page_is_gone(blog):
    posts = blog.posts(numbered(2))
    blog.rss("/feed.xml", posts, '<atom:link rel="next" href="BASE/feed2.xml"/>')
    gone = f"<title>Lost</title><link>BASE/2010/lost/</link><description>{TEXT}</description>"
    feed = f'<rss version="2.0"><channel><title>B</title><item>{gone}</item></channel></rss>'
    blog.put("/feed2.xml", feed)
    blog.run()
    assert "/2010/lost/" in blog.held


# What the software is known for

WORDPRESS = "<generator>https://wordpress.org/?v=6.4</generator>"


def test_the_pages_of_a_wordpress_feed(blog):
    posts = blog.posts(numbered(7))
    blog.rss("/feed.xml", posts[:3], WORDPRESS)
    blog.rss("/feed.xml?paged=2", posts[3:6], WORDPRESS)
    blog.rss("/feed.xml?paged=3", posts[6:], WORDPRESS)
    blog.run()
    assert blog.held == posts
    assert blog.frontier.whole
    assert blog.asked.count("/feed.xml?paged=4") == 1


def test_wordpress_as_files_gives_its_first_page_for_every_page(blog):
    posts = blog.posts(numbered(3))
    for query in ["", *(f"?paged={n}" for n in range(2, 99))]:
        blog.rss(f"/feed.xml{query}", posts, WORDPRESS)
    blog.html("/", "".join(f'<h2><a href="{p}">x</a></h2>' for p in posts))
    blog.run()
    assert len([path for path in blog.asked if "paged" in path]) == 1


def test_wordpress_list_of_posts(blog):
    posts = blog.posts(numbered(130, form="/p{}/"))
    blog.rss("/feed.xml", posts[:3], WORDPRESS)
    for number, mine in ((1, posts[:100]), (2, posts[100:])):
        listed = [
            {"link": f"BASE{p}", "date": "2012-05-06T10:00:00", "title": {"rendered": "T &amp; t"},
             "content": {"rendered": f"<p>{TEXT}</p>"}} for p in mine
        ]  # fmt: skip
        path = f"/wp-json/wp/v2/posts?per_page=100&page={number}"
        blog.put(
            path, json.dumps(listed), headers=(("Content-Type", "application/json"),)
        )
    blog.dry_run()
    assert blog.frontier.found == {"WordPress' list of posts": 127}
    assert blog.frontier.waiting[0].title == "T & t"
    assert blog.frontier.waiting[0].published == "2012-05-06"


def test_bloggers_feed_counts_items(blog):
    posts = blog.posts(numbered(4, form="/2012/05/post-{}.html"))
    blog.feed = "/feeds/posts/default"
    blogger = "<generator>Blogger</generator>"
    blog.rss("/feeds/posts/default", posts[:2], blogger)
    blog.rss("/feeds/posts/default?start-index=26&max-results=25", posts[2:])
    blog.run()
    assert blog.held == posts


# Sitemaps


def sitemap(*urls: str, index: bool = False) -> str:
    each = "".join(f"<x><loc>BASE{url}</loc></x>" for url in urls)
    return (
        f"<sitemapindex>{each}</sitemapindex>" if index else f"<urlset>{each}</urlset>"
    )


def test_sitemaps_named_by_robots_in_gzip_by_an_index(blog):
    posts = blog.posts(numbered(9))
    blog.rss("/feed.xml", posts[-3:])
    blog.put(
        "/robots.txt",
        "User-agent: *\nDisallow: /private/\nSitemap: BASE/maps/all.xml\n",
    )
    blog.put(
        "/maps/all.xml",
        sitemap("/maps/posts.xml.gz", "/maps/tags.xml", "/maps/pages.xml", index=True),
    )
    body = sitemap(
        *posts,
        "/about/",
        "/2012/",
        "/",
        "/tag/x/",
        "/2012/post-1/feed/",
        "/drafts/2012/",
    )
    body = body.replace("BASE", blog.script.base).encode()
    blog.put(
        "/maps/posts.xml.gz",
        gzip.compress(body),
        headers=(("Content-Type", "application/x-gzip"),),
    )
    blog.run()
    assert [path for path in blog.held if path in posts] == posts
    assert {"/maps/tags.xml", "/maps/pages.xml", "/sitemap.xml"}.isdisjoint(blog.asked)
    assert blog.frontier.whole
    assert len(blog.held) == 9


def test_a_sitemap_is_sorted_by_the_pattern_of_the_posts(blog):
    posts = blog.posts(numbered(9))
    blog.rss("/feed.xml", posts[-3:])
    pages = blog.posts(
        [
            "/about/",
            "/tag/x/",
            "/2012/",
            "/projects/thing/",
            "/search/",
            "/2012/post-1/2/",
        ]
    )
    blog.put("/sitemap.xml", sitemap(*pages, *posts))
    blog.run()
    assert blog.held == posts
    assert not set(pages) & set(blog.asked)


def test_a_sitemap_of_a_site_built_with_a_wrong_address_is_no_way_off_the_site(blog):
    posts = blog.posts(numbered(5))
    blog.rss("/feed.xml", posts[-2:])
    blog.put("/robots.txt", "Sitemap: http://localhost:2368/sitemap.xml\n")
    blog.put("/sitemap.xml", sitemap(*posts).replace("BASE", "http://localhost:2368"))
    blog.run()
    assert blog.held == posts


# Archive pages


def listed(paths: list[str]) -> str:
    return (
        "<main><ul>"
        + "".join(f'<li><a href="{p}">On {p}</a></li>' for p in paths)
        + "</ul></main>"
    )


def test_an_archive_page_that_the_home_page_names(blog):
    posts = blog.posts(numbered(12, form="/thought-{}/"))
    pages = blog.posts(["/about/", "/my-machines/"])
    links = '<a href="/about/">Me</a><a href="/my-machines/">Machines</a><a href="/alles">Archiv</a>'
    menu = f"<nav>{links}</nav>"
    blog.rss("/feed.xml", posts[:3])
    blog.html("/", menu + listed(posts[:2]))
    blog.html("/alles", menu + listed(posts))
    blog.run()
    assert blog.held == sorted(posts)
    assert not set(pages) & set(blog.asked)
    assert blog.frontier.found == {"archive pages": 9}
    assert blog.frontier.whole


def test_the_pages_of_the_home_page_without_end(blog):
    posts = blog.posts(numbered(9, form="/thought-{}/"))
    blog.rss("/feed.xml", posts[:3])
    for n in range(1, 60):
        mine = posts[3 * n - 3 : 3 * n] or posts[:3]
        blog.html(
            "/" if n == 1 else f"/?page={n}",
            listed(mine) + f'<a href="/?page={n + 1}">Older</a>',
        )
    blog.run()
    assert blog.held == posts
    assert [path for path in blog.asked if "page=" in path] == [
        f"/?page={n}" for n in range(2, 6)
    ]


def test_a_calendar_that_goes_back_for_ever_is_left(blog):
    posts = blog.posts(numbered(4, form="/2012/05/post-{}/"))
    blog.rss("/feed.xml", posts[:2])
    blog.html("/", listed(posts[:2]) + '<a href="/2012/05/">May</a>')
    months = [
        f"/{year}/{month:02}/"
        for year in range(2013, 1960, -1)
        for month in range(12, 0, -1)
    ]
    for newer, month in zip([*months[1:], months[0]], months, strict=True):
        mine = listed(posts) if month == "/2012/05/" else ""
        blog.html(
            month,
            f'{mine}<a href="{newer}">before</a><a href="/9{month[1:]}">after</a>',
        )
    blog.run()
    assert blog.held == posts
    assert len([path for path in blog.asked if path in months]) <= BARREN_MONTHS + 1


def test_sections_and_years_are_looked_into(blog):
    code, notes = (
        numbered(6, form="/code/2012/c-{}/"),
        numbered(6, form="/notes/2009/n-{}/"),
    )
    blog.posts([*code, *notes])
    blog.rss("/feed.xml", [*code[:2], notes[0]])
    blog.html(
        "/",
        listed([code[0], notes[0]])
        + '<p><a href="/code/">Code</a> <a href="/notes/">N</a></p>',
    )
    blog.html("/code/", listed(code[:1]) + '<a href="/code/2012/">2012</a>')
    blog.html("/code/2012/", listed(code))
    blog.html("/notes/", listed(notes))
    blog.run()
    assert blog.held == sorted([*code, *notes])


# Links between posts


def chain(blog: Blog, posts: list[str]) -> None:
    for before, path in zip(["", *posts], posts, strict=False):
        blog.post(path, head=f'<link rel="prev" href="{before}">' if before else "")


def test_a_chain_of_posts_is_walked_and_none_is_asked_for_twice(blog):
    posts = numbered(25, form="/archives/{:06}.html")
    chain(blog, posts)
    blog.rss("/feed.xml", posts[-3:])
    blog.run()
    assert blog.held == posts
    assert blog.frontier.found == {BY_LINKS: 22}
    assert blog.twice() == set()


def test_where_a_chain_is_broken_the_lists_lead_on(blog):
    posts = numbered(20, form="/archives/{:06}.html")
    chain(blog, posts)
    blog.post(posts[10])  # leads nowhere
    menu = '<a href="/archives/cat_x.html">X</a><a href="/about/">Me</a>'
    for path in posts[-3:]:
        blog.post(
            path, menu, head=f'<link rel="prev" href="{posts[posts.index(path) - 1]}">'
        )
    blog.html("/archives/cat_x.html", listed(posts[6:8]))
    blog.rss("/feed.xml", posts[-3:])
    blog.run()
    assert set(posts) - set(blog.held) == set(posts[8:10])
    assert "/about/" not in blog.asked


def test_posts_that_only_other_posts_name_are_found(blog):
    posts = numbered(4, form="/post/part-{}/")
    blog.posts(posts)
    blog.post(
        posts[3],
        f'<p>Before: <a href="{posts[0]}#x">one</a>, <a href="{posts[1]}">two</a></p>',
    )
    blog.rss("/feed.xml", posts[2:])
    blog.html("/", listed(posts[2:]))
    blog.run()
    assert blog.held == posts


def test_links_off_the_site_to_its_home_and_to_dead_posts_hold_nothing(blog):
    with scripted() as other:
        posts = blog.posts(numbered(3))
        blog.put("/2012/moved/", b"", status=302, headers=(("Location", "/"),))
        blog.html("/", listed(posts))
        more = f'<a rel="prev" href="{other.base}/2012/x/">x</a><a href="/2012/dead/">y</a>'
        blog.post(posts[0], more + '<a href="/2012/moved/">z</a>')
        blog.rss("/feed.xml", posts)
        report = blog.run()
        assert other.asked == []
        assert blog.held == posts
        failed = {
            o.url.removeprefix(blog.script.base)
            for o in report.outcomes
            if o.result == "failed"
        }
        assert failed == {"/2012/dead/", "/2012/moved/"}


# One run and many


def shelf(blog: Blog) -> list[str]:
    posts = blog.posts(numbered(12))
    blog.rss("/feed.xml", posts[:3])
    blog.put("/sitemap.xml", sitemap(*posts[:8]))
    blog.post(posts[5], f'<a href="{posts[9]}">x</a>')
    blog.post(posts[9], f'<a href="{posts[10]}">x</a><a href="{posts[11]}">y</a>')
    posts.remove(posts[8])
    return posts


def test_the_next_update_asks_for_the_feed_alone(blog):
    posts = shelf(blog)
    blog.run()
    assert blog.held == sorted(posts)
    assert blog.frontier.done
    before = len(blog.asked)
    blog.update()
    path, headers = blog.script.asked[-1]
    assert len(blog.asked) == before + 1
    assert path == "/feed.xml"
    assert headers["If-None-Match"] == '"1"'


def test_another_backfill_asks_for_the_feed_alone(blog):
    shelf(blog)
    blog.run()
    before = len(blog.asked)
    blog.run(again=True)
    assert len(blog.asked) == before + 1


def test_a_search_may_be_spread_over_runs(blog):
    posts = shelf(blog)
    blog.run(most=4)
    assert not blog.frontier.done
    for _ in range(9):
        before = len(blog.asked)
        blog.run(most=4, again=True)
        assert len(blog.asked) - before <= 4
    assert blog.held == sorted(posts)
    assert blog.frontier.done
    assert blog.twice() <= {"/feed.xml", "/robots.txt"}


def test_update_leaves_a_search_that_is_under_way_alone(blog):
    shelf(blog)
    blog.run(most=6)
    held, before = blog.held, len(blog.asked)
    blog.update()
    assert blog.held == held
    assert len(blog.asked) == before + 1


def test_a_dry_run_fetches_no_older_post_and_its_search_is_not_made_again(blog):
    posts = shelf(blog)
    blog.dry_run()
    assert blog.held == posts[:3]
    assert len(blog.frontier.waiting) == 5
    blog.run(again=True)
    assert blog.held == sorted(posts)
    assert blog.twice() <= {"/feed.xml", "/robots.txt"}


def test_what_robots_txt_closes_is_not_asked_for(blog):
    posts = blog.posts(numbered(5))
    blog.put(
        "/robots.txt",
        "User-agent: *\nDisallow: /sitemap.xml\nDisallow: /2012/post-2/\n",
    )
    blog.put("/sitemap.xml", sitemap(*posts))
    blog.rss("/feed.xml", posts[2:])
    blog.html("/", listed(posts))
    blog.run()
    assert "/sitemap.xml" not in blog.asked
    assert "/2012/post-2/" not in blog.asked
    assert blog.held == [posts[0], *posts[2:]]


BLOG = "https://blog.example/"


@pytest.mark.parametrize(
    ("home", "listed", "found"),
    [
        (BLOG, [f"{BLOG}1", f"{BLOG}2", "https://guest.example/3"], (BLOG, 2)),
        (
            "https://x.example/blog",
            ["https://x.example/blog/1"],
            ("https://x.example/blog/", 1),
        ),
        (
            "https://x.example/index.html",
            ["https://x.example/1"],
            ("https://x.example/index.html", 1),
        ),
        (
            "https://feeds.example/me",
            [f"{BLOG}{n}" for n in range(10)],
            (BLOG, 10),
        ),  # a feed kept elsewhere
        ("", [f"{BLOG}1"], (BLOG, 1)),
        (BLOG, [f"https://b{n}.example/1" for n in range(9)], (BLOG, 0)),  # a planet
        (BLOG, [f"https://b{n % 2}.example/{n}" for n in range(9)], (BLOG, 0)),
        (BLOG, [], (BLOG, 0)),
    ],
)
def test_whose_archive_a_feed_stands_for(home, listed, found):
    at, own = own_posts(home, listed)
    assert (at, len(own)) == found


def test_the_sites_that_a_planet_gathers_from_are_not_searched(blog):
    with scripted() as one, scripted() as two:
        items = "".join(
            f"<item><link>{s.base}/{n}</link></item>"
            for s in (one, two)
            for n in range(3)
        )
        blog.put(
            "/feed.xml",
            f'<rss version="2.0"><channel><link>BASE/</link>{items}</channel></rss>',
        )
        blog.run()
        assert {path for site in (one, two) for path in site.paths} == {
            "/0",
            "/1",
            "/2",
            "/robots.txt",
        }
