"""A page that is served while articles are written, each in a transaction: no error, and
every article of one edition."""

from __future__ import annotations

import json
import random
import re
import threading
import urllib.request
from contextlib import closing
from subprocess import DEVNULL

from search.index.open import open_index
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.torture.scale import rounds
from tests.web.serving import serving

TRANSACTIONS = rounds(30, 200)
ARTICLES, CLIENTS = 8, 2
EDITION = re.compile(r"\bedition(\d+)\b")
PATHS = (
    "/api/search?q=bread+in+a+cold+room",
    "/api/search?q=bread+-kayak&sort=newest",
    '/api/search?q="cold+room"+bread',
    "/api/search?q=bread+site:blog.example",
    "/article?url=https://blog.example/0",
)


def article(number: int, edition: int):
    """Each sentence says of which edition it is; the number of passages changes."""
    chance = random.Random(f"{number} {edition}")
    texts = [
        f"Bread number{number} rises in a cold room in part{part} of edition{edition}"
        f" {' '.join(chance.choices(('flour', 'oven', 'salt', 'crust'), k=9))}."
        for part in range(chance.randint(1, 5))
    ]
    made = Article(
        f"https://blog.example/{number}",
        f"Bread {number} edition{edition}",
        site="A blog",
        blocks=tuple(Block("paragraph", text) for text in texts),
    )
    return made, [Passage(text) for text in texts]


class Reader(threading.Thread):
    """Asks for pages until it is over; what it saw of articles, and what failed."""

    def __init__(self, address: str, over: threading.Event) -> None:
        super().__init__()
        self._address, self._over = address.rstrip("/"), over
        self.answers, self.hits = 0, 0
        self.failed: list[object] = []

    def run(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._over.is_set()
            for path in PATHS:
                try:
                    self._look(path, self._asked(path))
                except Exception as error:  # noqa: BLE001  # it is told
                    self.failed.append((path, repr(error)))

    def _asked(self, path: str) -> str:
        place = self._address + path.replace('"', "%22")
        with urllib.request.urlopen(place, timeout=60) as reply:
            return reply.read().decode()

    def _look(self, path: str, said: str) -> None:
        self.answers += 1
        shown = [said]
        if path.startswith("/api/"):
            results = json.loads(said)["results"]
            shown = [json.dumps((hit["title"], hit["passages"])) for hit in results]
            assert shown, "nothing was found"
        for one in shown:
            self.hits += 1
            if len(set(EDITION.findall(one))) != 1:
                self.failed.append((path, one))


def test_a_page_that_is_served_during_transactions_is_never_a_mixture(database):
    address = database()
    over = threading.Event()
    with closing(open_index(address, indexer="writer")) as index:
        with index.writer(HashEmbedder("hash"), splitter=1) as writer:
            writer.add([article(number, 0) for number in range(ARTICLES)])
            writer.commit()
            # Nobody reads its log: in a pipe it would stop the server once that is full.
            with serving(address, log=DEVNULL) as served:
                readers = [Reader(served.address, over) for _ in range(CLIENTS)]
                for reader in readers:
                    reader.start()
                for edition in range(1, TRANSACTIONS + 1):
                    writer.add([article(edition % ARTICLES, edition)])
                    writer.commit()
                over.set()
                for reader in readers:
                    reader.join()
        with index.snapshot() as snapshot:
            assert snapshot.manifest.articles == ARTICLES
    answers = sum(reader.answers for reader in readers)
    hits = sum(reader.hits for reader in readers)
    print(f"{TRANSACTIONS} transactions, {answers} answers, {hits} articles looked at")
    assert [one for reader in readers for one in reader.failed] == []
    assert answers >= len(PATHS) * CLIENTS
