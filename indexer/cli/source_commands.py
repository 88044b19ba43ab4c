"""The commands about sources: add, backfill, update, sources, remove."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from indexer.backfill.backfill import Backfill
from indexer.backfill.budget import Budget
from indexer.cli.exit_codes import (
    INTERRUPTED,
    NOTHING_DONE,
    OK,
    SOME_FAILED,
    WRONG_USE,
    of_parts,
)
from indexer.cli.named_sources import followed
from indexer.cli.options import AddCommand, add_partitions
from indexer.cli.report import print_estimate
from indexer.cli.session import Session, open_ledger, open_session, require_ledger
from indexer.cli.taking_in import run_over, take_in
from indexer.crawl.coverage import write_coverage
from indexer.crawl.follow import ask_again, keep_known
from indexer.crawl.forget import recall
from indexer.crawl.unfollow import drop_source
from indexer.fetch.http.network import NO_NETWORK
from indexer.ledger.ledger import Ledger
from indexer.ledger.place import Place
from indexer.records import Report, SourceKind
from indexer.sources.discover import DiscoveredSource, begin
from indexer.sources.opml import OpmlFeed, write_opml
from search.console import say, say_on_stderr
from search.inbox.requests import Inbox
from search.text.tags import names_of
from search.text.urls import is_mail

# What a person can say that a source is.
KINDS: dict[str, SourceKind | Literal[""]] = {
    "": "",
    "links": "linkpage",
    "feed": "feed",
    "article": "article",
    "folder": "folder",
}


def add(args: argparse.Namespace) -> int:
    """Take up new sources and index them at once."""
    with open_session(args) as session:
        found, refused = _find(session, args)
        if not found:
            return NOTHING_DONE
        # Older posts are looked for at once, within the same run.
        backfill = None
        if not args.feed_only:
            backfill = Backfill(session.ledger, session.fetcher, session.workers)
        # What can't be found is said above, and counts as much as what can't be read.
        code = exit_code(session.update(found, backfill))
        return max(code, SOME_FAILED if refused else OK)


def _find(
    session: Session, args: argparse.Namespace
) -> tuple[list[DiscoveredSource], int]:
    """Look at each source that was named; return what is to be followed, and count what
    is not."""
    targets = dict.fromkeys(args.source)
    wanted, now = KINDS[args.kind], datetime.now(UTC)
    found: list[DiscoveredSource] = []
    for mail in filter(is_mail, tuple(targets)):
        if mailboxes := _recall_mail(session.ledger, mail):
            found += mailboxes
            del targets[mail]
    looks = [
        begin(
            target,
            allow_private=args.allow_private,
            wanted=wanted,
            collections=names_of(args.collection),
        )
        for target in targets
    ]
    refused = 0
    for look in session.look(looks):
        if look.error and not look.may_pass:
            refused += 1
            continue
        for one in look.to_follow():
            # Adding what was forgotten is how a person takes that back.
            recall(session.ledger, look.url, one.record.url)
            if one.failure:
                record = replace(one.record, feed_only=args.feed_only)
                one = replace(one, record=record)
            _let_go_of_other_kind(session, one, is_said=bool(wanted))
            # A login that was set since may open what was refused.
            ask_again(one.record.url, session.ledger, session.logins, now)
            found.append(keep_known(one, session.ledger))
    return found, refused


def _recall_mail(ledger: Ledger, url: str) -> list[DiscoveredSource]:
    """Have a mail that was forgotten read again; return the mailboxes that have it."""
    recall(ledger, url)
    return [DiscoveredSource(source) for _, source in ledger.items_of_url(url)]


def _let_go_of_other_kind(
    session: Session, found: DiscoveredSource, *, is_said: bool
) -> None:
    """Drop a source that was followed as something else, with what it was read as."""
    known = session.ledger.source(found.record.url)
    if known is None or "unseen" in (known.kind, found.record.kind):
        return
    # Files of bookmarks were once taken for articles.
    is_better = (known.kind, found.record.kind) == ("article", "linkpage")
    if known.kind != found.record.kind and (is_said or is_better):
        drop_source(session.unit_of_work(), known.url)


def backfill(args: argparse.Namespace) -> int:
    """Find the posts that feeds no longer show, and index them."""
    _require_ledger_of_server(args.place)
    with open_session(args) as session:
        known, missing = followed(session.ledger, args.source, args.place)
        if not known:
            return NOTHING_DONE
        search = Backfill(
            session.ledger,
            session.fetcher,
            session.workers,
            budget=Budget(args.max_requests),
        )
        if args.dry_run:
            # What was found is saved, so that the next run need not look again.
            search.open(known)
            search.search()
            if session.network.is_down:
                say_on_stderr(NO_NETWORK)
                return SOME_FAILED
            search.save()
            print_estimate(session.console, search.frontiers)
            return OK
        report = session.update([DiscoveredSource(source) for source in known], search)
        return max(exit_code(report), SOME_FAILED if missing else OK)


def update(args: argparse.Namespace) -> int:
    """Fetch what is new and embed what changed; this is what cron runs."""
    _require_ledger_of_server(args.place)
    with open_session(args) as session:
        taken = take_in(session, Inbox(args.place.ledger))
        known = session.ledger.sources()
        if not known and not taken.refused:
            nothing = (
                "There is nothing to update yet. Begin with: blog-indexer add SOURCE"
            )
            say_on_stderr(args.place.complete(nothing))
            return NOTHING_DONE
        missing: list[str] = []
        if args.source:
            known, missing = followed(session.ledger, args.source, args.place)
            if not known:
                return NOTHING_DONE
        sources = [DiscoveredSource(source) for source in known]
        code = exit_code(run_over(session, taken, sources))
        return max(code, SOME_FAILED if missing or taken.refused else OK)


def _require_ledger_of_server(place: Place) -> None:
    """Raise IndexMissing where an index on a server is followed from another folder."""
    # A new ledger would be made in the place of the one that was meant.
    if not place.is_folder:
        require_ledger(place)


def exit_code(report: Report) -> int:
    """Return the exit code of a run that ended so."""
    # A run that a person ended has not failed, whatever it did not come to.
    if report.stopped:
        return INTERRUPTED
    if report.unreached_sources or report.unreached_pages:
        return SOME_FAILED
    failed = [error for _, error in report.sources if error]
    return of_parts(failed, report.sources)


def sources(args: argparse.Namespace) -> int:
    """List what is followed, or write it as OPML."""
    require_ledger(args.place)
    known = open_ledger(args.place).sources()
    if args.opml:
        # Other readers know feeds only.
        feeds = [
            OpmlFeed(s.url, s.title, collections=s.collections)
            for s in known
            if s.kind == "feed"
        ]
        say(write_opml(feeds).rstrip("\n"))
        return OK
    for source in known:
        if source.ended:
            state = "ended (410 Gone)"
        elif source.kind == "unseen" and not source.error:
            state = "not looked at yet"
        else:
            state = args.place.complete(source.error) or "ok"
        within = "".join(f"  [{name}]" for name in source.collections)
        say(f"{source.kind:8}  {source.url}  {source.title}  {state}{within}")
    return OK


def remove(args: argparse.Namespace) -> int:
    """Stop following sources; articles that no other source lists leave the index."""
    require_ledger(args.place)
    with open_session(args) as session:
        unit = session.unit_of_work()
        # All are looked up first: where one name is ambiguous, nothing is removed.
        known, missing = followed(session.ledger, args.source, args.place)
        if not known:
            return WRONG_USE
        for source in known:
            drop_source(unit, source.url)
            say_on_stderr(f"{source.url} is not followed any more.")
        # It is stored in the index, where what is removed must not stay.
        write_coverage(
            session.ledger, session.index, everything=unit.identities.is_apart
        )
        return of_parts(missing, args.source)


def _count(text: str) -> int:
    number = int(text)  # argparse says what is wrong with other texts
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def add_commands(command: AddCommand) -> None:
    """Add these commands with their options."""
    sub = command("add", add)
    sub.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="a feed, page, OPML file, folder, export or mailbox: address or path",
    )
    # With this a run asks for the feed and its articles, and no other page.
    sub.add_argument(
        "--feed-only",
        action="store_true",
        help="only what the feed shows, no older posts",
    )
    sub.add_argument(
        "--as",
        dest="kind",
        choices=[kind for kind in KINDS if kind],
        default="",
        help="take these for a page of links, a feed, an article or a folder, whatever they look like",
    )
    sub.add_argument(
        "--allow-private",
        action="store_true",
        help="also fetch these from private addresses, from now on",
    )
    sub.add_argument(
        "--collection",
        action="append",
        default=[],
        metavar="NAME",
        help="put these into a collection, for collection:NAME in questions",
    )
    add_partitions(sub)
    sub = command("backfill", backfill)
    sub.add_argument(
        "source", nargs="+", metavar="SOURCE", help="a feed that is followed"
    )
    sub.add_argument(
        "--max-requests",
        type=_count,
        metavar="N",
        help="end the run after N; go on next time",
    )
    sub.add_argument(
        "--dry-run", action="store_true", help="say what it would take, fetch no posts"
    )
    _allow_private(sub)
    sub = command("update", update)
    sub.add_argument(
        "source", nargs="*", metavar="SOURCE", help="only these; all, if none is named"
    )
    _allow_private(sub)
    command("sources", sources).add_argument(
        "--opml", action="store_true", help="write the feeds as OPML"
    )
    command("remove", remove).add_argument("source", nargs="+", metavar="SOURCE")


def _allow_private(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-private",
        action="store_true",
        help="also fetch from private addresses in this run",
    )
