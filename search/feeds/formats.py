"""The formats of a feed: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from search.feeds.entries import NO_DAY, Entry, Feed

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml"
JSON_TYPE = "application/feed+json"
JSON_VERSION = "https://jsonfeed.org/version/1.1"
NAME = "Blogsearch"
# What XML 1.0 has no way to write.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(feed: Feed) -> bytes:
    """Write a feed as Atom."""
    root = Element("feed", xmlns=ATOM)
    _add(root, "id", feed.address)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated)
    # Without a home it is in no place on the web, and its address is only a name.
    if feed.home:
        here, home = _plain(feed.address), _plain(feed.home)
        SubElement(root, "link", rel="self", type=ATOM_TYPE, href=here)
        SubElement(root, "link", rel="alternate", type="text/html", href=home)
    _add(root, "generator", NAME)
    # An entry without an author of its own has the feed's.
    _add(SubElement(root, "author"), "name", NAME)
    for entry in feed.entries:
        _add_entry(root, entry)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def json_feed(feed: Feed) -> dict[str, object]:
    """Return a feed as JSON Feed has it."""
    return {
        "version": JSON_VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "items": list(map(_item, feed.entries)),
    }


def _add_entry(root: Element, entry: Entry) -> None:
    element = SubElement(root, "entry")
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "updated", entry.updated)
    # ``updated`` has to be there, ``published`` says only what is known.
    if entry.dated != NO_DAY:
        _add(element, "published", entry.day)
    SubElement(element, "link", rel="alternate", href=_plain(entry.link))
    if entry.author or entry.site:
        _add(SubElement(element, "author"), "name", entry.author or entry.site)
    if entry.site:
        # The feed that a reader may be told it came from: its name is all we know.
        SubElement(element, "category", term=_plain(entry.site))
    if entry.html:
        _add(element, "content", entry.html).set("type", "html")


def _item(entry: Entry) -> dict[str, object]:
    # A name without a value would be one of its own: it is left out.
    item: dict[str, object] = {
        "id": entry.id,
        "url": entry.link,
        "title": entry.title,
        "content_html": entry.html,
    }
    if entry.dated != NO_DAY:
        item["date_published"] = entry.day
    # The day when it was written stays beside it.
    if entry.noted:
        item["date_modified"] = entry.noted
    if entry.author or entry.site:
        item["authors"] = [{"name": entry.author or entry.site}]
    if entry.site:
        item["tags"] = [entry.site]
    return item


def _add(parent: Element, name: str, text: str) -> Element:
    element = SubElement(parent, name)
    element.text = _plain(text)
    return element


def _plain(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)
