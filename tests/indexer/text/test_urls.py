"""Links resolved and sites compared, safe on anything that people put into a link."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.urls import is_web_address, resolve, same_site
from search.errors import BlogsearchError
from search.text.urls import canonical, host, identity
from tests.search.text.test_urls import ADDRESSES
from tests.torture.scale import rounds

QUICK = settings(max_examples=rounds(150, 1000), deadline=None)


@QUICK
@given(
    st.text(st.characters(codec=None), max_size=60),
    st.text(st.characters(codec=None), max_size=60),
)
def test_no_text_whatever_breaks_any_of_them(one, other):
    for text in (
        one,
        f"http://{one}",
        f"https://ex.org/{one}",
        f"http://[{one}",
        f"http://{one}:{other}/",
    ):
        try:
            assert canonical(canonical(text)) == canonical(text)
            identity(text)
        except ValueError as error:
            assert isinstance(error, BlogsearchError)  # noqa: PT017 - either outcome is right
            assert str(error).encode()  # noqa: PT017 - a message without lone surrogates
        assert isinstance(host(text), str)
        assert isinstance(is_web_address(text), bool)
        assert isinstance(same_site(text, other), bool)
        found = resolve(text, other)
        assert found is None or found.startswith("file:///") or canonical(found)


@QUICK
@given(ADDRESSES, ADDRESSES)
def test_a_complete_link_resolves_to_itself_from_anywhere(base, link):
    resolved = resolve(base, link)
    assert resolved is not None
    assert canonical(resolved) == canonical(link)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("../c?x=1#f", "http://ex.org/c?x=1#f"),
        ("//b.org/x", "http://b.org/x"),
        ("?p=2", "http://ex.org/a/b?p=2"),
        (" two words.html ", "http://ex.org/a/two%20words.html"),
        ("\\\\b.org\\x", "http://b.org/x"),
        ("", None),
        ("#top", None),
        ("mailto:a@b.org", None),
        (" JavaScript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("tel:+123", None),
        ("http://[", None),
    ],
)
def test_resolve(href, expected):
    assert resolve("http://ex.org/a/b", href) == expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("b/c.md", "file:///home/me/links/b/c.md"),
        ("https://ex.org/", "https://ex.org/"),
        ("../secret", None),
        ("/etc/passwd", None),
        ("b/%2e%2e/%2e%2e/x", None),
        ("file:///etc/passwd", None),
    ],
)
def test_a_local_file_leads_no_further_than_its_folder(href, expected):
    assert resolve("file:///home/me/links/til.md", href) == expected


def test_sites():
    assert same_site("http://www.ex.org/a", "https://ex.org/b")
    assert not same_site("https://a.github.io/", "https://b.github.io/")
    assert not same_site("http://127.0.0.1:8766/", "http://127.0.0.1:8767/")
    assert not same_site("no address", "no address")
    assert host("https://EX.org:443/a") == "ex.org"
    assert host("http://127.0.0.1:8766/") == "127.0.0.1:8766"
