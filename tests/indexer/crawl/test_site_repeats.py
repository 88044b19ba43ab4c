"""What repeats on a site's pages goes; what is a post's own stays."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.crawl.site_repeats import FEWEST, SiteRepeats
from search.types import Block

TEASERS = tuple(
    block
    for number in range(4)
    for block in (
        Block("heading", f"Pond {number}", 3),
        Block(
            "paragraph",
            f"A teaser that says a little about pond {number} and about all of its ducks.",
        ),
    )
)


def own(number):
    return (
        Block("paragraph", f"Post {number} has two sentences. This is the other one."),
    )


def url(number):
    return f"https://a.example/post/{number}"


def test_a_list_of_all_posts_on_each_page_is_no_posts_text():
    repeats = SiteRepeats(lambda site: ())
    read = [repeats.without(url(n), own(n) + TEASERS) for n in range(6)]
    assert read[:3] == [own(n) + TEASERS for n in range(3)]
    assert read[3:] == [own(n) for n in range(3, 6)]
    assert repeats.affected == {url(0), url(1), url(2)}
    assert {site for site, _ in repeats.new} == {"a.example"}
    assert [repeats.without(url(n), own(n) + TEASERS) for n in range(2)] == [
        own(0),
        own(1),
    ]


def test_the_ledger_remembers_for_the_next_run():
    first = SiteRepeats(lambda site: ())
    for number in range(FEWEST):
        first.without(url(number), own(number) + TEASERS)
    known = [key for _, key in first.new]
    second = SiteRepeats(lambda site: known if site == "a.example" else ())
    assert second.without(url(9), own(9) + TEASERS) == own(9)
    assert second.without("https://b.example/", TEASERS) == TEASERS
    assert not second.new


def test_what_stands_in_few_of_a_sites_articles_is_their_own():
    repeats = SiteRepeats(lambda site: ())
    for number in range(20):
        repeats.without(url(number), own(number))
    for number in range(20, 26):
        assert (
            repeats.without(url(number), own(number) + TEASERS) == own(number) + TEASERS
        )


def test_reading_one_page_again_and_again_proves_nothing():
    repeats = SiteRepeats(lambda site: ())
    for _ in range(5):
        assert repeats.without(url(1), own(1)) == own(1)


def test_code_and_short_lines_may_stand_in_many_posts():
    code = Block("code", "import numpy as np\n" * 5)
    title = Block("heading", "Introduction", 2)
    repeats = SiteRepeats(lambda site: ())
    for number in range(5):
        post = (title, *own(number), code)
        assert repeats.without(url(number), post) == post


def test_an_article_that_only_repeats_stays():
    repeats = SiteRepeats(lambda site: ())
    for number in range(5):
        assert repeats.without(url(number), TEASERS) == TEASERS


BLOCKS = st.lists(
    st.builds(
        Block,
        st.sampled_from(["paragraph", "item", "code"]),
        st.sampled_from(["a", "b" * 70, "c" * 80, "d"]),
    ),
    min_size=1,
    max_size=6,
)


@given(st.lists(BLOCKS, min_size=1, max_size=6))
def test_nothing_is_added_or_moved_and_something_is_left(articles):
    repeats = SiteRepeats(lambda site: ())
    for number, blocks in enumerate(articles):
        kept = repeats.without(url(number), blocks)
        assert kept
        rest = iter(blocks)
        assert all(block in rest for block in kept)
