"""The containers of docs/deploy as far as they can be looked at without an engine: the
compose file's promises, its scripts, and the roles on a real server."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
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
from tests.servers import Served, scripted

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
SINGLE = yaml.safe_load((DEPLOY / "compose.single.yaml").read_text(encoding="utf-8"))
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
PATIENCE = 30


@pytest.mark.parametrize(
    "service",
    [*SERVICES.values(), *SINGLE["services"].values()],
    ids=[*SERVICES, *SINGLE["services"]],
)
def test_a_service_can_do_no_more_than_it_needs(service):
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "healthcheck" in service
    # The image of blogsearch names its user itself.
    built = "USER 10001" in CONTAINERFILE
    assert service.get("user") in ("postgres", "nginx") or (
        built and "build" in service
    )


def test_only_nginx_can_be_reached_and_only_from_this_machine():
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert published == {"nginx": ["127.0.0.1:8080:8080"]}
    for name in ("postgres", "replica"):
        assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"]


def test_the_page_of_one_machine_is_for_that_machine():
    web, updater = (SINGLE["services"][name] for name in ("web", "updater"))
    assert web["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in updater
    # Else it would answer to any name, as it listens on all addresses in there.
    assert web["environment"]["BLOGSEARCH_ALLOWED_HOSTS"] == "${NAMES:-localhost}"
    assert web["volumes"] == updater["volumes"] == ["index:/index"]
    assert "BLOGSEARCH_INDEX=/index" in CONTAINERFILE


def test_the_image_holds_every_program_that_a_service_runs():
    for name in ("with-password", "update-loop", "answers"):
        assert f"docs/deploy/{name} " in CONTAINERFILE
        assert os.access(DEPLOY / name, os.X_OK)
    for copied in re.findall(
        r"(?m)^COPY (?!--from)(?:--\S+ )?(.*) \S+$", CONTAINERFILE
    ):
        for path in copied.split():
            assert (DEPLOY.parents[1] / path).exists()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 0), (500, 1)])
def test_the_health_check_asks_the_server(status, code):
    with scripted({"/healthz": Served(b"{}", status)}) as server:
        assert healthy(server.port).returncode == code


def test_the_health_check_says_that_nobody_answers():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = healthy(port)
    assert done.returncode == 1
    assert done.stderr.startswith("blog-web does not answer")


def healthy(port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, DEPLOY / "answers"],
        capture_output=True,
        text=True,
        env={"BLOGSEARCH_PORT": str(port)},
    )


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


def test_an_index_in_a_folder_needs_no_passwords(tmp_path):
    kept = {"PGPASSFILE": str(tmp_path / "pgpass")}
    assert run("with-password", "echo", "it runs", **kept) == "it runs\n"
    assert not (tmp_path / "pgpass").exists()
    # One that is named has to be there.
    with pytest.raises(subprocess.CalledProcessError):
        run("with-password", "true", SECRET=str(tmp_path / "none"), **kept)


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
