"""A damaged or missing index, as the web tells of it."""

from __future__ import annotations

import pytest

from search.engine import Engine
from search.index.open import open_index
from tests.web.made import EMBEDDER, made_index
from web import create_app
from web.settings import Settings

PATHS = [
    "/api/search?q={}",
    "/?q={}",
    "/",
    "/api/related?url=https://blog0.example/0",
    "/coverage",
    "/healthz",
]


@pytest.mark.parametrize("harm", ["gone", "no database", "pages overwritten"])
def test_a_damaged_index_is_told_without_a_trace_or_a_folder(tmp_path, harm, caplog):
    word = made_index(tmp_path, 30)[0]
    database = tmp_path / "index.sqlite"
    size = database.stat().st_size
    for beside in tmp_path.glob("index.sqlite-*"):
        beside.unlink()
    if harm == "gone":
        database.unlink()
    elif harm == "no database":
        database.write_bytes(b"x" * size)
    else:
        with database.open("r+b") as file:
            file.seek(8192)
            file.write(b"\xff" * (size - 8192))
    client = create_app(
        Settings(log="off"), Engine(open_index(tmp_path), embedder=EMBEDDER)
    ).test_client()
    for path in PATHS:
        answer = client.get(path.format(word))
        assert answer.status_code == 503, path
        assert "Retry-After" in answer.headers
        assert "Traceback" not in answer.text
        assert str(tmp_path) not in answer.text
        assert "blog-indexer" in answer.text or "damaged" in answer.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("path", ["/api/search?q=w", "/?q=w", "/", "/coverage"])
def test_an_index_that_may_not_be_looked_for_is_told_without_a_trace(
    tmp_path, path, caplog
):
    # A name that no file may have fails as a folder does that is closed to this user,
    # and root is let into those.
    index = open_index(tmp_path / ("x" * 300))
    client = create_app(
        Settings(log="off"), Engine(index, embedder=EMBEDDER)
    ).test_client()
    answer = client.get(path)
    assert answer.status_code == 503
    assert "can&#39;t be read" in answer.text or "can't be read" in answer.text
    assert "xxx" not in answer.text
    assert "Traceback" not in caplog.text
