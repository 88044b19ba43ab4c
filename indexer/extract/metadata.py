"""Title, author, site, date and address of a page, from what it says of itself.

Machine-readable words first (JSON-LD, meta elements, microdata), then what a reader
sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from indexer.extract.dom import Element
from indexer.extract.headings import heading_text
from indexer.extract.structured_data import Declared, address_of, declared_by
from indexer.text.dates import date_in_path, first_date, machine_date
from indexer.text.markup import word_set
from indexer.text.robots_directives import Directives, read_directives

_SEPARATOR = re.compile(r"\s+(?:[|·•»«‹›:/~]|::|[-–—])\s+|\s*[|»]\s*|(?<=\S):\s+")
_SEPARATORS = " |·•»«‹›–—:/~-"
_ENDS_PART = re.compile(r"(?:^|[|·•»«‹›:/~–—-])\s*$")
_BEGINS_PART = re.compile(r"\s*(?:$|[|·•»«‹›:/~–—-])")
_NO_NAME = re.compile(
    r"^(?:https?:|@|admin$|administrator$|author$|unknown$|anonymous$|by$)|^\W*$|@.+\.",
    re.I,
)
_BY = re.compile(
    r"^\s*(?:(?:posted|written|published)\s+)?(?:by|von|par|por|di|av|door|作者)\b[\s:：]*",
    re.I,
)
_TITLE_NAMES = word_set(
    """
    entry-title post-title p-name post-full-title article-title posttitle post__title headline
    entry__title blog-post-title
    """
)
_AUTHOR_NAMES = word_set(
    """
    p-author author byline post-author entry-author author-name fn article-author byline-name
    author__name vcard
    """
)
_DATE_NAMES = word_set(
    """
    published entry-date post-date dt-published date post-meta post-info posted-on pubdate post__date
    date-header article-date entry-meta timestamp dateline byline post-info-date publish-date
    post-full-meta-date byline-meta-content posted meta post-full-meta post-header article-meta
    postmetadata
    """
)
_SITE_NAMES = word_set(
    """
    site-title site-name blog-title brand navbar-brand logo site-logo blog-name
    """
)
_LINES = frozenset(
    ["p", "span", "small", "div", "em", "i", "b", "time", "h2", "h3", "h4", "td", "li"]
)
_DATE_METAS = (
    "dc.date.issued", "dcterms.created", "dc.date", "parsely-pub-date", "pubdate", "publish_date", "date",
    "citation_publication_date", "article.published", "sailthru.date",
)  # fmt: skip
LONGEST_TITLE = 300
"""Characters in a title beyond which it is a paragraph in large type."""

LONGEST_NAME = 80
"""Characters in an author's or site's name beyond which it is a sentence."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of itself; empty where it says nothing believable."""

    url: str
    title: str = ""
    author: str = ""
    site: str = ""
    published: date | None = None
    asks: Directives = field(default_factory=Directives)


def read_metadata(root: Element, url: str) -> Metadata:
    """Reads a whole page's tree, as parsed."""
    page = declared_by(root, url)
    title, rest = _title_and_rest(page)
    site = _site(page, rest)
    return Metadata(
        url=address_of(page),
        title=_without_site(title, site),
        author=_author(page),
        site=site,
        published=_published(page),
        asks=read_directives(page.robots),
    )


def _title_and_rest(page: Declared) -> tuple[str, str]:
    """The title, and what the title element says beside it: the site's name as a
    rule."""
    titled = page.root.first("title")
    document = titled.text if titled is not None else ""
    told = page.meta("og:title", "twitter:title", "dc.title") or page.said("headline")
    named, plain = _headings(page.root)
    for texts in ([told, *named], plain):
        parts = [text for text in texts if text and _is_part(text, document)]
        if parts:
            title = max(
                parts,
                key=lambda text: (document.lower().startswith(text.lower()), len(text)),
            )
            return title, _beside(document, title)
    if told:
        return told, _beside(document, told)
    if not document:
        return next(iter([*named, *plain]), ""), ""
    parts = _SEPARATOR.split(document)
    return document, parts[-1] if len(parts) > 1 else ""


def _is_part(text: str, document: str) -> bool:
    """Whether a title is this text and names beside it, parted by a sign."""
    before, found, after = document.lower().partition(text.lower())
    return bool(found and _ENDS_PART.search(before) and _BEGINS_PART.match(after))


def _beside(document: str, title: str) -> str:
    """The last name that stands in the document's title beside the article's."""
    at = document.lower().find(title.lower())
    if at < 0:
        return ""
    rest = f"{document[:at]} | {document[at + len(title) :]}"
    parts = [part.strip(_SEPARATORS) for part in _SEPARATOR.split(rest)]
    return next((part for part in reversed(parts) if part), "")


def _headings(root: Element) -> tuple[list[str], list[str]]:
    """The texts of what is named as the article's title, and of the page's first
    headings."""
    elements = [e for e in root.elements() if 0 < e.size < LONGEST_TITLE]
    named = [
        e
        for e in elements
        if e.attrs.get("itemprop") in ("headline", "name")
        and e.tag not in ("meta", "span")
    ]
    named += [
        e for e in elements if any(name.lower() in _TITLE_NAMES for name in e.names)
    ]
    plain = [e for tag in ("h1", "h2", "h3") for e in elements if e.tag == tag][:30]
    return [heading_text(e) for e in named], [heading_text(e) for e in plain]


def _without_site(title: str, site: str) -> str:
    """The title without the site's name at its end or start."""
    title = " ".join(title.split())
    if site:
        name = re.escape(site)
        title = (
            re.sub(
                rf"\s*[|·•»«:/~–—-]+\s*{name}\s*$|^\s*{name}\s*[|·•»«:/~–—-]+\s*",
                "",
                title,
                flags=re.I,
            )
            or title
        )
    return title


def _site(page: Declared, rest: str) -> str:
    told = page.meta(
        "og:site_name",
        "application-name",
        "apple-mobile-web-app-title",
        "al:ios:app_name",
    )
    if told and len(told) <= LONGEST_NAME:
        return told
    for name in (
        page.said("publisher"),
        rest,
        _shown_site(page.root),
        _feed_title(page.root),
    ):
        if name and len(name) <= LONGEST_NAME and not _NO_NAME.search(name):
            return name
    return (urlsplit(page.url).hostname or "").removeprefix("www.")


def _shown_site(root: Element) -> str:
    named = (
        e.text
        for e in root.elements()
        if any(n.lower() in _SITE_NAMES for n in e.names)
    )
    homes = (
        e.text for e in root.elements() if e.tag == "a" and e.attrs.get("rel") == "home"
    )
    return next((t for t in [*homes, *named] if 0 < len(t) <= 60), "")


def _feed_title(root: Element) -> str:
    for element in root.elements():
        if (
            element.tag == "link"
            and "xml" in element.attrs.get("type", "")
            and element.attrs.get("title")
        ):
            title = re.sub(
                r"\s*(?:»|[-–|:])?\s*\b(?:rss|atom|feed|2\.0|1\.0)\b.*$",
                "",
                element.attrs["title"],
                flags=re.I,
            )
            return title.strip()
    return ""


def _author(page: Declared) -> str:
    written_by = (
        page.meta("twitter:data1")
        if page.meta("twitter:label1").lower() == "written by"
        else ""
    )
    told = (
        page.said("author"),
        page.meta(
            "author",
            "article:author",
            "dc.creator",
            "dcterms.creator",
            "parsely-author",
        ),
        written_by,
    )
    for name in (*told, *_shown_authors(page.root)):
        name = _BY.sub("", name).strip(" ,—–-·|:")
        if name and len(name) <= LONGEST_NAME and not _NO_NAME.search(name):
            return name
    return ""


def _shown_authors(root: Element) -> Iterator[str]:
    elements = list(root.elements())
    for test in (
        lambda e: e.attrs.get("itemprop") == "author",
        lambda e: (
            e.tag in ("a", "span", "link")
            and "author" in e.attrs.get("rel", "").split()
        ),
        lambda e: any(
            n.lower() in _AUTHOR_NAMES for n in e.attrs.get("class", "").split()
        ),
    ):
        for element in (e for e in elements if test(e)):
            inner = next(
                (
                    e
                    for e in element.elements()
                    if e.attrs.get("itemprop") == "name" or "fn" in e.names
                ),
                element,
            )
            text = inner.text
            if (
                0 < len(text) <= LONGEST_NAME
                and (inner is not element or len(text.split()) <= 6)
                and not first_date(text)
            ):
                yield text


def _published(page: Declared) -> date | None:
    """The day of publication: as machines are told, as readers are, as the address
    says."""
    told = (
        page.meta(
            "article:published_time",
            "og:article:published_time",
            "datepublished",
            "og:published_time",
        ),
        page.said("datePublished"),
        page.meta(*_DATE_METAS),
    )
    for text in (*told, *_marked_dates(page.root)):
        found = machine_date(text) or first_date(text)
        if found is not None:
            return found
    return date_in_path(urlsplit(page.url).path) or _shown_date(page.root)


def _marked_dates(root: Element) -> Iterator[str]:
    elements = [
        e
        for e in root.elements()
        if e.tag == "time" or e.attrs.get("itemprop") == "datePublished"
    ]
    marked = [e for e in elements if e.attrs.get("itemprop") == "datePublished" or "pubdate" in e.attrs
              or not {"published", "entry-date", "dt-published"}.isdisjoint(e.names)]  # fmt: skip
    for element in [*marked, *elements[:3]]:
        if (
            element.attrs.get("itemprop") != "dateModified"
            and "updated" not in element.names
        ):
            yield (
                element.attrs.get("datetime")
                or element.attrs.get("content")
                or element.text
            )


def _says_it_itself(element: Element) -> bool:
    return any(isinstance(child, str) and child.strip() for child in element.children)


def _shown_date(root: Element) -> date | None:
    """A date in a box that is named for it, or standing alone beside the article."""
    elements = list(root.elements())
    named = [
        e
        for e in elements
        if any(n.lower() in _DATE_NAMES for n in e.names) and e.size < 300
    ]
    alone = [
        e for e in elements if e.tag in _LINES and e.size < 40 and _says_it_itself(e)
    ]
    for element in [*named[:20], *alone[:200]]:
        found = first_date(element.attrs.get("title", "")) or first_date(element.text)
        if found is not None:
            return found
    return None
