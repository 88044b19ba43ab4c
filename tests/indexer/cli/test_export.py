"""Files for one's own static site: true to the index, whole or not there, the same bytes
for the same index."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from indexer.cli import commands as cli
from indexer.split.split import SPLITTER_VERSION, split
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block, Note
from tests.fakes import HashEmbedder

ROOT = Path(__file__).parents[3]
HOSTILE = "</script><script>alert(1)</script>\x9b\u202e"
OWN, OTHER = "blog.example", "other.example:8080"


def text(subject: int) -> str:
    """A paragraph of two sentences whose words are those of its subject alone."""
    words = [f"word{subject}n{number}" for number in range(20)]
    return f"Begin {' '.join(words[:10])}. End {' '.join(words[10:])}."


def article(url: str, *subjects: int, **fields: object) -> Article:
    """An article with a heading and a paragraph on each of these subjects."""
    blocks = [Block("heading", "First things", level=2)]
    blocks += [Block("paragraph", text(number)) for number in subjects]
    known = {
        "title": f"On {subjects}",
        "author": "Ann",
        "published": date(2024, 5, 6),
        "tags": ("bread",),
    }
    return Article(url, **(known | fields), blocks=tuple(blocks))


ARTICLES = [
    *(article(f"https://www.{OWN}/posts/{n}/", n, n + 1, n + 2) for n in range(12)),
    article(f"https://{OWN}/gr%C3%BC%C3%9Fe/", 3, 4, 5, title=HOSTILE),
    article(f"https://{OWN}/quiet/", 6, 7, 8, nosnippet=True, published=None),
    article(f"https://{OWN}/gone/", 6, 7, dead_since=date(2025, 1, 1)),
    article(f"https://notes.{OWN}/a/", 2, 3, 4),
    *(article(f"https://{OTHER}/{n}?p=1", n + 1, n + 2, n + 3) for n in range(4)),
    article("file:///home/me/a.md", 1, 2, 3),
    Article("https://blog.example/link/", "Link", evidence="link", notes=(Note("so"),)),
]  # fmt: skip


def write(folder: Path, articles: list[Article]) -> None:
    model = HashEmbedder(dimension=512)
    with SqliteWriter(folder, model, splitter=SPLITTER_VERSION) as index:
        index.add([
            (a, split(a, count_tokens=model.count_tokens, window=model.window))
            for a in articles
        ])  # fmt: skip
        index.commit()


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "index"
    write(folder, ARTICLES)
    return folder


@pytest.fixture
def run(index, capsys):
    def run_it(*arguments: object, index: object = index):
        try:
            code = cli.main(["--index", str(index), "export", *map(str, arguments)])
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run_it


def exported(run, *arguments):
    code, out, _ = run(*arguments)
    assert code == 0
    return json.loads(out)


def pairs(related):
    return [
        (f"{site}{path}", other)
        for site, paths in related.items()
        for path, others in paths.items()
        for other in others
    ]


def place(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.")


def test_every_post_has_the_nearest_of_its_own_site(run):
    related = exported(run, "related")
    assert list(related) == [OWN, f"notes.{OWN}", OTHER]
    paths = [*(f"/posts/{n}/" for n in range(12)), "/gr%C3%BC%C3%9Fe/", "/quiet/"]
    assert sorted(related[OWN]) == list(related[OWN]) == sorted(paths)
    assert 2 <= max(len(others) for others in related[OWN].values()) <= 5
    assert related[f"notes.{OWN}"] == {"/a/": []}
    held = {one.url for one in ARTICLES}
    found = pairs(related)
    assert len(found) > 20
    for own, other in found:
        assert other["url"] in held
        assert place(other["url"]) != own
        assert place(other["url"]).startswith(own.partition("/")[0] + "/")
        assert other["url"].endswith(other["path"])
        assert 0 < other["score"] <= 1
        assert set(other) == {"url", "path", "title", "published", "score"}


def test_posts_on_neighbouring_subjects_are_the_nearest(run):
    (nearest,) = exported(run, "related", "-n", "1")[OWN]["/posts/9/"]
    assert nearest["url"] in {f"https://www.{OWN}/posts/{n}/" for n in (8, 10)}
    assert nearest["published"] == "2024-05-06"


def test_links_pages_that_are_gone_and_files_are_no_posts(run):
    for arguments in (["related", "--from-all", "-n", "100"], ["search"]):
        _, out, _ = run(*arguments)
        for absent in ("/gone/", "/link/", "file:"):
            assert absent not in out


def test_one_site_with_those_below_it_or_related_posts_of_all(run):
    related = exported(run, "related", "--site", OWN, "-n", "20")
    assert list(related) == [OWN, f"notes.{OWN}"]
    # What was named is one site, whose posts lie on two hosts.
    assert related[f"notes.{OWN}"]["/a/"]
    assert not any(OTHER in other["url"] for _, other in pairs(related))
    everything = exported(run, "related", "--site", OTHER, "--from-all")
    assert list(everything) == [OTHER]
    assert any(OWN in other["url"] for _, other in pairs(everything))


def test_a_list_to_search_in(run):
    found = exported(run, "search", "--site", f"www.{OWN}")
    by_path = {
        one["path"]: one
        for one in found
        if f"/{OWN}" in one["url"] or "www" in one["url"]
    }
    first = by_path["/posts/3/"]
    assert set(first) == {
        "url",
        "path",
        "title",
        "published",
        "author",
        "tags",
        "headings",
        "summary",
    }
    assert (first["author"], first["tags"]) == ("Ann", ["bread"])
    assert first["headings"] == ["First things"]
    assert first["summary"]
    assert all(len(one["summary"]) <= 300 for one in found)
    shown = next(one for one in ARTICLES if one.url.endswith("/posts/3/")).text
    assert first["summary"] in " ".join(shown.split())


def test_a_page_that_asks_for_no_snippet_gives_none_of_its_text(run):
    found = {one["path"]: one for one in exported(run, "search")}
    quiet = found["/quiet/"]
    assert (quiet["headings"], quiet["summary"]) == ([], "")
    assert quiet["title"]
    assert quiet["published"] is None


def test_the_text_ends_no_script_and_turns_no_terminal(run):
    for kind in ("related", "search"):
        _, out, _ = run(kind)
        assert "script" in out
        for sign in "<>\x9b\u202e":
            assert sign not in out
    titles = [one["title"] for one in exported(run, "search")]
    assert HOSTILE in titles


@pytest.mark.parametrize("kind", ["related", "search"])
def test_the_same_index_gives_the_same_bytes(run, kind):
    assert run(kind)[1] == run(kind)[1]


@pytest.mark.parametrize("name", ["related.json", "search.json", "search.de.json"])
def test_a_file_is_written_by_its_name(run, tmp_path, name):
    file = tmp_path / name
    code, out, err = run(file)
    assert (code, out) == (0, "")
    assert f"{file}: 19 posts of {OWN}, notes.{OWN}, {OTHER}." in err
    _, printed, _ = run(name.partition(".")[0])
    assert file.read_text(encoding="utf-8") == printed
    assert [one.name for one in tmp_path.iterdir()] == [name]
    # A web server that is another user reads it too.
    assert file.stat().st_mode & 0o777 == 0o666 & ~umask()


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_export_that_fails_leaves_the_file_as_it_was(run, tmp_path, monkeypatch):
    file = tmp_path / "related.json"
    file.write_text("{}")
    calls = iter(range(3))

    def failing(*_):
        next(calls)  # the fourth finds none
        return []

    monkeypatch.setattr("indexer.cli.export_commands.related_posts", failing)
    with pytest.raises(RuntimeError):
        run(file)
    assert file.read_text() == "{}"
    assert [one.name for one in tmp_path.iterdir()] == ["related.json"]


def test_what_a_link_leads_to_is_written(run, tmp_path):
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "data.json"
    real.write_text("{}")
    (tmp_path / "search.json").symlink_to(real)
    assert run(tmp_path / "search.json")[0] == 0
    assert (tmp_path / "search.json").is_symlink()
    assert len(json.loads(real.read_text())) == 19


def test_wrong_use_gets_a_sentence(run, tmp_path):
    (tmp_path / "search.json").mkdir()
    for arguments, code, sentence in [
        (["feeds.json"], 2, "neither related nor search"),
        ([tmp_path / "none" / "related.json"], 2, f"no folder {tmp_path / 'none'}"),
        ([tmp_path / "search.json"], 2, "is a folder; name a file in it"),
        (["related", "-n", "0"], 2, "from 1 to 100"),
        (["related", "--site", "nobody.example"], 3, "no article of nobody.example"),
    ]:  # fmt: skip
        found, out, err = run(*arguments)
        assert (found, out) == (code, "")
        assert sentence in err


def test_an_index_without_addresses_on_the_web_says_so(run, tmp_path):
    write(tmp_path / "index", [article("file:///home/me/a.md", 1)])
    code, _, err = run("search", index=tmp_path / "index")
    assert code == 3
    assert "No article of the index has an address on the web" in err
    code, _, err = run("search", index=tmp_path / "none")
    assert code == 3
    assert "There is no index" in err


def test_a_folder_that_may_not_be_written_to_gets_a_sentence(
    run, tmp_path, monkeypatch
):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path / "search.json"))

    monkeypatch.setattr(Path, "open", refused)
    code, _, err = run(tmp_path / "search.json")
    assert code == 3
    assert str(tmp_path / "search.json") in err


def test_the_bar_on_a_terminal_takes_nothing_of_what_is_printed(index):
    """rich takes what is written to sys.stdout while it draws for its own terminal."""
    mine, theirs = pty.openpty()
    with open(mine, "rb", buffering=0, closefd=True):
        command = [sys.executable, "-m", "indexer", "--index", str(index), "export"]
        done = subprocess.run(
            [*command, "related"], stdout=subprocess.PIPE, stderr=theirs, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}, check=True,
        )  # fmt: skip
        said = os.read(mine, 65536).decode()
        os.close(theirs)
    assert list(json.loads(done.stdout)) == [OWN, f"notes.{OWN}", OTHER]
    assert "posts" in said
    assert "{" not in said


def test_an_index_in_a_database_gives_the_same_files(
    run, index, database, monkeypatch, tmp_path
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # of the ledger's folder
    address = str(database())
    assert cli.main(["copy", "--from", str(index), "--to", address]) == 0
    for kind in ("related", "search"):
        assert run(kind, index=address)[1] == run(kind)[1]
