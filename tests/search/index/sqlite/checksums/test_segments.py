# ruff: noqa: S608  # fixed names
"""The segments of the full text: each has its checksum, whatever is put and merged."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.errors import IndexDamaged
from search.index.sqlite import schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.checksums import segments
from search.index.sqlite.fulltext import IndexedText

WORDS = [
    f"word{first}{second}k" for first in ascii_lowercase for second in "abcdefghijklmno"
]


@pytest.fixture
def db():
    with closing(made()) as db:
        yield db


def made() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(db)
    ArticleStore(db).fulltext.rederive()
    segments.settle(db)
    return db


def put(db: sqlite3.Connection, number: int, words: int = 60) -> IndexedText:
    chance = random.Random(number)
    text = " ".join(chance.choices(WORDS, k=words))
    written = IndexedText(f"Post {number}", "[]", text, False, "en")
    ArticleStore(db).fulltext.put(number, [(number, written)])
    return written


def numbers(db: sqlite3.Connection) -> set[int]:
    levels = segments.levels_of(db, "passages_fts")
    return {segment.number for level in levels for segment in level}


def matches(db: sqlite3.Connection, word: str) -> set[int]:
    found = "SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?"
    return {row[0] for row in db.execute(found, (word,))}


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["put", "long", "drop", "settle", "merge"]), max_size=60)
)
def test_all_is_as_stored_after_any_changes(steps):
    with closing(made()) as db:
        texts = {}
        for number, step in enumerate(steps, 1):
            if step in ("put", "long"):
                texts[number] = put(db, number, 60 if step == "put" else 3000)
            if step == "drop" and texts:
                gone, written = texts.popitem()
                ArticleStore(db).fulltext.drop(gone, [(gone, written)])
            if step == "merge":
                ArticleStore(db).fulltext.merge()
            if step == "settle":
                segments.settle(db)
                assert segments.changed_tables(db) == []
        segments.settle(db)
        assert segments.changed_tables(db) == []
        for word in WORDS[:5]:
            having = {n for n, text in texts.items() if word in text.text.split()}
            assert matches(db, word) == having


def test_full_levels_are_merged_and_others_left(db):
    seen = []
    for number in range(1, 65):
        put(db, number)
        segments.settle(db)
        seen.append(len(numbers(db)))
    assert max(seen) <= 3 * (segments.FULL - 1)
    assert seen[-1] <= segments.FULL


def test_what_did_not_change_is_not_read_again(db):
    put(db, 1, 60_000)
    segments.settle(db)
    read = []
    db.set_trace_callback(read.append)
    put(db, 2)
    segments.settle(db)
    db.set_trace_callback(None)
    ranges = [one for one in read if "passages_fts_data WHERE id >=" in one]
    (new,) = numbers(db) - {min(numbers(db))}
    assert ranges
    assert all(f">= {new << 37} " in one for one in ranges)


@pytest.mark.parametrize("table", segments.TABLES)
@pytest.mark.parametrize("of", ["data", "idx", "structure", "config", "gone"])
def test_damage_is_seen_and_no_commit_hides_it(db, table, of):
    for number in range(1, 3):
        put(db, number, 3000)
        segments.settle(db)
    (first, *_) = sorted(numbers(db))
    place = first << 37
    statements = {
        "data": f"UPDATE {table}_data SET block = zeroblob(length(block)) WHERE id >= {place}"
        f" AND id < {place + (1 << 31)}",
        "idx": f"UPDATE {table}_idx SET pgno = pgno + 2 WHERE segid = {first}",
        "structure": f"UPDATE {table}_data SET block = block || x'00' WHERE id = 10",
        "config": f"UPDATE {table}_config SET v = 3 WHERE k = 'automerge'",
        "gone": f"DELETE FROM segments WHERE source = '{table}' AND segment = {first}",
    }
    assert db.execute(statements[of]).rowcount
    assert segments.changed_tables(db) == [table]
    assert segments.changed_tables(db, roots_only=True) == (
        [] if of in ("data", "idx") else [table]
    )
    if of == "data":
        put(db, 3)
        segments.settle(db)
        assert segments.changed_tables(db) == [table]


def test_a_damaged_segment_is_not_merged_into_a_sound_one(db):
    put(db, 1, 3000)
    segments.settle(db)
    (first,) = numbers(db)
    db.execute(
        "UPDATE passages_fts_data SET block = zeroblob(length(block)) WHERE id = ?",
        ((first << 37) + 2,),
    )
    for number in range(2, segments.FULL):
        put(db, number, 3000)
        segments.settle(db)
    put(db, segments.FULL, 3000)
    with pytest.raises(IndexDamaged, match="doctor"):
        segments.settle(db)


def test_a_structure_that_is_none_is_damage(db):
    for block in (b"", b"\0\0\0\0\x05\x05", b"\0\0\0\0\xff\xff"):
        db.execute("UPDATE passages_fts_data SET block = ? WHERE id = 10", (block,))
        with pytest.raises(IndexDamaged, match="doctor"):
            segments.levels_of(db, "passages_fts")


def test_a_merge_that_fts5_had_begun_is_brought_to_its_end(db):
    """As in an index of an older release, where FTS5 merged by small steps."""
    for number in range(1, 6):
        put(db, number, 30_000)
        segments._flush(db)
    db.execute("INSERT INTO passages_fts (passages_fts, rank) VALUES ('merge', 1)")
    segments.leave_merging_to_us(db)
    db.execute("DELETE FROM segments")
    for number in range(6, 20):
        put(db, number)
        segments.settle(db)
        assert segments.changed_tables(db) == []
