"""A blog of which each page shows the teasers of all posts, read by real runs."""

import pytest

from indexer.fetch.fetcher import Limits
from tests.blogs import Blog
from tests.runs import Inline, Runs
from tests.servers import scripted

POSTS = 6
TEASERS = "".join(
    f"<h3><a href=/post/{n}>Pond {n}</a></h3><p>A teaser that tells a little about pond {n}, its ducks and its weeds.</p>"
    for n in range(9)
)


@pytest.fixture
def site(tmp_path):
    with scripted() as script:
        yield Blog(tmp_path / "index", Inline(), script)


@pytest.fixture
def runs(tmp_path):
    made = Runs(tmp_path / "index", Inline())
    made.limits = Limits(delay=0)
    return made


def own_text(number):
    return f"Post {number} has a sentence about the lock at mile {number}. It has another one about boats."


def show(site):
    for n in range(POSTS):
        body = f"<main><p>{own_text(n)}</p><div>{TEASERS}</div></main>"
        site.html(f"/post/{n}", body)
    site.rss("/feed.xml", [f"/post/{n}" for n in range(POSTS)])
    return f"{site.script.base}/feed.xml"


def texts_of(runs, site):
    held = runs.articles()
    return [held[f"{site.script.base}/post/{n}"].text for n in range(POSTS)]


def test_posts_are_held_without_the_list_and_not_as_copies_of_it(site, runs):
    runs.add(show(site))
    assert texts_of(runs, site) == [own_text(n) for n in range(POSTS)]
    # A second look changes nothing, nor is anything embedded again.
    runs.later(days=60)
    report = runs.update()
    assert texts_of(runs, site) == [own_text(n) for n in range(POSTS)]
    assert report.embedded == 0
