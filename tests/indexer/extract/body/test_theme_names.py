"""Names compared whole and word by word."""

import pytest

from indexer.extract.body import theme_names
from indexer.extract.body.theme_names import is_named, terms_of, words_in_name
from indexer.extract.dom import Element


def test_a_whole_name_is_compared_without_case_and_as_a_whole():
    assert theme_names.BODY.is_of(Element("div", {"class": "Post-Content wide"}))
    assert not theme_names.BODY.is_of(Element("div", {"class": "post-content-wide"}))


@pytest.mark.parametrize(
    ("name", "words"),
    [("post-meta", ["post", "meta"]), ("postMeta_2", ["post", "meta", "2"])],
)
def test_a_name_is_read_word_by_word(name, words):
    assert words_in_name(name) == words


def test_a_name_is_found_by_words_and_by_phrases():
    assert {"share", "post-share", "postsharebox"} <= terms_of("post-share-box")
    assert is_named(["wide", "post-share"], frozenset(["share"]))


@pytest.mark.parametrize("name", ["has-sidebar", "no-comments", "tag-social"])
def test_a_name_that_says_the_contrary_or_is_of_a_subject_is_not_found(name):
    assert not is_named([name], theme_names.BOILERPLATE | theme_names.COMMENTS)


def test_no_phrase_is_a_single_word_that_would_never_be_found_as_one():
    phrases = (
        theme_names.BOILERPLATE_PHRASES,
        theme_names.SMALL_PHRASES,
        theme_names.COMMENT_PHRASES,
    )
    assert all("-" in phrase for table in phrases for phrase in table)
    assert not any("-" in word for word in theme_names.BOILERPLATE)


def test_a_hostile_name_is_neither_read_nor_remembered_whole():
    assert terms_of("a-" * 1_000_000) == terms_of("a-" * 40)
