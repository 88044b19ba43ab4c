"""Index directories with something in them, made without network, and ways to damage
them."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

from indexer.ledger.ledger import Ledger
from indexer.records import Item, PageRecord, SourceRecord
from indexer.split.split import SPLITTER_VERSION, split
from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block, Note
from tests.fakes import HashEmbedder
from tests.sites import text

FEED = "https://a.example/feed"
QUERIES = (
    "bread in a cold room",
    "Post 7",
    "water and salt",
    "site:a.example oven",
    '"cold room"',
)
PAGE = 4096


def article(number: int, *, paragraphs: int = 5) -> Article:
    """An article of a blog; no two have the same text."""
    return Article(
        url=f"https://a.example/{number}",
        title=f"Post {number}",
        site="A",
        author="Ann",
        published=date(2020, 1, number % 28 + 1),
        language="en",
        blocks=tuple(
            Block("paragraph", text(number * 10 + n)) for n in range(paragraphs)
        ),
        notes=(
            Note(
                "a note", "text", "section", date(2021, 2, 3), "https://b.example/", 4
            ),
        ),
    )


def stock(
    directory: Path, count: int, *, first: int = 0, model: HashEmbedder | None = None
) -> HashEmbedder:
    """One run of the indexer that brings in articles ``first`` to ``first + count``:
    index and ledger."""
    model = model or HashEmbedder()
    articles = [article(number) for number in range(first, first + count)]
    items = [Item(one.url, one.title) for one in articles]
    with SqliteWriter(directory, model, splitter=SPLITTER_VERSION) as index:
        ledger = Ledger(directory)
        with ledger.transaction():
            ledger.put_source(SourceRecord(FEED, "feed", "A"))
            ledger.put_items(FEED, items)
        index.add(
            [
                (a, split(a, count_tokens=model.count_tokens, window=model.window))
                for a in articles
            ]
        )
        index.commit()
        with ledger.transaction():
            for item in items:
                ledger.put_page(
                    PageRecord(item.url, "good", item.url, ledger.hash_of_url(item.url))
                )
        ledger.close()
    return model


def held(directory: Path) -> dict[str, tuple[Article | None, list[object]]]:
    """Everything that an index holds, by address."""
    with SqliteIndex(directory).snapshot() as index:
        return {
            url: (
                index.article(url),
                [one.passage for one in index.passages_of(index.find(url))],
            )
            for url in index.urls()
        }


def answers(directory: Path, model: HashEmbedder) -> list[object]:
    """What an index says to some questions, with scores."""
    engine = Engine(open_index(directory), embedder=model)
    said = [engine.search(query, limit=50) for query in QUERIES]
    return [(one.total, one.confident, one.hits) for one in said]


def flip(path: Path, chance: random.Random, *, bits: int = 1) -> None:
    """Turn over some bits of a file."""
    data = bytearray(path.read_bytes())
    for _ in range(bits):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def blank(path: Path, chance: random.Random) -> None:
    """Put zeros in the place of a page."""
    data = bytearray(path.read_bytes())
    start = chance.randrange(len(data) // PAGE) * PAGE
    data[start : start + PAGE] = bytes(PAGE)
    path.write_bytes(data)


def scribble(path: Path, chance: random.Random) -> None:
    """Write the bytes of another page over a page, as a disk does that loses its
    way."""
    data = bytearray(path.read_bytes())
    start, other = (chance.randrange(len(data) // PAGE) * PAGE for _ in range(2))
    data[start : start + PAGE] = data[other : other + PAGE]
    path.write_bytes(data)


def cut(path: Path, chance: random.Random) -> None:
    """Lose the end of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])
