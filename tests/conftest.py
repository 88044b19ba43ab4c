"""What several test folders share."""

from __future__ import annotations

import pytest

from indexer.workers import Workers
from search.embedder import SentenceEmbedder


@pytest.fixture(scope="session")
def real_embedder() -> SentenceEmbedder:
    """The bundled model, loaded once."""
    return SentenceEmbedder()


@pytest.fixture(scope="session")
def workers():
    """The processes that parse, started once: they import for a second or two."""
    with Workers() as running:
        yield running
