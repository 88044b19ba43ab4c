"""What the web app is told from outside; nothing else in web reads the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from search.errors import BlogsearchError
from search.index import default_index_dir

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DEFAULT_THREADS = 8
# The model computes on all cores by itself; a second question fills the gaps of the first.
DEFAULT_AT_ONCE = 2
SETTINGS_HELP = f"""\
from the environment (an option on the command line goes before):
  BLOGSEARCH_INDEX          directory of the index (the platform's user data folder)
  BLOGSEARCH_HOST           address to listen on ({DEFAULT_HOST})
  BLOGSEARCH_PORT           port, 0 for any free one ({DEFAULT_PORT})
  BLOGSEARCH_ALLOWED_HOSTS  further names it answers to, comma-separated, "*" for every name
  BLOGSEARCH_THREADS        threads that serve requests ({DEFAULT_THREADS})
  BLOGSEARCH_AT_ONCE        questions answered side by side ({DEFAULT_AT_ONCE})
  BLOGSEARCH_PER_MINUTE     questions a minute from one address, 0 for no limit (0)
"""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingsError(BlogsearchError):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to serve; ``threads`` and ``at_once`` are counts, ``per_minute`` is questions an address."""

    index_dir: Path = field(default_factory=default_index_dir)
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    allowed_hosts: frozenset[str] = frozenset()
    threads: int = DEFAULT_THREADS
    at_once: int = DEFAULT_AT_ONCE
    per_minute: int = 0

    def __post_init__(self) -> None:
        if not self.host.strip() or any(mark in self.host for mark in "/@ \t"):
            raise SettingsError(
                f"The host must be a name or an address such as 127.0.0.1, not {self.host!r}."
            )
        _in_range("port", self.port, 0, 65_535)
        _in_range("number of threads", self.threads, 1, 64)
        _in_range("number of questions at once", self.at_once, 1, 64)
        _in_range("number of questions a minute", self.per_minute, 0, 100_000)

    @property
    def answered_hosts(self) -> frozenset[str] | None:
        """The names in a Host header that get an answer; None where every name does.

        Bound to loopback, any page in the user's browser could otherwise read the index by pointing a
        name of its own at 127.0.0.1 (DNS rebinding). Bound wider, the network sees it anyway, so the
        names are checked only where some were given.
        """
        if "*" in self.allowed_hosts or not (self.allowed_hosts or _is_loopback(self.host)):
            return None
        return LOOPBACK_NAMES | {_bare(self.host)} | {_bare(name) for name in self.allowed_hosts}


def from_environment(env: Mapping[str, str]) -> Settings:
    """The settings that these environment variables ask for; SettingsError says which one is wrong."""
    index = env.get("BLOGSEARCH_INDEX", "").strip()
    allowed = env.get("BLOGSEARCH_ALLOWED_HOSTS", "").split(",")
    return Settings(
        index_dir=Path(index).expanduser() if index else default_index_dir(),
        host=env.get("BLOGSEARCH_HOST", "").strip() or DEFAULT_HOST,
        port=_number(env, "BLOGSEARCH_PORT", DEFAULT_PORT),
        allowed_hosts=frozenset(name.strip() for name in allowed if name.strip()),
        threads=_number(env, "BLOGSEARCH_THREADS", DEFAULT_THREADS),
        at_once=_number(env, "BLOGSEARCH_AT_ONCE", DEFAULT_AT_ONCE),
        per_minute=_number(env, "BLOGSEARCH_PER_MINUTE", 0),
    )


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise SettingsError(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _in_range(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise SettingsError(f"The {what} must be between {low:,} and {high:,}, not {value:,}.")


def _bare(name: str) -> str:
    return name.lower().strip("[]").rstrip(".")


def _is_loopback(host: str) -> bool:
    name = _bare(host)
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
