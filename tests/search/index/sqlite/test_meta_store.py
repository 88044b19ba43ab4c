"""The coverage report beside the manifest."""

from __future__ import annotations

import json
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.coverage_report import Coverage, NotWhole
from search.errors import IndexDamaged
from search.index.sqlite import schema
from search.index.sqlite.meta_store import (
    read_coverage,
    read_manifest,
    write_coverage,
    write_manifest,
)
from search.manifest import Manifest
from tests.torture.scale import rounds

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
gaps = st.builds(
    NotWhole, words, words, st.sampled_from(["summary", "link", "nothing"]), words
)


@st.composite
def reports(draw):
    sums = {
        name: draw(st.integers(0, 9))
        for name in ("article", "summary", "link", "missing", "same")
    }
    return Coverage(
        draw(words), draw(st.sampled_from(["feed", "linkpage", "article"])), draw(words), draw(words),
        shown=draw(st.none() | st.integers(0, 99)),
        found=tuple(draw(st.dictionaries(words, st.integers(1, 99), max_size=3)).items()),
        search=draw(st.sampled_from(["none", "open", "over", "whole"])),
        known=sum(sums.values()), not_whole=tuple(draw(st.lists(gaps, max_size=3))), **sums,
    )  # fmt: skip


@pytest.fixture
def db():
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(db)
    yield db
    db.close()


@settings(max_examples=rounds(60, 1000), deadline=None)
@given(st.lists(reports(), max_size=3))
def test_what_is_written_is_read(written):
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(db)
    write_coverage(db, [Coverage("before", "feed")])
    write_coverage(db, written)
    assert read_coverage(db) == tuple(written)
    db.close()


def test_an_index_may_have_none(db):
    assert read_coverage(db) == ()


def test_a_field_of_a_newer_program_is_passed_over(db):
    write_coverage(db, [Coverage("u", "feed")])
    db.execute("UPDATE meta SET value = json_set(value, '$.sources[0].novel', 1)")
    assert read_coverage(db) == (Coverage("u", "feed"),)


@pytest.mark.parametrize(
    "value",
    ["", "[]", "{}", '{"sources": [{}]}', '{"sources": [1]}', '{"sources": null}',
     json.dumps({"sources": [{"source": "u", "kind": "feed", "found": [], "not_whole": []}]}),
     json.dumps({"sources": [{"source": "u", "kind": "feed", "found": {}, "not_whole": [{"url": "u"}]}]}),
     json.dumps({"sources": [{"source": "u", "kind": "feed", "found": {}, "not_whole": [], "known": 1}]})],
)  # fmt: skip
def test_a_report_that_cannot_be_read_are_damage(db, value):
    db.execute("INSERT INTO meta VALUES ('coverage', ?)", (value,))
    with pytest.raises(IndexDamaged, match="What the index says"):
        read_coverage(db)


def test_a_manifest_keeps_the_names_that_older_programs_stored(db):
    written = Manifest("m", "f", 64, 1, cosine_foreign=0.1, max_sim_own=0.7, passages=3)
    write_manifest(db, written)
    assert read_manifest(db) == written
    (text,) = db.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchone()
    stored = json.loads(text)
    assert (stored["foreign"], stored["own"]) == (0.1, 0.0)
    assert (stored["met"], stored["met_own"]) == (0.0, 0.7)
    db.execute("UPDATE meta SET value = json_set(value, '$.novel', 1)")
    assert read_manifest(db) == written
