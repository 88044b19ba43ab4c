"""The structure of a database, sound and broken."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from search.index.sqlite.doctor.integrity import schema_of, structure_of

SCHEMA = """
CREATE TABLE parents (id INTEGER PRIMARY KEY /* kept */, name TEXT) STRICT;
CREATE TABLE children (parent INTEGER REFERENCES parents (id)) STRICT; -- dropped
CREATE INDEX by_name ON parents (name);
"""
PAGE = 4096


def made(path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA)
        db.executemany(
            "INSERT INTO parents (name) VALUES (?)", [(f"name {n}",) for n in range(50)]
        )
        db.commit()


def test_a_sound_database_has_no_damage_and_its_schema(tmp_path):
    made(tmp_path / "a.sqlite")
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        found = structure_of(db)
        assert (found.damage, found.orphans) == ("", [])
        assert [name for name, _ in found.schema] == [
            b"by_name",
            b"children",
            b"parents",
        ]


def test_comments_and_spaces_of_a_schema_do_not_count():
    with (
        closing(sqlite3.connect(":memory:")) as one,
        closing(sqlite3.connect(":memory:")) as other,
    ):
        one.execute("CREATE TABLE t (a TEXT, -- the first\n b TEXT)")
        other.execute("CREATE TABLE t (a TEXT,   -- another\n b TEXT)")
        assert schema_of(one) == schema_of(other)
        other.execute("ALTER TABLE t ADD COLUMN c TEXT")
        assert schema_of(one) != schema_of(other)


def test_rows_without_what_they_refer_to_are_named_by_table(tmp_path):
    made(tmp_path / "a.sqlite")
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        db.execute("INSERT INTO children VALUES (99)")
        assert structure_of(db).orphans == ["children"]


def test_an_index_without_a_row_is_a_sentence(tmp_path):
    made(tmp_path / "a.sqlite")
    data = bytearray((tmp_path / "a.sqlite").read_bytes())
    # The last page is that of the index, which lacks a row then.
    data[-PAGE:] = data[-PAGE:].replace(b"name 7", b"name X")
    (tmp_path / "a.sqlite").write_bytes(data)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        damage = structure_of(db).damage
        assert "by_name" in damage
        assert "\n" not in damage
