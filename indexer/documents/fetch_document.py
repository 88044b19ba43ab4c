"""The fetching of a document from where it reads best, or from where the link leads."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from indexer.documents.known_sites import fetch_address
from indexer.documents.paper_sites import Paper, paper_of
from indexer.fetch.stated_moves import LARGEST_MOVE, follow_stated_moves
from indexer.records import Fetcher, FetchError, NotModified, Page, Validators
from indexer.text.urls import same_host

_LOGIN = "accounts.google.com"  # where Google sends those who may not read a document


def fetch_document(
    fetcher: Fetcher,
    url: str,
    validators: Validators | None,
    *,
    allow_private: bool = False,
) -> Page | NotModified:
    """Fetch what ``url`` leads to, in the form that reads best: of a paper the page
    about it, with its document. Raises FetchError."""
    if paper := paper_of(url):
        return _fetch_paper(fetcher, paper, validators)
    address = fetch_address(url)
    if address != url:
        try:
            # Known sites are public; what ``url`` may be counts for its own host.
            found = fetcher.fetch(address, validators, article=True)
        except FetchError as error:
            # README.md was guessed: the repository's own page is still there
            if not error.permanent:
                raise
        else:
            _refuse_login(found, url)
            return found
    found = fetcher.fetch(url, validators, article=True, allow_private=allow_private)
    if not isinstance(found, Page):
        return found

    def fetch(target: str) -> Page | NotModified:
        # What a person allows one host no other gets by a move.
        allowed = allow_private and same_host(target, url)
        return fetcher.fetch(target, article=True, allow_private=allowed)

    try:
        return follow_stated_moves(found, fetch)
    except FetchError as error:
        if len(found.body) > LARGEST_MOVE:
            return found  # it has a text of its own, which the other can't give now
        raise error.about(url) from error


def _fetch_paper(
    fetcher: Fetcher, paper: Paper, validators: Validators | None
) -> Page | NotModified:
    """Fetch the page about a paper and its document, which is asked for first where it
    was read before: mostly nothing has changed."""
    # Validators of the page about it say that no document was read so far.
    is_known = validators is not None and _is_document(validators.url, paper)
    document: Page | NotModified | FetchError | None = None
    if is_known:
        document = _fetch_form(fetcher, paper, validators)
        if isinstance(document, NotModified):
            return document
        # What was read is better than nothing but the abstract.
        if isinstance(document, FetchError) and not document.permanent:
            raise document
    about = fetcher.fetch(paper.own, None, article=True)
    if not isinstance(about, Page):
        return about
    if document is None:
        document = _fetch_form(fetcher, paper, None)
    if isinstance(document, Page):
        return replace(about, document=document, validators=document.validators)
    return replace(about, missing=f"only the abstract could be read ({document})")


def _is_document(address: str, paper: Paper) -> bool:
    """Tell if an address is one of a paper's documents, in whatever version."""
    return address != paper.own and paper_of(address) == paper


def _fetch_form(
    fetcher: Fetcher, paper: Paper, validators: Validators | None
) -> Page | NotModified | FetchError:
    """Fetch the first document that there is, or return the last error."""
    error = FetchError(paper.own, "not-found", "There is no document.")
    for address in paper.documents:
        try:
            found = fetcher.fetch(address, validators, article=True)
            if isinstance(found, NotModified) or not found.noindex:
                return found
            # The page about it may be shown all the same.
            message = "The document asks to be kept out of search."
            error = FetchError(address, "forbidden", message)
        except FetchError as failed:
            error = failed
            # Another form is no better while the host is in trouble.
            if not failed.permanent:
                break
    return error


def _refuse_login(found: Page | NotModified, url: str) -> None:
    if isinstance(found, Page) and urlsplit(found.final_url).hostname == _LOGIN:
        raise FetchError(url, "unauthorized", "The document is not public.")
