"""What stands around an article: told by tag, name and shape, and taken out of the
tree.

Names are read word by word (``post-meta`` is *post*, *meta*), so that ``has-sidebar``
on a page or ``tag-social`` on a post does no harm, and nothing that holds much of the
page goes by name alone.
"""

from __future__ import annotations

import re

from indexer.extract import theme_names as names
from indexer.extract.dom import Element
from indexer.text.markup import word_set

MUCH = 0.4
"""The share of a page's text that no name but a comment's is believed to be chrome
for."""

SHORT = 700
"""Characters up to which a box may be chrome whose name is also used for content (meta,
author, date)."""

SENTENCE = 120
"""Characters outside links from which a box says something: about two sentences."""

AID = 40
"""Characters up to which an inline element may be an aid to navigation."""

_DEAD = word_set(
    """
    style noscript template iframe object embed svg canvas video audio map dialog
    """
)
_CONTROLS = word_set(
    """
    button select textarea input datalist progress meter label
    """
)

_UNSAYING = frozenset(
    [
        "has",
        "no",
        "with",
        "without",
        "is",
        "not",
        "hide",
        "show",
        "js",
        "footnote",
        "footnotes",
    ]
)
_POST_LABEL = re.compile(
    r"(?:tag|category|cat|topic|author|format|status|type|hash|post_tag)-"
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_INLINE = word_set(
    """
    a abbr b bdi cite code del dfn em font i ins kbd mark q s samp small strong sub sup u var
    """
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TEXTUAL = frozenset(
    [*_HEADINGS, "p", "li", "td", "th", "dt", "dd", "pre", "blockquote", "table", "tr"]
)
_CELLS = frozenset(["td", "th", "tr", "dt", "dd", "pre", "table"])
_NOTHING: frozenset[str] = frozenset()
_ROOTS = frozenset(["html", "body", "main"])


def remove_unquotable(root: Element) -> None:
    """Take out what a page asks not to be shown beside a result: data-nosnippet
    elements."""
    stack = [root]
    while stack:
        element = stack.pop()
        element.children = [
            c
            for c in element.children
            if isinstance(c, str) or "data-nosnippet" not in c.attrs
        ]
        stack.extend(c for c in element.children if not isinstance(c, str))


def remove_chrome(root: Element, keep: Element | None = None) -> None:
    """Take out what is not part of any article; ``keep`` and what holds it stay.

    Inside ``keep`` fewer names are believed: page builders and writers use them for
    content too.
    """
    kept = {id(keep), *(id(a) for a in keep.ancestors())} if keep is not None else set()
    root.measure()
    total = max(root.size, 1)
    stack = [(root, False)]
    while stack:
        element, inside = stack.pop()
        if element.tag in ("pre", "math", *_HEADINGS):
            continue
        inside = inside or element is keep
        element.children = [
            c
            for c in element.children
            if isinstance(c, str)
            or id(c) in kept
            or not _is_chrome(c, total, inside=inside)
        ]
        stack.extend((c, inside) for c in element.children if not isinstance(c, str))
    root.measure()


def _is_chrome(element: Element, total: int, *, inside: bool) -> bool:
    tag = element.tag
    if tag in _DEAD or tag in _CONTROLS:
        return True
    if tag == "script":
        return not element.attrs.get("type", "").lower().startswith("math/")
    if tag in _ROOTS:
        return False
    much = element.size >= MUCH * total
    if tag == "nav" or element.attrs.get("role") in (
        "navigation",
        "search",
        "contentinfo",
        "banner",
    ):
        return not much
    if _is_comments(element):
        return True
    looks_so = (
        _is_hidden(element)
        or _is_marginal(element, inside=inside)
        or _has_chrome_name(element, inside=inside)
        or is_contents_list(element)
    )
    return looks_so and not (much and _says_something(element))


def _says_something(element: Element) -> bool:
    """Whether sentences stand in it, and not only links, dates and labels."""
    said = 0
    for e in element.elements():
        if e.tag in ("p", "blockquote", "pre", "td") or (
            e.tag in ("div", "section") and _own(e) > SENTENCE
        ):
            said += e.size - e.linked
    return said > SENTENCE


def _own(element: Element) -> int:
    return sum(len(c.strip()) for c in element.children if isinstance(c, str))


def _is_hidden(element: Element) -> bool:
    if element.attrs.get("role") == "tabpanel":
        return False
    if "hidden" in element.attrs or _HIDDEN_STYLE.search(
        element.attrs.get("style", "")
    ):
        return not any(e.tag in ("math", "script") for e in element.elements())
    return element.attrs.get("aria-hidden") == "true" and element.tag not in (
        "pre",
        "code",
        "a",
    )


def _is_marginal(element: Element, *, inside: bool) -> bool:
    """A footer, aside, header or form that says nothing of the article."""
    tag = element.tag
    if tag == "form":
        return element.size < SHORT
    if tag == "footer":
        quoted = element.parent is not None and element.parent.tag in (
            "blockquote",
            "figure",
            "q",
        )
        return not quoted and not any(_says_footnotes(e) for e in element.elements())
    if tag == "header":
        marks = ("time",) if inside else ("h1", "time")
        return (
            element.size - element.linked < SHORT and element.first(*marks) is not None
        )
    if tag != "aside" or any(
        not names.NOTES.isdisjoint(_words_of(name)) for name in element.names
    ):
        return False
    return (
        element.size < SENTENCE
        or element.linked > element.size * 0.3
        or element.first("time") is not None
    )


def _says_footnotes(element: Element) -> bool:
    role = element.attrs.get("role", "")
    return role == "doc-endnotes" or any(
        "footnote" in name.lower() for name in element.names
    )


def _is_comments(element: Element) -> bool:
    if element.tag in _INLINE or element.tag in _TEXTUAL:
        return False
    return any(
        _matches(name, names.COMMENTS, names.COMMENT_PHRASES)
        for name in _telling_names(element)
    )


def _has_chrome_name(element: Element, *, inside: bool) -> bool:
    if element.tag in _INLINE:
        return _is_aid(element)
    words = names.CHROME - names.AMBIGUOUS if inside else names.CHROME
    for name in _telling_names(element):
        if _matches(name, words, names.CHROME_PHRASES):
            return element.tag not in _TEXTUAL or element.size < SHORT / 2
        small = element.size < SHORT and element.tag not in _CELLS
        if small and _matches(name, names.SMALL, names.SMALL_PHRASES):
            return True
    return False


def _is_aid(element: Element) -> bool:
    """An inline element that only screen readers or a mouse find: "skip to content",
    "Copy"."""
    return element.size < AID and any(
        _matches(n, _NOTHING, names.CHROME_PHRASES) for n in element.names
    )


def _telling_names(element: Element) -> list[str]:
    """The classes, and the id where it isn't made from the words of a heading
    (``id="related-work"``)."""
    if element.tag in _TEXTUAL:
        return element.attrs.get("class", "").split()
    slug = "".join(_words_of(element.attrs.get("id", "")))
    first = element.first(*_HEADINGS) if slug else None
    if (
        first is not None
        and slug
        and slug in "".join(c for c in first.text.lower() if c.isalnum())
    ):
        return element.attrs.get("class", "").split()
    return element.names


def _matches(name: str, words: frozenset[str], phrases: frozenset[str]) -> bool:
    parts = _words_of(name)
    if not parts or not _UNSAYING.isdisjoint(parts) or _POST_LABEL.match(name.lower()):
        return False
    if not words.isdisjoint(parts) or "".join(parts) in words:
        return True
    return any(
        "-".join(pair) in phrases
        for n in (2, 3)
        for pair in zip(*(parts[i:] for i in range(n)), strict=False)
    )


def _words_of(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name[:80])]


def is_contents_list(element: Element) -> bool:
    """A table of contents: a list whose items only point at places in this page."""
    if (
        element.tag not in ("ul", "ol")
        or element.size == 0
        or element.linked < element.size * 0.9
    ):
        return False
    links = [e.attrs.get("href", "") for e in element.elements() if e.tag == "a"]
    local = sum(
        "#" in href and not href.startswith(("#fn", "#cite", "#ref")) for href in links
    )
    return len(links) >= 3 and local >= 0.9 * len(links)
