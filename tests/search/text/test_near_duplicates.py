"""One text or two: copies and revisions against variants, translations and short
posts."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.text.near_duplicates import (
    ALIKE,
    BANDS,
    SHORTEST,
    are_same,
    bands,
    compared_text,
    representatives,
    resemblance,
)
from search.types import Block
from tests.torture.scale import rounds

quick = settings(max_examples=rounds(60, 1000), deadline=None)
words = st.lists(
    st.sampled_from(["bread", "dough", "oven", "flour", "salt", "yeast", "12", "2019"]),
    max_size=60,
)

ABSTRACT = """A sourdough starter is a culture of flour and water in which wild yeast and bacteria live
together. Feed it every day with equal weights of both, keep it warm, and after a week it doubles within
four hours. Bread that is made with it keeps longer, tastes of more than flour, and needs nothing from the
shop but patience. What follows is how I keep mine, what went wrong in the first month, and which of the
many rules that people repeat turned out to make no difference at all to the loaves that I bake on Sundays."""
CHINESE = """机器学习系统的可靠性不仅取决于模型本身,还取决于数据的质量和监控的方式。
本文介绍我们在生产环境中遇到的三类问题,以及怎样用简单的统计检验发现它们。首先是数据漂移,其次是标签延迟,最后是特征之间的耦合。每一节都附有可以直接运行的例子。"""


def text(title, *paragraphs, code=""):
    blocks = [Block("paragraph", paragraph) for paragraph in paragraphs]
    return compared_text(title, [*blocks, Block("code", code)] if code else blocks)


def prose(count, seed=1):
    """So many words that hardly ever stand in the same order twice."""
    chosen = random.Random(seed)
    return " ".join("".join(chosen.choices("abcdefghij", k=4)) for _ in range(count))


BREAD = text("My sourdough", ABSTRACT)


@pytest.mark.parametrize(
    "other",
    [
        text("My sourdough", ABSTRACT),
        text("my Sourdough", ABSTRACT.upper()),
        text(
            "Planet Bread: My sourdough",
            ABSTRACT,
            "First published on my own site, where comments are open.",
        ),
        text(
            "My sourdough | Ann bakes",
            ABSTRACT.replace("bacteria", "lactic acid bacteria"),
        ),
        text("", ABSTRACT),
        text("My sourdough", ABSTRACT.partition("and which of")[0]),
        compared_text(
            "My sourdough", [Block("item", line, 1) for line in ABSTRACT.split("\n")]
        ),
    ],
)
def test_a_copy_with_small_edits_is_the_same_text(other):
    assert are_same(BREAD, other)
    assert set(bands(BREAD)) & set(bands(other))


def test_a_chinese_copy_is_compared_by_characters():
    edited = CHINESE.replace("三类问题", "三种问题").replace("直接运行", "运行")
    assert are_same(text("可靠性", CHINESE), text("可靠性", edited))
    assert set(bands(text("", CHINESE))) & set(bands(text("", edited)))
    assert not are_same(text("可靠性", CHINESE), text("可靠性", CHINESE[::-1]))


@pytest.mark.parametrize(("one", "two"), [("Highlights of 2019", "Highlights of 2020"), ("v1.2", "v1.3"),
                                          ("Audio, part 1", "Audio, part 2")])  # fmt: skip
def test_another_number_in_the_title_is_another_article(one, two):
    assert not are_same(text(one, ABSTRACT), text(two, ABSTRACT))
    assert are_same(text(one, ABSTRACT), text(f"{one} (2021)", ABSTRACT))


def test_release_notes_with_other_numbers_are_another_text():
    notes = (
        "Version 2.{0} is out. It repairs {0}1 faults; thanks to all who reported them. Fetch it from the "
        "page of releases, where the checksums of version 2.{0} and the list of changes are; who builds it "
        "needs compiler {0}7 or later. As ever: please make a copy of your data before you update."
    )
    assert not are_same(
        text("Release notes", notes.format(3)), text("Release notes", notes.format(4))
    )
    assert are_same(
        text("Release notes", notes.format(3)), text("Release notes", notes.format(3))
    )


def test_a_number_that_is_one_of_many_words_makes_no_other_text():
    long = prose(450)
    assert are_same(
        text("T", long, "as /archive/737 says"), text("T", long, "as /archive/738 says")
    )


def test_a_translation_is_another_text_even_where_it_is_mostly_code():
    german = (
        "Ein Sauerteig ist eine Kultur aus Mehl und Wasser, in der wilde Hefen und Bakterien zusammen leben. "
        "Wer ihn jeden Tag mit gleichen Mengen von beidem füttert, hat nach einer Woche einen, der sich in "
        "vier Stunden verdoppelt. Brot daraus bleibt länger frisch und schmeckt nach mehr als Mehl."
    )
    code = prose(600)
    english, other = (
        text("Bread", ABSTRACT, code=code),
        text("Bread", german, code=code),
    )
    assert resemblance(english.shingles, other.shingles) > ALIKE
    assert not are_same(english, other)
    assert are_same(english, text("Bread", ABSTRACT, code=code))


def test_posts_of_nothing_but_code_are_compared_by_it():
    listing = prose(60)
    assert are_same(text("Snippet", code=listing), text("Snippet", code=listing))


def test_a_second_edition_that_holds_the_first_is_another_article():
    assert not are_same(
        text("A family", prose(300)),
        text("A family, again", prose(300), prose(400, seed=2)),
    )


def test_posts_that_are_only_short_are_not_the_same():
    buttons = "View on white View on grey View on black View it on 500px"
    assert bands(text("Smoke", buttons)) == []
    assert not are_same(text("Smoke", buttons), text("Mantis", buttons))
    assert not are_same(text("Smoke", buttons), text("Smoke", buttons))
    assert not are_same(text("Smoke"), text("Smoke"))


def test_equal_texts_under_quite_other_titles_must_be_long():
    assert not are_same(text("Smoke", prose(80)), text("Mantis", prose(80)))
    assert are_same(text("Smoke", prose(150)), text("Mantis", prose(150)))
    nearly = text("Smoke", prose(150), prose(40, seed=2))
    assert not are_same(nearly, text("Mantis", prose(150)))
    assert are_same(nearly, text("Smoke", prose(150)))


@quick
@given(words, words, words, words)
def test_being_the_same_has_no_direction(title, other_title, first, second):
    one = text(" ".join(title), " ".join([*first, *first, "x"]))
    other = text(" ".join(other_title), " ".join([*first, *second, "x"]))
    assert are_same(one, other) == are_same(other, one)
    assert resemblance(one.shingles, other.shingles) == resemblance(
        other.shingles, one.shingles
    )


@quick
@given(st.lists(st.text(min_size=1), max_size=8))
def test_any_text_is_signed_in_bounds_and_the_same_way_again(paragraphs):
    made = text("T", *(p for p in paragraphs if p.strip()))
    signed = bands(made)
    assert signed == bands(made)
    assert (
        len(signed)
        == len(set(signed))
        == (BANDS if len(made.shingles) >= SHORTEST else 0)
    )
    assert all(0 <= band < 2**63 for band in signed)


@quick
@given(st.integers(0, 10_000), st.integers(60, 400))
def test_a_text_with_a_word_in_fifty_changed_is_found_again(seed, length):
    chosen = random.Random(seed)
    original = prose(length, seed).split()
    edited = [
        word if place % 50 else f"{word}x"
        for place, word in enumerate(original, chosen.randrange(50))
    ]
    one, other = text("T", " ".join(original)), text("T", " ".join(edited))
    assert are_same(one, other)
    assert set(bands(one)) & set(bands(other))


def test_a_representative_stands_for_those_that_are_the_same_as_it():
    assert representatives([], []) == {}
    assert representatives([2, 1, 3], [(1, 2), (3, 1), (2, 3)]) == {1: 2, 2: 2, 3: 2}
    assert representatives([1, 2, 3], [(1, 2), (2, 3)]) == {
        1: 1,
        2: 1,
    }  # 3 is like 2, not like 1
    assert representatives([1, 2, 3, 4], [(1, 2), (2, 3), (3, 4)]) == {
        1: 1,
        2: 1,
        3: 3,
        4: 3,
    }


@quick
@given(
    st.permutations(range(8)),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12),
)
def test_representatives_depend_on_the_order_given_and_on_no_other(order, pairs):
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    found = representatives(order, pairs)
    assert found == representatives(order, [pair[::-1] for pair in reversed(pairs)])
    for number, text in found.items():
        assert found[text] == text
        assert text == number or {(number, text), (text, number)} & set(pairs)
        assert order.index(text) <= order.index(number)
