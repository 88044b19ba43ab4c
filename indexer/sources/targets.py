"""The addresses of what a person types: of a page, a host, a file, a folder.

Fetches nothing; that a path is there is all that is looked at.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from indexer.fetch.local_files import path_of
from indexer.text.urls import is_file
from search.errors import BlogsearchError
from search.text.urls import is_mail

_PATH_BEGINNINGS = ("/", "./", "../", "~/")


class SourceError(BlogsearchError):
    """An address or a path that can't be followed."""


def target_address(target: str) -> str:
    """Return the address of a typed target: a path becomes file://, a bare host name
    https://."""
    text = target.strip()
    if is_mail(text):
        return text
    if "://" not in text:
        # A beginning of a path makes it one, be it there or not: a folder that is gone
        # can still be removed.
        try:
            path = Path(text).expanduser()
            if text and (text.startswith(_PATH_BEGINNINGS) or path.exists()):
                return path.resolve().as_uri()
        except (OSError, RuntimeError) as error:  # too long a name, a loop of links
            raise SourceError(f"{text} can't be opened as a file: {error}.") from error
        # A host has a dot in its name; a folder of that name would be there.
        if "/" in text and "." not in text.partition("/")[0].strip("."):
            raise SourceError(
                f"There is no file {text}, and it is not an address either."
            )
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise SourceError(f"{target} is not an address: {error}.") from error
    is_on_web = parts.scheme in ("http", "https") and parts.hostname
    if parts.scheme == "file":
        _check_file(target, parts)
    elif not is_on_web:
        raise SourceError(
            f"{target} is not an address (https://…) or the path of a file."
        )
    return text


def _check_file(target: str, parts: SplitResult) -> None:
    if parts.netloc not in ("", "localhost"):
        raise SourceError(
            f"{target} names a file of another machine, {parts.netloc}; name the path "
            "under which it is found here."
        )
    if "%00" in parts.path:
        raise SourceError(f"{target} is no name that a file can have.")


def real_address(url: str) -> str:
    """Return the address of a local file without the links on the way to it; any other
    as it is. Raises SourceError."""
    if not is_file(url):
        return url
    try:
        return path_of(url).resolve().as_uri()
    except (OSError, RuntimeError) as error:
        raise SourceError(f"{url} can't be opened as a file: {error}.") from error
