"""The script of the search box: small, kept by browsers, and given to no stranger."""

from __future__ import annotations

import pytest

from tests.web.canned_engine import HOSTILE, CannedEngine
from web import create_app
from web.embedding.script import SOURCE
from web.settings import Settings

MOST_BYTES = 5000
CROSS_SITE = {
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Dest": "script",
}


@pytest.fixture
def named(tmp_path):
    """A client of a server that a blog may ask."""
    settings = Settings(index=tmp_path, origins=frozenset({"https://blog.example"}))
    return create_app(settings, CannedEngine()).test_client()


def test_it_is_small_and_says_what_its_source_does(client):
    response = client.get("/embed.js")
    assert response.mimetype == "text/javascript"
    assert len(response.data) <= MOST_BYTES
    assert "\n  " not in response.text
    source = SOURCE.read_text(encoding="utf-8")
    lines = [line.strip() for line in source.splitlines()]
    assert [line for line in lines if line in response.text.splitlines()] == (
        response.text.splitlines()
    )


def test_it_puts_no_data_into_markup_and_keeps_nothing():
    source = SOURCE.read_text(encoding="utf-8")
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval",
        "cookie",
        "localStorage",
        "window.",
        "globalThis",
        ".style",
    ):
        assert way not in source  # fmt: skip


def test_a_browser_keeps_it_and_asks_only_if_it_has_changed(client):
    first = client.get("/embed.js")
    assert first.headers["Cache-Control"].startswith("public, max-age=86400")
    again = client.get("/embed.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_page_of_another_site_takes_it_where_any_may_ask(named, client):
    taken = named.get("/embed.js", headers=CROSS_SITE)
    assert taken.status_code == 200
    assert taken.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    # Where none may, a page learns not even that there is a server.
    refused = client.get("/embed.js", headers=CROSS_SITE)
    assert refused.status_code == 403
    assert refused.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert named.get("/static/embed.js", headers=CROSS_SITE).status_code == 403
    assert named.get("/api/search?q=gradient", headers=CROSS_SITE).status_code == 403


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://blog.example", "https://blog.example"), ("https://other.example", None)],
)
def test_who_may_read_it_is_as_with_the_answers(named, origin, allowed):
    response = named.get("/embed.js", headers={"Origin": origin})
    assert response.headers.get("Access-Control-Allow-Origin") == allowed
    assert "Origin" in response.headers["Vary"]


def test_the_page_names_the_lines_for_the_site_that_is_asked_for(client):
    page = client.get("/embed", query_string={"site": HOSTILE}).text
    assert "<script>document" not in page
    assert "<img" not in page
    assert "http://localhost/embed.js" in page


def test_an_index_without_sites_has_lines_for_all(tmp_path):
    app = create_app(Settings(index=tmp_path), CannedEngine(missing=True))
    assert app.test_client().get("/embed").status_code == 503
