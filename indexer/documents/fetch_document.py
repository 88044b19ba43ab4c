"""A document fetched where it lies, or where the link leads if it is not there."""

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
    """What ``url`` leads to, in the form that reads best. Raises FetchError."""
    address = fetch_address(url)
    if address != url:
        try:
            found = fetcher.fetch(
                address, validators, article=True, allow_private=allow_private
            )
        except FetchError as error:
            if not error.permanent:
                raise
        else:
            if isinstance(found, Page) and urlsplit(found.final_url).hostname == _LOGIN:
                raise FetchError(url, "unauthorized", "The document is not public.")
            return found
    return fetcher.fetch(url, validators, article=True, allow_private=allow_private)
