"""One canonical form of each address, and one identity for all its aliases."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.text.urls import (
    AddressError,
    canonical,
    host,
    identity,
    is_within_file,
    placed_anchor,
)
from tests.torture.scale import rounds

QUICK = settings(max_examples=rounds(150, 1000), deadline=None)

LABEL = st.text("abcXYZ019ü", min_size=1, max_size=8).map(lambda s: f"a{s}a")
PATH = st.text("abC/.%2fE7~ü é\\;@:!&=+#?", max_size=30)
PARAMETER = st.sampled_from(
    [
        "a=1",
        "b=%7e",
        "utm_source=x",
        "UTM_Medium=y",
        "ref=twitter",
        "ref=v2",
        "q=ü",
        "",
        "c",
    ]
)
ADDRESSES = st.builds(
    lambda scheme, labels, port, path, query: (
        f"{scheme}://{'.'.join(labels)}{port}/{path}?{'&'.join(query)}"
    ),
    st.sampled_from(["http", "HTTPS", "Http"]),
    st.lists(LABEL, min_size=1, max_size=3),
    st.sampled_from(["", ":80", ":443", ":8080", ":"]),
    PATH,
    st.lists(PARAMETER, max_size=4),
)


@QUICK
@given(ADDRESSES)
def test_canonical_form_is_a_fixed_point_that_can_be_fetched(url):
    once = canonical(url)
    assert canonical(once) == once
    parts = urlsplit(once)
    assert parts.scheme in ("http", "https")
    assert parts.netloc == parts.netloc.lower()
    assert once.isascii()
    assert " " not in once
    assert not parts.fragment or parts.fragment[0] in "!/"


@QUICK
@given(ADDRESSES)
def test_identity_is_the_same_for_all_spellings_of_an_address(url):
    key = identity(url)
    assert identity(canonical(url)) == key
    scheme, _, rest = canonical(url).partition("://")
    if ":" not in rest.partition("/")[0]:
        other = "https" if scheme == "http" else "http"
        assert identity(f"{other}://www.{rest}") == key.removeprefix("www.")


SPELLINGS = st.tuples(
    st.sampled_from(["http://", "https://", "HTTPS://"]),
    st.sampled_from(["", "www.", "WWW."]),
    st.sampled_from(["", "/", "/index.html", "/index.php", "/index.htm"]),
    st.sampled_from(["", "utm_source=feed", "fbclid=1", "ref=rss"]),
    st.sampled_from(["", "#top", "#comments"]),
)


@QUICK
@given(
    st.sampled_from(["", "/a", "/A", "/2019/05/a.html"]),
    st.sampled_from(["", "p=123", "id=4&p=1"]),
    SPELLINGS,
)
def test_all_spellings_of_an_article_have_one_identity(path, query, spelling):
    scheme, www, end, tracking, fragment = spelling
    queries = "&".join(part for part in (query, tracking) if part)
    url = f"{scheme}{www}ex.org{path}{end}{'?' if queries else ''}{queries}{fragment}"
    assert identity(url) == identity(
        f"http://ex.org{path}{'?' if query else ''}{query}"
    )


@QUICK
@given(ADDRESSES, ADDRESSES)
def test_addresses_of_one_identity_differ_in_nothing_that_matters(one, other):
    def what_matters(url):
        parts = urlsplit(canonical(url))
        path = re.sub(r"(?<!:)//+", "/", parts.path)
        path = re.sub(r"/index\.(html?|php)$", "", path).rstrip("/")
        return (
            parts.hostname.removeprefix("www."),
            parts.port,
            path,
            parts.query,
            parts.fragment,
        )

    assert (identity(one) == identity(other)) == (
        what_matters(one) == what_matters(other)
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.ORG:80/a/./b/../c/%7euser", "http://example.org/a/c/~user"),
        ("https://ex.org:443", "https://ex.org/"),
        ("https://ex.org:8443/", "https://ex.org:8443/"),
        (
            "https://bücher.example/ä b?q=ü",
            "https://xn--bcher-kva.example/%C3%A4%20b?q=%C3%BC",
        ),
        ("https://ex.org/a%2fb%3F?x=%41", "https://ex.org/a%2Fb%3F?x=A"),
        (
            "https://ex.org/?b=2&utm_source=x&a=1&fbclid=y&gclid=z&mc_cid=1#top",
            "https://ex.org/?b=2&a=1",
        ),
        ("https://ex.org/p?source=rss----abc---4", "https://ex.org/p"),
        (
            "https://ex.org/p?ref=v2.1&source=census",
            "https://ex.org/p?ref=v2.1&source=census",
        ),
        ("https://ex.org/index.html", "https://ex.org/index.html"),
        ("https://ex.org\\a\\b", "https://ex.org/a/b"),
        (" https://ex.org/a\nb\t ", "https://ex.org/ab"),
        ("https://ex.org/100%", "https://ex.org/100%25"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://ex.org./", "http://ex.org/"),
        ("http://ex.org/\ud800", "http://ex.org/%EF%BF%BD"),
        ("https://ex.org/a//b/", "https://ex.org/a//b/"),
        ("https://ex.org/?utm_source=x#!/2019/a-post", "https://ex.org/#!/2019/a-post"),
        ("https://ex.org/#/a-post", "https://ex.org/#/a-post"),
        ("https://ex.org/a#!", "https://ex.org/a"),
    ],
)
def test_canonical(url, expected):
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "text",
    ["", "example.org", "mailto:a@b.org", "http://", "http://[", "http://a b/", "http://ex.org:99999/", "ftp://ex.org/",
     "javascript:alert(1)", "http://℀.org/", "http://\ud800.org/", "file:///etc/passwd", "http://ex..org/"],
)  # fmt: skip
def test_what_is_no_address_is_said_in_a_sentence(text):
    with pytest.raises(AddressError, match="is not a web address"):
        canonical(text)
    assert host(text) == ""


@pytest.mark.parametrize(
    "other",
    [
        "https://ex.org/a",
        "http://www.ex.org/a/",
        "http://ex.org/a/index.html",
        "https://ex.org/a/?utm_campaign=z#b",
        "https://ex.org//a",
        "https://ex.org///a//",
    ],
)
def test_addresses_of_the_same_article(other):
    assert identity(other) == identity("http://ex.org/a")


@pytest.mark.parametrize(
    "other",
    [
        "http://ex.org/a#!/b",
        "http://ex.org/a#/b",
        "http://ex.org:8080/a",
        "http://ex.org/a?id=7",
        "http://ex.org/a.html",
        "http://ex.org/A",
        "http://ex.org/a?p=2",
        "http://b.ex.org/a",
        "http://ex.org/a/http://a",
    ],
)
def test_addresses_of_other_articles(other):
    assert identity(other) != identity("http://ex.org/a")


@pytest.mark.parametrize(
    ("url", "is_within"),
    [
        ("file:///a/export.json?post=b", True),
        ("file:///a/export.json?post=", True),
        ("file:///a/what%3F.md", False),
        ("file:///a/post.md", False),
        ("https://a.example/?post=b", False),
    ],
)
def test_posts_within_a_file_are_told_from_files(url, is_within):
    assert is_within_file(url) is is_within


@pytest.mark.parametrize(
    ("url", "anchor", "placed"),
    [
        ("https://a.org/abs/1", "S1", ("https://a.org/abs/1", "S1")),
        ("https://a.org/abs/1", "page=3", ("https://a.org/abs/1", "page=3")),
        ("https://a.org/abs/1", "https://a.org/html/1#S1", ("https://a.org/html/1", "S1")),
        ("https://a.org/abs/1", "https://a.org/pdf/1#page=3", ("https://a.org/pdf/1", "page=3")),
        ("https://a.org/abs/1", "c#", ("https://a.org/abs/1", "c#")),
        # Another site, or no web page: it is the odd id of a heading.
        *[
            ("https://a.org/1", odd, ("https://a.org/1", odd))
            for odd in ("https://evil.org/x#y", "https://a.org@evil.org/#y", "javascript:x#y", "//evil.org/#y", "https://[#y")
        ],
    ],
)  # fmt: skip
def test_an_anchor_leads_to_no_other_host(url, anchor, placed):
    assert placed_anchor(url, anchor) == placed
