"""The inbox of the page, taken in: pages that were saved, blogs to follow.

A request leaves the inbox when the ledger has it; a run that is killed before finds it
there again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from indexer.backfill.backfill import Backfill
from indexer.cli.session import Session
from indexer.crawl.follow import follow, keep_known
from indexer.crawl.forget import recall
from indexer.crawl.saved import SAVED_PAGES, store_saved
from indexer.records import Report
from indexer.sources.discover import DiscoveredSource, begin
from search.console import say_on_stderr
from search.inbox.requests import Inbox, Letter
from search.text.urls import AddressError

AT_ONCE = 50  # requests taken in together; their pages are held in memory


@dataclass(slots=True)
class TakenIn:
    """The sources that requests led to, and addresses that can't be followed with the
    sentence that says why. ``has_saved``: pages were among them."""

    found: list[DiscoveredSource] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    has_saved: bool = False


def take_in(session: Session, inbox: Inbox) -> TakenIn:
    """Take all that waits into the ledger, and say what can't be."""
    taken = TakenIn()
    while letters := _some(inbox):
        saved = [one for one in letters if one.request.kind == "save"]
        if saved:
            _store(session, saved, taken)
        _follow(session, [one for one in letters if one not in saved], taken)
    return taken


def run_over(
    session: Session, taken: TakenIn, others: Sequence[DiscoveredSource] = ()
) -> Report:
    """Bring what was taken in up to date, together with other sources; of new blogs
    older posts are looked for too, as ``add`` does."""
    new = {one.record.url: one for one in taken.found}
    saved = session.ledger.source(SAVED_PAGES.url) if taken.has_saved else None
    rest = [one for one in others if one.record.url not in new]
    # Those that are asked anyway are in the ledger by now.
    if saved is not None and all(one.record.url != saved.url for one in rest):
        rest.append(DiscoveredSource(saved))
    backfill = None
    if new:
        backfill = Backfill(session.ledger, session.fetcher, session.workers)
        backfill.only = set(new)
    return session.update([*rest, *new.values()], backfill, refused=taken.refused)


def _some(inbox: Inbox) -> list[Letter]:
    letters = []
    for letter in inbox.letters():
        letters.append(letter)
        if len(letters) == AT_ONCE:
            break
    return letters


def _store(session: Session, letters: Sequence[Letter], taken: TakenIn) -> None:
    try:
        store_saved(session.ledger, [letter.request for letter in letters])
    except AddressError as error:
        # One is no address: each alone, so that it takes no other along.
        if len(letters) > 1:
            for letter in letters:
                _store(session, [letter], taken)
            return
        _refuse(letters[0].request.url, str(error), taken)
    else:
        taken.has_saved = True
    for letter in letters:
        letter.take_out()


def _follow(session: Session, letters: Sequence[Letter], taken: TakenIn) -> None:
    looks = session.look([begin(letter.request.url) for letter in letters])
    for look in looks:
        if look.error and not look.may_pass:
            _refuse(look.target, str(look.error), taken)
            continue
        found = look.to_follow()
        recall(session.ledger, look.url, *(one.record.url for one in found))
        known = [keep_known(one, session.ledger) for one in found]
        # Before the request is gone, so that a kill loses none of them.
        follow(known, session.ledger)
        taken.found += known
    for letter in letters:
        letter.take_out()


def _refuse(url: str, why: str, taken: TakenIn) -> None:
    taken.refused.append((url, why))
    say_on_stderr(f"{url}: {why}")
