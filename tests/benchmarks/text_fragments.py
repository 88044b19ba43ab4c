"""Links that open at the answer, tried in a real Chromium: is the right text marked?

    python -m tests.benchmarks.text_fragments --index DIR [--number 200] [--seed 1]

DIR is an index of the saved blogs in ../shared, which are served here at the addresses
that it holds. Half of the answers are sentences of the articles, the other half what
the engine answers to the developers' questions; both are drawn by the seed. A link is
right where Chromium's mark lies on the words of the answer, seen in a picture of the
window. Prints a table by blog and every link that was not right.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Error, Page, sync_playwright

from search.engine import Engine
from search.index.open import open_index
from search.results import page_words
from search.results.text_fragments import answer_link
from search.text.sentences import sentence_spans
from search.types import Article, Block, Highlight
from tests.text_marks import letters, mark_seen, named, pieces

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
PORTS = range(24_000, 31_000, 100)  # nine of them in a row are needed
CHROMIUM = "/usr/bin/chromium"
HITS_A_QUESTION = 3
# Its pages are shells without text: what is known of it is from its feed.
SHELLS = "brunow"
COLUMNS = ("links", "by words", "anchor only", "neither", "right", "beside", "elsewhere",
           "unmarked", "lost", "error:")  # fmt: skip


class Answer(NamedTuple):
    """Characters of an article's text, and the link that is to open it there."""

    article: Article
    start: int
    end: int
    url: str
    origin: str

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]


class Archives(NamedTuple):
    """The saved blogs by the port that the index knows; ``rules`` tell Chromium which
    port they are at now."""

    names: dict[int, str]
    rules: str


def serve(first_port: int) -> Archives:
    """Serve the saved blogs, which were at the ports from ``first_port`` on."""
    spec = importlib.util.spec_from_file_location(
        "archive_server", SHARED / "archive_server.py"
    )
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    server.Handler.disable_nagle_algorithm = True
    for port in PORTS:
        try:
            listing = server.serve(port, SHARED / "archives")
        except OSError:
            continue
        names = {first_port + n: row["name"] for n, row in enumerate(listing, 1)}
        moved = [
            f"MAP 127.0.0.1:{first_port + n} 127.0.0.1:{port + n}"
            for n in range(1, len(listing) + 1)
        ]
        # Whatever else a page asks for is not there.
        return Archives(names, ",".join([*moved, "MAP * ~NOTFOUND"]))
    raise OSError("no nine free ports in a row")


def anchor_at(article: Article, place: int) -> str:
    """The nearest heading's anchor at or above a place, as the results have it."""
    at, anchor = 0, ""
    for block in article.blocks:
        if at > place:
            break
        anchor = block.anchor or anchor
        at += len(block.text) + 2
    return anchor


def linked(article: Article, start: int, end: int, origin: str) -> Answer:
    url = answer_link(
        article.url,
        page_words.Page(article),
        start=start,
        end=end,
        anchor=anchor_at(article, start),
    )
    return Answer(article, start, end, url, origin)


def sentences(engine: Engine, draw: random.Random) -> Iterator[Answer]:
    """Sentences, rows and lines of articles, each blog in its turn."""
    with engine._index.snapshot() as snapshot:
        by_host: dict[str, list[str]] = defaultdict(list)
        for url in snapshot.urls():
            by_host[urlsplit(url).netloc].append(url)
        while True:
            for urls in by_host.values():
                article = snapshot.article(draw.choice(urls))
                places = list(block_places(article))
                if places:
                    block, at = draw.choice(places)
                    start, end = draw.choice(sentence_spans(block.text))
                    yield linked(article, at + start, at + end, "sentence")


def block_places(article: Article) -> Iterator[tuple[Block, int]]:
    """The blocks that may answer, and where they begin in the article's text."""
    at = 0
    for block in article.blocks:
        if block.kind != "heading":
            yield block, at
        at += len(block.text) + 2


def answers(engine: Engine, draw: random.Random) -> Iterator[Answer]:
    """The answers of the first articles found by the developers' questions."""
    lines = [
        line
        for path in sorted((SHARED / "eval/dev").glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    draw.shuffle(lines)
    for line in lines:
        found = engine.search(json.loads(line)["query"], limit=HITS_A_QUESTION)
        for hit in found.hits:
            with engine._index.snapshot() as snapshot:
                article = snapshot.article(hit.url)
            for passage in hit.passages[:1]:
                if article is not None and passage.start >= 0:
                    shown = passage.answer or Highlight(0, len(passage.text))
                    yield Answer(
                        article,
                        passage.start + shown.start,
                        passage.start + shown.end,
                        passage.url,
                        "marked answer" if passage.answer else "quote",
                    )


class Tried(NamedTuple):
    """``verdict``: right; beside (the prose nearest to a formula or to code is marked);
    elsewhere; unmarked; lost (the words are not on the page); or the error."""

    answer: Answer
    verdict: str

    @property
    def has_text(self) -> bool:
        return ":~:text=" in self.answer.url

    @property
    def has_anchor(self) -> bool:
        return "#" in self.answer.url and "#:~:" not in self.answer.url


def opened(page: Page, canvas: Page, answer: Answer) -> str:
    """Open a link in a fresh page and say what is marked."""
    own = all(one in letters(answer.text) for one in named(answer.url))
    # Where no answer is marked, the link is of the sentence of the quote that is nearest
    # to one.
    is_whole = own and answer.origin != "quote"
    wanted = pieces(answer.text) if is_whole else named(answer.url)
    page.goto(answer.url, wait_until="load")
    seen = mark_seen(page, canvas, wanted)
    if seen == "right" and not own:
        return "beside"
    return seen


def tried(browser: Browser, answers: Sequence[Answer]) -> Iterator[Tried]:
    canvas = browser.new_page()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    for answer in answers:
        page = context.new_page()
        page.set_default_timeout(20_000)
        try:
            yield Tried(answer, opened(page, canvas, answer))
        except Error as error:
            yield Tried(answer, f"error: {error.message.splitlines()[0]}")
        finally:
            page.close()


def report(rows: Sequence[Tried], names: dict[int, str]) -> None:
    blogs: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        name = names.get(urlsplit(row.answer.article.url).port or 0, "?")
        for group in (name, row.answer.origin, "all"):
            blogs[group].update(["links", row.verdict.split()[0]])
            blogs[group]["by words"] += row.has_text
            blogs[group]["anchor only"] += not row.has_text and row.has_anchor
            blogs[group]["neither"] += not row.has_text and not row.has_anchor
    print("|  |", " | ".join(COLUMNS), "| share |")
    print("|--|", "-|" * len(COLUMNS), "-|", sep="")
    for name in sorted(blogs, key=lambda name: (name == "all", name)):
        count = blogs[name]
        share = f"{count['right'] / count['links']:.1%}"
        print(f"| {name} |", *(f"{count[one]} |" for one in COLUMNS), share, "|")
    for row in rows:
        if row.verdict != "right":
            print(
                f"\n{row.verdict}\n  {unquote(row.answer.url)}\n  {row.answer.text!r}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", required=True)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first-port", type=int, default=21765, help="of the index")
    parser.add_argument("--sentences-only", action="store_true")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    archives = serve(options.first_port)

    def can_be_marked(answer: Answer) -> bool:
        return archives.names.get(urlsplit(answer.article.url).port or 0) != SHELLS

    with closing(Engine(open_index(options.index))) as engine:
        asked = options.number // 2 * (not options.sentences_only)
        drawn = list(islice(filter(can_be_marked, answers(engine, draw)), asked))
        rest = options.number - asked
        drawn += islice(filter(can_be_marked, sentences(engine, draw)), rest)
    with sync_playwright() as driver:
        flags = ["--no-sandbox", f"--host-resolver-rules={archives.rules}"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        rows = []
        for row in tried(browser, drawn):
            rows.append(row)
            print(".", end="", file=sys.stderr, flush=True)
        browser.close()
    report(rows, archives.names)


if __name__ == "__main__":
    main()
