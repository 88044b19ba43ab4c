"""Ranking: fusion by rank and by score, and passages grouped into articles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.ranking import convex_combination, group_by_article, reciprocal_rank_fusion

quick = settings(max_examples=100, deadline=None)
ids = st.integers(1, 30)
rankings = st.lists(st.lists(ids, unique=True), min_size=1, max_size=3)
scores = st.dictionaries(ids, st.floats(0, 1))


def test_fusion_is_the_formula_of_the_paper_over_its_greatest_value():
    fused = reciprocal_rank_fusion([[7, 8], [8, 9]])
    assert fused == pytest.approx(
        {7: (1 / 61) / (2 / 61), 8: (1 / 62 + 1 / 61) / (2 / 61), 9: (1 / 62) / (2 / 61)}
    )


def test_fusion_weighs_rankings():
    assert reciprocal_rank_fusion([[1], [2]], weights=[3, 1]) == pytest.approx({1: 0.75, 2: 0.25})
    with pytest.raises(ValueError, match="as many weights"):
        reciprocal_rank_fusion([[1], [2]], weights=[1])


@quick
@given(rankings)
def test_fusion_keeps_every_id_within_bounds_and_each_rankings_order(lists):
    fused = reciprocal_rank_fusion(lists)
    assert set(fused) == {number for ranking in lists for number in ranking}
    assert all(0 < score <= 1 + 1e-9 for score in fused.values())
    alone = reciprocal_rank_fusion(lists[:1])
    assert sorted(alone, key=alone.__getitem__, reverse=True) == lists[0]


@quick
@given(rankings)
def test_fusion_does_not_mind_the_order_of_rankings(lists):
    assert reciprocal_rank_fusion(lists) == pytest.approx(reciprocal_rank_fusion(lists[::-1]))


def test_an_id_twice_in_one_ranking_counts_once():
    assert reciprocal_rank_fusion([[1, 1, 2]]) == reciprocal_rank_fusion([[1, 2]])


def test_combination_scales_from_the_least_possible_to_the_greatest_found():
    combined = convex_combination({1: 0.6, 2: 0.2}, {2: 8.0, 3: 4.0}, weight=0.75)
    assert combined == pytest.approx({1: 0.75, 2: 0.75 * 1.2 / 1.6 + 0.25, 3: 0.125})


def test_combination_can_scale_from_the_least_found():
    combined = convex_combination({1: 0.6, 2: 0.2}, {}, weight=1, floors=None)
    assert combined == pytest.approx({1: 1, 2: 0})


def test_combination_refuses_a_weight_out_of_bounds():
    with pytest.raises(ValueError, match="between 0 and 1"):
        convex_combination({}, {}, weight=1.5)


@quick
@given(scores, scores, st.floats(0, 1), st.sampled_from([None, (-1.0, 0.0)]))
def test_combination_stays_between_0_and_1(dense, lexical, weight, floors):
    combined = convex_combination(dense, lexical, weight=weight, floors=floors)
    assert set(combined) == {*dense, *lexical}
    assert all(0 <= score <= 1 + 1e-9 for score in combined.values())


def test_an_article_scores_as_its_best_passage_and_a_little_for_the_next_two():
    found = group_by_article(
        {1: 0.5, 2: 0.9, 3: 0.4, 4: 0.3}, {1: 10, 2: 10, 3: 10, 4: 10}, share=0.1, further=2
    )
    assert found == [(10, pytest.approx((0.9 + 0.05 + 0.04) / 1.2), [(2, 0.9), (1, 0.5), (3, 0.4), (4, 0.3)])]


def test_many_weak_passages_do_not_beat_a_good_one():
    weak = dict.fromkeys(range(50), 0.4)
    found = group_by_article({**weak, 99: 0.5}, {**dict.fromkeys(weak, 1), 99: 2})
    assert [article for article, _, _ in found] == [2, 1]


def test_ties_go_to_the_smaller_id():
    found = group_by_article({5: 0.5, 4: 0.5, 3: 0.5}, {5: 1, 4: 2, 3: 2}, share=0)
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
    assert all(article_of[p] == article for article, _, passages in grouped for p, _ in passages)
    totals = [score for _, score, _ in grouped]
    assert totals == sorted(totals, reverse=True)
    assert all(0 <= score <= 1 for score in totals)
