"""The static site that a folder holds, and readers of its configuration files.

No program of the site is run: settings are only read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from indexer.text.encoding import decode
from indexer.text.front_matter import as_texts, load_fields, text_of
from search.text.urls import canonical

Software = Literal["jekyll", "hugo", "pelican", "eleventy", "obsidian", "plain"]

# Bytes; the configuration of a real site has some 10 KB.
LARGEST_CONFIG = 1 << 20
# Hosts in a quick start's configuration before its owner changes it (RFC 2606), and
# test servers. A result must not open there.
_PLACEHOLDERS = re.compile(
    r"(?:www\.)?(?:example\.(?:com|org|net)|localhost|127\.0\.0\.1|0\.0\.0\.0"
    r"|yoursite\.com|your-?domain\.com)(?::\d+)?"
)


@dataclass(frozen=True, slots=True)
class StaticSite:
    """A folder of posts and its settings. Paths are relative to ``root``, where the
    configuration lies.

    ``content`` are the folders with posts in them, ``skipped`` those within it that
    have none. ``home`` is the public address, with a slash at its end, "" where nothing
    names one. ``patterns`` are permalinks by section or collection, "" the rest.
    ``future``: posts of days to come are published. ``options`` are settings of one
    software.
    """

    software: Software
    root: str
    content: tuple[str, ...] = ("",)
    home: str = ""
    title: str = ""
    author: str = ""
    language: str = ""
    patterns: dict[str, str] = field(default_factory=dict)
    future: bool = True
    skipped: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def first_config(folder: Path, names: Iterable[str]) -> dict[str, Any] | None:
    """Read the first of these files that exists, None where none does.

    {} where the file can't be read as what its ending says.
    """
    for name in names:
        text = config_text(folder / name)
        if text is not None:
            return _parsed(text, name.rpartition(".")[2])
    return None


def _parsed(text: str, ending: str) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = as_texts(
            load_fields(text, ending.replace("yml", "yaml"))
        )
    except ValueError:
        return {}
    return fields


def config_text(path: Path) -> str | None:
    """Read a file, None where it is missing, a link, too large or unreadable."""
    try:
        # A link could lead out of the folder.
        is_readable = path.is_file() and not path.is_symlink()
        if not is_readable or path.stat().st_size > LARGEST_CONFIG:
            return None
        return decode(path.read_bytes())
    except OSError:
        return None


def home_address(url: str, folder: str = "") -> str:
    """Return the site's address with a slash at its end; "" for none and for a
    placeholder."""
    # People write "//host/" and "host" too.
    if url.startswith("//"):
        url = f"https:{url}"
    if "://" not in url and "." in url.partition("/")[0]:
        url = f"https://{url}"
    try:
        if _PLACEHOLDERS.fullmatch(urlsplit(url).netloc.lower()):
            return ""
        home = canonical(url).rstrip("/") + "/"
        below = folder.strip("/")
        if below:
            home = canonical(urljoin(home, f"{below}/"))
    except ValueError:
        return ""
    return home


def author_name(conf: dict[str, Any]) -> str:
    """Return the author that a configuration names, by itself or in a mapping."""
    return text_of(mapping(conf.get("author")), "name") or text_of(conf, "author")


def mapping(value: object) -> dict[str, Any]:
    """Return a value that is a mapping, {} for any other: people write what they
    like."""
    if isinstance(value, dict):
        return value
    return {}


def nonempty_texts(values: dict[str, Any]) -> dict[str, str]:
    """Return the entries of a mapping whose values are texts."""
    texts = {key: text_of(values, key) for key in values}
    return {key: text for key, text in texts.items() if text}


def join_path(*parts: str) -> str:
    """Join folders that may be empty, "." or begin and end with a slash."""
    return "/".join(part.strip("/") for part in parts if part.strip("/."))
