"""The metadata that a page gives to machines: meta elements, JSON-LD, canonical links.

Believes all of it but addresses; metadata.py weighs it against what a reader sees.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from indexer.extract.dom import Element
from indexer.text.robots_directives import AGENT

_ARTICLE_TYPES = re.compile(
    r"Article|Posting|Report|TechArticle|WebPage|CreativeWork|HowTo|Review"
)
# Paths below a page's address that are the same page in another form.
_VARIANT = re.compile(
    r"(?:index\.\w+|amp|print|mobile|m|comment-page-\d+|page|\d+)(?:/|$)", re.I
)
_AMP = frozenset(["amp", "⚡"])  # https://amp.dev: attributes of the html element


@dataclass(slots=True)
class StructuredData:
    """A page's tree and address, and what its elements say to machines.

    ``robots`` are the directives for all search engines and for ours, those for
    googlebot where there are none. ``linked`` are the articles that JSON-LD describes.
    """

    root: Element
    url: str
    metas: dict[str, str] = field(default_factory=dict)
    robots: tuple[str, ...] = ()
    linked: list[dict[str, Any]] = field(default_factory=list)

    def meta(self, *names: str) -> str:
        """Return the content of the first of these meta elements that has any."""
        return next(filter(None, map(self.metas.get, names)), "")

    def json_ld(self, key: str) -> str:
        """Return a JSON-LD value as a string.

        Of a person or organisation that is its name, of several all names.
        """
        values = (node.get(key) for node in self.linked)
        names = next(filter(None, map(names_in, values)), [])
        return ", ".join(names)


def read_structured_data(root: Element, url: str) -> StructuredData:
    """Read the tree of a whole page, as parsed."""
    metas = list(root.elements("meta"))
    articles = list(filter(_is_article, json_ld_nodes(root)))
    # what describes the page comes after what describes its article
    articles.sort(key=lambda node: "WebPage" in type_of_node(node))
    return StructuredData(root, url, _contents(metas), _directives(metas), articles)


def _contents(metas: list[Element]) -> dict[str, str]:
    contents: dict[str, str] = {}
    for meta in metas:
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        contents.setdefault(name.lower(), " ".join(meta.get("content").split()))
    return contents


def _directives(metas: list[Element]) -> tuple[str, ...]:
    """Return the contents of all robots elements: the most restrictive words of several
    count."""
    named: dict[str, list[str]] = {}
    for meta in metas:
        named.setdefault(meta.get("name").lower(), []).append(meta.get("content"))
    ours = named.get("robots", []) + named.get(AGENT, [])
    return tuple(ours or named.get("googlebot", []))


def json_ld_nodes(root: Element) -> Iterator[dict[str, Any]]:
    """Yield what a page describes in JSON-LD, as far as it can be parsed."""
    for script in root.elements("script"):
        if script.get("type").lower() == "application/ld+json":
            yield from _nodes_in(script.raw_text)


def _nodes_in(text: str) -> Iterator[dict[str, Any]]:
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return
    for node in dicts_in(_as_list(data)):
        yield node
        if isinstance(node.get("@graph"), list):
            yield from dicts_in(node["@graph"])


def dicts_in(values: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects among JSON values."""
    return (value for value in values if isinstance(value, dict))


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value]


def type_of_node(node: Mapping[str, Any]) -> str:
    """Return the type of a JSON-LD node, of several all in one string."""
    return str(node.get("@type", ""))


def _is_article(node: dict[str, Any]) -> bool:
    return _ARTICLE_TYPES.search(type_of_node(node)) is not None


def names_in(value: Any) -> list[str]:
    """Return the names in a JSON-LD value: of strings, persons or lists of them."""
    names = []
    for one in _as_list(value):
        if isinstance(one, dict):
            name = one.get("name")
        else:
            name = one
        if isinstance(name, str):
            names.append(" ".join(name.split()))
    return list(filter(None, names))


def canonical_address(page: StructuredData) -> str:
    """Return the address that a page names as its own if it is believable, else the one
    that answered."""
    canonical = filter(_is_canonical, page.root.elements("link"))
    first = [link.get("href").strip() for link in islice(canonical, 1)]
    is_amp = not _AMP.isdisjoint(page.root.attrs)
    for named in filter(None, (*first, page.meta("og:url"))):
        with suppress(ValueError):  # urllib's for an address that is none
            address = urljoin(page.url, named)
            if _is_believable(address, page.url, is_amp=is_amp):
                return address
    return page.url


def _is_canonical(link: Element) -> bool:
    return "canonical" in link.get("rel").lower().split()


def _is_believable(named: str, url: str, *, is_amp: bool) -> bool:
    """Tell whether an address is on the same site, over HTTP, and not a page above this
    one, as a careless theme says."""
    # An AMP page may lie on a host of its own (amp.example.org).
    claimed, asked = urlsplit(named), urlsplit(url)
    host = _host(asked.netloc)
    if is_amp:
        hosts = {host, host.removeprefix("amp.")}
    else:
        hosts = {host}
    above, path = claimed.path.rstrip("/") + "/", asked.path.rstrip("/") + "/"
    below = path.removeprefix(above)
    conditions = (
        claimed.scheme in ("http", "https"),
        _host(claimed.netloc) in hosts,
        below in ("", path) or _VARIANT.match(below),
    )
    return all(conditions)


def _host(netloc: str) -> str:
    host = netloc.lower().rpartition("@")[2].removeprefix("www.")
    return host.removesuffix(":443").removesuffix(":80")
