from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from search.types import Highlight, Note
from tests.web.canned_engine import hit
from web.block_view import runs_of
from web.hit_view import hit_view
from web.security import followable
from web.text_view import plain_date, plain_time


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a?b=c#d", "http://127.0.0.1:8765/x", "HTTPS://example.org/"],
)
def test_http_can_be_followed(url):
    assert followable(url) == url


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JavaScript://x/%0aalert(1)", "data:text/html,x", "//x/y",
     "/x", "", "http:", "http://[x", " javascript:alert(1)", "java\nscript:alert(1)", "vbscript:x", "feed:https://x/"],
)  # fmt: skip
def test_nothing_else_can(url):
    assert followable(url) == ""


def test_dates_are_written_out():
    assert plain_date(date(2024, 11, 8)) == "8 November 2024"
    assert plain_time("2026-11-22T09:14:51+01:00") == "22 November 2026, 08:14 UTC"
    assert plain_time("soon") == "soon"


def test_a_note_that_a_passage_shows_is_not_shown_twice():
    note = Note(
        "Read  this\nfirst.", section="Training", page="https://example.org/links"
    )
    shown = hit_view(
        hit(
            1,
            "T",
            "Read this first. And more.",
            note=note,
            evidence="link",
            heading="Training",
        )
    )
    assert (shown.note_text, shown.badge, shown.passages[0].heading) == (
        "",
        "Link only",
        "",
    )
    assert hit_view(hit(1, "T", "Other words.", note=note)).note_text == note.text


def test_a_passage_that_only_opens_the_article_has_no_link_of_its_own():
    whole = hit(1, "T", "Words.", url="https://example.org/")
    own = hit_view(whole).passages[0].link
    assert own == "https://example.org/#step"
    same = hit(1, "T", "", url=own, passages=whole.passages)
    assert hit_view(same).passages[0].link == ""


def test_further_addresses_are_named_without_what_all_have_and_led_to_where_a_click_may():
    places = (
        "https://www.example.org/a/b/",
        "http://example.org/?p=2",
        "javascript:alert(1)",
        *["file:///x"] * 9,
    )
    shown = hit_view(hit(1, "T", "Words.", also_at=places))
    assert [(address.name, address.link) for address in shown.also_at] == [
        ("example.org/a/b", "https://www.example.org/a/b/"),
        ("example.org/?p=2", "http://example.org/?p=2"),
        ("javascript:alert(1)", ""),
        *[("/x", "file?url=file%3A%2F%2F%2Fx")] * 2,
    ]
    assert shown.more_addresses == 7
    assert hit_view(hit(1, "T", "Words.")).also_at == ()


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.example.org/x", "example.org"),
        ("javascript:x", ""),
        ("http://[x", ""),
    ],
)
def test_an_article_without_site_is_of_its_host(url, site):
    assert hit_view(hit(1, "T", "Words.", site="", url=url)).site == site


def test_an_article_without_title_is_called_by_its_address():
    assert (
        hit_view(hit(1, " ", "Words.", url="https://example.org/x")).title
        == "https://example.org/x"
    )


@pytest.mark.parametrize("answers", [True, False])
def test_a_sentence_is_marked_only_where_the_answer_is_trusted(answers):
    found = hit(1, "T", "One. Two.")
    passage = replace(found.passages[0], answer=Highlight(0, 4))
    shown = hit_view(replace(found, passages=(passage,)), answers=answers)
    assert any(p.answers for p in runs_of(shown.passages[0].blocks[0])) is answers


def test_a_long_passage_is_seen_from_the_paragraph_that_answers_and_the_rest_folds():
    text = "\n\n".join(f"Paragraph {n} " + "x" * 280 for n in range(8))
    start = text.index("Paragraph 3")
    found = hit(1, "T", text)
    passage = replace(found.passages[0], answer=Highlight(start, start + 11))
    for answers in (True, False):
        (shown,) = hit_view(
            replace(found, passages=(passage,)), answers=answers
        ).passages
        first = ["".join(p.text for p in one.runs)[:11] for one in shown.blocks]
        assert first == [f"Paragraph {n}" for n in (3, 4, 5)]
        assert [len(shown.before), len(shown.after)] == [3, 2]


def test_a_short_passage_is_seen_whole_and_a_long_paragraph_too():
    short = replace(hit(1, "T", "One.\n\nTwo.").passages[0], answer=Highlight(6, 10))
    (shown,) = hit_view(replace(hit(1, "T", "-"), passages=(short,))).passages
    assert (len(shown.blocks), shown.before, shown.after) == (2, (), ())
    (shown,) = hit_view(hit(1, "T", "y" * 2000 + "\n\nMore.")).passages
    assert (len(shown.blocks), len(shown.before), len(shown.after)) == (1, 0, 1)
