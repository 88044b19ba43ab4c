from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.canned_engine import CannedEngine
from web import create_app
from web.error_responses import UnknownHost
from web.security import check_host
from web.settings import Settings

OWN = Settings(allowed_hosts=frozenset({"search.example"})).answered_hosts


@pytest.mark.parametrize(
    "header",
    ["localhost", "localhost:8000", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]", "[::1]:8000",
     "search.example.", "Search.Example:443"],
)  # fmt: skip
def test_its_own_names_are_answered(header):
    check_host(header, OWN)


@pytest.mark.parametrize(
    "header",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "[::2]",
        "::1",
        "localhost:8000:1",
        "localhost/",
        "localhost@evil.example",
        "evil.example#localhost",
        "localhost\n",
        "0.0.0.0",
        "127.1",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "127.0.0.2",
        "[::ffff:127.0.0.1]",
        "[::1%25lo]",
        "localhost, evil.example",
        "localhost evil.example",
        "localhost:",
        "localhost:99999999",
        "localhost..evil.example",
        "loca\u212aost",
        "\uff4cocalhost",
        "localhost\x00.evil.example",
        ".localhost",
    ],
)
def test_other_names_are_not(header):
    with pytest.raises(UnknownHost):
        check_host(header, OWN)


def test_where_every_name_is_answered_it_must_still_be_a_name():
    check_host("anything.example", None)
    with pytest.raises(UnknownHost):
        check_host("<script>", None)


@pytest.mark.parametrize(
    "path",
    ["/", "/api/search?q=gradient", "/healthz", "/static/page.css", "/opensearch.xml"],
)
def test_a_foreign_host_gets_nothing_anywhere(client, path):
    with client.get(path, headers={"Host": "evil.example"}) as response:
        assert response.status_code == 400
        assert b"gradient diary" not in response.data.lower()
        assert b"evil.example" in response.data


def test_a_name_from_the_settings_is_answered(tmp_path: Path):
    settings = Settings(index=tmp_path, allowed_hosts=frozenset({"search.example"}))
    client = create_app(settings, CannedEngine()).test_client()
    assert client.get("/healthz", headers={"Host": "search.example"}).status_code == 200


SHOWN = [
    "/",
    "/?q=gradient",
    "/related?url=http://127.0.0.1:1/posts/0/",
    "/coverage",
    "/openapi.json",
    "/api/search?q=gradient",
    "/api/similar?text=gradient",
    "/healthz",
    "/opensearch.xml",
    "/static/page.js",
    "/static/page.css",
    "/static/favicon.svg",
]
FAILING = ["/api/search?q=boom", "/?q=boom", "/nothing", "/static/nothing", "/api/search", "/?q=x&page=0",
           "/file?url=x", "/static/../views.py", "/api//search?q=gradient"]  # fmt: skip


def assert_guarded(response):
    headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in headers
    assert not {"Server", "X-Powered-By", "Set-Cookie"} & set(headers.keys())


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "TRACE", "BREW"]
)
@pytest.mark.parametrize("path", [*SHOWN, *FAILING])
def test_every_answer_carries_the_headers(client, path, method):
    with client.open(path, method=method) as response:
        assert_guarded(response)
        if method in ("POST", "DELETE", "TRACE", "BREW"):
            assert response.status_code in (404, 405) or path.startswith("/api//")
        assert b"Traceback" not in response.data
        assert b"secret" not in response.data


def test_an_answer_that_nothing_has_changed_carries_them_too(client):
    with client.get("/static/page.css") as response:
        known = {"If-None-Match": response.headers["ETag"]}
    with client.get("/static/page.css", headers=known) as response:
        assert response.status_code == 304
        assert_guarded(response)


def test_refusals_carry_them_too(client):
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        with client.get("/?q=gradient", headers=headers) as response:
            assert response.status_code in (400, 403)
            assert_guarded(response)


def fetched(site, mode="cors", dest="empty"):
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}


@pytest.mark.parametrize(
    "path", ["/", "/api/search?q=gradient", "/static/page.js", "/healthz"]
)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        (fetched("same-origin"), 200),
        (fetched("none", "navigate", "document"), 200),
        (
            fetched("cross-site", "navigate", "document"),
            200,
        ),  # a link on a page elsewhere
        (fetched("cross-site"), 403),
        (fetched("same-site"), 403),  # another port of this machine
        (fetched("cross-site", "no-cors", "image"), 403),
        (fetched("cross-site", "no-cors", "script"), 403),
        (fetched("cross-site", "navigate", "iframe"), 403),
        (fetched("cross-site", "navigate", "object"), 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://localhost:8000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://localhost.evil.example"}, 403),
        ({"Origin": "https://evil.example", **fetched("same-origin")}, 403),
    ],
)
def test_pages_of_other_sites_may_be_followed_from_and_may_not_ask(
    client, path, headers, status
):
    with client.get(path, headers=headers) as response:
        assert response.status_code == status


def test_a_site_that_is_named_may_ask_the_api_and_read_what_it_says(tmp_path: Path):
    named = Settings(index=tmp_path, origins=frozenset({"https://blog.example"}))
    client = create_app(named, CannedEngine()).test_client()
    asked = {"Origin": "https://Blog.example", **fetched("cross-site")}
    for path in ("/api/search?q=gradient", "/api/search?q=", "/healthz"):
        answer = client.get(path, headers=asked)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://Blog.example"
        assert "Origin" in answer.headers["Vary"]
    assert (
        "Access-Control-Allow-Origin"
        not in client.get("/?q=gradient", headers=asked).headers
    )
    other = client.get(
        "/api/search?q=gradient",
        headers={"Origin": "https://blog.example.evil.example"},
    )
    assert other.status_code == 403
    assert "Access-Control-Allow-Origin" not in other.headers
    anybody = create_app(
        Settings(origins=frozenset({"*"})), CannedEngine()
    ).test_client()
    answer = anybody.get("/api/search?q=gradient", headers=asked)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (
        200,
        "*",
    )
