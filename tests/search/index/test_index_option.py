"""An empty name is no folder, least of all the current one: in each of the commands."""

import os
from pathlib import Path

import pytest

import search.__main__
import web.__main__
from indexer.cli.commands import parser
from search.index.open import default_index_dir, index_of

COMMANDS = {
    "blog-indexer": lambda index: parser().parse_args([*index, "status"]).index,
    "blog-indexer, behind": lambda index: parser().parse_args(["status", *index]).index,
    "blog-search": lambda index: (
        search.__main__.parser().parse_args(["a question", *index]).index
        or index_of(os.environ)
    ),
    "blog-web": lambda index: web.__main__._settings(index).index,
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("given", [["--index", ""], ["--index="], ["--index", " "]])
def test_an_empty_option_is_refused(command, given, capsys):
    with pytest.raises(SystemExit) as ended:
        COMMANDS[command](given)
    assert ended.value.code == 2
    assert "name a folder" in capsys.readouterr().err
    assert COMMANDS[command](["--index", "."]) == Path()


@pytest.mark.parametrize("command", ["blog-search", "blog-web"])
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_environment_names_none(command, value, monkeypatch):
    monkeypatch.setenv("BLOGSEARCH_INDEX", value)
    assert COMMANDS[command]([]) == default_index_dir()
    assert index_of({"BLOGSEARCH_INDEX": value}) == default_index_dir()
    assert index_of({"BLOGSEARCH_INDEX": "there"}) == Path("there")
