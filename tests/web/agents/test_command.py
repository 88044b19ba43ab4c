"""The command line of blog-mcp where it can't serve."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from tests.web.agents.answering import ROOT, environment
from web.agents.__main__ import main


def test_without_the_sdk_it_says_how_to_get_it():
    code = (
        "import sys; sys.modules['mcp'] = None;"
        "from web.agents.__main__ import main; sys.exit(main([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(),
        capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "blog-mcp: it needs parts that aren't installed here (mcp)."
        " Get them with: pip install 'blogsearch[mcp]'\n"
    )


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--port", "80"], 2, "--port is for --http"),
        (["--http", "--port", "70000"], 2, "between 0 and 65,535"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, code, says, capsys):
    assert main(options) == code
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""


def test_a_port_that_is_taken_is_named(capsys):
    pytest.importorskip("mcp")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--http", "--port", str(port)]) == 3
    assert f"cannot listen on 127.0.0.1, port {port}" in capsys.readouterr().err
