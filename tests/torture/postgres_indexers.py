"""Two indexers, each a real blog-indexer with a ledger and sites of its own, that write
to one PostgreSQL database."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture.breaking import Breaker, Ended, Order

SITES, POSTS = 2, 4  # sites of an indexer, posts of a site
SHARED = POSTS - 1  # this post has one text on all sites, and so near-duplicates
SENTENCES = 8  # of a part, which is about two passages
WORDS = """
    bread water flour yeast room cold oven salt crust crumb morning kayak wind wave shore
    paddle rope tent map path stone river bridge lamp book page letter ink paper train
    station ticket window garden seed rain leaf root apple honey wheel chain brake
""".split()  # noqa: SIM905  # a list of them is a page long


class Indexer:
    """One of them: its sites are folders of posts, which it writes again for each
    edition."""

    def __init__(self, name: str, folder: Path, address: str) -> None:
        self.name = name
        self._address = address
        self._ledger = folder / f"{name}-ledger"
        self._breaker = Breaker(None)
        self._sites = [folder / f"{name}-{number}" for number in range(SITES)]
        for site in self._sites:
            (site / "content").mkdir(parents=True)
            (site / "hugo.toml").write_text(
                f'baseURL = "https://{site.name}.example/"\n'
            )

    def write(self, edition: int) -> None:
        """Bring all posts into an edition: some are longer than before, some shorter."""
        for site in self._sites:
            for number in range(POSTS):
                name = "all sites" if number == SHARED else site.name
                (site / "content" / f"post{number}.md").write_text(
                    f"---\ntitle: Post {number} edition{edition}\ndate: 2024-01-0{number + 1}\n---\n\n"
                    + _text(random.Random(f"{name} {number} {edition}"), edition)
                )

    def add(self) -> Ended:
        """Follow the sites, to the end of the first run."""
        return self._breaker.run(self._order("add", *map(str, self._sites)))

    def start(self) -> int:
        """Begin an update; its process."""
        return self._breaker.start(self._order("update"))

    def end(self) -> Ended:
        """Wait for the update that was begun."""
        return self._breaker.end()

    def run(self) -> Ended:
        self.start()
        return self.end()

    def close(self) -> None:
        self._breaker.close()

    def _order(self, *command: str) -> Order:
        place = ["--index", self._address, "--ledger", str(self._ledger)]
        return Order([*place, "--model", "hash", *command], "", eager=True)


def _text(chance: random.Random, edition: int) -> str:
    """Parts of which each sentence names the edition and the bread that is asked for."""
    parts = []
    for number in range(chance.randint(1, 4)):
        sentences = " ".join(
            f"Bread in a cold room of edition{edition} {' '.join(chance.choices(WORDS, k=12))}."
            for _ in range(SENTENCES)
        )
        parts.append(f"## Part {number}\n\n{sentences}\n")
    return "\n".join(parts)


@contextmanager
def two_indexers(address: str) -> Iterator[tuple[Indexer, Indexer]]:
    """Both, with their first edition in the index."""
    with tempfile.TemporaryDirectory(prefix="indexers-") as name:
        both = tuple(Indexer(one, Path(name), address) for one in ("ann", "bob"))
        try:
            for indexer in both:
                indexer.write(1)
                ended = indexer.add()
                assert ended.code == 0, ended
                assert f"Articles: {SITES * POSTS} full text" in ended.said, ended
            yield both
        finally:
            for indexer in both:
                indexer.close()
