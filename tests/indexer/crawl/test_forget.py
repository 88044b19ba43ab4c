"""What the user wants out stays out: by any address, whole sites, over updates, until
it is added again."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest

from indexer.cli import commands as cli
from indexer.cli import session
from indexer.text.urls import lies_on
from search.index.open import open_index
from tests.fakes import HashEmbedder
from tests.runs import Runs
from tests.sites import Site, page, serving, text


@pytest.fixture(autouse=True)
def quick(monkeypatch, workers):
    monkeypatch.setattr(session, "Workers", lambda: nullcontext(workers))
    monkeypatch.setattr(session, "open_embedder", HashEmbedder)
    monkeypatch.delenv("BLOGSEARCH_INDEX", raising=False)


@pytest.fixture
def runs(tmp_path, workers):
    return Runs(tmp_path / "index", workers)


@pytest.fixture
def run(runs, capsys):
    """Run a command over this test's index: (exit code, what it printed, what it
    said)."""

    def run_it(*arguments: str):
        code = cli.main(["--index", str(runs.directory), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run_it


@pytest.fixture
def site():
    with serving() as running:
        for number in (1, 2):
            running.post(f"/{number}", f"Post {number}", text(number))
        own = running.url("/1")
        running.put(
            "/copy", page("Post 1", text(1), head=f'<link rel=canonical href="{own}">')
        )
        running.put("/moved", b"", status=301, headers=(("Location", "/1"),))
        running.feed(("/1", "Post 1"), ("/2", "Post 2"))
        yield running


@pytest.fixture
def elsewhere(site: Site):
    """Another host, with a link page about the first one."""
    with serving() as running:
        running.post("/own", "Own", text(5))
        links = ("/1", "/copy", "/moved", "/2")
        entries = "".join(
            f"- [a{link}]({site.url(link)}) is a good one\n" for link in links
        )
        running.put(
            "/til.md",
            f"# 2024-03-01\n\n{entries}- [own](/own) is mine\n",
            kind="text/markdown",
        )
        yield running


def reasons(runs: Runs) -> dict[str, str]:
    """Why what the sources list isn't held in full."""
    with open_index(runs.directory).snapshot() as index:
        return {
            gap.url: gap.reason for books in index.coverage() for gap in books.not_whole
        }


@pytest.mark.parametrize("by", ["/1", "/copy", "/moved", "/1/index.html?utm_source=x"])
def test_an_article_is_forgotten_by_any_of_its_addresses(
    site, elsewhere, runs, run, by
):
    runs.add(site.url("/feed.xml"), elsewhere.url("/til.md"))
    assert run("forget", site.url(by))[0] == 0
    assert sorted(runs.articles()) == sorted([site.url("/2"), elsewhere.url("/own")])
    assert {
        path: reasons(runs)[site.url(path)] for path in ("/1", "/copy", "/moved")
    } == dict.fromkeys(("/1", "/copy", "/moved"), "forgotten on request")
    site.asked()
    for _ in range(2):
        site.feed(("/1", "Post 1 retitled"), ("/2", "Post 2"))
        runs.later(days=70)
        runs.update()
        assert not {"/1", "/copy", "/moved"} & set(site.asked())
        assert site.url("/1") not in runs.articles()


def test_new_addresses_of_a_forgotten_article_are_left_out_too(site, runs, run):
    runs.add(site.url("/feed.xml"))
    assert run("forget", site.url("/1"))[0] == 0
    with serving() as later:
        links = "".join(
            f"- [a{path}]({site.url(path)}) is a good one\n"
            for path in ("/1/?utm_source=x", "/moved", "/2")
        )
        later.put("/til.md", f"# 2024-03-01\n\n{links}", kind="text/markdown")
        runs.add(later.url("/til.md"))
    assert list(runs.articles()) == [site.url("/2")]
    assert reasons(runs)[site.url("/moved")] == "forgotten on request"
    site.asked()
    runs.later(days=70)
    runs.update()
    assert "/moved" not in site.asked()


def test_what_was_forgotten_and_is_no_source_s_any_more_stays_forgotten(
    site, runs, run
):
    runs.add(site.url("/feed.xml"))
    run("forget", site.url("/1"))
    run("remove", site.url("/feed.xml"))
    runs.add(site.url("/feed.xml"))
    assert list(runs.articles()) == [site.url("/2")]


def test_adding_its_address_brings_an_article_back(site, runs, run):
    runs.add(site.url("/feed.xml"))
    run("forget", site.url("/1"))
    assert run("add", site.url("/feed.xml"), "--allow-private", "--feed-only")[0] == 0
    assert site.url("/1") not in runs.articles()
    assert run("add", site.url("/1"), "--allow-private")[0] == 0
    assert runs.articles()[site.url("/1")].text


def host_of(site: Site) -> str:
    return site.base.removeprefix("http://")


def test_a_site_is_forgotten_with_all_that_link_pages_link_to(
    site, elsewhere, runs, run
):
    runs.add(site.url("/feed.xml"), elsewhere.url("/til.md"))
    code, _, err = run("forget", "--site", host_of(site))
    assert code == 0
    assert f"2 articles of {host_of(site)} are forgotten" in err
    assert f"{site.url('/feed.xml')} is not followed any more" in err
    assert list(runs.articles()) == [elsewhere.url("/own")]
    assert set(reasons(runs).values()) == {"its site is forgotten on request"}
    site.asked()
    links = "".join(f"- [n{n}]({site.url(f'/new{n}')}) is new\n" for n in range(3))
    elsewhere.put("/til.md", f"# 2024-04-01\n\n{links}", kind="text/markdown")
    for _ in range(2):
        runs.later(days=70)
        runs.update()
        assert site.asked() == []
        assert list(runs.articles()) == [elsewhere.url("/own")]
    assert set(reasons(runs).values()) == {"its site is forgotten on request"}


def test_what_leads_into_a_forgotten_site_is_asked_once_and_not_held(
    site, elsewhere, runs, run
):
    run("forget", "--site", host_of(site))
    elsewhere.put("/go", b"", status=302, headers=(("Location", site.url("/1")),))
    elsewhere.put(
        "/til.md",
        "# 2024-03-01\n\n- [g](/go) good\n- [o](/own) own\n- [p](/p) p\n",
        kind="text/markdown",
    )
    runs.add(elsewhere.url("/til.md"))
    assert site.url("/1") not in runs.articles()
    assert elsewhere.url("/go") not in runs.articles()
    site.asked()
    runs.later(days=70)
    runs.update()
    assert site.asked() == []


def test_adding_an_address_of_a_forgotten_site_brings_it_back(
    site, elsewhere, runs, run
):
    runs.add(elsewhere.url("/til.md"))
    run("forget", site.url("/2"))
    run("forget", "--site", f"{site.base}/whatever")
    assert run("add", site.url("/feed.xml"), "--allow-private", "--feed-only")[0] == 0
    runs.update()
    held = runs.articles()
    assert len(held[site.url("/1")].notes) == 3
    assert site.url("/2") not in held  # forgotten by itself


def test_a_whole_site_that_is_not_known_yet_can_be_forgotten(
    site, elsewhere, runs, run
):
    assert run("forget", "--site", host_of(site))[0] == 0
    runs.add(elsewhere.url("/til.md"))
    assert list(runs.articles()) == [elsewhere.url("/own")]
    assert site.asked() == []


@pytest.mark.parametrize("site", ["com", "", "a b"])
def test_what_names_no_host_and_no_source_is_wrong_use(run, site):
    code, out, err = run("forget", "--site", site)
    assert (code, out) == (2, "")
    assert "is no host" in err


@pytest.mark.parametrize(
    "arguments", [[], ["--site"], ["http://a.example/", "--site", "a.example"]]
)
def test_what_can_not_be_meant_is_wrong_use(run, arguments):
    with pytest.raises(SystemExit) as ended:
        run("forget", *arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("url", "site", "inside"),
    [
        ("https://a.example/x", "a.example", True),
        ("http://www.a.example:8080/x", "a.example", True),
        ("https://sub.a.example/", "a.example", True),
        ("https://nota.example/", "a.example", False),
        ("https://a.example.org/", "a.example", False),
        ("https://a.example/", "sub.a.example", False),
        ("http://a.example:8080/", "a.example:8080", True),
        ("http://a.example/", "a.example:8080", False),
        ("file:///a.example/x", "a.example", False),
        ("https://a.example/", "", False),
    ],
)
def test_what_lies_on_a_host(url, site, inside):
    assert lies_on(url, site) is inside


def test_a_page_that_asks_for_no_snippet_is_held_and_its_text_never_printed(
    site, runs, run
):
    site.put(
        "/2",
        page("Post 2", "A zeppelin lands. " + text(2)),
        headers=(("X-Robots-Tag", "nosnippet"),),
    )
    site.put(
        "/1", page("Post 1", text(1), head="<meta name=robots content='max-snippet:0'>")
    )
    runs.add(site.url("/feed.xml"))
    assert [article.nosnippet for article in runs.articles().values()] == [True, True]
    for path in ("/1", "/2"):
        site.put(path, b"", status=500)
    site.feed(("/1", "Post 1 anew", text(1)), ("/2", "Post 2 anew", "A zeppelin."))
    runs.later(days=3)
    runs.update()
    assert [article.nosnippet for article in runs.articles().values()] == [True, True]
    for path in ("/1", "/2"):
        for form in ([], ["--json"]):
            code, out, err = run("show", site.url(path), *form)
            assert code == 0
            assert "zeppelin" not in out
            assert "flour" not in out
            assert "nosnippet" in err
    assert json.loads(run("show", site.url("/1"), "--json")[1])["passages"] == []
