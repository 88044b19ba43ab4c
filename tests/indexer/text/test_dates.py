"""Dates in headings, beside links, in pages and in addresses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text import month_names
from indexer.text.dates import (
    date_in_path,
    find_date,
    find_year,
    first_date,
    is_only_date,
    leading_date,
    machine_date,
)
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
    assert find_date(text) == AUGUST_3


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
    assert find_date(text) == day


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
    assert find_date(text) is None
    assert not is_only_date(text)


def test_the_year_of_a_heading_above_completes_a_day():
    assert find_year("2023") == 2023
    assert find_year("In 2023") is None
    assert (
        find_date("3 August", year=2023)
        == find_date("August 3rd", year=2023)
        == AUGUST_3
    )
    assert find_date("August", year=2023) == date(2023, 8, 31)
    assert find_date("Week 32", year=2023) == date(2023, 8, 13)
    assert find_date("Not August alone", year=2023) is None


def test_lines_that_begin_with_a_day_and_lines_that_are_one():
    assert leading_date("[2023-08-03] read it") == AUGUST_3
    assert leading_date("read it on 2023-08-03") is None
    assert is_only_date("Week of Aug 3rd, 2023")
    assert not is_only_date("3 August 2023: a day to remember")


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%d.%m.%Y"]),
)
def test_every_day_in_every_usual_shape(day, shape):
    assert find_date(day.strftime(shape)) == day


@pytest.mark.parametrize("name", sorted(month_names.NAMES))
def test_a_months_name_means_the_same_in_a_note_and_on_a_page(name):
    day = date(2023, month_names.month_of(name), 3)
    for text in (f"3 {name} 2023", f"3. {name.title()}. 2023", f"3 de {name} de 2023"):
        assert find_date(text) == first_date(text) == day
    # Of one Greek letter with two marks there is no capital.
    has_capitals = len(name.upper()) == len(name)
    if name not in month_names.ALSO_WORDS and has_capitals:
        text = f"{name.upper()} 3, 2023"
        assert find_date(text) == first_date(text) == day


@pytest.mark.parametrize(
    "text", ["data set 2023", "it ran out 2023", "long ago 2023", "a Mag 2023"]
)
def test_short_forms_that_are_words_besides(text):
    assert find_date(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Posted on August 3, 2023 by Ann", AUGUST_3),
        ("发表于2023年8月3日", AUGUST_3),
        ("2023 / 08 / 03", AUGUST_3),
        ("1 3 sierpnia 2023 r.", AUGUST_3),
        ("3 августа 2023 г.", AUGUST_3),
        ("3 August 2023, updated 5 August 2023", AUGUST_3),
        ("August 2023", None),
        ("31 June 2023", None),
        ("1 January 1900", None),
        ("x" * 300 + "3 August 2023", None),
    ],
)
def test_the_first_whole_date_on_a_page(text, day):
    assert first_date(text) == day


def test_no_page_is_of_the_future():
    today = date.today()
    assert first_date(f"{today + timedelta(days=1)}") == today + timedelta(days=1)
    assert first_date(f"{today + timedelta(days=2)}") is None
    assert machine_date(f"{today + timedelta(days=2)}T10:00:00Z") is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-08-03T23:30:00-07:00", AUGUST_3),
        (" 20230803T101500Z ", AUGUST_3),
        ("20230803", AUGUST_3),
        ("on 2023-08-03", None),
        ("202308031015", None),
    ],
)
def test_machine_readable_dates(text, day):
    assert machine_date(text) == day


def test_the_date_in_an_address():
    assert date_in_path("/blog/2023/08/03/a-post/") == AUGUST_3
    assert date_in_path("/2023-08-03-a-post.html") == AUGUST_3
    assert date_in_path("/2023/08/a-post/") is None
