"""Standing questions as values: their names, and what is noted once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import IndexDamaged, QuestionRefused, QuestionUnknown
from search.index.stored_standing import standing_of, stored_standing
from search.standing import (
    LONGEST_NAME,
    MOST_NOTED,
    MOST_QUESTIONS,
    Noted,
    Standing,
    StandingQuestion,
    is_name,
    name_for,
    require_name,
)

BREAD = StandingQuestion("bread", "how does bread rise?", upto=3, seen=("a",))


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("How does Bread rise?", "how-does-bread-rise"),
        ('site:a.example "cold room" -wheat', "site-a-example-cold-room-wheat"),
        ("C++ / C#", "c-c"),
        ("Größe & Öfen", "grösse-öfen"),
        ("梯度下降", "梯度下降"),
        ("word " * 40, "-".join(["word"] * 12)),
        ("x" * 200, "x" * LONGEST_NAME),
    ],
)
def test_a_name_is_made_of_the_question(question, name):
    assert name_for(question) == name


@given(st.text(max_size=80))
def test_what_is_made_of_any_question_is_a_name(question):
    if any(letter.isalnum() for letter in question):
        assert is_name(name_for(question))
    else:
        with pytest.raises(QuestionRefused, match="--name"):
            name_for(question)


@pytest.mark.parametrize(
    "text", ["", "A", "a b", "a/b", "a.atom", "-a", "a" * 61, "a_b"]
)
def test_what_is_no_name_is_refused_in_a_sentence(text):
    with pytest.raises(QuestionRefused, match="small letters"):
        require_name(text)
    with pytest.raises(ValueError, match="not a name"):
        StandingQuestion(text, "q")


def test_a_name_is_given_once_and_questions_are_bounded():
    known = Standing().with_question(BREAD)
    with pytest.raises(QuestionRefused, match="--name"):
        known.with_question(BREAD)
    assert known.without("bread") == Standing()
    with pytest.raises(QuestionUnknown, match="watch list"):
        known.without("rye")
    for number in range(MOST_QUESTIONS - 1):
        known = known.with_question(StandingQuestion(f"q{number}", "q"))
    with pytest.raises(QuestionRefused, match="at most"):
        known.with_question(StandingQuestion("last", "q"))


def test_what_was_seen_is_not_noted_again():
    known = Standing((BREAD,)).with_noted(
        "bread", {"a": 9, "b": 4, "c": 5}, upto=9, at="t"
    )
    (found,) = known.questions
    assert found.noted == (Noted(2, 5, "t"), Noted(1, 4, "t"))
    assert (found.upto, found.seen, known.given) == (9, ("b", "c", "a"), 2)
    # Neither twice, nor of a question that is gone, nor backwards.
    assert known.with_noted("bread", {"d": 7}, upto=9, at="u") == known
    assert known.with_noted("rye", {"d": 17}, upto=19, at="u") == known
    later = known.with_noted("bread", {"b": 12, "d": 11}, upto=12, at="u")
    assert [one.number for one in later.questions[0].noted] == [3, 2, 1]


def test_the_last_ones_noted_are_kept():
    many = {str(number): number for number in range(4, MOST_NOTED + 10)}
    known = Standing((BREAD,)).with_noted("bread", many, upto=999, at="t")
    noted = known.questions[0].noted
    assert len(noted) == MOST_NOTED
    assert noted[0] == Noted(known.given, MOST_NOTED + 9, "t")


def test_a_copy_with_other_ids_has_the_same_questions():
    known = Standing((BREAD,)).with_noted("bread", {"b": 4, "c": 5}, upto=9, at="t")
    (copied,) = known.renumbered({4: 1}, {9: 2}).questions
    assert copied.noted == (Noted(1, 1, "t"),)
    assert (copied.upto, copied.seen) == (2, ("b", "c", "a"))


def test_what_was_stored_is_read_again_and_damage_is_told():
    known = Standing((BREAD,)).with_noted("bread", {"b": 4}, upto=9, at="t")
    assert standing_of(stored_standing(known)) == known
    assert standing_of(None) == Standing()
    values = json.loads(stored_standing(known))
    for damaged in (
        "x",
        "[]",
        json.dumps(values | {"questions": 3}),
        json.dumps(values | {"given": "1"}),
        json.dumps(values | {"questions": [values["questions"][0] | {"seen": [1]}]}),
        json.dumps(values | {"questions": [values["questions"][0] | {"name": "A b"}]}),
    ):
        with pytest.raises(IndexDamaged, match="doctor"):
            standing_of(damaged)
