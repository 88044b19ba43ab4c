"""The parts of a line of links: addresses written out, notes, headings."""

from __future__ import annotations

from datetime import date

import pytest

from indexer.extract.dom import parse_html
from indexer.sources.line_elements import is_skipped
from indexer.sources.link_lines import (
    HeadingStack,
    Line,
    LineLink,
    bare_urls,
    notes_beside,
)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        (
            "(https://a.example/b_(c)) and http://b.example/!",
            ["https://a.example/b_(c)", "http://b.example/"],
        ),
        ("no address: a.example", []),
    ],
)
def test_an_address_ends_before_the_punctuation_around_it(text, urls):
    assert [url for _, url in bare_urls(text)] == urls


def test_an_item_that_is_only_a_link_has_the_words_before_its_list():
    outer = Line("li", context="On bread")
    link = LineLink("https://a.example/", 0, 0, ["Rye"])
    line = Line("li", parent=outer, text=["Rye."], length=4, links=[link])
    assert notes_beside(line) == ["On bread: Rye."]
    line.add(" Wait a day.")
    assert notes_beside(line) == ["Rye. Wait a day."]


def test_a_day_under_a_year_is_of_that_year():
    headings = HeadingStack()
    headings.put(2, Line("h2", text=["2019"]))
    headings.put(3, Line("h3", text=["12 May"]))
    assert headings.section() == "2019 › 12 May"
    assert headings.day() == date(2019, 5, 12)
    headings.put(2, Line("h2", text=["2020"]))
    assert headings.section() == "2020"


@pytest.mark.parametrize(
    ("html", "skipped"),
    [
        ("<nav>x</nav>", True),
        ("<div class='site sidebar'>x</div>", True),
        ("<div role=search>x</div>", True),
        ("<div hidden>x</div>", True),
        ("<article class=comments>x</article>", False),
        ("<div class=navigable>x</div>", False),
    ],
)
def test_boilerplate_goes_by_tag_role_and_name(html, skipped):
    body = parse_html(f"<body>{html}</body>").first("body")
    assert is_skipped(body.children[0]) is skipped
