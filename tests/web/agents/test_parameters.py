"""What a model gives as arguments: checked, and refused in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import QueryError
from search.query.parser import _OPERATORS, parse
from web.agents.parameters import Number, Text, checked, schema_of
from web.agents.tools import TOOLS

PARAMETERS = (
    Text("question", "The question."),
    Text("sort", "The order.", "relevance", ("relevance", "newest")),
    Number("limit", "The most.", 5, range(1, 11)),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats()
LEAVES |= st.sampled_from(["", " ", "7", "٧", "99", "newest", "w\x00", "x" * 99])
JSON = LEAVES | st.lists(LEAVES, max_size=2)


def test_defaults_and_numbers_as_texts():
    assert checked(PARAMETERS, {"question": "w", "limit": "7", "sort": None}) == {
        "question": "w",
        "limit": 7,
        "sort": "relevance",
    }
    assert checked(PARAMETERS, {"question": 2024})["question"] == "2024"


@pytest.mark.parametrize(
    ("given_values", "says"),
    [
        ({}, "Give question: The question."),
        ({"question": "  "}, "question must be a text that is not empty."),
        ({"question": ["w"]}, "question must be a text"),
        ({"question": "w", "limit": 11}, "a whole number from 1 to 10."),
        ({"question": "w", "limit": 2.5}, "a whole number from 1 to 10."),
        ({"question": "w", "limit": True}, "a whole number from 1 to 10."),
        ({"question": "w", "sort": "oldest"}, "one of: relevance, newest."),
        ({"q": "w"}, "no parameter 'q'; there are: question, sort, limit."),
    ],
)
def test_what_is_wrong_is_named(given_values, says):
    with pytest.raises(QueryError) as caught:
        checked(PARAMETERS, given_values)
    assert says in str(caught.value)


@given(st.dictionaries(st.sampled_from(["question", "limit", "sort", "x"]), JSON))
def test_whatever_is_given_is_checked_or_refused(values):
    try:
        found = checked(PARAMETERS, values)
    except QueryError:
        assert values != {"question": "w"}
    else:
        assert found["limit"] in range(1, 11)
        assert found["sort"] in ("relevance", "newest")
        assert found["question"].strip()


def test_the_schema_says_what_is_checked():
    schema = schema_of(PARAMETERS)
    assert schema["required"] == ["question"]
    assert schema["properties"]["limit"] == {
        "type": "integer",
        "description": "The most.",
        "minimum": 1,
        "maximum": 10,
        "default": 5,
    }
    assert schema["additionalProperties"] is False


def test_the_operators_that_a_question_may_hold_are_told():
    question = next(one for one in TOOLS if one.name == "search").parameters[0]
    told = question.about.partition(": ")[2].rstrip(".").split(", ")
    named = {one.partition(":")[0] for one in told if ":" in one}
    assert named == _OPERATORS
    for one in told:
        assert ":" not in parse(f"bread {one}").text
    assert "-without" in told
    assert '"exact words"' in told
