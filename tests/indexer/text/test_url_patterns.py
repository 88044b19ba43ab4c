from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.page_names import is_below_list, is_fixed_page, may_list_posts
from indexer.text.url_parts import folders_of, take_apart
from indexer.text.url_patterns import learn_patterns
from tests.torture.scale import rounds

HOME = "https://blog.example"


def site(*paths: str) -> list[str]:
    return [HOME + path for path in paths]


SITES = {
    "a folder of posts": (
        site("/post/one/", "/post/two/", "/post/three-of-them/"),
        site("/post/1984/", "/post/su18.php/", "/post/music/", "/post/BMm7FW"),
        site("/tag/one/", "/post/", "/archives/", "/about/", "/post/page/2/", "/post/a/b/", "/post/tags/"),
    ),
    "years and months": (
        site("/2012/05/one/", "/2013/11/two/", "/2014/01/three/"),
        site("/2005/02/four/", "/2012/05/about/"),
        site("/2012/05/", "/2012/", "/page/2/", "/category/05/four/", "/2012/05/one/feed/", "/about/"),
    ),
    "sections with years": (
        site("/code/2012/one/", "/notes/2013/two/", "/code/2011/three/"),
        site("/talks/2009/four/", "/notes/1999/five/"),
        site("/talks/2009/", "/code/", "/tag/2009/four/", "/code/about/one/"),
    ),
    "numbers of a weblog of 2003": (
        site("/archives/000400.html", "/archives/000402.html", "/archives/001200.html"),
        site("/archives/000007.html", "/archives/201203.html"),
        site("/archives/cat_photos.html", "/archives/2003_03.html", "/archives.html", "/archives/000400.xml"),
    ),
    "dated slugs": (
        site("/2009-03-05-scott.html", "/2011-02-03-installing.html", "/2012-10-14-emacs.html"),
        site("/2024-01-01-new-year.html",),
        site("/about.html", "/tag-emacs.html", "/archive.html", "/2012-10.html"),
    ),
    "a number as parameter": (
        site("/?p=1", "/?p=23", "/?p=456"),
        site("/?p=99",),
        site("/?cat=3", "/?p=1&replytocom=4", "/", "/?paged=2", "/about/"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITES)
def test_posts_are_told_from_the_other_pages_of_their_site(name):
    known, posts, others = SITES[name]
    shapes = learn_patterns(known)
    assert [shapes.fit(url) for url in known + posts] == ["sure"] * len(known + posts)
    assert [url for url in others if shapes.fit(url)] == []


def test_a_lone_word_is_not_enough_to_be_sure():
    shapes = learn_patterns(site("/multi-task/", "/emnlp-2016/", "/thesis/"))
    assert shapes.fit(f"{HOME}/word-embeddings/") == "plain"
    assert [
        shapes.fit(u)
        for u in site("/about/", "/tags/", "/impressum/", "/关于/", "/feed/")
    ] == [None] * 5


def test_a_page_that_strayed_into_the_feed_is_no_pattern():
    posts = site(*(f"/posts/2019-03-{day:02}-x/" for day in range(1, 29)))
    assert learn_patterns([*posts, f"{HOME}/faq/"]).fit(f"{HOME}/other/") is None
    assert (
        learn_patterns(site("/posts/a/", "/faq/")).fit(f"{HOME}/other/") == "plain"
    )  # of two, who knows


def test_index_files_and_slashes_make_no_difference():
    shapes = learn_patterns(site("/2012/one/index.html", "/2013/two/"))
    assert shapes.fit(f"{HOME}/2014/three") == "sure"


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("/2012/", True),
        ("/2012/05/", True),
        ("/2012/05/one/", False),
        ("/about/", False),
        ("/2012_05.html", True),
    ],
)
def test_indexes_of_years_and_months(path, is_one):
    assert (
        learn_patterns(site("/2012/05/one/", "/2013/11/two/")).is_date_folder(
            HOME + path
        )
        is is_one
    )


def test_folders_above_a_post_from_the_nearest():
    assert folders_of(f"{HOME}/code/2012/one/") == site("/code/2012/", "/code/")
    assert folders_of(f"{HOME}/one") == []


@pytest.mark.parametrize(
    "path", ["/tag/x/", "/author/me/", "/a.png", "/feed", "/Über-mich", "/search"]
)
def test_pages_that_are_no_posts_by_name(path):
    assert is_fixed_page(HOME + path) is (path != "/Über-mich")


def test_lists_may_be_looked_at_where_fixed_pages_are_not():
    assert [
        u
        for u in site("/category/x/", "/archives", "/about/", "/", "/x?y=1")
        if may_list_posts(u)
    ] == site("/category/x/", "/archives")
    assert is_below_list(f"{HOME}/category/essays.html")
    assert not is_below_list(f"{HOME}/essays.html")


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=6))
def test_whatever_was_learnt_no_file_and_no_home_page_is_a_post(parts):
    urls = [f"{HOME}/{part}" for part in parts]
    shapes = learn_patterns(urls)
    assert shapes.fit(f"{HOME}/") is None
    assert shapes.fit(f"{HOME}/feed.xml") is None
    for url in urls:
        assert shapes.fit(url) in ("sure", "plain", None)


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(
    st.lists(
        st.from_regex(r"[a-z]{4,9}-[a-z]{4,9}", fullmatch=True),
        min_size=3,
        max_size=12,
        unique=True,
    )
)
def test_every_post_of_one_folder_fits_what_any_three_taught(slugs):
    urls = [f"{HOME}/writing/{slug}/" for slug in slugs]
    shapes = learn_patterns(urls[:3])
    assert {shapes.fit(url) for url in urls} == {"sure"}


def test_parts_of_an_address():
    address = take_apart(f"{HOME}/Code/2012/x-y.html?b=1&a=2")
    assert address is not None
    assert (address.segments, address.kinds) == (
        ("code", "2012", "x-y"),
        ("word", "year", "word"),
    )
    assert (address.ending, address.parameters) == (".html", ("a", "b"))
