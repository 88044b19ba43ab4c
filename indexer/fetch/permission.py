"""The permission to ask private addresses, as it is kept with a source.

It asks nothing itself; the fetcher checks each address that it comes to.
"""

from __future__ import annotations

from indexer.records import SourceRecord
from indexer.text.urls import is_file, same_host


def allows_private(source: SourceRecord, url: str) -> bool:
    """Tell if an address that the source leads to may be in the user's own network.

    That is so on the source's own host. A local file has none: what it lists the user
    wrote down.
    """
    if not source.allow_private:
        return False
    return is_file(source.url) or same_host(source.url, url)
