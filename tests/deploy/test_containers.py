"""The containers of docs/deploy as far as they can be looked at without an engine: the
compose file's promises, its scripts, and the roles on a real server."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
import yaml

from search.index.postgres.home import PostgresIndex
from search.index.server_address import ServerAddress
from search.types import Article, Passage
from tests.fakes import HashEmbedder
from tests.postgres import packaged

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
PATIENCE = 30


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_no_more_than_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "healthcheck" in service
    # The image of blogsearch names its user itself.
    built = "USER 10001" in (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert service.get("user") in ("postgres", "nginx") or (
        built and "build" in service
    )


def test_only_nginx_can_be_reached_and_only_from_this_machine():
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert published == {"nginx": ["127.0.0.1:8080:8080"]}
    for name in ("postgres", "replica"):
        assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"]


def test_no_password_stands_in_it():
    for service in SERVICES.values():
        for value in (service.get("environment") or {}).values():
            if "://" in value:
                assert ServerAddress(value)  # refuses one with a password
    assert {one["file"] for one in COMPOSE["secrets"].values()} == {
        "./secrets/pgpass",
        "./secrets/owner",
    }


def test_what_is_mounted_is_there():
    named = [volume for one in SERVICES.values() for volume in one.get("volumes", [])]
    files = [name.partition(":")[0] for name in named if name.startswith("./")]
    assert len(files) == 4
    for file in files:
        assert (DEPLOY / file).is_file()
    # PostgreSQL's image reads one that can't be run into its own shell.
    assert os.access(DEPLOY / "first-start.sh", os.X_OK)


def test_only_its_reader_can_read_the_copied_passwords(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("*:*:*:web:word\n")
    secret.chmod(0o444)
    copied = tmp_path / "pgpass"
    named = {"SECRET": str(secret), "PGPASSFILE": str(copied)}
    told = run("with-password", "sh", "-c", 'cat "$PGPASSFILE"', **named)
    assert told == secret.read_text()
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    # Again, as after a restart.
    run("with-password", "true", **named)


def test_the_loop_goes_on_and_ends_a_run_in_good_order(tmp_path):
    fake = tmp_path / "blog-indexer"
    fake.write_text(
        "#!/bin/sh\n"
        'echo run >> "$TMPDIR/runs"\n'
        "trap 'echo ended >> \"$TMPDIR/runs\"; exit 143' TERM\n"
        '[ "$(wc -l < "$TMPDIR/runs")" -gt 1 ] || exit 1\n'
        "while :; do sleep 0.1; done\n"
    )
    fake.chmod(0o755)
    runs = tmp_path / "runs"
    loop = subprocess.Popen(
        [DEPLOY / "update-loop"],
        env=os.environ
        | {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "TMPDIR": str(tmp_path),
            "EVERY": "0",
        },
    )
    try:
        until = time.monotonic() + PATIENCE
        while not runs.exists() or len(runs.read_text().splitlines()) < 2:
            assert time.monotonic() < until
            time.sleep(0.05)
        # A run that failed in part is one, too.
        assert (tmp_path / "updated").exists()
        time.sleep(0.3)  # for the second one's trap
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(PATIENCE) == 0
    finally:
        loop.kill()
        loop.wait()
    assert runs.read_text().splitlines() == ["run", "run", "ended"]


def test_the_web_servers_may_read_and_the_indexer_may_write(postgres_server, database):
    owner = database()
    values = {name: f"word-of-{name}" for name in ("indexer", "web", "replica")}
    given = [part for pair in values.items() for part in ("-v", "=".join(pair))]
    subprocess.run(
        [
            packaged() / "bin/psql",
            *given,
            "-qv",
            "ON_ERROR_STOP=1",
            "-f",
            DEPLOY / "roles.sql",
            owner,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        indexer, web = (
            owner.replace("postgres@", f"{name}@") for name in ("indexer", "web")
        )
        index = PostgresIndex(indexer)
        with index.writer(HashEmbedder(), splitter=1) as writer:
            article = Article("https://a.example/1", "Bread", language="en")
            writer.add([(article, [Passage("Rye is sticky.")])])
            writer.commit()
        index.close()
        reader = PostgresIndex(web)
        with reader.snapshot() as snapshot:
            assert snapshot.urls() == ["https://a.example/1"]
        reader.close()
        with psycopg.connect(web) as connection:
            for table in ("state", "articles", "meta"):
                with (
                    pytest.raises(psycopg.errors.InsufficientPrivilege),
                    connection.transaction(),
                ):
                    connection.execute(f"TRUNCATE blogsearch.{table}".encode())
    finally:
        postgres_server.sql("SELECT pg_drop_replication_slot('replica')")
        name = psycopg.conninfo.conninfo_to_dict(owner)["dbname"]
        for role in values:
            postgres_server.sql(f"DROP OWNED BY {role} CASCADE", str(name))
            postgres_server.sql(f"DROP ROLE {role}")


def run(script: str, *arguments: str, **environment: str) -> str:
    command = [str(DEPLOY / script), *arguments]
    return subprocess.run(
        command, check=True, text=True, capture_output=True, env=os.environ | environment,
    ).stdout  # fmt: skip
