"""What several test folders share."""

from __future__ import annotations

import pytest

from search.embedder import SentenceEmbedder


@pytest.fixture(scope="session")
def real_embedder() -> SentenceEmbedder:
    """The bundled model, loaded once."""
    return SentenceEmbedder()
