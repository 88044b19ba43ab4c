"""The cost of one more article for a whole ``blog-indexer update``, at two sizes of archive.

    python tests/benchmarks/one_more_article.py [--articles 1000 10000] [--runs 5]
        [--profile] [--keep FOLDER]

Each archive is of eight feeds that answer "not modified", and of one that has a new post
before each run. Nothing is fetched but from loopback, and the model is one of hashes, so
that what is left is what the run itself costs. Medians; nothing is asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import io
import json
import pstats
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from indexer.cli import commands, session  # noqa: E402
from indexer.ledger.ledger import Ledger  # noqa: E402
from indexer.ledger.schedule import timestamp  # noqa: E402
from indexer.records import Item, PageRecord, SourceRecord  # noqa: E402
from indexer.split.split import SPLITTER_VERSION, split  # noqa: E402
from indexer.text.language import detect_language  # noqa: E402
from search.index.sqlite.writer import SqliteWriter  # noqa: E402
from search.port_values import Encoding  # noqa: E402
from search.text.near_duplicates import bands, compared_text  # noqa: E402
from search.types import Article, Block  # noqa: E402
from tests.fakes import HashEmbedder  # noqa: E402
from tests.sites import Site, serving  # noqa: E402

FEEDS = 8  # that have nothing new
SENTENCES, WORDS = 8, 13  # of a paragraph: one passage
PARAGRAPHS = 2  # of an article that is stocked: what a run costs goes by articles
NEW_PARAGRAPHS = 7  # of the new one
VOCABULARY = 20_000  # words; the nth is n times rarer than the first
BATCH = 200  # articles that are stocked together


class CheapEmbedder(HashEmbedder):
    """A model whose vectors are random numbers that the text's checksum begins."""

    def __init__(self, name: str = "cheap") -> None:
        super().__init__(name)

    def encode_query(self, text: str) -> Encoding:
        chance = np.random.default_rng(zlib.crc32(text.encode()))
        rows = chance.standard_normal((5, self.dimension), np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        words = text.split()[:4]
        ends = np.cumsum([len(word) + 1 for word in words])
        spans = np.array(
            [
                (end - len(word) - 1, end - 1)
                for word, end in zip(words, ends, strict=True)
            ],
            np.int32,
        )
        tokens = rows[1 : len(words) + 1].astype(np.float16)
        return Encoding(rows[0], tokens, spans.reshape(-1, 2))


def paragraphs(number: int, count: int) -> list[str]:
    """The text of one article: words as rare as in a language, in sentences."""
    chance = random.Random(number)
    made = []
    for _ in range(count):
        sentences = []
        for _ in range(SENTENCES):
            ranks = (int(VOCABULARY ** chance.random()) for _ in range(WORDS))
            sentences.append(" ".join(f"w{rank}" for rank in ranks).capitalize())
        made.append(". ".join(sentences) + ".")
    return made


def feed_url(site: Site, feed: int) -> str:
    """The address of a feed that has nothing new."""
    return site.url(f"/blog{feed}/feed.xml")


def stock(directory: Path, site: Site, count: int) -> None:
    """Fill index and ledger as runs over the feeds would have left them."""
    model = CheapEmbedder()
    with SqliteWriter(directory, model, splitter=SPLITTER_VERSION) as index:
        ledger = Ledger(directory)
        with ledger.transaction():
            for feed in range(FEEDS):
                url = feed_url(site, feed)
                seen = {
                    "etag": site.etag(f"/blog{feed}/feed.xml"),
                    "last_modified": "",
                    "url": "",
                }
                ledger.put_source(
                    SourceRecord(
                        url, "feed", f"Blog {feed}", validators=seen,
                        body_hash="read before", shown=count // FEEDS, home=site.url(f"/blog{feed}/"),
                    )
                )  # fmt: skip
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            articles = [article(site, number) for number in numbers]
            index.add(
                [
                    (
                        one,
                        split(
                            one, count_tokens=model.count_tokens, window=model.window
                        ),
                    )
                    for one in articles
                ]
            )
            with ledger.transaction():
                put_listed(ledger, site, numbers, articles)
        index.commit()
        ledger.close()


def article(site: Site, number: int) -> Article:
    """An article of one of the feeds that have nothing new."""
    feed = number % FEEDS
    return Article(
        url=site.url(f"/blog{feed}/2024/post-number-{number}.html"),
        title=f"Post number {number}",
        site=f"Blog {feed}",
        language="en",
        blocks=tuple(
            Block("paragraph", text) for text in paragraphs(number, PARAGRAPHS)
        ),
    )


def put_listed(
    ledger: Ledger, site: Site, numbers: Sequence[int], articles: Sequence[Article]
) -> None:
    """Have the feeds list articles that are good, and looked at again within weeks."""
    now = datetime.now(UTC)
    for number, one in zip(numbers, articles, strict=True):
        item = Item(one.url, one.title, content=one.blocks[0].text)
        ledger.put_items(feed_url(site, number % FEEDS), [item])
        due = now + timedelta(days=2 + number % 57)
        ledger.put_page(
            PageRecord(
                one.url, "good", one.url, ledger.hash_of_url(one.url), attempts=3,
                due=timestamp(due), validators={"etag": f'"{number}"', "last_modified": "", "url": ""},
                size=20_000,
            )
        )  # fmt: skip


def publish(site: Site, number: int) -> None:
    """Have the living feed show one more post, and the ones before."""
    name = f"A new post, number {number}"
    site.post(f"/living/{number}", name, *paragraphs(-1 - number, NEW_PARAGRAPHS))
    # Oldest first, so that each keeps its date.
    posts = [
        (f"/living/{one}", f"A new post, number {one}") for one in range(number + 1)
    ]
    site.feed(*posts, path="/living/feed.xml", title="Living")


def measured(index: Path, *, profile: bool) -> dict[str, float]:
    """Update an index in this process, and return what it took."""
    session.open_embedder = lambda name: CheapEmbedder()  # type: ignore[assignment,return-value]
    # What is loaded once a process isn't counted; py3langid unpacks 67 MB for it.
    blocks = [Block("paragraph", text) for text in paragraphs(0, NEW_PARAGRAPHS)]
    detect_language("A new post", blocks)
    bands(compared_text("", blocks))
    profiler = cProfile.Profile()
    before, began = used(), time.perf_counter()
    processor = time.process_time()
    with contextlib.redirect_stderr(io.StringIO()) as said:
        if profile:
            profiler.enable()
        code = commands.main(
            ["--index", str(index), "--delay", "0", "update", "--allow-private"]
        )
        profiler.disable()
    figures = {"seconds": time.perf_counter() - began}
    figures["processor"] = time.process_time() - processor
    after = used()
    figures |= {name: after[name] - before[name] for name in after}
    if code or "1 full text" not in said.getvalue():
        raise SystemExit(said.getvalue())
    if profile:
        stats = pstats.Stats(profiler, stream=sys.stderr)
        stats.sort_stats("cumulative").print_stats(70)
        stats.sort_stats("tottime").print_stats(30)
    return figures


def used() -> dict[str, float]:
    """Bytes that this process has handed to and taken from files so far, 0 where the
    system doesn't count them."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:
        return {"wchar": 0, "rchar": 0}
    counted = dict(line.split(": ") for line in lines)
    return {name: float(counted[name]) for name in ("wchar", "rchar")}


def in_a_process(index: Path, *, profile: bool) -> dict[str, float]:
    """Update in a process of its own, as cron does; its start is not counted."""
    command = [sys.executable, __file__, "--measure", str(index)]
    if profile:
        command.append("--profile")
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


@contextlib.contextmanager
def archive(folder: Path, count: int) -> Iterator[tuple[Path, Site]]:
    """An archive of so many articles, and its sites."""
    site = Site()
    for feed in range(FEEDS):
        site.feed(path=f"/blog{feed}/feed.xml", title=f"Blog {feed}")
    publish(site, 0)
    index = folder / str(count)
    with serving(site):
        began = time.perf_counter()
        stock(index, site, count)
        print(
            f"{count} articles stocked in {time.perf_counter() - began:.0f} s",
            file=sys.stderr,
        )
        yield index, site


def one_more(folder: Path, count: int, *, runs: int, profile: bool) -> dict[str, float]:
    """Medians of what one more article costs in an archive of this size."""
    with archive(folder, count) as (index, site):
        with contextlib.redirect_stderr(io.StringIO()):
            session.open_embedder = lambda name: CheapEmbedder()  # type: ignore[assignment,return-value]
            options = ["--feed-only", "--allow-private", site.url("/living/feed.xml")]
            commands.main(["--index", str(index), "add", *options])
        found = []
        for number in range(1, runs + 1):
            publish(site, number)
            found.append(in_a_process(index, profile=profile and number == runs))
        return {
            name: statistics.median(one[name] for one in found) for name in found[0]
        }


ROWS = (
    ("seconds", "time", 1.0, "s"),
    ("processor", "processor time", 1.0, "s"),
    ("wchar", "written", 1e-6, "MB"),
    ("rchar", "read", 1e-6, "MB"),
)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, nargs=2, default=[1_000, 10_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--measure", type=Path)
    options = parser.parse_args()
    if options.measure is not None:
        print(json.dumps(measured(options.measure, profile=options.profile)))
        return
    with tempfile.TemporaryDirectory() as folder:
        small, large = (
            one_more(Path(folder), count, runs=options.runs, profile=options.profile)
            for count in options.articles
        )
    titles = [f"{count:,} articles" for count in options.articles]
    print(
        f"{'one more article, all of `update`':36}{titles[0]:>18}{titles[1]:>18}   ratio"
    )
    for name, title, unit, sign in ROWS:
        figures = [f"{one[name] * unit:.2f} {sign}" for one in (small, large)]
        ratio = large[name] / max(small[name], 1e-9)
        print(f"{title:36}{figures[0]:>18}{figures[1]:>18}{ratio:8.2f}")


if __name__ == "__main__":
    main()
