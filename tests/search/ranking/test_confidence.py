"""When the best of what was found may be called an answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.ranking.confidence import (
    EVEN,
    Background,
    at_scale,
    background,
    chance_of_answer,
    chance_of_article,
    lifted,
    unknown_share,
)
from search.ranking.weights import COSINE_SCALE, Scale
from tests.torture.scale import rounds


def is_answered(score, nearness, *, unknown=0.0, tokens=10, understood=1.0) -> bool:
    chance = chance_of_answer(
        score, nearness, unknown=unknown, tokens=tokens, understood=understood
    )
    assert 0 <= chance <= 1
    return chance >= EVEN


def test_the_score_and_the_nearness_make_an_answer_together():
    assert is_answered(0.45, 0.1)
    assert is_answered(0.3, 0.3)
    assert not is_answered(0.3, 0.1)


def test_a_short_question_needs_more_than_a_long_one():
    """Two words are met in most archives, somewhere; a paraphrase of twenty is not."""
    assert is_answered(0.35, 0.1, tokens=20)
    assert not is_answered(0.45, 0.1, tokens=2)
    assert is_answered(0.65, 0.3, tokens=2)


def test_words_that_stand_nowhere_speak_against_an_answer():
    assert is_answered(0.4, 0.15)
    assert not is_answered(0.4, 0.15, unknown=0.6)


def test_of_a_question_that_the_model_cannot_read_only_the_words_count():
    assert is_answered(0.1, -0.2, unknown=0.3, understood=0)
    assert not is_answered(0.1, 0.5, unknown=0.6, understood=0)
    # They are held by few, and together.
    assert is_answered(0.3, 0.5, unknown=0.6, understood=0)


def test_the_chance_of_an_article_falls_by_how_far_it_is_behind_the_best():
    chances = [chance_of_article(score, 0.6) for score in (0.6, 0.58, 0.5, 0.3)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.9 > chances[1] > 0.5 > 0.05 > chances[2] > chances[3] >= 0
    assert chance_of_article(0.3, 0.3) < 0.5


def test_without_tokens_less_makes_an_answer():
    assert not is_answered(0.3, 0.15)
    assert is_answered(lifted(0.3), 0.15)


def test_a_model_that_calls_everything_similar_is_brought_to_scale():
    everything_similar = Scale(foreign=0.75, own=0.91)
    assert at_scale(0.75, everything_similar) == pytest.approx(COSINE_SCALE.foreign)
    assert at_scale(0.91, everything_similar) == pytest.approx(COSINE_SCALE.own)
    assert not is_answered(0.33, at_scale(0.8, everything_similar) - 0.2)
    assert is_answered(0.33, at_scale(0.87, everything_similar) - 0.2)


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1))
def test_a_scale_keeps_the_order_and_never_passes_1(value, more, foreign, reach):
    scale = Scale(foreign, min(1.0, foreign + reach))
    low, high = sorted([value, more])
    assert at_scale(low, scale) <= at_scale(high, scale) + 1e-9
    assert at_scale(high, scale) <= 1 + 1e-9


def test_what_has_no_measured_scale_stays_as_it_is():
    assert (
        at_scale(0.6, None)
        == at_scale(0.6, Scale(0.0, 0.0))
        == at_scale(0.6, Scale(0.5, 0.4))
        == 0.6
    )


def test_an_index_of_one_article_knows_no_background():
    assert background(np.array([1, 1]), np.eye(2, dtype=np.float32)) == Background(
        0.0, 0.0
    )


def test_the_background_is_that_of_different_articles():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert background(np.array([1, 1, 2]), vectors) == Background(0.0, 0.0)
    assert background(np.array([1, 2, 2]), vectors).mean == pytest.approx(0.5)


def test_rare_words_count_for_more():
    assert (
        unknown_share([0, 900], 1000) > 0.9
    )  # nobody speaks of zebras, everybody of time
    assert unknown_share([0, 3], 1000) == pytest.approx(0.573, abs=0.001)
    assert unknown_share([0, 0], 1000) == pytest.approx(1)
    assert unknown_share([2, 900], 1000) == 0
    assert unknown_share([], 1000) == 0


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.lists(st.integers(0, 50), max_size=5))
def test_the_share_stays_between_0_and_1(frequencies):
    assert 0 <= unknown_share(frequencies, 50) <= 1 + 1e-9
