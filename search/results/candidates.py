"""The articles of an index ranked for a question: candidates, their scores, confidence.

It shows nothing of them; search/results/hits.py does.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from search.manifest import Manifest
from search.port_values import Encoding, Phrase, Scope, Term, Vectors
from search.ports import DEFAULT_MODEL
from search.query.lexical import any_word, one_clause, scope_of
from search.query.parser import Query
from search.ranking.closeness import QuestionTokens
from search.ranking.confidence import (
    EVEN,
    at_scale,
    chance_of_answer,
    chance_of_article,
    lifted,
    rarity,
    unknown_share,
)
from search.ranking.fusion import (
    Ranked,
    Ranking,
    group_by_article,
    token_share,
    with_tokens,
)
from search.ranking.late_interaction import max_sim
from search.ranking.weights import (
    AS_GOOD,
    CLOSE_LOOK,
    EVERYDAY,
    LEAST_UNDERSTOOD,
    MAX_SIM_SCALE,
    POOL,
    STOP_WORD_RARITY,
    Scale,
)
from search.snapshot_port import Snapshot

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class RankedArticles:
    """Articles, those that answer first, each part best first; and the question's
    tokens, None where they say nothing.

    ``best`` is the greatest score, ``answering`` how many of them answer, ``answered``
    the chance, 0 to 1, that any does, ``by_tokens`` if scores are of tokens too.
    """

    articles: list[Ranked]
    best: float
    question: QuestionTokens | None
    answering: int
    answered: float
    by_tokens: bool

    @property
    def confident(self) -> bool:
        """If there is an answer."""
        return self.answering > 0

    def chance(self, score: float) -> float:
        """Return the chance, 0 to 1, that what has this score is what was asked for."""
        best = self.best
        if not self.by_tokens:
            score, best = lifted(score), lifted(best)
        return self.answered * chance_of_article(score, best)


@dataclass(frozen=True, slots=True)
class Among:
    """The ids of the articles that alone are ranked, None for all; ``best`` is the
    score that they are held against, where another one has a greater."""

    articles: frozenset[int] | None = None
    best: float = 0.0

    def scope(self, query: Query) -> Scope:
        """Return the passages of these articles that a question leaves."""
        return replace(scope_of(query), articles=self.articles)


EVERY = Among()


def ranked_articles(
    index: Snapshot,
    query: Query,
    *,
    encoding: Encoding,
    ranking: Ranking,
    among: Among = EVERY,
) -> RankedArticles:
    """Rank the articles of an index, or those ``among`` them, for a question and its
    encoding."""
    languages = _languages(index, query)
    dense, lexical = index.candidates(
        encoding.vector, any_word(query, languages), POOL, among.scope(query)
    )
    words = _QuestionWords(index, query, languages)
    cosine_scale, sim_scale = _scales(index.manifest)
    near = {number: at_scale(cosine, cosine_scale) for number, cosine in dense.items()}
    # What stands beside as many unknown words says nothing.
    understood = max(LEAST_UNDERSTOOD, 1 - 2 * encoding.unknown_share)
    scores = ranking.fuse(near, lexical, words.bound, understood)
    closest: list[int] = []
    if understood > LEAST_UNDERSTOOD:
        closest = heapq.nlargest(CLOSE_LOOK, scores, key=scores.__getitem__)
    question = _question_tokens(encoding, words)
    # Of the best alone: reading the tokens of all candidates would take most of the time.
    sims = max_sim(index.token_bits(closest), question.tokens, question.weights)
    if ranking.by_tokens:
        scaled = {
            number: at_scale(found, sim_scale, MAX_SIM_SCALE)
            for number, found in sims.items()
        }
        share = token_share(len(encoding.spans), understood)
        scores = with_tokens(scores, scaled, compared={*closest}, share=share)
    article_of = index.article_ids(list(scores))
    ranked = group_by_article(scores, article_of)
    by_tokens = ranking.by_tokens and bool(sims)
    holding = _holding(query, lexical, article_of)
    answered = float(bool(holding))
    if ranked and not holding:
        score = ranked[0][1]
        if closest and not by_tokens:
            score = lifted(score)
        # Confidence is the best article's, whatever page of results is shown.
        answered = chance_of_answer(
            score,
            max(near.values()) - _everyday(index.manifest, cosine_scale),
            unknown=words.unknown,
            tokens=len(encoding.spans) or len(query.text.split()),
            understood=understood,
        )
    answering, weaker = _parted(ranked, holding, answered, among.best)
    return RankedArticles(
        answering + weaker,
        best=max((one[1] for one in ranked), default=0.0),
        question=question if sims else None,
        answering=len(answering),
        answered=answered,
        by_tokens=by_tokens,
    )


def _question_tokens(encoding: Encoding, words: _QuestionWords) -> QuestionTokens:
    tokens = encoding.tokens.astype(np.float32)
    return QuestionTokens(encoding.vector, tokens, words.weights(encoding.spans))


def _holding(
    query: Query, lexical: Mapping[int, float], article_of: Mapping[int, int]
) -> set[int]:
    """Return the articles that answer by what they hold: a phrase, the one word that
    was typed, or all that was typed where it has to be there."""
    if query.phrases or query.is_bound:
        return set(article_of.values())  # no other passage is in scope
    if query.text in query.words:
        return {article_of[number] for number in lexical}
    return set()


def _parted(
    ranked: list[Ranked], holding: set[int], answered: float, best: float
) -> tuple[list[Ranked], list[Ranked]]:
    """Part the articles that answer from weaker ones, both in order."""
    if not ranked or answered < EVEN:
        return [], ranked
    # What is ranked alone may be the best of little.
    least = AS_GOOD * max(best, ranked[0][1])
    answering: list[Ranked] = []
    weaker: list[Ranked] = []
    for one in ranked:
        if one[0] in holding or one[1] >= least:
            answering.append(one)
        else:
            weaker.append(one)
    return answering, weaker


class _QuestionWords:
    """The words and phrases of a question, and their document frequencies."""

    def __init__(self, index: Snapshot, query: Query, languages: Sequence[str]) -> None:
        self._passages = index.manifest.passages
        self._text = query.text.casefold()
        clauses: list[Term | Phrase] = [Term(word) for word in query.words]
        clauses += [Phrase(text) for text in query.all_phrases]
        counts = index.document_frequencies(
            [one_clause(clause, languages) for clause in clauses]
        )
        self._counts = dict(zip(query.words, counts, strict=False))  # phrases follow
        self.bound = index.lexical_bound(counts)
        """The BM25 score that no passage exceeds."""
        self.unknown = unknown_share(self._counts.values(), self._passages)
        """The share of the words, each by its rarity, that no passage contains."""

    def weights(self, spans: NDArray[np.int32]) -> Vectors:
        """Return the weight of each token of the question, shape (n,): its share of the
        rarity of its word."""
        found = np.full(len(spans), STOP_WORD_RARITY, np.float32)
        for word, count in self._counts.items():
            weight = rarity(count, self._passages)
            for place in re.finditer(re.escape(word.casefold()), self._text):
                inside = (spans[:, 0] < place.end()) & (spans[:, 1] > place.start())
                found[inside] = np.maximum(found[inside], weight)
        # A word counts once, in however many pieces the model reads it.
        for place in _WORD.finditer(self._text):
            inside = (spans[:, 0] < place.end()) & (spans[:, 1] > place.start())
            found[inside] /= max(1, inside.sum())
        return found


def _languages(index: Snapshot, query: Query) -> tuple[str, ...]:
    if query.filters.language:
        return (query.filters.language,)
    return index.languages_of(query.text)


def _scales(known: Manifest) -> tuple[Scale | None, Scale | None]:
    """Return the scales of cosine and MaxSim, None for the default model, whose scales
    are those of the weights."""
    if known.model == DEFAULT_MODEL:
        return None, None
    cosines = Scale(known.cosine_foreign, known.cosine_own)
    return cosines, Scale(known.max_sim_foreign, known.max_sim_own)


def _everyday(known: Manifest, scale: Scale | None) -> float:
    """Return the cosine of everyday questions, at the default model's scale."""
    if known.everyday is None:
        return EVERYDAY
    return at_scale(known.everyday, scale)
