"""Ghost's JSON export → its published posts and pages. Pure.

https://ghost.org/docs/migration/custom/ describes the form. The export does not name
the site's address: a post without a canonical address of its own is known by the file
and its slug.
"""

from __future__ import annotations

import html
import json
from datetime import UTC, date, datetime
from typing import Any

from indexer.local.export_items import Archive, ArchiveError, listed_item
from indexer.records import Item
from indexer.text.dates import machine_date
from indexer.text.encoding import decode
from indexer.text.markup import legal

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_DEEPEST = 100  # nodes within nodes of a lexical document


def is_ghost(text: str) -> bool:
    """Whether a text is such an export."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start.startswith("{") or '"posts"' not in start:
        return False
    try:
        return _data(json.loads(start)) is not None
    except (ValueError, RecursionError):
        return False


def read_ghost(body: bytes, url: str) -> Archive:
    """The export's published posts and pages. Raises ArchiveError."""
    try:
        data = _data(json.loads(legal(decode(body, "utf-8")).lstrip("\ufeff")))
    except (ValueError, RecursionError) as error:
        raise ArchiveError(
            "The Ghost export is broken: it can't be read as JSON. Download it again."
        ) from error
    if data is None:
        raise ArchiveError("The file is no Ghost export: it holds no posts.")
    settings = {
        str(row.get("key")): row.get("value") for row in _rows(data, "settings")
    }
    title, language = (
        _said(settings, "title"),
        (_said(settings, "locale") or _said(settings, "lang"))[:2],
    )
    names = {row.get("id"): _said(row, "name") for row in _rows(data, "users")}
    authors: dict[Any, list[str]] = {}
    for row in sorted(
        _rows(data, "posts_authors"), key=lambda row: str(row.get("sort_order", ""))
    ):
        authors.setdefault(row.get("post_id"), []).append(
            names.get(row.get("author_id"), "")
        )
    items = []
    for post in _rows(data, "posts"):
        if post.get("status") == "published":
            by = ", ".join(filter(None, authors.get(post.get("id"), []))) or names.get(
                post.get("author_id"), ""
            )
            items.append(_item(post, url, author=by, site=title, language=language))
    return Archive(title, "", tuple(items))


def _data(value: Any) -> dict[str, Any] | None:
    """The tables of an export, which are wrapped in one of two ways or in none."""
    outer = value.get("db", [value]) if isinstance(value, dict) else None
    first = outer[0] if isinstance(outer, list) and outer else outer
    data = first.get("data", first) if isinstance(first, dict) else None
    if not isinstance(data, dict):
        return None
    posts = data.get("posts")
    are_posts = isinstance(posts, list) and all(
        isinstance(p, dict) and "slug" in p and "status" in p for p in posts[:5]
    )
    return data if are_posts and posts else None


def _item(
    post: dict[str, Any], url: str, *, author: str, site: str, language: str
) -> Item:
    content, remark = _said(post, "html"), ""
    if not content.strip():
        for form, read in (("lexical", _of_lexical), ("mobiledoc", _of_mobiledoc)):
            if written := _said(post, form):
                content, remark = (
                    read(written),
                    f"the export has no HTML of it; its text is taken from its {form}",
                )
                break
    slug = _said(post, "slug") or str(post.get("id"))
    return listed_item(
        [_said(post, "canonical_url")],
        f"{url}?post={slug}",
        title=_said(post, "title"),
        author=author,
        published=_day(post.get("published_at")),
        content=content.replace("__GHOST_URL__", ""),
        site=site,
        language=language.lower(),
        remark=remark,
    )


def _of_lexical(written: str) -> str:
    """https://lexical.dev: a tree of nodes, whose leaves have texts."""
    try:
        root = json.loads(written).get("root")
    except (ValueError, AttributeError, RecursionError):
        return ""
    parts = root.get("children") if isinstance(root, dict) else None
    return (
        "\n".join(_lexical_block(part) for part in parts if isinstance(part, dict))
        if isinstance(parts, list)
        else ""
    )


def _lexical_block(node: dict[str, Any]) -> str:
    kind, text = str(node.get("type")), html.escape(_lexical_text(node, _DEEPEST))
    if kind == "html":
        return _said(node, "html")
    if kind == "codeblock":
        return f"<pre><code>{html.escape(_said(node, 'code'))}</code></pre>"
    if kind == "list":
        children = [
            child for child in node.get("children") or [] if isinstance(child, dict)
        ]
        texts = (html.escape(_lexical_text(child, _DEEPEST)) for child in children)
        return f"<ul>{''.join(f'<li>{item}</li>' for item in texts)}</ul>"
    tag = _said(node, "tag")
    name = tag if tag in _HEADINGS else "blockquote" if kind == "quote" else "p"
    return f"<{name}>{text}</{name}>" if text.strip() else ""


def _lexical_text(node: dict[str, Any], depth: int) -> str:
    children = node.get("children")
    if depth == 0 or not isinstance(children, list):
        return _said(node, "text") + ("\n" if node.get("type") == "linebreak" else "")
    return "".join(
        _lexical_text(child, depth - 1) for child in children if isinstance(child, dict)
    )


def _of_mobiledoc(written: str) -> str:
    """https://github.com/bustle/mobiledoc-kit/blob/master/MOBILEDOC.md: sections of
    texts, and cards."""
    try:
        document = json.loads(written)
        return "\n".join(
            _mobiledoc_section(section, document) for section in document["sections"]
        )
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
    ):
        return ""


def _mobiledoc_section(section: list[Any], document: dict[str, Any]) -> str:
    if section[0] == 1:
        name = (
            section[1]
            if section[1] in _HEADINGS
            else "blockquote"
            if section[1] == "blockquote"
            else "p"
        )
        return f"<{name}>{_mobiledoc_text(section[2])}</{name}>"
    if section[0] == 3:
        return (
            "<ul>"
            + "".join(f"<li>{_mobiledoc_text(item)}</li>" for item in section[2])
            + "</ul>"
        )
    if section[0] == 10:
        name, card = document["cards"][section[1]]
        if name in ("html", "card-markdown", "markdown"):
            return str(card.get("html") or card.get("markdown") or "")
        return (
            f"<pre><code>{html.escape(str(card.get('code', '')))}</code></pre>"
            if name == "code"
            else ""
        )
    return ""


def _mobiledoc_text(markers: list[Any]) -> str:
    return html.escape(
        "".join(
            marker[3]
            for marker in markers
            if marker[0] == 0 and isinstance(marker[3], str)
        )
    )


def _rows(data: dict[str, Any], table: str) -> list[dict[str, Any]]:
    rows = data.get(table)
    return (
        [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    )


def _said(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _day(value: Any) -> date | None:
    """ISO 8601, or milliseconds since 1970 in exports of old."""
    if isinstance(value, int | float) and 0 < value < 1e14:
        return datetime.fromtimestamp(value / 1000, UTC).date()
    return machine_date(value) if isinstance(value, str) else None
