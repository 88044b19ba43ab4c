"""The commands over an index in a real PostgreSQL database, as a person uses them, with the
sample archive and the bundled model."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import closing
from pathlib import Path

import feedparser
import pytest

import search.__main__ as asking
import web
import web.__main__ as serving
from indexer.cli import commands as cli
from search.engine import Engine
from search.index.open import index_address, open_index
from tests.postgres import packaged
from web.settings import Settings

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs/sample"
QUESTIONS = ("how do I see more meteors", "what is wrong with my rye bread", "moon")


@pytest.fixture
def mine(database, monkeypatch, tmp_path):
    """The address of an empty database, and a user without anything of theirs."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("BLOGSEARCH_INDEX", "BLOGSEARCH_LEDGER"):
        monkeypatch.delenv(name, raising=False)
    return str(database())


@pytest.fixture
def ask(capsys):
    def ask_it(*words: str):
        code = cli.main(list(words))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return ask_it


def answers(address) -> list[tuple[str, bool, list[str]]]:
    with closing(Engine(open_index(address))) as engine:
        found = [engine.search(question) for question in QUESTIONS]
    return [(one.query, one.confident, [hit.url for hit in one.hits]) for one in found]


def test_an_index_is_filled_asked_changed_examined_and_copied(
    mine, ask, tmp_path, capsys
):
    here = ("--index", mine)
    code, _, err = ask(*here, "add", str(SAMPLE / "notebook/feed.xml"))
    assert code == 0, err
    code, out, _ = ask(*here, "status")
    assert (code, f"index     {mine}\n" in out) == (0, True)
    assert "articles  7 (7 full text)" in out
    assert asking.main([*here, "--json", QUESTIONS[1]]) == 0
    first = json.loads(capsys.readouterr().out)["results"][0]
    assert first["url"].endswith("rye-is-not-wheat.html")
    code, out, err = ask(*here, "doctor")
    assert (code, out) == (0, "All is well.\n")

    # Into a folder and back: the same answers, and nothing is fetched again.
    code, err = ask("copy", "--from", mine, "--to", str(tmp_path / "copy"))[::2]
    assert (code, "7 articles were copied" in err) == (0, True)
    assert answers(tmp_path / "copy") == answers(mine)
    code, _, err = ask("--index", str(tmp_path / "copy"), "update")
    assert (code, "7 unchanged" in err) == (0, True)

    code, _, err = ask(*here, "forget", first["url"])
    assert (code, "no table of the database" in err) == (0, True)
    assert first["url"] not in [url for *_, urls in answers(mine) for url in urls]
    assert ask(*here, "update")[0] == 0
    code, _, err = ask(*here, "remove", str(SAMPLE / "notebook/feed.xml"))
    assert code == 0
    code, out, _ = ask(*here, "doctor")
    assert (code, out) == (0, "All is well.\n")


def test_a_folder_is_copied_into_a_database_and_goes_on_there(mine, ask, tmp_path):
    folder = str(tmp_path / "index")
    assert ask("--index", folder, "add", str(SAMPLE / "kettle-hill/atom.xml"))[0] == 0
    code, _, err = ask("copy", "--from", folder, "--to", mine)
    assert code == 0, err
    assert answers(folder) == answers(mine)
    code, _, err = ask("--index", mine, "update")
    assert (code, "unchanged" in err, "embedded" in err) == (0, True, False)
    code, out, _ = ask("--index", mine, "doctor")
    assert (code, out) == (0, "All is well.\n")
    # A trial holds articles out of a copy, and leaves the database as it is.
    with closing(open_index(mine)) as index, index.snapshot() as before:
        known = before.manifest
    code, out, _ = ask("--index", mine, "evaluate", "--pairs", "2", "--json")
    assert (code, json.loads(out)["used"]["heading"]) == (0, 2)
    with closing(open_index(mine)) as index, index.snapshot() as after:
        assert after.manifest == known


def test_a_database_is_dumped_and_restored_as_the_commands_say(
    mine, database, ask, tmp_path
):
    def run_what_is_said(said: str) -> None:
        lines = [line for line in said.splitlines() if line.startswith("    ")]
        script = "\n".join(lines).replace("FILE", str(tmp_path / "dump"))
        subprocess.run(
            ["bash", "-c", script],
            check=True,
            capture_output=True,
            env=os.environ | {"PATH": f"{packaged() / 'bin'}:{os.environ['PATH']}"},
        )

    feed = str(SAMPLE / "notebook/feed.xml")
    assert ask("--index", mine, "add", feed)[0] == 0
    before = answers(mine)
    code, _, err = ask("--index", mine, "backup", "FILE")
    assert (code, f"{tmp_path / 'data'}" in err) == (3, True)
    run_what_is_said(err)
    assert ask("--index", mine, "remove", feed)[0] == 0
    for words, address in (
        (["rollback"], mine),
        (["restore", "FILE"], mine),
        (["restore", "FILE"], str(database())),
    ):
        code, _, err = ask("--index", address, *words)
        assert code == 3
        run_what_is_said(err)
        assert answers(address) == before


def test_what_is_wrong_with_a_server_is_a_sentence_without_a_password(
    mine, monkeypatch, capsys
):
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    programs = {
        "blog-indexer": lambda address: cli.main(["--index", address, "status"]),
        "blog-search": lambda address: asking.main(["--index", address, "bread"]),
        "blog-web": lambda address: serving.main(["--index", address, "--port", "0"]),
    }
    wrong = {
        re.sub(r"@/\w+", "@/nothing", mine): "no such database",
        "postgresql://me@127.0.0.1:1/blogs": "can't be reached",
        "postgresql:///?service=none-such": "can't be reached",
    }
    for address, said in wrong.items():
        if said == "no such database":
            names = ["blog-indexer", "blog-search"]  # the page waits until it is there
        else:
            names = list(programs)
        for name in names:
            assert programs[name](address) == 3
            out, err = capsys.readouterr()
            assert (said in err, len(err.strip().splitlines()), out) == (True, 1, "")
            assert "hunter2" not in err


def test_standing_questions_are_those_of_all_machines(mine, ask, monkeypatch, tmp_path):
    here = ("--index", mine)
    assert ask(*here, "add", str(SAMPLE / "notebook/feed.xml"))[0] == 0
    code, _, err = ask(*here, "watch", "add", QUESTIONS[0], "--name", "meteors")
    assert (code, err) == (0, "meteors is watched from now on.\n")
    # Another machine brings what is new, and a third one reads of it.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "second"))
    code, _, err = ask(*here, "add", str(SAMPLE / "kettle-hill/atom.xml"))
    assert (code, "New for meteors: 2 articles; see" in err) == (0, True), err
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "third"))
    client = web.create_app(Settings(index=index_address(mine))).test_client()
    found = feedparser.parse(client.get("/watch/meteors.atom").data)
    with closing(Engine(open_index(mine))) as engine:
        answer = engine.search(QUESTIONS[0])
    assert {one.title for one in found.entries} == {
        hit.title for hit in answer.hits[: answer.total]
    }
    code, out, _ = ask(*here, "digest")
    assert (code, "The Perseids from the cricket club" in out) == (0, True)
    assert ask(*here, "digest")[:2] == (0, "")
    # That took no ledger.
    assert not (tmp_path / "third").exists()

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "second"))
    assert ask(*here, "rebuild")[0] == 0
    code, _, err = ask(*here, "update")
    assert (code, "New for" in err) == (0, False)
    folder = str(tmp_path / "copy")
    assert ask("copy", "--from", mine, "--to", folder)[0] == 0
    assert ask("--index", folder, "digest", "--since", "1d")[1] == out
    assert ask("--index", folder, "digest")[1] == ""
