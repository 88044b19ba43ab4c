"""The title of a page and the name of its site, which most pages set beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter
from urllib.parse import urlsplit

from indexer.extract.body.theme_names import Names
from indexer.extract.dom import Element
from indexer.extract.headings import heading_text
from indexer.extract.structured_data import StructuredData

# Signs between the parts of a title element; those that stand in titles as well
# only count between spaces.
_SEPARATOR = re.compile(r"\s+(?:[|·•»«‹›:/~]|::|[-–—])\s+|\s*[|»]\s*|(?<=\S):\s+")
_SEPARATORS = " |·•»«‹›–—:/~-"
_ENDS_PART = re.compile(r"(?:^|[|·•»«‹›:/~–—-])\s*$")
_BEGINS_PART = re.compile(r"\s*(?:$|[|·•»«‹›:/~–—-])")
# Classes of the article's title, of microformats (h-entry, hAtom) and themes.
_TITLE_NAMES = Names(
    """
    entry-title post-title p-name post-full-title article-title posttitle post__title headline
    entry__title blog-post-title
    """
)
# Addresses, accounts and what software writes where nobody gave a name.
_NO_NAME = re.compile(
    r"^(?:https?:|@|admin$|administrator$|author$|unknown$|anonymous$|by$)|^\W*$|@.+\.",
    re.I,
)
# Classes and ids of the site's name in the head of a page.
_SITE_NAMES = Names(
    """
    site-title site-name blog-title brand navbar-brand logo site-logo blog-name
    """
)
# Names of meta elements that give the site's name, asked in this order.
_SITE_METAS = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "al:ios:app_name",
)
# What feed links have beside the site's name: »Name » RSS 2.0«.
_FEED_WORDS = re.compile(r"\s*(?:»|[-–|:])?\s*\b(?:rss|atom|feed|2\.0|1\.0)\b.*$", re.I)

# Characters in an author's or site's name beyond which it is a sentence.
LONGEST_NAME = 80
_LONGEST_SHOWN_SITE = 60
# Characters in a title beyond which it is a paragraph in large type.
LONGEST_TITLE = 300
# A long article has more of them, its title is among the first.
_MOST_HEADINGS = 30
_text_of = attrgetter("text")


@dataclass(frozen=True, slots=True)
class PageTitle:
    """A title and the name that the title element has beside it, as a rule the site's."""

    text: str
    beside: str = ""

    def without(self, site: str) -> str:
        """Return the title without the site's name at its end or start."""
        title = " ".join(self.text.split())
        if not site:
            return title
        name, marks = re.escape(site), r"[|·•»«:/~–—-]+"
        beside = rf"\s*{marks}\s*{name}\s*$|^\s*{name}\s*{marks}\s*"
        return re.sub(beside, "", title, flags=re.I) or title


def read_title(page: StructuredData) -> PageTitle:
    """Read a page's title: a heading or declared title that the title element has too,
    the declared one, or the title element itself."""
    document = next(map(_text_of, page.root.elements("title")), "")
    declared = page.meta("og:title", "twitter:title", "dc.title")
    declared = declared or page.json_ld("headline")
    marked, headings = _headings(page.root)
    for texts in ([declared, *marked], headings):
        parts = [text for text in filter(None, texts) if _is_part(text, document)]
        if parts:
            title = _best(parts, document)
            return PageTitle(title, _beside(document, title))
    if declared:
        return PageTitle(declared, _beside(document, declared))
    if not document:
        return PageTitle(next(iter([*marked, *headings]), ""))
    _, *rest = _SEPARATOR.split(document)
    return PageTitle(document, next(reversed(rest), ""))


def _best(parts: list[str], document: str) -> str:
    """Return the part that the document's title begins with, the longest of several."""
    start = document.lower()
    return max(parts, key=lambda text: (start.startswith(text.lower()), len(text)))


def _is_part(text: str, document: str) -> bool:
    """Tell whether a title is this text and names beside it, parted by a sign."""
    before, found, after = document.lower().partition(text.lower())
    return all((found, _ENDS_PART.search(before), _BEGINS_PART.match(after)))


def _beside(document: str, title: str) -> str:
    """Return the last name that the document's title has beside the article's."""
    start = document.lower().find(title.lower())
    if start < 0:
        return ""
    rest = f"{document[:start]} | {document[start + len(title) :]}"
    names = [part.strip(_SEPARATORS) for part in _SEPARATOR.split(rest)]
    return next(filter(None, reversed(names)), "")


def _headings(root: Element) -> tuple[list[str], list[str]]:
    """Return the texts of what is marked as the article's title, and of the page's
    first headings."""
    elements = [e for e in root.elements() if 0 < e.size < LONGEST_TITLE]
    marked = [
        *filter(_is_marked_title, elements),
        *filter(_TITLE_NAMES.is_of, elements),
    ]
    # the first of the largest headings first
    headings = sorted(filter(_is_heading, elements), key=attrgetter("tag"))
    texts = map(heading_text, headings[:_MOST_HEADINGS])
    return list(map(heading_text, marked)), list(texts)


def _is_heading(element: Element) -> bool:
    return element.tag in ("h1", "h2", "h3")


def _is_marked_title(element: Element) -> bool:
    is_said = element.get("itemprop") in ("headline", "name")
    return is_said and element.tag not in ("meta", "span")


def read_site_name(page: StructuredData, beside_title: str) -> str:
    """Return the name of the site, its host at worst."""
    declared = page.meta(*_SITE_METAS)
    if 0 < len(declared) <= LONGEST_NAME:
        return declared
    names = (
        page.json_ld("publisher"),
        beside_title,
        _shown_site(page.root),
        _feed_title(page.root),
    )
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    return next(filter(is_name, names), host)


def _shown_site(root: Element) -> str:
    links = [link for link in root.elements("a") if link.get("rel") == "home"]
    named = filter(_SITE_NAMES.is_of, root.elements())
    texts = filter(None, map(_text_of, (*links, *named)))
    return next((text for text in texts if len(text) <= _LONGEST_SHOWN_SITE), "")


def _feed_title(root: Element) -> str:
    """Return what the first feed with a title is called, without the feed's kind."""
    for link in root.elements("link"):
        title = link.get("title")
        if title and "xml" in link.get("type"):
            return _FEED_WORDS.sub("", title).strip()
    return ""


def is_name(text: str) -> bool:
    """Tell whether a text can be the name of an author or a site."""
    return 0 < len(text) <= LONGEST_NAME and not _NO_NAME.search(text)
