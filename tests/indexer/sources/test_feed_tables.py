"""Feeds by the hundred, put together from tables in the spirit of feedparser's own test
feeds: every format, element, namespace, wrong declaration and way to be ill-formed.
None may end but in a feed or in an error of ours; where it is clear what a reader of
feeds should make of one, that is expected."""

from __future__ import annotations

import codecs
import json
from datetime import date

import pytest

from indexer.sources.feed.model import FeedError
from indexer.sources.feeds import parse_feed
from indexer.text.markup import word_set

URL = "https://a.example/feed"
LINK = "https://a.example/1"
DC = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
CONTENT = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
RDF = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
NETSCAPE = f"<rdf:RDF {RDF} xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel>{{about}}</channel>{{item}}</rdf:RDF>"
RSS_1 = (
    f"<rdf:RDF {RDF} xmlns='http://purl.org/rss/1.0/' {DC} {CONTENT}><channel rdf:about='x'>{{about}}"
    "</channel>"
    "{{item}}</rdf:RDF>"
).replace("{{item}}", "{item}")
RSS_090 = f"<rdf:RDF {RDF} xmlns='http://channel.netscape.com/rdf/simple/0.9/'><channel>{{about}}</channel>{{item}}</rdf:RDF>"

# Name of the format → the document, its item, a link in it, and where its title stands.
RSS = {
    "RSS 0.90": RSS_090, "Netscape's": NETSCAPE, "RSS 1.0": RSS_1,
    **{f"RSS {version}": f"<rss version='{version}' {DC} {CONTENT}><channel>{{about}}{{item}}</channel></rss>"
       for version in ("0.91", "0.92", "0.93", "0.94", "2.0", "2.0.11", "3.0", "", "Netscape", "nonsense")},
    "RSS without a version": f"<rss {DC} {CONTENT}><channel>{{about}}{{item}}</channel></rss>",
    "RSS with a document type": "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' "
    "'http://my.netscape.com/publish/formats/rss-0.91.dtd'><rss version='0.91'><channel>{about}{item}"
    "</channel></rss>",
    "RSS 2.0 of the namespace of old": "<rss version='2.0' xmlns='http://backend.userland.com/rss2'>"
    "<channel>{about}{item}</channel></rss>",
}  # fmt: skip
ATOM = {
    "Atom 1.0": "<feed xmlns='http://www.w3.org/2005/Atom'>{about}{item}</feed>",
    "Atom 0.3": "<feed version='0.3' xmlns='http://purl.org/atom/ns#'>{about}{item}</feed>",
    "Atom of a draft": "<feed xmlns='http://purl.org/net/rss1.1/drafts/ietf-atompub-format-08'>{about}{item}</feed>",
    "Atom without a namespace": "<feed>{about}{item}</feed>",
    "Atom under a prefix": "<a:feed xmlns:a='http://www.w3.org/2005/Atom'>{about}{item}</a:feed>",
}  # fmt: skip


def rss(inside: str, shape: str = RSS["RSS 2.0"]) -> str:
    return shape.format(
        about="<title>T</title><link>https://a.example/</link>",
        item=f"<item>{inside}</item>",
    )


def atom(inside: str, shape: str = ATOM["Atom 1.0"]) -> str:
    made = shape.format(about="<title>T</title>", item=f"<entry>{inside}</entry>")
    if "<a:feed" in shape:
        for name in ("title", "entry", "link", "id", "updated", "content"):
            made = made.replace(f"<{name}", f"<a:{name}").replace(
                f"</{name}", f"</a:{name}"
            )
    return made


def only(document: str | bytes, **more: str):
    body = document if isinstance(document, bytes) else document.encode()
    items = parse_feed(body, URL, **more).items
    assert len(items) == 1
    return items[0]


@pytest.mark.parametrize("shape", RSS)
def test_every_rss(shape):
    item = only(
        rss(
            "<title>A &amp; b</title><link>/1</link><description>w</description>",
            RSS[shape],
        )
    )
    assert (item.title, item.url, item.content) == ("A & b", LINK, "w")


@pytest.mark.parametrize("shape", ATOM)
def test_every_atom(shape):
    inside = "<title>A &amp; b</title><link href='/1'/><id>u</id><updated>2024-01-02T03:04:05Z</updated>"
    item = only(atom(inside, ATOM[shape]))
    assert (item.title, item.url, item.day) == ("A & b", LINK, date(2024, 1, 2))


ADDRESSES = {
    "<link>https://a.example/1</link>": LINK,
    "<link>/1</link>": LINK,
    "<link>\n  https://a.example/1\n</link>": LINK,
    "<link><![CDATA[https://a.example/1]]></link>": LINK,
    "<link>https://a.example/1?a=1&amp;b=2</link>": LINK + "?a=1&b=2",
    "<link>HTTPS://A.EXAMPLE/1</link>": LINK,
    "<link>//a.example/1</link>": LINK,
    "<link>1</link>": LINK,
    "<link>./1</link>": LINK,
    "<link>../../1</link>": LINK,
    "<guid>https://a.example/1</guid>": LINK,
    "<guid isPermaLink='true'>https://a.example/1</guid>": LINK,
    "<link/><guid isPermaLink='false'>x</guid><link>/1</link>": LINK,
    "<link>/1</link><guid isPermaLink='false'>https://b.example/9</guid>": LINK,
    "<enclosure url='https://a.example/1' type='audio/mpeg' length='1'/>": LINK,
    "<link>javascript:alert(1)</link>": None,
    "<link>data:text/html,x</link>": None,
    "<link>mailto:a@b.example</link>": None,
    "<link>#top</link>": None,
    "<link>http://</link>": None,
    "<link>http://[::1</link>": None,
    "<link>http://a.example:99999/</link>": None,
    "<guid>x</guid>": None,
    "<guid isPermaLink='maybe'>urn:x</guid>": None,
    "": None,
}


@pytest.mark.parametrize("inside", ADDRESSES)
def test_every_address(inside):
    feed = parse_feed(rss(f"<title>a</title>{inside}").encode(), URL)
    wanted = ADDRESSES[inside]
    assert [item.url for item in feed.items] == ([wanted] if wanted else [])
    assert feed.without_address == (0 if wanted else 1)


BASES = {
    ("", "/1"): LINK,
    ("xml:base='https://b.example/x/'", "1"): "https://b.example/x/1",
    ("xml:base='/x/'", "1"): "https://a.example/x/1",
    ("xml:base='//b.example'", "/1"): "https://b.example/1",
    ("xml:base=''", "/1"): LINK,
    ("xml:base='javascript:x'", "https://a.example/1"): LINK,
}


@pytest.mark.parametrize(("base", "href"), BASES)
def test_every_base(base, href):
    inside = f"<title>a</title><link href='{href}'/>"
    document = ATOM["Atom 1.0"].replace("<feed ", f"<feed {base} ")
    assert only(atom(inside, document)).url == BASES[base, href]


DATES = {
    "Mon, 06 May 2024 07:08:09 GMT": "2024-05-06", "Mon, 06 May 2024 07:08:09 +0000": "2024-05-06",
    "6 May 2024 07:08:09 EST": "2024-05-06", "06 May 24 07:08 GMT": "2024-05-06",
    "Mon May  6 07:08:09 2024": "2024-05-06", "2024-05-06": "2024-05-06", "20240506": "2024-05-06",
    "2024-05-06T07:08:09Z": "2024-05-06", "2024-05-06T07:08:09.123+02:00": "2024-05-06",
    "2024-05-06 07:08:09": "2024-05-06", "Mon, 06 May 2024 07:08:60 GMT": "2024-05-06",
    "6. Mai 2024": "2024-05-06", "Monday, 06-May-24 07:08:09 GMT": None, "2024年5月6日": None,
    "2024-127": None, "2024-05": None, "2024": None, "Mon, 32 May 2024 07:08:09 GMT": None,
    "Mon, 06 Foo 2024 07:08:09 GMT": None, "0000-00-00T00:00:00Z": None, "0001-01-01T00:00:00Z": None,
    "1969-12-31T23:59:59Z": None, "9999-12-31T23:59:59Z": None, "yesterday": None, "": None, "-1": None,
    "1e309": None, "٢٠٢٤-٠٥-٠٦": None, "2024-05-06T99:99:99Z": None, "Mon, 06 May 2024 07:08:09 +9999": None,
    "Mon, 06 May 99999999999999999999 GMT": None, "&lt;b&gt;2024-05-06&lt;/b&gt;": None,
    "2024-05-06T07:08:09+00:00:00:00": None,
}  # fmt: skip
DATED = (
    "pubDate",
    "dc:date",
    "published",
    "updated",
    "created",
    "modified",
    "issued",
    "expirationDate",
)


@pytest.mark.parametrize("written", DATES)
def test_every_date_is_a_day_or_none(written):
    item = only(rss(f"<title>a</title><link>/1</link><pubDate>{written}</pubDate>"))
    wanted = DATES[written]
    if wanted:
        assert str(item.day) == wanted
    else:
        assert item.day is None or 1970 <= item.day.year <= date.today().year + 1
    for element in DATED:
        for document in (rss, atom):
            parse_feed(
                document(f"<title>a</title><{element}>{written}</{element}>").encode(),
                URL,
            )


ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "iso-8859-1",
    "iso-8859-15",
    "windows-1252",
]
DECLARED = ["", "utf-8", "UTF8", "utf-16", "iso-8859-1", "us-ascii", "windows-1252", "x-nonsense", "punycode",
            "utf-7",
            "unicode_escape", "hex", "zlib", "rot13", "base64", "idna", "\x00", "a" * 500]  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("declared", DECLARED)
def test_every_encoding_declared_wrongly(encoding, declared):
    """UTF-8 and what a mark or zeros tell is read whatever is declared; no other text
    becomes an error."""
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    body = (head + rss("<title>Café</title><link>/1</link>")).encode(encoding)
    for charset in ("", declared, "iso-8859-2"):
        item = only(body, charset=charset)
        assert item.url == LINK
        assert item.title.startswith("Caf")
        if encoding.startswith("utf"):
            assert item.title == "Café"


BROKEN = {
    "an ampersand": lambda d: d.replace("<title>a", "<title>a & b &nosuch; &"),
    "an angle": lambda d: d.replace("<title>a", "<title>a < b"),
    "a missing end": lambda d: d[: d.rindex("</", 0, d.rindex("</"))],
    "a missing end of an element": lambda d: d.replace("</title>", "", 1),
    "ends in the wrong order": lambda d: d.replace("</title>", "<b><i></b></i></title>"),
    "capitals": lambda d: d.replace("item>", "ITEM>").replace("title>", "Title>"),
    "an attribute without quotes": lambda d: d.replace("<item>", "<item a=b c>"),
    "an attribute twice": lambda d: d.replace("<item>", "<item a='1' a='2'>"),
    "an unknown prefix": lambda d: d.replace("<title>", "<x:y>z</x:y><title>"),
    "a prefix for everything": lambda d: d.replace("<item>", "<x:item>").replace("</item>", "</x:item>"),
    "a second declaration": lambda d: f"<?xml version='1.0'?>\n<?xml version='1.0'?>{d}",
    "a declaration behind a blank": lambda d: f"\n\n <?xml version='1.0'?>{d}",
    "warnings before": lambda d: f"<br />\n<b>Warning</b>: mysql_connect() in <b>/x</b><br />\n{d}",
    "a page behind": lambda d: f"{d}<!-- cached --><script>x</script>",
    "two roots": lambda d: d + d,
    "a comment in a comment": lambda d: d.replace("<item>", "<!-- a -- b --><!-- <!-- --><item>"),
    "an open comment": lambda d: d.replace("<item>", "<!-- <item>"),
    "open CDATA": lambda d: d.replace("<title>a", "<title><![CDATA[a"),
    "CDATA in CDATA": lambda d: d.replace("<title>a", "<title><![CDATA[a <![CDATA[b]]> ]]>"),
    "an end of CDATA": lambda d: d.replace("<title>a", "<title>a ]]> b"),
    "controls": lambda d: d.replace("<title>a", "<title>a\x00\x01\x08\x0b\x1b[31m\x7f"),
    "references to nothing": lambda d: d.replace("<title>a", "<title>a&#0;&#xD800;&#x110000;&#99999999999;"),
    "surrogates": lambda d: d.replace("<title>a", "<title>a\ud800"),
    "no characters": lambda d: d.replace("<title>a", "<title>a\ufffe\uffff"),
    "an entity of HTML": lambda d: d.replace("<title>a", "<title>a&nbsp;&eacute;&hellip;"),
    "an entity of its own": lambda d: "<!DOCTYPE x [<!ENTITY e 'b'>]>" + d.replace("<title>a", "<title>a&e;"),
    "an open document type": lambda d: f"<!DOCTYPE x [{d}",
    "an instruction": lambda d: d.replace("<item>", "<?php echo 1 ?><item>"),
    "an open instruction": lambda d: d.replace("<item>", "<?php <item>"),
    "no namespace": lambda d: d.replace("xmlns", "xmlnz"),
    "an empty namespace": lambda d: d.replace("xmlns='http://www.w3.org/2005/Atom'", "xmlns=''"),
    "a namespace of another": lambda d: d.replace("http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"),
    "a namespace that is none": lambda d: d.replace("http://www.w3.org/2005/Atom", "\\http:\x85"),
    "a long prefix": lambda d: d.replace("<item>", f"<{'x' * 5000}:y/><item>"),
    "items in items": lambda d: d.replace("<title>", "<item><entry><title>"),
    "an item in the title": lambda d: d.replace("<title>a", "<title><item>a</item>"),
    "HTML around it": lambda d: f"<html><body>{d}</body></html>",
    "a text around it": lambda d: f"Look: {d} – so it is.",
    "escaped as a whole": lambda d: d.replace("<", "&lt;"),
    "cut in the middle": lambda d: d[: len(d) // 2],
    "cut in a tag": lambda d: d[: d.index("</item") + 3] if "</item" in d else d[:-3],
    "cut in the root": lambda d: d[:4],
    "nothing": lambda d: "",
    "blanks": lambda d: " \n\t ",
    "a mark alone": lambda d: "\ufeff",
}  # fmt: skip
READ = {"an ampersand", "an attribute without quotes", "an attribute twice", "an unknown prefix",
        "warnings before",
        "a declaration behind a blank", "a page behind", "controls", "references to nothing", "surrogates",
        "no characters", "an entity of HTML", "an instruction", "no namespace", "a missing end",
        "an end of CDATA", "ends in the wrong order"}  # fmt: skip


@pytest.mark.parametrize("way", BROKEN)
@pytest.mark.parametrize("shape", [*RSS, *ATOM])
def test_every_way_to_be_broken(way, shape):
    """Ill-formed feeds are read as far as they go, or refused with a sentence."""
    rest = "<link>/1</link>" if shape in RSS else "<link href='/1'/>"
    whole = (
        rss(f"<title>a</title>{rest}", RSS[shape])
        if shape in RSS
        else atom(f"<title>a</title>{rest}", ATOM[shape])
    )
    body = BROKEN[way](whole).encode("utf-8", "surrogatepass")
    try:
        feed = parse_feed(body, URL)
    except FeedError as error:
        refused = str(error)
        assert (way not in READ or shape != "RSS 2.0") and len(refused) < 300, refused  # noqa: PT018
        return
    if way in READ and shape == "RSS 2.0":
        assert [item.url for item in feed.items] == [LINK]
        assert feed.items[0].title.startswith("a")


ELEMENTS = word_set(
    """
    title link guid description author category comments enclosure pubDate source dc:title dc:creator
    dc:subject
    dc:description dc:publisher dc:contributor dc:date dc:type dc:format dc:identifier dc:source dc:language
    dc:relation dc:coverage dc:rights content:encoded content:items media:content media:title
    media:description media:group media:thumbnail media:credit media:keywords media:player itunes:author
    itunes:subtitle itunes:summary itunes:duration itunes:image itunes:keywords itunes:explicit itunes:owner
    slash:comments wfw:commentRss feedburner:origLink georss:point gml:Point geo:lat geo:long
    creativeCommons:license cc:license admin:errorReportsTo sy:updatePeriod l:link foaf:Person trackback:ping
    xhtml:body body fullitem xhtml:div podcast:person podlove:simpleChapters psc:chapter thr:in-reply-to
    atom:link atom:updated atom:author summary content id published updated issued modified created
    contributor rights copyright tagline info generator logo icon image cloud ttl skipHours skipDays rating
    docs managingEditor webMaster language
    """
)
PREFIXES = " ".join(
    f"xmlns:{prefix}='{uri}'"
    for prefix, uri in {
        "dc": "http://purl.org/dc/elements/1.1/", "content": "http://purl.org/rss/1.0/modules/content/",
        "media": "http://search.yahoo.com/mrss/", "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "slash": "http://purl.org/rss/1.0/modules/slash/", "wfw": "http://wellformedweb.org/CommentAPI/",
        "feedburner": "http://rssnamespace.org/feedburner/ext/1.0", "georss": "http://www.georss.org/georss",
        "gml": "http://www.opengis.net/gml", "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
        "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule", "cc": "http://web.resource.org/cc/",
        "admin": "http://webns.net/mvcb/", "sy": "http://purl.org/rss/1.0/modules/syndication/",
        "l": "http://purl.org/rss/1.0/modules/link/", "foaf": "http://xmlns.com/foaf/0.1/",
        "trackback": "http://madskills.com/public/xml/rss/module/trackback/", "xhtml": "http://www.w3.org/1999/xhtml",
        "podcast": "https://podcastindex.org/namespace/1.0", "psc": "http://podlove.org/simple-chapters",
        "podlove": "http://podlove.org/simple-chapters", "thr": "http://purl.org/syndication/thread/1.0",
        "atom": "http://www.w3.org/2005/Atom",
    }.items()
)  # fmt: skip
INSIDES = (
    "", "x", " ", "&lt;b&gt;x&lt;/b&gt;", "<![CDATA[<p>x]]>", "<b>x</b>", "https://a.example/9",
    "99999999999999999999",
    "a@b.example (A)", "&#x202e;x", "<title>y</title><link>/9</link><name>n</name><url>javascript:1</url>",
)  # fmt: skip
ATTRIBUTES = (
    "",
    " type='xhtml' mode='base64' xml:lang='x' href='/9' url='/9' rel='alternate' domain='d' scheme='s'",
    " length='-1' type='html' duration='x' lat='NaN' rdf:resource='http://a.example/9' isPermaLink='x'",
)


@pytest.mark.parametrize("element", sorted(ELEMENTS))
def test_every_element_with_every_inside(element):
    """Whatever stands in it, the item beside it is read."""
    for attributes in ATTRIBUTES:
        for inside in INSIDES:
            odd = f"<{element}{attributes}>{inside}</{element}>"
            shape = f"<rss version='2.0' {PREFIXES} {RDF}><channel>{odd}<title>T</title>{{item}}</channel></rss>"
            items = (
                "<item><title>a</title><link>/1</link></item>"
                f"<item>{odd}<title>b</title><link>/2</link></item>"
            )
            feed = parse_feed(shape.format(item=items).encode(), URL)
            assert feed.items[0].title == "a"
            assert feed.items[0].url == LINK


FIELDS = word_set(
    """
    id url external_url title content_html content_text summary image date_published date_modified author
    authors tags language attachments
    """
)
VALUES = [
    None,
    0,
    -1,
    1e308,
    True,
    "",
    "x",
    [],
    {},
    [None],
    [[]],
    {"a": {}},
    "https://a.example/9",
    10**400,
    "\ud800",
]


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_field_of_a_json_feed_with_every_value(field):
    for value in VALUES:
        items = [
            {"id": "1", "url": "/1", "title": "a"},
            {"id": "2", "url": "/2"} | {field: value},
        ]
        for about in (
            {},
            {field: value},
            {"version": value, "home_page_url": value, "next_url": value},
        ):
            feed = parse_feed(json.dumps(about | {"items": items}).encode(), URL)
            assert (feed.items[0].title, feed.items[0].url) == ("a", LINK)


@pytest.mark.parametrize(
    "mark",
    [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE],
)
@pytest.mark.parametrize(
    "rest",
    [b"", b"\x00", b"<rss>", b"{", b"[]", b"\x1f\x8b", b"PK\x03\x04", b"<!DOCTYPE"],
)
def test_marks_before_little_or_nothing(mark, rest):
    with pytest.raises(FeedError):
        parse_feed(mark + rest, URL)
