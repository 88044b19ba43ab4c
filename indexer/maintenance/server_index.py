"""The further things that an index on a server can do, for those who keep it.

Says what they are; the home in search/index/postgres does them.
"""

from __future__ import annotations

from typing import Protocol, cast

from search.index.open import open_index
from search.index.server_address import ServerAddress
from search.ports import Index


class ServerIndex(Index, Protocol):
    """An index in a database that others look after."""

    def erase(self) -> list[str]:
        """Have the tables' files keep nothing of rows that are gone; raises
        StorageFailed.

        Returns the tables of which that would take too long while others ask.
        """

    def examine(self) -> list[str]:
        """Say in sentences what is wrong; empty where all is well. Raises IndexMissing
        and StorageFailed where nothing can be examined."""


def open_server(address: ServerAddress) -> ServerIndex:
    """Return the index at a server's address; raises StorageFailed without its driver."""
    return cast(ServerIndex, open_index(address))
