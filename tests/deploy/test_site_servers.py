"""nginx and Caddy as docs/deploy sets them up before one blog-web on the same machine."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.web.serving import serving

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
NAME = "search.example"
PATIENCE = 30
# What both files tell their reader to start blog-web with.
BEHIND = {"BLOGSEARCH_ALLOWED_HOSTS": NAME, "BLOGSEARCH_PROXIES": "1"}
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
CADDY = shutil.which("caddy")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    text = "Rye bread is sticky for a day."
    blocks = (Block("paragraph", text),)
    article = Article("https://a.example/rye", "Rye", language="en", blocks=blocks)
    with SqliteWriter(folder, HashEmbedder(), splitter=1) as writer:
        writer.add([(article, [Passage(text)])])
        writer.commit()
    return folder


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_nginx_serves_the_page_under_its_name(index, tmp_path):
    authority = trustme.CA()
    authority.issue_cert(NAME).private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "both.pem"
    )
    with serving(index, **BEHIND) as server:
        plain, secure = free_port(), free_port()
        site = text_of("nginx-site.conf").replace(
            "127.0.0.1:8000", ":".join(map(str, server.at))
        )
        site = "".join(
            line for line in site.splitlines(keepends=True) if "[::]" not in line
        )
        for file in ("fullchain", "privkey"):
            site = site.replace(
                f"/etc/letsencrypt/live/{NAME}/{file}.pem", str(tmp_path / "both.pem")
            )
        site = site.replace("listen 443", f"listen 127.0.0.1:{secure}").replace(
            "listen 80", f"listen 127.0.0.1:{plain}"
        )
        temporary = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(
            f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {temporary}\n{site} }}"
        )
        as_us = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        command = [NGINX, "-e", "stderr", "-c", tmp_path / "nginx.conf", "-g", as_us]
        with running(command, secure, tmp_path):
            trusted = ssl.create_default_context()
            authority.configure_trust(trusted)
            check(f"https://{NAME}", secure, trusted)
            status, headers, _ = ask(f"http://{NAME}/?q=rye", plain)
            assert (status, headers["Location"]) == (301, f"https://{NAME}/?q=rye")


@pytest.mark.skipif(not CADDY, reason="caddy is not installed")
def test_caddy_serves_the_page_under_its_name(index, tmp_path):
    with serving(index, **BEHIND) as server:
        port = free_port()
        site = text_of("Caddyfile").replace(
            "127.0.0.1:8000", ":".join(map(str, server.at))
        )
        # A certificate of its own would want the network.
        site = site.replace(
            f"{NAME} {{", f"http://{NAME}:{port} {{\n\tbind 127.0.0.1", 1
        )
        (tmp_path / "Caddyfile").write_text("{\n\tadmin off\n}\n" + site)
        command = [
            CADDY,
            "run",
            "--adapter",
            "caddyfile",
            "--config",
            tmp_path / "Caddyfile",
        ]
        with running(command, port, tmp_path):
            check(f"http://{NAME}", port)


@pytest.mark.skipif(not CADDY, reason="caddy is not installed")
def test_caddy_takes_the_file_as_it_stands(tmp_path):
    command = [
        CADDY,
        "validate",
        "--adapter",
        "caddyfile",
        "--config",
        DEPLOY / "Caddyfile",
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=home(tmp_path))
    assert done.returncode == 0, done.stderr
    formatted = subprocess.run(
        [CADDY, "fmt", DEPLOY / "Caddyfile"], capture_output=True, text=True
    )
    assert formatted.stdout == text_of("Caddyfile")


def check(site: str, port: int, trusted: ssl.SSLContext | None = None) -> None:
    """Asks as a client of the network does."""
    status, _, body = ask(f"{site}/api/search?q=sticky+bread", port, trusted)
    assert status == 200
    assert json.loads(body)["results"][0]["url"] == "https://a.example/rye"
    # The page knows by which name and scheme it was asked.
    _, _, described = ask(f"{site}/opensearch.xml", port, trusted)
    assert f"{site}/" in described.decode()
    assert ask(f"{site}/metrics", port, trusted)[0] == 404


def ask(address: str, port: int, trusted: ssl.SSLContext | None = None):
    """Status, headers and body, from the server at this port of loopback."""
    scheme, _, rest = address.partition("://")
    _, _, path = rest.partition("/")
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    if scheme == "https":
        connection = trusted.wrap_socket(connection, server_hostname=NAME)
    request = f"GET /{path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n"
    with connection:
        connection.sendall(request.encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.headers, answer.read()


def text_of(file: str) -> str:
    return (DEPLOY / file).read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def home(folder: Path) -> dict[str, str]:
    """An environment in which nothing is written beside the folder."""
    own = {
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    return os.environ | own


@contextmanager
def running(command, port: int, folder: Path):
    """Runs a server until the block ends; begins it once its port is open."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, env=home(folder))
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "server.log").read_text()
                assert time.monotonic() < until
                time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
