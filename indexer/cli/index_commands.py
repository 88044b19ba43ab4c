"""The commands about what the index holds: status, coverage, show, forget, rebuild."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import get_args

from indexer.cli.coverage_reports import reports_of
from indexer.cli.exit_codes import NOTHING_DONE, OK, SOME_FAILED
from indexer.cli.named_sources import (
    AmbiguousName,
    UnknownName,
    find_source,
    followed,
    same_name,
)
from indexer.cli.options import AddCommand
from indexer.cli.report import coverage_lines
from indexer.cli.session import Session, has_ledger, open_ledger, open_session
from indexer.crawl.coverage import write_coverage
from indexer.crawl.forget import forget_article, forget_site
from indexer.crawl.reasons import sentence
from indexer.crawl.rebuild import rebuild_all
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.ledger.ledger import Ledger
from indexer.ledger.place import Place
from indexer.records import PageRecord
from indexer.runtime.progress import progress_for
from indexer.runtime.signals import whole
from indexer.sources.targets import SourceError, target_address
from indexer.text.urls import canonical_of, lies_on
from search.console import json_text, say, say_on_stderr
from search.errors import IndexMissing
from search.serialization import coverage_as_json
from search.snapshot_port import Snapshot
from search.states import STATE_WORDS, WIDEST_STATE
from search.text.urls import AddressError, host
from search.types import Article, Evidence, Passage

# Of an article, in the order in which show prints them.
SHOWN_FIELDS = ("title", "url", "site", "author", "published", "language")


def status(args: argparse.Namespace) -> int:
    """Say what the index holds and what is missing, with reasons."""
    place: Place = args.place
    with place.snapshot() as index:
        known = index.manifest
        stored = index.evidence()
    counts = Counter(stored.values())
    # Of a damaged index only what is evidence is counted.
    kinds = [kind for kind in get_args(Evidence) if counts[kind]]
    evidence = ", ".join(f"{counts[kind]} {STATE_WORDS[kind]}" for kind in kinds)
    say(f"index     {place.index}")
    if not place.is_folder:
        # A web server's machine needs none.
        absent = "" if has_ledger(place) else " (there is none on this machine)"
        say(f"ledger    {place.ledger}{absent}")
    say(f"articles  {known.articles} ({evidence})")
    say(f"passages  {known.passages}")
    say(f"model     {known.model}, {known.dimension} dimensions")
    say(f"updated   {known.updated}")
    # What went well is in the index; only the rest is named.
    for page in open_ledger(place).pages():
        if page.state != "good":
            held = STATE_WORDS[stored.get(page.article, "nothing")]
            reason = sentence(page.reason, page.detail)
            say(f"{held:{WIDEST_STATE}}  {page.url}  {reason}")
    return OK


def coverage(args: argparse.Namespace) -> int:
    """Say of each source what it leads to, what is held in full, and why the rest is
    not."""
    place: Place = args.place
    known = reports_of(place)
    if args.source:
        wanted, missing = followed(known, args.source, place)
    else:
        missing, wanted = [], known.sources()
        if not wanted:
            nothing = "Nothing is followed yet. Begin with: blog-indexer add SOURCE"
            say_on_stderr(place.complete(nothing))
    if not wanted:
        return NOTHING_DONE
    reports = known.reports(wanted)
    if args.json:
        say(json_text(coverage_as_json(reports)))
    else:
        text = "\n\n".join("\n".join(coverage_lines(one)) for one in reports)
        say(place.complete(text))
    if missing:
        return SOME_FAILED
    return OK


def _address_of(name: str) -> str:
    """Return the address that a name is, else the name: a title that nothing has."""
    try:
        return canonical_of(target_address(name))
    except (SourceError, AddressError):
        return name


def show(args: argparse.Namespace) -> int:
    """Print what is stored of an article, so that anyone can see why it is or isn't
    found."""
    ledger = open_ledger(args.place)
    with args.place.snapshot() as index:
        url, page, article = args.article, None, _titled(index, args.article)
        if article is None:
            url = _address_of(args.article)
            page = ledger.page(url)
            # What a source lists may not be the address that the page came from.
            stored_at = ""
            if page:
                stored_at = page.article
            article = index.article(stored_at or url) or index.article(args.article)
        if article is None:
            say_on_stderr(f"The index holds no article {url}{_reason(page)}.")
            return NOTHING_DONE
        number = index.find(article.url) or 0  # 0 has no passages
        passages = [entry.passage for entry in index.passages_of(number)]
    if article.nosnippet:
        # What its owner doesn't want shown isn't shown here either.
        article, passages = replace(article, blocks=()), []
        say_on_stderr("The page asks that none of its text be shown (nosnippet).")
    # The text is what blocks are joined to; JSON readers need not know how.
    record = asdict(article) | {
        "text": article.text,
        "passages": list(map(asdict, passages)),
    }
    if args.json:
        say(json_text(record, default=str))
    else:
        _say_article(article, record, passages)
    return OK


def _titled(index: Snapshot, title: str) -> Article | None:
    """Look up an article by its title, whole and without regard to case.

    Raises AmbiguousName where several are called so.
    """
    if "://" in title:
        return None
    wanted = same_name(title)
    ids = [index.find(url) or 0 for url in index.urls()]
    articles = index.articles(ids).values()
    found = [one.url for one in articles if same_name(one.title) == wanted]
    if len(found) > 1:
        raise AmbiguousName(title, found)
    if not found:
        return None
    return index.article(found[0])


def _reason(page: PageRecord | None) -> str:
    if page is None or not page.reason:
        return ""
    return f" ({sentence(page.reason, page.detail)})"


def _say_article(
    article: Article, record: Mapping[str, object], passages: Sequence[Passage]
) -> None:
    # Everything that a search looks at, and nothing of how it is stored.
    for key in SHOWN_FIELDS:
        say(f"{key:10} {record[key] or '-'}")
    say(f"{'tags':10} {', '.join(article.tags) or '-'}")
    say(f"{'in':10} {', '.join(article.collections) or '-'}")
    say(f"{'indexed':10} {STATE_WORDS[article.evidence]}")
    for note in article.notes:
        say(f"{'note':10} {note.noted or ''} {note.section}: {note.text}")
    say(f"\n{article.text}\n")
    for number, passage in enumerate(passages, 1):
        path = " › ".join(passage.heading)
        say(f"[{number}] {path} #{passage.anchor}\n{passage.text}\n")


def forget(args: argparse.Namespace) -> int:
    """Take an article, or all of a host, out of the index, for good."""
    with open_session(args) as session:
        unit = session.unit_of_work()
        if args.site is not None:
            _forget_site(session, unit, _site_host(session.ledger, args.site))
        elif not _forget_article(unit, target_address(args.url)):
            return NOTHING_DONE
        write_coverage(
            session.ledger, session.index, everything=unit.identities.is_apart
        )
        return OK


def _forget_site(session: Session, unit: UnitOfWork, site: str) -> None:
    articles, sources = forget_site(unit, site)
    if not session.place.is_folder:
        articles += _forget_of_others(session.place, unit, site)
    for source in sources:
        say_on_stderr(f"{source} is not followed any more.")
    say_on_stderr(
        f"{articles} articles of {site} are forgotten."
        " Nothing there will be fetched again, unless you add an address of it."
    )


def _forget_of_others(place: Place, unit: UnitOfWork, site: str) -> int:
    """Forget what other indexers have put of a site; return how many articles."""
    with place.snapshot() as index:
        left = [url for url in index.urls() if lies_on(url, site)]
    for url in left:
        unit.remove(url)
        unit.erase(url)
    unit.commit()
    return len(left)


def _forget_article(unit: UnitOfWork, url: str) -> bool:
    # As typed first: a fragment may name one post of a page.
    as_typed = forget_article(unit, url)
    if not as_typed and not forget_article(unit, canonical_of(url)):
        say_on_stderr(f"The index holds no article {url}.")
        return False
    say_on_stderr(f"{url} is forgotten and will not be fetched again.")
    return True


def rebuild(args: argparse.Namespace) -> int:
    """Split and embed everything again from what is stored, without network."""
    with open_session(args, rebuild=True) as session:
        if session.index.manifest is None:
            raise IndexMissing(
                "There is nothing to rebuild yet. Begin with: blog-indexer add SOURCE"
            )
        progress = progress_for(session.console)
        count = rebuild_all(session.index, session.embedder, progress)
        # Ctrl-C ends a rebuild without a trace before this, and not within it.
        with whole():
            session.index.commit()
        say_on_stderr(f"{count} articles rebuilt with {session.embedder.name}.")
        return OK


def _site_host(ledger: Ledger, text: str) -> str:
    """Read a host by its name, by an address on it, or by the title of a source there.

    Raises UnknownName for anything else; a top-level domain is no host.
    """
    name = host(text if "://" in text else f"http://{text}").removeprefix("www.")
    # "[" begins an IPv6 address, which has colons instead of dots.
    if " " not in name and (
        "." in name or name.partition(":")[0] in ("localhost", "[")
    ):
        return name
    source = find_source(ledger, text)
    named = host(source.home) or host(source.url) if source else ""
    if not named:
        raise UnknownName(f"{text} is no host; name one such as blog.example.org")
    return named.removeprefix("www.")


def add_commands(command: AddCommand) -> None:
    """Add these commands with their options."""
    command("status", status)
    sub = command("coverage", coverage)
    sub.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="what is followed; all, if none is named",
    )
    sub.add_argument("--json", action="store_true", help="the same as JSON")
    sub = command("show", show)
    sub.add_argument("article", metavar="URL", help="an address of it, or its title")
    sub.add_argument("--json", action="store_true", help="everything, as JSON")
    either = command("forget", forget).add_mutually_exclusive_group(required=True)
    either.add_argument(
        "url", metavar="URL", nargs="?", help="any address of the article"
    )
    either.add_argument(
        "--site", metavar="HOST", help="all of this host and those below it"
    )
    command("rebuild", rebuild)
