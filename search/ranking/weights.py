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
# BM25 weights of a matching word by field: title, heading, note, text, other forms.
FIELD_WEIGHTS = (3.0, 1.5, 1.0, 1.0, 0.5)

# Late interaction: passages, the best by vector and words, whose tokens are compared.
CLOSE_LOOK = 80
# A BM25 share counts for so much of a cosine.
WORD_SHARE = 0.6
# Tokens have half of such a passage's score in a question of so many tokens, nearly all
# of it in a short one, and little in a long one, most of whose words help to say
# something and are met anywhere. 22 to 28 differ by less than 0.01 anywhere.
HALF_BY_TOKENS = 25
# Rarity of a stop word's token, in nats: that of a word in a third of all passages.
STOP_WORD_RARITY = 1.0

# A question is taken to be understood at least so far: nearness then still orders what
# no word finds.
LEAST_UNDERSTOOD = 0.01

# Reciprocal rank fusion, for comparison: the constant of Cormack, Clarke & Büttcher
# (SIGIR 2009), who found it to matter little.
RANK_DEPTH = 60

# The chance that anything answers, as log odds: logistic regression over 8,100 pairs of
# a question and one of twelve groups of archives, which answer a quarter of them
# (docs/quality.md), less 0.6, so that of the answerable ones 97 % are above even.
# A score of the best article; how much nearer the nearest passage is than to everyday
# questions (search/index/calibration.py); the share of the question's words that occur
# nowhere; the logarithm of its tokens: every word of a short question is met somewhere.
SCORE = 26.8
NEARNESS = 11.2
UNKNOWN_SHARE = -4.2
LENGTH = 4.4
NOTHING = -20.8
# A score without tokens, as that of the same article with them (the regression line).
LIFT, LIFTED_SHARE = 0.15, 0.72
# The cosine of everyday questions in most indexes, for one whose writer did not measure.
EVERYDAY = 0.22
# Of a question that the model cannot read only the words say something: an answer lacks
# no more of them than this, or than its score makes good.
MISSING = 0.4

# The chance that an article is the one asked for where one is, as log odds: logistic
# regression (Platt 1999) over the first ten results of the same answerable questions.
# Its score; how much it falls short of the best one's.
RIGHT_SCORE = 12.7
SHORT_OF_BEST = -64.5
WRONG = -4.4

# An article answers too where it has this share of the best one's score. At 0.75 84 %
# of the right articles in second place or later do, but what helps besides was left out
# in an archive of few articles: beside sticky rye, the sourdough that has to be sour.
AS_GOOD = 0.65


class Scale(NamedTuple):
    """Two points on a measure of similarity: its value for passages that have nothing
    to do with a question (``foreign``), and for the nearest passage of an article whose
    title is the question (``own``)."""

    foreign: float
    own: float


# The default model's scales over the eight archives: cosines, and MaxSim. Those of
# another model are mapped to these, since some call everything similar.
COSINE_SCALE = Scale(0.0, 0.65)
MAX_SIM_SCALE = Scale(0.13, 0.51)

# The chance that a sentence answers, among those of its article: logistic regression
# over the sentences of the articles that answer 314 judged questions, over eight
# archives, cross-validated by leaving out each (tests/benchmarks/quotes.py). They are
# 0.7 times what was fitted: a flatter curve takes windows of several fair sentences
# before those of one good one, which found 0.704 of the answers in place of 0.691.
SENTENCE_MAX_SIM = 7.8
SENTENCE_COSINE = 3.4
SENTENCE_PASSAGE = 8.7  # of the passage's score
SENTENCE_LENGTH = 0.87  # of the logarithm of its characters
