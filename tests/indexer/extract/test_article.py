"""Golden pages in the shapes of the traps: each page's metadata and blocks stand beside
it as text.

After a wanted change, ``python tests/indexer/extract/test_article.py`` writes the expected
results anew: read the diff.
"""

import pickle
from datetime import date
from pathlib import Path

import pytest

from indexer.extract.article import (
    Extraction,
    extract_fragment,
    extract_page,
)
from indexer.extract.blocks import blocks_of
from indexer.extract.choose_version import choose_version, is_whole_article
from indexer.extract.dom import parse_html
from indexer.extract.page import ExtractError
from search.types import Block

PAGES = Path(__file__).parents[2] / "data" / "pages"


def rendered(extraction):
    """An extraction as text that a person can check against the page."""
    fields = ("url", "title", "author", "site", "published", "noindex")
    lines = [f"{name}: {getattr(extraction, name)}".rstrip() for name in fields]
    for block in extraction.blocks:
        mark = block.kind + (f" {block.level}" if block.level else "")
        mark += f" {block.number}." if block.number else ""
        lines.append(
            f"\n[{mark}{' #' + block.anchor if block.anchor else ''}]\n{block.text}"
        )
    return "\n".join(lines) + "\n"


def extracted(page):
    return extract_page(page.read_bytes(), f"https://blog.example.org/2021/{page.name}")


@pytest.mark.parametrize(
    "page", sorted(PAGES.glob("*.html")), ids=lambda page: page.stem
)
def test_golden_page(page):
    expected = page.with_suffix(".txt").read_text(encoding="utf-8")
    assert rendered(extracted(page)) == expected


def page_of(body, head=""):
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()
    )


def paragraphs(*texts):
    return tuple(Block("paragraph", text) for text in texts)


LONG = " ".join(
    f"The {n}th sentence of the post says something of its own." for n in range(1, 40)
)


@pytest.mark.parametrize(
    ("received", "charset", "shown"),
    [
        ("naïve – “so”".encode("windows-1252"), "", "naïve – “so”"),
        ("naïve – “so”".encode("windows-1252"), "iso-8859-1", "naïve – “so”"),
        ("naïve – “so”".encode(), "iso-8859-1", "naïve – “so”"),
        ("naïve – “so”".encode("utf-16"), "", "naïve – “so”"),
        (b"\xef\xbb\xbf" + "naïve".encode(), "koi8-r", "naïve"),
        ("привет".encode("koi8-r"), "KOI8-R", "привет"),
        ('<meta charset="gb2312">你好，朋友'.encode("gb18030"), "", "你好，朋友"),
        (
            "<meta http-equiv='Content-Type' content='text/html; charset=Shift_JIS'>日本".encode(
                "cp932"
            ),
            "",
            "日本",
        ),
        ("naïve ".encode() + b"caf\xe9", "utf-8", "naïve café"),
        ("naïve".encode(), "no-such-charset", "naïve"),
        ("naïve".encode(), "hex", "naïve"),
    ],
)
def test_text_is_decoded_as_a_browser_would(received, charset, shown):
    assert (
        extract_page(received, "http://a.example/", charset=charset).blocks[0].text
        == shown
    )


def test_a_packed_page_is_never_unpacked():
    with pytest.raises(ExtractError, match="not a web page"):
        extract_page(b"\x1f\x8b\x08" + bytes(1000), "http://a.example/x")


@pytest.mark.parametrize(
    "body", [b"", b" ", b"\x00\xff" * 50, b"<!-- <p>", b"<table><tr><td>"]
)
def test_a_page_without_text_gives_no_blocks(body):
    assert (
        "".join(b.text for b in extract_page(body, "http://a.example/x").blocks).strip(
            "\x00ÿ"
        )
        == ""
    )


def test_parts_that_page_builders_name_like_chrome_stay():
    part = '<div class="elementor-widget"><div class="elementor-widget-container"><p>{}</p></div></div>'
    body = f'<div class="entry-content">{part.format("First part.")}{part.format("Second part.")}</div>'
    side = '<div class="widget widget_recent"><h2>Recent</h2><ul><li><a href="/1">One</a></li></ul></div>'
    blocks = extract_page(page_of(body + side), "http://a.example/").blocks
    assert blocks == paragraphs("First part.", "Second part.")


def test_cells_named_like_bylines_stay_in_their_table():
    body = '<article><table><tr><td class="author">Ann</td><td class="date">2020</td></tr></table></article>'
    assert extract_page(page_of(body), "http://a.example/").blocks == (
        Block("table", "Ann | 2020"),
    )


def test_a_button_that_holds_a_headings_words_is_read():
    body = "<main><h2><button>Question</button></h2><div role=tabpanel hidden><p>Answer.</p></div></main>"
    blocks = extract_page(
        page_of(body, "<title>Frequent questions</title>"), "http://a.example/"
    ).blocks
    assert [b.text for b in blocks] == ["Question", "Answer."]


def test_deep_nesting_loses_no_text():
    body = page_of(
        "<div>" * 3000
        + f"<p>{LONG}</p>"
        + "</div>" * 3000
        + "<p>The end comes after it all.</p>"
    )
    blocks = blocks_of(parse_html(body.decode()))
    assert [block.text for block in blocks] == [LONG, "The end comes after it all."]


def test_an_extraction_travels_between_processes():
    extraction = extract_page(
        page_of(f"<article><p>{LONG}</p></article>"), "http://a.example/"
    )
    assert pickle.loads(pickle.dumps(extraction)) == extraction  # noqa: S301  # our own bytes


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("https://www.a.example/post", "https://www.a.example/post"),
        ("/post", "http://a.example/post"),
        ("https://b.example/post", "http://a.example/post?utm_source=x"),
        ("http://a.example/", "http://a.example/post?utm_source=x"),
        ("javascript:alert(1)", "http://a.example/post?utm_source=x"),
        ("http://[", "http://a.example/post?utm_source=x"),
        ("http://a.example", "http://a.example/post?utm_source=x"),
    ],
)
def test_only_a_believable_canonical_address_counts(told, url):
    body = page_of("<p>x</p>", f'<link rel="canonical" href="{told}">')
    assert extract_page(body, "http://a.example/post?utm_source=x").url == url


@pytest.mark.parametrize(
    ("head", "published"),
    [
        (
            '<meta property="article:published_time" content="0001-01-01T00:00:00Z">',
            None,
        ),
        ('<meta property="article:published_time" content="1969-12-31">', None),
        ('<meta property="article:published_time" content="2999-01-01">', None),
        ('<meta property="article:published_time" content="2021-02-30">', None),
        ('<meta name="date" content="20210203">', date(2021, 2, 3)),
        (
            '<script type="application/ld+json">{"@type":"Article","datePublished":"2020-05-06"}</script>',
            date(2020, 5, 6),
        ),
        ('<script type="application/ld+json">{"@type": broken</script>', None),
        ('<script type="application/ld+json">{"@graph": 5}</script>', None),
    ],
)
def test_a_date_must_be_one_a_blog_can_have(head, published):
    assert (
        extract_page(page_of("<p>x</p>", head), "http://a.example/post").published
        == published
    )


def test_an_address_may_hold_the_date():
    assert extract_page(
        page_of("<p>x</p>"), "http://a.example/2019/04/30/post/"
    ).published == date(2019, 4, 30)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Tin &amp; zinc | Ledger", "Tin & zinc"),
        ("Ledger: Tin &amp; zinc", "Tin & zinc"),
        ("Tin &#8211; and what it costs - Ledger", "Tin – and what it costs"),
        ("Tin", "Tin"),
        ("The Introduction of Tin", "The Introduction of Tin"),
    ],
)
def test_the_title_comes_without_the_sites_name(title, expected):
    head = f'<title>{title}</title><meta property="og:site_name" content="Ledger">'
    body = "<p>x</p><h2>Introduction</h2><p>y</p>"
    assert extract_page(page_of(body, head), "http://a.example/post").title == expected


def test_the_feeds_text_finds_the_body_that_nothing_names():
    post = "".join(f"<div>{LONG} ({n})</div>" for n in range(3))
    other = "".join(
        f"<div>An unrelated remark about the weather in the town of number {n}.</div>"
        for n in range(90)
    )
    body = page_of(f"<div><div>{post}</div><div>{other}</div></div>")
    blocks = extract_page(body, "http://a.example/post", hint=post).blocks
    assert [b.text for b in blocks] == [f"{LONG} ({n})" for n in range(3)]


def test_a_fragment_may_be_plain_text_a_piece_of_html_or_a_document():
    expected = paragraphs("one & two", "three")
    assert extract_fragment("one &amp; two\n\nthree", "http://a.example/") == expected
    assert (
        extract_fragment("<p>one &amp; two</p><p>three</p>", "http://a.example/")
        == expected
    )
    assert (
        extract_fragment(
            "&lt;p&gt;one &amp;amp; two&lt;/p&gt;&lt;p>three&lt;/p>",
            "http://a.example/",
        )
        == expected
    )
    document = "<!DOCTYPE html><html><body><main><p>one &amp; two</p><p>three</p></main><footer>©</footer></body>"
    assert extract_fragment(document, "http://a.example/") == expected
    assert extract_fragment("", "http://a.example/") == ()


def test_a_feeds_own_footer_goes():
    html = "<p>text</p><p>The post <a href='x'>Tin</a> appeared first on <a href='y'>Ledger</a>.</p>"
    assert extract_fragment(html, "http://a.example/") == paragraphs("text")


def test_a_script_shell_leaves_the_choice_to_the_feed():
    page = extracted(PAGES / "script-shell.html")
    fed = paragraphs("A short post, whole in the feed.")
    assert choose_version(page, fed) == fed
    # a page without a text confirms nothing: it is asked for again
    assert not is_whole_article(fed, page)


def test_a_page_that_has_moved_does_not_make_the_feeds_summary_whole():
    page = Extraction(
        "http://a.example/",
        blocks=paragraphs("This page has moved to http://b.example/x"),
    )
    fed = paragraphs(
        "In this post we look at tin, at zinc, and at what both of them cost before the war."
    )
    assert choose_version(page, fed) == fed
    assert not is_whole_article(fed, page)


def test_an_article_may_end_with_what_to_read_next():
    page = Extraction(
        "http://a.example/",
        blocks=paragraphs(LONG, "You may want to read the full changelog."),
    )
    assert is_whole_article(page.blocks, page)


def test_a_locked_page_is_no_article():
    page = extracted(PAGES / "encrypted-entry.html")
    assert not is_whole_article(choose_version(page, ()), page)
    assert choose_version(page, paragraphs(LONG)) == paragraphs(LONG)


def test_a_teaser_yields_to_the_page():
    page = Extraction("http://a.example/", blocks=paragraphs(LONG, LONG + " And more."))
    teaser = paragraphs(LONG[:200] + " […]")
    assert choose_version(page, teaser) == page.blocks
    assert is_whole_article(page.blocks, page)
    assert not is_whole_article(teaser, None)


def test_a_feed_with_more_than_the_page_is_kept():
    page = Extraction(
        "http://a.example/", blocks=paragraphs(LONG[:800], "Subscribe to read the rest")
    )
    assert choose_version(page, paragraphs(LONG)) == paragraphs(LONG)
    assert not is_whole_article(page.blocks, page)


def test_remarks_under_a_post_the_feed_gives_whole_are_cut_off():
    remark = "John says: what a lovely post this is, I will come back for more and tell my friends at 10:15"
    remarks = paragraphs(*(f"{remark} for time {n}" for n in range(30)))
    page = Extraction("http://a.example/", blocks=paragraphs(LONG) + remarks)
    assert choose_version(page, paragraphs(LONG)) == paragraphs(LONG)


def test_a_summary_alone_is_no_article():
    assert not is_whole_article(paragraphs("In this post we look at tin."), None)
    assert not is_whole_article((), None)
    assert is_whole_article(paragraphs(LONG), None)


if __name__ == "__main__":
    for page in sorted(PAGES.glob("*.html")):
        page.with_suffix(".txt").write_text(rendered(extracted(page)), encoding="utf-8")


@pytest.mark.parametrize(
    ("head", "noindex", "nosnippet"),
    [
        ("", False, False),
        ("<meta name=robots content=nosnippet>", False, True),
        ("<meta name=ROBOTS content='NoArchive, Max-Snippet: 0'>", False, True),
        (
            "<meta name=robots content='index'><meta name=robots content=nosnippet>",
            False,
            True,
        ),
        (
            "<meta name=robots content=index><meta name=blogsearch content='noindex;nosnippet'>",
            True,
            True,
        ),
        ("<meta name=googlebot content=nosnippet>", False, True),
        (
            "<meta name=robots content=all><meta name=googlebot content=noindex>",
            False,
            False,
        ),
        ("<meta name=bingbot content=nosnippet>", False, False),
        (
            "<meta name=robots content='max-snippet:-1, max-image-preview:none'>",
            False,
            False,
        ),
        ("<meta name=robots content='noindex nofollow'>", True, False),
        ("<meta name=description content='nosnippet, noindex'>", False, False),
    ],
)
def test_what_a_page_asks_of_search_engines(head, noindex, nosnippet):
    page = extract_page(
        page_of(f"<article><p>{LONG}</p></article>", head), "https://a.example/"
    )
    assert (page.noindex, page.nosnippet) == (noindex, nosnippet)


def test_what_is_marked_not_to_be_shown_is_not_held():
    body = (
        f"<article><p>{LONG}</p><p>Kept <span data-nosnippet>secret one</span> here.</p>"
        f"<div data-nosnippet=true><p>secret two {LONG}</p></div></article>"
    )
    page = extract_page(page_of(body), "https://a.example/")
    fed = extract_fragment(body, "https://a.example/")
    for blocks in (page.blocks, fed):
        text = " ".join(block.text for block in blocks)
        assert "secret" not in text
        assert "Kept here." in text


def test_items_that_say_nothing_go_away():
    items = "<ol><li>→</li><li>· ·</li><li>7</li><li>the end</li></ol>"
    found = extract_fragment(f"<p>{LONG}</p>{items}<p>more</p>", "https://a.example/")
    assert [(block.text, block.number) for block in found[1:-1]] == [
        ("7", 3),
        ("the end", 4),
    ]
