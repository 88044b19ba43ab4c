"""When the best of what was found may be called an answer."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.confidence import Background, background, is_confident, words_found


def test_nearness_or_the_words_themselves_make_an_answer():
    assert is_confident(0.6, 0.0, None)
    assert is_confident(0.3, 1.0, None)  # a name that stands there as it was typed
    assert not is_confident(0.3, 0.3, None)
    assert not is_confident(0.1, 1.0, None)


def test_a_model_that_calls_everything_similar_is_brought_to_scale():
    everything_similar = Background(mean=0.75, spread=0.03)
    assert not is_confident(0.78, 0.2, everything_similar)
    assert is_confident(0.87, 0.2, everything_similar)


def test_an_index_of_one_article_knows_no_background():
    known = background(np.array([1, 1]), np.eye(2, dtype=np.float32))
    assert known == Background(0.0, 0.0)
    assert is_confident(0.6, 0.0, known)


def test_the_background_is_that_of_different_articles():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert background(np.array([1, 1, 2]), vectors) == Background(0.0, 0.0)
    assert background(np.array([1, 2, 2]), vectors).mean == pytest.approx(0.5)


def test_rare_words_count_for_more():
    frequencies = {"zebra": 1, "time": 900}
    rare = words_found(frequencies, {"zebra": [1]}, 1000)
    common = words_found(frequencies, {"time": [1]}, 1000)
    assert rare > 0.9
    assert common < 0.1
    assert words_found(frequencies, {"zebra": [1], "time": [1]}, 1000) == pytest.approx(1)
    assert words_found(frequencies, {"zebra": [1], "time": [2]}, 1000) == rare  # not in one passage
    assert words_found({}, {}, 1000) == 0


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 50), max_size=5),
    st.lists(st.integers(1, 5), max_size=5),
)
def test_the_share_stays_between_0_and_1(frequencies, numbers):
    share = words_found(frequencies, dict.fromkeys(frequencies, numbers), 50)
    assert 0 <= share <= 1
    assert not math.isnan(share)
