"""The canned engine behind the real app, in the process and behind a real server."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.canned_engine import CannedEngine
from web import create_app
from web.server import Server
from web.settings import Settings

# Nothing leaves this machine: what a browser does on its own is switched off.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture
def engine() -> CannedEngine:
    return CannedEngine()


@pytest.fixture
def client(engine: CannedEngine, tmp_path: Path) -> FlaskClient:
    return create_app(Settings(index=tmp_path), engine).test_client()


@pytest.fixture
def client_without_index(tmp_path: Path) -> FlaskClient:
    return create_app(
        Settings(index=tmp_path), CannedEngine(missing=True)
    ).test_client()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a real server answers from a canned engine, as in
    "http://127.0.0.1:40001/"."""
    settings = Settings(index=tmp_path_factory.mktemp("index"), port=0)
    server = Server(create_app(settings, CannedEngine()), settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.address
    server.stop()
    thread.join(5)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium; skips where that or playwright is not installed.

    One a module: between its calls playwright holds an event loop, which tests of other
    modules may want for themselves.
    """
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = next(
        filter(
            None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
        ),
        None,
    )
    if chromium is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
