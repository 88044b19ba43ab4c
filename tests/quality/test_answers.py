"""What the sample archive's judged queries are answered like, held against floors that
only rise."""

from __future__ import annotations

import json
import re

import pytest

from search.query.spelling_lookup import Respelt, respelt
from search.types import Filters
from tests.quality.measured import FLOORS, HERE, SAMPLE, index_sample, measure
from tests.quality.repin import repinned
from tests.quality.slips import NAMES, with_slips


@pytest.fixture(scope="module")
def engine(tmp_path_factory, real_embedder):
    return index_sample(tmp_path_factory.mktemp("sample") / "index", real_embedder)


MISSPELT = ["sourdugh starter temprature", "bicyle gear ratoi for a steep hill"]


def questions():
    lines = (HERE / "sample_queries.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["query"] for line in lines]


def test_no_figure_is_below_its_floor(engine):
    """Where one is: find out why. Where they rose: make repin."""
    floors = json.loads(FLOORS.read_text("utf-8"))["floors"]
    measured = measure(engine)
    assert floors.keys() == measured.keys()
    assert {
        name: value for name, value in measured.items() if value < floors[name]
    } == {}


@pytest.mark.parametrize(
    ("post", "best"),
    [
        ("notebook/posts/bakers-percentages.html", {"Weighing loaves while they bake"}),
        ("notebook/posts/starter-at-26-degrees.html",
         {"Baker's percentages, and the flour hiding in the starter"}),
        ("kettle-hill/2022/the-job-that-ran-twice.html", {"The order book is a file"}),
        ("kettle-hill/2023/perseids-from-the-car-park.html",
         {"club's equipment page", "Lining up the mirrors of a Dobsonian"}),
    ],
)  # fmt: skip
def test_what_is_related_to_a_post_comes_first(engine, post, best):
    found = engine.related((SAMPLE / post).as_uri())
    assert {hit.title for hit in found.hits[: len(best)]} == best
    assert all(hit.url != found.url for hit in found.hits)


def test_a_pasted_text_of_two_subjects_finds_both(engine):
    rye = "The crumb of my rye loaf is gummy although it was baked for an hour. " * 20
    stars = (
        "In August we lie on our backs in a dark field and count meteors till the moon rises. "
        * 20
    )
    titles = [hit.title for hit in engine.similar(rye + stars).hits[:3]]
    assert {
        "Rye is not a kind of wheat",
        "The Perseids from the cricket club car park",
    } <= set(titles)
    assert (
        engine.similar("Quarterly tax returns of limited companies in Luxembourg").hits
        == ()
    )


@pytest.fixture(scope="module")
def spell(engine, real_embedder):
    def ask(question):
        # A snapshot a question: a thread holds one, and the engine needs it next.
        with engine._index.snapshot() as index:
            return respelt(question, Filters(), index, embedder=real_embedder)

    return ask


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sourdugh starter temprature", "sourdough starter temperature"),
        ("bicyle gear ratoi for a steep hill", "bicycle gear ratio for a steep hill"),
        ("telescpe miror", "telescope mirror"),
    ],
)
def test_slips_are_mended(engine, typed, meant):
    answer = engine.search(typed)
    assert answer.corrected == meant
    assert answer.confident


def test_most_slips_are_mended_or_offered_and_hardly_one_wrongly(engine, spell):
    posts = SAMPLE.rglob("*.html")
    known = set(re.findall(r"[a-z]+", " ".join(p.read_text("utf-8") for p in posts)))
    mended = made = wrong = 0
    for question in questions():
        if question in MISSPELT:
            continue
        for count in (1, 2, 3):
            typed, slips = with_slips(question, count, known)
            found = spell(typed)
            made += len(slips)
            text = found.suggested or found.corrected or typed
            mended += sum(slip not in text for slip in slips)
            right = f"{question} {typed}".split()
            wrong += sum(word not in right for word in text.split())
    assert made >= 150
    assert mended / made >= 0.5
    assert wrong / made <= 0.03


def test_right_words_and_names_stay(spell):
    changed = [one for one in questions() if spell(one).corrected]
    assert changed == MISSPELT
    offered = [one for one in questions() if spell(one).suggested]
    assert len(offered) <= 2, offered
    frames = ("who is {}", "how to use {} at home", "{}")
    named = [frame.format(name.strip()) for name in NAMES for frame in frames]
    assert [one for one in named if spell(one) != Respelt()] == []
    for question in (
        "throwing away outliers from a jumpy sensor",
        "which mortgage is cheaper, fixed or variable?",
        "history of the Ottoman navy",
        "comment nourrir un levain de seigle",
        "wie lange reift der Sauerteig",
        "酸面团的温度",
    ):
        assert spell(question).corrected is None


def test_a_floor_rises_by_itself_and_sinks_only_with_a_reason_that_is_kept():
    known = {"floors": {"one": 0.9, "two": 0.8}, "lowered": []}
    assert repinned(known, {"one": 0.977, "two": 0.82}, reason="", day="") == {
        "floors": {"one": 0.95, "two": 0.8},
        "lowered": [],
    }
    for worse in ({"one": 0.95, "two": 0.81}, {"one": 0.95}):
        with pytest.raises(ValueError, match=r"two 0\.8"):
            repinned(known, worse, reason=" ", day="")
    lowered = repinned(
        known, {"one": 0.92, "two": 0.72}, reason="a harder set", day="2026-11-24"
    )
    assert lowered["floors"]["two"] == 0.7
    assert lowered["lowered"] == [
        {"day": "2026-11-24", "reason": "a harder set", "from_to": {"two": [0.8, 0.7]}}
    ]
    assert (
        repinned(lowered, {"one": 1, "two": 1}, reason="", day="")["lowered"]
        == lowered["lowered"]
    )


def test_a_word_of_the_link_page_finds_what_cannot_be_reached(engine):
    hits = [
        hit
        for hit in engine.search("link page note example", limit=100).hits
        if hit.evidence == "link"
    ]
    assert hits
    for hit in hits:
        assert hit.note is not None
        assert hit.note.noted is not None
        again = engine.search(hit.note.text[:200], limit=5).hits
        assert hit.url in [found.url for found in again]
