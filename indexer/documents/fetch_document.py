"""The fetching of a document from where it reads best, or from where the link leads."""

from __future__ import annotations

from urllib.parse import urlsplit

from indexer.documents.known_sites import fetch_address
from indexer.records import Fetcher, FetchError, NotModified, Page, Validators

_LOGIN = "accounts.google.com"  # where Google sends those who may not read a document


def fetch_document(
    fetcher: Fetcher,
    url: str,
    validators: Validators | None,
    *,
    allow_private: bool = False,
) -> Page | NotModified:
    """Fetch what ``url`` leads to, in the form that reads best. Raises FetchError."""
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
    return fetcher.fetch(url, validators, article=True, allow_private=allow_private)


def _refuse_login(found: Page | NotModified, url: str) -> None:
    if isinstance(found, Page) and urlsplit(found.final_url).hostname == _LOGIN:
        raise FetchError(url, "unauthorized", "The document is not public.")
