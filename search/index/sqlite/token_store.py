"""The bits of all passages' tokens, one row a passage.

Their meaning is that of search/ranking/late_interaction.py; nothing is compared here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from search.port_values import TokenBits
from search.text.token_bits import without_context


class TokenStore:
    """The tokens over one SQLite connection; transactions are the caller's.

    A passage that an older program stored has none until the index is rebuilt.
    """

    def __init__(self, connection: sqlite3.Connection, dimension: int) -> None:
        self._db = connection
        self._row_bytes = -(-dimension // 8)  # packbits pads the last byte

    def put(self, tokens: Mapping[int, TokenBits]) -> None:
        """Store those of passages by id; they leave with their passage."""
        self._db.executemany(
            "INSERT INTO tokens (passage, counts, bits) VALUES (?, ?, ?)",
            [
                (n, found.counts.astype("<u2").tobytes(), found.bits.tobytes())
                for n, found in tokens.items()
            ],
        )

    def by_id(self, ids: Sequence[int]) -> dict[int, TokenBits]:
        """Return those of these passages that have any, in the table's order."""
        if not self._has_table():
            return {}
        rows = self._db.execute(
            "SELECT passage, counts, bits FROM tokens"
            " WHERE passage IN (SELECT value FROM json_each(?)) AND bits != x''",
            (json.dumps(list(map(int, ids))),),
        )
        return {row[0]: self._unpacked(row[1], row[2]) for row in rows}

    def by_key(self, keys: Iterable[str]) -> dict[str, TokenBits]:
        """Return those of passages whose text was embedded before, by its embedding
        key."""
        found: dict[str, TokenBits] = {}
        for key in set(keys):
            row = self._db.execute(
                "SELECT t.counts, t.bits FROM passages p JOIN tokens t ON t.passage = p.id"
                " WHERE p.embedding_key = ? LIMIT 1",
                (key,),
            ).fetchone()
            if row is not None:
                # Older programs stored tokens of the context, too.
                found[key] = without_context(self._unpacked(row[0], row[1]))
        return found

    def _has_table(self) -> bool:
        """Tell if a writer has migrated the index since tokens are stored."""
        found = self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'tokens'")
        return found.fetchone() is not None

    def _unpacked(self, counts: bytes, bits: bytes) -> TokenBits:
        return TokenBits(
            np.frombuffer(bits, np.uint8).reshape(-1, self._row_bytes),
            np.frombuffer(counts, "<u2"),
        )
