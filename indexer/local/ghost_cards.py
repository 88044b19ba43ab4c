"""The cards of Ghost's editors as HTML: what is neither a paragraph nor a heading.

Both editors, lexical and mobiledoc, have the same cards under nearly the same names.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from indexer.text.markdown import render_markdown

# Fields of each kind of card that a reader sees, in their order, with the element that
# each becomes; "" for one that holds HTML. Cards for mails and paywalls have none.
# https://github.com/TryGhost/Koenig, packages/kg-default-nodes
_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "html": (("html", ""),),
    "callout": (("calloutText", ""),),
    "toggle": (("heading", "h3"), ("content", "")),
    "header": (("header", "h2"), ("subheader", "p")),
    "image": (("caption", ""),),
    "gallery": (("caption", ""),),
    "embed": (("caption", ""),),
    "video": (("caption", ""),),
    "audio": (("title", "p"),),
    "file": (("fileTitle", "p"), ("fileCaption", "p")),
    "product": (("productTitle", "h4"), ("productDescription", "")),
    "call-to-action": (("textValue", ""),),
    "button": (("buttonText", "p"),),
}
_MARKDOWN = ("markdown", "card-markdown")
_CODE = ("code", "codeblock")
_OF_BOOKMARK = (("title", "p"), ("description", "p"))


def card_html(kind: str, card: Mapping[str, Any]) -> str:
    """Return a card as HTML, "" where a reader sees no text."""
    if kind in _MARKDOWN:
        return render_markdown(_text(card, "markdown")) or _text(card, "html")
    if kind in _CODE:
        code = f"<pre><code>{html.escape(_text(card, 'code'))}</code></pre>"
        return code + _element("", _text(card, "caption"))
    if kind == "bookmark":
        about = card.get("metadata")
        if not isinstance(about, Mapping):
            return ""
        shown = [_element(tag, _text(about, field)) for field, tag in _OF_BOOKMARK]
        return "".join([*shown, _element("", _text(card, "caption"))])
    fields = _FIELDS.get(kind, ())
    return "".join(_element(tag, _text(card, field)) for field, tag in fields)


def _element(tag: str, text: str) -> str:
    if not text.strip():
        return ""
    if not tag:  # it is HTML, perhaps without an element around it
        return f"<div>{text}</div>"
    # Headings and titles are stored with their inline markup.
    return f"<{tag}>{text}</{tag}>"


def _text(card: Mapping[str, Any], field: str) -> str:
    value = card.get(field)
    if isinstance(value, str):
        return value
    return ""
