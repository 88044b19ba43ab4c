"""Calibration of an index: its similarity to everyday questions, which have nothing to
do with it, and to the titles of its own articles.

It reads a snapshot and knows no home of an index.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from statistics import median

import numpy as np

from search.manifest import Manifest
from search.port_values import Encoding
from search.ports import DEFAULT_MODEL, Embedder
from search.ranking.late_interaction import max_sim, mean_max_sim
from search.snapshot_port import Snapshot

SAMPLE = 100  # passages; three times as many move the figures by less than 0.005
TITLES = 60  # articles whose titles are asked
# Of sixty subjects, so that most of them are foreign to any blog: half of them give
# nearly the same figures as all.
QUESTIONS = (
    "how do I get red wine out of a carpet",
    "what is the best time of year to prune roses",
    "how many calories are in a boiled egg",
    "why does my car make a grinding noise when I brake",
    "how long does it take to fly from London to Tokyo",
    "what are the side effects of ibuprofen",
    "how do I file for divorce without a lawyer",
    "which vaccines does a puppy need in its first year",
    "how do you knit a cable stitch",
    "why do cats purr when they are ill",
    "what is the minimum wage for apprentices",
    "how does a heat pump warm a house in winter",
    "when was the treaty of Westphalia signed",
    "how do I tune a violin by ear",
    "what causes the northern lights",
    "is it safe to eat raw mushrooms",
    "how much water does a lawn need in summer",
    "what is the offside rule in football",
    "how do I remove a splinter from a finger",
    "which mortgage is better, fixed or variable",
    "how do bees find their way back to the hive",
    "what size tyres fit a road bike",
    "how do I make yoghurt at home",
    "why did the Roman Empire fall",
    "how do I descale a kettle with vinegar",
    "what is a good beginner yoga routine",
    "how do tides depend on the moon",
    "can I claim back tax on a home office",
    "how do I train for a first marathon",
    "which fish can live together in a small aquarium",
    "how is champagne different from prosecco",
    "what does a chest X-ray show",
    "how do I register a trademark",
    "why is my boiler losing pressure",
    "what is the plot of Hamlet",
    "how do I stop a baby from teething pain",
    "what is the half-life of caesium",
    "how do I paint a ceiling without streaks",
    "which countries need a visa for Brazil",
    "how do volcanoes form islands",
    "what do you feed a hedgehog in the garden",
    "how do I fold a fitted sheet",
    "how does a nuclear submarine make oxygen",
    "what is the difference between jam and marmalade",
    "how do I choose a wedding ring size",
    "what are the symptoms of appendicitis",
    "how do I get rid of ants in the kitchen",
    "who won the world cup in 1998",
    "how do I repair a puncture on a bicycle",
    "what is the capital gains tax on a second home",
    "how do I grow tomatoes on a balcony",
    "when do whales migrate along the coast",
    "how do I carve a turkey",
    "what is the best bait for trout",
    "how do I lay ceramic tiles in a bathroom",
    "why do leaves change colour in autumn",
    "how can I lower my blood pressure without pills",
    "what should be in a first aid kit for hiking",
    "how do you say thank you in Hungarian",
    "how does anaesthesia work",
)


class Calibration:
    """Measures the calibration of indexes of one model."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @cached_property
    def _questions(self) -> list[Encoding]:
        return list(map(self._embedder.encode_query, QUESTIONS))

    def measured(self, index: Snapshot) -> Manifest:
        """Return the snapshot's manifest with its calibration; of the default model only
        ``everyday``, as the scale is its own."""
        known = replace(index.manifest, everyday=self._everyday(index))
        if self._embedder.name == DEFAULT_MODEL:
            return known
        cosine_foreign, max_sim_foreign = self._foreign(index)
        cosine_own, max_sim_own = self._own(index)
        return replace(
            known,
            cosine_foreign=cosine_foreign,
            cosine_own=cosine_own,
            max_sim_foreign=max_sim_foreign,
            max_sim_own=max_sim_own,
        )

    def _everyday(self, index: Snapshot) -> float:
        """Return the median, over the questions, of the greatest cosine to any passage;
        0 in an empty index."""
        # The more passages an index has, and the more of everyday life it speaks of,
        # the nearer something lies to any question.
        greatest = []
        for question in self._questions:
            _, cosines = index.nearest(question.vector, 1)
            greatest += cosines.tolist()
        return _median(greatest)

    def _foreign(self, index: Snapshot) -> tuple[float, float]:
        """Return the means of cosine and MaxSim over everyday questions and passages."""
        sample = index.sample(SAMPLE)
        if not len(sample.ids):
            return 0.0, 0.0
        vectors = np.stack([question.vector for question in self._questions])
        cosine = _rounded(sample.vectors.dot(vectors.T).mean())
        bits = list(index.token_bits(sample.ids.tolist()).values())
        tokens = [
            question.tokens.astype(np.float32)
            for question in self._questions
            if len(question.tokens)
        ]
        if not bits or not tokens:
            return cosine, 0.0
        return cosine, _rounded(mean_max_sim(bits, tokens).mean())

    def _own(self, index: Snapshot) -> tuple[float, float]:
        """Return the medians, over articles, of the title's greatest cosine and MaxSim
        to a passage of the article; 0 where there are none."""
        cosines, sims = [], []
        for title, ids in index.sample_titles(TITLES):
            question = self._embedder.encode_query(title)
            cosines.append(max(index.similarities(ids, question.vector).values()))
            tokens = question.tokens.astype(np.float32)
            weights = np.ones(len(tokens), np.float32)
            found = max_sim(index.token_bits(ids), tokens, weights)
            if found:
                sims.append(max(found.values()))
        return _median(cosines), _median(sims)


def _median(values: list[float]) -> float:
    if values:
        return _rounded(median(values))
    return 0.0


def _rounded(value: float) -> float:
    return round(float(value), 4)
