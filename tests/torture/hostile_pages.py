"""Web pages that are made to hold a reader up."""

from __future__ import annotations

from collections.abc import Callable

from indexer.documents.read_page import ExtractedArticle, read, read_copy, read_section
from indexer.extract.links import read_links
from indexer.local.saved_pages import saved_address
from indexer.sources.detect import detect
from indexer.sources.find_feeds import find_feeds
from tests.sites import page, text
from tests.torture.made import URL, Documents, M, Made, attributes, gzipped


def html(inside: str) -> bytes:
    return page("A post", text(1), inside).encode()


def linked_data(data: str) -> bytes:
    return f"<script type=application/ld+json>{data}</script>{text(1)}".encode()


INSIDE: dict[str, Callable[[], str]] = {
    "40,000 attributes": lambda: f"<p {attributes(40_000)}>x",
    "a million attributes": lambda: f"<p {attributes(M)}>x",
    "unclosed tags": lambda: "<b><i><a href=x>" * 350_000,
    "unclosed paragraphs": lambda: "<p>" * M,
    "unclosed links": lambda: "<a href=/1>x" * M,
    "formatting that is adopted": lambda: "<a><b><i><p>" * 100_000,
    "deep nesting": lambda: "<div>" * M,
    "deep nesting with text": lambda: "<div>word " * 500_000,
    "deep nesting of spans": lambda: "<span>word " * 500_000,
    "nested lists": lambda: "<ul><li>word" * 300_000,
    "nested tables": lambda: "<table><tr><td>word" * 200_000,
    "nested quotes": lambda: "<blockquote>word" * 400_000,
    "nested forms and selects": lambda: "<select><option>x<form>" * 300_000,
    "foreign nesting": lambda: "<svg><math><mtext>" * 200_000,
    "colspan": lambda: (
        "<table><tr><td colspan=9007199254740991 rowspan=9007199254740991>x<td>y</table>"
    ),
    "many colspans": lambda: (
        "<table>" + "<tr><td colspan=1000 rowspan=65534>x" * 20_000 + "</table>"
    ),
    "a wide table": lambda: "<table><tr>" + "<td>x" * 500_000 + "</table>",
    "a long table of code": lambda: (
        "<table>" + "<tr><td>1<td><pre>x</pre>" * 100_000 + "</table>"
    ),
    "one long word": lambda: "x" * 10 * M,
    "one long line": lambda: "word " * 2 * M,
    "one long sentence of capitals": lambda: "A. " * 2 * M,
    "breaks": lambda: "<br>" * M,
    "breaks and spaces": lambda: "<br> \u00a0" * M,
    "soft hyphens": lambda: "\u00ad" * 5 * M,
    "dollar signs": lambda: "$$" * 2 * M,
    "open formulas": lambda: "\\[" * M + "\\begin{a}" * 200_000,
    "entities": lambda: "&amp" * M + "&notanentity;" * 100_000,
    "comments": lambda: "<!--" * 2 * M,
    "empty comments": lambda: "<!---->" * M,
    "processing instructions": lambda: "<?" * 2 * M,
    "angle brackets": lambda: "<" * 5 * M,
    "closing tags": lambda: "</p>" * M,
    "a million paragraphs": lambda: "<p>a word here" * M,
    "a million headings": lambda: "<h2 id=a>x</h2>" * M,
    "a million classes": lambda: (
        f"<div class='{' '.join(f'c{n}' for n in range(M))}'>x</div>"
    ),
    "long class names": lambda: f"<div class='{'aB' * M}'>x</div>",
    "long ids": lambda: f"<h2 id='{'a-' * M}'>x</h2>",
    "repeated text": lambda: f"<p>{text(3, 50)}</p>" * 20_000,
    "sidebars": lambda: (
        "<div class=sidebar><div class=comments>x</div></div>" * 100_000
    ),
    "articles": lambda: "<article class='post hentry'><p>word</p></article>" * 100_000,
    "nested articles": lambda: "<article class='post-content'>word" * 100_000,
    "articles and a feed's text": lambda: "<div class=post-content>word " * 50_000,
    "bylines": lambda: "<p class=byline>by </p>" * 200_000,
    "dates": lambda: "<time>1 </time>" * 200_000 + "1 January " * 200_000,
    "footnotes": lambda: "<a href=#x><sup>1</sup></a>" * 200_000,
    "hidden": lambda: "<div style='display:none' hidden>" * 200_000,
    "cut off": lambda: "<p>read more " + "[" * 500_000,
    "signs of remarks": lambda: "<p>" + "reply " * 500_000,
    "labels of tags": lambda: "<p>tags: " + "a " * 150 + "the post " * 30_000,
}
"""What stands in an otherwise innocent page."""


def read_beside(body: bytes, url: str, content: str) -> ExtractedArticle:
    """The page beside what its feed gives of it."""
    return read(body, url, content=content)


def _page(inside: Callable[[], str]) -> Callable[[], Made]:
    return lambda: (read, (html(inside()), URL))


PAGES: Documents = {name: _page(inside) for name, inside in INSIDE.items()} | {
    "long titles": lambda: (
        read,
        (f"<title>{'| ' * 2 * M}</title><h1>{'- ' * M}</h1>{text(1)}".encode(), URL),
    ),
    "titles of spaces": lambda: (
        read,
        (
            f"<title>a{' ' * 2 * M}b</title><meta property=og:title content='a{' ' * M}b'>{text(1)}".encode(),
            URL,
        ),
    ),
    "a site's name in the title": lambda: (
        read,
        (
            f"<meta property=og:site_name content='a'><title>{'| a ' * 500_000}x</title>{text(1)}".encode(),
            URL,
        ),
    ),
    "canonical addresses": lambda: (
        read,
        (b"<link rel=canonical href=x>" * 500_000 + text(1).encode(), URL),
    ),
    "linked data nested deep": lambda: (read, (linked_data("[" * 100_000), URL)),
    "linked data of many": lambda: (
        read,
        (linked_data("[" + ",".join(['{"@type": "Article"}'] * 300_000) + "]"), URL),
    ),
    "linked data of huge numbers": lambda: (read, (linked_data(f"[{'9' * M}]"), URL)),
    "linked data that is no list": lambda: (read, (linked_data('{"@graph": 5}'), URL)),
    "metas": lambda: (
        read,
        (b"<meta name=a content=b>" * 500_000 + text(1).encode(), URL),
    ),
    "charsets": lambda: (
        read,
        (b"<meta " * 3 * M + b"charset=utf-8>" + text(1).encode(), URL),
    ),
    "gzip marks": lambda: (read, (gzipped(300 * M), URL)),
    "gzip marks in text": lambda: (
        read,
        (b"<html><body><p>" + gzipped(300 * M).replace(b"<", b""), URL),
    ),
    "NULs": lambda: (read, (bytes(5 * M) + text(1).encode(), URL)),
    "UTF-16 without an end": lambda: (read, (b"\xff\xfe" + b"\xd8\x00" * M, URL)),
    "UTF-7": lambda: (read, (b"+ADw-script+AD4-" * 100_000, URL)),
    "shift states": lambda: (
        read,
        (b"<meta charset=iso-2022-jp>" + b"\x1b$B\x1b(B" * M, URL),
    ),
    "sections under fragments": lambda: (
        read_section,
        (("<a id=x></a>" * 200_000 + text(1)).encode(), URL + "#x"),
    ),
    "nested sections": lambda: (
        read_section,
        (("<div id=x>word" * 200_000).encode(), URL + "#x"),
    ),
    "numbered sections": lambda: (
        read_section,
        (
            "".join(f"<h2 id=a{n}>x</h2><p>y" for n in range(100_000)).encode(),
            URL + "#a5",
        ),
    ),
    "a player's data": lambda: (
        read,
        (
            b"<script>" + b"ytInitialPlayerResponse = {" * 300_000,
            "https://www.youtube.com/watch?v=x",
        ),
    ),
    "saved pages' marks": lambda: (
        read,
        (b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->" * 300_000, URL),
    ),
    "toolbars without an end": lambda: (
        read_copy,
        (b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->" * 300_000, URL),
    ),
    "saved pages without an end": lambda: (
        saved_address,
        (b"<!-- Page saved with SingleFile " * 100_000,),
    ),
    "long feed content": lambda: (
        read_beside,
        (html("x"), URL, "<b><i>" * 300_000),
    ),
    "escaped feed content": lambda: (
        read_beside,
        (html("x"), URL, "&lt;p&gt;" * M),
    ),
    "open angles in feed content": lambda: (
        read_beside,
        (html("x"), URL, "<a" * 2 * M),
    ),
    "links": lambda: (read_links, (b"<a href=/1>x</a>" * M, URL)),
    "links nested deep": lambda: (
        read_links,
        (b"<div class=a><a href=/1>" * 200_000, URL),
    ),
    "links in one big one": lambda: (
        read_links,
        (b"<ul>" + b"<li><h2><a href=/1 class=x>a" * 200_000, URL),
    ),
    "feeds named": lambda: (
        find_feeds,
        (b"<link rel=alternate type=application/rss+xml href=/x>" * 300_000, URL),
    ),
    "detected markup": lambda: (detect, (b"<" * 20 * M,)),
    "detected roots": lambda: (detect, (b"<rss" * 5 * M,)),
    "detected comments": lambda: (detect, (b"<!--" * 5 * M,)),
    "detected declarations": lambda: (detect, (b"<?a>" * 4 * M,)),
    "detected lists": lambda: (
        detect,
        (b"# x\n" + b"- [a](http://b.example) " * 500_000,),
    ),
}
