"""The canned engine behind the real app, in the process and behind a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.canned_engine import CannedEngine
from web import create_app
from web.server import Server
from web.settings import Settings


@pytest.fixture
def engine() -> CannedEngine:
    return CannedEngine()


@pytest.fixture
def client(engine: CannedEngine, tmp_path: Path) -> FlaskClient:
    return create_app(Settings(index_dir=tmp_path), engine).test_client()


@pytest.fixture
def client_without_index(tmp_path: Path) -> FlaskClient:
    return create_app(
        Settings(index_dir=tmp_path), CannedEngine(missing=True)
    ).test_client()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a real server answers from a canned engine, as in
    "http://127.0.0.1:40001/"."""
    settings = Settings(index_dir=tmp_path_factory.mktemp("index"))
    server = Server(
        create_app(settings, CannedEngine()), "127.0.0.1", 0, threads=settings.threads
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.address
    server.stop()
    thread.join(5)
