"""Kinds of typing slips, and which words one slips from."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from search.query.slips import KINDS, LAST, base_odds, edits, is_form, near, odds_beside
from search.text.folding import fold


@pytest.mark.parametrize(
    ("typed", "meant", "kinds"),
    [
        ("mechansim", "mechanism", ("swap",)),
        ("acpture", "capture", ("swap",)),
        ("atention", "attention", ("double",)),
        ("calll", "call", ("double",)),
        ("tranformer", "transformer", ("drop",)),
        ("expersts", "experts", ("insert",)),
        ("seperate", "separate", ("vowel",)),
        ("capsure", "capture", ("mistake",)),
        ("practise", "practice", ("variant",)),
        ("optimise", "optimize", ("variant",)),
        ("reccurent", "recurrent", ("double", "double")),
        ("adversial", "adversarial", ("drop", "drop")),
        ("bakcerei", "bäckerei", ("swap",)),
        ("smorebrod", "smørrebrød", ("double",)),
        ("ouevre", "œuvre", ("swap",)),
        ("oeuvre", "œuvre", None),  # no slip
        ("bkaciere", "bäckerei", None),  # too far
        ("regular", "irregular", None),  # begins otherwise
        ("trained", "train", None),  # an ending
        ("salt", "salt", None),
    ],
)
def test_a_slip_has_its_kinds(typed, meant, kinds):
    assert near(typed, {meant: 1, "elsewhere": 1}).get(meant) == kinds


WORDS = st.text("abcdeäö", min_size=4, max_size=12)


@given(WORDS, st.dictionaries(WORDS, st.integers(1, 99), max_size=40))
def test_near_are_those_that_as_many_slips_make(word, counts):
    plain = fold(word)
    expected = {}
    for other in counts:
        distance = OSA.distance(plain, fold(other))
        is_part = plain.startswith(fold(other)) or fold(other).startswith(plain)
        begins_alike = fold(other)[:1] == plain[0] or plain[:2] == fold(other)[1::-1]
        if begins_alike and not (distance == 2 and is_part):
            expected[other] = distance
    limit = edits(word)
    found = {other: len(kinds) for other, kinds in near(word, counts).items()}
    assert found == {o: d for o, d in expected.items() if 0 < d <= limit}


def test_odds_rise_with_share_length_and_lift():
    def odds(word, other, share):
        (kinds,) = near(word, {other: 1}).values()
        return base_odds(word, other, kinds, share=share)

    assert odds("atention", "attention", 0.2) > odds("atention", "attention", 0.02)
    assert odds("atention", "attention", 0.2) > odds("caly", "cally", 0.2)
    assert odds("mechansim", "mechanism", 0.2) > odds("mechanisn", "mechanism", 0.2)
    assert odds("reccurent", "recurrent", 1) < odds("recurent", "recurrent", 0.001)
    assert odds_beside(1.0, 8.0) > odds_beside(1.0, 1.0) == 1.0 > odds_beside(1.0, None)


def test_another_last_letter_counts_less():
    given = base_odds("jumpy", "jumps", ("mistake",), share=math.e**-1)
    inside = base_odds("jomps", "jumps", ("mistake",), share=math.e**-1)
    assert math.isclose(inside - given, -LAST)
    assert KINDS["swap"] > KINDS["insert"]


def test_forms_of_a_word_differ_in_their_ending():
    assert is_form("jailbreaks", "jailbreak", ("insert",))
    assert is_form("fehler", "fehlern", ("drop",))
    assert not is_form("recurent", "recurrent", ("double",))
    assert not is_form("pictuer", "picture", ("swap",))
