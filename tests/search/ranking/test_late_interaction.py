"""Late interaction: the bits of a passage, and the MaxSim of a question in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.port_values import Encoding, TokenBits
from search.ranking.closeness import QuestionTokens, closeness
from search.ranking.late_interaction import max_sim
from search.text.token_bits import token_bits
from tests.fakes import HashEmbedder

MODEL = HashEmbedder(dimension=512)  # so many that no two words here share one
TEXT = (
    "Rye bread is dense and dark, and it keeps for weeks on end. "
    "Wheat bread is light, and by the next morning it is already stale."
)
EMBEDDED = f"Two kinds of bread\n{TEXT}"


def kept(embedded: str = EMBEDDED, text: str = TEXT):
    return token_bits(MODEL.encode_query(embedded), embedded, text)


def asked(question: str, weights: list[float] | None = None):
    read = MODEL.encode_query(question)
    given = np.array(weights or [1.0] * len(read.spans), np.float32)
    return read.tokens.astype(np.float32), given


def test_stop_words_are_left_out_and_the_rest_is_counted_by_sentence():
    found = kept()
    assert found.counts.tolist() == [0, 7, 7]  # rye … end; wheat … stale
    assert found.bits.shape == (14, 64)


def test_a_text_of_stop_words_alone_has_no_tokens():
    found = kept("to be or not to be", "to be or not to be")
    assert (found.bits.shape, found.counts.tolist()) == ((0, 64), [0, 0])


def test_words_that_are_met_in_different_sentences_count_for_the_passage():
    words = asked("rye wheat")
    text, context = TEXT.split(". ")[0], EMBEDDED.split(". ")[0]
    met = max_sim({1: kept(), 2: kept(context, text)}, *words)
    assert met[1] > met[2]


def test_the_context_counts_only_where_the_text_has_no_tokens():
    """All passages of a section have it, and it tells none of them from the others."""
    texts = {1: kept(), 2: kept("Two kinds of rye\nto be", "to be")}
    met = max_sim(texts, *asked("kinds"))
    assert met[1] < met[2]


def test_the_context_is_stored_only_where_the_text_has_no_tokens():
    """Older programs stored it of every passage: that says nothing else."""
    assert kept("Two kinds of rye\nto be", "to be").counts.tolist() == [3, 0]
    read = MODEL.encode_query("Two kinds of rye and wheat")
    older = TokenBits(
        np.concatenate([np.packbits(read.tokens[:4] > 0, axis=1), kept().bits]),
        np.array([4, 7, 7], np.uint16),
    )
    words = asked("kinds of dark wheat")
    assert max_sim({1: older}, *words) == max_sim({1: kept()}, *words)
    question = QuestionTokens(MODEL.embed("dark wheat"), *words)
    near, same = closeness({1: older}, question), closeness({1: kept()}, question)
    assert np.array_equal(near[1].max_sim, same[1].max_sim)
    assert np.array_equal(near[1].cosine, same[1].cosine)


def test_a_token_counts_by_its_weight():
    passages = {1: kept(), 2: kept("Kayaks", "Kayaks glide over dark water.")}
    for weights, best in (([1.0, 0.1], 1), ([0.1, 1.0], 2)):
        met = max_sim(passages, *asked("rye kayaks", weights))
        assert max(met, key=lambda number: met[number]) == best


def test_what_has_no_tokens_is_left_out():
    passages = {1: kept(), 2: kept("to be", "to be")}
    assert set(max_sim(passages, *asked("rye"))) == {1}
    assert max_sim({}, *asked("rye")) == {}
    assert max_sim(passages, *asked("?")) == {}


vectors = st.lists(
    st.lists(st.floats(-1, 1, width=16), min_size=12, max_size=12),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(vectors, vectors)
def test_the_cosine_to_signs_is_what_numpy_says(stored, question):
    """Dimension 12: a row of bits isn't a whole number of bytes."""
    rows = np.array(stored, np.float16)
    one = Encoding(
        np.zeros(12, np.float32),
        rows,
        np.array([(n, n + 1) for n in range(len(rows))], np.int32),
    )
    text = "x" * len(rows)
    queries = np.array(question, np.float32) + np.float32(0.01)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    signs = np.where(rows > 0, 1.0, -1.0) / 12**0.5
    expected = (queries @ signs.T).max(axis=1).mean()
    met = max_sim(
        {1: token_bits(one, text, text)}, queries, np.ones(len(queries), np.float32)
    )
    assert met[1] == pytest.approx(expected, abs=1e-5)
