"""The words of an article that are shown."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.split.split import split
from search.index.sqlite.articles import StoredPassage
from search.query import parser as query
from search.ranking.closeness import Closeness
from search.results.article_text import in_article
from search.results.placed_text import PlacedText
from search.results.quotable import Found, quotables
from search.results.quotes import QUOTES, compared_ids, hit
from search.results.windows import LONGEST
from search.text.sentences import sentence_spans
from search.types import Article, Block, Note, Passage

ASKED = "How do kayaks glide so well over the water?"
DULL = "This sentence speaks of nothing that is particular to the question here."
GLIDE = "Kayaks glide over the water because their hulls are long and narrow."


def article(*blocks: Block, **given) -> Article:
    return Article("https://a.example/1", "Post", blocks=blocks, **given)


def paragraph(*sentences: str) -> Block:
    return Block("paragraph", " ".join(sentences))


def passages_of(one: Article) -> dict[int, StoredPassage]:
    made = split(one, count_tokens=lambda texts: [len(t.split()) for t in texts], window=200)  # fmt: skip
    return {
        number: StoredPassage(1, passage, str(number), number)
        for number, passage in enumerate(made, 1)
    }


def shown(one: Article, scores: dict[int, float], close=None, stored=None):
    """The hit of an article of which these passages were found with these scores."""
    every = stored or passages_of(one)
    by_score = sorted(scores.items(), key=lambda entry: -entry[1])
    ranked = (1, by_score[0][1], by_score)
    return hit(
        PlacedText(one),
        ranked,
        stored={number: every[number] for number in compared_ids(ranked)},
        close=close or {},
        query=query.parse(ASKED),
    )


def near(*sims: float) -> Closeness:
    values = np.array(sims, np.float32)
    return Closeness(values, values)


def text_of(span, passage) -> str:
    return passage.text[span.start : span.end]


def test_the_sentence_that_answers_is_shown_with_its_neighbours_and_marked():
    one = article(paragraph(*[DULL] * 12), paragraph(DULL, GLIDE, DULL))
    (quote,) = shown(one, {1: 0.9}).passages
    assert GLIDE in quote.text
    assert DULL in quote.text
    assert len(quote.text) <= LONGEST
    assert text_of(quote.answer, quote) == GLIDE


def test_nothing_is_marked_where_no_sentence_stands_out():
    one = article(paragraph(GLIDE, GLIDE.replace("long", "wide"), GLIDE))
    (quote,) = shown(one, {1: 0.9}).passages
    assert quote.answer is None


def test_closeness_decides_where_it_is_known():
    first, second = DULL, DULL.replace("nothing", "something")
    one = article(paragraph(first, second, GLIDE))
    (quote,) = shown(one, {1: 0.9}, {1: near(0.1, 0.9, 0.1)}).passages
    assert text_of(quote.answer, quote) == second


@pytest.mark.parametrize("sims", [(0.3,), (0.1, 0.2, 0.3, 0.4)])
def test_the_closeness_of_other_sentences_than_these_says_nothing(sims):
    one = article(paragraph(DULL, DULL, GLIDE))
    (quote,) = shown(one, {1: 0.9}, {1: near(*sims)}).passages
    assert text_of(quote.answer, quote) == GLIDE


def test_a_quote_stays_in_its_section_and_says_which():
    one = article(
        Block("heading", "Post", 1),
        Block("heading", "Boats", 2),
        Block("heading", "Kayaks", 3, "kayaks"),
        paragraph(*[GLIDE] * 3),
        Block("heading", "Canoes", 3),
        paragraph(*[DULL] * 3),
    )
    quote = shown(one, {1: 0.9, 2: 0.8}).passages[0]
    assert quote.heading == "Boats › Kayaks"
    assert DULL not in quote.text
    assert quote.url.startswith("https://a.example/1#kayaks:~:text=")


def test_references_are_quoted_only_where_nothing_else_was_found():
    entries = [
        f'[{n}] A. Author et al. "Kayaks glide over the water." Journal of Boats {n} (2019).'
        for n in range(1, 9)
    ]
    one = article(
        paragraph(*[DULL] * 6),
        Block("heading", "References", 2),
        *(Block("paragraph", entry) for entry in entries),
    )
    both = shown(one, {1: 0.7, 2: 0.9}).passages
    assert "Journal of Boats" not in "".join(quote.text for quote in both)
    (alone,) = [q for q in shown(one, {2: 0.9}).passages if "Journal" in q.text][:1]
    assert alone.text.startswith("[")


def test_blocks_keep_their_kind_and_number():
    one = article(
        paragraph(GLIDE),
        Block("item", "Long and narrow hulls, as those of racing boats are.", 1, "", 3),
        Block("code", "glide()\n  return True"),
    )
    (quote,) = shown(one, {1: 0.9}).passages
    kinds = [(block.kind, block.level, block.number) for block in quote.blocks]
    assert kinds == [("paragraph", 0, 0), ("item", 1, 3), ("code", 0, 0)]


def test_a_note_is_quoted_by_itself():
    note = Note("How kayaks glide over the water, by somebody who builds them.")
    one = article(paragraph(*[DULL] * 3), notes=(note,))
    quotes = shown(one, {1: 0.2, 2: 0.9}).passages
    assert (quotes[0].text, quotes[0].start) == (note.text, -1)
    assert quotes[0].url == one.url


def test_an_article_without_text_is_quoted_by_its_title():
    stored = {1: StoredPassage(1, Passage("Kayaks of the north"), "1", 0)}
    (quote,) = shown(article(), {1: 0.9}, stored=stored).passages
    assert (quote.text, quote.answer) == ("Kayaks of the north", None)


def test_a_page_that_forbids_excerpts_shows_none_but_the_users_own_note():
    note = Note("text 3", page="https://b.example/")
    one = article(paragraph(GLIDE), notes=(note,), nosnippet=True)
    found = shown(one, {1: 0.9, 2: 0.8})
    assert (found.passages, found.note) == ((), note)


def test_long_code_is_quoted_in_part():
    code = "\n".join(f"kayak_{n} = glide(water, over={n})" for n in range(200))
    one = article(Block("code", code))
    for quote in shown(one, dict.fromkeys(passages_of(one), 0.9)).passages:
        assert len(quote.text) <= LONGEST
        assert quote.text in code


def test_no_quote_begins_or_ends_inside_a_sentence():
    """Sentences beside a passage are quoted whole, however far a quote reaches."""
    sentences = [
        f"Sentence number {n} of a post {'so long and ' * 6}dull." for n in range(20)
    ]
    sentences[10] = GLIDE
    one = article(paragraph(*sentences))
    stored = {1: StoredPassage(1, Passage(GLIDE), "1", 0)}
    (quote,) = shown(one, {1: 0.9}, stored=stored).passages
    parts = [f"{part.rstrip('.')}." for part in quote.text.split(". ")]
    assert GLIDE in parts
    assert len(parts) > 1
    assert set(parts) <= set(sentences)


def test_a_long_row_of_spaces_is_no_sentence():
    code = f"glide(){' ' * 2_000}return water"
    one = article(Block("code", code), paragraph(GLIDE))
    layout = PlacedText(one)
    stored = {1: StoredPassage(1, Passage(f"{code}\n\n{GLIDE}"), "1", 0)}
    (text,) = quotables(layout, {1: Found(stored[1], 0.9, None)}, query.parse(ASKED))
    found = [one.text[part.start : part.end] for part in text.sentences]
    assert all(part.strip() for part in found)
    assert "".join("".join(found).split()) == "".join(one.text.split())


WORDS = st.sampled_from(
    ["kayaks", "glide", "over", "a", "hull", "is", "long.", "Why?", "It floats!", "[1]"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=120).map(" ".join)
BLOCKS = st.one_of(
    st.builds(Block, st.sampled_from(["paragraph", "quote", "caption"]), TEXTS),
    st.builds(lambda text: Block("item", text, 1), TEXTS),
    st.builds(lambda n, level: Block("heading", f"Part {n}", level), st.integers(), st.integers(1, 4)),
    st.builds(lambda text: Block("code", text.replace(". ", "\n")), TEXTS),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=12), st.data())
def test_quotes_are_whole_pieces_of_the_text(blocks, data):
    one = article(*blocks)
    stored = passages_of(one)
    score = st.floats(0.05, 1)
    scores = {number: data.draw(score) for number in stored}
    found = shown(one, scores, stored=stored).passages
    assert len(found) <= QUOTES
    spans = sorted((q.start, q.start + len(q.text)) for q in found if q.start >= 0)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    for quote in found:
        assert len(quote.text) <= LONGEST
        if quote.start < 0:
            continue
        assert one.text[quote.start : quote.start + len(quote.text)] == quote.text
        covered = " ".join(quote.text[b.start : b.end] for b in quote.blocks)
        assert covered.split() == quote.text.split()
        if quote.answer:
            assert text_of(quote.answer, quote).strip()


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=12))
def test_sentences_of_passages_are_found_in_the_article(blocks):
    layout = PlacedText(article(*blocks))
    for stored in passages_of(article(*blocks)).values():
        text = stored.passage.text
        places = layout.locate(text)
        assert places
        for start, end in sentence_spans(text):
            first, last = in_article((start, end), places)
            # A heading may stand between, which is in no passage's text.
            words = iter(layout.text[first:last].split())
            assert all(word in words for word in text[start:end].split())


def test_a_passage_that_is_not_of_the_text_is_not_found():
    layout = PlacedText(article(paragraph(GLIDE)))
    assert layout.locate("Something else altogether.") == []
    assert layout.locate(f"{GLIDE}\n\nand what was taken out since") == []
