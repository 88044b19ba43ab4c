"""Addresses that open an article at an answer: which words they name."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.results.page_words import Page
from search.results.text_fragments import answer_link
from search.types import Article, Block

URL = "https://b.example/post"
LONG = f"The dough is sour {'and then more so ' * 5}when it has risen."


def made(text: str, kind: str = "paragraph") -> Article:
    return Article(
        URL, "T", blocks=tuple(Block(kind, one) for one in text.split("\n\n"))
    )


def link(article: Article, answer: str, *, anchor: str = "", url: str = URL) -> str:
    """What opens the last place of an answer, without the address."""
    start = article.text.rindex(answer)
    end = start + len(answer)
    return answer_link(url, Page(article), start=start, end=end, anchor=anchor)[
        len(url) :
    ]


def words(text: str, answer: str, kind: str = "paragraph") -> str:
    return unquote(link(made(text, kind), answer).removeprefix("#:~:text="))


def test_a_short_answer_is_named_whole():
    text = "Before it. The dough is sour by then. After."
    assert words(text, "The dough is sour by then.") == "The dough is sour by then"


def test_a_long_answer_is_named_by_its_ends():
    assert words(LONG, LONG) == "The dough is sour,when it has risen"


def test_ends_may_lie_in_several_blocks():
    text = f"{LONG}\n\nIt falls after a while."
    assert words(text, text) == "The dough is sour,falls after a while"


def test_a_beginning_that_stands_above_gets_longer():
    text = f"The dough is sour or not. {LONG}"
    assert words(text, LONG) == "The dough is sour and,when it has risen"


def test_an_answer_that_stands_above_is_told_by_the_words_before_it():
    text = "Rest for an hour.\n\nFold it.\n\nRest for an hour."
    assert words(text, "Rest for an hour.") == "Fold it.-,Rest for an hour"


def test_case_tells_no_words_apart():
    text = "rest for AN hour, they said.\n\nFold it.\n\nRest for an hour."
    assert words(text, "Rest for an hour.") == "Fold it.-,Rest for an hour"


def test_an_end_that_stands_in_the_answer_gets_longer():
    text = f"The dough is sour when it has risen, {LONG}"
    assert words(text, text) == "The dough is sour,so when it has risen"


def test_words_that_are_too_few_to_be_told_apart_leave_the_heading():
    assert link(made("Go on."), "Go on.", anchor="a b") == "#a%20b"
    assert link(made("Go on."), "Go on.") == ""


def test_the_directives_own_marks_are_escaped():
    found = link(made("Is a-b, c & d#e one of them?"), "Is a-b, c & d#e one of them?")
    assert found == "#:~:text=Is%20a%2Db%2C%20c%20%26%20d%23e%20one%20of%20them"


def test_an_anchor_comes_first():
    found = link(made("Für 深 und mehr noch."), "Für 深 und mehr noch.", anchor="ä/b=c")
    assert unquote(found) == "#ä/b=c:~:text=Für 深 und mehr noch"
    assert found.startswith("#%C3%A4/b=c:~:text=F%C3%BCr")


def test_formulas_code_marks_and_citations_are_left_out():
    text = (
        "Let $x$ be the rate of the growth [12], so that `f` is the number of all the "
        "cells in \\(n\\) dishes."
    )
    assert words(text, text) == "be the rate of the growth,dishes"


def test_a_word_that_may_be_one_with_a_raised_number_is_left_out():
    text = "The water of the dough was noted[1] by all and by some [2]."
    assert words(text, text) == "The water of the dough was,by all and by some"


def test_a_formula_is_opened_at_the_words_before_it():
    text = "The rate of the growth is this:\n\n$$r = N$$"
    assert words(text, "$$r = N$$") == "The rate of the growth is this"


def test_no_heading_lies_between_a_formula_and_the_words_named():
    blocks = (
        Block("paragraph", "The rate of the growth is this."),
        Block("heading", "Another thing", level=2),
        Block("math", "$$r = N$$"),
        Block("paragraph", "Here it goes on for long."),
    )
    found = unquote(link(Article(URL, "T", blocks=blocks), "$$r = N$$"))
    assert found == "#:~:text=Here it goes on for long"


def test_a_heading_is_not_named_as_a_contents_list_repeats_it():
    blocks = (Block("heading", "Another quite long thing", level=2),)
    article = Article(URL, "T", blocks=blocks)
    assert link(article, "Another quite long thing", anchor="a") == "#a"


def test_an_end_that_stands_in_the_answer_gives_way_to_another():
    table = "Rye, coarse and old | 70 per cent\nWheat | 70 per cent"
    assert words(table, table, "table") == "Rye, coarse and old,Wheat"


def test_no_prefix_is_parted_from_its_words_by_a_line_of_marks():
    code = "prove(dough)\n{\n  prove(dough)\n  fold it gently"
    assert words(code, "prove(dough)", "code") == "fold it gently"


def test_no_words_are_named_across_the_end_of_a_sentence():
    text = "Why so? Because of the cold in the kitchen, where it stands overnight."
    assert words(text, text) == "Because of the cold,stands overnight"


def test_no_words_are_named_across_the_end_of_a_bold_title():
    text = "Cold proofing The dough stands in the cold of the kitchen all night."
    assert words(text, text) == "Cold proofing,kitchen all night"
    above = f"Cold proofing is slow.\n\n{text}"
    assert words(above, text) == "The dough stands,kitchen all night"


def test_cells_are_named_by_themselves():
    table = "Flour | Water\nRye, coarse | 85 per cent\nWheat, fine | 70 per cent"
    row = "Rye, coarse | 85 per cent"
    assert words(table, row, "table") == "Water-,Rye, coarse,85 per cent"


def test_code_keeps_its_signs_and_ends_with_its_lines():
    code = "if x:\n    prove(`dough`, $HOME)\n    return"
    assert words(code, code, "code") == "prove(`dough`, $HOME,return"


def test_a_script_without_spaces_is_cut_at_its_marks_only():
    text = "面包需要时间。面团发酵得很慢，因为厨房里太冷，我们把它放在温暖的地方，一直等到第二天早上才烤。"
    assert words(text, text) == "面包需要时间。面团发酵得很慢,一直等到第二天早上才烤"


def test_words_are_whole():
    article = made("unbelievably small things are what counts here")
    start = article.text.index("believably")
    found = answer_link(
        URL, Page(article), start=start, end=len(article.text), anchor=""
    )
    assert unquote(found).endswith("#:~:text=small things are what counts here")


@pytest.mark.parametrize("url", [f"{URL}#one", "file:///a/b.html#two"])
def test_an_address_with_a_fragment_stays_as_it_is(url):
    assert link(made(LONG), LONG, url=url, anchor="a") == ""


def test_a_file_is_opened_at_its_words():
    found = link(made(LONG), LONG, url="file:///a/b.html")
    assert found.startswith("#:~:text=The%20dough")


def test_a_post_within_a_file_is_opened_by_nothing():
    url = "file:///a/export.json?post=b"
    assert link(made(LONG), LONG, url=url, anchor="c") == ""


def test_a_page_of_a_pdf_is_opened_by_its_number():
    assert link(made(LONG), LONG, anchor="page=3") == "#page=3"


@given(
    st.lists(st.text("ab -,&.$\n|深い。İ", min_size=1).filter(str.strip), min_size=1),
    st.data(),
)
def test_the_words_named_stand_where_the_answer_does(texts, data):
    article = Article(URL, "T", blocks=tuple(Block("paragraph", t) for t in texts))
    start = data.draw(st.integers(0, len(article.text) - 1))
    end = data.draw(st.integers(start + 1, len(article.text)))
    url = answer_link(URL, Page(article), start=start, end=end, anchor="")
    named = url.partition(":~:text=")[2].split(",") if url != URL else []
    prefix = [one.removesuffix("-") for one in named if one.endswith("-")]
    first, *last = [unquote(one) for one in named[len(prefix) :]] or [""]
    plain = " ".join(article.text.split())
    before = " ".join([*map(unquote, prefix), first]) if prefix else first
    assert before in plain or before.replace(" ", "") in plain.replace(" ", "")
    assert all(one in plain[plain.index(first) :] for one in last)
