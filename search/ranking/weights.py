"""The numbers of ranking, which were tuned together and are measured together.

All were chosen with all-MiniLM-L6-v2 over the eight archives of shared/eval/dev, each
alone and in groups, on the judged queries there and on others (docs/decisions.md).
Scores, cosines and shares are 0 to 1 unless a line says otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

# Candidates: passages that each retriever contributes. Twice as many change no figure
# by 0.01.
POOL = 200
# Passages whose BM25 scores are read for those candidates; asking for the scores of
# given passages is slower.
LEXICAL_DEPTH = 2000
# BM25 weights of a matching word by field: title, heading, note, text, other forms.
FIELD_WEIGHTS = (3.0, 1.5, 1.0, 1.0, 0.5)

# Late interaction: passages, the best by vector and words, whose tokens are compared.
CLOSE_LOOK = 80
# Share of the tokens in such a passage's score. 0.6 to 0.8 differ by less than 0.01 in
# nDCG@10, over the developers' judged queries and over others.
TOKEN_SHARE = 0.7
# Rarity of a stop word's token, in nats: that of a word in a third of all passages.
STOP_WORD_RARITY = 1.0

# A question is taken to be understood at least so far: nearness then still orders what
# no word finds.
LEAST_UNDERSTOOD = 0.01

# An article's further passages: how many count, and for what share of their scores. Of
# two articles with equal best passages the one with more to say comes first, and no
# heap of weak ones beats a good one.
FURTHER = 2
FURTHER_SHARE = 0.1

# Reciprocal rank fusion, for comparison: the constant of Cormack, Clarke & Büttcher
# (SIGIR 2009), who found it to matter little.
RANK_DEPTH = 60

# Confidence is the best article's score, plus NEARNESS times how much nearer the
# nearest passage is than to everyday questions (search/index/calibration.py), less
# UNKNOWN_SHARE times the share of the question's words that occur nowhere.
NEARNESS = 0.5
UNKNOWN_SHARE = 0.25
CUT_OFF = 0.34
# Without tokens: vectors and words alone give lower scores.
CUT_OFF_WITHOUT_TOKENS = 0.25
# The cosine of everyday questions in most indexes, for one whose writer did not measure.
EVERYDAY = 0.22
# Of a question that the model cannot read only the words say something: an answer lacks
# no more of them than this, or than its score makes good.
MISSING = 0.4

# A score as the chance that an article is the one asked for: logistic regression (Platt
# 1999) over the first ten results of 155 questions that the eight archives' own
# summaries and headings ask (indexer/evaluation), and of the judged queries.
EVEN = 0.545  # the score of an even chance
STEEPNESS = 14.8


class Scale(NamedTuple):
    """Two points on a measure of similarity: its value for passages that have nothing
    to do with a question (``foreign``), and for the nearest passage of an article whose
    title is the question (``own``)."""

    foreign: float
    own: float


# The default model's scales over the eight archives: cosines, and MaxSim. Those of
# another model are mapped to these, since some call everything similar.
COSINE_SCALE = Scale(0.0, 0.65)
MAX_SIM_SCALE = Scale(0.13, 0.66)

# The chance that a sentence answers, among those of its article: logistic regression
# over the sentences of the articles that answer 314 judged questions, over eight
# archives, cross-validated by leaving out each (tests/benchmarks/quotes.py). They are
# 0.7 times what was fitted: a flatter curve takes windows of several fair sentences
# before those of one good one, which found more answers in every archive.
SENTENCE_MAX_SIM = 7.9
SENTENCE_COSINE = 3.2
SENTENCE_PASSAGE = 8.7  # of the passage's score
SENTENCE_LENGTH = 0.59  # of the logarithm of its characters
