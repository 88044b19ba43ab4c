"""What is shown of an article that was found."""

import numpy as np
import pytest

from search.index.sqlite.articles import StoredPassage
from search.query import parser as query
from search.results.quotes import SHOWN_PASSAGES, hit, shown_ids
from search.types import Article, Block, Note, Passage

LONG = "This sentence speaks of nothing that is particular. "
ASKED = "How do kayaks glide so well over the water?"
ARTICLE = Article("https://a.example/1", "Post", blocks=(Block("paragraph", "text"),))


def shown(
    scores: dict[int, float],
    *,
    notes: tuple[int, ...] = (),
    texts=None,
    sentences=None,
    article=ARTICLE,
):
    """The hit of an article with ten passages, of which these were found with these
    scores."""
    ranked = (
        1,
        max(scores.values()),
        sorted(scores.items(), key=lambda entry: -entry[1]),
    )
    stored = {
        number: StoredPassage(
            1,
            Passage(
                (texts or {}).get(number, f"text {number}"),
                (f"H{number}",),
                is_note=number in notes,
            ),
            str(number),
            number,
        )
        for number in shown_ids(ranked)
    }
    return hit(
        article,
        ranked,
        stored=stored,
        sentences=sentences or {},
        query=query.parse(ASKED),
    )


def test_neighbours_are_joined_in_reading_order_and_the_best_comes_first():
    found = shown({2: 0.5, 3: 0.9, 7: 0.95, 5: 0.4})
    assert [p.text for p in found.passages] == ["text 7", "text 2\n\ntext 3", "text 5"]
    assert [p.heading for p in found.passages] == ["H7", "H3", "H5"]
    assert [p.score for p in found.passages] == [0.95, 0.9, 0.4]


def test_a_note_stands_alone():
    found = shown({2: 0.5, 3: 0.9, 4: 0.6}, notes=(3,))
    assert [p.text for p in found.passages] == ["text 3", "text 4", "text 2"]


def test_what_is_far_from_the_best_is_not_shown():
    assert [p.text for p in shown({1: 1.0, 3: 0.41, 5: 0.39}).passages] == [
        "text 1",
        "text 3",
    ]
    many = shown({number: 1.0 - number / 100 for number in range(0, 40, 2)})
    assert len(many.passages) == SHOWN_PASSAGES


def test_the_nearest_sentence_of_the_best_passage_is_the_answer():
    texts = {
        2: "Before.",
        3: LONG + "Kayaks glide because their hulls are long and narrow.",
    }
    found = shown(
        {2: 0.5, 3: 0.9}, texts=texts, sentences={3: np.array([0.2, 0.8], np.float32)}
    )
    (passage,) = found.passages
    answer = passage.answer
    assert (
        passage.text[answer.start : answer.end]
        == "Kayaks glide because their hulls are long and narrow."
    )


@pytest.mark.parametrize("cosines", [None, [0.3], [0.1, 0.2, 0.3]])
def test_without_the_sentences_of_this_text_none_is_the_answer(cosines):
    sentences = {3: np.array(cosines, np.float32)} if cosines else {}
    found = shown({3: 0.9}, texts={3: LONG + LONG}, sentences=sentences)
    assert found.passages[0].answer is None


def test_where_nearness_is_not_known_the_sentence_with_most_of_the_words_is_the_answer():
    glide = "Kayaks glide over the water because their hulls are long."
    (passage,) = shown({3: 0.9}, texts={3: f"{LONG}{glide} {LONG}"}).passages
    assert passage.text[passage.answer.start : passage.answer.end] == glide


def test_a_page_that_forbids_excerpts_shows_none_but_the_users_own_note():
    note = Note("text 3", page="https://b.example/")
    article = Article("https://a.example/1", "Post", notes=(note,), nosnippet=True)
    found = shown({3: 0.9}, article=article)
    assert (found.passages, found.note) == ((), note)
