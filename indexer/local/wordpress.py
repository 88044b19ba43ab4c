"""Published posts and pages of WordPress's export (WXR).

Read with expat alone, event by event: no tree that hostile nesting could blow up, no
entities.
"""

from __future__ import annotations

import re
from dataclasses import replace
from xml.parsers import expat

from indexer.local.export_items import Export, ExportError, export_item
from indexer.records import Item
from indexer.text.dates import first_date, machine_date
from indexer.text.encoding import decode
from indexer.text.markup import legal, root_of, word_set
from search.text.tags import tags_of

_NAMESPACE = "wordpress.org/export/"
_HEAD = 10_000  # characters; a dozen comments stand before the root
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
_TAGS = ("category", "post_tag")  # others are formats, languages, a plugin's own
_POST_TYPES = ("post", "page")
# Elements whose text is read, by the elements around them below the root.
_FIELDS: dict[tuple[str, ...], frozenset[str]] = {
    ("channel",): frozenset(["title", "link", "language"]),
    ("channel", "item"): word_set(
        """
        title link guid pubDate dc:creator content:encoded excerpt:encoded wp:post_id
        wp:post_date wp:status wp:post_type wp:post_password category
        """
    ),
    ("channel", "wp:author"): frozenset(["wp:author_login", "wp:author_display_name"]),
}


def is_wordpress_export(text: str) -> bool:
    """Say if a text is such an export rather than a feed: both are RSS."""
    head = text[:_HEAD]
    return root_of(head) == "rss" and _NAMESPACE in head


def read_wordpress(body: bytes, url: str) -> Export:
    """Return the export's published posts and pages, without those behind a password.

    Raises ExportError.
    """
    found = _ExportHandler()
    parser = expat.ParserCreate()
    parser.buffer_text = True  # or each line of a post comes as a call of its own
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    parser.EntityDeclHandler = found.refuse_entity
    try:
        parser.Parse(_DECLARATION.sub("", legal(decode(body)).lstrip("\ufeff")), True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise ExportError(
            f"The WordPress export is broken at line {error.lineno} ({reason}). "
            "Download it again; nothing of it was read."
        ) from error
    items = [
        replace(_wordpress_item(post, found, url), tags=tags_of(tags))
        for post, tags in zip(found.posts, found.tags, strict=True)
        if _is_published(post)
    ]
    channel = found.channel
    return Export(channel.get("title", ""), channel.get("link", ""), tuple(items))


class _ExportHandler:
    """The fields of channel, authors and items, but not what lies deeper, as comments
    do."""

    def __init__(self) -> None:
        self.channel: dict[str, str] = {}
        self.authors: dict[str, str] = {}  # display names by login
        self.posts: list[dict[str, str]] = []
        self.tags: list[list[str]] = []  # of each post
        self._domain = ""  # of the category that is open
        self._path: list[str] = []  # of open elements
        self._author: dict[str, str] = {}
        self._pieces: list[str] | None = None  # of the text of the field that is open

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        match self._path[1:]:
            case ["channel", "item"]:
                self.posts.append({})
                self.tags.append([])
            case ["channel", "item", "category"]:
                self._domain = attributes.get("domain", "")
            case ["channel", "wp:author"]:
                self._author = {}
        if name in _FIELDS.get(tuple(self._path[1:-1]), ()):
            self._pieces = []

    def end(self, name: str) -> None:
        if self._pieces is not None:
            self._store(name, "".join(self._pieces))
            self._pieces = None
        self._path.pop()
        login = self._author.get("wp:author_login")
        if name == "wp:author" and login:
            self.authors[login] = self._author.get("wp:author_display_name", "")

    def text(self, data: str) -> None:
        if self._pieces is not None:
            self._pieces.append(data)

    def refuse_entity(self, *_: object) -> None:
        raise ExportError(
            "The export declares XML entities; they can stand for anything, so it is "
            "not read."
        )

    def _store(self, name: str, text: str) -> None:
        line = " ".join(text.split())
        match self._path[1:-1]:
            case ["channel"]:
                self.channel.setdefault(name, line)
            case ["channel", "item"] if name == "category":
                if self._domain in _TAGS:
                    self.tags[-1].append(line)
            case ["channel", "item"]:
                self.posts[-1].setdefault(name, text)
            case _:
                self._author[name] = line


def _is_published(post: dict[str, str]) -> bool:
    fields = {name: text.strip() for name, text in post.items()}
    # Drafts, the trash and attachments are in the export as well.
    is_open = not fields.get("wp:post_password")
    is_published = fields.get("wp:status") == "publish"
    return is_open and is_published and fields.get("wp:post_type") in _POST_TYPES


def _wordpress_item(post: dict[str, str], found: _ExportHandler, url: str) -> Item:
    day = machine_date(post.get("wp:post_date", ""))
    login = post.get("dc:creator", "").strip()
    # A post without a link is known by its number.
    number = post.get("wp:post_id", "").strip() or len(post)
    return export_item(
        [post.get("link", ""), post.get("guid", "")],
        f"{url}?post={number}",
        title=post.get("title", ""),
        author=found.authors.get(login) or login,
        # The day as the author's clock shows it, before that of the feed, in UTC.
        published=day or first_date(post.get("pubDate", "")),
        content=post.get("content:encoded") or post.get("excerpt:encoded", ""),
        software="wordpress",
        site=found.channel.get("title", ""),
        language=found.channel.get("language", "")[:2].lower(),
    )
