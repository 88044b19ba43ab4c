"""When the best of what was found may be called an answer."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.confidence import Background, Words, at_scale, background, is_confident, weigh_words


def words(found: float, unknown: float = 0.0, passages: int = 20_000) -> Words:
    return Words(found, unknown, passages)


def test_nearness_or_the_words_themselves_make_an_answer():
    assert is_confident(0.6, words(0.0))
    assert is_confident(0.3, words(1.0))  # a name that stands there as it was typed
    assert not is_confident(0.3, words(0.3))
    assert not is_confident(0.1, words(1.0))


def test_words_that_stand_nowhere_speak_against_an_answer_the_more_the_larger_the_index():
    assert not is_confident(0.5, words(0.4, 0.6))
    assert is_confident(0.5, words(0.4, 0.6, passages=100))


def test_a_model_that_calls_everything_similar_is_brought_to_scale():
    everything_similar = Background(mean=0.75, spread=0.03)
    assert not is_confident(at_scale(0.78, everything_similar), words(0.2))
    assert is_confident(at_scale(0.87, everything_similar), words(0.2))


def test_an_index_of_one_article_knows_no_background():
    known = background(np.array([1, 1]), np.eye(2, dtype=np.float32))
    assert known == Background(0.0, 0.0)
    assert at_scale(0.6, known) == 0.6


def test_the_background_is_that_of_different_articles():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert background(np.array([1, 1, 2]), vectors) == Background(0.0, 0.0)
    assert background(np.array([1, 2, 2]), vectors).mean == pytest.approx(0.5)


def test_rare_words_count_for_more():
    frequencies = {"zebra": 1, "time": 900}
    rare = weigh_words(frequencies, {"zebra": [1]}, 1000).found
    common = weigh_words(frequencies, {"time": [1]}, 1000).found
    assert rare > 0.9
    assert common < 0.1
    assert weigh_words(frequencies, {"zebra": [1], "time": [1]}, 1000).found == pytest.approx(1)
    assert weigh_words(frequencies, {"zebra": [1], "time": [2]}, 1000).found == rare  # not in one passage
    assert weigh_words({}, {}, 1000) == Words(0, 0, 1000)


def test_words_without_any_passage_are_unknown():
    assert weigh_words({"zebra": 0, "kayak": 0}, {"zebra": []}, 1000).unknown == pytest.approx(1)
    assert weigh_words({"zebra": 0, "kayak": 3}, {}, 1000).unknown == pytest.approx(0.573, abs=0.001)
    assert weigh_words({"zebra": 2}, {"zebra": [1]}, 1000).unknown == 0


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 50), max_size=5),
    st.lists(st.integers(1, 5), max_size=5),
)
def test_the_share_stays_between_0_and_1(frequencies, numbers):
    weighed = weigh_words(frequencies, dict.fromkeys(frequencies, numbers), 50)
    for share in (weighed.found, weighed.unknown):
        assert 0 <= share <= 1
        assert not math.isnan(share)
