"""Counts over what was found, and what its authors said earlier and later."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from search.results.facets import Particulars, facets, views

DAYS = st.none() | st.dates(date(1990, 1, 1), date(2026, 1, 1))
ONES = st.builds(
    lambda name, day: Particulars(
        "u", "t", name, name, name[:2], day, day.isoformat() if day else ""
    ),
    st.sampled_from(["", "alpha", "beta"]),
    DAYS,
)


def one(number, year, *, author="Ann Lee", site="A"):
    day = date(year, 6, 1)
    return Particulars(
        f"u{number}", f"Title {number}", site, author, "en", day, day.isoformat()
    )


@given(st.lists(ONES))
def test_all_that_is_known_is_counted_once(found):
    counted = facets(found)
    assert sum(n for _, n in counted.years) == sum(bool(each.dated) for each in found)
    for pairs in (counted.sites, counted.authors, counted.languages):
        assert sum(n for _, n in pairs) == sum(bool(each.site) for each in found)
        assert [n for _, n in pairs] == sorted((n for _, n in pairs), reverse=True)
    assert list(counted.years) == sorted(counted.years)


def test_the_nearest_older_and_newer_view_of_the_same_author():
    known = {
        1: one(1, 2015), 2: one(2, 2012), 3: one(3, 2011), 4: one(4, 2019, site="B"),
        5: one(5, 2020, author="Bo"),
    }  # fmt: skip
    ranked = [
        (n, score, [])
        for n, score in ((1, 0.8), (2, 0.79), (3, 0.78), (5, 0.77), (4, 0.76))
    ]
    found = views(1, ranked, known)
    assert (found.older.title, found.older.published) == ("Title 2", date(2012, 6, 1))
    assert found.newer.title == "Title 4"
    assert views(5, ranked, known) is None


def test_no_view_that_is_far_from_the_question_recent_or_of_somebody_unknown():
    known = {1: one(1, 2015), 2: one(2, 2019), 3: one(3, 2015)}
    assert (
        views(1, [(1, 0.8, []), (3, 0.8, []), (2, 0.7, [])], known) is None
    )  # 2 is far, 3 of the same year
    assert views(2, [(1, 0.8, []), (3, 0.8, []), (2, 0.7, [])], known) is None
    nameless = {1: one(1, 2015, author=""), 2: one(2, 2019, author="")}
    assert views(1, [(1, 0.8, []), (2, 0.8, [])], nameless) is None
    admins = {
        1: one(1, 2015, author="admin"),
        2: one(2, 2019, author="Admin", site="B"),
    }
    assert views(1, [(1, 0.8, []), (2, 0.8, [])], admins) is None
