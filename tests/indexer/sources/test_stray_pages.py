"""Pages of a site that its feed lists among the posts."""

from __future__ import annotations

import re

import pytest

from indexer.records import Item
from indexer.sources.stray_pages import stray_pages
from tests.runs import Runs, results
from tests.sites import rss, serving

BLOG = "https://blog.example"
POSTS = [
    Item(f"{BLOG}/posts/2020-01-0{n}-words/", published=f"2020-01-0{n}")
    for n in range(1, 7)
]
SHORT = [
    Item(f"{BLOG}/some-words-{n}/", published=f"2020-01-0{n}") for n in range(1, 7)
]


@pytest.mark.parametrize("posts", [POSTS, SHORT])
@pytest.mark.parametrize(
    "path", ["/faq/", "/about/", "/", "/pages/about.html", "/tags/"]
)
def test_an_undated_page_that_is_not_like_the_posts_is_none(posts, path):
    assert stray_pages([*posts, Item(BLOG + path)]) == [BLOG + path]


@pytest.mark.parametrize(
    "items",
    [
        [*POSTS, Item(f"{BLOG}/faq/", published="2020-02-01")],  # dated
        [*POSTS, Item(f"{BLOG}/posts/2020-02-01-more/")],  # like the posts
        [*SHORT, Item(f"{BLOG}/more-words/")],
        [*POSTS, Item(f"{BLOG}/essays/on-bread/")],  # deeper than pages lie
        [*POSTS, Item("https://other.example/about/")],  # nothing is known of that site
        [*POSTS[:2], Item(f"{BLOG}/faq/")],  # too few to tell
        [
            *POSTS[:3],
            *(Item(f"{BLOG}/page-{n}/") for n in range(3)),
        ],  # half of them have no date
        [Item(item.url) for item in [*POSTS, Item(f"{BLOG}/faq/")]],
        [],
    ],
)
def test_what_may_be_a_post_stays(items):
    assert stray_pages(items) == []


@pytest.fixture
def site():
    with serving() as running:
        for number in range(1, 6):
            running.post(f"/posts/p{number}/", f"Post {number}")
        running.post("/faq/", "Questions that are asked often")
        yield running


def feed(site, *more: tuple[str, str]) -> None:
    """Posts with dates, a page without, and more of both."""
    body = rss(
        site.base,
        (
            *((f"/posts/p{n}/", f"Post {n}") for n in range(1, 6)),
            ("/faq/", "FAQ"),
            *more,
        ),
    )
    site.put(
        "/feed.xml",
        re.sub(r"(faq/</link>)<pubDate>.*?</pubDate>", r"\1", body),
        kind="application/rss+xml",
    )


def test_it_is_not_fetched_stands_in_the_books_and_comes_when_asked_for(
    site, tmp_path, workers
):
    feed(site)
    runs = Runs(tmp_path / "index", workers)
    report = runs.add(site.url("/feed.xml"))
    assert results(report)[site.url("/faq/")] == "excluded"
    assert "/faq/" not in site.asked()
    assert runs.page(site.url("/faq/")).reason == "site-page"
    runs.later(days=90)
    runs.update()
    assert "/faq/" not in site.asked()
    runs.add(site.url("/faq/"))
    assert site.url("/faq/") in runs.articles()
    feed(site, ("/posts/p6/", "Post 6"))
    runs.later(days=90)
    runs.update()
    assert site.url("/faq/") in runs.articles()
