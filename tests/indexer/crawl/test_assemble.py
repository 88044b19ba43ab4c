"""Assembling: page and sources into the article that is held, and what it is held
on."""

from datetime import date

from indexer.crawl.assemble import address_of, assemble, feed_item, refresh
from indexer.documents.read_page import ExtractedArticle, read
from indexer.records import Item, SourceRecord
from search.types import Block
from tests.sites import page, text

URL = "https://a.example/1"
FEED = SourceRecord("https://a.example/feed", "feed")
LINKS = SourceRecord("https://b.example/til", "linkpage")
SAID = Item(
    URL,
    "Said title",
    "Ann",
    "2024-05-06",
    content="<p>Short.</p>",
    site="The Blog",
    language="de",
)
NOTED = Item(
    URL,
    "the article",
    notes=(("read the article", "the article", "May", "2024-06-01", 1),),
)
NOTHING = ExtractedArticle(None, (), whole=False)


def body(*texts, **more) -> bytes:
    return page("Page title", *(texts or (text(1), text(2))), **more).encode()


def test_a_whole_page_is_an_article_with_what_the_feed_says_of_it():
    made = assemble(URL, [(SAID, FEED)], read(body(), URL, content=SAID.content))
    assert (made.evidence, made.url, made.title, made.author) == (
        "article",
        URL,
        "Said title",
        "Ann",
    )
    assert (made.published, made.site, made.language) == (
        date(2024, 5, 6),
        "The Blog",
        "en",
    )
    assert "number1" in made.text
    assert "number2" in made.text


def test_what_no_feed_says_the_page_does():
    head = '<meta property="article:published_time" content="2023-02-01"><meta name=author content=Eve>'
    made = assemble(URL, [(NOTED, LINKS)], read(body(head=head), URL))
    assert (made.title, made.author, made.published) == (
        "Page title",
        "Eve",
        date(2023, 2, 1),
    )
    assert [note.text for note in made.notes] == ["read the article"]


def test_a_page_that_can_not_be_had_leaves_the_summary():
    made = assemble(URL, [(SAID, FEED)], read(None, URL, content=SAID.content))
    assert (made.evidence, made.text, made.title) == ("summary", "Short.", "Said title")


def test_a_long_text_of_the_feed_stands_for_a_page_that_can_not_be_had():
    content = "".join(f"<p>{text(n)}</p>" for n in range(5))
    assert (
        assemble(URL, [(SAID, FEED)], read(None, URL, content=content)).evidence
        == "article"
    )


def test_a_shell_falls_back_to_the_feed():
    content = "".join(f"<p>{text(n)}</p>" for n in range(5))
    shell = b"<html><body><div id=app></div><noscript>Please enable JavaScript.</noscript></body></html>"
    made = assemble(URL, [(SAID, FEED)], read(shell, URL, content=content))
    assert made.evidence == "article"
    assert "number4" in made.text


def test_without_any_text_there_is_the_note_or_the_title():
    linked = assemble(URL, [(NOTED, LINKS)], NOTHING)
    assert (linked.evidence, linked.title, linked.blocks) == ("link", "the article", ())
    assert linked.notes[0].noted == date(2024, 6, 1)
    listed = assemble(URL, [(Item(URL, "Only a title"), FEED)], NOTHING)
    assert (listed.evidence, listed.title) == ("summary", "Only a title")


def test_a_link_that_is_called_here_is_named_by_where_it_leads():
    here = Item(URL, "here", notes=(("see here", "here", "", "", 1),))
    assert assemble(URL, [(here, LINKS)], NOTHING).title == "here (a.example/1)"
    nameless = Item(URL, "", notes=(("see", "", "", "", 1),))
    assert assemble(URL, [(nameless, LINKS)], NOTHING).title == "(a.example/1)"


def test_the_canonical_address_is_the_identity():
    head = '<link rel=canonical href="https://a.example/one">'
    assert address_of(URL, read(body(head=head), URL)) == "https://a.example/one"
    assert address_of(URL, None) == URL


def test_refreshing_takes_what_sources_say_now_and_keeps_the_text():
    held = assemble(URL, [(SAID, FEED)], read(body(), URL))
    now = refresh(
        held, [(Item(URL, "New title", published="2024-05-07"), FEED), (NOTED, LINKS)]
    )
    assert (now.title, now.author, now.published) == (
        "New title",
        "Ann",
        date(2024, 5, 7),
    )
    assert now.blocks == held.blocks
    assert [note.section for note in now.notes] == ["May"]


def test_a_feed_speaks_before_a_link_page():
    assert feed_item([(NOTED, LINKS), (SAID, FEED)]) == SAID
    assert feed_item([(NOTED, LINKS)]) == Item(url="")


def test_absurd_dates_are_none():
    for day in ("1931-05-05", "0001-01-01"):
        made = assemble(
            URL,
            [(Item(URL, "t", published=day), FEED)],
            ExtractedArticle(None, (Block("paragraph", "x"),), whole=False),
        )
        assert made.published is None
