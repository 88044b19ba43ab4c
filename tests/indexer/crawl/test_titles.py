"""Titles of posts that have none."""

from __future__ import annotations

import pytest

from indexer.crawl.assemble import assemble, refresh
from indexer.crawl.titles import LONGEST_FIRST_WORDS, first_words, proper_title
from indexer.documents.read_page import ExtractedArticle
from indexer.extract.article import Extraction
from indexer.records import Item, SourceRecord
from search.types import Block

URL = "https://weir.example/2019/7"
FEED = SourceRecord("https://weir.example/feed", "feed")
WORDS = "The eels came up the weir tonight. There were dozens of them, all the way to the mill."
BLOCKS = (Block("paragraph", WORDS),)


def made(title: str, *, shown: str = "", blocks: tuple[Block, ...] = BLOCKS):
    page = Extraction(URL, title=shown, site="Weir", blocks=blocks)
    item = Item(URL, title, content="<p>x</p>", site="Weir")
    return assemble(URL, [(item, FEED)], ExtractedArticle(page, blocks, whole=True))


@pytest.mark.parametrize("said", ["", "Untitled", "(no title)", "Weir"])
@pytest.mark.parametrize("shown", ["", "Weir", "untitled post"])
def test_an_untitled_post_takes_its_first_words(said, shown):
    assert made(said, shown=shown).title.startswith("The eels came up the weir")


def test_a_title_is_kept_and_so_is_that_of_the_page():
    assert made("Eels", shown="Weir").title == "Eels"
    assert made("", shown="On eels").title == "On eels"


def test_a_sign_alone_goes_before_the_first_words():
    article = made("🎣")
    assert article.title.startswith("🎣 The eels came up")
    again = refresh(article, [(Item(URL, "🎣", site="Weir"), FEED)])
    assert again.title == article.title
    assert made("🎣", blocks=()).title == "🎣"


def test_without_any_words_the_address_names_it():
    assert made("", blocks=()).title == "(weir.example/2019/7)"


def test_first_words_end_with_a_sentence_or_a_word():
    assert first_words(()) == ""
    long = first_words((Block("paragraph", "weir " * 100),))
    assert len(long) <= LONGEST_FIRST_WORDS + 1
    assert long.endswith("weir…")
    chinese = first_words((Block("paragraph", "水" * 200),))
    assert len(chinese) == LONGEST_FIRST_WORDS + 1
    assert proper_title("C++", "Weir", BLOCKS) == "C++"
