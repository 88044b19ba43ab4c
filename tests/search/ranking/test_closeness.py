"""Closeness of a question to the sentences of passages."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from search.port_values import TokenBits
from search.ranking.closeness import QuestionTokens, closeness

DIMENSION = 16


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def question(random: np.random.Generator, tokens: int) -> QuestionTokens:
    return QuestionTokens(
        unit(random.normal(size=DIMENSION)),
        unit(random.normal(size=(tokens, DIMENSION))),
        random.uniform(0.1, 2, tokens).astype(np.float32),
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 4), min_size=2, max_size=6))
def test_each_sentence_is_compared_by_its_own_tokens(seed, counts):
    random = np.random.default_rng(seed)
    asked = question(random, 3)
    signs = np.where(random.normal(size=(sum(counts), DIMENSION)) > 0, 1.0, -1.0)
    bits = np.packbits(signs > 0, axis=1)
    found = closeness({7: TokenBits(bits, np.array(counts, np.uint16))}, asked)
    if not sum(counts):
        assert found == {}
        return
    shares = asked.weights / asked.weights.sum()
    start = counts[0]
    for sentence, count in enumerate(counts[1:]):
        own = signs[start : start + count]
        start += count
        sim, cosine = -1.0, 0.0
        if count:
            cosines = own @ asked.tokens.T / DIMENSION**0.5
            sim = float(cosines.max(axis=0) @ shares)
            total = own.sum(axis=0)
            cosine = float(total @ asked.vector / max(np.linalg.norm(total), 1e-6))
        assert np.isclose(found[7].max_sim[sentence], sim, atol=1e-5)
        assert np.isclose(found[7].cosine[sentence], cosine, atol=1e-5)


def test_a_question_whose_tokens_count_for_nothing_compares_nothing():
    asked = question(np.random.default_rng(1), 2)._replace(weights=np.zeros(2, np.float32))  # fmt: skip
    bits = TokenBits(np.zeros((3, 2), np.uint8), np.array([1, 2], np.uint16))
    assert closeness({1: bits}, asked) == {}
