"""Ranking: fusion by rank and by score, and passages grouped into articles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.ranking.fusion import (
    group_by_article,
    mean_of_shares,
    one_per_text,
    token_share,
    with_tokens,
)
from search.ranking.weights import HALF_BY_TOKENS, WORD_SHARE
from tests.torture.scale import rounds

quick = settings(max_examples=rounds(100, 1000), deadline=None)
ids = st.integers(1, 30)
scores = st.dictionaries(ids, st.floats(0, 1))


def test_a_score_is_the_mean_of_the_cosine_and_of_the_share_of_the_greatest_bm25():
    combined = mean_of_shares({1: 0.6, 2: 0.2}, {2: 8.0, 3: 4.0}, 16.0)
    whole = 1 + WORD_SHARE
    assert combined == pytest.approx(
        {
            1: 0.6 / whole,
            2: (0.2 + WORD_SHARE * 0.5) / whole,
            3: WORD_SHARE * 0.25 / whole,
        }
    )


def test_a_stray_word_does_not_count_as_the_whole_question():
    """One passage is near, the other holds one of five words, which once was as good as
    all five."""
    combined = mean_of_shares({1: 0.6, 2: 0.3}, {2: 4.0}, 20.0)
    assert combined[1] > combined[2]


def test_a_cosine_counts_by_how_far_the_question_was_read():
    near, worded = {1: 0.8, 2: 0.1}, {2: 6.0}
    whole = 0.5 + WORD_SHARE
    assert mean_of_shares(near, worded, 20.0, 0.5) == pytest.approx(
        {1: 0.4 / whole, 2: (0.05 + WORD_SHARE * 0.3) / whole}
    )
    assert mean_of_shares(near, worded, 20.0, 0.0) == pytest.approx({1: 0.0, 2: 0.3})


def test_tokens_count_for_less_in_a_longer_question():
    assert token_share(HALF_BY_TOKENS) == pytest.approx(0.5)
    assert 1 > token_share(2) > token_share(20) > token_share(60) > 0
    assert token_share(20, read=0.5) == pytest.approx(token_share(20) / 2)
    assert token_share(20, read=0.0) == 0


def test_a_cosine_below_zero_says_nothing():
    assert mean_of_shares({1: 0.5, 2: -0.5}, {}, 0.0) == pytest.approx(
        {1: 0.5 / (1 + WORD_SHARE), 2: 0.0}
    )


def test_a_greatest_score_below_zero_is_refused():
    with pytest.raises(ValueError, match="never below 0"):
        mean_of_shares({}, {}, -1.5)


@quick
@given(
    st.dictionaries(ids, st.floats(-1, 1)),
    st.dictionaries(ids, st.floats(0, 40)),
    st.floats(0, 30),
    st.floats(0, 1),
)
def test_combination_keeps_every_id_and_stays_between_0_and_1(
    dense, lexical, greatest, read
):
    combined = mean_of_shares(dense, lexical, greatest, read)
    assert set(combined) == {*dense, *lexical}
    assert all(0 <= score <= 1 + 1e-9 for score in combined.values())


def test_tokens_decide_among_what_was_looked_at():
    found = with_tokens(
        {1: 0.5, 2: 0.4, 3: 0.3, 4: 0.2},
        {1: 0.2, 2: 0.6},
        compared={1, 2, 3},
        share=0.7,
    )
    assert sorted(found, key=found.__getitem__, reverse=True) == [2, 3, 1, 4]
    assert found[3] == pytest.approx(0.3)  # no tokens are stored of it
    # not looked at, and not near enough for it to matter
    assert found[4] == pytest.approx(0.2)
    assert (
        with_tokens({1: 0.9, 2: 0.8}, {2: 0.1}, compared={2}, share=0.7)[1] < 0.4
    )  # no better met than the worst


def test_without_tokens_nothing_changes():
    assert with_tokens(
        {1: 0.5, 2: 0.4}, {}, compared={1, 2}, share=0.7
    ) == pytest.approx({1: 0.5, 2: 0.4})


@quick
@given(scores, scores, st.sets(ids), st.floats(0, 1))
def test_scores_by_tokens_keep_every_id_and_stay_between_0_and_1(
    scores, met, looked_at, share
):
    found = with_tokens(
        scores,
        {n: value for n, value in met.items() if n in scores},
        compared=looked_at,
        share=share,
    )
    assert set(found) == set(scores)
    assert all(0 <= score <= 1 + 1e-9 for score in found.values())


def test_an_article_scores_as_its_best_passage():
    found = group_by_article(
        {1: 0.5, 2: 0.9, 3: 0.4, 4: 0.91}, {1: 10, 2: 10, 3: 10, 4: 11}
    )
    assert found == [
        (11, 0.91, [(4, 0.91)]),  # of one passage, and none the worse for it
        (10, 0.9, [(2, 0.9), (1, 0.5), (3, 0.4)]),
    ]


def test_ties_go_to_the_smaller_id():
    found = group_by_article({5: 0.5, 4: 0.5, 3: 0.5}, {5: 1, 4: 2, 3: 2})
    assert found == [(1, 0.5, [(5, 0.5)]), (2, 0.5, [(3, 0.5), (4, 0.5)])]


@quick
@given(scores, st.randoms(use_true_random=False))
def test_grouping_keeps_every_passage_and_is_the_same_in_any_order(found, random):
    article_of = {number: number % 5 for number in found}
    grouped = group_by_article(found, article_of)
    shuffled = list(found.items())
    random.shuffle(shuffled)
    assert grouped == group_by_article(dict(shuffled), article_of)
    assert {p: s for _, _, passages in grouped for p, s in passages} == found
    assert all(
        article_of[p] == article
        for article, _, passages in grouped
        for p, _ in passages
    )
    totals = [score for _, score, _ in grouped]
    assert totals == sorted(totals, reverse=True)
    assert all(0 <= score <= 1 for score in totals)


def test_of_the_copies_of_a_text_one_is_left_in_the_best_place():
    ranked = [
        (3, 0.9, [(30, 0.9)]),
        (5, 0.8, [(50, 0.8)]),
        (2, 0.7, [(20, 0.7)]),
        (7, 0.6, [(70, 0.6)]),
    ]
    assert one_per_text(ranked, {}) == ranked
    assert one_per_text(ranked, {2: 2, 3: 2}) == [
        (2, 0.9, [(20, 0.7)]),
        ranked[1],
        ranked[3],
    ]
    assert one_per_text(ranked, {3: 9, 7: 9, 9: 9}) == ranked[:3]


@quick
@given(st.dictionaries(ids, st.floats(0, 1)), st.dictionaries(ids, ids))
def test_no_text_is_lost_and_none_is_there_twice(scores, stands_for):
    stands_for |= dict.fromkeys(set(stands_for.values()))
    stands_for = {number: text or number for number, text in stands_for.items()}
    ranked = [(number, score, [(number, score)]) for number, score in scores.items()]
    left = one_per_text(ranked, stands_for)
    assert [stands_for.get(n, n) for n, _, _ in left] == list(
        dict.fromkeys(stands_for.get(n, n) for n in scores)
    )
    assert {number for number, _, _ in left} <= set(scores)
