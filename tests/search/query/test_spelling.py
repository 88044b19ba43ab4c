"""Decisions on typing slips by a small vocabulary: what is asked, offered and left."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query.spelling import TIMES_RARE, meant

ARTICLES = {
    "sourdough": 9, "starter": 7, "temperature": 5, "learning": 8, "attention": 40,
    "transformer": 30, "mechanism": 25, "python": 6, "mirror": 2, "bread": 9,
    "stove": 5, "stone": 5,
}  # fmt: skip


class Words:
    """A lexicon of so many articles by word; ``rare`` words stand in few of them."""

    articles = 100

    def __init__(self, counts=ARTICLES, *, rare=None, lifts=None, pairs=()):
        self.counts, self.rare, self.pairs = counts, rare or {}, pairs
        self.lift_of, self.asked = lifts or {}, []

    def doubtful(self, words):
        return {one: self.rare.get(one, 0) for one in words if one not in self.counts}

    def like(self, word):
        return self.counts

    def lifts(self, words, besides):
        self.asked.append(besides)
        if besides in self.lift_of:
            return dict.fromkeys(words, self.lift_of[besides])
        if self.lift_of.keys().isdisjoint(words):
            return None
        return {one: self.lift_of.get(one, 1) for one in words}

    def is_joined(self, first, second):
        return (first, second) in self.pairs

    def parted(self, word):
        found = (f"{one} {two}" for one, two in self.pairs if one + two == word)
        return next(found, None)


def read(question, lexicon=None):
    words = question.split()
    pairs = list(pairwise(words))
    return meant(words, pairs, lexicon or Words())


def test_every_slip_of_a_question_is_mended():
    assert read("tranformer atention mechansim sourdugh temprature") == (
        {
            "tranformer": "transformer",
            "atention": "attention",
            "mechansim": "mechanism",
            "sourdugh": "sourdough",
            "temprature": "temperature",
        },
        {},
    )


def test_a_word_that_is_not_sure_is_offered_and_an_unlikely_one_left():
    assert read("bruad") == ({}, {"bruad": "bread"})
    assert read("mirxor") == ({}, {})


def test_the_rest_of_the_question_tells():
    assert read("stoqe", Words(lifts={"stove": 90})) == ({"stoqe": "stove"}, {})
    assert read("stoqe", Words(lifts={"stone": 90})) == ({"stoqe": "stone"}, {})
    against = Words(lifts={"attention": 0.001})
    assert read("atention", against) == ({}, {})


def test_what_is_sure_supports_other_words():
    lexicon = Words(lifts={("attention",): 20})
    assert read("bruad atention", lexicon).sure == {
        "atention": "attention",
        "bruad": "bread",
    }
    assert lexicon.asked[0] == ()
    assert ("attention",) in lexicon.asked


def test_a_rare_word_is_asked_and_a_far_commoner_neighbour_offered():
    few = 30 // TIMES_RARE
    assert read("tranformer", Words(rare={"tranformer": few})) == (
        {},
        {"tranformer": "transformer"},
    )
    assert read("tranformer", Words(rare={"tranformer": few + 1})) == ({}, {})
    # its plural is no other word
    assert read("transformers", Words(rare={"transformers": 1})) == ({}, {})


def test_who_slips_once_slips_twice():
    rare = {"tranformer": 1}
    assert read("tranformer atention", Words(rare=rare)) == (
        {"tranformer": "transformer", "atention": "attention"},
        {},
    )


def test_a_word_that_stands_in_the_question_is_not_meant_twice():
    counts = {"exploration": 90, "exploitation": 90}
    assert read("explortation exploitation", Words(counts)).sure == {
        "explortation": "exploration"
    }


@pytest.mark.parametrize("question", ["machinelearning bread", "bread machinelearning"])
def test_words_that_were_run_together_are_parted(question):
    lexicon = Words(pairs=[("machine", "learning")])
    assert read(question, lexicon).sure == {"machinelearning": "machine learning"}


def test_a_word_that_was_typed_as_two_is_joined():
    lexicon = Words({"reinforce": 5, "meant": 50}, pairs=[("reinforce", "ment")])
    assert read("reinforce ment", lexicon) == ({"reinforce ment": "reinforcement"}, {})


PIECES = st.sampled_from(
    [*ARTICLES, "kettel", "sourdugh", "tempratur", "mirorr", "pytohn"]
)


@given(st.lists(PIECES, max_size=9))
def test_no_word_is_both_asked_and_offered_and_known_ones_stay(question):
    found = read(" ".join(question))
    assert not found.sure.keys() & found.likely.keys()
    assert not (found.sure.keys() | found.likely.keys()) & ARTICLES.keys()
