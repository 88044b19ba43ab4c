"""Figures of one ranked list, and how sure their means are."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.evaluation.metrics import (
    contains,
    estimate,
    is_answered,
    ndcg,
    recall,
    reciprocal_rank,
)

JUDGE = Path(__file__).resolve().parents[4] / "shared/eval/judge.py"
lists = st.lists(st.sampled_from("abcdefghijklmnop"), max_size=15)
golds = st.sets(st.sampled_from("abcdefgh"), min_size=1)


def test_figures_of_a_list_that_is_easily_counted():
    ranked = ["x", "a", "y", "b"]
    assert ndcg(ranked, {"a", "b"}) == pytest.approx(
        (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    )
    assert reciprocal_rank(ranked, {"a", "b"}) == 0.5
    assert recall(ranked, {"a", "b", "c", "d"}) == 0.5
    assert (ndcg(["x"], {"a"}), reciprocal_rank([], {"a"}), recall(["x"], {"a"})) == (
        0,
        0,
        0,
    )


@given(lists, golds)
def test_figures_lie_between_none_and_all(ranked, gold):
    for figure in (ndcg, reciprocal_rank, recall):
        assert 0 <= figure(ranked, gold) <= 1 + 1e-9
    assert ndcg(sorted(gold), gold) == pytest.approx(1)
    assert ndcg(["x"] * 10 + sorted(gold), gold) == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_an_interval_holds_its_mean_and_is_the_same_every_time(values):
    one = estimate(values)
    assert one.low - 1e-9 <= one.mean <= one.high + 1e-9
    assert estimate(values) == one
    assert min(values) - 1e-9 <= one.low
    assert one.high <= max(values) + 1e-9


def test_more_values_make_the_interval_narrower_and_a_clear_difference_leaves_0_out():
    few, many = estimate([0, 1] * 10), estimate([0, 1] * 200)
    assert many.high - many.low < (few.high - few.low) / 3
    # The standard error of the mean of 400 such values is 0.025.
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.025, rel=0.1)
    assert estimate([0.1, 0.2, 0.15] * 5).is_clear
    assert not estimate([-0.1, 0.2, -0.15] * 5).is_clear
    with pytest.raises(ValueError, match="nothing"):
        estimate([])


def test_an_answer_is_seen_through_markup_case_and_small_differences():
    span = "take the temperature you want, times four, and subtract the flour"
    assert contains(
        "First: **take the temperature** you want, times four, and subtract the `flour`.",
        span,
    )
    assert not contains(
        "take the flour you want and subtract the temperature, times four", span
    )
    assert contains("他说深度学习很有用的", "深度学习很有用")
    assert is_answered([["no"], ["a b c d e f g"]], ["c d e f g h"]) is False
    assert is_answered(
        [[], [], [], [], ["one two three four five six"]],
        ["one two three four five six"],
    )
    assert not is_answered(
        [[]] * 5 + [["one two three four five six"]], ["one two three four five six"]
    )


@given(
    lists,
    golds,
    st.lists(st.text("ab *_", max_size=40), max_size=6),
    st.text("ab ", min_size=1, max_size=30),
)
@pytest.mark.skipif(not JUDGE.is_file(), reason="the judge of ../shared isn't here")
def test_figures_are_those_of_the_judge(ranked, gold, texts, span):
    spec = importlib.util.spec_from_file_location("judge", JUDGE)
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    results = [
        (f"https://a.example/{name}", [{"text": text} for text in texts[i : i + 1]])
        for i, name in enumerate(ranked)
    ]

    class Canned(judge.Endpoint):
        def ask(self, query, limit=20):
            return {
                "results": [{"url": u, "passages": p} for u, p in results],
                "confident": True,
            }, 1.0

    urls = {f"https://a.example/{name}" for name in gold}
    record = {
        "id": "1",
        "kind": "k",
        "query": "q",
        "gold": [{"url": url, "spans": [span]} for url in urls],
    }
    told = judge.judge(Canned("", None), json.loads(json.dumps(record)))
    places = [url for url, _ in results]
    assert ndcg(places, urls) == pytest.approx(told["ndcg"])
    assert reciprocal_rank(places, urls) == pytest.approx(told["mrr"])
    assert (
        is_answered([[p["text"] for p in shown] for _, shown in results], [span])
        == told["a5"]
    )
