"""Typing slips: what is mended by a small vocabulary, and what is left alone whatever
is near."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from search.query.parser import plain_parts
from search.query.spelling import (
    LONG_ALONE,
    LONG_FOR_TWO,
    LOOKED_AT,
    MOST_UNKNOWN,
    SHORTEST,
    Lexicon,
    mended,
    nearest,
    slips,
)

ARTICLES = {
    "sourdough": 9, "starter": 7, "temperature": 5, "machine": 4, "learning": 8, "regular": 3,
    "attention": 40, "attentions": 2,
    "telescope": 1, "mirror": 2, "mail": 3, "male": 1, "python": 6, "kettle": 1, "bread": 9,
    "bäckerei": 3, "привет": 4, "corrects": 5,
}  # fmt: skip


def lexicon(counts=ARTICLES, *, supported=None, adjoining=(("machine", "learning"),)):
    """One in which every word is supported, or by so much as ``supported`` says."""
    return Lexicon(
        knows=counts.__contains__,
        like=lambda word: counts,
        supports=lambda word: 1 if supported is None else supported(word),
        adjoins=lambda first, second: (first, second) in adjoining,
    )


def asked(question, words=None):
    """The question as it is mended, None where it stays."""
    text, parts = plain_parts(question)
    found = mended(text, parts, slips(text, parts, words or lexicon()))
    return None if found == text else found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sourdugh starter temprature", "sourdough starter temperature"),
        ("Sourdugh, (satrter) atention?", "Sourdough, (starter) attention?"),
        ("l'atention self-atention", "l'attention self-attention"),
        ("bakceri bäckrei", "bakceri bäckerei"),
        ("прветик првиет", "прветик привет"),
        ("machinelearning bread", "machine learning bread"),
        ("ytohn pytohn ypthon", "ytohn python python"),
        ("temprature \"exact temprature\" -temprature", "temperature \"exact temprature\" -temprature"),
    ],
)  # fmt: skip
def test_a_slip_is_asked(typed, meant):
    assert asked(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "attention", "bread and mirror", "irregular", "BRED", "pythOn3", "bread2 bred2", "att_ention",
        "--kettel",
        "\\kettel", "#kettel", ".kettel", "torch.atention", "1.24.1", "C++ kettelC++", "site:kettel",
        "author:kettel",
        "author:\"bread kettel\"", "\"kettel\"", "-kettel", "foo:kettel", "a/kettel", "注意atention",
        "kettel@host",
        "KettelBread", "mal", "correction", "http://kettel/", "lang:en kettle",
    ],
)  # fmt: skip
def test_what_is_meant_as_typed_stays(typed):
    assert asked(typed) is None


def test_two_edits_need_a_long_word_and_support():
    assert asked("tempratur") == "temperature"
    assert asked("tempratur", lexicon(supported=lambda word: 0)) is None
    assert asked("tempratur", lexicon(supported=lambda word: None)) is None
    assert asked("mirrrorr") is None


def test_a_shorter_word_needs_support_and_alone_must_be_frequent():
    for support, alone in ((0, None), (None, "python")):
        assert asked("pyhton", lexicon(supported=lambda word, by=support: by)) == alone
    assert asked("kettel", lexicon(supported=lambda word: None)) is None
    assert asked("mial", lexicon(supported=lambda word: None)) is None
    assert asked("mial") == "mail"
    assert asked("sourdugh", lexicon(supported=lambda word: None)) == "sourdough"
    assert asked("temprature", lexicon(supported=lambda word: 0)) == "temperature"


def test_among_equally_near_words_the_supported_then_the_more_frequent_is_meant():
    counts = {"stone": 9, "stole": 5, "stove": 2, "store": 1}
    assert asked("stoqe", lexicon(counts)) == "stone"
    assert (
        asked(
            "stoqe", lexicon(counts, supported=lambda word: 4 if word == "stole" else 1)
        )
        == "stole"
    )
    assert (
        asked("stoqe", lexicon(counts, supported=lambda word: int(word == "store")))
        is None
    )
    assert LOOKED_AT == 3


def test_another_ending_of_a_short_word_is_no_slip():
    counts = {"jumps": 9, "jump": 9, "ratio": 3, "transforms": 2}
    assert asked("jumpy", lexicon(counts)) is None
    assert asked("ratoi transformz", lexicon(counts)) == "ratio transforms"


def test_a_question_full_of_unknown_words_is_left_alone():
    slips = ["sourdugh", "strater", "mirorr", "pyhton", "kettel", "braed"]
    assert asked(" ".join(slips[:MOST_UNKNOWN])) is not None
    assert asked(" ".join(slips[: MOST_UNKNOWN + 1])) is None
    assert asked(" ".join(["pyhton"] * 9)) == " ".join(["python"] * 9)


WORDS = st.text("abcdeäö", min_size=SHORTEST, max_size=12)


@given(WORDS, st.dictionaries(WORDS, st.integers(1, 99), max_size=40))
def test_the_nearest_are_those_of_least_distance_most_frequent_first(word, counts):
    distance, words = nearest(word, counts)
    limit = 2 if len(word) >= LONG_FOR_TWO else 1
    allowed = {
        other: OSA.distance(word, other)
        for other in counts
        if (word[0] == other[0] or word[:2] == other[1::-1])
        and not (
            OSA.distance(word, other) == 2
            and (word.startswith(other) or other.startswith(word))
        )
        and (
            len(word) >= LONG_ALONE
            or word[-1] == other[-1]
            or word[-2:] == other[-1] + other[-2]
        )
    }
    least = min(allowed.values(), default=99)
    assert set(words) == (
        {other for other, d in allowed.items() if d == least}
        if least <= limit
        else set()
    )
    assert [counts[other] for other in words] == sorted(
        (counts[other] for other in words), reverse=True
    )
    assert distance == (least if words else 0)


PIECES = st.sampled_from(
    [*ARTICLES, "kettel", "Sourdugh", "tempratur", "\"bread mirorr\"", "-kettel", "site:kettel.example",
     "C++", "1.24.1", "as_strided", "注意", "ATENTION", "pytohn,", "—", "“", "machinelearning", "e\u0301te"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=9).map(" ".join))
def test_only_unknown_words_of_letters_change_and_mending_twice_changes_nothing(
    question,
):
    plain, once = plain_parts(question)[0], asked(question)
    if once is None:
        return
    kept = [
        w
        for w in re.findall(r"\S+", plain)
        if re.search(r"[\d_\"]|\w:\w", w) or w.isupper()
    ]
    assert [w for w in re.findall(r"\S+", once) if w in kept] == kept
    assert asked(once) is None


@given(st.text(max_size=60))
def test_any_text_is_read_and_its_parts_stand_in_it(text):
    plain, parts = plain_parts(text)
    assert all(plain[start:end] and '"' not in plain[start:end] for start, end in parts)
    asked(text)
