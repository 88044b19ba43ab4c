"""The commands over an index on a server, which an index in memory stands in for here; the
real server's are in tests/end_to_end."""

from __future__ import annotations

import json
import os
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import indexer.__main__ as program
from indexer.cli import commands as cli
from indexer.cli import maintenance_commands
from indexer.ledger import place as places
from indexer.ledger.erasing import Erasing
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.ledger.place import INDEXER, Place, place_of
from indexer.records import PageRecord, SourceRecord
from search.errors import IndexMissing
from search.inbox.run_status import FILE as LAST_RUN
from search.index import open as opening
from search.index.memory.home import MemoryIndex, MemoryWriter
from search.index.server_address import ServerAddress
from search.index.sqlite.connection import lock
from search.types import Article, Passage
from tests.fakes import HashEmbedder
from tests.sites import serving, text

ADDRESS = "postgresql://me@db.example/my blogs".replace(" ", "%20")


class MemoryServer(MemoryIndex):
    """An index in memory with what only those on servers can do."""

    def __init__(self) -> None:
        super().__init__()
        self.indexers: list[str] = []
        self.partitions: list[int] = []
        self.erased = 0
        self.large: list[str] = []
        self.wrong: list[str] = []
        self.is_closed = 0

    def erase(self) -> list[str]:
        self.erased += 1
        return self.large

    def examine(self) -> list[str]:
        if self.model() is None:
            raise IndexMissing("The index is still empty.")
        return self.wrong

    def close(self) -> None:
        self.is_closed += 1


@pytest.fixture
def servers(monkeypatch, tmp_path, quick_commands):
    """The servers by their address, and a user without anything of theirs."""
    found: dict[str, MemoryServer] = {}

    def open_server(address, indexer, partitions):
        server = found.setdefault(str(address), MemoryServer())
        server.indexers.append(indexer)
        server.partitions.append(partitions)
        return server

    monkeypatch.setattr(opening, "_open_server", open_server)
    monkeypatch.setattr(
        maintenance_commands, "open_embedder", lambda name: HashEmbedder()
    )
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("BLOGSEARCH_INDEX", "BLOGSEARCH_LEDGER", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    return found


@pytest.fixture
def ask(capsys):
    def ask_it(*words: str, address=ADDRESS):
        code = cli.main(["--index", address, *words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return ask_it


@pytest.fixture
def site():
    with serving() as running:
        for number in (1, 2, 3):
            running.post(f"/{number}", f"Post {number}", text(number))
        running.feed(*((f"/{number}", f"Post {number}") for number in (1, 2, 3)))
        yield running


@pytest.fixture
def added(servers, ask, site):
    code, _, err = ask("--delay", "0", "add", "--allow-private", site.url("/feed.xml"))
    assert code == 0, err
    return servers[ADDRESS]


@pytest.fixture
def usual(tmp_path) -> Path:
    """Where the ledger lies if nothing else is said."""
    return tmp_path / "data" / "blogsearch" / "ledgers" / "db.example+5432+my%20blogs"


def urls(server: MemoryServer) -> list[str]:
    with server.snapshot() as index:
        return index.urls()


def test_articles_go_to_the_server_and_the_ledger_to_a_folder_of_its_own(
    added, usual, ask, site
):
    assert len(urls(added)) == 3
    names = {path.name for path in usual.iterdir()}
    names -= {f"{LEDGER}-wal", f"{LEDGER}-shm"}
    assert names == {LEDGER, "lock", INDEXER, LAST_RUN}
    assert stat.S_IMODE(usual.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in usual.iterdir()} == {0o600}
    code, out, _ = ask("sources")
    assert (code, site.url("/feed.xml") in out) == (0, True)
    code, out, _ = ask("status")
    assert code == 0
    assert f"index     {ADDRESS}\nledger    {usual}\narticles  3 (3 full text)" in out
    assert ask("show", site.url("/2"))[0] == 0
    code, out, _ = ask("--delay", "0", "update", "--allow-private")
    assert code == 0
    assert len(urls(added)) == 3
    assert added.is_closed


def test_an_indexer_keeps_its_name_and_each_ledger_has_one(
    added, servers, ask, site, usual, tmp_path, monkeypatch
):
    name = (usual / INDEXER).read_text().strip()
    ask("update")
    other = tmp_path / "other"
    assert ask("add", site.url("/1"), "--ledger", str(other))[0] in (0, 1, 3)
    monkeypatch.setenv("BLOGSEARCH_LEDGER", str(tmp_path / "third"))
    ask("add", site.url("/1"))
    names = {one for one in added.indexers if one}
    assert len(names) == 3
    assert name in names
    assert (other / INDEXER).read_text().strip() in names
    assert (tmp_path / "third" / INDEXER).read_text().strip() in names


def test_what_is_read_makes_no_file_where_there_is_no_ledger(
    added, ask, tmp_path, site
):
    nowhere = ["--ledger", str(tmp_path / "nowhere")]
    code, out, _ = ask("status", *nowhere)
    assert code == 0
    assert f"{tmp_path / 'nowhere'} (there is none on this machine)" in out
    assert "articles  3" in out
    code, out, err = ask("coverage", *nowhere)
    assert (code, "full text    3" in out) == (0, True)
    assert "this is what the last runs stored" in err
    feed = site.url("/feed.xml")
    code, out, _ = ask("coverage", "--json", feed, *nowhere)
    assert [one["source"] for one in json.loads(out)["sources"]] == [feed]
    assert ask("coverage", "nothing", *nowhere)[0] == 3
    assert ask("show", site.url("/2"), *nowhere)[0] == 0
    code, out, _ = ask("doctor", *nowhere)
    assert (code, "All is well." in out) == (0, True)
    assert "is followed from elsewhere" in out
    for command in ("sources", "update", "backfill x", "remove x"):
        code, _, err = ask(*command.split(), *nowhere)
        assert code == 3
        assert f"add --index {ADDRESS} --ledger {tmp_path / 'nowhere'} SOURCE" in err
    assert not (tmp_path / "nowhere").exists()


def test_what_the_index_on_a_server_has_is_counted_from_the_ledger_where_there_is_one(
    added, ask, usual
):
    with closing(Ledger(usual)) as ledger:
        ledger.put_source(SourceRecord("https://new.example/feed", "feed", "New"))
    code, out, err = ask("coverage")
    assert (code, err) == (0, "")
    assert "feed https://new.example/feed" in out


def test_two_runs_of_one_ledger_exclude_each_other_and_others_go_on(
    added, ask, usual, tmp_path, monkeypatch, capsys
):
    with closing(lock(usual)):
        code, _, err = ask("update")
        assert (code, "with this ledger" in err) == (75, True)
        code, _, _ = ask("add", "https://no.invalid/", "--ledger", str(tmp_path / "o"))
        assert code != 75
        monkeypatch.setattr("sys.argv", ["", "--index", ADDRESS, "update"])
        with pytest.raises(SystemExit) as ended:
            program.run()
        assert ended.value.code == 75
        assert "with this ledger" in capsys.readouterr().err
        assert ask("status")[0] == 0


def test_what_is_forgotten_leaves_server_and_ledger(added, ask, usual, site):
    gone = site.url("/2")
    code, _, err = ask("forget", gone)
    assert code == 0
    assert "no table of the database and no file of the ledger" in err
    assert added.erased == 1
    assert gone not in urls(added)
    with closing(Ledger(usual)) as ledger:
        assert not ledger.is_erasing()
        assert ledger.page(gone).state == "forgotten"
    assert b"Post 2" not in b"".join(path.read_bytes() for path in usual.iterdir())
    ask("update")
    assert added.erased == 1
    code, _, err = ask("remove", site.url("/feed.xml"))
    assert (code, added.erased, urls(added)) == (0, 2, [])


def test_tables_that_are_too_large_to_be_written_anew_are_named(added, ask, site):
    added.large = ["passages", "tokens"]
    code, _, err = ask("forget", site.url("/2"))
    assert code == 0
    assert "VACUUM FULL blogsearch.passages; VACUUM FULL blogsearch.tokens" in err


def test_a_site_is_forgotten_with_what_other_indexers_have_of_it(
    added, ask, site, monkeypatch
):
    # As a database has it: a writer's urls are those that its own indexer put last.
    mine, host = set(urls(added)), site.url("/").split("/")[2]
    with added.writer(HashEmbedder(), splitter=added_splitter(added)) as writer:
        other = Article(site.url("/other"), "Of another", blocks=())
        writer.add([(other, [Passage("Of another")])])
        writer.commit()
    every = MemoryWriter.urls
    monkeypatch.setattr(
        MemoryWriter,
        "urls",
        lambda writer: [url for url in every(writer) if url in mine],
    )
    code, _, err = ask("forget", "--site", host)
    assert (code, f"4 articles of {host} are forgotten" in err) == (0, True)
    assert (urls(added), added.erased) == ([], 1)


def test_what_a_killed_run_was_to_forget_is_forgotten_by_the_next(
    added, ask, usual, site
):
    gone = site.url("/2")
    with closing(Ledger(usual)) as ledger:
        page = replace(PageRecord(gone, "forgotten"), reason="forgotten")
        ledger.note_erasing(Erasing((gone,), (page,)))
    assert "files of the index still" in ask("doctor")[1]
    # A rebuild commits nothing before all of it, and leaves that to the next run.
    ask("rebuild")
    assert (gone in urls(added), added.erased) == (True, 0)
    assert ask("--delay", "0", "update", "--allow-private")[0] == 0
    assert (gone in urls(added), added.erased) == (False, 1)
    with closing(Ledger(usual)) as ledger:
        assert not ledger.is_erasing()
        assert ledger.page(gone).state == "forgotten"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["backup", "f.tar"], "pg_dump --format=custom --schema=blogsearch"),
        (["restore", "f.tar"], "pg_restore --single-transaction"),
        (["rollback"], "recovery_target_time"),
    ],
)
def test_what_postgresql_does_itself_is_said(servers, ask, tmp_path, words, named):
    code, out, err = ask(*words, address=f"{ADDRESS}?sslmode=require&a=b")
    assert (code, out) == (3, "")
    assert named in err
    assert f"--dbname='{ADDRESS}?sslmode=require&a=b'" in err
    assert servers == {}
    assert not (tmp_path / "data").exists()


def test_the_doctor_says_what_the_server_and_the_ledger_lack(added, ask, usual, site):
    assert ask("doctor") == (0, "All is well.\n", "")
    added.wrong = ["The counts of articles do not agree (3 and 4)."]
    code, out, err = ask("doctor", "--repair")
    assert (code, "counts of articles" in out, "can't mend this" in out) == (1, 1, 1)
    assert f"blog-indexer rebuild --index {ADDRESS}" in err
    added.wrong = []
    with added.writer(HashEmbedder(), splitter=added_splitter(added)) as writer:
        writer.forget(site.url("/3"))
        writer.commit()
    code, out, err = ask("doctor")
    assert (code, "1 articles that the index doesn't hold" in out) == (1, True)
    assert f"doctor --index {ADDRESS} --repair" in err
    code, _, err = ask("doctor", "--repair", "--json")
    assert (code, "1 articles are lost" in err) == (0, True)
    ask("--delay", "0", "update", "--allow-private")
    assert len(urls(added)) == 3
    (usual / LEDGER).write_bytes(b"no database, whatever it says of itself" * 99)
    code, out, _ = ask("doctor")
    assert (code, "Put a copy of its folder in its place" in out) == (1, True)


def added_splitter(server: MemoryServer) -> int:
    with server.snapshot() as index:
        return index.manifest.splitter


def test_an_empty_database_is_said(servers, ask):
    for words in (["doctor"], ["status"], ["coverage"]):
        code, _, err = ask(*words)
        assert (code, "empty" in err) == (3, True)


def test_a_new_database_may_be_made_in_parts(servers, ask, site, tmp_path, capsys):
    words = ("add", "--allow-private", "--partitions", "16", site.url("/1"))
    assert ask(*words)[0] == 0
    assert 16 in servers[ADDRESS].partitions
    code, _, err = ask(*words, address=str(tmp_path / "index"))
    assert (code, "has no partitions" in err) == (3, True)
    for wrong in ("0", "1025", "many"):
        with pytest.raises(SystemExit):
            ask("add", "--partitions", wrong, "x")
        assert "--partitions" in capsys.readouterr().err


def test_the_ledger_of_a_folder_lies_in_it(servers, ask, tmp_path):
    code, _, err = ask("status", "--ledger", "x", address=str(tmp_path))
    assert (code, "--ledger is for one in a database" in err) == (2, True)
    environment = {"BLOGSEARCH_LEDGER": "elsewhere"}
    assert place_of(tmp_path, None, environment) == Place(tmp_path, tmp_path)
    with pytest.raises(SystemExit):
        ask("status", "--ledger", " ")


def test_the_environment_names_the_ledgers_folder(tmp_path, monkeypatch):
    address = ServerAddress("postgresql://db/blogs")
    monkeypatch.setenv("HOME", str(tmp_path))
    found = place_of(address, None, {"BLOGSEARCH_LEDGER": "~/mine"})
    assert found == Place(address, tmp_path / "mine")
    assert place_of(address, Path("x"), {"BLOGSEARCH_LEDGER": "y"}).ledger == Path("x")


def test_a_ledgers_folder_that_cannot_be_made_is_said(servers, ask, tmp_path):
    (tmp_path / "file").write_text("mine")
    code, _, err = ask("add", "x", "--ledger", str(tmp_path / "file"))
    assert (code, "is a file; the place of a ledger" in err) == (3, True)
    code, _, err = ask("add", "x", "--ledger", str(tmp_path / "file" / "below"))
    assert (code, "can't be used" in err) == (3, True)


def test_a_name_that_was_not_written_whole_is_given_again(tmp_path):
    (tmp_path / INDEXER).write_text("")
    name = places.name_indexer(tmp_path)
    assert len(name) == 32
    assert places.name_indexer(tmp_path) == name
    assert os.listdir(tmp_path) == [INDEXER]
