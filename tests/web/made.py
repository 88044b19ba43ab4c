"""An index of made-up articles, as large as is wished, with words as frequent as in
writing."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Passage
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder()


def words(count: int, rng: random.Random) -> list[str]:
    letters = "etaoinshrdlucmfwypvbgk"
    made = {
        "".join(rng.choices(letters, range(22, 0, -1), k=rng.randint(3, 11)))
        for _ in range(count)
    }
    return sorted(made, key=lambda _: rng.random())


def made_index(
    directory: Path,
    articles: int,
    *,
    passages: int = 4,
    also: Iterable[tuple[Article, list[Passage]]] = (),
) -> list[str]:
    """Writes it, with further articles if told; gives its words, most frequent
    first."""
    rng = random.Random(articles)
    vocabulary = words(5000, rng)
    weights = [1 / (rank + 2) for rank in range(len(vocabulary))]
    with SqliteWriter(directory, EMBEDDER, splitter=1) as index:
        index.add(list(also))
        for number in range(articles):
            texts = [
                " ".join(rng.choices(vocabulary, weights, k=90)) + "."
                for _ in range(passages)
            ]
            article = Article(
                f"https://blog{number % 40}.example/{number}", texts[0][:60].title(),
                site=f"Blog {number % 40}",
                author=f"Author {number % 90}", published=date(2010 + number % 15, 1 + number % 12, 3),
                language="en",
            )  # fmt: skip
            index.add([(article, [Passage(text) for text in texts])])
        index.commit()
    return vocabulary
