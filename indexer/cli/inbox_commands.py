"""The commands about the page's inbox: inbox, token."""

from __future__ import annotations

import argparse

from indexer.cli.exit_codes import OK, SOME_FAILED
from indexer.cli.options import AddCommand
from indexer.cli.session import open_session, require_ledger
from indexer.cli.source_commands import exit_code
from indexer.cli.taking_in import run_over, take_in
from indexer.ledger.place import Place
from search.console import say, say_on_stderr
from search.inbox.requests import Inbox
from search.inbox.token import has_token, make_token, revoke_token

NOTHING_WAITS = "Nothing that was saved waits to be taken in."
MADE = "This is shown once; programs that save pages send it as: Authorization: Bearer TOKEN"
REPLACED = "The token before it is of no use any more."
REVOKED = "The token is of no use any more; nothing can be saved with it."
NONE_THERE = "There is no token; nothing can be saved with one."


def inbox(args: argparse.Namespace) -> int:
    """Take in what was saved on the page or by a program; update does it too."""
    place: Place = args.place
    waiting = Inbox(place.ledger)
    if not len(waiting):
        say_on_stderr(NOTHING_WAITS)
        return OK
    code = OK
    with open_session(args) as session:
        # More may come while these are read.
        while len(waiting):
            taken = take_in(session, waiting)
            report = run_over(session, taken)
            refused = SOME_FAILED if taken.refused else OK
            code = max(code, exit_code(report), refused)
            if report.stopped:
                break
    return code


def token(args: argparse.Namespace) -> int:
    """Make the token with which programs save pages, in place of an older one."""
    place: Place = args.place
    require_ledger(place)
    if args.revoke:
        was_there = revoke_token(place.ledger)
        say_on_stderr(REVOKED if was_there else NONE_THERE)
        return OK
    is_replaced = has_token(place.ledger)
    say(make_token(place.ledger))
    say_on_stderr(MADE)
    if is_replaced:
        say_on_stderr(REPLACED)
    return OK


def add_commands(command: AddCommand) -> None:
    """Add these commands with their options."""
    command("inbox", inbox).add_argument(
        "--allow-private",
        action="store_true",
        help="also fetch from private addresses in this run",
    )
    command("token", token).add_argument(
        "--revoke", action="store_true", help="let no token be right any more"
    )
