"""Highlights and excerpts: spans that lie true in the text that is shown."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.snippets import excerpt, highlight
from search.types import Highlight
from search.words import CJK_RUN, WORD, stem

quick = settings(max_examples=150, deadline=None)
vocabulary = st.sampled_from(
    [
        "train",
        "Training",
        "café",
        "cafe\u0301s",
        "CAFÉ",
        "a",
        "as_strided",
        "机器学习",
        "用Python",
        "ﬁne",
        "İ",
        "ß",
        "नमस्ते",
    ]
)
texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.one_of(vocabulary, st.sampled_from([" ", "\n\n", ". ", "-", "  "])), max_size=40).map(
        "".join
    ),
    st.lists(vocabulary, max_size=30).map(" ".join),
)
long_texts = st.one_of(
    st.lists(vocabulary, min_size=20, max_size=200).map(" ".join),
    st.lists(vocabulary, min_size=20, max_size=100).map(". ".join),
    st.lists(vocabulary, min_size=20, max_size=100).map("\n    ".join),
    st.integers(100, 900).map(lambda n: "x" * n),
)


def marked(text, terms, phrases=()):
    return [text[h.start : h.end] for h in highlight(text, terms, phrases)]


@quick
@given(texts, st.lists(st.one_of(vocabulary, texts), max_size=4), st.lists(texts, max_size=2))
def test_spans_lie_in_the_text_in_order_and_apart(text, terms, phrases):
    spans = highlight(text, terms, phrases)
    assert all(h.end <= len(text) for h in spans)
    assert all(a.end < b.start for a, b in pairwise(spans))


@quick
@given(texts, st.lists(vocabulary, max_size=4))
def test_spans_begin_and_end_at_the_borders_of_words(text, terms):
    borders = {place for word in WORD.finditer(text) for place in word.span()}
    borders |= {place for run in CJK_RUN.finditer(text) for place in range(run.start(), run.end() + 1)}
    assert all({h.start, h.end} <= borders for h in highlight(text, terms))


@quick
@given(texts, st.sampled_from(["train", "café", "as_strided", "ﬁne", "ß"]))
def test_just_the_words_with_the_terms_stem_are_marked(text, term):
    marks = " ".join(marked(text, [term]))
    expected = [word for word in WORD.findall(text) if stem(word) == stem(term)]
    assert WORD.findall(marks) == expected


def test_words_of_one_stem_are_marked():
    assert marked("We train. Training, trained and the trainee.", ["trains"]) == [
        "train",
        "Training",
        "trained",
    ]


def test_accents_and_case_do_not_matter_and_do_not_shift():
    text = "\u0130\u0130 \ufb01n \ufdfa cafe\u0301 CAFÉ naïve"
    assert marked(text, ["café", "Naive"]) == ["cafe\u0301 CAFÉ naïve"]


def test_neighbouring_words_become_one_span_but_not_over_a_blank_line():
    assert marked("policy gradient, policy\ngradient\n\npolicy", ["policy", "gradient"]) == [
        "policy gradient",
        "policy\ngradient",
        "policy",
    ]


def test_a_term_of_several_words_is_found_as_a_run():
    assert marked("Use torch.as_strided, not torch or strided.", ["torch.as_strided"]) == ["torch.as_strided"]


def test_phrases_are_marked_only_whole():
    assert marked("A gradient of policy; policy gradients.", [], ["policy gradient"]) == ["policy gradients"]


def test_cjk_terms_are_found_inside_writing():
    assert marked("今天学习机器学习，用Python。", ["机器", "器学", "学习", "Python"]) == [
        "学习机器学习",
        "Python",
    ]


def test_nothing_wanted_is_nothing_marked():
    assert highlight("Some text.", []) == ()
    assert highlight("Some text.", ["?!"]) == ()


@quick
@given(long_texts, st.lists(vocabulary, max_size=3), st.integers(20, 200))
def test_an_excerpt_is_short_and_shows_a_part_of_the_text_with_its_marks(text, terms, length):
    spans = highlight(text, terms)
    shown, moved = excerpt(text, spans, length=length)
    assert len(shown) <= length
    inner = shown if len(text) <= length else shown.removeprefix("…").removesuffix("…")
    assert inner in text
    words = {text[h.start : h.end] for h in spans}
    assert all(any(shown[h.start : h.end] in word for word in words) for h in moved)
    assert bool(moved) == bool(spans)


@quick
@given(long_texts.filter(lambda text: " " in text), st.lists(vocabulary, min_size=1, max_size=3))
def test_an_excerpt_of_words_cuts_none_of_them(text, terms):
    shown, _ = excerpt(text, highlight(text, terms), length=120)
    assert set(WORD.findall(shown)) <= set(WORD.findall(text))


def test_all_of_the_densest_marks_are_shown():
    text = "Filler words stand here. " * 8 + "A kernel is " + "w " * 30 + "kernel " + "w " * 200
    _, moved = excerpt(text, highlight(text, ["kernel"]), length=90)
    assert len(moved) == 2


def test_a_text_that_fits_is_shown_whole():
    assert excerpt("Short text.", (Highlight(0, 5),)) == ("Short text.", (Highlight(0, 5),))


def test_an_excerpt_is_cut_between_sentences_around_the_densest_marks():
    text = (
        "Filler sentence here. " * 30 + "The kernel is warm. Kernel tricks help. " + "More filler now. " * 30
    )
    shown, moved = excerpt(text, highlight(text, ["kernel", "warm"]), length=160)
    assert shown.startswith("…Filler sentence here. ")
    assert shown.endswith("now.…")
    assert [shown[h.start : h.end] for h in moved] == ["kernel", "warm", "Kernel"]


def test_the_denser_of_two_places_is_shown():
    text = "one kernel " + "filler " * 100 + "kernel tricks and kernel methods " + "filler " * 100
    _, moved = excerpt(text, highlight(text, ["kernel"]), length=100)
    assert len(moved) == 2


def test_without_marks_the_beginning_is_shown():
    shown, moved = excerpt("First sentence. " * 40, ())
    assert shown.startswith("First sentence.")
    assert shown.endswith("sentence.…")
    assert moved == ()


def test_code_keeps_its_lines():
    code = "\n".join(f"    line_{i} = call({i})" for i in range(60))
    shown, _ = excerpt(code, highlight(code, ["line_40"]), length=200)
    lines = shown.removeprefix("…").removesuffix("…").split("\n")
    assert "    line_40 = call(40)" in lines
    assert set(lines) <= set(code.split("\n"))


def test_an_excerpt_too_short_for_its_marks_is_refused():
    with pytest.raises(ValueError, match="room"):
        excerpt("text", (), length=2)
