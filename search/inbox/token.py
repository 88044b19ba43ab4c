"""The token with which programs save pages: shown once, kept as a hash.

Writes no log.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from search.inbox.place import write_whole
from search.index.private_files import make_folder

FILE = "token"
# Of the system's random source: nobody guesses it, so that a plain hash is enough.
# https://docs.python.org/3/library/secrets.html#how-many-bytes-should-tokens-use
BYTES = 32
LONGEST = 200  # characters of a token that is looked at


def make_token(ledger: Path) -> str:
    """Make the token of a ledger, in place of an older one, and return it. Raises
    OSError."""
    token = secrets.token_urlsafe(BYTES)
    make_folder(ledger)
    write_whole(ledger / FILE, f"{_hash(token)}\n")
    return token


def revoke_token(ledger: Path) -> bool:
    """Have no token be right any more; returns False where there was none. Raises
    OSError."""
    try:
        (ledger / FILE).unlink()
    except FileNotFoundError:
        return False
    return True


def has_token(ledger: Path) -> bool:
    """Tell if there is a token at all."""
    return bool(_kept(ledger))


def is_token(ledger: Path, given: str) -> bool:
    """Tell if this is the token; it is looked up each time, so that a revoked one is of
    no use at once."""
    kept = _kept(ledger)
    if not kept or not given or len(given) > LONGEST:
        return False
    return hmac.compare_digest(kept, _hash(given))


def _kept(ledger: Path) -> str:
    try:
        return (ledger / FILE).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
