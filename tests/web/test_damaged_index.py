"""A damaged or missing index, as the web tells of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

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


def test_damage_that_is_not_malformed_is_told_and_watched_until_it_is_mended(
    tmp_path, caplog
):
    """Two pages of texts in each other's place: SQLite reads them without complaint."""
    index, whole = tmp_path / "index", tmp_path / "whole"
    word = made_index(index, 30)[0]
    shutil.copytree(index, whole)
    client = create_app(
        Settings(log="off"), Engine(open_index(index), embedder=EMBEDDER)
    ).test_client()
    with closing(sqlite3.connect(index / "index.sqlite")) as db:
        db.execute("UPDATE articles SET published = site, site = published")
        db.execute("DELETE FROM passages WHERE id < 20")
        db.commit()
    assert client.get("/healthz").status_code == 200  # nobody has met it
    for path in PATHS:
        if path == "/coverage":
            continue  # it is of other rows
        answer = client.get(path.format(word))
        assert answer.status_code == 503, path
        assert "damaged" in answer.text
        assert "Traceback" not in answer.text
        assert str(tmp_path) not in answer.text
    assert client.get("/healthz").json["error"]["code"] == "index-damaged"
    assert "blog-indexer doctor" in caplog.text
    with (
        closing(sqlite3.connect(whole / "index.sqlite")) as source,
        closing(sqlite3.connect(index / "index.sqlite")) as target,
    ):
        source.backup(target)
    assert client.get("/healthz").json["status"] == "ok"
    assert client.get(f"/?q={word}").status_code == 200


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
