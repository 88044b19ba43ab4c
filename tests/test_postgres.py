"""The PostgreSQL server of the tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Server, packaged, unavailable

pytestmark = pytest.mark.skipif("unavailable()", reason=unavailable() or "-")
ROOT = Path(__file__).parents[1]


def gone(path: Path) -> bool:
    """Whether it is removed before a minute is over."""
    until = time.monotonic() + 60
    while path.exists() and time.monotonic() < until:
        time.sleep(0.05)
    return not path.exists()


def test_databases_are_new_ones_with_vectors_and_are_dropped(postgres_server):
    with postgres_server.database() as one, postgres_server.database() as other:
        assert one != other
        name = one.split("/")[3].split("?")[0]
        postgres_server.sql("CREATE TABLE t (v halfvec(3))", name)
    names = {row[0] for row in postgres_server.sql("SELECT datname FROM pg_database")}
    assert name not in names


def test_what_was_committed_outlives_a_kill_of_all_processes():
    with Server() as server:
        server.sql("CREATE TABLE t AS SELECT 7 AS n")
        assert len(server.backends()) > 2
        server.kill()
        server.start()
        assert server.sql("SELECT n FROM t") == [(7,)]
    assert gone(server.folder)


def test_a_replica_follows_and_takes_writes_once_it_is_promoted():
    with Server() as primary, closing(Server()) as replica:
        primary.sql("CREATE TABLE t (n int)")
        replica.follow(primary)
        primary.sql("INSERT INTO t VALUES (7)")
        primary.kill()
        assert replica.sql("SELECT pg_is_in_recovery()") == [(True,)]
        replica.promote()
        hosts = f"{primary.folder},{replica.folder}&target_session_attrs=read-write"
        with closing(
            psycopg.connect(f"postgresql://postgres@/?host={hosts}")
        ) as any_of:
            any_of.execute("INSERT INTO t VALUES (8)")
            assert any_of.execute("SELECT * FROM t").fetchall() == [(7,), (8,)]


@pytest.mark.skipif("os.geteuid() != 0", reason="only root starts it as another user")
def test_programs_that_the_server_s_user_can_not_reach_are_copied(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    package = packaged().parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, closed / part.name)
    with Server(programs=closed / package.name / packaged().name) as server:
        assert server.sql("SELECT 7") == [(7,)]
    assert gone(server.folder)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_with_the_process_that_made_it(how):
    code = (
        "import signal; from tests.postgres import Server\n"
        "server = Server(); server.start(); print(server.folder, flush=True); signal.pause()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    folder = Path(process.stdout.readline().strip())
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    process.send_signal(how)
    process.communicate(timeout=60)
    assert gone(folder)
    assert not Path(f"/proc/{pid}/root").exists()
