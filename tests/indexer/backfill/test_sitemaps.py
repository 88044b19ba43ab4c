from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.backfill.sitemaps import (
    MAX_BYTES,
    Sitemap,
    SitemapError,
    brought_home,
    parse_sitemap,
    purpose,
)
from tests.torture.scale import rounds

AT = "https://blog.example/sitemap.xml"
SET = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'


def page(address: str, more: str = "") -> str:
    return f"<url><loc>{address}</loc>{more}<lastmod>2020-01-01</lastmod></url>"


def test_pages_in_order_each_once():
    body = SET.format(
        page("https://blog.example/a/") + page("https://blog.example/b/") * 2
    )
    assert parse_sitemap(body.encode(), AT).pages == (
        "https://blog.example/a/",
        "https://blog.example/b/",
    )


def test_an_index_names_sitemaps():
    body = INDEX.format(
        "<sitemap><loc>https://blog.example/sitemap-posts.xml</loc></sitemap>"
    )
    assert parse_sitemap(body.encode(), AT) == Sitemap(
        sitemaps=("https://blog.example/sitemap-posts.xml",)
    )


def test_gzip_cdata_entities_prefixes_and_relative_addresses():
    body = (
        '<s:urlset xmlns:s="x"><s:url><s:loc> <![CDATA[https://blog.example/a?x=1&y=2]]></s:loc></s:url>'
        "<s:url><s:loc>https://blog.example/b?x=1&amp;y=2\n</s:loc></s:url><s:url><s:loc>/c</s:loc></s:url></s:urlset>"
    )
    assert parse_sitemap(gzip.compress(body.encode()), AT).pages == (
        "https://blog.example/a?x=1&y=2", "https://blog.example/b?x=1&y=2", "https://blog.example/c",
    )  # fmt: skip


def test_the_pictures_of_a_page_are_no_pages():
    picture = (
        "<image:image><image:loc>https://blog.example/p.png</image:loc></image:image>"
    )
    found = parse_sitemap(
        SET.format(page("https://blog.example/a/", picture)).encode(), AT
    ).pages
    assert found == ("https://blog.example/a/",)


def test_a_sitemap_that_is_cut_off_gives_what_it_holds():
    whole = SET.format("".join(page(f"https://blog.example/{n}") for n in range(9)))
    assert len(parse_sitemap(whole[: len(whole) // 2].encode(), AT).pages) >= 3


def test_a_list_of_addresses_in_plain_text():
    body = b"https://blog.example/a\nhttps://blog.example/b\n"
    assert parse_sitemap(body, AT).pages == (
        "https://blog.example/a",
        "https://blog.example/b",
    )


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Not found</body></html>", b"\x1f\x8bnot gzip", b"hello"]
)
def test_what_is_no_sitemap_says_so(body):
    with pytest.raises(SitemapError):
        parse_sitemap(body, AT)


def test_gzip_that_swells_is_read_no_further_than_the_standard_allows():
    swollen = (
        b"<urlset>"
        + b" " * (MAX_BYTES + 1000)
        + page("https://blog.example/late").encode()
    )
    assert parse_sitemap(gzip.compress(swollen), AT).pages == ()


def test_entities_are_not_expanded():
    body = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SET.format(
        page("&a;")
    )
    assert all("root:" not in url for url in parse_sitemap(body.encode(), AT).pages)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("sitemap-posts.xml", "posts"), ("post-sitemap.xml", "posts"), ("post-sitemap2.xml", "posts"),
        ("wp-sitemap-posts-post-1.xml", "posts"), ("news-sitemap.xml", "posts"), ("blog.xml.gz", "posts"),
        ("sitemap-pages.xml", "others"), ("page-sitemap.xml", "others"), ("sitemap-tags.xml", "others"),
        ("wp-sitemap-posts-page-1.xml", "others"), ("wp-sitemap-taxonomies-category-1.xml", "others"),
        ("wp-sitemap-users-1.xml", "others"), ("author-sitemap.xml", "others"),
        ("post_tag-sitemap.xml", "others"),
        ("sitemap.xml", "unknown"), ("sitemap-1.xml", "unknown"), ("sitemap-page-2.xml", "unknown"),
        ("sitemap_index.xml", "unknown"),
    ],
)  # fmt: skip
def test_what_a_sitemaps_name_says(name, what):
    assert purpose(f"https://blog.example/{name}") == what


def test_pages_of_other_sites_are_left_out():
    urls = [
        "https://blog.example/a",
        "https://other.example/b",
        "http://www.blog.example/c",
    ]
    assert brought_home(urls, "https://blog.example/") == (urls[0], urls[2])


def test_a_site_that_was_built_with_a_wrong_address_is_brought_home():
    urls = ["http://localhost:2368/a/", "http://localhost:2368/b/?x=1"]
    assert brought_home(urls, "https://blog.example/") == (
        "https://blog.example/a/",
        "https://blog.example/b/?x=1",
    )
    assert (
        brought_home([*urls, "https://third.example/"], "https://blog.example/") == ()
    )


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_addresses_or_the_reason(body):
    try:
        found = parse_sitemap(b"<urlset>" + body, AT)
    except SitemapError:
        return
    assert all(url.startswith(("http://", "https://")) for url in found.pages)
