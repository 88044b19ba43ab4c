"""The address of an index on a PostgreSQL server, as people type it: never with a password.

Connects to nothing, and leaves to libpq what else an address may say. No message repeats
an address that is refused: it may hold a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from search.errors import IndexAddressError

SCHEMES = ("postgresql://", "postgres://")
REVEALING = (
    "The address holds a password, which others could see on the command line: leave"
    " it out, and give it in PGPASSWORD, in ~/.pgpass or in a service file"
    " (postgresql:///?service=NAME, or PGSERVICE)."
)
UNCLEAR = (
    "This is no address of an index: name a folder, or a database as in"
    " postgresql://user@host/database (a space in a name is %20, an @ is %40)."
)
# Parameters of libpq that are secrets, and what people may take for their names. Files
# that hold one (passfile, sslkey) may be named.
_SECRET = re.compile("passw|pwd|secret|scram_.*_key", re.IGNORECASE)
# An address, libpq's other form of one, or an attempt at either.
_ATTEMPT = re.compile(
    r"postgres(?:ql)?:|\w+://|(?:host|dbname|password)\s*=", re.IGNORECASE
)
_WORD = re.compile(r"postgres(?:ql)?:\S*", re.IGNORECASE)
# What a message may have right behind an address.
_MARKS = "'\".,;:)"
# libpq's names for what tells databases apart, and the variables that stand in for them.
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "service": "PGSERVICE",
}


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """An address that libpq understands, as it was typed; raises IndexAddressError."""

    url: str

    def __post_init__(self) -> None:
        if not self.url.startswith(SCHEMES):
            raise IndexAddressError(UNCLEAR)
        authority, _, parameters = _parts(self.url)
        user, _, hosts = authority.rpartition("@")
        if ":" in user or any(map(_SECRET.search, parameters)):
            raise IndexAddressError(REVEALING)
        # libpq would take a password with a slash or an @ in it for something else, one
        # without a host behind it for a port, and repeat it.
        is_odd = self.url.count("@") != authority.count("@") or "@" in user
        ports = [*_split(hosts)[1], *parameters.get("port", "").split(",")]
        if is_odd or not all(port.isdecimal() for port in ports if port):
            raise IndexAddressError(UNCLEAR)
        if not self.url.isprintable() or " " in self.url:
            raise IndexAddressError(UNCLEAR)

    def __str__(self) -> str:
        return self.url

    def slug(self, environment: Mapping[str, str]) -> str:
        """Name the database as a file can be: host, port and name, or its service.

        What the address leaves out is taken from where libpq takes it.
        """
        authority, database, parameters = _parts(self.url)
        user, _, hosts = authority.rpartition("@")
        names, ports = _split(hosts)
        given = {
            name: environment[variable]
            for name, variable in _VARIABLES.items()
            if environment.get(variable)
        }
        typed = {
            "host": ",".join(filter(None, names)),
            "port": ",".join(filter(None, ports)),
            "dbname": unquote(database),
            "user": unquote(user),
        }
        given |= {name: value for name, value in typed.items() if value}
        given |= {name: value for name, value in parameters.items() if value}
        host = given.get("host") or given.get("hostaddr")
        # A service says where the server is, unless the address does.
        if "service" in given and not host:
            parts = [given["service"], given.get("dbname", "")]
        else:
            name = given.get("dbname") or given.get("user", "")
            parts = [(host or "localhost").lower(), given.get("port", "5432"), name]
        return "+".join(quote(part, safe=",") for part in parts)


def is_server_address(text: str) -> bool:
    """Tell if a text is meant as the address of a server, and not as a folder."""
    return _ATTEMPT.match(text) is not None


def without_secrets(text: str) -> str:
    """Return a text that ends before an address that may hold a password."""
    for found in _WORD.finditer(text):
        try:
            ServerAddress(found[0].rstrip(_MARKS))
        except IndexAddressError:
            return f"{text[: found.start()]}postgresql://…"
    return text


def _parts(url: str) -> tuple[str, str, dict[str, str]]:
    """Return user and hosts, the database, and the parameters."""
    whole, _, query = url.partition("://")[2].partition("?")
    authority, _, database = whole.partition("/")
    pairs = (pair.partition("=") for pair in query.split("&"))
    return (
        authority,
        database,
        {unquote(name): unquote(value) for name, _, value in pairs},
    )


def _split(hosts: str) -> tuple[list[str], list[str]]:
    """Return the names of one host or of several, and their ports."""
    names, ports = [], []
    for one in hosts.split(","):
        # The colons of an IPv6 address stand in brackets.
        name, bracket, port = one.rpartition("]")
        if not bracket:
            name, _, port = one.partition(":")
        names.append(unquote(name.removeprefix("[")))
        ports.append(port.removeprefix(":"))
    return names, ports
