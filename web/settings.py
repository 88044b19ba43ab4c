"""The settings of the web app, from options and environment.

Nothing else in web reads the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from search.errors import BlogsearchError
from search.index.open import IndexAddress, default_index_dir, index_of
from web.answers.model_server import ModelServer, model_server

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DEFAULT_THREADS = 8
# The model computes on all cores by itself; a second question fills the gaps of the
# first.
DEFAULT_AT_ONCE = 2
DEFAULT_PER_MINUTE = 60  # where anybody may ask
SETTINGS_HELP = f"""\
from the environment (an option on the command line goes before):
  BLOGSEARCH_INDEX          folder of the index, or the postgresql:// address of a database
                            (a folder among the user's data)
  BLOGSEARCH_HOST           address to listen on ({DEFAULT_HOST})
  BLOGSEARCH_PORT           port, 0 for any free one ({DEFAULT_PORT})
  BLOGSEARCH_ALLOWED_HOSTS  further names it answers to, comma-separated, "*" for every name
  BLOGSEARCH_THREADS        threads that serve requests ({DEFAULT_THREADS})
  BLOGSEARCH_AT_ONCE        questions answered side by side ({DEFAULT_AT_ONCE})
  BLOGSEARCH_PER_MINUTE     requests a minute from one client, 0 for any number
                            (0 where it serves this machine alone, else {DEFAULT_PER_MINUTE})
  BLOGSEARCH_PROXIES        proxies in front of it that say whom they ask for (0)
  BLOGSEARCH_ORIGINS        other sites whose pages may ask it, as in https://blog.example, comma-separated,
                            "*" for every site
  BLOGSEARCH_WRITE          1: whoever may ask may also save pages and follow blogs at /add; 0: nobody
                            (1 where it serves this machine alone, else 0)
  BLOGSEARCH_LOG            a line of JSON a request: plain, full (with address and question) or off (plain)
  BLOGSEARCH_LLM            OpenAI-compatible server that composes answers of the quotes, if one asks for it,
                            as in http://127.0.0.1:11434/v1 (none)
  BLOGSEARCH_LLM_MODEL      the model there
  BLOGSEARCH_LLM_KEY_FILE   file that holds the server's key and only its owner reads; or BLOGSEARCH_LLM_KEY: the key
  BLOGSEARCH_METRICS        1: figures for Prometheus at /metrics (none)
"""
MOST_PROXIES = 10
LOGS = ("plain", "full", "off")
# Threads for pages, however few there are: one may be making a long one.
LEAST_PAGE_THREADS = 2
# Otherwise a page in the browser of somebody on the same network could write here by
# pointing a name of its own at this server (DNS rebinding).
NAMELESS = (
    "BLOGSEARCH_WRITE=1 needs BLOGSEARCH_ALLOWED_HOSTS, the names under which this server"
    " is opened: pages of other sites could save here otherwise."
)
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingsError(BlogsearchError):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The checked settings; raises SettingsError.

    ``threads``, ``at_once`` and ``proxies`` are counts. ``per_minute`` is requests of one
    client, ``write`` if the page may save, None for the default of the place where it
    listens. ``llm`` composes answers. ``ledger`` is the folder of the ledger where the
    index is none.
    """

    index: IndexAddress = field(default_factory=default_index_dir)
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    allowed_hosts: frozenset[str] = frozenset()
    threads: int = DEFAULT_THREADS
    at_once: int = DEFAULT_AT_ONCE
    per_minute: int | None = None
    proxies: int = 0
    origins: frozenset[str] = frozenset()
    log: str = "plain"
    llm: ModelServer | None = None
    metrics: bool = False
    write: bool | None = None
    ledger: Path | None = None

    def __post_init__(self) -> None:
        if not self.host.strip() or any(mark in self.host for mark in "/@ \t"):
            raise SettingsError(
                f"The host must be a name or an address such as 127.0.0.1, not {self.host!r}."
            )
        for what, value, among in (
            ("port", self.port, range(65_536)),
            ("number of threads", self.threads, range(1, 65)),
            ("number of questions at once", self.at_once, range(1, 65)),
            ("number of requests a minute", self.per_minute or 0, range(100_001)),
            ("number of proxies", self.proxies, range(MOST_PROXIES + 1)),
        ):
            if value not in among:
                raise SettingsError(
                    f"The {what} must be between {among[0]:,} and {among[-1]:,},"
                    f" not {value:,}."
                )
        for origin in self.origins:
            _check_origin(origin)
        if self.log not in LOGS:
            raise SettingsError(
                f"BLOGSEARCH_LOG must be one of {', '.join(LOGS)}, not {self.log!r}."
            )
        if self.write and self.answered_hosts is None:
            raise SettingsError(NAMELESS)

    @property
    def rate(self) -> int:
        """Requests a minute from one client, 0 for any number."""
        if self.per_minute is not None:
            return self.per_minute
        # A client on this machine is its user.
        if self.is_for_its_user:
            return 0
        return DEFAULT_PER_MINUTE

    @property
    def is_for_its_user(self) -> bool:
        """True where only this machine can ask, and nobody stands in between."""
        return _is_loopback(self.host) and not self.proxies

    @property
    def may_write(self) -> bool:
        """True where whoever may open the page may save with it."""
        if self.write is not None:
            return self.write
        return self.is_for_its_user

    @property
    def inbox_place(self) -> Path | None:
        """The folder of the ledger, None where none is known here."""
        if isinstance(self.index, Path):
            return self.index
        return self.ledger

    @property
    def texts_at_once(self) -> int:
        """The number of pasted texts compared side by side: each takes seconds, so one
        place is kept for questions, where there are two."""
        return max(1, self.at_once - 1)

    @property
    def page_threads(self) -> int:
        """The number of threads for all that is no question."""
        return max(LEAST_PAGE_THREADS, self.threads - self.at_once - self.texts_at_once)

    @property
    def answered_hosts(self) -> frozenset[str] | None:
        """The names in a Host header that get an answer; None where every name does.

        Bound to loopback, any page in the user's browser could otherwise read the index
        by pointing a name of its own at 127.0.0.1 (DNS rebinding). Bound wider, the
        network sees it anyway, so the names are checked only where some were given.
        """
        is_open = not self.allowed_hosts and not _is_loopback(self.host)
        if is_open or "*" in self.allowed_hosts:
            return None
        return LOOPBACK_NAMES | {_bare(self.host)} | set(map(_bare, self.allowed_hosts))


def from_environment(env: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables; SettingsError names a wrong one."""
    return Settings(
        index=index_of(env),
        host=env.get("BLOGSEARCH_HOST", "").strip() or DEFAULT_HOST,
        port=_number(env, "BLOGSEARCH_PORT", DEFAULT_PORT),
        allowed_hosts=_names(env, "BLOGSEARCH_ALLOWED_HOSTS"),
        threads=_number(env, "BLOGSEARCH_THREADS", DEFAULT_THREADS),
        at_once=_number(env, "BLOGSEARCH_AT_ONCE", DEFAULT_AT_ONCE),
        per_minute=_number(env, "BLOGSEARCH_PER_MINUTE", None),
        proxies=_number(env, "BLOGSEARCH_PROXIES", 0),
        origins=frozenset(
            name.lower().rstrip("/") for name in _names(env, "BLOGSEARCH_ORIGINS")
        ),
        log=env.get("BLOGSEARCH_LOG", "").strip() or "plain",
        llm=model_server(env),
        metrics=bool(_switch(env, "BLOGSEARCH_METRICS")),
        write=_switch(env, "BLOGSEARCH_WRITE"),
    )


def _names(env: Mapping[str, str], name: str) -> frozenset[str]:
    parts = {part.strip() for part in env.get(name, "").split(",")}
    return frozenset(parts - {""})


def _switch(env: Mapping[str, str], name: str) -> bool | None:
    text = env.get(name, "").strip()
    if text not in ("", "0", "1"):
        raise SettingsError(f"{name} must be 1 or 0, not {text!r}.")
    return text == "1" if text else None


_Default = TypeVar("_Default", int, None)


def _number(env: Mapping[str, str], name: str, default: _Default) -> int | _Default:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,9}", text):
        raise SettingsError(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _check_origin(origin: str) -> None:
    if origin != "*" and not _is_origin(origin):
        raise SettingsError(
            f"BLOGSEARCH_ORIGINS names sites as in https://blog.example, not {origin!r}."
        )


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or "@" in text:
        return False
    return text == f"{parts.scheme}://{parts.netloc}"


def _bare(name: str) -> str:
    return name.lower().strip("[]").rstrip(".")


def _is_loopback(host: str) -> bool:
    name = _bare(host)
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
