"""Saving from end to end: the real server takes a page, the indexer that it starts takes
it in, and a question finds it."""

from __future__ import annotations

import fcntl
import json
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from search.inbox.requests import Inbox
from search.inbox.token import make_token
from tests.sites import page, serving, text
from tests.web.serving import serving as web_serving


@pytest.fixture
def site():
    with serving() as running:
        running.post("/1", "Rye needs water", text(1))
        running.feed(("/1", "Rye needs water"), title="The Proving Drawer")
        yield running


def ask(served, path: str, data=None, **headers: str):
    """The status of an answer, and its text."""
    sent = urllib.request.Request(
        urllib.parse.urljoin(served.address, path), data=data, headers=headers
    )
    try:
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def found(served, question: str) -> list[str]:
    status, answer = ask(served, f"/api/search?q={urllib.parse.quote(question)}")
    if status != 200:
        return []
    return [hit["url"] for hit in json.loads(answer)["results"]]


def wait_for(condition, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)
    assert condition()


def test_pages_are_saved_indexed_and_found(tmp_path, site):
    index = tmp_path / "index"
    index.mkdir()
    token = make_token(index)
    bearer = {"Authorization": f"Bearer {token}"}
    with web_serving(index, BLOGSEARCH_LOG="off") as served:
        # There is no index yet: the first page makes it.
        given = {"url": site.url("/nowhere"), "tags": ["sourtag"], "html": page("Malt", text(8))}  # fmt: skip
        data = json.dumps(given).encode()
        json_type = {"Content-Type": "application/json"}
        assert ask(served, "/api/save", data, **bearer, **json_type)[0] == 202
        wait_for(lambda: found(served, "sourtag") == [site.url("/nowhere")])
        assert found(served, "malt tag:Sourtag") == [site.url("/nowhere")]
        assert found(served, "malt tag:other") == []
        assert site.asked() == []
        form = urllib.parse.urlencode({"url": site.url("/1"), "note": "my autumnword"})
        status, _ = ask(served, "/api/save", form.encode(), **bearer)
        assert status == 202
        wait_for(lambda: found(served, "autumnword")[:1] == [site.url("/1")])
        assert site.asked() == ["/robots.txt", "/1"]
        assert found(served, "number1 bread")[0] == site.url("/1")
        # The form follows the blog, whose feed names the saved page.
        form = urllib.parse.urlencode({"url": site.url("/feed.xml"), "kind": "follow"})
        own = {"Origin": served.address.rstrip("/")}
        assert ask(served, "/add", form.encode(), **own)[0] == 200
        wait_for(lambda: "The Proving Drawer" in ask(served, "/coverage")[1])
        wait_for(lambda: "The last run" in ask(served, "/add/run")[1])
    assert token not in (index / "inbox.log").read_text()


def test_what_comes_during_another_run_waits_for_it(tmp_path, monkeypatch):
    index = tmp_path / "index"
    index.mkdir()
    token = make_token(index)
    with (
        (index / "lock").open("ab") as other,
        web_serving(index, BLOGSEARCH_LOG="off") as served,
    ):
        fcntl.flock(other, fcntl.LOCK_EX)
        form = urllib.parse.urlencode({"url": "https://blog.example/", "html": page("A", text(1))})  # fmt: skip
        bearer = {"Authorization": f"Bearer {token}"}
        assert ask(served, "/api/save", form.encode(), **bearer)[0] == 202
        # The run that takes it in begins in a moment.
        log = index / "inbox.log"
        wait_for(lambda: log.exists() and "Another run" in log.read_text())
        assert len(Inbox(index)) == 1
        assert "https://blog.example/" in ask(served, "/add/run")[1]
