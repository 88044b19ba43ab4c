"""When the best of what was found may be called an answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.ranking.confidence import (
    Background,
    at_scale,
    background,
    chance,
    is_confident,
    unknown_share,
)
from search.ranking.weights import COSINE_SCALE, EVEN, Scale
from tests.torture.scale import rounds


def test_nearness_or_the_words_themselves_make_an_answer():
    assert is_confident(0.38, 0.1, unknown=0.2)
    assert is_confident(
        0.65, -0.1, unknown=0
    )  # a name that stands there as it was typed
    assert not is_confident(0.3, 0.02, unknown=0)


def test_words_that_stand_nowhere_speak_against_an_answer():
    assert is_confident(0.4, 0.1, unknown=0)
    assert not is_confident(0.4, 0.1, unknown=0.6)


def test_of_a_question_that_the_model_cannot_read_only_the_words_count():
    assert is_confident(0.1, -0.2, unknown=0.3, understood=0)
    assert not is_confident(0.1, 0.5, unknown=0.6, understood=0)
    assert is_confident(
        0.3, 0.5, unknown=0.6, understood=0
    )  # they are held by few, and together
    assert is_confident(0.4, 0.5, unknown=0.6, understood=0.5)


def test_a_score_is_a_chance_that_grows_with_it():
    assert chance(EVEN) == pytest.approx(0.5)
    assert (
        chance(0.3) < 0.05 < 0.1 < chance(0.45) < 0.5 < chance(0.65) < chance(0.8) < 1
    )


def test_a_model_that_calls_everything_similar_is_brought_to_scale():
    everything_similar = Scale(foreign=0.75, own=0.91)
    assert at_scale(0.75, everything_similar) == pytest.approx(COSINE_SCALE.foreign)
    assert at_scale(0.91, everything_similar) == pytest.approx(COSINE_SCALE.own)
    assert not is_confident(0.3, at_scale(0.8, everything_similar) - 0.2, unknown=0)
    assert is_confident(0.3, at_scale(0.87, everything_similar) - 0.2, unknown=0)


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


def test_without_tokens_less_makes_an_answer():
    assert is_confident(0.25, 0.1, unknown=0.1, by_tokens=False)
    assert not is_confident(0.25, 0.1, unknown=0.1)


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
