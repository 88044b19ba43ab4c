from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Passage
from tests.fakes import HashEmbedder
from tests.models import static_model
from web.__main__ import _end_when_told, main
from web.engine_gate import gate_of

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def handlers():
    """Puts back what the signals did before."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("ending", ENDING)
def test_it_says_where_it_listens_and_ends_well_when_told(tmp_path, ending, handlers):
    # Tests that run under nohup would hand on that it is ignored.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    command = [sys.executable, "-m", "web", "--port", "0", "--index", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address, process.stderr.read()
        with pytest.raises(urllib.error.HTTPError, match="503") as caught:
            urllib.request.urlopen(f"{address[0]}healthz", timeout=10)
        caught.value.close()
        assert "Server" not in caught.value.headers
        process.send_signal(ending)
        try:
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert "There is no index" in errors


@pytest.mark.parametrize("number", ENDING)
def test_each_signal_lets_answers_end_and_a_second_ctrl_c_does_not(number, handlers):
    server = SimpleNamespace(is_ending=False)
    server.stop = lambda: setattr(server, "is_ending", True)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    _end_when_told(server)
    signal.raise_signal(number)
    assert server.is_ending
    if number != signal.SIGINT:
        signal.raise_signal(number)  # to a process group it may come twice
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_under_nohup_a_closed_terminal_ends_nothing(handlers):
    server = SimpleNamespace(is_ending=False)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _end_when_told(server)
    signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_ctrl_c_while_the_model_is_loading_ends_well_too(tmp_path):
    # One that sentence-transformers loads: importing torch takes seconds.
    model = str(static_model(tmp_path / "model", ["text"]))
    with SqliteWriter(tmp_path, HashEmbedder(model), splitter=1) as index:
        index.add([(Article("https://a.example/", "A"), [Passage("text")])])
        index.commit()
    command = [sys.executable, "-m", "web", "--port", "0", "--index", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_it_says_that_it_is_starting_until_the_model_is_loaded(client):
    gate = gate_of(client.application)
    gate.expect_model()
    response = client.get("/healthz")
    assert (response.status_code, response.json["status"]) == (503, "starting")
    assert response.headers["Retry-After"] == "2"
    gate.warm()
    response = client.get("/healthz")
    assert (response.status_code, response.json["status"]) == (200, "ok")


@pytest.mark.parametrize("harm", ["a file", "garbage"])
def test_an_index_that_can_not_be_read_ends_it_with_a_sentence(tmp_path, capsys, harm):
    index = tmp_path / "index"
    if harm == "a file":
        index.write_text("x")
    else:
        index.mkdir()
        (index / "index.sqlite").write_bytes(b"garbage " * 999)
    assert main(["--port", "0", "--index", str(index)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("blog-web: ")
    assert len(err.splitlines()) == 1
    assert str(index) in err


def test_a_port_in_use_is_said_in_a_sentence(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port), "--index", str(tmp_path)]) == 3
    assert f"cannot listen on 127.0.0.1, port {port}" in capsys.readouterr().err


def test_a_bad_setting_is_wrong_use(monkeypatch, capsys):
    assert main(["--port", "70000"]) == 2
    monkeypatch.setenv("BLOGSEARCH_PORT", "http")
    assert main([]) == 2
    assert "BLOGSEARCH_PORT must be a whole number" in capsys.readouterr().err


def test_half_open_connections_shut_nobody_out(address):
    """RISKS: waitress with its defaults falls at 200 connections that never finish
    their request."""
    host, port = re.search(r"//([\d.]+):(\d+)", address).groups()
    half_open = [
        socket.create_connection((host, int(port)), timeout=10) for _ in range(200)
    ]
    try:
        for connection in half_open:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        with urllib.request.urlopen(f"{address}healthz", timeout=10) as response:
            assert response.status == 200
    finally:
        for connection in half_open:
            connection.close()


def test_the_longest_question_fits_in_a_request_line(address):
    question = "%F0%9F%98%80" * 2000
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{address}api/search?q={question}", timeout=10)
    caught.value.close()
    assert caught.value.code == 400
    assert caught.value.headers["Content-Type"] == "application/json"
