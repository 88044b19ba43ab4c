"""blog-indexer: follow feeds and link pages, and keep their articles in the index."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from indexer.backfill.backfill import Backfill
from indexer.backfill.budget import Budget
from indexer.cli import maintenance_commands as keeping
from indexer.cli.options import common, defaults
from indexer.cli.report import coverage_lines, print_estimate
from indexer.cli.session import bench
from indexer.crawl.coverage import coverage_of, write_coverage
from indexer.crawl.forget import forget_article, forget_site, recall
from indexer.crawl.reasons import sentence
from indexer.crawl.rebuild import rebuild_all
from indexer.crawl.unfollow import drop_source
from indexer.evaluation import command as evaluation
from indexer.ledger.ledger import Ledger
from indexer.records import Report
from indexer.runtime.progress import progress_for
from indexer.runtime.signals import whole
from indexer.sources.discover import Finder, Found, address
from indexer.sources.opml import OpmlFeed, write_opml
from indexer.text.urls import canonical_of
from search.console import PlainFormatter, json_text, say, say_on_stderr
from search.errors import BlogsearchError, IndexBusy, IndexMissing
from search.index.open import open_index
from search.index.sqlite.connection import explain, explained
from search.serialization import coverage_as_json
from search.text.urls import host
from search.types import Evidence

OK, SOME_FAILED, WRONG_USE, NOTHING_DONE, BUSY, INTERRUPTED = 0, 1, 2, 3, 75, 130


def add(args: argparse.Namespace) -> int:
    """Take up new sources and index them at once."""
    with bench(args) as work:
        finder = Finder(work.fetcher, work.workers, allow_private=args.allow_private)
        found: list[Found] = []
        failed = 0
        for target in args.source:
            try:
                new = finder.find(target)
            except BlogsearchError as error:
                failed += 1
                say_on_stderr(f"{target}: {error}")
                continue
            for one in new:
                recall(work.ledger, address(target), one.record.url)
                say_on_stderr(f"{target}: {one.record.kind} {one.record.url}")
            found += [
                _known(work.ledger, one, allow_private=args.allow_private)
                for one in new
            ]
        if not found:
            return NOTHING_DONE
        search = (
            None
            if args.feed_only
            else Backfill(work.ledger, work.fetcher, work.workers)
        )
        return max(
            _exit_code(work.update(found, search)), SOME_FAILED if failed else OK
        )


def backfill(args: argparse.Namespace) -> int:
    """Find the posts that feeds no longer show, and index them."""
    with bench(args) as work:
        records = [
            (target, work.ledger.source(address(target))) for target in args.source
        ]
        for target in (target for target, record in records if record is None):
            say_on_stderr(f"{target} is not followed; see: blog-indexer sources")
        known = [record for _, record in records if record is not None]
        if not known:
            return NOTHING_DONE
        budget = Budget(args.max_requests)
        search = Backfill(work.ledger, work.fetcher, work.workers, budget=budget)
        if args.dry_run:
            search.search(known)
            search.save()
            print_estimate(work.console, search.frontiers)
            return OK
        code = _exit_code(work.update([Found(source) for source in known], search))
        return max(code, SOME_FAILED if len(known) < len(records) else OK)


def update(args: argparse.Namespace) -> int:
    """What cron runs: fetch what is new, embed what changed."""
    with bench(args) as work:
        sources = work.ledger.sources()
        if not sources:
            say_on_stderr(
                "There is nothing to update yet. Begin with: blog-indexer add SOURCE"
            )
            return NOTHING_DONE
        return _exit_code(work.update([Found(source) for source in sources]))


def sources(args: argparse.Namespace) -> int:
    """List what is followed, or write it as OPML."""
    known = _open_ledger(args.index).sources()
    if args.opml:
        feeds = [OpmlFeed(s.url, s.title) for s in known if s.kind == "feed"]
        say(write_opml(feeds).rstrip("\n"))
        return OK
    for source in known:
        state = "ended (410 Gone)" if source.ended else source.error or "ok"
        say(f"{source.kind:8}  {source.url}  {source.title}  {state}")
    return OK


def status(args: argparse.Namespace) -> int:
    """Say what the index holds and what is missing, with reasons."""
    directory: Path = args.index
    with open_index(directory).snapshot() as index:
        known = index.manifest
        evidence = sorted(Counter(index.evidence().values()).items())
    pages = _open_ledger(directory).pages()
    say(f"index     {directory}")
    say(
        f"articles  {known.articles} ({', '.join(f'{n} {kind}' for kind, n in evidence)})"
    )
    say(f"passages  {known.passages}")
    say(f"model     {known.model}, {known.dimension} dimensions")
    say(f"updated   {known.updated}")
    for page in pages:
        if page.state != "good":
            why = sentence(page.reason, page.detail)
            say(f"{page.state:9} {page.url}  {why}")
    return OK


def coverage(args: argparse.Namespace) -> int:
    """Say of each source what it leads to, what is held in full, and why the rest is
    not."""
    ledger = _open_ledger(args.index)
    held: Mapping[str, Evidence] = {}
    with (
        suppress(IndexMissing),
        open_index(args.index).snapshot() as index,
    ):  # all may have failed so far
        held = index.evidence()
    asked = {target: ledger.source(address(target)) for target in args.source}
    wanted = (
        [source for source in asked.values() if source] if asked else ledger.sources()
    )
    for target in (target for target, source in asked.items() if source is None):
        say_on_stderr(f"{target} is not followed; see: blog-indexer sources")
    if not wanted:
        if not asked:
            say_on_stderr(
                "Nothing is followed yet. Begin with: blog-indexer add SOURCE"
            )
        return NOTHING_DONE
    books = [coverage_of(ledger, source, held) for source in wanted]
    if args.json:
        print(json_text(coverage_as_json(books)))
    else:
        say("\n\n".join("\n".join(coverage_lines(one)) for one in books))
    return SOME_FAILED if None in asked.values() else OK


def remove(args: argparse.Namespace) -> int:
    """Stop following sources; articles that no other source lists leave the index."""
    with bench(args) as work:
        unit = work.unit_of_work()
        missing = 0
        for target in args.source:
            url = address(target)
            if work.ledger.source(url) is None:
                missing += 1
                say_on_stderr(f"{target} is not followed; see: blog-indexer sources")
                continue
            drop_source(unit, url)
            say_on_stderr(f"{url} is not followed any more.")
        write_coverage(work.ledger, work.index)
        return (
            OK
            if not missing
            else NOTHING_DONE
            if missing == len(args.source)
            else SOME_FAILED
        )


def forget(args: argparse.Namespace) -> int:
    """Take an article, or all of a host, out of the index, for good."""
    with bench(args) as work:
        unit = work.unit_of_work()
        if args.site:
            articles, sources = forget_site(unit, args.site)
            for source in sources:
                say_on_stderr(f"{source} is not followed any more.")
            said = f"{articles} articles of {args.site} are forgotten. Nothing there will be fetched again"
            say_on_stderr(f"{said}, unless you add an address of it.")
        else:
            url = address(args.url)
            # As typed first: a fragment may name one post of a page.
            as_typed = forget_article(unit, url)
            if not as_typed and not forget_article(unit, canonical_of(url)):
                say_on_stderr(f"The index holds no article {url}.")
                return NOTHING_DONE
            say_on_stderr(f"{url} is forgotten and will not be fetched again.")
        write_coverage(work.ledger, work.index)
        return OK


def rebuild(args: argparse.Namespace) -> int:
    """Split and embed everything again from what is stored, without network."""
    with bench(args, rebuild=True) as work:
        if work.index.manifest is None:
            raise IndexMissing(
                "There is nothing to rebuild yet. Begin with: blog-indexer add SOURCE"
            )
        count = rebuild_all(work.index, work.embedder, progress_for(work.console))
        with whole():
            work.index.commit()
        say_on_stderr(f"{count} articles rebuilt with {work.embedder.name}.")
        return OK


def show(args: argparse.Namespace) -> int:
    """Print what is stored of an article, so that anyone can see why it is or isn't
    found."""
    url = canonical_of(address(args.url))
    ledger = _open_ledger(args.index)
    with open_index(args.index).snapshot() as index:
        page = ledger.page(url)
        held = page.article if page and page.article else url
        article = index.article(held) or index.article(args.url)
        if article is None:
            reason = ""
            if page and page.reason:
                reason = f" ({sentence(page.reason, page.detail)})"
            say_on_stderr(f"The index holds no article {url}{reason}.")
            return NOTHING_DONE
        number = index.find(article.url) or 0
        stored = [entry.passage for entry in index.passages_of(number)]
    if article.nosnippet:  # what its owner doesn't want shown isn't shown here either
        article, stored = replace(article, blocks=()), []
        say_on_stderr("The page asks that none of its text be shown (nosnippet).")
    record = asdict(article) | {
        "text": article.text,
        "passages": [asdict(p) for p in stored],
    }
    if args.json:
        print(json_text(record, default=str))
        return OK
    for key in ("title", "url", "site", "author", "published", "language", "evidence"):
        say(f"{key:10} {record[key] or '-'}")
    for note in article.notes:
        say(f"{'note':10} {note.noted or ''} {note.section}: {note.text}")
    say(f"\n{article.text}\n")
    for number, passage in enumerate(stored, 1):
        say(
            f"[{number}] {' › '.join(passage.heading)} #{passage.anchor}\n{passage.text}\n"
        )
    return OK


def _known(ledger: Ledger, found: Found, *, allow_private: bool) -> Found:
    """A source that is followed already keeps what is remembered of it."""
    known = ledger.source(found.record.url)
    if known is None:
        return found
    return replace(
        found, record=replace(known, allow_private=known.allow_private or allow_private)
    )


def _open_ledger(directory: Path) -> Ledger:
    if not directory.is_dir():
        raise IndexMissing(
            f"There is no index in {directory}. Make one with: blog-indexer add SOURCE"
        )
    return Ledger(directory, read_only=True)


def _exit_code(report: Report) -> int:
    if report.stopped:
        return INTERRUPTED
    failed = sum(1 for _, error in report.sources if error)
    return (
        OK
        if not failed
        else NOTHING_DONE
        if failed == len(report.sources)
        else SOME_FAILED
    )


def _count(text: str) -> int:
    """A number of requests, from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _host(text: str) -> str:
    """A host as people name it: by its name or by an address on it; a top-level domain
    is none."""
    name = host(text if "://" in text else f"http://{text}").removeprefix("www.")
    if "." not in name and name.partition(":")[0] not in ("localhost", "["):
        raise argparse.ArgumentTypeError(
            f"{text} is no host; name one such as blog.example.org"
        )
    return name


def parser() -> argparse.ArgumentParser:
    """The command line as argparse knows it."""
    shared = common()
    top = argparse.ArgumentParser(
        prog="blog-indexer", description=__doc__, parents=[shared]
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").strip()
        sub = commands.add_parser(name, help=text, description=text, parents=[shared])
        sub.set_defaults(run=run)
        return sub

    one = command("add", add)
    one.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="a feed, page, OPML file, folder or export: address or path",
    )
    one.add_argument(
        "--feed-only",
        action="store_true",
        help="only what the feed shows, no older posts",
    )
    back = command("backfill", backfill)
    back.add_argument(
        "source", nargs="+", metavar="SOURCE", help="a feed that is followed"
    )
    back.add_argument(
        "--max-requests",
        type=_count,
        metavar="N",
        help="end the run after N; go on next time",
    )
    back.add_argument(
        "--dry-run", action="store_true", help="say what it would take, fetch no posts"
    )
    one.add_argument(
        "--allow-private",
        action="store_true",
        help="also fetch these from private addresses, from now on",
    )
    for sub in (back, command("update", update)):
        sub.add_argument(
            "--allow-private",
            action="store_true",
            help="also fetch from private addresses in this run",
        )
    command("sources", sources).add_argument(
        "--opml", action="store_true", help="write the feeds as OPML"
    )
    command("status", status)
    books = command("coverage", coverage)
    books.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="what is followed; all, if none is named",
    )
    books.add_argument("--json", action="store_true", help="the same as JSON")
    command("remove", remove).add_argument("source", nargs="+", metavar="SOURCE")
    what = command("forget", forget).add_mutually_exclusive_group(required=True)
    what.add_argument(
        "url", metavar="URL", nargs="?", help="any address of the article"
    )
    what.add_argument(
        "--site", metavar="HOST", type=_host, help="all of this host and those below it"
    )
    command("rebuild", rebuild)
    keeping.add_commands(command)
    evaluation.add_options(command("evaluate", evaluation.evaluate))
    one = command("show", show)
    one.add_argument("url", metavar="URL")
    one.add_argument("--json", action="store_true", help="everything, as JSON")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 well, 1 some sources failed, 2 wrong use, 3
    nothing done, 75 busy."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(PlainFormatter("%(asctime)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    logging.captureWarnings(True)
    for noisy in ("sentence_transformers", "httpx", "trafilatura", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    args = parser().parse_args(argv)
    args = argparse.Namespace(**(defaults(os.environ) | vars(args)))
    try:
        with explained(args.index):
            code: int = args.run(args)
        print(end="", flush=True)
    except IndexBusy as error:
        say_on_stderr(str(error))
        return BUSY
    except BlogsearchError as error:
        say_on_stderr(str(error))
        return NOTHING_DONE
    except BrokenPipeError:  # who reads what is printed has read enough
        return OK
    except OSError as error:
        say_on_stderr(str(explain(error, "what is printed")))
        return NOTHING_DONE
    except KeyboardInterrupt:
        say_on_stderr("Stopped.")
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
