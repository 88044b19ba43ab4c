"""Published posts and pages of Ghost's JSON export.

https://ghost.org/docs/migration/custom/ describes the form. The export does not name
the site's address: a post without a canonical address of its own is known by the file
and its slug.
"""

from __future__ import annotations

import html
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from indexer.local.export_items import Export, ExportError, export_item
from indexer.local.ghost_cards import card_html
from indexer.records import Item
from indexer.text.dates import machine_date
from indexer.text.encoding import decode
from indexer.text.markup import legal
from search.text.tags import tags_of

_LAST_MILLISECOND = 1e14  # of the year 5138: beyond it is no time
_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote"}
_DEEPEST = 100  # nodes within nodes of a lexical document; more is no text of a person


def is_ghost_export(text: str) -> bool:
    """Say if a text is such an export."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start.startswith("{") or '"posts"' not in start:
        return False
    try:
        return _tables(json.loads(start)) is not None
    except (ValueError, RecursionError):
        return False


def read_ghost(body: bytes, url: str) -> Export:
    """Return the export's published posts and pages. Raises ExportError."""
    # JSON is UTF-8, whatever a guess at its bytes would say.
    text = legal(decode(body, "utf-8")).lstrip("\ufeff")
    try:
        tables = _tables(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise ExportError(
            "The Ghost export is broken: it can't be read as JSON. Download it again."
        ) from error
    if tables is None:
        raise ExportError("The file is no Ghost export: it holds no posts.")
    rows = _rows(tables, "settings")
    settings = {str(row.get("key")): row.get("value") for row in rows}
    title = _text_field(settings, "title")
    language = _text_field(settings, "locale") or _text_field(settings, "lang")
    names = {row.get("id"): _text_field(row, "name") for row in _rows(tables, "users")}
    authors = _authors_of_posts(tables, names)
    tags = _tags_of_posts(_rows(tables, "tags"), _rows(tables, "posts_tags"))
    published = [
        post for post in _rows(tables, "posts") if post.get("status") == "published"
    ]
    items = [
        _ghost_item(
            post,
            url,
            author=authors.get(post.get("id")) or names.get(post.get("author_id"), ""),
            site=title,
            language=language[:2].lower(),
        )
        for post in published
    ]
    pairs = zip(items, published, strict=True)
    items = [replace(item, tags=tags.get(post.get("id"), ())) for item, post in pairs]
    return Export(title, "", tuple(items))


def _tables(value: Any) -> dict[str, Any] | None:
    """The tables of an export, which are wrapped in one of two ways or in none."""
    if not isinstance(value, dict):
        return None
    # Ghost writes {"db": [{"data": …}]}; tools for migration leave layers out.
    first = value.get("db", value)
    if isinstance(first, list) and first:
        first = first[0]
    tables = _mapping(first).get("data", first)
    posts = _mapping(tables).get("posts")
    if not isinstance(posts, list) or not posts:
        return None
    # The first few stand for all: a file of another program has other fields.
    if all(map(_is_post, posts[:5])):
        return _mapping(tables)
    return None


def _mapping(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {}


def _is_post(row: object) -> bool:
    return isinstance(row, dict) and {"slug", "status"} <= row.keys()


def _authors_of_posts(tables: dict[str, Any], names: dict[Any, str]) -> dict[Any, str]:
    """The authors of each post by its id; old exports name one in the post itself."""
    authors: defaultdict[Any, list[str]] = defaultdict(list)
    links = _rows(tables, "posts_authors")
    # The order in which the post names its authors.
    for row in sorted(links, key=lambda row: str(row.get("sort_order", ""))):
        authors[row.get("post_id")].append(names.get(row.get("author_id"), ""))
    return {post: ", ".join(filter(None, by)) for post, by in authors.items()}


def _tags_of_posts(
    tags: Iterable[Mapping[str, Any]], links: Iterable[Mapping[str, Any]]
) -> dict[Any, tuple[str, ...]]:
    """Return the tags of each post by its id, in the order in which it names them."""
    # Internal tags, which begin with #, say nothing to readers.
    names = {row.get("id"): row.get("name") for row in tags if not _is_internal(row)}
    found: defaultdict[Any, list[str]] = defaultdict(list)
    for row in sorted(links, key=_order):
        name = names.get(row.get("tag_id"))
        if isinstance(name, str):
            found[row.get("post_id")].append(name)
    return {post: tags_of(own) for post, own in found.items()}


def _order(row: Mapping[str, Any]) -> int:
    place = row.get("sort_order")
    return place if isinstance(place, int) else 0


def _is_internal(row: Mapping[str, Any]) -> bool:
    is_marked = str(row.get("name", "")).startswith("#")
    return is_marked or row.get("visibility") == "internal"


def _ghost_item(
    post: dict[str, Any], url: str, *, author: str, site: str, language: str
) -> Item:
    content, remark = _content(post)
    slug = _text_field(post, "slug") or str(post.get("id"))
    return export_item(
        [_text_field(post, "canonical_url")],
        f"{url}?post={slug}",
        title=_text_field(post, "title"),
        author=author,
        published=_published_day(post.get("published_at")),
        # Ghost writes so for the site's address, which the export does not have.
        content=content.replace("__GHOST_URL__", ""),
        site=site,
        language=language,
        remark=remark,
    )


def _content(post: dict[str, Any]) -> tuple[str, str]:
    """The HTML of a post, and a remark where it was made of an editor's form."""
    content = _text_field(post, "html")
    if content.strip():
        return content, ""
    # The forms in which the editors of Ghost store a post, the newest first.
    editors = {"lexical": _lexical_html, "mobiledoc": _mobiledoc_html}
    for form, to_html in editors.items():
        stored = _text_field(post, form)
        if stored:
            remark = f"the export has no HTML of it; its text is taken from its {form}"
            return to_html(stored), remark
    return content, ""


def _lexical_html(stored: str) -> str:
    """https://lexical.dev: a tree of nodes, whose leaves have texts."""
    try:
        root = json.loads(stored).get("root")
    except (ValueError, AttributeError, RecursionError):
        return ""
    if not isinstance(root, dict) or not isinstance(root.get("children"), list):
        return ""
    return "\n".join(map(_lexical_block, _rows(root, "children")))


def _lexical_block(node: dict[str, Any]) -> str:
    kind = node.get("type")
    card = card_html(str(kind), node)
    if card:
        return card
    # Lists within an item are read as its text.
    if kind == "list":
        return _html_list(
            [_lexical_text(child, _DEEPEST) for child in _rows(node, "children")]
        )
    text = _lexical_text(node, _DEEPEST)
    if not text.strip():
        return ""
    if kind == "quote":
        return _html_block("blockquote", text)
    return _html_block(_text_field(node, "tag"), text)


def _lexical_text(node: dict[str, Any], depth: int) -> str:
    if depth > 0 and isinstance(node.get("children"), list):
        children = _rows(node, "children")
        return "".join(_lexical_text(child, depth - 1) for child in children)
    text = _text_field(node, "text")
    if node.get("type") == "linebreak":
        return f"{text}\n"
    return text


def _mobiledoc_html(stored: str) -> str:
    """https://github.com/bustle/mobiledoc-kit/blob/master/MOBILEDOC.md: sections of
    texts, and cards."""
    try:
        document = json.loads(stored)
        sections = document["sections"]
        return "\n".join(_mobiledoc_block(section, document) for section in sections)
    # What lists and mappings raise that are not nested as the form has it.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""


def _mobiledoc_block(section: list[Any], document: dict[str, Any]) -> str:
    match section[0]:
        case 1:  # markup: a tag and its markers
            return _html_block(section[1], _mobiledoc_text(section[2]))
        case 3:  # a list of lists of markers
            return _html_list(list(map(_mobiledoc_text, section[2])))
        case 10:
            return card_html(*document["cards"][section[1]])
    return ""


def _mobiledoc_text(markers: list[Any]) -> str:
    texts = (marker[3] for marker in markers if marker[0] == 0)
    return "".join(text for text in texts if isinstance(text, str))


def _html_block(tag: object, text: str) -> str:
    if tag not in _BLOCKS:
        tag = "p"
    return f"<{tag}>{html.escape(text)}</{tag}>"


def _html_list(texts: list[str]) -> str:
    items = (f"<li>{html.escape(text)}</li>" for text in texts)
    return f"<ul>{''.join(items)}</ul>"


def _rows(tables: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = tables.get(name)
    if not isinstance(rows, list):
        return []
    return [row for row in rows if isinstance(row, dict)]


def _text_field(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if isinstance(value, str):
        return value
    return ""


def _published_day(value: Any) -> date | None:
    """ISO 8601, or milliseconds since 1970 in old exports."""
    if isinstance(value, str):
        return machine_date(value)
    if isinstance(value, int | float) and 0 < value < _LAST_MILLISECOND:
        return datetime.fromtimestamp(value / 1000, UTC).date()
    return None
