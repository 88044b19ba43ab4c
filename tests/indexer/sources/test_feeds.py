"""Feeds: every format, every trap that was met in a real one, and no way out of the
bytes given."""

from __future__ import annotations

import html
import pickle
import re
import sys
import types
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.sources import feeds
from indexer.sources.feed.model import Feed, FeedError
from indexer.sources.feed.text import plain_title
from indexer.sources.feeds import parse_feed
from tests.torture.scale import rounds

DATA = Path(__file__).parents[2] / "data" / "feeds"
SHARED = Path(__file__).parents[4] / "shared"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def parsed(
    name: str, url: str = "https://served.example/feeds/x.xml", **rest: str
) -> Feed:
    return parse_feed((DATA / name).read_bytes(), url, now=NOW, **rest)


def of_item(inside: str, channel: str = "") -> Feed:
    body = f'<rss version="2.0"><channel>{channel}<item><link>http://a.example/1</link>{inside}</item></channel></rss>'
    return parse_feed(body.encode(), "http://a.example/feed", now=NOW)


# --- formats ---


def test_rss_2():
    feed = parsed("rss20.xml", "https://kiln.example/rss.xml")
    assert (feed.title, feed.url, feed.language) == (
        "Kiln & Code",
        "https://kiln.example/",
        "en-gb",
    )
    assert feed.self_url == "https://kiln.example/rss.xml"
    assert feed.next_url == "https://kiln.example/rss.xml?page=2"
    assert feed.prev_archive == "https://kiln.example/archive/3.xml"
    assert feed.complete
    first = feed.items[0]
    assert first.url == "https://kiln.example/original/glaze"
    assert first.title == "Glazing slowly, Lil’Log style & more"
    assert first.author == "Mira Holm"
    assert first.published == datetime(2024, 1, 1, 4, 30, tzinfo=UTC)
    assert first.day == date(2023, 12, 31)
    assert first.summary == "Short."


def test_the_fullest_text_comes_out_letter_by_letter():
    """Neither maths nor code nor MathML may be lost on the way to the extractor."""
    assert parsed("rss20.xml").items[0].content == (
        "<p>Let $$a < b \\\\ c$$ be.</p><pre>if x &lt; 3:\n    pass</pre>"
        "<math><mi>x</mi></math><script>1</script>"
    )


def test_where_an_item_can_be_opened():
    feed = parsed("rss20.xml", "https://kiln.example/rss.xml")
    urls = [item.url for item in feed.items]
    assert urls[1:] == [
        "https://kiln.example/permalink-guid",
        "https://kiln.example/relative?a=1&b=2",
        "https://kiln.example/future",
    ]
    assert (
        feed.without_address == 2
    )  # a guid that is no address, and one that says it is no permalink


def test_dates_that_cannot_be_true_are_none():
    by_title = {item.title: item for item in parsed("rss20.xml").items}
    assert by_title["Drawing on <canvas> with AT&T fonts"].published is None
    assert by_title["Drawing on <canvas> with AT&T fonts"].day is None
    assert by_title["From the far future"].published is None
    assert by_title["Relative"].day == date(2021, 3, 3)


def test_atom_1():
    feed = parsed("atom10.xml", "https://mirror.example/feed.atom")
    assert (feed.title, feed.url, feed.author) == (
        "Salt & Rye",
        "https://atom.example/blog/",
        "Jo Falk",
    )
    assert feed.self_url == "https://atom.example/blog/feed.atom"
    one, two = feed.items
    assert one.url == "https://atom.example/blog/one.html"
    assert one.title == "Using <canvas> well"
    assert one.author == "Jo Falk"
    assert one.published == datetime(2024, 2, 1, 7, 30, tzinfo=UTC)
    assert one.day == date(2024, 1, 31)
    assert one.updated == datetime(2024, 2, 2, tzinfo=UTC)
    assert one.content == one.summary != ""
    assert two.url == "https://atom.example/other/two.html"
    assert two.title == "Plain <b>"
    assert two.author == "Guest One, Guest Two"
    assert two.published is None
    assert two.day == date(2024, 2, 1)
    assert two.language == "en"
    assert "<pre>a\n  b</pre>" in two.content


def test_atom_text_that_is_plain_becomes_html():
    content = "<content type='text'>1 &lt; 2 &amp; so\n\non</content>"
    entry = f"<entry><link href='http://a.example/1'/>{content}</entry>"
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry}</feed>"
    assert (
        parse_feed(body.encode(), "http://a.example/").items[0].content
        == "<p>1 &lt; 2 &amp; so</p>\n<p>on</p>"
    )


def test_older_formats():
    (item,) = parsed("atom03.xml").items
    assert (item.url, item.title, item.content) == (
        "http://old.example/3",
        "Third",
        "<p>Body</p>",
    )
    assert item.published == datetime(2004, 5, 6, 7, 8, 9, tzinfo=UTC)
    (item,) = parsed("rss10.rdf").items
    assert (item.url, item.author, item.content) == (
        "http://rdf.example/1",
        "bj",
        "About one.",
    )
    assert (item.published, item.day) == (
        datetime(2017, 7, 4, 4, 1, 53, tzinfo=UTC),
        date(2017, 7, 3),
    )
    (item,) = parsed("rss091.xml").items
    assert (item.url, item.content) == ("http://nn.example/a", "Words.")


def test_rss_2_by_the_name_of_rdf():
    body = (DATA / "rss20.xml").read_bytes()
    feed = parse_feed(body, "https://kiln.example/index.rdf", now=NOW)
    assert len(feed.items) == 4


def test_json_feed():
    feed = parsed("jsonfeed11.json", "https://jot.example/feed.json")
    assert (feed.title, feed.url, feed.author, feed.language) == (
        "Jot & Co",
        "https://jot.example/",
        "Ida, Bo",
        "en",
    )
    assert feed.next_url == "https://jot.example/feed.json?p=2"
    seven, text, elsewhere = feed.items
    assert (seven.url, seven.id, seven.author) == (
        "https://jot.example/posts/7",
        "7",
        "Eve",
    )
    assert (seven.content, seven.language) == ("<p>$a_t < b$</p>", "fr")
    assert (seven.published, seven.day) == (
        datetime(2016, 1, 2, 5, 59, 59, tzinfo=UTC),
        date(2016, 1, 1),
    )
    assert text.url == "https://jot.example/id-as-url"
    assert text.content == "<p>First line &amp; more</p>\n<p>Second &lt;line&gt;</p>"
    assert (text.published, text.day, text.author) == (
        None,
        date(2020, 5, 5),
        "Ida, Bo",
    )
    assert (elsewhere.url, elsewhere.title, elsewhere.content) == (
        "https://elsewhere.example/a",
        "",
        "",
    )
    assert feed.without_address == 1


def test_json_feed_without_version_and_with_an_author_of_version_1_0():
    body = b'{"author": {"name": "Ann"}, "items": [{"id": "1", "url": "http://a.example/1", "title": "T"}]}'
    (item,) = parse_feed(body, "http://a.example/").items
    assert item.author == "Ann"


# --- what real feeds do ---


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Lil&rsquo;Log", "Lil’Log"),
        ("Q&amp;amp;A", "Q&A"),
        ("A <em>fine</em> day", "A fine day"),
        ("The <b> element", "The <b> element"),
        ("Using <canvas> & <svg>", "Using <canvas> & <svg>"),
        ("  spread\n over   lines ", "spread over lines"),
        ("AT&T; R&D", "AT&T; R&D"),
        ("half \ud800 of a pair", "half of a pair"),
    ],
)
def test_titles_are_plain_text(title, expected):
    assert plain_title(title) == expected


def test_encodings_declared_and_not():
    assert parsed("undeclared_latin1.xml").title == "Café “quoted”"
    assert parsed("undeclared_latin1.xml").items[0].title == "Façade"
    assert parsed("declared_latin1.xml").items[0].title == "Façade"
    assert parsed("atom10.xml", charset="iso-8859-1").title == "Salt & Rye"
    unsaid = "<rss><channel><title>Болото</title></channel></rss>".encode("cp1251")
    assert parse_feed(unsaid, "", charset="windows-1251").title == "Болото"
    utf_16 = '<?xml version="1.0" encoding="utf-16"?><rss><channel><title>Ünï</title></channel></rss>'
    assert parse_feed(utf_16.encode("utf-16"), "").title == "Ünï"
    lying = "<?xml version='1.0' encoding='ascii'?><rss version='2.0'><channel><title>Ünï</title></channel></rss>"
    assert parse_feed(lying.encode(), "").title == "Ünï"


def test_a_feed_that_is_not_well_formed_gives_what_there_is():
    one, two = parsed("broken.xml").items[:2]
    assert one.title == "One two three & four"
    assert one.content == "<p>whole text</p>"
    assert (two.url, two.content) == ("http://br.example/2", "second text")


def test_a_saved_page_with_the_xml_inside():
    first, second = parsed("saved_page.txt", "/home/me/feed.txt").items
    assert first.url == "https://saved.example/1"
    assert first.content == (
        "<!-- The abstract stands in a comment. --><p>A user&rsquo;s "
        '<a href="https://x.example/?a=1&amp;b=2">link</a>,<br>\n'
        "a break, $$x < y$$ and <link>no link of the feed</link>.</p>"
    )
    assert (second.url, second.content) == ("https://saved.example/2", "")


def test_an_item_without_text_or_title_or_date_is_kept():
    (item,) = of_item("").items
    assert (item.title, item.content, item.published, item.day) == ("", "", None, None)


def test_an_address_of_mail_is_no_author():
    assert of_item("<author>jane@a.photography</author>").items[0].author == ""
    assert (
        of_item("<author>Jane &lt;jane@a.photography&gt;</author>").items[0].author
        == "Jane"
    )


def test_relative_links_of_a_file_go_by_the_feeds_own_home():
    body = b'<rss version="2.0"><channel><link>https://h.example/</link><item><link>a.html</link></item></channel></rss>'
    assert (
        parse_feed(body, "file:///tmp/x/feed.xml").items[0].url
        == "https://h.example/a.html"
    )
    assert (
        parse_feed(body.replace(b"https://h.example/", b""), "file:///tmp/x/feed.xml")
        .items[0]
        .url
        == "file:///tmp/x/a.html"
    )


# --- hostile input ---


def test_bytes_that_name_a_file_or_an_address_are_not_opened(tmp_path):
    """feedparser opens bytes that are a file's name, and fetches a str that is an
    address."""
    secret = tmp_path / "feed.xml"
    secret.write_bytes((DATA / "rss20.xml").read_bytes())
    for body in (
        str(secret).encode(),
        secret.as_uri().encode(),
        b"http://127.0.0.1:9/",
    ):
        with pytest.raises(FeedError, match="holds no feed"):
            parse_feed(body, "http://a.example/")


def test_entities_neither_open_files_nor_explode(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    outside = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    laughs = "<!DOCTYPE rss [<!ENTITY a0 'ha'>" + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
    )
    for doctype, entity in ((outside, "&x;"), (laughs + "]>", "&a11;")):
        item = f"<item><link>http://a.example/</link><description>{entity}</description></item>"
        body = f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel>{item}</channel></rss>'
        try:
            found = parse_feed(body.encode(), "http://a.example/feed")
        except FeedError:
            continue
        assert "SECRET" not in repr(found.items)
        assert len(repr(found.items)) < 10_000


def test_expat_is_one_that_stops_billion_laughs():
    assert expat.version_info >= (2, 4, 1)


def test_the_parser_that_opens_local_files_is_never_asked_for(monkeypatch):
    asked = []
    module = types.ModuleType("drv_libxml2")
    module.create_parser = lambda: asked.append(1)
    monkeypatch.setitem(sys.modules, "drv_libxml2", module)
    assert parsed("rss20.xml").items
    assert feedparser.api.PREFERRED_XML_PARSERS == []
    assert asked == []


def test_hostile_html_stays_what_it_is():
    """It is not made safe here, and nobody may think so: whoever shows it must escape
    it."""
    hostile = '<svg/onload=alert(1)><a href="java&#10;script:x">y</a>'
    assert (
        of_item(f"<description>{html.escape(hostile)}</description>").items[0].content
        == hostile
    )


def test_links_that_are_no_addresses_are_not_passed_on():
    body = '<rss version="2.0"><channel>{}</channel></rss>'
    items = "".join(
        f"<item><title>{n}</title><link>{link}</link></item>"
        for n, link in enumerate(
            [
                "javascript:alert(1)",
                "file:///etc/passwd",
                "data:text/html,x",
                "mailto:a@b.example",
            ]
        )
    )
    feed = parse_feed(body.format(items).encode(), "http://a.example/")
    assert (feed.items, feed.without_address) == ((), 4)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"<!doctype html><html><body><p>A page</p></body></html>", "holds no feed"),
        (b"<html><pre>&lt;rss&gt;</pre><rss></rss></html>", "holds no feed"),
        (b"{}", "no list of items"),
        (b'{"items": [}', "not valid JSON"),
        (b'{"items":' + b"[" * 100_000, "not valid JSON"),
        (b"<rss", "holds no feed"),
        (b"<rss ", "broken"),
        (b"\x00\x01\x02" * 50, "holds no feed"),
    ],
)
def test_what_is_no_feed_is_said_in_a_sentence(body, reason):
    with pytest.raises(FeedError, match=reason):
        parse_feed(body, "http://a.example/feed")


def test_too_large_a_feed_is_refused_unread(monkeypatch):
    monkeypatch.setattr(feeds, "MAX_BYTES", 100)
    with pytest.raises(FeedError, match="101 bytes"):
        parse_feed(b"<" * 101, "http://a.example/feed")


def test_an_article_that_shows_a_feed_as_a_sample_is_none():
    prose = "How feeds are made, at some length. " * 20
    with pytest.raises(FeedError):
        parse_feed(
            f"# Feeds\n{prose}\n<rss version='2.0'><channel></channel></rss>\n{prose}".encode(),
            "feeds.md",
        )


def test_feeds_and_their_errors_pass_between_processes():
    feed = parsed("rss20.xml")
    assert pickle.loads(pickle.dumps(feed)) == feed  # noqa: S301 - our own bytes
    assert str(pickle.loads(pickle.dumps(FeedError("a reason")))) == "a reason"  # noqa: S301


# --- properties ---

WORDS = st.text(
    st.characters(
        min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cn", "Cc")
    ),
    max_size=40,
)


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.lists(st.tuples(WORDS, st.integers(0, 10**9)), max_size=6))
def test_every_item_comes_out_once_and_in_order(items):
    xml = "".join(
        f"<item><title>t{escape(title)}</title><link>http://a.example/{n}/{position}</link>"
        f"<description>{escape(html.escape(title))}漢</description></item>"
        for position, (title, n) in enumerate(items)
    )
    found = parse_feed(
        f'<rss version="2.0"><channel>{xml}</channel></rss>'.encode(),
        "http://a.example/feed",
    ).items
    assert [item.url for item in found] == [
        f"http://a.example/{n}/{p}" for p, (_, n) in enumerate(items)
    ]
    for item, (title, _) in zip(found, items, strict=True):
        assert "".join(html.unescape(item.content).split()) == "".join(
            f"{title}漢".split()
        )


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.data())
def test_a_damaged_feed_is_read_or_refused_with_a_sentence(data):
    name = data.draw(
        st.sampled_from(
            [
                "rss20.xml",
                "atom10.xml",
                "rss10.rdf",
                "jsonfeed11.json",
                "saved_page.txt",
            ]
        )
    )
    body = bytearray((DATA / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
    try:
        feed = parse_feed(bytes(body), "https://a.example/feed", now=NOW)
    except FeedError as error:
        assert str(error).endswith(".")  # noqa: PT017 - either outcome is right
    else:
        repr(feed.items).encode()
        assert all(item.url.startswith("http") for item in feed.items)


# --- the real ones ---


def seed(pattern: str) -> bytes:
    found = sorted((SHARED / "seeds").glob(pattern))
    if not found:
        pytest.skip(
            f"the user's document {pattern} lies outside the repository, in ../shared/seeds"
        )
    return found[0].read_bytes()


def archived(site: str, path: str) -> bytes:
    archive = SHARED / "archives" / f"{site}.zip"
    if not archive.exists():
        pytest.skip(
            f"{archive.name} lies outside the repository, in ../shared/archives"
        )
    with zipfile.ZipFile(archive) as files:
        return files.read(path)


def test_the_users_saved_feed_comes_out_whole():
    """Counted by another way: between the tags of the file's own text."""
    body = seed("003_*.txt")
    text = body.decode()
    feed = parse_feed(body, "/somewhere/003.txt", now=NOW)
    assert feed.title == "Lil'Log"
    assert len(feed.items) == text.count("<item>") == 50
    descriptions = re.findall(
        r"<item>.*?<description>(.*?)</description>\s*</item>", text, re.DOTALL
    )
    assert [item.content for item in feed.items] == [
        inside.strip() for inside in descriptions
    ]
    assert [item.url for item in feed.items if item.day is None] == [
        "https://lilianweng.github.io/faq/"
    ]


@pytest.mark.parametrize(
    ("site", "path", "items", "dated", "with_text"),
    [
        ("lilianweng", "index.xml", 53, 52, 52),
        ("ruder", "rss/index.rss", 15, 15, 15),
        ("keras-blog", "feeds/all.atom.xml", 8, 8, 8),
        ("bastibe", "rss.xml", 137, 137, 137),
        ("botzilla", "index.rdf", 15, 15, 15),
        ("brunow", "documentation/brunow/feed.json", 651, 651, 651),
        ("n1k0-fr", "feed/index.html", 25, 25, 25),
        ("n1k0-fr", "carnet/feed/index.html", 6, 6, 6),
        ("su18-zh", "atom.xml", 10, 10, 0),
    ],
)
def test_real_feeds(site, path, items, dated, with_text):
    feed = parse_feed(archived(site, path), "https://blog.example/feed", now=NOW)
    assert len(feed.items) == items
    assert sum(item.day is not None for item in feed.items) == dated
    assert sum(bool(item.content) for item in feed.items) == with_text
    assert all(item.title for item in feed.items)
    assert feed.without_address == 0
