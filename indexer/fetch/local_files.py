"""Local files as pages: the answers to file:// addresses, in place of the network's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from indexer.records import FetchError, NotModified, Page, SiteFetcher, Validators
from indexer.text.urls import is_file

MAX_FILE_BYTES = 200 << 20  # a whole blog in one file is less
TYPE_BY_SUFFIX = {
    ".html": "text/html",
    ".htm": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
}


def path_of(url: str) -> Path:
    """Return the path of a file:// address."""
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(url).path)))


def is_in_folder_of(url: str, source: str) -> bool:
    """Return True for a file:// address in the folder of a source's file, or below."""
    if not (is_file(url) and is_file(source)):
        return False
    return path_of(url).resolve().is_relative_to(path_of(source).resolve().parent)


class WebAndFileFetcher:
    """A Fetcher that reads file:// addresses from disk and leaves the rest to ``web``."""

    def __init__(self, web: SiteFetcher) -> None:
        self._web = web

    def sitemaps(self, site: str, *, allow_private: bool = False) -> Sequence[str]:
        """See SiteFetcher; files have none."""
        if is_file(site):
            return []
        return self._web.sitemaps(site, allow_private=allow_private)

    @property
    def requests(self) -> int:
        """See SiteFetcher."""
        return self._web.requests

    def fetch(
        self,
        url: str,
        validators: Validators | None = None,
        *,
        article: bool = False,
        allow_private: bool = False,
    ) -> Page | NotModified:
        """See Fetcher. A file's time of change and size are its validator."""
        if not is_file(url):
            return self._web.fetch(
                url, validators, article=article, allow_private=allow_private
            )
        try:
            return _read_file(url, validators or Validators())
        except FileNotFoundError as error:
            raise FetchError(url, "not-found", "There is no such file.") from error
        except OSError as error:
            message = f"The file can't be read: {error.strerror}."
            raise FetchError(url, "forbidden", message) from error


def _read_file(url: str, known: Validators) -> Page | NotModified:
    path = path_of(url)
    facts = path.stat()
    seen = Validators(etag=f"{facts.st_mtime_ns}-{facts.st_size}", url=url)
    if known.etag == seen.etag:
        return NotModified(url, validators=seen)
    if facts.st_size > MAX_FILE_BYTES:
        message = f"The file is larger than {MAX_FILE_BYTES >> 20} MiB."
        raise FetchError(url, "too-large", message)
    kind = TYPE_BY_SUFFIX.get(path.suffix.lower(), "")
    return Page(url, url, path.read_bytes(), content_type=kind, validators=seen)
