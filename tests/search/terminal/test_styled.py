"""Text in columns: wrapped, cut and painted without losing or adding a letter."""

import re

from hypothesis import given
from hypothesis import strategies as st

from search.terminal.styled import (
    Style,
    columns,
    cut,
    linked,
    paint,
    styled,
    width,
    wrap,
)

WORDS = st.text("ab ,。东京日本e\u0301-", max_size=120)


def read(lines) -> str:
    return "".join(character for line in lines for character, _ in line)


@given(WORDS, st.integers(4, 30))
def test_no_line_is_wider_than_asked_and_nothing_is_lost(text, most):
    lines = wrap(styled(text), most)
    assert max(map(width, lines)) <= most
    assert read(lines).replace(" ", "") == text.replace(" ", "")


@given(WORDS, st.integers(2, 30))
def test_a_cut_text_fits_and_says_that_it_is_cut(text, most):
    shown = cut(styled(text), most)
    assert width(shown) <= most
    assert read([shown]) == text or read([shown]).endswith("…")


def test_chinese_takes_two_columns_and_breaks_without_spaces():
    assert [columns(c) for c in "a东é\u0301\u200d"] == [1, 2, 1, 0, 0]
    lines = wrap(styled("我们东京。日本"), 6)
    assert [read([line]) for line in lines] == ["我们东", "京。日", "本"]


def test_no_line_begins_with_a_chinese_full_stop():
    lines = wrap(styled("我们东京。日本"), 8)
    assert [read([line]) for line in lines] == ["我们东", "京。日本"]


def test_words_stay_whole_where_they_fit():
    lines = wrap(styled("one two three-four extraordinarily"), 10)
    assert [read([line]) for line in lines] == [
        "one two",
        "three-four",
        "extraordin",
        "arily",
    ]


def test_styles_become_codes_only_in_colour():
    text = [*styled("a "), *styled("b", Style.ANSWER | Style.MATCH)]
    assert paint(text, colour=True) == "a \x1b[1;35mb\x1b[0m"
    assert paint(text, colour=False) == "a b"


def test_a_link_holds_nothing_that_ends_it_early():
    assert linked("x", "https://a.example/ä#:~:text=b,c") == (
        "\x1b]8;;https://a.example/%C3%A4#:~:text=b,c\x1b\\x\x1b]8;;\x1b\\"
    )
    for url in (
        "https://a.example/\x1b\\",
        "javascript:x",
        "https://user@a.example/",
        "http://[",
    ):
        assert linked("x", url) == "x"
    assert re.fullmatch(r"[\x20-\x7e\x1b]+", linked("x", "https://a.example/\u202e"))
