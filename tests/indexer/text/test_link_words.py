"""The words of links are the same to every reader."""

from __future__ import annotations

import re

import pytest

from indexer.extract.choose_version import is_whole_article
from indexer.extract.dom import parse_html
from indexer.extract.headings import heading_text
from indexer.extract.trimming import trimmed
from indexer.sources.link_pages import parse_link_page
from indexer.text.link_words import PERMALINK_TEXTS, READ_MORE
from search.types import Block

TEXT = "The crust is thin and dark, and the crumb is open. " * 9


@pytest.mark.parametrize("text", sorted(PERMALINK_TEXTS))
def test_a_permalink_is_no_part_of_a_heading(text):
    heading = f'<h2 id="x">Crust <a href="#x">{text}</a></h2>'
    assert heading_text(parse_html(heading).first("h2")) == "Crust"
    page = f"<ul>{heading}<li><a href='https://a.example/'>A</a></li></ul>"
    (entry,) = parse_link_page(page.encode(), "https://b.example/links").entries
    assert entry.section == "Crust"


@pytest.mark.parametrize(
    "text", ["Read more", "Weiterlesen →", "Lire  la suite", "阅读全文", "続きを読む"]
)
def test_a_link_to_the_rest_ends_a_beginning_and_no_article(text):
    beginning = Block("paragraph", TEXT)
    link = Block("paragraph", text)
    assert not is_whole_article((beginning, Block("paragraph", f"It rests … {text}")))
    assert trimmed((beginning, link), ()) == (beginning,)


def test_words_that_only_begin_so():
    assert not re.match(READ_MORE, "read moreover")
    assert re.match(READ_MORE, "read more: On bread")
