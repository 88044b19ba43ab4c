"""docs/deploy/nginx.conf, run by nginx before two real web servers over one PostgreSQL
index."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from search.index.postgres.home import PostgresIndex
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.servers import Served, scripted
from tests.web.serving import serving

CONFIGURATION = Path(__file__).parents[2] / "docs/deploy/nginx.conf"
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
PATIENCE = 30
pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed")


@pytest.fixture
def index(database):
    address = database()
    stored = PostgresIndex(address)
    with stored.writer(HashEmbedder(), splitter=1) as writer:
        text = "Rye bread is sticky for a day."
        blocks = (Block("paragraph", text),)
        article = Article("https://a.example/rye", "Rye", language="en", blocks=blocks)
        writer.add([(article, [Passage(text)])])
        writer.commit()
    stored.close()
    return address


def test_one_server_answers_where_the_other_is_gone(index, tmp_path):
    with ExitStack() as stack:
        first, second = (stack.enter_context(serving(index)) for _ in range(2))
        at = stack.enter_context(nginx(tmp_path, first.at[1], second.at[1]))
        for _ in range(4):
            status, _, answer = ask(at, "/api/search?q=sticky+bread")
            assert status == 200
            assert json.loads(answer)["results"][0]["url"] == "https://a.example/rye"
        first.process.kill()
        first.process.wait()
        assert [ask(at, "/")[0] for _ in range(4)] == [200] * 4


def test_a_busy_server_s_questions_are_asked_of_the_other(index, tmp_path):
    busy = Served(b"busy", 503, (("Retry-After", "7"),))
    with ExitStack() as stack:
        other = stack.enter_context(serving(index))
        full = stack.enter_context(scripted({"/api/search?q=bread": busy}))
        at = stack.enter_context(nginx(tmp_path, full.port, other.at[1]))
        answers = [ask(at, "/api/search?q=bread")[0] for _ in range(8)]
        assert answers == [200] * 8
        # It was not left out for long after its first 503.
        assert len(full.asked) > 1
    with scripted({"/": busy}) as full, nginx(tmp_path, full.port, full.port) as at:
        status, headers, _ = ask(at, "/")
        assert (status, headers["Retry-After"]) == (503, "7")
        assert len(full.asked) == 2


def test_a_client_is_told_by_its_own_address_and_not_by_what_it_says(index, tmp_path):
    limited = {"BLOGSEARCH_PROXIES": "1", "BLOGSEARCH_PER_MINUTE": "3"}
    with ExitStack() as stack:
        server = stack.enter_context(serving(index, **limited))
        at = stack.enter_context(nginx(tmp_path, server.at[1], server.at[1]))
        claimed = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(5)]
        answers = [ask(at, "/api/search?q=rye", headers=one)[0] for one in claimed]
        assert answers == [200, 200, 200, 429, 429]
        if os.uname().sysname == "Linux":  # elsewhere loopback is one address
            path = "/api/search?q=rye"
            assert ask(at, path, source=("127.0.0.2", 0))[0] == 200


@contextmanager
def nginx(folder: Path, *ports: int):
    """Runs nginx before two servers at these ports; gives its own port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    text = CONFIGURATION.read_text(encoding="utf-8")
    for number, port in enumerate(ports, 1):
        text = text.replace(f"server web{number}:8000", f"server 127.0.0.1:{port}")
    text = text.replace("listen 8080", f"listen 127.0.0.1:{own}")
    text = text.replace("/tmp/", f"{folder}/")  # noqa: S108  # where the container writes
    written = folder / "nginx.conf"
    written.write_text(text, encoding="utf-8")
    # As root it would give its work to one who may not write here.
    directives = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    command = [NGINX, "-e", "stderr", "-c", written, "-g", directives]
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", own)).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "nginx.log").read_text()
                assert time.monotonic() < until
                time.sleep(0.02)
        yield own
    finally:
        process.terminate()
        process.wait(PATIENCE)


def ask(port: int, path: str, *, headers=None, source=None):
    """Status, headers and body of an answer."""
    client = http.client.HTTPConnection("127.0.0.1", port, PATIENCE, source)
    try:
        client.request("GET", path, headers=headers or {})
        answer = client.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        client.close()
