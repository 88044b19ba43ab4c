"""A whole run of indexing, searching and serving connects to nothing but the servers
that it was given.

Two watchers log every connection and every name that is looked up, in all processes: an
audit hook of the interpreter, and (where there is a C compiler) a library before libc,
which sees Rust and C++ code as well.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from indexer.cli import session
from indexer.cli.commands import main as indexer
from search.embedding.model_files import model_folder
from search.engine import Engine
from search.index.open import open_index
from search.ports import DEFAULT_MODEL
from tests.hubs import keep
from tests.sites import serving, text
from tests.torture.scale import FULL
from tests.watching import watching

ROOT = Path(__file__).parents[2]
HOOK = """
import os, sys
def note(event, args):
    if event == "socket.getaddrinfo":
        say(f"look-up {args[0]}:{args[1]}")
    elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        say(f"connect {args[1][0]}:{args[1][1]}")
def say(line):
    file = os.open(os.environ["CONNECTION_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, (line + "\\n").encode())
    os.close(file)
sys.addaudithook(note)
say("watching")
"""
BEFORE_LIBC = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(const char *what, const char *host, int port) {
    char line[512];
    int size = snprintf(line, sizeof line, "%s %s:%d\n", what, host ? host : "", port);
    int file = open(getenv("CONNECTION_LOG"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (file >= 0) { if (write(file, line, size) < 0) {} close(file); }
}
static void say_address(const struct sockaddr *to) {
    char host[64] = "";
    if (to == NULL) return;
    if (to->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)to;
        inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
        say("native", host, ntohs(four->sin_port));
    } else if (to->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)to;
        inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
        say("native", host, ntohs(six->sin6_port));
    }
}
int connect(int s, const struct sockaddr *to, socklen_t size) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    say_address(to);
    return real(s, to, size);
}
ssize_t sendto(int s, const void *data, size_t n, int flags, const struct sockaddr *to, socklen_t size) {
    ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) =
        dlsym(RTLD_NEXT, "sendto");
    say_address(to);
    return real(s, data, n, flags, to, size);
}
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **found) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    say("native", host, port ? atoi(port) : 0);
    return real(host, port, hints, found);
}
"""
IN_ONE_PROCESS = """
import sys
from indexer.cli.commands import main as indexer
from search.__main__ import main as search
from web import create_app
from web.settings import from_environment
import os
if __name__ == "__main__":  # the workers import this file
    feed = sys.argv[1]
    assert indexer(["add", feed, "--allow-private", "--delay", "0"]) == 0
    assert indexer(["update", "--allow-private", "--delay", "0"]) == 0
    assert search(["why does bread keep", "-n", "3"]) == 0
    client = create_app(from_environment(os.environ)).test_client()
    answer = client.get("/api/search?q=cold+bread", headers={"Host": "localhost"})
    assert answer.status_code == 200, answer.data
    assert answer.json["total"] > 0
    print("done")
"""


@contextmanager
def trap():
    """A server that nobody was told to ask, though the hub of models is said to be
    there."""
    got: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        while True:
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            got.append(taken.recv(200))
            taken.close()

    threading.Thread(target=take, daemon=True).start()
    try:
        yield listener.getsockname()[1], got
    finally:
        listener.close()


@pytest.fixture
def watched(tmp_path):
    """The environment of programs that are watched, and the log."""
    log, hook = tmp_path / "connections", tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(HOOK)
    environment = {
        name: value for name, value in os.environ.items()
        if not re.match(r"HF_|TRANSFORMERS|BLOGSEARCH|.*PROXY$|PYTHON|CONNECTION", name, re.IGNORECASE)
    } | {
        "PYTHONPATH": f"{hook}:{ROOT}", "CONNECTION_LOG": str(log), "HOME": str(tmp_path),
        "BLOGSEARCH_INDEX": str(tmp_path / "index"),
    }  # fmt: skip
    compiler = shutil.which("cc")
    if compiler and sys.platform == "linux":
        (tmp_path / "watch.c").write_text(BEFORE_LIBC)
        made = [
            compiler,
            "-shared",
            "-fPIC",
            "-O1",
            "-o",
            "watch.so",
            "watch.c",
            "-ldl",
        ]
        subprocess.run(made, cwd=tmp_path, check=True)
        environment["LD_PRELOAD"] = str(tmp_path / "watch.so")
    return environment, log


@pytest.fixture
def site():
    with serving() as running:
        for number in range(3):
            running.post(
                f"/{number}",
                f"Post {number}",
                *(text(number * 10 + n) for n in range(3)),
            )
        running.feed(*((f"/{number}", f"Post {number}") for number in range(3)))
        yield running


NAME_SERVER = """
import fcntl, socket, struct, subprocess, sys, threading
conf, log = sys.argv[1:3]
up = struct.pack("16sh", b"lo", 0x41)  # IFF_UP and IFF_RUNNING
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, up)
subprocess.run(["mount", "--bind", conf, "/etc/resolv.conf"], check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
def serve():
    while True:
        asked, address = server.recvfrom(512)
        name = bytes(max(c, 46) for c in asked[12 : asked.index(0, 12)])  # dots for lengths
        with open(log, "ab") as file:
            file.write(name + b"\\n")
        server.sendto(asked[:2] + b"\\x81\\x82" + asked[4:6] + bytes(6) + asked[12:], address)
threading.Thread(target=serve, daemon=True).start()
try:
    socket.getaddrinfo("watching.example", 80)
except OSError:
    pass
sys.exit(subprocess.run(sys.argv[3:]).returncode)
"""
WITH_A_FETCHED_MODEL = """
import os, sys
from indexer.cli.commands import main as indexer
from search.__main__ import main as search
from web import create_app
from web.engine_gate import gate_of
from web.settings import from_environment
if __name__ == "__main__":  # the workers import this file
    assert indexer(["add", "post.md", "--model", "some/model"]) == 0
    assert indexer(["rebuild"]) == 0
    assert indexer(["rebuild", "--model", "some/model"]) == 0
    assert search(["why does bread rise"]) == 0
    gate_of(create_app(from_environment(os.environ))).warm()
    print("done")
"""


def namespace() -> list[str]:
    """A command before another that takes its network away, [] where that may not
    be."""
    command = ["unshare", "--net", "--mount"]
    try:
        allowed = subprocess.run([*command, "true"], capture_output=True, check=False)
    except OSError:
        return []
    return command if allowed.returncode == 0 else []


def elsewhere(log: Path, *ours: int) -> list[str]:
    """What was connected to or looked up besides these ports of this machine."""
    lines = log.read_text().splitlines()
    assert "watching" in lines
    here = {
        f"{host}:{port}"
        for host in ("127.0.0.1", "localhost", "::1", "")
        for port in (*ours, 0)
    }
    here.add(
        "0.0.0.0:8080"
    )  # waitress reads its default address, and doesn't listen there
    return [
        line
        for line in lines
        if line != "watching" and line.partition(" ")[2] not in here
    ]


def test_the_watchers_see_python_and_what_is_not_python(watched, tmp_path):
    environment, log = watched
    code = (
        "import ctypes, socket, contextlib\n"
        "with contextlib.suppress(OSError): socket.create_connection(('127.0.0.2', 9), 1)\n"
        "with contextlib.suppress(OSError): socket.getaddrinfo('telemetry.invalid', 443)\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.connect(libc.socket(2, 1, 0), b'\\x02\\x00\\x00\\x09\\x7f\\x00\\x00\\x03' + bytes(8), 16)\n"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    seen = elsewhere(log)
    assert "connect 127.0.0.2:9" in seen
    assert "look-up telemetry.invalid:443" in seen
    if "LD_PRELOAD" in environment:
        assert "native 127.0.0.3:9" in seen


def test_a_run_connects_to_nothing_else(
    site, tmp_path, monkeypatch, workers, real_embedder
):
    """In this process, with the model and the workers of the session."""
    monkeypatch.setattr(session, "Workers", lambda: nullcontext(workers))
    monkeypatch.setattr(session, "open_embedder", lambda name: real_embedder)
    monkeypatch.setenv("BLOGSEARCH_INDEX", str(tmp_path / "index"))
    with watching("127.0.0.1") as seen:
        assert (
            indexer(["add", site.url("/feed.xml"), "--allow-private", "--delay", "0"])
            == 0
        )
        assert indexer(["update", "--allow-private", "--delay", "0"]) == 0
        assert (
            Engine(open_index(tmp_path / "index"), embedder=real_embedder)
            .search("cold bread")
            .total
            > 0
        )
    assert seen.connected
    assert seen.forbidden == []


@pytest.mark.skipif(not FULL, reason="loads everything anew; make torture")
def test_a_whole_run_connects_to_nothing_else(watched, site, tmp_path):
    environment, log = watched
    with trap() as (port, got):
        there = f"http://127.0.0.1:{port}"
        environment |= {"HF_ENDPOINT": there}
        script = tmp_path / "whole_run.py"
        script.write_text(IN_ONE_PROCESS)
        run = subprocess.run(
            [sys.executable, str(script), site.url("/feed.xml")],
            env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        assert "done" in run.stdout
        assert elsewhere(log, int(site.base.rpartition(":")[2])) == []
        assert got == []


@pytest.mark.skipif(not FULL, reason="loads everything anew; make torture")
@pytest.mark.skipif(not namespace(), reason="needs a network namespace of its own")
def test_a_model_that_was_fetched_is_found_without_any_look_up(watched, tmp_path):
    """The only name server that there is notes what it is asked."""
    environment, _ = watched
    keep(tmp_path / "hf", "some/model", Path(model_folder(DEFAULT_MODEL)))
    (tmp_path / "post.md").write_text(f"# Bread\n\n{text(1)}\n")
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (tmp_path / "server.py").write_text(NAME_SERVER)
    (tmp_path / "run.py").write_text(WITH_A_FETCHED_MODEL)
    asked = tmp_path / "asked"
    run = subprocess.run(
        [*namespace(), sys.executable, "server.py", "resolv.conf", str(asked), sys.executable, "run.py"],
        env=environment | {"HF_HOME": str(tmp_path / "hf")}, cwd=tmp_path,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "done" in run.stdout
    assert set(asked.read_text().split()) == {".watching.example"}


@pytest.mark.skipif(not FULL, reason="starts each command by itself; make torture")
def test_the_commands_themselves_connect_to_nothing_else(watched, site, tmp_path):
    environment, log = watched
    ours = int(site.base.rpartition(":")[2])
    with trap() as (port, got), socket.create_server(("127.0.0.1", 0)) as free:
        environment |= {"HF_ENDPOINT": f"http://127.0.0.1:{port}"}
        served = free.getsockname()[1]
        free.close()

        def command(*arguments: str) -> None:
            subprocess.run(
                [sys.executable, "-m", *arguments],
                env=environment,
                cwd=ROOT,
                check=True,
                timeout=300,
            )

        command(
            "indexer", "add", site.url("/feed.xml"), "--allow-private", "--delay", "0"
        )
        command("indexer", "update", "--allow-private", "--delay", "0")
        command("indexer", "doctor")
        command("search", "why does bread keep")
        web = subprocess.Popen(
            [sys.executable, "-m", "web", "--port", str(served)], env=environment, cwd=ROOT,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert "Blogsearch is at" in web.stdout.readline()
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(
            f"http://127.0.0.1:{served}/api/search?q=cold+bread", timeout=120
        ) as answer:
            assert b'"total"' in answer.read()
        web.terminate()
        assert web.wait(60) == 0
        web.stdout.close()
        assert elsewhere(log, ours, served) == []
        assert got == []
