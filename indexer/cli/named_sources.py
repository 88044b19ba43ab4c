"""The sources that a person names on the command line: by address, path, title or host.

Every name that a report shows of a source is accepted again; a name of several is
refused with all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from indexer.ledger.place import Place
from indexer.records import SourceRecord
from indexer.sources.targets import SourceError, real_address, target_address
from indexer.text.urls import identity_of
from search.console import say_on_stderr
from search.errors import BlogsearchError
from search.text.urls import AddressError, host

NOT_FOLLOWED = "{} is not followed; see: blog-indexer sources"


class UnknownName(BlogsearchError):
    """A name that nothing is called by: wrong use."""


class AmbiguousName(UnknownName):
    """A name that several sources or articles share; the message lists them."""

    def __init__(self, name: str, addresses: Iterable[str]) -> None:
        listed = "\n".join(f"  {address}" for address in addresses)
        super().__init__(f"{name} may be one of these; name its address:\n{listed}")


class Sources(Protocol):
    """The sources that are followed, as a ledger has them."""

    def source(self, url: str) -> SourceRecord | None: ...
    def sources(self) -> list[SourceRecord]: ...


def find_source(ledger: Sources, target: str) -> SourceRecord | None:
    """Look up a followed source by its address or path, else by another spelling of
    that, its home page, its title or host.

    Raises AmbiguousName where several are called so.
    """
    addresses = _addresses(target)
    for address in addresses:
        if source := ledger.source(address):
            return source
    wanted = {same_name(target), *map(_spelt_alike, addresses)} - {""}
    found = [one for one in ledger.sources() if wanted & _names(one)]
    if len(found) > 1:
        raise AmbiguousName(target, [one.url for one in found])
    return next(iter(found), None)


def _addresses(target: str) -> list[str]:
    """The addresses that a typed target may mean."""
    addresses = [target.strip()]
    with suppress(SourceError):
        addresses.append(target_address(target))
        addresses.append(real_address(addresses[-1]))
    # A file that is gone can't be told from a name; what is followed tells.
    if "://" not in target:
        with suppress(OSError, ValueError, RuntimeError):
            addresses.append(Path(target.strip()).expanduser().resolve().as_uri())
    return addresses


def _spelt_alike(url: str) -> str:
    """The key that all spellings of an address share, "" for none: with http or https,
    www. or without, with a slash at its end or without."""
    try:
        # With slashes before it, an address of a whole host is not the host's name.
        return "//" + identity_of(url).rstrip("/")
    except AddressError:
        return ""


def followed(
    ledger: Sources, targets: Sequence[str], place: Place
) -> tuple[list[SourceRecord], list[str]]:
    """Look up several sources; return those that are followed, and say which are not."""
    known: dict[str, SourceRecord] = {}
    missing = []
    for target in targets:
        source = find_source(ledger, target)
        if source is None:
            missing.append(target)
            say_on_stderr(place.complete(NOT_FOLLOWED.format(target)))
        else:
            known.setdefault(source.url, source)
    return list(known.values()), missing


def same_name(text: str) -> str:
    """Write a name so that two that read alike are equal."""
    return " ".join(text.split()).casefold()


def _names(source: SourceRecord) -> set[str]:
    hosts = {host(source.url), host(source.home)}
    names = {name.removeprefix("www.") for name in hosts} | {same_name(source.title)}
    addresses = {_spelt_alike(source.url), _spelt_alike(source.home)}
    return (names | addresses) - {""}
