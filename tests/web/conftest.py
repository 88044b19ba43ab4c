"""The canned engine behind the real app, in the process and behind a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.canned_engine import CannedEngine
from web import create_app
from web.__main__ import address_of, listen
from web.settings import Settings


@pytest.fixture
def engine() -> CannedEngine:
    return CannedEngine()


@pytest.fixture
def client(engine: CannedEngine, tmp_path: Path) -> FlaskClient:
    return create_app(Settings(index_dir=tmp_path), engine).test_client()


@pytest.fixture
def client_without_index(tmp_path: Path) -> FlaskClient:
    return create_app(Settings(index_dir=tmp_path), CannedEngine(missing=True)).test_client()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a real server answers from a canned engine, as in "http://127.0.0.1:40001/"."""
    settings = Settings(index_dir=tmp_path_factory.mktemp("index"), port=0)
    server = listen(create_app(settings, CannedEngine()), settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield address_of(server)
    server.close()
    thread.join(5)
