"""In the terminal: nothing that a feed, a page, a file's name or a server says acts
upon it.

Titles, authors, notes, texts, addresses, names of sites and of files, and messages of
errors hold escape codes of every kind, each before a mark; every byte that the commands
print is looked at. Shortly the commands run in the tests' own process, fully as
programs of their own, on pipes and on a terminal.
"""

from __future__ import annotations

import html
import json
import os
import pty
import re
import select
import subprocess
import sys
import unicodedata
from contextlib import nullcontext

import pytest

from indexer.cli import commands as cli
from indexer.cli import session
from search import __main__ as ask
from search.console import json_text, plain
from tests.pdfs import column, pdf
from tests.sites import Reply, serving, text
from tests.torture.scale import FULL

# Colour, clear, title of the window, link, device control, answers that are typed, C1
# forms of them, returns, deletes, bells, the direction of reading, separators of lines,
# tags that hide letters, half a character.
CODES = [
    "\x1b[31m", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x1b\\", "\x1bP$q\x1b\\",
    "\x1b[6n", "\x1bc", "\x9b31m", "\x9d0;title\x9c", "\x90q\x9c", "\x85", "\r", "\b\b\b", "\x7f", "\x07",
    "\x00", "\x0c", "\x0b", "\u202e", "\u2066", "\u200f", "\u2028", "\u2029", "\U000e0041",
]  # fmt: skip
EVIL = "".join(f"{code}evil{n}" for n, code in enumerate(CODES))
IN_XML = html.escape("".join(c for c in EVIL if c >= " " or c == "\r"))
IN_HTML = html.escape(EVIL)
ALLOWED = "\n\t\u200c\u200d"


def untrusted(site) -> None:
    """A site that says evil things everywhere."""
    escaped = "".join(f"%{byte:02x}" for byte in EVIL.encode())
    for number in (1, 2):
        names = f"<meta name=author content='A {IN_HTML}'><meta property=og:site_name content='S {IN_HTML}'>"
        body = f"{IN_HTML} bread {text(number + 5)}"
        site.post(f"/{number}", f"Post {number} {EVIL}", text(number), body, head=names)
    lines = [f"Bread rises in line {n}" for n in range(30)]
    site.put("/paper.pdf", pdf([column(lines)], title="P \\033[31m"))
    site.pages["/refused"] = Reply(b"x", 200, "application/x-\x9b31mevil")
    items = "".join(
        f"<item><title>Item {IN_XML}</title><link>{site.base}{path}</link>"
        f"<dc:creator>Bob {IN_XML}</dc:creator><description>{IN_XML} bread</description>"
        f"<category>{IN_XML}</category></item>"
        for path in (
            "/1",
            "/2",
            "/paper.pdf",
            "/refused",
            f"/gone?{escaped}",
            f"/gone{IN_XML}",
            "/none#x",
        )
    )
    site.put(
        "/feed.xml",
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
        f"<title>Feed {IN_XML}</title><link>{site.base}/</link><generator>{IN_XML}</generator>"
        f"{items}</channel></rss>",
        kind="application/rss+xml",
    )
    site.put(
        "/links.html",
        f"<title>Today I learned {IN_HTML}</title><h2>3 May 2024 {IN_HTML}</h2><ul>"
        + "".join(
            f"<li><a href='http://127.0.0.1:9/{n}{IN_HTML}'>L {IN_HTML}</a> is a note on bread {IN_HTML}"
            for n in range(8)
        ),
    )
    site.put("/broken.xml", f"<rss><channel><item><title>{IN_XML}", kind="text/xml")
    site.put(
        "/feed.opml",
        f"<opml><outline xmlUrl='{site.base}/feed.xml' title='{IN_XML}'/></opml>",
    )
    site.put("/evil.opml", "<opml><\x85evil")


def commands(site, folder) -> list[list[str]]:
    """What is typed, one after another; ``search`` stands for blog-search."""
    feed, links = site.url("/feed.xml"), site.url("/links.html")
    strange = folder / "\x1b[31mevil\x9b\u202e"
    strange.mkdir()
    for name in ("\x1b]0;evil\x07.md", "b\u202eevil\x85.md", "c\udc80evil.md"):
        (strange / name).write_text(
            f'---\ntitle: T {EVIL[:60]}\nauthor: "\\e[31mevil"\n: x\n---\n{text(1)}\n'
        )
    (strange / "\x1b[31mevil.pdf").write_bytes(b"%PDF-\x1b[31mevil")
    wrong = [
        site.url(path)
        for path in ("/broken.xml", "/evil.opml", "/refused", "/nowhere\x1b[31mevil")
    ]
    return [
        ["add", "--allow-private", "--feed-only", feed, links, str(strange), *wrong],
        ["add", "--allow-private", site.url("/feed.opml")],
        ["update", "--allow-private"],
        ["backfill", "--dry-run", "--allow-private", feed],
        ["sources"], ["sources", "--opml"], ["status"], ["coverage"], ["coverage", "--json"],
        ["show", site.url("/1")], ["show", "--json", site.url("/1")], ["show", "http://127.0.0.1:9/0\x1bevil"],
        ["search", "bread"], ["search", "--json", "bread"], ["search", "bread", "author:\u202eevil"],
        ["search", "\x1b[31mevil"], ["search", "after:\x9bevil"],
        ["remove", feed, "http://no.example/\x1b[31mevil"], ["forget", site.url("/2\x9bevil")],
    ]  # fmt: skip


def check(output: bytes, *, terminal: bool = False) -> None:
    """Only letters, signs and line ends; on a terminal also what the progress bar draws
    itself with."""
    said = output.decode("utf-8")
    if terminal:
        said = re.sub(r"\x1b\[(?:\?25[lh]|[0-9;]*m|[12]?K|1A)(?!evil)|\r", "", said)
    wrong = {c for c in said if not (c.isprintable() or c in ALLOWED)}
    assert not wrong, [f"{ord(c):x} {unicodedata.name(c, '')}" for c in wrong]


def test_nothing_from_outside_acts_upon_the_terminal(
    tmp_path, capfd, monkeypatch, workers, real_embedder
):
    monkeypatch.setattr(session, "Workers", lambda: nullcontext(workers))
    monkeypatch.setattr(session, "open_embedder", lambda name: real_embedder)
    monkeypatch.setattr(
        "search.engine.open_embedder", lambda name: real_embedder, raising=False
    )
    monkeypatch.setenv("BLOGSEARCH_INDEX", str(tmp_path / "index"))
    with serving() as site:
        untrusted(site)
        said: dict[str, str] = {}
        for arguments in commands(site, tmp_path):
            main, rest = (
                (ask.main, arguments[1:])
                if arguments[0] == "search"
                else (cli.main, arguments)
            )
            main(rest)
            out, err = capfd.readouterr()
            check((out + err).encode("utf-8", "surrogatepass"))
            said[" ".join(arguments[:2])] = out + err
    for command in (
        "add --allow-private",
        "sources",
        "status",
        "coverage",
        "search bread",
    ):
        assert said[command].count("evil") > 1, said[
            command
        ]  # it was there, and was shown
    for command in ("coverage --json", "show --json", "search --json"):
        assert "evil" in json.dumps(json.loads(said[command]))


@pytest.mark.skipif(not FULL, reason="make torture")
@pytest.mark.parametrize("terminal", [False, True])
def test_nothing_from_outside_acts_upon_the_terminal_of_the_programs(
    tmp_path, terminal
):
    environment = {
        **os.environ,
        "BLOGSEARCH_INDEX": str(tmp_path / "index"),
        "TERM": "xterm",
        "COLUMNS": "200",
    }
    with serving() as site:
        untrusted(site)
        for arguments in commands(site, tmp_path):
            module = (
                ["search", *arguments[1:]]
                if arguments[0] == "search"
                else ["indexer", *arguments]
            )
            output = printed(
                [sys.executable, "-m", *module], environment, terminal=terminal
            )
            check(output, terminal=terminal)


def printed(
    command: list[str], environment: dict[str, str], *, terminal: bool
) -> bytes:
    """All that a program writes, to a pipe or to a terminal."""
    if not terminal:
        ended = subprocess.run(
            command, env=environment, capture_output=True, timeout=300, check=False
        )
        return ended.stdout + ended.stderr
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as program:
        os.close(theirs)
        pieces = []
        while program.poll() is None or select.select([ours], [], [], 0.2)[0]:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    pieces.append(os.read(ours, 65536))
                except OSError:  # its end, on Linux
                    break
    os.close(ours)
    return b"".join(pieces)


def test_every_character_that_is_no_letter_is_taken_out():
    everything = "".join(
        map(chr, [*range(0x2100), *range(0xD7F0, 0x10100), *range(0xE0000, 0xE0200)])
    )
    for shown in (plain(everything), json_text(everything)):
        kinds = {unicodedata.category(c) for c in set(shown) - set("\n\u200c\u200d")}
        assert not kinds & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    assert json.loads(json_text(everything)) == json.loads(json.dumps(everything))
