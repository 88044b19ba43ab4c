"""The real indexer in a process of its own, whose vectors are hashed words, and which may
fetch from loopback.

python -m tests.indexing ARGUMENTS OF blog-indexer
"""

from __future__ import annotations

from indexer import __main__ as program
from indexer.cli import session
from indexer.fetch.fetcher import Limits
from tests.fakes import HashEmbedder


def limits(**given: object) -> Limits:
    return Limits(**given | {"allow_private": True, "delay": 0.0, "tries": 1})


if __name__ == "__main__":
    session.open_embedder = lambda name: HashEmbedder()
    session.Limits = limits
    session.Network = lambda: None
    program.run()
