"""What nearness says in an index: how near it comes to questions that have nothing to
do with it, and to the titles of its own articles."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from statistics import median

import numpy as np

from search.index.manifest import Manifest
from search.index.sqlite.articles import Passages
from search.index.sqlite.token_store import mean_met
from search.ports import DEFAULT_MODEL, Embedder, Encoding, VectorIndex

SAMPLE = 100  # passages; three times as many move what is measured by less than 0.005
TITLES = 60
# Of sixty subjects, so that most of them are foreign to any blog: half of them tell as
# much as all.
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


class Levels:
    """Measures the levels of indexes of one model."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @cached_property
    def _asked(self) -> list[Encoding]:
        return [self._embedder.encode_query(question) for question in QUESTIONS]

    def measured(
        self, known: Manifest, stored: Passages, vectors: VectorIndex
    ) -> Manifest:
        """The manifest with the levels; of the default model only ``everyday``, as the
        scale is its own."""
        known = replace(known, everyday=self.everyday(vectors))
        if self._embedder.name == DEFAULT_MODEL:
            return known
        foreign, met = self._foreign(stored)
        own, met_own = self._own(stored)
        return replace(known, foreign=foreign, own=own, met=met, met_own=met_own)

    def everyday(self, vectors: VectorIndex) -> float:
        """The median, over the questions, of the greatest cosine to any passage; 0 in
        an empty index.

        The more passages an index has, and the more of everyday life it speaks of, the
        nearer something lies to any question.
        """
        if not len(vectors):
            return 0.0
        return _rounded(
            median(
                float(vectors.nearest(asked.vector, 1)[1][0]) for asked in self._asked
            )
        )

    def _foreign(self, stored: Passages) -> tuple[float, float]:
        """Means, over everyday questions and passages, of the cosine and of how well
        the tokens are met."""
        _, vectors = stored.sample(SAMPLE, self._embedder.dimension)
        bits = stored.tokens.sample(SAMPLE, self._embedder.dimension)
        tokens = [
            asked.tokens.astype(np.float32)
            for asked in self._asked
            if len(asked.tokens)
        ]
        cosines = vectors.dot(np.stack([asked.vector for asked in self._asked]).T)
        return (
            _rounded(cosines.mean()) if len(vectors) else 0.0,
            _rounded(mean_met(bits, tokens).mean()) if tokens and bits else 0.0,
        )

    def _own(self, stored: Passages) -> tuple[float, float]:
        """Medians, over articles, of the greatest cosine of the title to any passage of
        the article, and of how well its tokens are met in one; 0 where there are
        none."""
        cosines, met = [], []
        for title, ids in stored.titled(TITLES):
            asked = self._embedder.encode_query(title)
            cosines.append(
                max(
                    float(vector.dot(asked.vector))
                    for vector in stored.vectors(ids).values()
                )
            )
            tokens = asked.tokens.astype(np.float32)
            found = stored.tokens.meet(ids, tokens, np.ones(len(tokens), np.float32))
            met += [max(one.passage for one in found.values())] if found else []
        return _rounded(median(cosines) if cosines else 0.0), _rounded(
            median(met) if met else 0.0
        )


def _rounded(value: float) -> float:
    return round(float(value), 4)
