from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.backfill.archive_pages import (
    archives,
    more_pages,
    neighbours,
    page_number,
    places_of,
)
from indexer.extract.links import read_links
from indexer.text.link_words import names_archive, names_more, names_neighbour
from search.text.urls import identity
from tests.torture.scale import rounds

HOME = "https://blog.example/"


def links(body: str, at: str = HOME):
    return read_links(f"<html><body>{body}</body></html>".encode(), at)


def urls(found) -> list[str]:
    return [link.url.removeprefix(HOME) for link in found]


def test_links_of_the_own_site_only_each_as_it_is_canonical():
    found = links(
        '<a href="a/#top">A</a><a href="https://other.example/">B</a><a href="mailto:x@y">C</a>'
        '<a href="/b?utm_source=rss">D</a><a>E</a><a href="//www.blog.example/c">F</a>'
    )
    assert [link.url for link in found] == [
        f"{HOME}a/",
        f"{HOME}b",
        "https://www.blog.example/c",
    ]


def test_the_base_of_a_page_counts_the_first_one():
    body = '<base href="/blog/"><base href="/other/"><a href="one">x</a>'
    assert [link.url for link in links(body)] == [f"{HOME}blog/one"]


def test_relations_of_the_head_count_and_stylesheets_do_not():
    page = b'<html><head><link rel="next" href="/page/2/"><link rel="stylesheet" href="/a.css"></head></html>'
    assert [(link.url, set(link.relations)) for link in read_links(page, HOME)] == [
        (f"{HOME}page/2/", {"next"})
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Archive",
        "All posts »",
        "归档",
        "历史",
        "Alle Beiträge",
        "Archives (97)",
        "Tous les articles",
        "Other posts",
    ],
)
def test_archives_in_many_languages(text):
    page = links(f'<a href="/x">{text}</a><a href="/y">A post</a>')
    assert archives(page, HOME) == [f"{HOME}x"]


def test_archives_by_their_address_come_first_and_categories_are_none():
    body = '<a href="/blog/">Blog</a><a href="/archives.html">☰</a><a href="/category/essays">Essays</a>'
    assert archives(links(body), HOME) == [f"{HOME}archives.html", f"{HOME}blog/"]


def test_a_link_home_is_no_archive():
    assert (
        archives(links('<a href="/">Archives</a><a href="/index.html">Blog</a>'), HOME)
        == []
    )


@pytest.mark.parametrize(
    ("url", "base", "number"),
    [
        ("https://b.example/page/2/", "https://b.example/", 2),
        ("https://b.example/blog/page/12", "https://b.example/blog/", 12),
        ("https://b.example/page2.html", "https://b.example/", 2),
        ("https://b.example/posts/?page=3", "https://b.example/posts/", 3),
        ("https://b.example/?paged=3&lang=de", "https://b.example/?lang=de", 3),
        ("https://b.example/2012/05/", "https://b.example/2012/05/", None),
        ("https://b.example/homepage", "https://b.example/homepage", None),
    ],
)
def test_numbers_of_pages(url, base, number):
    found, said = page_number(url)
    assert (identity(found), said) == (identity(base), number)


def test_more_pages_of_this_list_not_of_others():
    body = (
        '<a href="/blog/page/2/">2</a><a href="/blog/page/3/">3</a><a href="/tag/x/page/2/">2</a>'
        '<a href="/blog/older?before=99">Older posts →</a><a href="/elsewhere">Next</a>'
        '<a href="/blog/a">One</a>'
    )
    found = more_pages(links(body, f"{HOME}blog/"), f"{HOME}blog/")
    assert found == [
        f"{HOME}blog/page/2/",
        f"{HOME}blog/page/3/",
        f"{HOME}blog/older?before=99",
    ]


@pytest.mark.parametrize(
    "link",
    [
        '<a rel="prev" href="/x">A title</a>', '<link rel="next" href="/x">', '<a href="/x">← A title</a>',
        '<a href="/x">Previous post: a title</a>', '<a href="/x">上一篇：某</a>',
        '<a class="prev" href="/x"></a>',
        '<a href="/x">Vorheriger Beitrag</a>', '<a href="/x">前の記事</a>',
    ],
)  # fmt: skip
def test_the_post_before_and_after(link):
    assert neighbours(links(f"{link}<a href='/y'>Another thing</a>")) == [f"{HOME}x"]


def test_words_are_compared_whole():
    assert not names_archive("Archives of the royal library, and what I found there")
    assert not names_more("More is different")
    assert not names_neighbour("Nextcloud on a small machine")


def test_entries_of_one_list_hang_in_the_same_place_menus_elsewhere():
    body = (
        '<nav><ul><li><a href="/about/">About</a></li><li><a href="/one/">Newest</a></li></ul></nav>'
        '<div class="post-1 x"><h2><a href="/one/">One</a></h2></div>'
        '<div class="post-2 tag-y"><h2><a href="/two/">Two</a></h2></div>'
        '<div class="widget"><ul><li><a href="/projects-of-mine/">P</a></li></ul></div>'
    )
    found = links(body)
    places = places_of(found, [identity(f"{HOME}one/")])
    assert urls([link for link in found if link.place in places]) == ["one/", "two/"]


def test_where_known_posts_hang_in_a_menu_only_the_menu_it_is():
    found = links(
        '<nav><ul><li><a href="/one/">One</a></li><li><a href="/two/">Two</a></li></ul></nav>'
    )
    assert (
        len(
            [
                link
                for link in found
                if link.place in places_of(found, [identity(f"{HOME}one")])
            ]
        )
        == 2
    )


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_links_of_the_own_site(body):
    for link in read_links(b'<a href="/a">' + body, HOME):
        assert link.url.startswith(
            (
                "https://blog.example",
                "http://blog.example",
                "https://www.blog",
                "http://www.",
            )
        )
