"""What this process really connects to and opens, as the interpreter itself reports it
(PEP 578)."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# Events, and where their first argument is kept; those of sockets are dealt with apart.
WATCHED = {
    "open": "opened",
    "pickle.find_class": "unpickled",
    "socket.getaddrinfo": "looked_up",
    "socket.gethostbyname": "looked_up",
    "socket.connect": "",
    "socket.sendto": "",
}


@dataclass
class Watch:
    """``connected`` are the addresses of sockets that were told to connect,
    ``looked_up`` the names that a name server was to be asked for, ``opened`` the paths
    of files, ``unpickled`` what pickles named.

    A connection to an address that is not ``allowed`` is noted and then refused, so
    that nothing leaves this machine whatever the code under test does.
    """

    allowed: Collection[str] = ()
    connected: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    unpickled: list[str] = field(default_factory=list)

    @property
    def forbidden(self) -> list[str]:
        return [address for address in self.connected if address not in self.allowed]


_watches: list[Watch] = []
_hooked: list[bool] = []


def _note(event: str, args: tuple[object, ...]) -> None:
    if not _watches or event not in WATCHED:
        return
    if kept := WATCHED[event]:
        for watch in _watches:
            getattr(watch, kept).append(str(args[0]))
        return
    address = args[1]
    host = str(address[0]) if isinstance(address, tuple) else str(address)
    for watch in _watches:
        watch.connected.append(host)
        if host not in watch.allowed:
            raise ConnectionRefusedError(
                111, f"the test does not let anything connect to {host}"
            )


@contextmanager
def watching(*allowed: str) -> Iterator[Watch]:
    """Watch what is connected to and opened meanwhile, in all threads."""
    if not _hooked:  # a hook can't be taken away again
        _hooked.append(True)
        sys.addaudithook(_note)
    watch = Watch(allowed)
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)
