"""Our nDCG, MRR and recall against trec_eval, the field's reference, as pytrec_eval
calls it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.evaluation.metrics import CUT, ndcg, recall, reciprocal_rank

pytrec_eval = pytest.importorskip("pytrec_eval")  # it has no wheel for Linux on ARM

ADDRESSES = "abcdefghijklmnopqrst"
MEASURES = {f"ndcg_cut_{CUT}", f"recall_{CUT}", "recip_rank"}


def by_trec_eval(ranked: list[str], gold: set[str]) -> dict[str, float]:
    """trec_eval holds each address once, so a repeated one becomes a stranger that
    keeps its place."""
    first = [
        url if url not in ranked[:place] else f"again {place}"
        for place, url in enumerate(ranked)
    ]
    # recip_rank has no cut of its own; the scores fall, as trec_eval orders by score
    # and then by name
    scores = {url: float(len(first) - place) for place, url in enumerate(first[:CUT])}
    evaluator = pytrec_eval.RelevanceEvaluator({"q": dict.fromkeys(gold, 1)}, MEASURES)
    return evaluator.evaluate({"q": scores})["q"]


@given(
    st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=25),
    st.sets(st.sampled_from(ADDRESSES), min_size=1, max_size=15),
)
def test_the_figures_are_those_of_trec_eval(ranked, gold):
    reference = by_trec_eval(ranked, gold)

    assert ndcg(ranked, gold) == pytest.approx(reference[f"ndcg_cut_{CUT}"])
    assert reciprocal_rank(ranked, gold) == pytest.approx(reference["recip_rank"])
    assert recall(ranked, gold) == pytest.approx(reference[f"recall_{CUT}"])
