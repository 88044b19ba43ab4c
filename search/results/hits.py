"""Hits: the articles of one page of results as they are shown."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from search.port_values import Duplicates, StoredPassage
from search.query.parser import Query
from search.ranking.closeness import Closeness, QuestionTokens, closeness
from search.ranking.fusion import Ranked
from search.results.placed_text import PlacedText
from search.results.quotes import compared_ids, hit
from search.snapshot_port import Snapshot
from search.types import Hit

# Characters of the articles whose texts are kept, since popular ones are found again
# and again. With all that is found out about them 10 to 14 bytes each: 70 MB at most.
KEPT = 5_000_000


class Hits:
    """Makes the hits of pages of results, and keeps the articles that it read last.

    Safe to use from several threads, for one index.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], PlacedText] = OrderedDict()
        self._size = 0

    def hits(
        self,
        index: Snapshot,
        page: Sequence[Ranked],
        duplicates: Mapping[int, Duplicates],
        *,
        query: Query,
        question: QuestionTokens | None,
    ) -> tuple[Hit, ...]:
        """Return the articles of one page of results, in their order.

        ``duplicates`` are those of the articles; ``question`` has the tokens with which
        the sentences of their passages are compared, None where they say nothing.
        """
        compared = {entry[0]: compared_ids(entry) for entry in page}
        every = [number for numbers in compared.values() for number in numbers]
        texts, passages = self._read(index, list(compared), every)
        close: dict[int, Closeness] = {}
        if question is not None:
            close = closeness(index.token_bits(every), question)
        found = []
        for entry in page:
            number = entry[0]
            stored = {n: passages[n] for n in compared[number] if n in passages}
            one = hit(texts[number], entry, stored=stored, close=close, query=query)
            if number in duplicates:
                one = replace(one, also_at=duplicates[number].others(number))
            found.append(one)
        return tuple(found)

    def _read(
        self, index: Snapshot, articles: list[int], passages: list[int]
    ) -> tuple[dict[int, PlacedText], dict[int, StoredPassage]]:
        """Return the texts of these articles, and these passages."""
        generation = index.manifest.generation
        texts: dict[int, PlacedText] = {}
        with self._lock:
            for number in articles:
                kept = self._kept.get((generation, number))
                if kept is not None:
                    self._kept.move_to_end((generation, number))
                    texts[number] = kept
        missing = [number for number in articles if number not in texts]
        read, stored = index.read(missing, passages)
        texts |= {number: PlacedText(article) for number, article in read.items()}
        with self._lock:
            for number in read:
                # Another thread may have read it meanwhile.
                if (generation, number) not in self._kept:
                    self._kept[generation, number] = texts[number]
                    self._size += len(texts[number].text)
            while self._size > KEPT:
                _, oldest = self._kept.popitem(last=False)
                self._size -= len(oldest.text)
        return texts, stored
