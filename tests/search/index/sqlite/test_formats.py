"""Indexes and ledgers of every older format are migrated, newer ones and strangers are
refused untouched."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from indexer.ledger.ledger import Ledger
from indexer.ledger.migrations import MIGRATIONS as LEDGER_MIGRATIONS
from indexer.maintenance.doctor import examine_all, repair
from search.engine import Engine
from search.errors import BlogsearchError, IndexMismatch
from search.index.open import open_index
from search.index.sqlite import schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.manifest import Manifest
from tests.fakes import HashEmbedder
from tests.stocked import answers, held, stock

ROOT = Path(__file__).parents[4]
# sha256 of the statements that made each version's tables, as in the history of the
# project: they stay so.
RELEASED = [
    "54ccf879c2f6",
    "9b97e4b258ad",
    "96723ceab3bc",
    "f5d886234361",
    "8d670f80fed9",
    "186a76bf1fc6",
]
VERSIONS = range(1, len(schema.MIGRATIONS))
LATER = {
    "nosnippet": 2,
    "dead_since": 5,
    "archived": 5,
    "tags": 12,
    "collections": 12,
}  # columns of articles, by the version that brought them


def bare(statements: str) -> str:
    lines = (line.partition("--")[0] for line in statements.splitlines())
    return " ".join(" ".join(lines).split())


def test_the_tables_of_released_versions_stay_what_they_were():
    pins = [
        hashlib.sha256(bare(one).encode()).hexdigest()[:12] for one in schema.MIGRATIONS
    ]
    assert pins[: len(RELEASED)] == RELEASED


@pytest.fixture(scope="module")
def newest(tmp_path_factory):
    directory = tmp_path_factory.mktemp("newest") / "index"
    stock(directory, 4)
    return directory


def of_version(directory: Path, version: int, newest: Path) -> Path:
    """The index as a program of that version would have written it."""
    directory.mkdir()
    with (
        closing(sqlite3.connect(newest / DATABASE)) as source,
        closing(sqlite3.connect(directory / DATABASE, isolation_level=None)) as db,
    ):
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(" ".join(schema.MIGRATIONS[:version]))
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {version}")
        there = [row[1] for row in db.execute("PRAGMA table_info(articles)")]
        assert set(there).isdisjoint(
            name for name, since in LATER.items() if since > version
        )
        for table, columns in (("articles", ", ".join(there)), ("passages", "*")):
            for row in source.execute(f"SELECT {columns} FROM {table}"):  # noqa: S608
                db.execute(
                    f"INSERT INTO {table} ({columns if columns != '*' else ', '.join(PASSAGES)})"  # noqa: S608
                    f" VALUES ({', '.join('?' * len(row))})",
                    row,
                )
        known = json.loads(
            source.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchone()[
                0
            ]
        )
        if version < 4:
            known = {
                key: value
                for key, value in known.items()
                if not key.startswith("background")
            }
        known["vectors"] = (
            "vectors-1-000000000000.faiss"  # gone, as files of another FAISS may be
        )
        db.execute("INSERT INTO meta VALUES ('manifest', ?)", (json.dumps(known),))
    return directory


PASSAGES = (
    "id", "article", "position", "text", "heading", "anchor", "fragment", "is_note", "embedding_key",
    "vector",
)  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_an_index_of_each_older_version_is_brought_up_to_date(
    tmp_path, newest, version
):
    directory = of_version(tmp_path / "index", version, newest)
    with SqliteWriter(directory, HashEmbedder(), splitter=1):
        pass
    assert held(directory) == held(newest)
    with closing(sqlite3.connect(directory / DATABASE)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == len(schema.MIGRATIONS)
    left = examine_all(directory, HashEmbedder())
    # readers derive it; the next commit writes it
    assert (left.mendable() | left.lost()) <= {"vector-file"}
    said = Engine(open_index(directory), embedder=HashEmbedder()).search(
        "bread in a cold room"
    )
    assert said.total + said.weaker == 4


@pytest.mark.parametrize("version", VERSIONS)
def test_a_reader_serves_an_older_version_or_says_what_to_run(
    tmp_path, newest, version
):
    directory = of_version(tmp_path / "index", version, newest)
    before = (directory / DATABASE).read_bytes()
    if version >= schema.READABLE:
        with closing(
            sqlite3.connect(directory / DATABASE)
        ) as db:  # as the program of that version left it
            db.row_factory = sqlite3.Row
            db.isolation_level = None
            db.create_function("fold", 1, str.casefold)
            ArticleStore(db).fulltext.rederive()
        assert len(answers(directory, HashEmbedder())[0][2]) == 4
        return
    said = "bring it up to date with: blog-indexer update"
    with pytest.raises(IndexMismatch, match=said), SqliteIndex(directory).snapshot():
        pass
    assert (directory / DATABASE).read_bytes() == before


@pytest.mark.parametrize("version", [1, 4, 6])
def test_the_doctor_examines_and_derives_again_an_older_version(
    tmp_path, newest, version
):
    directory = of_version(tmp_path / "index", version, newest)
    with closing(sqlite3.connect(directory / DATABASE)) as db:
        db.execute("DELETE FROM passages WHERE article = 2")
        db.commit()
    health = examine_all(directory, HashEmbedder())
    assert {"old-format", "passages"} <= (health.mendable() | health.lost())
    list(repair(directory, HashEmbedder(), health))
    assert examine_all(directory, HashEmbedder()).findings == []
    assert held(directory) == held(newest)


KILLED = """
import os, signal, sqlite3, sys
from search.index.sqlite import schema
db = sqlite3.connect(sys.argv[1], isolation_level=None)
left = int(sys.argv[2])
def step():
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
db.set_progress_handler(step, 20)
schema.migrate(db)
"""


@pytest.mark.parametrize("steps", [0, 3, 20, 60, 10**6])
def test_a_migration_that_is_killed_is_undone_or_done(tmp_path, newest, steps):
    directory = of_version(tmp_path / "index", 1, newest)
    line = [sys.executable, "-c", KILLED, str(directory / DATABASE), str(steps)]
    ended = subprocess.run(line, cwd=ROOT, check=False).returncode
    assert ended == (0 if steps == 10**6 else -9)
    with closing(sqlite3.connect(directory / DATABASE)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == (
            1 if ended else len(schema.MIGRATIONS)
        )
    with SqliteWriter(directory, HashEmbedder(), splitter=1):
        pass
    assert held(directory) == held(newest)


def test_an_unknown_field_of_the_manifest_does_no_harm(tmp_path, newest):
    directory = of_version(tmp_path / "index", len(schema.MIGRATIONS) - 1, newest)
    with closing(sqlite3.connect(directory / DATABASE)) as db:
        db.execute(
            "UPDATE meta SET value = json_set(value, '$.later', 1) WHERE key = 'manifest'"
        )
        db.commit()
    with SqliteIndex(directory).snapshot() as index:
        assert isinstance(index.manifest, Manifest)


# Ledgers


@pytest.mark.parametrize("version", range(1, len(LEDGER_MIGRATIONS)))
def test_a_ledger_of_each_older_version_is_brought_up_to_date(tmp_path, version):
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as db:
        db.executescript("".join(LEDGER_MIGRATIONS[:version]))
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("INSERT INTO sources VALUES ('https://a.example/f', ?)",
                   (json.dumps({"url": "https://a.example/f", "kind": "feed"}),))  # fmt: skip
        db.execute("INSERT INTO pages (url, article, value) VALUES ('https://a.example/1', '', ?)",
                   (json.dumps({"url": "https://a.example/1", "state": "good"}),))  # fmt: skip
        db.commit()
    with closing(Ledger(tmp_path)) as ledger:
        assert [source.url for source in ledger.sources()] == ["https://a.example/f"]
        assert ledger.page("https://a.example/1").state == "good"
        assert ledger.forgotten_sites() == []


STRANGERS = {
    "another program's": lambda path: _foreign(path),
    "a text": lambda path: path.write_text("dear diary, " * 1000),
    "a newer one": lambda path: _foreign(path, version=99),
    "a folder": lambda path: path.mkdir(),
}


def _foreign(path: Path, *, version: int = 0) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()


@pytest.mark.parametrize("name", [DATABASE, "ledger.sqlite"])
@pytest.mark.parametrize("what", STRANGERS)
def test_strangers_are_refused_and_not_touched(tmp_path, name, what):
    path = tmp_path / name
    STRANGERS[what](path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(BlogsearchError) as caught:
        SqliteWriter(
            tmp_path, HashEmbedder(), splitter=1
        ) if name == DATABASE else Ledger(tmp_path)
    assert "\n" not in str(caught.value)
    if name == DATABASE:
        with pytest.raises(BlogsearchError), SqliteIndex(tmp_path).snapshot():
            pass
    assert (path.read_bytes() if path.is_file() else None) == before
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "lock") == [
        name
    ]


def test_an_empty_file_is_an_empty_index(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"")
    with (
        pytest.raises(BlogsearchError, match="The index is still empty"),
        SqliteIndex(tmp_path).snapshot(),
    ):
        pass
