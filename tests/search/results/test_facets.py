"""Counts over what was found, and what its authors said earlier and later."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from search.results.facets import Particulars, facets

DAYS = st.none() | st.dates(date(1990, 1, 1), date(2026, 1, 1))
ONES = st.builds(
    lambda name, day: Particulars(
        "u", "t", name, name, name[:2], day, day.isoformat() if day else ""
    ),
    st.sampled_from(["", "alpha", "beta"]),
    DAYS,
)


@given(st.lists(ONES))
def test_all_that_is_known_is_counted_once(found):
    counted = facets(found)
    assert sum(n for _, n in counted.years) == sum(bool(each.dated) for each in found)
    for pairs in (counted.sites, counted.authors, counted.languages):
        assert sum(n for _, n in pairs) == sum(bool(each.site) for each in found)
        assert [n for _, n in pairs] == sorted((n for _, n in pairs), reverse=True)
    assert list(counted.years) == sorted(counted.years)
