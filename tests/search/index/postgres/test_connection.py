"""Connections to PostgreSQL that fail: each in a sentence that says what to do."""

from __future__ import annotations

import pytest

from search.errors import IndexBusy, IndexMismatch, IndexMissing, StorageFailed
from search.index.postgres import connection
from search.index.postgres.home import PostgresIndex


@pytest.fixture
def opened():
    made = []

    def index(address):
        made.append(PostgresIndex(address))
        return made[-1]

    yield index
    for one in made:
        one.close()


def refused(index, kind):
    with pytest.raises(kind) as caught, index.snapshot():
        pass
    return str(caught.value)


def test_a_server_that_is_not_there(opened, tmp_path):
    said = refused(opened(f"postgresql:///x?host={tmp_path}"), StorageFailed)
    assert "can't be reached" in said


def test_a_database_that_is_not_there(opened, postgres_server):
    said = refused(opened(postgres_server.address("nowhere")), IndexMissing)
    assert "createdb" in said


def test_a_user_that_is_not_let_in(opened, postgres_server):
    address = postgres_server.address().replace("postgres@", "nobody_at_all@")
    assert "PGPASSWORD" in refused(opened(address), StorageFailed)


@pytest.mark.parametrize(
    ("said", "kind", "word"),
    [
        ("FATAL:  the database system is starting up", IndexBusy, "try again"),
        ("FATAL:  the database system is shutting down", IndexBusy, "try again"),
        ("first is down\nsession is read-only", StorageFailed, "replica"),
        ("FATAL:  sorry, too many clients already", IndexBusy, "try again"),
    ],
)
def test_a_server_that_takes_nobody_just_now(said, kind, word):
    # In the words of libpq and the server, which has no code for it.
    error = connection.psycopg.OperationalError(f"connection failed: {said}")
    found = connection.explain(error, "postgresql:///x")
    assert isinstance(found, kind)
    assert word in str(found)


def test_a_database_without_pgvector(opened, postgres_server):
    said = refused(opened(postgres_server.address()), IndexMismatch)
    assert "CREATE EXTENSION vector" in said


def test_a_pgvector_that_is_too_old(opened, database, monkeypatch):
    monkeypatch.setattr(connection, "LEAST_VECTOR", (99, 0, 0))
    said = refused(opened(database()), IndexMismatch)
    assert "ALTER EXTENSION vector UPDATE" in said


def test_a_password_is_in_no_message(opened, tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "s3cret")
    said = refused(opened(f"postgresql://ann@/x?host={tmp_path}"), StorageFailed)
    assert "s3cret" not in said


def test_a_question_that_takes_too_long_is_told(database):
    with connection.connect(database()) as db:
        db.execute("SET statement_timeout = 20")
        with pytest.raises(connection.errors.QueryCanceled) as caught:
            db.execute("SELECT pg_sleep(5)")
    assert connection.explain(caught.value, "x").code == "too-slow"
