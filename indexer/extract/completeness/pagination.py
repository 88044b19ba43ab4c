"""The next page of an article that its site shows on several.

Reads addresses and names only. A link to the next *post* is none: the address must be
that of the first page and a number, or stand in the box that WordPress and others set
below a part of an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from indexer.extract.body.theme_names import Names
from indexer.extract.dom import Element
from indexer.extract.links import base_address
from indexer.text.urls import is_file, resolve, same_site

# Boxes with the numbers of an article's pages: WordPress (wp_link_pages) and its
# themes, Drupal, news sites.
_PAGE_LINKS = Names(
    """
    page-links pagelink page-link pages-links post-pages post-page-numbers post-page-links entry-pages
    article-pages article-pagination post-pagination-numbers wp-pagenavi-single link-pages nextpage
    article-pager multipage content-pagination single-pagination
    """
)
_NUMBER = re.compile(r"\W*(\d{1,3})\W*")
# Parameters that count an article's pages.
_PARAMETERS = frozenset(
    ["page", "paged", "pg", "seite", "pagina", "start_page", "pageno"]
)
# The end of a path with a page's number: /2, /page/2, /page-2, -2.html, _2.html, ,2.html
_COUNTED = re.compile(
    r"(?P<stem>.*?)(?:/(?:page|seite|pagina)?[-/]?|[-_,](?:page|seite|p)?[-_]?|(?<=/)page)(?P<number>\d{1,3})(?P<ending>\.\w{2,5})?/?",
    re.I,
)
_ENDING = re.compile(r"\.\w{2,5}$")


def next_page(root: Element, url: str, *, first: str = "", number: int = 1) -> str:
    """Return the address of the page that goes on with this one's article, or "".

    ``url`` is the page's own address, ``first`` that of the article's first page where
    it is another, ``number`` (from 1) this page's.
    """
    base = base_address(root, url)
    for link, is_numbered in _candidates(root):
        leads_on = is_numbered and _stated_number(link) == number + 1
        if leads_on and is_file(url):
            return link.get("href")  # of a saved page: nobody will ask there
        address = resolve(base, link.get("href"))
        if address is None or not same_site(address, url):
            continue
        address = address.partition("#")[0]
        if leads_on or _is_page_of(first or url, address, number + 1):
            return address
    return ""


def _candidates(root: Element) -> Iterator[tuple[Element, bool]]:
    """Yield links that may lead on, and whether each stands among page numbers."""
    for box in filter(_PAGE_LINKS.is_of, root.elements()):
        for link in box.elements("a"):
            if _stated_number(link):
                yield link, True
    for link in root.elements("link", "a"):
        if "next" in link.get("rel").lower().split():
            yield link, False


def _stated_number(link: Element) -> int:
    number = _NUMBER.fullmatch(link.text)
    return int(number[1]) if number else 0


def _is_page_of(first: str, address: str, number: int) -> bool:
    """Tell whether an address is that of an article's first page and a number."""
    there, here = urlsplit(address), urlsplit(first)
    if there.path.rstrip("/") == here.path.rstrip("/"):
        added = set(parse_qsl(there.query)) - set(parse_qsl(here.query))
        return any(
            name.lower() in _PARAMETERS and value == str(number)
            for name, value in added
        )
    counted = _COUNTED.fullmatch(there.path)
    if counted is None or counted["number"] != str(number):
        return False
    stem = counted["stem"].rstrip("/")
    return bool(stem) and stem == _ENDING.sub("", here.path).rstrip("/")
