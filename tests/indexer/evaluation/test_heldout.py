"""What stands beside an article becomes a question only where it isn't the article
itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.evaluation.heldout import (
    UnusableText,
    as_question,
    headed_sections,
    question_of_heading,
    question_of_text,
    without_blocks,
)
from search.query import parser as query
from search.text.tokenizer import has_word
from search.types import Article, Block, Note

OPENING = "Rye has hardly any gluten, so the loaf is held together by starch and by gums that swell."
REST = "Do not cut it on the day it is baked. For the first twelve hours the crumb smears however it is baked."
URL = "https://a.example/rye"


def article(*blocks: Block, title: str = "Rye is not wheat") -> Article:
    return Article(URL, title, blocks=blocks, notes=(Note("a note"),))


def paragraph(text: str) -> Block:
    return Block("paragraph", text)


LONG = article(
    paragraph(OPENING),
    Block("heading", "Then wait for the crumb", 2),
    paragraph(REST),
    paragraph("x y " * 30),
)


def test_a_summary_that_repeats_the_opening_has_it_held_out():
    asked = question_of_text(LONG, OPENING, kind="summary", source="A")
    assert (asked.question.text, asked.question.gold) == (OPENING, (URL,))
    assert asked.blocks == {0}
    left = without_blocks(LONG, asked.blocks, notes=False)
    assert OPENING not in left.text
    assert REST in left.text
    assert left.notes


def test_a_summary_in_other_words_holds_nothing_out():
    asked = question_of_text(
        LONG,
        "why a dark loaf glues itself to the knife and what to do",
        kind="note",
        source="",
    )
    assert asked.blocks == frozenset()
    assert without_blocks(LONG, asked.blocks, notes=True).notes == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Rye is not wheat, really", "title"),
        (f"{OPENING} {REST} {OPENING}", "whole article"),
        ("https://a.example/one-two https://a.example/three-four", "addresses"),
    ],
)
def test_what_would_measure_nothing_is_passed_over_with_a_reason(text, reason):
    with pytest.raises(UnusableText, match=reason):
        question_of_text(
            article(paragraph(OPENING), paragraph(REST)),
            text,
            kind="summary",
            source="",
        )


def test_an_article_that_would_lose_more_than_half_is_passed_over():
    """Its one paragraph begins with the summary: nothing would be left to be found."""
    with pytest.raises(UnusableText, match="repeats too much"):
        question_of_text(
            article(paragraph(f"{OPENING} {REST}")), OPENING, kind="summary", source=""
        )


def test_a_heading_asks_for_its_section_and_leaves_article_and_contents():
    contents = Block("item", "Then wait for the crumb", 1)
    made = article(contents, *LONG.blocks)
    asked = question_of_heading(made, common=(), out=(), source="A")
    assert asked.question.text == "Then wait for the crumb"
    assert (
        "For the first twelve hours the crumb smears however it is baked."
        in asked.question.spans
    )
    assert asked.blocks == {0, 2}
    assert "wait" not in without_blocks(made, asked.blocks, notes=False).text


@pytest.mark.parametrize(
    ("common", "out", "title"),
    [
        ({"then wait for the crumb"}, (), "Rye"),
        ((), (2,), "Rye"),
        ((), (), "Then wait for the crumb"),
    ],
    ids=[
        "it stands over other articles too",
        "its section is held out",
        "it is the title",
    ],
)
def test_a_heading_that_tells_nothing_apart_asks_for_nothing(common, out, title):
    made = article(*LONG.blocks, title=title)
    with pytest.raises(UnusableText, match="no section"):
        question_of_heading(made, common=common, out=out, source="")


def test_an_article_without_headings_has_no_sections():
    assert list(headed_sections(article(paragraph(REST)))) == []
    assert list(headed_sections(article())) == []


@given(st.text(max_size=600))
def test_a_question_made_of_any_text_is_read_as_plain_words(text):
    asked = as_question(text)
    if has_word(asked):
        read = query.parse(asked)
        assert (read.phrases, read.excluded) == ((), ())
    assert len(asked) <= 400


def test_operators_in_a_text_are_words_in_the_question():
    read = query.parse(
        as_question('He says: "wait" -not now, site:example.org https://x.example/y')
    )
    assert (read.phrases, read.excluded, read.filters.site) == ((), (), "")
    assert "example.org" in read.text
    assert "https" not in read.text
