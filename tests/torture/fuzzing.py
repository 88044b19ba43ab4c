"""What the fuzzer calls: each target takes any bytes and must end in a value or in an
error of ours.

``python -m tests.torture.fuzzing feed FOLDER -max_total_time=600`` looks for inputs
with atheris, which takes libFuzzer's options; what it finds stays in FOLDER. ``… keep
feed FOLDER`` takes the smallest set of these that reaches as much into the corpus that
``test_fuzz.py`` replays without atheris.
"""

from __future__ import annotations

import base64
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from itertools import pairwise
from pathlib import Path

CORPUS = Path(__file__).parent.parent / "data" / "fuzz"
LIMITS = ["-timeout=120", "-rss_limit_mb=512", "-max_len=4096", "-print_final_stats=1"]
SLOW = 5.0  # seconds of processor time
MOST = 45_000  # bytes of a target's corpus
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Target = Callable[[bytes], None]


def feed(data: bytes) -> None:
    """Items have addresses that can be followed, or none, and texts that any store
    takes."""
    from indexer.sources.detect import detect
    from indexer.sources.feed.model import FeedError
    from indexer.sources.feeds import parse_feed
    from indexer.text.markup import legal
    from indexer.text.urls import is_web_address

    detect(data, url="https://a.example/feed")
    with suppress(FeedError):
        found = parse_feed(data, "https://a.example/feed", now=NOW)
        for item in found.items:
            assert is_web_address(item.url), item.url
            for text in (
                item.title,
                item.author,
                item.content,
                item.language,
                found.title,
            ):
                assert legal(text) == text


def links(data: bytes) -> None:
    """The first byte says whether the page is Markdown. Entries lead somewhere and keep
    their order."""
    from indexer.backfill.archive_pages import archives, more_pages, neighbours
    from indexer.extract.links import read_links
    from indexer.sources.detect import looks_like_link_page
    from indexer.sources.find_feeds import find_feeds
    from indexer.sources.link_pages import parse_link_page
    from indexer.text.urls import is_web_address

    url = "https://a.example/links" + (".md" if data[:1] < b"\x80" else "")
    page = parse_link_page(data[1:], url)
    for entry in page.entries:
        assert is_web_address(entry.url), entry.url
    assert [entry.position for entry in page.entries] == list(range(len(page.entries)))
    looks_like_link_page(data[1:], url)
    find_feeds(data[1:], url)
    found = read_links(data[1:], url)
    archives(found, url), more_pages(found, url), neighbours(found)


def query(data: bytes) -> None:
    """A question is refused with a sentence, or can be asked of the full text index in
    any language."""
    from search.errors import QueryError
    from search.index.sqlite.words.fts5_query import match_expression, phrase, term
    from search.query.lexical import any_word
    from search.query.parser import parse, plain_parts

    text = data.decode("utf-8", "surrogateescape")
    with suppress(QueryError):
        asked = parse(text)
        assert asked.text
        assert parse(asked.text).text
        plain, spans = plain_parts(text)
        assert all(plain[start:end].strip() for start, end in spans)
        languages = ["", "de", "fr", "zh"]
        forms = [
            match_expression(any_word(asked, languages)),
            *(term(word, languages) for word in asked.words),
        ]
        for expression in [
            *forms,
            *(phrase(text, languages) for text in asked.excluded),
        ]:
            if expression:
                _full_text().execute(
                    "SELECT rowid FROM words WHERE words MATCH ?", (expression,)
                ).fetchall()


def snippet(data: bytes) -> None:
    """The first line is the question, the rest the text: marks lie in it, in order,
    apart; sentences leave out nothing but white space."""
    from search.console import plain
    from search.errors import QueryError
    from search.query.parser import parse
    from search.results.highlights import highlight
    from search.text.sentences import sentence_spans, sentence_starts

    first, _, text = data.decode("utf-8", "replace").partition("\n")
    spans = sentence_spans(text)
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(
        text.split()
    )
    assert sentence_starts(text) == sorted(set(sentence_starts(text)))
    assert len(plain(text)) == len(text)
    with suppress(QueryError):
        asked = parse(first)
        for language in ("", "de", "fr"):
            marks = highlight(text, asked.words, asked.phrases, language=language)
            assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)
            assert all(one.end < other.start for one, other in pairwise(marks))


def page(data: bytes) -> None:
    """A page and a feed's version of it give blocks that are not empty."""
    from indexer.documents.read_page import read
    from search.errors import BlogsearchError

    body, _, content = data.partition(b"\n\n\n")
    with suppress(BlogsearchError):
        reading = read(
            body, "https://a.example/post", content=content.decode("utf-8", "replace")
        )
        assert all(block.text.strip() for block in reading.blocks)


TARGETS: dict[str, Target] = {
    "feed": feed, "links": links, "query": query, "snippet": snippet, "page": page,
}  # fmt: skip

_tables: list[sqlite3.Connection] = []


def _full_text() -> sqlite3.Connection:
    if not _tables:
        _tables.append(sqlite3.connect(":memory:"))
        _tables[0].execute(
            "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = \"ascii tokenchars '_#\\.<>+-'\")"
        )
    return _tables[0]


def timed(target: Target, data: bytes) -> None:
    """By the processor's time: on a machine that does much else a clock would blame the
    innocent."""
    began = time.process_time()
    target(data)
    took = time.process_time() - began
    assert took < SLOW, f"{took:.1f} s"


def corpus(target: str) -> list[bytes]:
    """The kept inputs of a target: one a line, in base64."""
    lines = (CORPUS / f"{target}.txt").read_text("ascii").split()
    return [base64.b64decode(line) for line in lines]


def main(argv: list[str]) -> None:
    """Fuzz one target, or keep what was found of it."""
    if argv[0] == "keep":
        keep(argv[1], Path(argv[2]))
        return
    import atheris

    with atheris.instrument_imports(
        include=["indexer", "search", "feedparser", "markdown_it", "yaml"]
    ):
        for name in (
            "indexer.documents.read_page",
            "indexer.sources.detect",
            "indexer.sources.feeds",
            "search.index.sqlite.words.fts5_query",
            "search.results.highlights",
        ):
            import_module(name)
    folder = Path(argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(corpus(argv[0])):
        (folder / f"kept{number}").write_bytes(seed)
    words = f"-dict={CORPUS / argv[0]}.dict"
    # What libFuzzer calls itself by: merging it starts itself anew through a shell.
    own = f"{sys.executable} -m tests.torture.fuzzing {argv[0]}"
    command = [
        own,
        str(folder),
        *LIMITS,
        words,
        f"-artifact_prefix={folder.parent}/",
        *argv[2:],
    ]
    atheris.Setup(command, lambda data: timed(TARGETS[argv[0]], data))
    atheris.Fuzz()


def keep(target: str, found: Path) -> None:
    """Write the corpus: what libFuzzer merges out of the folder, each input once, the
    shortest first."""
    with tempfile.TemporaryDirectory() as scratch:
        merged = Path(scratch, "merged")
        merged.mkdir()
        command = [sys.executable, "-m", "tests.torture.fuzzing", target, str(merged)]
        subprocess.run([*command, "-set_cover_merge=1", str(found)], check=True)
        inputs = sorted(
            {path.read_bytes() for path in merged.iterdir()},
            key=lambda data: (len(data), data),
        )
    lines = [f"{base64.b64encode(data).decode()}\n" for data in inputs if data]
    while sum(map(len, lines)) > MOST:
        lines.pop()
    (CORPUS / f"{target}.txt").write_text("".join(lines), "ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
