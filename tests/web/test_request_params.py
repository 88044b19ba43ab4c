from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.errors import QueryError
from search.types import Filters
from tests.torture.scale import rounds
from web.request_params import Question, api_question, page_question

NAMES = [
    "q",
    "limit",
    "offset",
    "site",
    "author",
    "after",
    "before",
    "sort",
    "year",
    "page",
    "exact",
]
VALUES = st.one_of(
    st.text(),
    st.integers().map(str),
    st.sampled_from(["newest", "2024-02", "2024-02-30", "0001"]),
)


def test_only_q_is_needed():
    assert api_question({"q": "a word"}) == Question(
        "a word", Filters(), "relevance", 10, 0
    )


def test_everything_the_api_knows():
    args = {
        "q": "w",
        "limit": "100",
        "offset": "10000",
        "site": " s ",
        "author": "a",
        "sort": "newest",
        "evidence": "summary",
    }
    filters = Filters("s", "a", date(2023, 1, 1), date(2024, 1, 31), "de", "summary")
    assert api_question(
        {**args, "after": "2023", "before": "2024-02", "lang": "German"}
    ) == Question("w", filters, "newest", 100, 10_000)


@pytest.mark.parametrize(
    ("args", "word"),
    [
        ({}, "q"),
        ({"q": "w", "limit": "0"}, "limit must be a whole number between 1 and 100"),
        ({"q": "w", "limit": "101"}, "limit"),
        ({"q": "w", "evidence": "book"}, "article, summary or link"),
        ({"q": "w", "limit": "ten"}, "limit"),
        ({"q": "w", "limit": "٣"}, "limit"),
        ({"q": "w", "limit": "1" * 5000}, "limit"),
        ({"q": "w", "offset": "-1"}, "offset"),
        (
            {"q": "w", "offset": "10001"},
            "offset must be a whole number between 0 and 10,000",
        ),
        ({"q": "w", "exact": "yes"}, "exact must be a whole number between 0 and 1"),
        ({"q": "w", "sort": "oldest"}, "sort must be relevance or newest"),
        ({"q": "w", "site": "x" * 201}, "site is longer"),
        ({"q": "w", "author": "a\0b"}, "author holds control characters"),
    ],
)
def test_a_bad_parameter_is_named(args, word):
    with pytest.raises(QueryError, match=word) as caught:
        api_question(args)
    assert caught.value.code == "bad-parameter"


@pytest.mark.parametrize("args", [{"after": "yesterday"}, {"before": "2024-13"}])
def test_a_day_that_is_none_is_named(args):
    with pytest.raises(
        QueryError, match=r"is no date; write a year, a month or a day"
    ) as caught:
        api_question({"q": "w", **args})
    assert caught.value.code == "bad-date"


def test_the_page_counts_in_years_and_pages():
    asked = page_question({"q": "w", "year": "2024", "page": "3", "site": "s"})
    assert asked == Question(
        "w", Filters("s", "", date(2024, 1, 1), date(2024, 12, 31)), "relevance", 10, 20
    )


@pytest.mark.parametrize(("value", "exact"), [("1", True), ("0", False), ("", False)])
def test_exact_is_a_switch_for_both(value, exact):
    assert api_question({"q": "w", "exact": value}).exact is exact
    assert page_question({"q": "w", "exact": value}).exact is exact


@pytest.mark.parametrize(
    "args", [{"page": "0"}, {"page": "1002"}, {"year": "1969"}, {"year": "10000"}]
)
def test_the_page_has_bounds(args):
    with pytest.raises(QueryError, match=next(iter(args))):
        page_question({"q": "w", **args})


@settings(max_examples=rounds(150, 1000), deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_anything_gives_a_question_or_a_sentence(args):
    for read in (api_question, page_question):
        try:
            asked = read(args)
        except QueryError as error:
            assert str(error).endswith(".")  # noqa: PT017  # both outcomes are right, this holds for one
        else:
            assert 1 <= asked.limit <= 100
            assert 0 <= asked.offset <= 10_000
