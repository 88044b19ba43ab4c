"""What several test folders share."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack

import pytest

from indexer.runtime.parser_pool import Workers
from search.embedding.embedder import ModelEmbedder, open_embedder
from search.embedding.network import PRECISION
from tests.postgres import Server, unavailable

# The same answers on every machine, whatever its processors are quick in; also for the
# programs that the tests start.
os.environ.setdefault(PRECISION, "f32")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background of a script, where shells have Ctrl-C ignored: the
    # programs that the tests start would inherit that and never end by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def real_embedder() -> ModelEmbedder:
    """The bundled model, loaded once."""
    return open_embedder()


@pytest.fixture(scope="session")
def workers():
    """The processes that parse, started once: they import for a second or two."""
    with Workers() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL server with pgvector; the test skips where none can be had."""
    if reason := unavailable():
        pytest.skip(reason)
    with Server() as running:
        yield running


@pytest.fixture
def database(postgres_server):
    """A function that makes a new database with the extension vector and gives its
    address."""
    with ExitStack() as made:
        yield lambda: made.enter_context(postgres_server.database())
