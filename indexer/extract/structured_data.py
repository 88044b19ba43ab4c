"""What a page declares to machines: meta elements, JSON-LD and its canonical
address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from indexer.extract.dom import Element
from indexer.text.robots_directives import AGENT

_ARTICLE_TYPES = re.compile(
    r"Article|Posting|Report|TechArticle|WebPage|CreativeWork|HowTo|Review"
)
_VARIANT = re.compile(
    r"(?:index\.\w+|amp|print|mobile|m|comment-page-\d+|page|\d+)(?:/|$)", re.I
)


@dataclass(slots=True)
class Declared:
    """A page and what it declares of itself."""

    root: Element
    url: str
    metas: dict[str, str] = field(default_factory=dict)
    robots: tuple[
        str, ...
    ] = ()  # the directives for all search engines and for ours, else for googlebot
    linked: list[dict[str, Any]] = field(default_factory=list)

    def meta(self, *names: str) -> str:
        return next((self.metas[name] for name in names if self.metas.get(name)), "")

    def said(self, key: str) -> str:
        """A JSON-LD value as a string; of a person or organisation its name, of several
        all names."""
        for node in self.linked:
            values = node.get(key)
            names = [
                _name_in(v) for v in (values if isinstance(values, list) else [values])
            ]
            if any(names):
                return ", ".join(n for n in names if n)
        return ""


def declared_by(root: Element, url: str) -> Declared:
    """Reads a whole page's tree, as parsed."""
    return Declared(root, url, _metas(root), _robots(root), _json_ld(root))


def _metas(root: Element) -> dict[str, str]:
    metas: dict[str, str] = {}
    for element in root.elements():
        if element.tag == "meta":
            name = (
                element.attrs.get("property")
                or element.attrs.get("name")
                or element.attrs.get("itemprop")
                or ""
            )
            metas.setdefault(
                name.lower(), " ".join(element.attrs.get("content", "").split())
            )
    return metas


def _robots(root: Element) -> tuple[str, ...]:
    """The contents of all robots elements: the most restrictive words of several
    count."""
    named: dict[str, list[str]] = {}
    for element in root.elements():
        if element.tag == "meta":
            named.setdefault(element.attrs.get("name", "").lower(), []).append(
                element.attrs.get("content", "")
            )
    ours = (*named.get("robots", ()), *named.get(AGENT, ()))
    return ours or tuple(named.get("googlebot", ()))


def _json_ld(root: Element) -> list[dict[str, Any]]:
    """The articles that a page describes to machines, as far as it can be parsed."""
    found: list[dict[str, Any]] = []
    for element in root.elements():
        if (
            element.tag == "script"
            and element.attrs.get("type", "").lower() == "application/ld+json"
        ):
            try:
                data = json.loads(element.raw_text, strict=False)
            except (ValueError, RecursionError):
                continue
            found.extend(
                n
                for n in _nodes(data)
                if _ARTICLE_TYPES.search(str(n.get("@type", "")))
            )
    return sorted(found, key=lambda n: "WebPage" in str(n.get("@type", "")))


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            yield from (
                n
                for n in (graph if isinstance(graph, list) else [])
                if isinstance(n, dict)
            )


def _name_in(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name", "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def address_of(page: Declared) -> str:
    """The canonical address if it is believable, else the page's own."""
    links = (
        e.attrs.get("href", "")
        for e in page.root.elements()
        if e.tag == "link" and "canonical" in e.attrs.get("rel", "").lower().split()
    )
    for told in (next(links, "").strip(), page.meta("og:url")):
        with suppress(ValueError):  # urllib's word for an address that is none
            address = urljoin(page.url, told)
            if told and _is_believable(
                address, page.url, amp=not {"amp", "⚡"}.isdisjoint(page.root.attrs)
            ):
                return address
    return page.url


def _is_believable(told: str, url: str, *, amp: bool) -> bool:
    """Whether it is on the same site, over HTTP, and not a page above this one, as a
    careless theme says.

    An AMP page may lie on a host of its own (amp.example.org).
    """
    claimed, asked = urlsplit(told), urlsplit(url)
    sites = {
        _host(asked.netloc),
        _host(asked.netloc).removeprefix("amp." if amp else ""),
    }
    if claimed.scheme not in ("http", "https") or _host(claimed.netloc) not in sites:
        return False
    above, path = claimed.path.rstrip("/") + "/", asked.path.rstrip("/") + "/"
    below = path.removeprefix(above) if path.startswith(above) else ""
    return not below or bool(_VARIANT.match(below))


def _host(netloc: str) -> str:
    return (
        netloc.lower()
        .rpartition("@")[2]
        .removeprefix("www.")
        .removesuffix(":443")
        .removesuffix(":80")
    )
