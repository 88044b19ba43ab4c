"""What the sample archive's judged queries are answered like, held against floors that only rise."""

from __future__ import annotations

import json

import pytest

from tests.quality.measured import FLOORS, index_sample, measure
from tests.quality.repin import repinned


@pytest.fixture(scope="module")
def engine(tmp_path_factory, real_embedder):
    return index_sample(tmp_path_factory.mktemp("sample") / "index", real_embedder)


def test_no_figure_is_below_its_floor(engine):
    """Where one is: find out why. Where they rose: make repin."""
    floors = json.loads(FLOORS.read_text("utf-8"))["floors"]
    measured = measure(engine)
    assert floors.keys() == measured.keys()
    assert {name: value for name, value in measured.items() if value < floors[name]} == {}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sourdugh starter temprature", "sourdough starter temperature"),
        ("bicyle gear ratoi for a steep hill", "bicycle gear ratio for a steep hill"),
        ("throwing away outliers from a jumpy sensor", None),
        ("which mortgage is cheaper, fixed or variable?", None),
        ("history of the Ottoman navy", None),
    ],
)
def test_slips_are_mended_and_words_that_are_not_held_stay(engine, typed, meant):
    assert engine.search(typed).corrected == meant


def test_a_floor_rises_by_itself_and_sinks_only_with_a_reason_that_is_kept():
    known = {"floors": {"one": 0.9, "two": 0.8}, "lowered": []}
    assert repinned(known, {"one": 0.977, "two": 0.82}, reason="", day="") == {
        "floors": {"one": 0.95, "two": 0.8},
        "lowered": [],
    }
    for worse in ({"one": 0.95, "two": 0.81}, {"one": 0.95}):
        with pytest.raises(ValueError, match=r"two 0\.8"):
            repinned(known, worse, reason=" ", day="")
    lowered = repinned(known, {"one": 0.92, "two": 0.72}, reason="a harder set", day="2026-11-24")
    assert lowered["floors"]["two"] == 0.7
    assert lowered["lowered"] == [
        {"day": "2026-11-24", "reason": "a harder set", "from_to": {"two": [0.8, 0.7]}}
    ]
    assert repinned(lowered, {"one": 1, "two": 1}, reason="", day="")["lowered"] == lowered["lowered"]


def test_a_word_of_the_link_page_finds_what_cannot_be_reached(engine):
    hits = [hit for hit in engine.search("link page note example", limit=100).hits if hit.evidence == "link"]
    assert hits
    for hit in hits:
        assert hit.note is not None
        assert hit.note.noted is not None
        again = engine.search(hit.note.text[:200], limit=5).hits
        assert hit.url in [found.url for found in again]
