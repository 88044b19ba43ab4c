"""What was saved on the page, taken in by `update` and `inbox`: found by its note and its
text, never lost, and treated as any other source."""

from __future__ import annotations

import json
import stat
from dataclasses import replace

import pytest

from indexer.cli import taking_in
from search.engine import Engine
from search.inbox.requests import FOLDER, Inbox, Request
from search.inbox.run_status import is_under_way, read_status
from search.inbox.token import is_token
from search.index.open import open_index
from tests.fakes import HashEmbedder
from tests.sites import page, serving, text

pytestmark = pytest.mark.usefixtures("quick_commands")

SAVED = "2026-11-30T06:00:00+00:00"


@pytest.fixture
def site():
    with serving() as running:
        running.post("/1", "Rye needs water", text(1))
        running.post("/2", "Salt comes last", text(2))
        running.feed(("/1", "Rye needs water"), ("/2", "Salt comes last"))
        yield running


@pytest.fixture
def inbox(tmp_path):
    return Inbox(tmp_path / "index")


@pytest.fixture
def held(tmp_path):
    """What the index holds, by address."""

    def articles():
        with open_index(tmp_path / "index").snapshot() as index:
            return {url: index.article(url) for url in index.urls()}

    return articles


def save(url, **more):
    return Request("save", url, saved=SAVED, **more)


def test_a_page_that_is_given_is_found_by_text_note_and_tag_and_never_fetched(
    run, inbox, site, held, tmp_path
):
    url = site.url("/not/there")
    picture = "data:image/png;base64," + "A" * 5000
    html = page("The oven", text(7), head=f'<link rel=icon href="{picture}">')
    inbox.put(save(url, note="For the autumn", tags=("baking", "tools"), html=html))
    assert run("inbox")[0] == 0
    assert site.asked() == []
    assert len(inbox) == 0
    article = held()[url]
    assert (article.title, article.evidence) == ("The oven", "article")
    assert [note.text for note in article.notes] == ["For the autumn (baking, tools)"]
    engine = Engine(open_index(tmp_path / "index"), embedder=HashEmbedder())
    for question in ("number7 bread", "autumn", "baking tools"):
        assert [hit.url for hit in engine.search(question).hits] == [url]
    engine.close()
    ledger = (tmp_path / "index" / "ledger.sqlite").read_bytes()
    assert b"A" * 1000 not in ledger
    # Nothing is asked for later either.
    assert run("update")[0] == 0
    assert site.asked() == []


def test_a_page_without_html_is_fetched_under_the_usual_rules(run, inbox, site, held):
    url = site.url("/1")
    inbox.put(save(url, title="Rye", note="Soak it"))
    code, _, err = run("update")
    assert (code, site.asked()) == (0, [])
    assert "private" in err
    assert held()[url].evidence == "link"
    inbox.put(save(url, title="Rye", note="Soak it well"))
    assert run("update", "--allow-private")[0] == 0
    assert site.asked() == ["/robots.txt", "/1"]
    article = held()[url]
    assert (article.title, article.evidence) == ("Rye needs water", "article")
    assert [note.text for note in article.notes] == ["Rye: Soak it well"]


def test_saved_again_the_note_is_replaced_and_the_text_stays(run, inbox, held):
    first = save("http://blog.example/a", note="old", html=page("Yeast", text(3)))
    inbox.put(first)
    run("inbox")
    # Another alias of the same address.
    inbox.put(save("https://www.blog.example/a", title="Yeast", note="new"))
    run("inbox")
    (article,) = held().values()
    assert [note.text for note in article.notes] == ["Yeast: new"]
    assert article.evidence == "article"
    assert "number3" in article.text


def test_html_without_an_article_leaves_the_note(run, inbox, held):
    inbox.put(save("https://blog.example/a", note="Why not", html="<html>"))
    assert run("inbox")[0] == 0
    (article,) = held().values()
    assert (article.evidence, len(article.notes)) == ("link", 1)


def test_commands_treat_saved_pages_as_any_source(run, inbox, held, tmp_path):
    url = "https://blog.example/a"
    inbox.put(save(url, note="secretword", html=page("Yeast", text(3))))
    inbox.put(save("https://blog.example/b", html=page("Malt", text(4))))
    run("inbox")
    assert "saved     saved:pages  Saved pages  ok" in run("sources")[1]
    (report,) = json.loads(run("coverage", "--json")[1])["sources"]
    assert (report["kind"], report["shown"], report["article"]) == ("saved", 2, 2)
    assert run("forget", url)[0] == 0
    assert list(held()) == ["https://blog.example/b"]
    for path in (tmp_path / "index").glob("*.sqlite*"):
        assert b"secretword" not in path.read_bytes()
    # Whoever saves it again wants it.
    inbox.put(save(url, note="again", html=page("Yeast", text(3))))
    run("update")
    assert url in held()
    assert run("rebuild")[0] == 0
    assert len(held()) == 2
    assert run("remove", "Saved pages")[0] == 0
    assert held() == {}
    assert run("sources")[1] == ""


def test_a_blog_is_followed_with_its_older_posts(run, inbox, site, held):
    inbox.put(Request("follow", site.url("/feed.xml"), saved=SAVED))
    code, _, err = run("inbox", "--allow-private")
    assert code == 0, err
    assert set(held()) == {site.url("/1"), site.url("/2")}
    assert f"feed      {site.url('/feed.xml')}" in run("sources")[1]


def test_what_cannot_be_followed_or_saved_is_said_and_holds_up_nothing(
    run, inbox, held, tmp_path
):
    inbox.put(Request("follow", "http://127.0.0.1:1/feed", saved=SAVED))
    inbox.put(save("no address"))
    inbox.put(save("https://blog.example/b", html=page("Malt", text(4))))
    (tmp_path / "index" / FOLDER / "0-odd.json").write_text("{}")
    code, _, err = run("inbox")
    assert code == 1
    assert "no address" in err
    assert list(held()) == ["https://blog.example/b"]
    status = read_status(tmp_path / "index")
    assert [line.url for line in status.sources] == [
        "no address",
        "http://127.0.0.1:1/feed",
    ]
    assert [one.name for one in (tmp_path / "index" / FOLDER).iterdir()] == [
        "0-odd.json.unreadable"
    ]


@pytest.mark.parametrize("moment", ["before the ledger", "after the ledger"])
def test_a_kill_between_inbox_and_index_loses_nothing(
    run, inbox, held, monkeypatch, moment
):
    urls = [f"https://blog.example/{name}" for name in "abc"]
    for url in urls:
        inbox.put(save(url, note="kept", html=page("Malt", text(4))))

    class Killed(BaseException):
        pass

    def store(*given):
        if moment == "after the ledger":
            real(*given)
        raise Killed

    real = taking_in.store_saved
    monkeypatch.setattr(taking_in, "store_saved", store)
    with pytest.raises(Killed):
        run("update")
    assert len(inbox) == 3
    monkeypatch.setattr(taking_in, "store_saved", real)
    assert run("update")[0] == 0
    assert set(held()) == set(urls)
    assert all(len(article.notes) == 1 for article in held().values())
    assert len(inbox) == 0


def test_a_run_is_noted_for_the_page(run, site, tmp_path):
    index = tmp_path / "index"
    site.put("/2", b"", status=500)
    run("add", "--feed-only", "--allow-private", site.url("/feed.xml"))
    status = read_status(index)
    assert [line.title for line in status.new] == ["Rye needs water"]
    assert [line.url for line in status.troubles] == [site.url("/2")]
    assert "500" in status.troubles[0].text
    assert status.ended >= status.started
    assert not is_under_way(index, status)
    # A run that was killed is not under way.
    assert not is_under_way(index, replace(status, ended=""))
    mode = stat.S_IMODE((index / "last_run.json").stat().st_mode)
    assert mode == 0o600


def test_a_token_is_shown_once_and_kept_as_a_hash(run, inbox, tmp_path):
    code, out, err = run("token")
    assert (code, out) == (3, "")
    assert "blog-indexer add" in err
    inbox.put(save("https://blog.example/b"))
    code, out, err = run("token")
    token, index = out.strip(), tmp_path / "index"
    assert (code, is_token(index, token)) == (0, True)
    assert "Bearer" in err
    file = index / "token"
    assert token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    newer = run("token")[1].strip()
    assert (is_token(index, token), is_token(index, newer)) == (False, True)
    assert run("token", "--revoke")[0] == 0
    assert not is_token(index, newer)
    assert not is_token(index, "")
    assert "no token" in run("token", "--revoke")[2]
