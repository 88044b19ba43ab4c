"""The desk of one server: who may leave a request, and the run that takes it in.

Reads no request; see sent.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from search.hints import with_index
from search.inbox.place import LEDGER
from search.inbox.requests import Inbox, InboxClosed, InboxFull, Request
from search.inbox.run_status import RunStatus, is_under_way, read_status
from search.inbox.token import has_token, is_token
from web.error_responses import NotSaved
from web.saving.runner import Runner
from web.settings import Settings

EXTENSION = "blogsearch.saving"
BEARER = "bearer "
NO_LEDGER = (
    "This machine only reads the index: what is followed is kept in a ledger elsewhere."
    " Save on the machine that runs blog-indexer, or name its folder in"
    " BLOGSEARCH_LEDGER."
)
OFF = (
    "Saving with a token is off here. Make one on the machine that runs blog-indexer,"
    " with: blog-indexer token"
)
NOT_ADMITTED = (
    "The token is missing or wrong. Send it as a header, Authorization: Bearer TOKEN;"
    " blog-indexer token makes a new one."
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes requests for the index of the settings, which wait beside its ledger."""

    settings: Settings
    runner: Runner

    @property
    def ledger(self) -> Path | None:
        """The folder of the ledger, None where this machine has none."""
        folder = self.settings.inbox_place
        # Of an index on a server this machine may be one that only asks.
        if folder is None or folder == self.settings.index:
            return folder
        return folder if (folder / LEDGER).is_file() else None

    def require_place(self) -> Path:
        """Return the folder; raises NotSaved where there is none."""
        if self.ledger is None:
            raise NotSaved(503, "no-ledger", NO_LEDGER)
        return self.ledger

    def require_token(self, authorization: str) -> None:
        """Raise NotSaved unless a header holds the token."""
        ledger = self.require_place()
        if not has_token(ledger):
            raise NotSaved(403, "saving-off", OFF)
        if not self.admits(authorization):
            raise NotSaved(401, "wrong-token", NOT_ADMITTED)

    def admits(self, authorization: str) -> bool:
        """Tell if a header holds the token. From any thread."""
        if self.ledger is None or not authorization.lower().startswith(BEARER):
            return False
        return is_token(self.ledger, authorization[len(BEARER) :].strip())

    def leave(self, request: Request) -> None:
        """Leave a request, and have it taken in soon.

        Raises NotSaved.
        """
        try:
            Inbox(self.require_place()).put(request)
        except InboxFull as error:
            raise NotSaved(503, "inbox-full", str(error)) from error
        except InboxClosed as error:
            raise NotSaved(503, "inbox-closed", str(error)) from error
        self.runner.start()

    def waiting(self) -> list[str]:
        """Return the addresses that wait to be taken in, oldest first."""
        if self.ledger is None:
            return []
        return Inbox(self.ledger).addresses()

    def last_run(self) -> tuple[RunStatus | None, bool]:
        """Return the newest run of the indexer, and if it is under way."""
        if self.ledger is None:
            return None, False
        status = read_status(self.ledger)
        return status, is_under_way(self.ledger, status)

    def complete(self, text: str) -> str:
        """Let the commands in a text name the index, where the reader may run them."""
        if self.settings.is_for_its_user:
            return with_index(text, self.settings.index)
        return text


def set_up(app: Flask, settings: Settings) -> None:
    """Give an app its desk."""
    desk = Desk(settings, Runner(settings.index, settings.inbox_place))
    app.extensions[EXTENSION] = desk
    app.jinja_env.globals["may_write"] = lambda: (
        settings.may_write and bool(desk.ledger)
    )


def desk_of(app: Flask) -> Desk:
    """Return the desk of an app."""
    desk: Desk = app.extensions[EXTENSION]
    return desk
