"""Links that open at the answer, tried in a real Chromium: is the right text marked?

    python tests/benchmarks/text_fragments.py --index DIR [--number 200] [--seed 1]

DIR is an index of the saved blogs in ../shared, which are served here at the addresses
that it holds. Half of the answers are sentences of the articles, the other half what
the engine answers to the developers' questions; both are drawn by the seed. A link is
right where Chromium's mark lies on the words of the answer, seen in a picture of the
window. Prints a table by blog and every link that was not right.
"""

from __future__ import annotations

import argparse
import base64
import importlib.util
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Error, Page, sync_playwright

from search.engine import Engine
from search.index.open import open_index
from search.results.text_fragments import answer_link
from search.text.sentences import sentence_spans
from search.types import Article

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
PORTS = range(24_000, 31_000, 100)  # nine of them in a row are needed
CHROMIUM = "/usr/bin/chromium"
HITS_A_QUESTION = 3
WAIT = 400  # milliseconds after loading: Chromium looks again while a page changes
COVERED = 0.6  # of the words' area in the window has to be marked …
WITHIN = 0.5  # … and of the mark has to lie on the words

MARK = (
    "::target-text{background:rgb(255,0,255)!important;color:rgb(255,0,255)!important}"
)

# Finds the pieces of an answer in the page by their letters and digits alone; gives the
# rectangles of every visible stretch from the first piece to the last.
FIND = r"""pieces => {
  const letters = [], places = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (/^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE)$/.test(node.parentNode.nodeName)) continue;
    for (let i = 0; i < node.data.length; i++)
      for (const c of node.data[i].normalize('NFKC').toLowerCase())
        if (/[\p{L}\p{N}]/u.test(c)) { letters.push(c); places.push([node, i]); }
  }
  const text = letters.join('');
  const first = pieces[0], last = pieces[pieces.length - 1], found = [];
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    const end = pieces.length > 1 ? text.indexOf(last, at + first.length) : at;
    if (end < 0 || end - at > 3000) continue;
    const range = document.createRange();
    range.setStart(...places[at]);
    const [node, i] = places[end + last.length - 1];
    range.setEnd(node, i + 1);
    const boxes = [];
    const walk = document.createTreeWalker(range.commonAncestorContainer,
                                           NodeFilter.SHOW_TEXT);
    for (let n = walk.currentNode; n; n = walk.nextNode()) {
      if (n.nodeType !== 3 || !range.intersectsNode(n) || !n.data.trim()) continue;
      const part = document.createRange();
      part.selectNodeContents(n);
      if (n === range.startContainer) part.setStart(n, range.startOffset);
      if (n === range.endContainer) part.setEnd(n, range.endOffset);
      for (const r of part.getClientRects()) boxes.push([r.x, r.y, r.right, r.bottom]);
    }
    if (boxes.some(b => b[2] - b[0] > 2 && b[3] - b[1] > 2)) found.push(boxes);
  }
  return found;
}"""

# Measures a picture: the share of the boxes that is marked, and of the mark in them.
MEASURE = r"""async ([picture, found]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const canvas = document.createElement('canvas');
  const w = canvas.width = image.width, h = canvas.height = image.height;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const data = context.getImageData(0, 0, w, h).data;
  const marked = new Uint8Array(w * h);
  let total = 0;
  for (let i = 0; i < w * h; i++)
    if (data[4*i] > 250 && data[4*i+1] < 5 && data[4*i+2] > 250)
      { marked[i] = 1; total++; }
  const measures = found.map(boxes => {
    const inside = new Uint8Array(w * h);
    let area = 0, both = 0;
    for (const [x0, y0, x1, y1] of boxes)
      for (let y = Math.max(0, Math.ceil(y0)); y < Math.min(h, Math.floor(y1)); y++)
        for (let x = Math.max(0, Math.ceil(x0)); x < Math.min(w, Math.floor(x1)); x++)
          if (!inside[y*w + x])
            { inside[y*w + x] = 1; area++; both += marked[y*w + x]; }
    return [area ? both / area : 0, total ? both / total : 0];
  });
  return [total, measures];
}"""


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
        article.url, article, start=start, end=end, anchor=anchor_at(article, start)
    )
    return Answer(article, start, end, url, origin)


def sentences(engine: Engine, draw: random.Random) -> Iterator[Answer]:
    """Sentences of articles, each blog in its turn."""
    with engine._index.snapshot() as snapshot:
        by_host: dict[str, list[str]] = defaultdict(list)
        for url in snapshot.urls():
            by_host[urlsplit(url).netloc].append(url)
        while True:
            for urls in by_host.values():
                article = snapshot.article(draw.choice(urls))
                spans = sentence_spans(article.text)
                if spans:
                    yield linked(article, *draw.choice(spans), "sentence")


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
                shown = passage.answer
                text = passage.text[shown.start : shown.end] if shown else passage.text
                start = article.text.find(text)
                if start >= 0:
                    yield linked(article, start, start + len(text), "question")


def pieces(answer: Answer) -> list[str]:
    """The letters and digits of an answer's prose, in pieces between its formulas."""
    from unicodedata import normalize

    prose = re.split(r"\$\$.*?\$\$|\$[^$]*\$|`", answer.text, flags=re.DOTALL)
    plain = ["".join(filter(str.isalnum, normalize("NFKC", p).lower())) for p in prose]
    return [p for p in plain if len(p) >= 5] or [max(plain, key=len)]


class Tried(NamedTuple):
    """``verdict``: right, elsewhere (something else is marked), unmarked, lost (the
    words of the answer are not on the page) or the error."""

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
    page.goto(answer.url, wait_until="load")
    page.wait_for_timeout(WAIT)
    page.add_style_tag(content=MARK)
    found = page.evaluate(FIND, pieces(answer))
    picture = base64.b64encode(page.screenshot()).decode()
    total, measures = canvas.evaluate(MEASURE, [picture, found])
    if any(share >= COVERED and of >= WITHIN for share, of in measures):
        return "right"
    if not found:
        return "lost, marked" if total else "lost"
    return f"elsewhere {measures}" if total else "unmarked"


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
        name = names.get(urlsplit(row.answer.article.url).port, "?")
        for group in (name, row.answer.origin, "all"):
            count = blogs[group]
            count["all"] += 1
            count["text"] += row.has_text
            count["right"] += row.verdict == "right"
            count["anchor"] += not row.has_text and row.has_anchor
            count["none"] += not row.has_text and not row.has_anchor
            count["lost"] += row.verdict == "lost"
    print("| | links | by words | marked right | anchor only | neither | not on page |")
    print("|---|---|---|---|---|---|---|")
    for name, c in blogs.items():
        share = f"{c['right']} ({c['right'] / c['all']:.0%})"
        cells = (c["all"], c["text"], share, c["anchor"], c["none"], c["lost"])
        print(f"| {name} |", " | ".join(map(str, cells)), "|")
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
    with closing(Engine(open_index(options.index))) as engine:
        asked = options.number // 2 * (not options.sentences_only)
        drawn = list(_first(asked, answers(engine, draw)))
        drawn += _first(options.number - asked, sentences(engine, draw))
    with sync_playwright() as driver:
        flags = ["--no-sandbox", f"--host-resolver-rules={archives.rules}"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        rows = []
        for row in tried(browser, drawn):
            rows.append(row)
            print(".", end="", file=sys.stderr, flush=True)
        browser.close()
    report(rows, archives.names)


def _first(number: int, them: Iterator[Answer]) -> Iterator[Answer]:
    for _, one in zip(range(number), them, strict=False):
        yield one


if __name__ == "__main__":
    main()
