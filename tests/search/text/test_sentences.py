"""Sentences begin where a reader would say so."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.text.sentences import SHORTEST, sentence_spans, sentence_starts
from tests.torture.scale import rounds


def sentences(text):
    starts = sentence_starts(text)
    return [
        text[start:end].strip()
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]


@pytest.mark.parametrize(
    "expected",
    [
        ["One ends here.", "Two asks?", "Three!"],
        ["It costs 3.5 euros, i.e. little, as J. R. Smith et al. (2020) say.", "Yes."],
        ["See Fig. 3 and Sec. 2.1 for details.", "Dr. Who came."],
        ["He said “stop.”", "Then he went.", "(It was late.)", "So do I.", "Well..."],
        ["Das gilt z.B. für Wörter.", "Und Prof. Meier weiß es."],
        ["We use version 2.", "3 of them failed."],
        ["Yahoo! is a name and so it goes on.", "New sentence… and its end."],
    ],
)
def test_latin_scripts(expected):
    assert sentences(" ".join(expected)) == expected


def test_cjk_marks_need_no_space():
    assert sentences("今天很好。你呢？“走吧！”他说。") == [
        "今天很好。",
        "你呢？",
        "“走吧！”",
        "他说。",
    ]


def test_a_blank_line_ends_a_sentence():
    assert sentences("A title\n \nand more") == ["A title", "and more"]


@settings(max_examples=rounds(200, 1000), deadline=None)
@given(st.one_of(st.text(), st.text("aA.!?。 \n\"'1")))
def test_starts_ascend_within_the_text(text):
    starts = sentence_starts(text)
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    assert all(start < len(text) for start in starts[1:])


@settings(max_examples=rounds(200, 1000), deadline=None)
@given(st.one_of(st.text(), st.text("aA.!?。 \n\"'1", max_size=400)))
def test_spans_leave_out_nothing_but_white_space(text):
    spans = sentence_spans(text)
    covered = {place for start, end in spans for place in range(start, end)}
    assert all(
        text[place].isspace() for place in range(len(text)) if place not in covered
    )
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert len(spans) < 2 or all(end - start >= SHORTEST for start, end in spans)


def test_short_sentences_are_taken_together():
    long = "This one says quite enough to stand all by itself."
    assert [long[start:end] for start, end in sentence_spans(long)] == [long]
    text = f"Why? So. {long} No."
    assert [text[start:end] for start, end in sentence_spans(text)] == [text]
    text = f"{long} {long}"
    assert [text[start:end] for start, end in sentence_spans(text)] == [long, long]
