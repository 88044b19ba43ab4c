"""blog-indexer copy: which places it takes, what it refuses, and that the ledger comes
along; an index in memory stands in for a server's."""

from __future__ import annotations

from contextlib import closing

import pytest

from indexer.cli import commands as cli
from indexer.cli import copy_command
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.ledger.place import INDEXER
from search.index import copying
from search.index import open as opening
from search.index.memory.home import MemoryIndex
from search.index.open import open_index
from search.index.sqlite.connection import lock
from tests.stocked import FEED, stock

ADDRESS = "postgresql://me@db.example/blogs"


@pytest.fixture
def stopped(monkeypatch):
    """Have the next copy stopped when it has written two articles."""
    monkeypatch.setattr(copying, "BATCH", 2)
    advance = copy_command._Shown.__call__

    def stop(shown, done, total):
        advance(shown, done, total)
        monkeypatch.setattr(copy_command._Shown, "__call__", advance)
        raise KeyboardInterrupt

    monkeypatch.setattr(copy_command._Shown, "__call__", stop)


@pytest.fixture
def servers(monkeypatch, tmp_path):
    """The indexes of servers, and the names under which they were opened."""
    found: dict[str, MemoryIndex] = {}
    names: list[str] = []

    def open_server(address, indexer, partitions):
        names.append(indexer)
        return found.setdefault(str(address), MemoryIndex())

    monkeypatch.setattr(opening, "_open_server", open_server)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("BLOGSEARCH_INDEX", "BLOGSEARCH_LEDGER", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    found["names"] = names  # type: ignore[assignment]
    return found


@pytest.fixture
def folder(tmp_path):
    stock(tmp_path / "index", 5)
    return tmp_path / "index"


@pytest.fixture
def usual(tmp_path):
    return tmp_path / "data" / "blogsearch" / "ledgers" / "db.example+5432+blogs"


@pytest.fixture
def copy(servers, capsys):
    def copy_it(source, target, *options):
        words = ["copy", "--from", str(source), "--to", str(target)]
        code = cli.main([*words, *map(str, options)])
        out, err = capsys.readouterr()
        assert (out, "Traceback" in err) == ("", False)
        return code, err

    return copy_it


def urls(index) -> list[str]:
    with closing(index), index.snapshot() as snapshot:
        return sorted(snapshot.urls())


def sources(folder) -> list[str]:
    with closing(Ledger(folder, read_only=True)) as ledger:
        return [source.url for source in ledger.sources()]


def test_a_folder_is_copied_to_a_server_and_back(
    copy, folder, servers, usual, tmp_path
):
    code, err = copy(folder, ADDRESS)
    assert (code, f"5 articles were copied to {ADDRESS}." in err) == (0, True)
    assert f"Its ledger is in {usual}" in err
    assert f"blog-indexer update --index {ADDRESS}" in err
    assert urls(servers[ADDRESS]) == urls(open_index(folder))
    assert sources(usual) == [FEED]
    assert (usual / INDEXER).read_text().strip() in servers["names"]
    code, err = copy(ADDRESS, tmp_path / "back")
    assert (code, f"{tmp_path / 'back' / 'ledger.sqlite'}" in err) == (0, False)
    assert urls(open_index(tmp_path / "back")) == urls(open_index(folder))
    assert sources(tmp_path / "back") == [FEED]
    assert not (tmp_path / "back" / INDEXER).exists()


def test_a_copy_that_was_stopped_goes_on(copy, folder, servers, usual, stopped):
    code, err = copy(folder, ADDRESS)
    assert (code, "Stopped." in err) == (130, True)
    assert not (usual / LEDGER).exists()
    code, err = copy(folder, ADDRESS)
    assert (code, "articles were copied" in err) == (0, True)
    assert urls(servers[ADDRESS]) == urls(open_index(folder))
    code, err = copy(folder, ADDRESS)
    assert (code, "0 articles were copied" in err) == (0, True)
    assert "Its ledger is in" not in err


def test_a_ledger_that_is_there_stays(copy, folder, usual):
    with closing(Ledger(usual)):
        pass
    assert copy(folder, ADDRESS)[0] == 0
    assert sources(usual) == []


def test_an_index_without_a_ledger_is_copied_without(copy, folder, usual):
    (folder / LEDGER).unlink()
    code, err = copy(folder, ADDRESS)
    assert (code, "No ledger was copied" in err) == (0, True)
    assert not (usual / LEDGER).exists()


def test_what_is_no_copy_of_it_is_not_mixed_with_it(copy, folder, tmp_path, servers):
    stock(tmp_path / "other", 1, first=7)
    code, err = copy(folder, tmp_path / "other")
    assert (code, "holds 1 articles that" in err) == (3, True)
    assert "https://a.example/7" in err
    assert urls(open_index(tmp_path / "other")) == ["https://a.example/7"]


def test_the_ledgers_folder_is_that_of_the_server(
    copy, folder, servers, tmp_path, monkeypatch
):
    mine = tmp_path / "mine"
    code, err = copy(folder, ADDRESS, "--ledger", mine)
    assert (code, sources(mine)) == (0, [FEED])
    assert f"blog-indexer update --index {ADDRESS} --ledger {mine}" in err
    code, _ = copy(ADDRESS, tmp_path / "back", "--ledger", mine)
    assert (code, sources(tmp_path / "back")) == (0, [FEED])
    code, err = copy(folder, tmp_path / "third", "--ledger", mine)
    assert (code, "--ledger is for one in a database" in err) == (2, True)
    monkeypatch.setenv("BLOGSEARCH_LEDGER", str(mine))
    assert copy(ADDRESS, "postgresql://me@db.example/second")[0] == 0


def test_one_index_is_not_copied_to_itself(copy, folder, servers, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    for source, target in (
        (folder, tmp_path / "link"),
        (ADDRESS, ADDRESS),
        (ADDRESS, "postgresql://other@db.example:5432/blogs?sslmode=require"),
    ):
        code, err = copy(source, target)
        assert (code, "of the same index" in err) == (2, True)


def test_where_there_is_no_index_nothing_is_made(copy, tmp_path, usual):
    for source in (tmp_path / "no", ADDRESS):
        code, err = copy(source, tmp_path / "target")
        assert (code, "There is no index at" in err) == (3, True)
    assert not (tmp_path / "target").exists()
    assert not usual.exists()


def test_nobody_writes_meanwhile(copy, folder, tmp_path):
    with closing(lock(folder)):
        code, err = copy(folder, ADDRESS)
    assert (code, "Another run" in err) == (75, True)


def test_an_address_with_a_password_is_not_repeated(copy, folder, capsys):
    for words in (
        (folder, "postgresql://me:hunter2@db/x"),
        ("postgresql://me:hunter2@db/x", folder),
    ):
        with pytest.raises(SystemExit):
            copy(*words)
        said = capsys.readouterr().err
        assert ("hunter2" in said, "PGPASSWORD" in said) == (False, True)
