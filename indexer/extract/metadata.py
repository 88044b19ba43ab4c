"""Title, author, site, date and address of a page.

Believes what the page says to machines first, then what a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, filterfalse, islice
from urllib.parse import urlsplit

from indexer.extract.body.theme_names import Names
from indexer.extract.dom import Element
from indexer.extract.page_title import (
    LONGEST_NAME,
    is_name,
    read_site_name,
    read_title,
)
from indexer.extract.structured_data import (
    StructuredData,
    canonical_address,
    read_structured_data,
)
from indexer.text.dates import date_in_path, first_date, machine_date
from indexer.text.markup import word_set
from indexer.text.robots_directives import Directives, read_directives

# What stands before the name in a byline.
_BY = re.compile(
    r"^\s*(?:(?:posted|written|published)\s+)?(?:by|von|par|por|di|av|door|作者)\b[\s:：]*",
    re.I,
)
# Classes of what is a name, of microformats (h-card, hAtom) and themes.
_AUTHOR_CLASSES = word_set(
    """
    p-author author byline post-author entry-author author-name fn article-author byline-name
    author__name vcard
    """
)
# Names of boxes with a date in them, often beside other facts.
_DATE_NAMES = Names(
    """
    published entry-date post-date dt-published date post-meta post-info posted-on pubdate post__date
    date-header article-date entry-meta timestamp dateline byline post-info-date publish-date
    post-full-meta-date byline-meta-content posted meta post-full-meta post-header article-meta
    postmetadata
    """
)
# Elements that a date may have for itself.
_LINES = frozenset(
    ["p", "span", "small", "div", "em", "i", "b", "time", "h2", "h3", "h4", "td", "li"]
)
# Names of meta elements: HTML, Open Graph, Dublin Core, Parse.ly.
_AUTHOR_METAS = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
)
# Open Graph names the day of an article so, and themes after it.
_DATE_METAS = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "og:published_time",
)
# Asked after JSON-LD.
_OTHER_DATE_METAS = (
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "parsely-pub-date",
    "pubdate",
    "publish_date",
    "date",
    "citation_publication_date",
    "article.published",
    "sailthru.date",
)
# Classes of the day of publication, where a page has that of a change too.
_PUBLISHED_NAMES = frozenset(["published", "entry-date", "dt-published"])
_MOST_AUTHOR_WORDS = 6  # in a box that may have more than the name
# Dates are looked for in so many boxes of at most so many characters: those named for
# a date, those with a line of their own, and time elements.
_LARGEST_DATED, _MOST_DATED = 300, 20
_LARGEST_LINE, _MOST_LINES = 40, 200
_MOST_TIMES = 3


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of a page; empty where it says nothing believable."""

    url: str
    title: str = ""
    author: str = ""
    site: str = ""
    published: date | None = None
    asks: Directives = field(default_factory=Directives)


def read_metadata(root: Element, url: str) -> Metadata:
    """Read the tree of a whole page, as parsed."""
    page = read_structured_data(root, url)
    title = read_title(page)
    site = read_site_name(page, title.beside)
    return Metadata(
        url=canonical_address(page),
        title=title.without(site),
        author=_author(page),
        site=site,
        published=_published(page),
        asks=read_directives(page.robots),
    )


def _author(page: StructuredData) -> str:
    names = [page.json_ld("author"), page.meta(*_AUTHOR_METAS)]
    if page.meta("twitter:label1").lower() == "written by":
        names.append(page.meta("twitter:data1"))
    texts = chain(names, _shown_authors(page.root))
    return next(filter(is_name, map(_without_by, texts)), "")


def _without_by(text: str) -> str:
    return _BY.sub("", text).strip(" ,—–-·|:")


def _shown_authors(root: Element) -> Iterator[str]:
    elements = list(root.elements())
    for is_author in (_has_author_property, _has_author_link, _has_author_class):
        for text in map(_author_in, filter(is_author, elements)):
            if 0 < len(text) <= LONGEST_NAME and not first_date(text):
                yield text


def _has_author_property(element: Element) -> bool:
    return element.get("itemprop") == "author"


def _has_author_link(element: Element) -> bool:
    is_link = element.tag in ("a", "span", "link")
    return is_link and "author" in element.get("rel").split()


def _has_author_class(element: Element) -> bool:
    return not _AUTHOR_CLASSES.isdisjoint(element.get("class").lower().split())


def _author_in(element: Element) -> str:
    """Return the name marked inside an element, or its text where that is short."""
    marked = next(filter(_is_marked_name, element.elements()), element)
    text = marked.text
    if marked is element and len(text.split()) > _MOST_AUTHOR_WORDS:
        return ""
    return text


def _is_marked_name(element: Element) -> bool:
    return element.get("itemprop") == "name" or "fn" in element.names


def _published(page: StructuredData) -> date | None:
    """Return the day of publication: first as machines read it, then from the address,
    then as readers see it."""
    declared = (
        page.meta(*_DATE_METAS),
        page.json_ld("datePublished"),
        page.meta(*_OTHER_DATE_METAS),
    )
    for text in (*declared, *_marked_dates(page.root)):
        found = machine_date(text) or first_date(text)
        if found:
            return found
    return date_in_path(urlsplit(page.url).path) or _shown_date(page.root)


def _marked_dates(root: Element) -> Iterator[str]:
    dated = list(filter(_is_date_element, root.elements()))
    published = list(filter(_is_date_of_publication, dated))
    for element in filterfalse(_is_updated, (*published, *dated[:_MOST_TIMES])):
        yield element.get("datetime") or element.get("content") or element.text


def _is_date_element(element: Element) -> bool:
    return element.tag == "time" or element.get("itemprop") == "datePublished"


def _is_date_of_publication(element: Element) -> bool:
    signs = (
        element.get("itemprop") == "datePublished",
        "pubdate" in element.attrs,
        not _PUBLISHED_NAMES.isdisjoint(element.names),
    )
    return any(signs)


def _is_updated(element: Element) -> bool:
    return element.get("itemprop") == "dateModified" or "updated" in element.names


def _shown_date(root: Element) -> date | None:
    """Return a date in a box that is named for it, or alone beside the article."""
    small = [element for element in root.elements() if element.size < _LARGEST_DATED]
    named = islice(filter(_DATE_NAMES.is_of, small), _MOST_DATED)
    lines = islice(filter(_is_line, small), _MOST_LINES)
    texts = ((element.get("title"), element.text) for element in chain(named, lines))
    days = map(first_date, chain.from_iterable(texts))
    return next(filter(None, days), None)


def _is_line(element: Element) -> bool:
    """Tell whether a small element has text of its own."""
    is_small = element.tag in _LINES and element.size < _LARGEST_LINE
    return is_small and any(map(str.strip, element.own_texts))
