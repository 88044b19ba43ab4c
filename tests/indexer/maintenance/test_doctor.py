"""The doctor: each kind of disagreement is told as what it is, and mended."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from indexer.cli import commands as cli
from indexer.cli import maintenance_commands as keeping
from indexer.ledger.ledger import Ledger
from indexer.maintenance.doctor import examine_all, repair
from indexer.records import PageRecord
from search.errors import IndexDamaged, IndexMismatch, IndexMissing
from search.index.sqlite.writer import DATABASE, IndexReader
from tests.fakes import HashEmbedder
from tests.runs import Runs
from tests.sites import serving, text
from tests.stocked import answers, held, stock


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
        keeping, "SentenceEmbedder", lambda name, *, offline=False: HashEmbedder()
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


HARMS = {
    "articles": ("UPDATE articles SET title = 'Post 77' WHERE id = 2",),
    "orphans": ("DELETE FROM articles WHERE id = 3",),
    "passages": ("DELETE FROM passages WHERE article = 3",),
    "counts": (
        "DELETE FROM articles WHERE id = 3",
        "DELETE FROM passages WHERE article = 3",
    ),
    "vectors": ("UPDATE passages SET vector = x'' WHERE article = 2",),
    "vector-file": ("UPDATE passages SET vector = zeroblob(256) WHERE article = 2",),
    "fulltext": ("DELETE FROM passages_fts_data WHERE id > 10",),
    "vocabulary": ("UPDATE vocabulary_data SET block = zeroblob(40) WHERE id > 10",),
    "copies": ("UPDATE texts SET same_as = 1 WHERE article = 2",),
    "manifest": (of_manifest("background_mean", "0.9"),),
    "seal": ("UPDATE meta SET value = '{}' WHERE key = 'seal'",),
    "schema": ("DROP INDEX articles_by_date",),
    "unsealed": ("DELETE FROM meta WHERE key = 'seal'",),
}


@pytest.mark.parametrize("code", HARMS)
def test_each_disagreement_is_told_and_mended(index, whole, code):
    change(index, *HARMS[code])
    health = examine_all(index, HashEmbedder())
    assert code in health.codes()
    said = " ".join(repair(index, HashEmbedder(), health))
    assert examine_all(index, HashEmbedder()).findings == []
    left = held(index)
    assert all(
        left[url] == held(whole)[url] for url in left.keys() - {"https://a.example/1"}
    )
    if code in ("orphans", "counts"):  # of the article itself nothing is left
        assert "https://a.example/2" not in left
        assert "the next update fetches them again: https://a.example/2." in said
    else:
        assert len(left) == 6
    if code == "articles":
        assert "may have changed by the damage" in said
    elif len(left) == 6:
        assert answers(index, HashEmbedder()) == answers(whole, HashEmbedder())


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


def test_what_a_killed_run_left_is_told_and_taken_away(index, run):
    (index / "vectors-9-abc.faiss.partial").write_bytes(b"half")
    (index / "previous.new").mkdir()
    code, out, err = run("doctor")
    assert code == 1
    assert "previous.new, vectors-9-abc.faiss.partial" in out
    assert "Mend it with: blog-indexer doctor --repair" in err
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
    change(index, *HARMS["copies"])
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


def test_rows_of_the_ledger_that_cannot_be_read_are_dropped_and_sources_stay(
    index, run
):
    change(
        index,
        "UPDATE pages SET value = 'nonsense' WHERE rowid = 2",
        "UPDATE sources SET value = '{\"url\":' WHERE rowid = 1",
        name="ledger.sqlite",
    )
    assert "2 rows of the ledger can't be read" in run("doctor")[1]
    code, _, err = run("doctor", "--repair")
    assert code == 0
    assert (
        "Of the source https://a.example/feed only what it lists could be read" in err
    )
    ledger = Ledger(index)
    assert [(source.url, source.kind) for source in ledger.sources()] == [
        ("https://a.example/feed", "feed")
    ]
    assert len(ledger.pages()) == 5
    assert len(ledger.urls_of_source("https://a.example/feed")) == 6
    ledger.close()


def test_a_damaged_header_is_no_foreign_database(index, run):
    path = index / DATABASE
    whole_file = path.read_bytes()
    for start, end in ((0, 16), (16, 24), (28, 36), (56, 64), (68, 72), (0, 100)):
        path.write_bytes(
            whole_file[:start] + b"\xff" * (end - start) + whole_file[end:]
        )
        assert run("doctor")[0] == 1, (start, end)
        assert run("doctor", "--repair")[0] == 0, (start, end)
        assert len(held(index)) == 6


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
    with pytest.raises((IndexDamaged, IndexMismatch, IndexMissing)):
        examine_all(index, HashEmbedder())
    code, _, err = run("doctor", "--repair")
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
    reader = IndexReader(index)
    with reader.snapshot() as before:
        assert before.manifest.articles == 6
    data = bytearray((index / DATABASE).read_bytes())
    data[:100] = bytes(100)
    (index / DATABASE).write_bytes(data)
    list(repair(index, HashEmbedder(), examine_all(index, HashEmbedder())))
    with reader.snapshot() as after:
        assert len(after.stored.urls()) == after.manifest.articles == 6
    reader.close()


def test_what_is_lost_is_fetched_again_by_the_next_update(tmp_path, workers):
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
        change(
            runs.directory,
            "DELETE FROM articles WHERE id = 2",
            "UPDATE articles SET blocks = replace(blocks, ' the ', ' a ') WHERE id = 3",
            "DELETE FROM passages WHERE article = 4",
        )
        health = examine_all(runs.directory, runs.embedder)
        list(repair(runs.directory, runs.embedder, health))
        assert len(runs.articles()) == 4
        site.log.clear()
        runs.update()
        assert runs.articles() == before
        asked = [
            path for path in site.asked() if path not in ("/feed.xml", "/robots.txt")
        ]
        assert len(asked) == 2  # what was lost, and what had changed by itself
