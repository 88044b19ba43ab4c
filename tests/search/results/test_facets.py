"""Counts over what was found."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from search.port_values import labels_of
from search.results.facets import MOST_TAGS, facets
from search.types import Article, Note

DAYS = st.none() | st.dates(date(1990, 1, 1), date(2026, 1, 1))
ONES = st.builds(
    lambda name, day: Article(
        "u", "t", site=name, author=name, language=name[:2], published=day
    ),
    st.sampled_from(["", "alpha", "beta"]),
    DAYS,
)


def counts(found):
    return facets(map(labels_of, found))


@given(st.lists(ONES))
def test_all_that_is_known_is_counted_once(found):
    counted = counts(found)
    assert sum(n for _, n in counted.years) == sum(bool(each.dated) for each in found)
    for pairs in (counted.sites, counted.authors, counted.languages):
        assert sum(n for _, n in pairs) == sum(bool(each.site) for each in found)
        assert [n for _, n in pairs] == sorted((n for _, n in pairs), reverse=True)
    assert list(counted.years) == sorted(counted.years)
    assert sum(n for _, n in counted.evidence) == len(found)


def test_a_site_without_a_name_is_its_host_and_a_note_dates_an_article():
    notes = tuple(Note("", noted=date(2020, 1, day)) for day in (2, 3, 1))
    one = Article("https://A.example/1", "t", notes=(*notes, Note("")))
    assert counts([one]).sites == (("a.example", 1),)
    assert one.dated == "2020-01-03"
    assert counts([one]).years == ((2020, 1),)


def test_tags_that_differ_in_case_are_counted_as_one_and_the_commonest_are_given():
    def tagged(*tags, collections=()):
        article = Article("https://a.example/", "A", tags=tags, collections=collections)
        return labels_of(article)

    found = [tagged("Café"), tagged("cafe", "web"), tagged("Café", collections=("A",))]
    counted = facets(found)
    assert counted.tags == (("Café", 3), ("web", 1))
    assert counted.collections == (("A", 1),)
    many = facets([tagged(*(f"t{n}" for n in range(99)))]).tags
    assert len(many) == MOST_TAGS
