"""What is wrong with a ledger is named, and a damaged row is a sentence in every run."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from indexer.cli import commands as cli
from indexer.ledger.check import examine_ledger
from indexer.ledger.ledger import DATABASE, Ledger
from indexer.records import PageRecord, SourceRecord
from search.errors import IndexDamaged, IndexMismatch


@pytest.fixture
def path(tmp_path):
    with closing(Ledger(tmp_path)) as ledger:
        ledger.put_source(SourceRecord("https://a.example/feed", "feed"))
        ledger.put_page(
            PageRecord("https://a.example/1", "good", "https://a.example/1")
        )
    return tmp_path / DATABASE


def change(path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement)
        db.commit()


def test_a_ledger_that_is_well_has_no_findings(path):
    assert examine_ledger(path, {"https://a.example/1"}) == []
    assert examine_ledger(path, None) == []


def test_what_the_index_lacks_is_named(path):
    (finding,) = examine_ledger(path, set())
    assert (finding.code, finding.mendable) == ("ledger-ahead", True)
    assert "https://a.example/1." in finding.text


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE sources SET value = '{}'", "1 rows of the ledger can't be read."),
        ("UPDATE pages SET value = 'x'", "1 rows of the ledger can't be read."),
        ("INSERT INTO items VALUES ('s', 'u', '', '{}', 'u')", "belong to no source"),
        ("DROP INDEX items_by_url", "not those that Blogsearch makes"),
    ],
)
def test_what_is_lost_is_named_as_such(path, statement, said):
    change(path, statement)
    found = examine_ledger(path, set())
    assert any(said in one.text for one in found)
    assert {(one.code, one.mendable) for one in found} == {("ledger", False)}


def test_another_programs_database_and_a_newer_ledger_are_refused(path, tmp_path):
    change(path, "PRAGMA user_version = 99")
    with pytest.raises(IndexMismatch, match="newer Blogsearch"):
        examine_ledger(path, None)
    change(tmp_path / "other.sqlite", "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(IndexDamaged, match="no ledger"):
        examine_ledger(tmp_path / "other.sqlite", None)


OF_ANOTHER_SHAPE = {
    "a source that is a list": "UPDATE sources SET value = '[]'",
    "a title that is a number": "UPDATE sources SET value = json_set(value, '$.title', 5)",
    "headers that are numbers": "UPDATE sources SET value = json_set(value, '$.validators', json('{\"etag\": 5}'))",
    "a time that is none": "UPDATE pages SET value = json_set(value, '$.due', 'soon')",
    "a day that is none": "UPDATE pages SET value = json_set(value, '$.dead', 'soon')",
    "notes that are numbers": 'INSERT INTO items SELECT url, url, \'\', \'{"url": "u", "notes": [1]}\', url FROM sources',
    "rules that are a list": "INSERT INTO robots VALUES ('https://a.example/robots.txt', '[1]')",
    "a pause without an end": "INSERT INTO holds VALUES ('a.example', 'soon')",
    "an end without a zone": "INSERT INTO holds VALUES ('a.example', '2026-01-01')",
    "a file that is a number": "INSERT INTO files SELECT url, 'file:///a', '4' FROM sources",
    "a search that is a list": "INSERT INTO discoveries VALUES ('https://a.example/feed', '[4]')",
    "links that are numbers": "INSERT INTO links VALUES ('https://a.example/1', '[4]')",
    "a note that is a number": "INSERT INTO erasing VALUES ('7', 0)",
    "a note that is no JSON": "INSERT INTO erasing VALUES ('{', 1)",
    "a note with a text for a list": 'INSERT INTO erasing VALUES (\'{"articles": "a"}\', 0)',
    "a note of pages that are numbers": "INSERT INTO erasing VALUES ('{\"pages\": [1]}', 0)",
    "a search that is no JSON": "INSERT INTO discoveries VALUES ('https://a.example/feed', '{')",
}


@pytest.mark.parametrize("statement", OF_ANOTHER_SHAPE.values(), ids=OF_ANOTHER_SHAPE)
def test_values_of_another_shape_are_lost(path, statement):
    change(path, statement)
    (finding,) = examine_ledger(path, set())
    assert finding.text == "1 rows of the ledger can't be read."
    assert not finding.mendable


def test_a_search_of_another_shape_is_a_sentence(path, capsys):
    change(path, "INSERT INTO discoveries SELECT url, '[4]' FROM sources")
    assert cli.main(["--index", str(path.parent), "coverage"]) == 3
    assert "A row of the ledger can't be read" in capsys.readouterr().err


@pytest.mark.parametrize("note", ["7", "{", '{"pages": [1]}', '{"sites": 1}'])
@pytest.mark.parametrize("command", [("update",), ("backup", "b.tar")])
def test_a_damaged_note_of_what_leaves_is_a_sentence(path, capsys, note, command):
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO erasing VALUES (?, 0)", (note,))
        db.commit()
    (path.parent / "index.sqlite").touch()
    name, *targets = command
    given = [str(path.parent / target) for target in targets]
    assert cli.main(["--index", str(path.parent), name, *given]) == 3
    assert "A row of the ledger can't be read" in capsys.readouterr().err


def test_a_damaged_row_ends_a_command_with_a_sentence(path, capsys):
    change(path, "UPDATE sources SET value = 'x'")
    assert cli.main(["--index", str(path.parent), "sources"]) == 3
    assert "A row of the ledger can't be read" in capsys.readouterr().err
