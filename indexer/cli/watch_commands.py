"""The commands about standing questions: watch add, watch list, watch remove, digest."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from indexer.cli.digest_formats import Section, as_atom, as_html, as_markdown
from indexer.cli.exit_codes import OK, WRONG_USE
from indexer.cli.options import AddCommand, common
from indexer.cli.report import counted
from indexer.cli.session import open_index_to_write
from indexer.ledger.place import Place
from search.console import say, say_on_stderr
from search.errors import QueryError, QuestionRefused, QuestionUnknown
from search.ports import Writer
from search.standing import (
    MOST_NOTED,
    Noted,
    StandingQuestion,
    name_for,
    require_name,
)

if TYPE_CHECKING:  # it brings numpy along
    from search.engine import Engine

FORMATS: Mapping[str, Callable[[list[Section]], str]] = {
    "md": as_markdown,
    "html": as_html,
    "atom": as_atom,
}
_DAYS = re.compile(r"(\d{1,4})d")


def watch(args: argparse.Namespace) -> int:
    """Keep questions with the index: each run notes the articles that are new for them."""
    run: Callable[[argparse.Namespace], int] = args.act
    try:
        return run(args)
    except (QueryError, QuestionRefused, QuestionUnknown) as error:
        say_on_stderr(args.place.complete(str(error)))
        return WRONG_USE


def _add(args: argparse.Namespace) -> int:
    name = require_name(args.name) if args.name else name_for(args.question)
    with _writing(args.place) as (engine, index):
        # First, so that nothing is asked for a name that is taken.
        engine.standing().with_question(StandingQuestion(name, args.question))
        # Asking also tells if it is a question at all.
        answers = engine.answering(args.question)
        new = StandingQuestion(
            name, args.question, upto=index.last_article(), seen=tuple(answers)
        )
        index.change_standing(lambda known: known.with_question(new))
    line = f"{name} is watched from now on."
    if answers:
        line += (
            f" What answers it already is not new: {counted(len(answers), 'article')}."
        )
    say_on_stderr(line)
    return OK


def _list(args: argparse.Namespace) -> int:
    with args.place.snapshot() as index:
        known = index.standing().questions
        ids = [noted.article for one in known for noted in one.noted]
        # What has left the index since is not new any more.
        held = index.articles(ids)
    if not known:
        nothing = 'No question is watched yet. Begin with: blog-indexer watch add "…"'
        say_on_stderr(args.place.complete(nothing))
    # One a line, so that other programs can read them.
    width = max((len(one.name) for one in known), default=0)
    for one in known:
        noted = sum(noted.article in held for noted in one.noted)
        say(f"{one.name:{width}}  {noted:3} new  {one.text}")
    return OK


def _remove(args: argparse.Namespace) -> int:
    with _writing(args.place) as (_, index):
        index.change_standing(lambda known: known.without(args.name))
    say_on_stderr(f"{args.name} is not watched any more.")
    return OK


@contextmanager
def _writing(place: Place) -> Iterator[tuple[Engine, Writer]]:
    """Open an index to ask it and to change what is kept with it; raises IndexMissing
    where there is none."""
    from search.engine import Engine

    with place.snapshot():
        pass  # to write would make one
    with (
        open_index_to_write(place) as (home, index, embedder),
        closing(Engine(home, embedder=embedder)) as engine,
    ):
        yield engine, index


def digest(args: argparse.Namespace) -> int:
    """Print what is new for the standing questions, nothing where nothing is: for cron."""
    write = FORMATS[args.format]
    if args.since is not None:
        from search.engine import Engine

        # Nothing is remembered: it is asked by hand, beside what cron prints.
        with closing(Engine(args.place.open_index())) as engine:
            _print(engine, write, lambda noted: noted.at >= args.since)
        return OK
    with _writing(args.place) as (engine, index):
        standing = engine.standing()
        last = standing.digested
        _print(engine, write, lambda noted: noted.number > last)
        # After it was printed: what breaks in between is printed twice, not never.
        sys.stdout.flush()
        if standing.given > last:
            index.change_standing(lambda known: replace(known, digested=standing.given))
    return OK


def _print(
    engine: Engine,
    write: Callable[[list[Section]], str],
    is_wanted: Callable[[Noted], bool],
) -> None:
    """Print what is noted and wanted, and nothing where nothing is."""
    sections = []
    for one in engine.standing().questions:
        wanted = tuple(filter(is_wanted, one.noted))
        # No more are kept than that.
        found = engine.noted(replace(one, noted=wanted), limit=MOST_NOTED)
        if found:
            sections.append(Section(one.text, found))
    # No title either: cron sends whatever is printed.
    if sections:
        say(write(sections))


def _since(text: str) -> str:
    """Read a day, or a number of days until now, as a time in ISO 8601."""
    if days := _DAYS.fullmatch(text):
        begin = datetime.now(UTC) - timedelta(days=int(days[1]))
        return begin.isoformat()
    # Times begin with their day, and are compared as texts.
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            "a day such as 2026-11-30, or a number of days such as 7d"
        ) from error


def add_commands(command: AddCommand) -> None:
    """Add these commands with their options."""
    sub = command("watch", watch)
    actions = sub.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(
        name: str, act: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=text, description=text, parents=[common()])
        # ``run`` is what refuses names in one place.
        made.set_defaults(act=act)
        return made

    adding = action("add", _add, "Keep a question; what answers already is not new.")
    adding.add_argument(
        "question", metavar="QUESTION", help="with all operators of a search"
    )
    adding.add_argument(
        "--name",
        help="small letters, digits and hyphens; made of the question if left out",
    )
    action("list", _list, "List the questions, each with how many articles are noted.")
    action("remove", _remove, "Keep a question no longer.").add_argument(
        "name", metavar="NAME"
    )
    sub = command("digest", digest)
    sub.add_argument(
        "--since",
        type=_since,
        metavar="DATE",
        help="what was noted since a day, or in the last 7d; else since the last digest",
    )
    sub.add_argument("--format", choices=list(FORMATS), default="md", help="(md)")
