"""Local files as pages: the answers to file:// addresses, in place of the network's."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
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
# Files that a page or a feed on disk may lead to.
_DOCUMENT = re.compile(
    r"\.(?:md|markdown|mdown|mkd|qmd|rmd|txt|text|rst|org|adoc|asciidoc|x?html?|pdf|ipynb)$",
    re.IGNORECASE,
)


def path_of(url: str) -> Path:
    """Return the path of a file:// address."""
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(url).path)))


def is_in_folder_of(url: str, source: str) -> bool:
    """Return True for a file:// address in the folder of a source's file, or below, by
    no link that leads out of it."""
    if not (is_file(url) and is_file(source)):
        return False
    try:
        folder = path_of(source).resolve().parent
        return path_of(url).resolve().is_relative_to(folder)
    # A name with a zero byte, links in a circle.
    except (ValueError, RuntimeError):
        return False


def is_document_beside(url: str, source: str) -> bool:
    """Return True for a file that a source on disk may name: a document in its folder
    or below, nothing hidden.

    A feed or a page of links that somebody saved says what others wrote: it must not
    have keys or settings read that lie beside it.
    """
    if not is_in_folder_of(url, source):
        return False
    path, folder = path_of(url).resolve(), path_of(source).resolve().parent
    is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return _DOCUMENT.search(path.name) is not None and not is_hidden


def read_regular(
    path: Path, most: int, *, follow: bool = False
) -> tuple[bytes, os.stat_result]:
    """Return the bytes of a regular file, and the facts about it.

    Raises OSError: EFBIG for more than ``most`` bytes, ELOOP for a link unless
    ``follow``. A pipe would hold the reader for ever, a device has no end.
    """
    with opened_regular(path, follow=follow, most=most) as file:
        facts = os.fstat(file.fileno())
        # It may grow while it is read.
        body = file.read(most + 1)
    if len(body) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return body, facts


@contextmanager
def opened_regular(
    path: Path, *, follow: bool = False, most: int | None = None
) -> Iterator[BinaryIO]:
    """Open a regular file of at most ``most`` bytes. Raises OSError like
    ``read_regular``."""
    _require_regular(path.stat(follow_symlinks=follow), most)
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
    if not follow:
        flags |= os.O_NOFOLLOW
    with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
        _require_regular(os.fstat(file.fileno()), most)
        yield file


def _require_regular(facts: os.stat_result, most: int | None) -> None:
    if stat.S_ISLNK(facts.st_mode):
        raise OSError(errno.ELOOP, "it is a symbolic link now")
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    if most is not None and facts.st_size > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))


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
            if error.errno == errno.EFBIG:
                message = f"The file is larger than {MAX_FILE_BYTES >> 20} MiB."
                raise FetchError(url, "too-large", message) from error
            message = f"The file can't be read: {error.strerror}."
            raise FetchError(url, "forbidden", message) from error


def _read_file(url: str, known: Validators) -> Page | NotModified:
    path = path_of(url)
    seen = _validators(url, path.stat())
    if known.etag == seen.etag:
        return NotModified(url, validators=seen)
    body, facts = read_regular(path, MAX_FILE_BYTES, follow=True)
    kind = TYPE_BY_SUFFIX.get(path.suffix.lower(), "")
    return Page(url, url, body, content_type=kind, validators=_validators(url, facts))


def _validators(url: str, facts: os.stat_result) -> Validators:
    return Validators(etag=f"{facts.st_mtime_ns}-{facts.st_size}", url=url)
