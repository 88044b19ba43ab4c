"""Articles made of real sentences, with vectors and tokens mixed of the real ones.

A passage takes sentences of a real one and of one of its nearest, each with its own
tokens. Its vector is the two vectors' mean by their share of tokens, moved by a fifth of
the difference of two others: no direction is random, so that the spread of the vectors
stays that of real ones. Some bits of the tokens are flipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

import numpy as np
from numpy.typing import NDArray

from search.port_values import Encoding, Vectors
from search.ports import Embedder
from search.text.embedding_text import embedding_text
from search.text.sentences import sentence_spans
from search.types import Article, Block, Passage
from tests.benchmarks.scaling.real import RealPassage, RealPassages, Sentence

MOVED = 0.2  # times the difference of two real vectors
FLIPPED = 0.02  # of the bits
NOISE = 1 << 20  # bytes of flipped bits, from which each passage takes a part
PASSAGES_A_SITE = 1_000  # of a small site; half of all passages are of the real sites
DAYS = 365  # up to which a real article's date is moved
LONGEST = 40  # passages of an article

Bits = NDArray[np.uint8]
Spans = list[tuple[int, int]]


class MadeArticles:
    """Endless articles, the same ones for the same seed.

    ``encodings`` are those of the passages made since ``forget``, by embedded text.
    """

    def __init__(self, real: RealPassages, *, seed: int = 1) -> None:
        self._real = real
        self._random = Random(seed)
        self._noise = _noise(seed)
        self._number = 0
        self._passages = 0
        self.encodings: dict[str, Encoding] = {}

    def forget(self) -> None:
        """Let go of what was made so far."""
        self.encodings.clear()

    def __iter__(self) -> Iterator[tuple[Article, list[Passage]]]:
        return self

    def __next__(self) -> tuple[Article, list[Passage]]:
        random, real = self._random, self._real
        size = min(LONGEST, random.choice(real.sizes))
        first = random.randrange(len(real.passages))
        near = real.nearest[first]
        bases = [
            first,
            *(int(near[random.randrange(len(near))]) for _ in range(1, size)),
        ]
        title = self._title(real.passages[first], real.passages[int(near[0])])
        passages = [self._passage(base, title) for base in bases]
        article = self._article(real.passages[first].article, title, passages)
        self._number += 1
        self._passages += size
        return article, passages

    def _article(self, real: Article, title: str, passages: list[Passage]) -> Article:
        published = real.published
        if published:
            moved = published + timedelta(self._random.randint(-DAYS, DAYS))
            published = max(moved, date(1990, 1, 1))
        site = real.site or real.host
        if self._random.random() < 0.5:
            site = f"Blog {self._passages // (2 * PASSAGES_A_SITE)}"
        host = re.sub(r"\W+", "-", site.lower()).strip("-") or "blog"
        return Article(
            f"https://{host}.example/{self._number}",
            title,
            site=site,
            author=real.author,
            published=published,
            language=real.language,
            blocks=tuple(Block("paragraph", one.text) for one in passages),
        )

    def _title(self, one: RealPassage, other: RealPassage) -> str:
        """Return the beginning of a title with the end of another."""
        first, second = one.article.title.split(), other.article.title.split()
        words = first[: len(first) // 2 + 1] + second[len(second) // 2 :]
        return " ".join(words) or "Untitled"

    def _passage(self, base: int, title: str) -> Passage:
        real, random = self._real, self._random
        near = real.nearest[base]
        other = int(near[random.randrange(len(near))])
        own, foreign = real.passages[base], real.passages[other]
        chosen, share = self._sentences(own.sentences, foreign.sentences)
        text, spans = _joined(chosen)
        if not spans:  # it would be read as other sentences
            chosen, share = own.sentences[:1], 1.0
            text, spans = _joined(chosen)
        passage = Passage(text, own.heading)
        one, two = (random.randrange(len(real.passages)) for _ in range(2))
        vector = share * real.vectors[base] + (1 - share) * real.vectors[other]
        vector += np.float32(MOVED) * (real.vectors[one] - real.vectors[two])
        vector /= np.linalg.norm(vector)
        embedded = embedding_text(passage, title)
        bits = [own.context, *(one.bits for one in chosen)]
        self.encodings[embedded] = self._encoding(
            vector, bits, len(embedded) - len(text), spans
        )
        return passage

    def _encoding(
        self, vector: Vectors, bits: list[Bits], offset: int, spans: Spans
    ) -> Encoding:
        """Return an encoding where the tokens of a sentence lie at its end, and those
        of the context before the text."""
        # Not in a word: stop words are left out.
        places = [max(0, offset - 1), *(end + offset for _, end in spans)]
        at = np.repeat(places, list(map(len, bits))).astype(np.int32)
        rows = self._flipped(np.concatenate(bits))
        # Not float16, which takes longer than all else here: that they are above 0 or
        # not is all that is kept of them.
        tokens = np.unpackbits(rows, axis=1, count=len(vector))
        return Encoding(vector, tokens, np.stack([at, at], axis=1))

    def _sentences(
        self, own: list[Sentence], foreign: list[Sentence]
    ) -> tuple[list[Sentence], float]:
        """Return about as many characters as the passage's own, half of them foreign,
        and the share of its own tokens."""
        random = self._random
        kept = [one for one in own if random.random() < 0.5]
        room = sum(len(one.text) for one in own) - sum(len(one.text) for one in kept)
        taken: list[Sentence] = []
        for one in random.sample(foreign, len(foreign)):
            if len(one.text) <= room:
                taken.append(one)
                room -= len(one.text)
        if not kept and not taken:
            return own, 1.0
        ours = sum(len(one.bits) for one in kept)
        theirs = sum(len(one.bits) for one in taken)
        mixed = kept + taken
        random.shuffle(mixed)
        return mixed, ours / ((ours + theirs) or 1)

    def _flipped(self, bits: Bits) -> Bits:
        start = self._random.randrange(NOISE - bits.size)
        return bits ^ self._noise[start : start + bits.size].reshape(bits.shape)


class MadeEmbedder:
    """A model that knows the made passages already, and asks the real one for all
    else."""

    def __init__(self, model: Embedder, made: MadeArticles) -> None:
        self._model, self._made = model, made
        self.name, self.fingerprint = model.name, model.fingerprint
        self.dimension, self.window = model.dimension, model.window
        self.encode_query = model.encode_query
        self.count_tokens = model.count_tokens
        self.embed_passages = model.embed_passages

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Return the encodings of made texts, and of no other."""
        return [self._made.encodings[text] for text in texts]


def _joined(sentences: list[Sentence]) -> tuple[str, Spans]:
    """Join sentences and return their spans; none where they are told apart
    otherwise."""
    for mark in (" ", "\n\n"):
        text = mark.join(one.text for one in sentences)
        spans = sentence_spans(text)
        if len(spans) == len(sentences):
            return text, spans
    return text, []


def _noise(seed: int) -> Bits:
    flipped = np.random.default_rng(seed).random((NOISE, 8), np.float32) < FLIPPED
    return np.packbits(flipped, axis=1)[:, 0]
