"""Days in headings and beside links."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.dates import find_day, find_year, is_only_date, leading_day
from tests.torture.scale import rounds

AUGUST_3 = date(2023, 8, 3)


@pytest.mark.parametrize(
    "text",
    [
        "2023-08-03",
        "2023/08/03",
        "2023/8/3",
        "2023.08.03",
        "3 Aug 2023",
        "August 3, 2023",
        "Aug. 3rd, 2023",
        "3. August 2023",
        "03.08.2023",
        "3 août 2023",
        "3 de agosto de 2023",
        "2023年8月3日",
        "Thu, 03 Aug 2023 10:00:00 GMT",
        "2023-08-03T10:00:00Z",
        "Thursday, August 3 2023",
        "2023 Aug 3",
        "28 July - 3 August 2023",
        "July 28 – August 3, 2023",
        "1-3 August 2023",
        "August 1–3, 2023",
        "2023-07-28 to 2023-08-03",
        "Links for 3 Aug 2023",
    ],
)
def test_the_last_day_that_is_named(text):
    assert find_day(text) == AUGUST_3


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Week 32, 2023", date(2023, 8, 13)),
        ("2023-W32", date(2023, 8, 13)),
        ("KW 32 2023", date(2023, 8, 13)),
        ("February 2024", date(2024, 2, 29)),
        ("März 2023", date(2023, 3, 31)),
        ("2023-08", date(2023, 8, 31)),
        ("1er août 2023", date(2023, 8, 1)),
    ],
)
def test_weeks_and_months_end_on_their_last_day(text, day):
    assert find_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023",
        "Chapter 3",
        "May we go on?",
        "version 1.2.3",
        "March on",
        "99 2023-13-45",
        "10/2/3",
    ],
)
def test_what_names_no_day(text):
    assert find_day(text) is None
    assert not is_only_date(text)


def test_the_year_of_a_heading_above_completes_a_day():
    assert find_year("2023") == 2023
    assert find_year("In 2023") is None
    assert (
        find_day("3 August", year=2023) == find_day("August 3rd", year=2023) == AUGUST_3
    )
    assert find_day("August", year=2023) == date(2023, 8, 31)
    assert find_day("Week 32", year=2023) == date(2023, 8, 13)
    assert find_day("Not August alone", year=2023) is None


def test_lines_that_begin_with_a_day_and_lines_that_are_one():
    assert leading_day("[2023-08-03] read it") == AUGUST_3
    assert leading_day("read it on 2023-08-03") is None
    assert is_only_date("Week of Aug 3rd, 2023")
    assert not is_only_date("3 August 2023: a day to remember")


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%d.%m.%Y"]),
)
def test_every_day_in_every_usual_shape(day, shape):
    assert find_day(day.strftime(shape)) == day
