from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.answers.sentences import Sentence, SentenceReader, without_thoughts


def read(*pieces: str) -> list[tuple[str, tuple[int, ...]]]:
    reader = SentenceReader()
    found = [one for piece in pieces for one in reader.feed(piece)]
    return [(one.text, one.citations) for one in [*found, *reader.end()]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rye is sticky [1]. Wait a day [2].", [("Rye is sticky.", (1,)), ("Wait a day.", (2,))]),
        # Models cite behind the full stop just as often.
        ("Rye is sticky. [1][3] Wait a day. [2]", [("Rye is sticky.", (1, 3)), ("Wait a day.", (2,))]),
        ("Rye is sticky.[1] Wait a day.[2]", [("Rye is sticky.", (1,)), ("Wait a day.", (2,))]),
        ("It is so [3, 1] and so [2–4].", [("It is so and so.", (1, 2, 3, 4))]),
        ("[1] It is so.", [("It is so.", (1,))]),
        ("It is so.\n[1]\nAnd so [2].", [("It is so.", ()), ("And so.", (2,))]),
        ("- Flour first [1]\n- Water next [2]\n", [("Flour first", (1,)), ("Water next", (2,))]),
        ("1. Flour first [1].\n2. Water [2].", [("Flour first.", (1,)), ("Water.", (2,))]),
        ("See e.g. Dr. Smith, 3.5 of it [1].", [("See e.g. Dr. Smith, 3.5 of it.", (1,))]),
        ("糖が多い。[1] 次の日に切る。[2]", [("糖が多い。", (1,)), ("次の日に切る。", (2,))]),
        ("A list [sic] has `a[0]` and a[] [2].", [("A list [sic] has `a[0]` and a[].", (2,))]),
        ("Out of range [0-9999] or [7-3].", [("Out of range or.", (0,))]),
        ("Wrong [1,,2].", [("Wrong.", (0, 1, 2))]),
        ("Half a citation [1", [("Half a citation [1", ())]),
        ("[[2] twice [[3", [("[ twice [[3", (2,))]),
        ("<b>Bold</b> [link](http://x.example) \u202eback [1].",
         [("<b>Bold</b> [link](http://x.example) back.", (1,))]),
        (" \n ** \n ... \n[1]\n", []),
        (f"Long [{'1,' * 40}1].", [(f"Long [{'1,' * 40}1].", ())]),
    ],
)  # fmt: skip
def test_a_text_is_read_by_sentences(text, expected):
    assert read(text) == expected


def test_a_sentence_is_given_as_soon_as_the_next_has_begun():
    reader = SentenceReader()
    assert list(reader.feed("Rye is sticky.")) == []
    assert list(reader.feed(" [1")) == []
    assert list(reader.feed("]")) == []
    assert list(reader.feed(" W")) == [Sentence("Rye is sticky.", (1,))]
    assert list(reader.feed("ait [2].\n")) == [Sentence("Wait.", (2,))]


TEXT = st.text(
    st.sampled_from('aZ1 .!?…。[]`,;-–\n\t"”)»#*é言 \u202e')
    | st.characters(exclude_categories=["Cs"])
)
WRITTEN = st.lists(
    st.sampled_from(
        ["Rye is sticky", " [1]", "[2, 3]", ". ", ".", "\n", " e.g. ", "[", "]", "。", "`", " Dr", "It", "4"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(TEXT | WRITTEN, st.lists(st.integers(0, 60), max_size=8))
def test_any_pieces_give_the_same_sentences(text, cuts):
    ends = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    pieces = [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    assert read(*pieces) == read(text) == read(*text)


@given(TEXT | WRITTEN)
def test_no_word_is_lost_or_made_up(text):
    kept = "".join(words for words, _ in read(text))
    whole = iter(text)
    # In their order, each sign of a sentence is one of the text.
    assert all(sign in whole for sign in kept if not sign.isspace())
    if not set(text) & set("[]"):
        assert list(filter(str.isalpha, kept)) == list(filter(str.isalpha, text))


THOUGHT = st.sampled_from(["<think>", "</think>", "<", "think", ">", " ", "\n", "Rye.", "</thi"])  # fmt: skip


@given(st.lists(THOUGHT, max_size=12).map("".join), st.booleans())
def test_thoughts_are_left_out_in_whatever_pieces(text, by_signs):
    pieces = list(text) if by_signs else [text]
    plain = text.lstrip()
    expected = plain
    if plain.startswith("<think>"):
        expected = plain.removeprefix("<think>").partition("</think>")[2]
    elif "<think>".startswith(plain):
        expected = ""  # it never came to say anything
    given_ = list(without_thoughts(pieces))
    assert len(given_) == len(pieces)  # silence is passed on
    assert "".join(given_) == expected
