"""Streams that can't be written, and text that acts upon no terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata

import pytest

from search.console import CommandParser, json_text, plain, say_on_stderr

EVIL = "a\x1b[2Jb\x9bc\u202ed\u200de"


def test_plain_text_is_as_long_and_harmless():
    assert plain(EVIL) == "a [2Jb c d\u200de"
    assert plain("a\nb\tc", keep="\n") == "a\nb c"


def test_json_keeps_its_letters_and_escapes_what_acts():
    written = json_text({"ä": EVIL})
    assert "ä" in written
    assert plain(written, keep="\n") == written
    assert json.loads(written) == {"ä": EVIL}


def test_a_message_nobody_can_get_is_dropped(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    say_on_stderr("lost")


@pytest.mark.parametrize(
    "streams", [">/dev/full", "2>/dev/full", ">&- 2>&-", ">/dev/full 2>&1"]
)
def test_unwritten_output_changes_no_exit_code(streams):
    program = (
        "import sys; from search.console import say_on_stderr, discard_unwritten_output\n"
        "say_on_stderr('x')\n"
        "if sys.stdout is not None: sys.stdout.write('x')\n"
        "discard_unwritten_output(); sys.exit(5)"
    )
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {streams}', "-", sys.executable, "-c", program],
        env={k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 5


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("search", "blog-search"),
        ("indexer", "blog-indexer"),
        ("web", "blog-web"),
        ("web.agents", "blog-mcp"),
    ],
)
def test_a_program_says_which_version_it_is(module, name):
    done = subprocess.run(
        [sys.executable, "-m", module, "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{name} {metadata.version('blogsearch')}\n"


def test_a_version_that_no_package_tells_is_no_traceback(monkeypatch, capsys):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    parser = CommandParser(prog="blog-web")
    parser.add_version()
    with pytest.raises(SystemExit, match="0"):
        parser.parse_args(["--version"])
    assert "not installed" in capsys.readouterr().out
