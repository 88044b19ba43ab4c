"""The command that writes files for the generator of one's own static site.

It reads the index alone: nothing is fetched, and no model is loaded.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple, TextIO, get_args

from indexer.cli.exit_codes import NOTHING_DONE, OK
from indexer.cli.options import AddCommand
from indexer.ledger.place import Place
from indexer.runtime.progress import progress_for
from search.console import json_line, say_on_stderr
from search.index.sqlite.connection import explain
from search.results.site_files import Post, posts, related_posts, search_records
from search.snapshot_port import Snapshot
from search.types import Filters

Kind = Literal["related", "search"]

RELATED = 5  # posts that a page has room for below its text
MOST_RELATED = 100  # as many as are compared with each
MOST_SITES = 5  # that a sentence names
# A generator may write the file into a script of its page, where these would end it.
_IN_SCRIPTS = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


class Target(NamedTuple):
    """The kind of an export, and the file to write, None for standard output."""

    kind: Kind
    file: Path | None


def export(args: argparse.Namespace) -> int:
    """Write related posts, or a list to search in, for the generator of a static site."""
    place: Place = args.place
    kind, file = args.target
    filters = Filters(site=args.site)
    with place.snapshot() as index:
        listed = posts(index, filters)
        if not listed:
            say_on_stderr(place.complete(_nothing(index, args.site)))
            return NOTHING_DONE
        if kind == "search":
            texts = _search_texts(index, listed)
        else:
            among = filters if args.site else None
            if args.from_all:
                among = Filters()
            texts = _related_texts(index, listed, most=args.limit, among=among)
        with _opened(file) as out:
            _write(out, texts, listed)
    sites = list(dict.fromkeys(post.site for post in listed))
    say_on_stderr(f"{file or kind}: {len(listed)} posts of {_enumerated(sites)}.")
    return OK


def _related_texts(
    index: Snapshot, listed: Sequence[Post], *, most: int, among: Filters | None
) -> Iterator[str]:
    """Yield the pieces of related.json: one a post, and its end."""
    begin = "{"
    for site, group in groupby(listed, lambda post: post.site):
        begin += f"\n{_text(site)}:{{\n"
        for post in group:
            found = related_posts(index, post, most, among)
            yield f"{begin}{_text(post.path)}:{_text(found)}"
            begin = ",\n"
        begin = "\n},"
    yield "\n}\n}\n"


def _search_texts(index: Snapshot, listed: Sequence[Post]) -> Iterator[str]:
    """Yield the pieces of search.json: one a post, and its end."""
    begin = "[\n"
    for record in search_records(index, listed):
        yield f"{begin}{_text(record)}"
        begin = ",\n"
    yield "\n]\n"


def _text(value: object) -> str:
    return json_line(value).translate(_IN_SCRIPTS)


def _write(out: TextIO, texts: Iterator[str], listed: Sequence[Post]) -> None:
    """Write the pieces of a file, and show how far it is."""
    if out.isatty():  # who reads it sees that, and a bar would stand in between
        out.writelines(texts)
        return
    progress = progress_for()
    progress.begin("posts", len(listed))
    try:
        for number, text in enumerate(texts):
            if number:  # the one before is done, and the last is none
                progress.advance("")
            out.write(text)
    finally:
        progress.end()


@contextmanager
def _opened(file: Path | None) -> Iterator[TextIO]:
    """Open standard output, or a file whose place is taken only by the whole of it."""
    if file is None:
        # As it is now: a bar on a terminal takes for its own what is printed below it.
        yield sys.stdout
        return
    file = file.resolve()  # what a link leads to, not the link
    # In the same folder, as no other may be on the same disk.
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with new.open("w", encoding="utf-8", newline="\n") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except OSError as error:
        raise explain(error, file) from error
    finally:
        new.unlink(missing_ok=True)


def _nothing(index: Snapshot, site: str) -> str:
    if not index.manifest.articles:
        return "The index holds no article yet. Begin with: blog-indexer add SOURCE"
    known = [name for name, _ in index.status().sites if name]
    if not site or not known:
        return "No article of the index has an address on the web to link to."
    return (
        f"The index holds no article of {site} that has an address on the web."
        f" Its sites are {_enumerated(known)}."
    )


def _enumerated(names: Sequence[str]) -> str:
    more = len(names) - MOST_SITES
    if more > 0:
        return f"{', '.join(names[:MOST_SITES])} and {more} more"
    return ", ".join(names)


def _target(text: str) -> Target:
    file = Path(text)
    name = file.name.split(".")[0]
    kind = next((kind for kind in get_args(Kind) if kind == name), None)
    if kind is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither related nor search, nor a file of such a name, as"
            " data/related.json is"
        )
    if text == kind:
        return Target(kind, None)
    # Now: what the file is to hold may take minutes.
    if not file.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {file.parent}; make it")
    if file.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder; name a file in it")
    return Target(kind, file)


def _limit(text: str) -> int:
    number = int(text)  # argparse says what is wrong with other texts
    if not 1 <= number <= MOST_RELATED:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_RELATED}")
    return number


def add_commands(command: AddCommand) -> None:
    """Add this command with its options."""
    sub = command("export", export)
    sub.add_argument(
        "target",
        metavar="related|search|FILE",
        type=_target,
        help="print related posts or the list to search in; or write a file, whose name"
        " tells which: data/related.json, static/search.json",
    )
    sub.add_argument(
        "--site", default="", metavar="HOST", help="only the posts of this site"
    )
    sub.add_argument(
        "-n",
        "--limit",
        type=_limit,
        metavar="N",
        default=RELATED,
        help=f"related posts of each, at most ({RELATED})",
    )
    sub.add_argument(
        "--from-all",
        action="store_true",
        help="posts of any site may be related, not only those of the same one",
    )
