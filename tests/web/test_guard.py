from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.canned_engine import CannedEngine
from web import create_app
from web.guard import check_host
from web.problems import UnknownHost
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
    ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::2]",
     "::1", "localhost:8000:1", "localhost/", "localhost@evil.example", "evil.example#localhost",
     "localhost\n", "0.0.0.0"],
)  # fmt: skip
def test_other_names_are_not(header):
    with pytest.raises(UnknownHost):
        check_host(header, OWN)


def test_where_every_name_is_answered_it_must_still_be_a_name():
    check_host("anything.example", None)
    with pytest.raises(UnknownHost):
        check_host("<script>", None)


@pytest.mark.parametrize(
    "path", ["/", "/api/search?q=gradient", "/healthz", "/static/page.css", "/opensearch.xml"]
)
def test_a_foreign_host_gets_nothing_anywhere(client, path):
    with client.get(path, headers={"Host": "evil.example"}) as response:
        assert response.status_code == 400
        assert b"gradient diary" not in response.data.lower()
        assert b"evil.example" in response.data


def test_a_name_from_the_settings_is_answered(tmp_path: Path):
    settings = Settings(index_dir=tmp_path, allowed_hosts=frozenset({"search.example"}))
    client = create_app(settings, CannedEngine()).test_client()
    assert client.get("/healthz", headers={"Host": "search.example"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/?q=gradient", "/api/search?q=gradient", "/api/search?q=boom", "/nothing", "/static/page.js"],
)
def test_every_answer_carries_the_headers(client, path):
    with client.get(path) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
