"""A person's logins at single hosts: read from a file that nobody else may read, and
given out for those very hosts alone.

No message, and no text of an object, ever has a secret in it.
"""

from __future__ import annotations

import base64
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from indexer.fetch.http.ssrf import Address, BadAddress, parse_address
from search.errors import BlogsearchError

NAME = "logins"  # the file beside the ledger
VARIABLE = "BLOGSEARCH_LOGINS"
Kind = Literal["cookie", "basic", "bearer"]

_KINDS = get_args(Kind)
_LARGEST = 1 << 20  # bytes; a line has some hundred
# Bits of others' rights to a file.
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PORT = re.compile(r":\d+$")
_LINE = re.compile(rf"\s*\S+\s+(?:{'|'.join(_KINDS)})\s", re.IGNORECASE)
_DEFAULT_PORTS = {"https": 443, "http": 80}
_FORM = "HOST cookie NAME=VALUE, HOST basic USER:PASSWORD, or HOST bearer TOKEN"


class LoginsError(BlogsearchError):
    """Logins that can't be read, or that others can read."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login at one host; ``port`` is None for the usual one."""

    host: str
    port: int | None
    kind: Kind
    secret: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The header that says it to the server."""
        if self.kind == "cookie":
            return {"Cookie": self.secret}
        if self.kind == "bearer":
            return {"Authorization": f"Bearer {self.secret}"}
        # RFC 7617, section 2.1: UTF-8 unless the server says otherwise.
        packed = base64.b64encode(self.secret.encode()).decode()
        return {"Authorization": f"Basic {packed}"}


class Logins:
    """The logins of a run, each for one host and port."""

    def __init__(self, logins: Iterable[Login] = ()) -> None:
        self._by_server = {(login.host, login.port): login for login in logins}

    def headers_for(self, address: Address, *, allow_private: bool) -> dict[str, str]:
        """Return the header for a request to an address, none without a login there.

        What isn't encrypted is only sent within the user's own machine and network, and
        only where that was allowed.
        """
        is_safe = address.scheme == "https" or (allow_private and address.is_local)
        if not is_safe:
            return {}
        login = self._by_server.get((address.host, address.port))
        if login is None and address.port == _DEFAULT_PORTS[address.scheme]:
            login = self._by_server.get((address.host, None))
        return login.headers if login else {}

    def know(self, url: str) -> bool:
        """Tell if there is a login for the host of an address."""
        try:
            address = parse_address(url)
        except BadAddress:
            return False
        return bool(self.headers_for(address, allow_private=True))


def read_logins(folder: Path, environment: Mapping[str, str]) -> Logins:
    """Return the logins that the environment has or names, else those in the file
    beside the ledger, if there is one. Raises LoginsError."""
    given = environment.get(VARIABLE, "").strip()
    if _LINE.match(given):
        return _parsed(given, f"line {{}} of {VARIABLE}")
    path = Path(given).expanduser() if given else folder / NAME
    try:
        text = _private_text(path)
    except FileNotFoundError:
        if given:
            raise LoginsError(f"{VARIABLE} names {path}, which isn't there.") from None
        return Logins()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is no text in UTF-8"
        # Not "from": the other error may have a piece of the file in it.
        raise LoginsError(f"The logins in {path} can't be read: {reason}.") from None
    return _parsed(text, f"line {{}} of {path}")


def _private_text(path: Path) -> str:
    """Return the text of a file that only its owner may read."""
    with open(path, "rb", opener=_open_at_once) as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise LoginsError(f"{path} is to hold logins, but is no regular file.")
        if facts.st_uid not in (os.geteuid(), 0):
            raise LoginsError(f"{path} holds logins, and belongs to another user.")
        if facts.st_mode & _OTHERS:
            raise LoginsError(
                f"{path} holds logins, and others may read or write it. Nothing was fetched; "
                f"make it yours alone: chmod 600 {path}"
            )
        return file.read(_LARGEST).decode("utf-8-sig")


def _open_at_once(name: str, _: int) -> int:
    # A pipe would hold the run for ever.
    return os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)


def _parsed(text: str, place: str) -> Logins:
    """Return the logins in lines of text; ``place`` names a line by its number."""
    found: dict[tuple[str, int | None], Login] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        where = place.format(number)
        login = _login(line, where)
        if (login.host, login.port) in found:
            raise LoginsError(f"The login in {where} is the second for {login.host}.")
        found[login.host, login.port] = login
    return Logins(found.values())


def _login(line: str, where: str) -> Login:
    """Read one line. Raises LoginsError, which repeats no secret."""
    name, kind, secret = (*line.split(None, 2), "", "")[:3]
    kind, secret = kind.lower(), secret.strip()
    if kind not in _KINDS or not secret:
        raise LoginsError(f"The login in {where} can't be read; it is to say {_FORM}.")
    try:
        address = parse_address(f"https://{name}")
    except BadAddress:
        address = None
    if address is None or address.target != "/" or name.endswith("/"):
        raise LoginsError(f"The login in {where} must begin with the name of a host.")
    if not _is_sendable(kind, secret):
        raise LoginsError(f"The {kind} in {where} can't be sent; it is to say {_FORM}.")
    port = address.port if _PORT.search(name) else None
    return Login(address.host, port, _KINDS[_KINDS.index(kind)], secret)


def _is_sendable(kind: str, secret: str) -> bool:
    """Say if a secret has its form, and nothing that would break a header."""
    if kind == "basic":
        return ":" in secret and secret.isprintable()
    is_plain = secret.isascii() and secret.isprintable()
    if kind == "cookie":
        return is_plain and "=" in secret
    return is_plain and " " not in secret
