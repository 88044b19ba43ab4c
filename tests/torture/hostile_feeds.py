"""Feeds, lists of feeds and sitemaps that are made to hold a reader up."""

from __future__ import annotations

import json

from indexer.backfill.paged_feeds import parse_posts
from indexer.backfill.sitemaps import parse_sitemap
from indexer.sources.feeds import parse_feed
from indexer.sources.opml import parse_opml
from tests.torture.made import URL, Documents, M, attributes, gzipped

RSS = "<rss version='2.0'><channel><title>t</title><link>http://a.example/</link>{}</channel></rss>"
ITEM = "<item><title>a</title><link>http://a.example/1</link>{}</item>"
MONTHS = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]


def rss(inside: str) -> bytes:
    return RSS.format(ITEM.format(inside)).encode()


def many_items(count: int, *, newest_first: bool = True) -> bytes:
    """A feed of so many items, one a minute, which are numbered from 1 on in the order
    of time."""
    numbers = range(count, 0, -1) if newest_first else range(1, count + 1)
    return RSS.format(
        "".join(
            f"<item><title>{n}</title><link>/{n}</link><pubDate>Mon, {n // 1440 % 28 + 1} "
            f"{MONTHS[n // 40320 % 12]} {2001 + n // 483840} {n // 60 % 24:02}:{n % 60:02}:00 GMT</pubDate>"
            "</item>"
            for n in numbers
        )
    ).encode()


def entities(kinds: int, each: int) -> bytes:
    """Billion laughs: entities of entities."""
    names = [
        "<!ENTITY a0 'ha'>",
        *(f"<!ENTITY a{n} '{f'&a{n - 1};' * each}'>" for n in range(1, kinds)),
    ]
    body = rss(f"<description>&a{kinds - 1};</description>").decode()
    return f"<?xml version='1.0'?><!DOCTYPE rss [{''.join(names)}]>{body}".encode()


def quadratic() -> bytes:
    """One long entity many times."""
    body = rss(f"<description>{'&a;' * 50_000}</description>").decode()
    return f"<!DOCTYPE rss [<!ENTITY a '{'a' * 50_000}'>]>{body}".encode()


FEEDS: Documents = {
    "a million categories": lambda: (
        parse_feed,
        (rss("<category>x</category>" * 900_000), URL),
    ),
    "a million empty categories": lambda: (parse_feed, (rss("<category/>" * M), URL)),
    "escaped comments": lambda: (
        parse_feed,
        (rss(f"<description>{'&lt;!--' * 350_000}</description>"), URL),
    ),
    "escaped declarations": lambda: (
        parse_feed,
        (rss(f"<description>{'&lt;![' * 350_000}</description>"), URL),
    ),
    "escaped open tags": lambda: (
        parse_feed,
        (rss(f"<description>{'&lt;a ' * M}</description>"), URL),
    ),
    "comments in CDATA": lambda: (
        parse_feed,
        (rss(f"<description><![CDATA[{'<!--' * 350_000}]]></description>"), URL),
    ),
    "200,000 items": lambda: (parse_feed, (many_items(200_000), URL)),
    "200,000 items that are broken": lambda: (
        parse_feed,
        (
            many_items(200_000).replace(b"</title><link>", b"&nosuch;</title><link>"),
            URL,
        ),
    ),
    "200,000 items of JSON": lambda: (
        parse_feed,
        (
            json.dumps(
                {
                    "items": [
                        {
                            "url": f"/{n}",
                            "title": "a",
                            "date_published": f"2024-01-01T00:00:{n % 60:02}Z",
                        }
                        for n in range(200_000)
                    ]
                }
            ).encode(),
            URL,
        ),
    ),
    "unclosed items": lambda: (
        parse_feed,
        (RSS.format("<item><title>a" * M).encode(), URL),
    ),
    "deep nesting": lambda: (parse_feed, (rss("<a>" * M), URL)),
    "deep nesting, closed": lambda: (
        parse_feed,
        (rss("<a>" * 500_000 + "</a>" * 500_000), URL),
    ),
    "deep XHTML": lambda: (
        parse_feed,
        (
            (
                "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>"
                + "<div>" * M
            ).encode(),
            URL,
        ),
    ),
    "40,000 attributes": lambda: (parse_feed, (rss(f"<a {attributes(40_000)}/>"), URL)),
    "100,000 namespaces": lambda: (
        parse_feed,
        (rss("".join(f"<a xmlns:n{n}='u{n}'>" for n in range(100_000))), URL),
    ),
    "billion laughs": lambda: (parse_feed, (entities(30, 10), URL)),
    "quadratic blowup": lambda: (parse_feed, (quadratic(), URL)),
    "parameter entities": lambda: (
        parse_feed,
        (
            b"<!DOCTYPE r [<!ENTITY % a '<!ENTITY b \"c\">'>%a;%a;]>"
            + rss("<description>&b;</description>"),
            URL,
        ),
    ),
    "ampersands": lambda: (
        parse_feed,
        (rss(f"<description>{'&' * 2 * M}</description>"), URL),
    ),
    "character references": lambda: (
        parse_feed,
        (rss(f"<description>{'&#1;' * M}</description>"), URL),
    ),
    "angle brackets": lambda: (parse_feed, (rss("<" * 2 * M), URL)),
    "an endless title": lambda: (
        parse_feed,
        (rss(f"<title>{'</b' * M}</title><author>{'(' * M}</author>"), URL),
    ),
    "endless authors": lambda: (
        parse_feed,
        (
            rss(
                f"<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>{'a@' * 500_000}</dc:creator>"
            ),
            URL,
        ),
    ),
    "endless dates": lambda: (
        parse_feed,
        (rss(f"<pubDate>{'1' * 2 * M}</pubDate>"), URL),
    ),
    "dates of blanks": lambda: (
        parse_feed,
        (rss(f"<pubDate>{'Mon, ' * 400_000}</pubDate>"), URL),
    ),
    "endless addresses": lambda: (
        parse_feed,
        (rss(f"<guid>http://a.example/{'../' * 500_000}%%%</guid>"), URL),
    ),
    "unclosed descriptions": lambda: (
        parse_feed,
        (rss("<description>" * 500_000), URL),
    ),
    "declarations before the root": lambda: (
        parse_feed,
        (b"<?xml " * 500_000 + rss(""), URL),
    ),
    "gzip marks": lambda: (parse_feed, (gzipped(300 * M), URL)),
    "deep JSON": lambda: (
        parse_feed,
        (b'{"items": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", URL),
    ),
    "huge numbers in JSON": lambda: (
        parse_feed,
        (b'{"items": [{"id": ' + b"9" * 5 * M + b', "url": "/1"}]}', URL),
    ),
    "lone surrogates in JSON": lambda: (
        parse_feed,
        (
            b'{"title": "\\ud8", "items": [{"url": "/", "title": "\\udfff\\u0000", "summary": "\\ud8f"}]}',
            URL,
        ),
    ),
    "blank paragraphs in JSON": lambda: (
        parse_feed,
        (
            json.dumps(
                {"items": [{"url": "/1", "content_text": "\n " * 2 * M + "x"}]}
            ).encode(),
            URL,
        ),
    ),
    "OPML nested a million deep": lambda: (
        parse_opml,
        (b"<opml><body>" + b"<outline text='a'>" * M,),
    ),
    "OPML of 40,000 attributes": lambda: (
        parse_opml,
        (f"<opml><outline {attributes(40_000)}/></opml>".encode(),),
    ),
    "OPML of 200,000 feeds": lambda: (
        parse_opml,
        (
            (
                "<opml><body>"
                + "".join(
                    f"<outline xmlUrl='http://a{n}.example/'/>" for n in range(200_000)
                )
                + "</body></opml>"
            ).encode(),
        ),
    ),
    "a sitemap of a million places": lambda: (
        parse_sitemap,
        (
            b"<urlset>"
            + b"<url><loc>http://a.example/1</loc></url>" * 500_000
            + b"</urlset>",
            URL,
        ),
    ),
    "a sitemap of unclosed places": lambda: (
        parse_sitemap,
        (b"<urlset>" + b"<loc" * 5 * M, URL),
    ),
    "a sitemap of spaces": lambda: (
        parse_sitemap,
        (b"<urlset><loc>" + b" " * 20 * M, URL),
    ),
    "a sitemap of open CDATA": lambda: (
        parse_sitemap,
        (b"<urlset>" + b"<loc><![CDATA[" * M, URL),
    ),
    "a gzipped sitemap of 300 MB": lambda: (parse_sitemap, (gzipped(300 * M), URL)),
    "WordPress' list of deep JSON": lambda: (parse_posts, (b"[" * 100_000, "a")),
    "WordPress' list of a million posts": lambda: (
        parse_posts,
        (b"[" + b",".join([b'{"link": "http://a.example/1"}'] * 600_000) + b"]", "a"),
    ),
}
