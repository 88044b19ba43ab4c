"""Answers through the real server: streamed as they are written, a few at once, and
ended where nobody waits any more."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from tests.web.answers.model_fake import Reply, piece, said
from web import create_app
from web.answers import chat_stream, composer
from web.answers.model_server import ModelServer
from web.server import Server
from web.settings import Settings

PATH = "/api/answer?q=gradient"


@pytest.fixture(autouse=True)
def _look_often(monkeypatch):
    monkeypatch.setattr(chat_stream, "LOOK_EVERY", 0.02)


@contextmanager
def running(engine, llm: ModelServer, **told):
    settings = Settings(port=0, log="off", llm=llm, **told)
    server = Server(create_app(settings, engine), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        engine.held.set()
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


def asked(port, path=PATH):
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    return connection, connection.getresponse()


def close(connection, response):
    response.close()  # it holds the socket, where the server is to end the connection
    connection.close()


def read_until(response, words: bytes) -> bytes:
    """Read lines up to the first that holds these words."""
    text = b""
    while words not in text:
        line = response.readline()
        assert line, text
        text += line
    return text


def status(port, path) -> int:
    connection, response = asked(port, path)
    response.read()
    close(connection, response)
    return response.status


def test_each_sentence_comes_as_it_is_written(engine, model):
    go_on = threading.Event()
    model.replies = [Reply((piece("Down it goes [1]. N"), go_on, *said("ot far [2].")))]
    with running(engine, model.server()) as port:
        connection, response = asked(port)
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert response.headers["Cache-Control"] == "no-store"
        # The model hasn't written the rest yet.
        read_until(response, b"Down it goes.")
        read_until(response, b": waiting")
        go_on.set()
        assert b"Not far." in read_until(response, b"event: end")
        close(connection, response)


def test_a_composing_model_keeps_no_question_waiting(engine, model):
    never = threading.Event()
    model.replies = [Reply((piece("Down it goes [1]. N"), never))]
    with running(engine, model.server(), at_once=1, threads=1) as port:
        held = [asked(port) for _ in range(composer.AT_ONCE)]
        for _, response in held:
            read_until(response, b"Down it goes.")
        # Places at the engine and threads for pages are free; for answers none is.
        for path in ("/api/search?q=gradient", "/?q=gradient", "/healthz"):
            assert status(port, path) == 200
        for path in (PATH, "/answer?q=gradient"):
            connection, response = asked(port, path)
            assert response.status == 503
            assert response.headers["Retry-After"] == "10"
            assert b"being composed" in response.read()
            close(connection, response)
        # Whoever leaves ends the model's work, and makes room.
        close(*held[0])
        assert model.gone.wait(10)
        until = time.monotonic() + 10
        model.says("Down [1].")
        while status(port, PATH) != 200:
            assert time.monotonic() < until
        close(*held[1])


@pytest.mark.parametrize("path", [PATH, "/answer?q=gradient"])
def test_who_leaves_a_silent_model_ends_its_work(engine, model, path):
    never, begun = threading.Event(), threading.Event()

    class Telling(threading.Event):
        def is_set(self):
            begun.set()
            return never.is_set()

    model.replies = [Reply((Telling(),))]
    with running(engine, model.server()) as port:
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert begun.wait(10)
            assert not model.gone.is_set()
        assert model.gone.wait(10)


def test_the_end_of_the_server_ends_the_models_work(engine, model, monkeypatch):
    monkeypatch.setattr("web.server.listener.GRACE", 1.2)
    never = threading.Event()
    model.replies = [Reply((piece("Down it goes [1]. N"), never))]
    with running(engine, model.server()) as port:
        connection, response = asked(port)
        read_until(response, b"Down it goes.")
    assert model.gone.wait(10)
    close(connection, response)


def test_an_old_client_gets_the_same_without_chunks(engine, model):
    model.says("Down it goes [1].")
    with (
        running(engine, model.server()) as port,
        socket.create_connection(("127.0.0.1", port)) as sock,
    ):
        sock.sendall(f"GET {PATH} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        text = b""
        while part := sock.recv(65536):
            text += part
    head, _, body = text.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert body.startswith(b"event: sources\n")
    assert body.endswith(b"}\n\n")
