"""The saved blogs in ../shared: served on loopback, and counted from the files of each
zip.

A rule an archive says which files are posts: it goes by the archive's own names or
marks, and shares nothing with the search for posts.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SHARED = Path(__file__).parents[2] / "shared"
MOJIBAKE = re.compile("�|Ã[\x80-\xbf¤©¶¼Ÿ]|â€|Â[\xa0-\xbf]")

where_they_are = pytest.mark.skipif(
    not (SHARED / "archive_server.py").is_file(),
    reason="the saved blogs lie in ../shared only on some machines",
)


Rule = Callable[[str, str], bool]  # path in the zip, content

ARTICLE = 'property="og:type" content="article"'


def named(pattern: str) -> Rule:
    return lambda path, _: bool(re.fullmatch(pattern, path))


RULES: dict[str, Rule] = {
    "lilianweng": named(r"posts/\d{4}-\d\d-\d\d-[^/]+/index\.html"),
    "ruder": lambda path, text: path.endswith(".html") and ARTICLE in text,
    "keras-blog": lambda path, text: (
        "/" not in path and text.count('class="published"') == 1
    ),
    "bastibe": named(r"\d{4}-\d\d-\d\d-[^/]+\.html"),
    "botzilla": named(r"archives/\d{6}\.html"),
    "n1k0-fr": named(r"(?:carnet|code|photography|talks)/\d{4}/[^/]+/index\.html"),
    "su18-zh": named(r"post/[^/]+/index\.html"),
}


@dataclass(frozen=True)
class Count:
    """The paths of an archive's posts, and of these the ones that no other file names
    (drafts, and duplicates with a mistyped name) or that
    only lead to another site, of which the feed alone may say something."""

    posts: set[str]
    unnamed: set[str]
    moved: set[str] = field(default_factory=set)


def serve(log: Path) -> list[dict[str, str]]:
    """Every site on a port of its own; the server wants nine that follow each other."""
    spec = importlib.util.spec_from_file_location(
        "archive_server", SHARED / "archive_server.py"
    )
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    server.Handler.disable_nagle_algorithm = True  # replies would wait 40 ms each
    for _ in range(20):
        with suppress(OSError):
            return server.serve(
                random.randrange(20_000, 32_000), SHARED / "archives", str(log)
            )
    raise AssertionError("no nine free ports in a row")


def files_of(name: str) -> dict[str, bytes]:
    """The files of a saved blog by their paths in its zip, without a leading "./"."""
    with zipfile.ZipFile(SHARED / "archives" / f"{name}.zip") as archive:
        names = [entry for entry in archive.namelist() if not entry.endswith("/")]
        return {entry.removeprefix("./"): archive.read(entry) for entry in names}


def count(name: str) -> Count:
    """Count an archive's posts from its files alone."""
    files = {path: body.decode("latin-1") for path, body in files_of(name).items()}
    if name == "brunow":
        items = json.loads(files_of(name)["documentation/brunow/feed.json"])["items"]
        return Count({tail(item["url"], name) for item in items}, set())
    rule = RULES[name]
    found = {path for path, text in files.items() if rule(path, text)}
    stems = {
        path: re.sub(r"/index\.html$|\.html$", "", path).rpartition("/")[2]
        for path in found
    }
    mentions: Counter[str] = Counter()
    for path, text in files.items():
        if path.endswith((".html", ".xml", ".rss", ".rdf")):
            words = set(re.findall(r"[\w%.~-]+", text)) - {stems.get(path, "")}
            mentions.update(
                {re.sub(r"\.html$", "", unquote(word)) for word in words}
                - {stems.get(path)}
            )
    unnamed = {path for path in found if not mentions[stems[path]]}
    moved = {path for path in found if 'http-equiv="refresh"' in files[path]}
    paths = (set(map(as_asked, some)) for some in (found, unnamed, moved))
    return Count(*paths)


def as_asked(path: str) -> str:
    """The path of a file in a zip as a browser asks for it, without a slash at its
    end."""
    return "/" + re.sub(r"/index\.html$", "", path)


def tail(url: str, name: str) -> str:
    """The path of an address of a site, in the same form."""
    path = unquote(urlsplit(url).path).rstrip("/")
    return path.removeprefix("/brunow.org") if name == "brunow" else path
