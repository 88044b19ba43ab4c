"""The doctor: each disagreement is named, and what is derived is derived again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from indexer.cli import commands as cli
from indexer.cli import maintenance_commands
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.maintenance.doctor import examine_all, repair
from indexer.records import PageRecord
from indexer.split.split import SPLITTER_VERSION
from search.errors import IndexDamaged
from search.index.open import open_index
from search.index.sqlite.doctor.repair import derive_again
from search.index.sqlite.writer import DATABASE, SqliteWriter
from tests.fakes import HashEmbedder
from tests.runs import Runs
from tests.sites import serving, text
from tests.stocked import PAGE, answers, held, stock


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    directory = tmp_path_factory.mktemp("whole") / "index"
    stock(directory, 6)
    return directory


@pytest.fixture
def index(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def run(index, capsys, monkeypatch):
    monkeypatch.setattr(
        maintenance_commands,
        "open_embedder",
        lambda name, *, offline=False: HashEmbedder(),
    )

    def run_it(*arguments: str):
        code = cli.main(["--index", str(index), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run_it


def change(directory, *statements: str, name: str = DATABASE) -> None:
    """Change rows behind everybody's back; foreign keys don't hold and no trigger
    tells."""
    with closing(sqlite3.connect(directory / name)) as db:
        db.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            db.execute(statement)
        db.commit()


def of_manifest(field: str, value: str) -> str:
    return f"UPDATE meta SET value = json_set(value, '$.{field}', {value}) WHERE key = 'manifest'"  # noqa: S608


# Of these everything can be derived from rows that are sound.
DERIVED = {
    "passages": ("DELETE FROM passages WHERE article = 3",),
    "vectors": ("UPDATE passages SET vector = x'' WHERE article = 2",),
    "orphans": ("INSERT INTO tokens VALUES (999, x'', x'')",),
    "fulltext": ("DELETE FROM passages_fts_data WHERE id > 10",),
    "vocabulary": ("UPDATE vocabulary_data SET block = zeroblob(40) WHERE id > 10",),
    "coverage": ("INSERT INTO meta VALUES ('coverage', 'x')",),
    "copies": ("UPDATE texts SET same_as = 1 WHERE article = 2",),
    "seal": ("UPDATE meta SET value = '{}' WHERE key = 'seal'",),
    "schema": ("DROP INDEX articles_by_date",),
    "unsealed": ("DELETE FROM meta WHERE key = 'seal'", "DELETE FROM digests"),
}
# What is lost of these is nowhere else in the index.
LOST = {
    "articles": ("UPDATE articles SET title = 'Post 77' WHERE id = 2",),
    "counts": (
        "DELETE FROM articles WHERE id = 3",
        "DELETE FROM passages WHERE article = 3",
    ),
    "manifest": (of_manifest("background_mean", "0.9"),),
}


@pytest.mark.parametrize("code", DERIVED)
def test_what_is_derived_is_named_and_derived_again(index, whole, code):
    change(index, *DERIVED[code])
    health = examine_all(index, HashEmbedder())
    assert code in health.mendable()
    assert health.lost() == set()
    list(repair(index, HashEmbedder(), health))
    assert examine_all(index, HashEmbedder()).findings == []
    assert held(index) == held(whole)
    assert answers(index, HashEmbedder()) == answers(whole, HashEmbedder())


@pytest.mark.parametrize("code", LOST)
def test_what_is_lost_is_named_and_nothing_is_touched(index, run, code):
    change(index, *LOST[code])
    before = (index / DATABASE).read_bytes()
    exit_code, out, _ = run("doctor", "--repair")
    assert exit_code == 1
    assert code in examine_all(index, HashEmbedder()).lost()
    assert "(--repair can't mend this.)" in out
    assert "blog-indexer rollback" not in out  # there is no state before
    assert f"blog-indexer restore --index {index} FILE" in out
    assert (index / DATABASE).read_bytes() == before


def test_beside_a_lost_article_nothing_is_derived_again(index):
    """New checksums would call the damaged article sound."""
    change(index, *LOST["articles"], *DERIVED["copies"])
    health = examine_all(index, HashEmbedder())
    assert (health.mendable() | health.lost()) >= {"articles", "copies"}
    assert health.mendable() == set()
    with pytest.raises(IndexDamaged):
        derive_again(index / DATABASE, index / "new.sqlite")


def test_an_article_without_its_checksum_is_no_older_index(index):
    """Of an older one no article has any; here all are compared, and none is trusted
    anew."""
    change(index, "DELETE FROM digests WHERE article = 1", *LOST["articles"])
    health = examine_all(index, HashEmbedder())
    assert "articles" in health.lost()
    assert health.mendable() == set()
    with pytest.raises(IndexDamaged):
        derive_again(index / DATABASE, index / "new.sqlite")


def test_what_the_last_run_lost_comes_back_with_a_rollback(index, run):
    stock(index, 2, first=6)
    change(index, "UPDATE articles SET title = 'Post 77' WHERE id = 8")
    code, out, _ = run("doctor")
    assert code == 1
    assert f"blog-indexer rollback --index {index}" in out
    assert run("rollback")[0] == 0
    assert run("doctor")[:2] == (0, "All is well.\n")
    assert len(held(index)) == 6


def test_no_rollback_is_named_that_would_bring_the_damage_with_it(index, run):
    """What the last run left alone is the same in the state before."""
    stock(index, 60, first=6)
    stock(index, 2, first=66)
    change(index, "UPDATE articles SET author = 'Anm' WHERE id = 30")
    code, out, _ = run("doctor")
    assert code == 1
    assert "1 articles are not what was stored" in out
    assert "blog-indexer restore" in out
    assert "blog-indexer rollback" not in out
    assert run("rollback")[0] == 3


# Of the last a row was added past the record, which then fits it no more.
@pytest.mark.parametrize("code", sorted(DERIVED.keys() - {"coverage"}))
def test_a_repair_leaves_the_state_to_roll_back_to(index, run, whole, code):
    stock(index, 2, first=6)
    change(index, *DERIVED[code])
    assert run("doctor", "--repair")[0] == 0
    assert len(held(index)) == 8
    assert run("rollback")[0] == 0
    assert held(index) == held(whole)


def test_a_damaged_page_of_what_is_derived_costs_nothing(index, whole):
    """The database's own structure is broken, and all rows can be read."""
    with closing(sqlite3.connect(index / DATABASE)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'bands_by_article'"
        ).fetchone()
    data = bytearray((index / DATABASE).read_bytes())
    data[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    (index / DATABASE).write_bytes(data)
    health = examine_all(index, HashEmbedder())
    assert "sqlite" in health.mendable()
    said = " ".join(repair(index, HashEmbedder(), health))
    assert "What was damaged is kept as index.sqlite.damaged-" in said
    assert examine_all(index, HashEmbedder()).findings == []
    assert held(index) == held(whole)


def test_an_index_that_is_well_is_called_so_and_left_alone(index, run):
    code, out, _ = run("doctor")
    assert (code, out) == (0, "All is well.\n")
    before = {
        path.name: path.read_bytes() for path in index.iterdir() if path.name != "lock"
    }
    assert run("doctor", "--repair")[0] == 0
    assert {
        path.name: path.read_bytes() for path in index.iterdir() if path.name != "lock"
    } == before


def test_what_a_killed_backup_left_elsewhere_is_told_with_its_size(index, run):
    left = index.parent / ".blogsearch-backup-0123456789ab"
    left.mkdir()
    (left / DATABASE).write_bytes(bytes(2_500_000))
    (index / "blogsearch-backup-0123456789ab.at").write_text(str(left))
    code, out, _ = run("doctor")
    assert code == 1
    assert f"{left} (2.5 MB); the next update removes it." in out
    assert run("doctor", "--repair")[0] == 0
    assert not left.exists()
    assert not list(index.glob("*.at"))


def test_a_copy_of_a_damaged_database_is_told_and_is_no_fault(index, run):
    for _ in range(2):
        change(index, *DERIVED["schema"])
        assert run("doctor", "--repair")[0] == 0
    (kept,) = index.glob("*.damaged-*")
    code, out, _ = run("doctor")
    assert code == 0
    assert f"{kept.name} (" in out
    assert out.endswith("All is well.\n")


def test_what_a_killed_run_left_is_told_and_taken_away(index, run):
    (index / "vectors-9-abc.faiss.partial").write_bytes(b"half" * 300_000)
    (index / "previous.new").mkdir()
    code, out, err = run("doctor")
    assert code == 1
    assert "previous.new (0.0 MB), vectors-9-abc.faiss.partial (1.2 MB)" in out
    assert f"Mend it with: blog-indexer doctor --index {index} --repair" in err
    assert run("doctor", "--repair")[0] == 0
    assert not list(index.glob("*.partial")) + list(index.glob("*.new"))


def test_a_lost_vector_file_is_made_anew(index, run):
    for path in index.glob("*.faiss"):
        path.unlink()
    assert "is missing" in run("doctor")[1]
    assert run("doctor", "--repair")[0] == 0
    assert list(index.glob("*.faiss"))
    assert not list(index.glob("*.damaged-*"))  # no row was touched


def test_json_says_the_same_to_machines(index, run):
    change(index, *DERIVED["copies"])
    code, out, _ = run("doctor", "--json")
    told = json.loads(out)
    assert (code, told["well"]) == (1, False)
    assert [one["code"] for one in told["findings"]] == ["copies"]


def test_what_the_ledger_believes_and_the_index_lacks_is_told_and_forgotten(index, run):
    ledger = Ledger(index)
    ledger.put_page(PageRecord("https://a.example/99", "good", "https://a.example/99"))
    ledger.close()
    code, out, _ = run("doctor")
    assert code == 1
    assert "1 articles that the index doesn't hold: https://a.example/99." in out
    assert run("doctor", "--repair")[0] == 0
    ledger = Ledger(index)
    assert ledger.page("https://a.example/99") is None
    assert ledger.page("https://a.example/1") is not None
    ledger.close()


@pytest.mark.parametrize("table", ["sources", "pages", "erasing"])
def test_a_lost_page_of_the_ledger_is_named(index, run, table):
    path = index / LEDGER
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        found = db.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)
        )
        (page,) = found.fetchone()
    data = bytearray(path.read_bytes())
    data[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(data)
    code, out, _ = run("doctor")
    assert code == 1
    assert "A part of the ledger can't be read" in out


def test_a_damaged_ledger_is_named_with_what_becomes_of_it(index, run):
    change(
        index,
        "UPDATE pages SET value = 'nonsense' WHERE rowid = 2",
        "UPDATE sources SET value = '{\"url\":' WHERE rowid = 1",
        name="ledger.sqlite",
    )
    before = (index / "ledger.sqlite").read_bytes()
    code, out, _ = run("doctor", "--repair")
    assert code == 1
    assert "2 rows of the ledger can't be read. (--repair can't mend this.)" in out
    assert "remove ledger.sqlite and add the sources again" in out
    assert (index / "ledger.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "start"),
    [(DATABASE, 0), (DATABASE, 16), (DATABASE, 68), (LEDGER, 0), (LEDGER, 16)],
)
def test_a_damaged_header_is_a_sentence(index, run, name, start):
    data = bytearray((index / name).read_bytes())
    data[start : start + 16] = b"\xff" * 16
    (index / name).write_bytes(data)
    code, out, err = run("doctor", "--repair")
    assert code in (1, 3)
    assert "can't be" in out or "was not made by Blogsearch" in err
    assert "Traceback" not in err
    assert (index / name).read_bytes() == data


@pytest.mark.parametrize("what", ["another program's", "a text", "a folder", "newer"])
def test_what_is_no_index_is_refused_and_not_touched(tmp_path, run, index, what):
    path = index / DATABASE
    if what == "newer":
        change(index, "PRAGMA user_version = 99", "CREATE TABLE later (x)")
    else:
        path.unlink()
        for beside in index.glob("index.sqlite-*"):
            beside.unlink()
    if what == "another program's":
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE bookmarks (url TEXT)")
            db.commit()
    elif what == "a text":
        path.write_text("dear diary, " * 1000)
    elif what == "a folder":
        path.mkdir()
    before = path.read_bytes() if path.is_file() else None
    code, out, err = run("doctor", "--repair")
    if what == "a text":
        assert code == 1
        assert "can't be opened as a database" in out
    else:
        assert code == 3
    assert "Traceback" not in err
    assert (path.read_bytes() if path.is_file() else None) == before


def test_other_weights_under_the_models_name_are_told(index):
    class Other(HashEmbedder):
        def __init__(self):
            super().__init__()
            self.fingerprint = "0" * 64

    health = examine_all(index, Other())
    assert [(one.code, one.mendable) for one in health.findings] == [("model", False)]
    assert "blog-indexer rebuild" in health.findings[0].text


def test_a_reader_goes_over_to_the_mended_index(index):
    reader = open_index(index)
    with reader.snapshot() as before:
        assert before.manifest.articles == 6
    change(index, *DERIVED["vocabulary"])
    list(repair(index, HashEmbedder(), examine_all(index, HashEmbedder())))
    with reader.snapshot() as after:
        assert len(after.urls()) == after.manifest.articles == 6
    reader.close()


def test_what_the_index_lacks_is_fetched_again_by_the_next_update(tmp_path, workers):
    with serving() as site:
        for number in range(5):
            site.post(
                f"/{number}",
                f"Post {number}",
                *(text(number * 10 + n) for n in range(4)),
            )
        site.feed(*((f"/{number}", f"Post {number}") for number in range(5)))
        runs = Runs(tmp_path / "index", workers)
        runs.add(site.url("/feed.xml"))
        before = runs.articles()
        with SqliteWriter(
            runs.directory, runs.embedder, splitter=SPLITTER_VERSION
        ) as writer:
            writer.forget(site.url("/2"))
            writer.commit()
        health = examine_all(runs.directory, runs.embedder)
        assert (health.mendable() | health.lost()) == {"ledger-ahead"}
        list(repair(runs.directory, runs.embedder, health))
        site.log.clear()
        runs.update()
        assert runs.articles() == before
        asked = set(site.asked()) - {"/feed.xml", "/robots.txt"}
        assert asked == {"/2"}
