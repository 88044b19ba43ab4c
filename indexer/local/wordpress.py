"""WordPress's export (WXR) → its published posts and pages. Pure.

Read with expat alone, event by event: no tree that hostile nesting could blow up, no
entities.
"""

from __future__ import annotations

import re
from datetime import date
from xml.parsers import expat

from indexer.local.export_items import Archive, ArchiveError, listed_item
from indexer.records import Item
from indexer.text.dates import first_date, machine_date
from indexer.text.encoding import decode
from indexer.text.markup import legal, root_of, word_set

_NAMESPACE = "wordpress.org/export/"
_LOOKED_AT = 10_000  # characters; a dozen comments stand before the root
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
_KINDS = ("post", "page")
_FIELDS = word_set(
    """
    title link guid pubDate dc:creator content:encoded excerpt:encoded wp:post_id wp:post_date
    wp:status wp:post_type wp:post_password
    """
)
_OF_CHANNEL = frozenset(["title", "link", "language"])
_OF_AUTHOR = frozenset(["wp:author_login", "wp:author_display_name"])


def is_wordpress(text: str) -> bool:
    """Whether a text is such an export rather than a feed: both are RSS."""
    start = text[:_LOOKED_AT]
    return root_of(start) == "rss" and _NAMESPACE in start


def read_wordpress(body: bytes, url: str) -> Archive:
    """The export's published posts and pages, without those behind a password. Raises
    ArchiveError."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        parser.Parse(_DECLARATION.sub("", legal(decode(body)).lstrip("\ufeff")), True)
    except expat.ExpatError as error:
        raise ArchiveError(
            f"The WordPress export is broken at line {error.lineno} ({expat.errors.messages[error.code]}). "
            "Download it again; nothing of it was read."
        ) from error
    channel = reader.channel
    items = [_item(post, reader, url) for post in reader.posts if _is_public(post)]
    return Archive(channel.get("title", ""), channel.get("link", ""), tuple(items))


class _Reader:
    """Collects the fields of channel, authors and items, but not what lies deeper, as
    comments do."""

    def __init__(self) -> None:
        self.channel: dict[str, str] = {}
        self.authors: dict[str, str] = {}
        self.posts: list[dict[str, str]] = []
        self._path: list[str] = []
        self._author: dict[str, str] = {}
        self._pieces: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if name == "item" and len(self._path) == 3:
            self.posts.append({})
        elif name == "wp:author" and len(self._path) == 3:
            self._author = {}
        wanted = self._fields()
        if wanted is not None and name in wanted:
            self._pieces = []

    def end(self, name: str) -> None:
        if self._pieces is not None:
            self._keep(name, "".join(self._pieces))
            self._pieces = None
        self._path.pop()
        if name == "wp:author" and self._author.get("wp:author_login"):
            self.authors[self._author["wp:author_login"]] = self._author.get(
                "wp:author_display_name", ""
            )

    def text(self, data: str) -> None:
        if self._pieces is not None:
            self._pieces.append(data)

    def refuse_entity(self, *_: object) -> None:
        raise ArchiveError(
            "The export declares XML entities; they can stand for anything, so it is not read."
        )

    def _fields(self) -> frozenset[str] | None:
        """The names that count as children of where the reader is."""
        parents = self._path[1:-1]
        if parents == ["channel"]:
            return _OF_CHANNEL
        if parents == ["channel", "item"]:
            return _FIELDS
        return _OF_AUTHOR if parents == ["channel", "wp:author"] else None

    def _keep(self, name: str, text: str) -> None:
        parents = self._path[1:-1]
        if parents == ["channel"]:
            self.channel.setdefault(name, " ".join(text.split()))
        elif parents == ["channel", "item"]:
            self.posts[-1].setdefault(name, text)
        else:
            self._author[name] = " ".join(text.split())


def _is_public(post: dict[str, str]) -> bool:
    published = post.get("wp:status", "").strip() == "publish"
    open_ = not post.get("wp:post_password", "").strip()
    return published and open_ and post.get("wp:post_type", "").strip() in _KINDS


def _item(post: dict[str, str], reader: _Reader, url: str) -> Item:
    day = machine_date(post.get("wp:post_date", "")) or first_date(
        post.get("pubDate", "")
    )
    login = post.get("dc:creator", "").strip()
    return listed_item(
        [post.get("link", ""), post.get("guid", "")],
        f"{url}?post={post.get('wp:post_id', '').strip() or len(post)}",
        title=post.get("title", ""),
        author=reader.authors.get(login) or login,
        published=day if isinstance(day, date) else None,
        content=post.get("content:encoded", "") or post.get("excerpt:encoded", ""),
        software="wordpress",
        site=reader.channel.get("title", ""),
        language=reader.channel.get("language", "")[:2].lower(),
    )
