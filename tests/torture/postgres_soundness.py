"""Whether an index in a PostgreSQL database is what it should be: every row that belongs
to a passage, and every number that is counted of them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
import psycopg

from search.engine import Engine
from search.index.open import open_index
from search.text.embedding_text import embedding_text
from search.text.tokenizer import vocabulary
from search.types import Passage
from tests.fakes import HashEmbedder

MODEL = HashEmbedder("hash")
EDITION = re.compile(r"\bedition(\d+)\b")

COUNTED = """
    SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages),
           (SELECT coalesce(sum(length), 0)::bigint FROM passage_words)
"""
TERMS = """
    SELECT token, count(*) FROM passage_words, unnest(tsvector_to_array(words)) token GROUP BY token
"""
DIFFERENT = "SELECT count(*) FROM texts WHERE same_as IS NULL OR same_as = article"
# A row of each is a mistake.
MISTAKES = {
    "an article that has other passages than it says": """
        SELECT a.url, a.passages, count(p.id) FROM articles a
        LEFT JOIN passages p ON p.article = a.id AND p.site = a.site
        GROUP BY a.id, a.url, a.passages
        HAVING a.passages <> count(p.id) OR a.passages <> count(DISTINCT p.position)
            OR a.passages <> coalesce(max(p.position) + 1, 0)""",
    "a passage without an article": """
        SELECT id FROM passages p WHERE NOT EXISTS
            (SELECT FROM articles a WHERE a.id = p.article AND a.site = p.site)""",
    "a passage without its words, or the other way round": """
        SELECT p.id, w.id FROM passages p
        FULL JOIN passage_words w ON w.id = p.id AND w.site = p.site AND w.article = p.article
        WHERE p.id IS NULL OR w.id IS NULL""",
    "a passage without its tokens, or the other way round": """
        SELECT p.id, t.passage FROM passages p FULL JOIN tokens t ON t.passage = p.id AND t.site = p.site
        WHERE p.id IS NULL OR t.passage IS NULL""",
    "one address twice": "SELECT url FROM articles GROUP BY url HAVING count(*) > 1",
    "an article of no site, byline or indexer": """
        SELECT url FROM articles WHERE site NOT IN (SELECT id FROM sites)
            OR byline NOT IN (SELECT id FROM bylines) OR indexer NOT IN (SELECT id FROM indexers)""",
    "an article whose near-duplicates nobody looked for, or the other way round": """
        SELECT a.id, t.article FROM articles a FULL JOIN texts t ON t.article = a.id
        WHERE a.id IS NULL OR t.article IS NULL""",
    "a near-duplicate that is not there": """
        SELECT article FROM bands WHERE article NOT IN (SELECT id FROM articles)
        UNION ALL SELECT article FROM copies WHERE article NOT IN (SELECT id FROM articles)
        UNION ALL SELECT other FROM copies WHERE other NOT IN (SELECT id FROM articles)
        UNION ALL SELECT same_as FROM texts WHERE same_as NOT IN (SELECT id FROM articles)""",
}


class Held(NamedTuple):
    """An article as far as a person would see it."""

    title: str
    passages: tuple[str, ...]

    @property
    def edition(self) -> int:
        """That of the title and of every passage; fails where they differ."""
        texts = " ".join((self.title, *self.passages))
        (found,) = set(EDITION.findall(texts))
        assert all(EDITION.search(text) for text in self.passages), self
        return int(found)


def rows(address: str, statement: str) -> list[tuple[Any, ...]]:
    options = {"options": "-c search_path=blogsearch,public"}
    with closing(psycopg.connect(address, **options)) as connection:
        return connection.execute(statement.encode()).fetchall()


def held(address: str) -> dict[str, Held]:
    """Every article by its address, with its passages in reading order."""
    found: dict[str, tuple[str, list[str]]] = {}
    for url, title, text in rows(
        address,
        "SELECT a.url, a.title, p.text FROM articles a JOIN passages p ON p.article = a.id"
        " ORDER BY a.id, p.position",
    ):
        found.setdefault(url, (title, []))[1].append(text)
    return {url: Held(title, tuple(texts)) for url, (title, texts) in found.items()}


def assert_sound(address: str) -> None:
    """Nothing is half, and what is counted is what there is; it answers."""
    for mistake, statement in MISTAKES.items():
        assert rows(address, statement) == [], mistake
    (counted,) = rows(address, COUNTED)
    assert rows(address, "SELECT articles, passages, words FROM state") == [counted]
    assert_terms(address)
    assert_told_by_texts(address)
    with closing(open_index(address)) as index:
        answer = Engine(index, embedder=MODEL).search("bread in a cold room")
        assert [(answer.total + answer.weaker,)] == rows(address, DIFFERENT)


def assert_terms(address: str) -> None:
    """Document frequencies, vocabulary and languages are those of the articles."""
    same(
        "terms",
        rows(address, "SELECT token, passages FROM terms"),
        rows(address, TERMS),
    )
    same(
        "languages",
        rows(address, "SELECT language, articles FROM languages"),
        rows(address, "SELECT language, count(*) FROM articles GROUP BY language"),
    )
    texts = defaultdict(set)
    for article, language, *written in rows(
        address,
        "SELECT a.id, a.language, a.title, p.text FROM articles a JOIN passages p ON p.article = a.id",
    ):
        texts[article, language].update(written)
    words = Counter(
        (language, word)
        for (_, language), written in texts.items()
        for word in {word for text in written for word in vocabulary(text)}
    )
    stored = rows(address, "SELECT language, word, articles FROM vocabulary")
    counts = [((language, word), count) for language, word, count in stored]
    same("vocabulary", counts, list(words.items()))


def same(what: str, stored: list[Any], counted: list[Any]) -> None:
    """The numbers by key are alike; what is not anywhere may be kept with 0."""
    found, expected = ({k: n for k, n in one if n} for one in (stored, counted))
    wrong = {
        key: (found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    }
    assert not wrong, (what, len(wrong), dict(list(wrong.items())[:5]))


def assert_told_by_texts(address: str) -> None:
    """Vectors are those of the passages' texts."""
    found = rows(
        address,
        "SELECT p.text, p.heading, p.is_note, a.title, p.vector::real[] FROM passages p"
        " JOIN articles a ON a.id = p.article ORDER BY p.id",
    )
    if found:
        made = [
            embedding_text(Passage(text, tuple(json.loads(path)), is_note=note), title)
            for text, path, note, title, _ in found
        ]
        stored = np.array([row[-1] for row in found], np.float32)
        assert np.allclose(MODEL.embed_passages(made), stored, atol=0.005)


def editions(address: str) -> Mapping[str, int]:
    """The edition of each article, none a mixture of two."""
    return {url: one.edition for url, one in held(address).items()}
