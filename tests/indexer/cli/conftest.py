"""Commands that run in the tests' own process, with a model of hashes and one try at a
page."""

import socket
from contextlib import nullcontext

import pytest

from indexer.cli import commands as cli
from indexer.cli import session
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.http.dns import resolve_with_system
from tests.fakes import HashEmbedder

NO_DNS = "unreachable.example.org"


def look_up(host, port):
    if host == NO_DNS:
        raise socket.gaierror(socket.EAI_AGAIN, "just now")
    return resolve_with_system(host, port)


@pytest.fixture
def quick_commands(monkeypatch, workers):
    monkeypatch.setattr(session, "Workers", lambda: nullcontext(workers))
    monkeypatch.setattr(session, "open_embedder", lambda name: HashEmbedder())
    monkeypatch.setattr(
        session, "Limits", lambda **given: Limits(**given, tries=1, deadline=5.0)
    )
    monkeypatch.setattr(
        session,
        "HttpFetcher",
        lambda *given, **more: HttpFetcher(*given, resolve=look_up, **more),
    )
    monkeypatch.setattr(session, "Network", lambda: None)


@pytest.fixture
def run(tmp_path, capsys):
    """Run a command; return its exit code, what it printed and what it said."""

    def run_it(*arguments: str):
        code = cli.main(["--index", str(tmp_path / "index"), *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run_it
