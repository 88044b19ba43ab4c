"""Highlights: spans that lie true in the text that is shown."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from search.results.highlights import highlight
from search.text.tokenizer import UNIT, WORD, running, stem
from search.text.word_forms import other_forms
from tests.torture.scale import rounds

quick = settings(max_examples=rounds(150, 1000), deadline=None)
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
    st.lists(
        st.one_of(vocabulary, st.sampled_from([" ", "\n\n", ". ", "-", "  "])),
        max_size=40,
    ).map("".join),
    st.lists(vocabulary, max_size=30).map(" ".join),
)


def marked(text, terms, phrases=()):
    return [text[h.start : h.end] for h in highlight(text, terms, phrases)]


@quick
@given(
    texts,
    st.lists(st.one_of(vocabulary, texts), max_size=4),
    st.lists(texts, max_size=2),
)
def test_spans_lie_in_the_text_in_order_and_apart(text, terms, phrases):
    spans = highlight(text, terms, phrases)
    assert all(h.end <= len(text) for h in spans)
    assert all(a.end < b.start for a, b in pairwise(spans))


@quick
@given(texts, st.lists(vocabulary, max_size=4))
def test_spans_begin_and_end_at_the_borders_of_words(text, terms):
    borders = {place for word in WORD.finditer(text) for place in word.span()}
    borders |= {place for unit in UNIT.finditer(text) for place in unit.span()}
    assert all({h.start, h.end} <= borders for h in highlight(text, terms))


@quick
@given(texts, st.sampled_from(["train", "café", "as_strided", "ﬁne", "ß"]))
def test_just_the_words_with_the_terms_stem_are_marked(text, term):
    marks = " ".join(marked(text, [term]))
    forms = {
        start: {form for at, _, form in other_forms(text) if at == start}
        for start, _, _ in running(text)
    }
    expected = [
        text[start:end]
        for start, end, form in running(text)
        if stem(term) in {form, *forms[start]}
    ]
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


def test_letters_and_numbers_written_otherwise_are_marked_as_they_stand():
    text = "Le cœur des bœufs\u00a0; Łódź, 16 GB, H.264, RFC2616 & 10,000 (İzmir)"
    assert marked(text, ["coeur", "boeufs", "lodz", "16GB", "H264", "izmir"]) == [
        "cœur",
        "bœufs",
        "Łódź",
        "16 GB",
        "H.264",
        "İzmir",
    ]
    assert marked(text, ["RFC", "2616", "10000"]) == ["RFC2616", "10,000"]
    assert marked(text, [], ["coeur des boeufs", "16GB", "RFC 2616"]) == [
        "cœur des bœufs",
        "16 GB",
        "RFC2616",
    ]


def test_neighbouring_words_become_one_span_but_not_over_a_blank_line():
    assert marked(
        "policy gradient, policy\ngradient\n\npolicy", ["policy", "gradient"]
    ) == [
        "policy gradient",
        "policy\ngradient",
        "policy",
    ]


def test_a_term_of_several_words_is_found_as_a_run():
    assert marked(
        "Use torch.as_strided, not torch or strided.", ["torch.as_strided"]
    ) == ["torch.as_strided"]


def test_phrases_are_marked_only_whole():
    assert marked(
        "A gradient of policy; policy gradients.", [], ["policy gradient"]
    ) == ["policy gradients"]


def test_cjk_terms_are_found_inside_writing():
    assert marked(
        "今天学习机器学习，用Python。", ["机器", "器学", "学习", "Python"]
    ) == [
        "学习机器学习",
        "Python",
    ]


def test_nothing_wanted_is_nothing_marked():
    assert highlight("Some text.", []) == ()
    assert highlight("Some text.", ["?!"]) == ()


WORDS = [
    "happy",
    "happily",
    "Hopping",
    "hoped",
    "torch.as_strided",
    "relational",
    "filing",
    "a_b",
    "C++",
    "x-ray",
    "dogs'",
]


@settings(max_examples=rounds(200, 1000), deadline=None)
@given(
    st.lists(st.sampled_from([*WORDS, "it's", "so", ".", "\n\n", "2.0"]), max_size=12),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
)
def test_plain_english_is_marked_like_any_other_text(text, terms):
    plain = " ".join(text)
    # an accent takes the longer way
    assert highlight(plain, terms) == highlight(f"{plain} . é", terms)
