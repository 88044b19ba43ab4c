from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.types import Article, Highlight, Note, ShownBlock
from tests.web.canned_engine import hit
from web.block_view import runs_of
from web.hit_view import LEAD, PageContext, from_answer, post_view
from web.hit_view import hit_view as view_with_names
from web.security import followable
from web.text_view import plain_date, plain_days, plain_time

SPANS = st.lists(st.tuples(st.integers(0, 70), st.integers(1, 9)), max_size=6)


def hit_view(hit, names=(), *, answers=True, **options):
    return view_with_names(
        hit, PageContext(dict(names), {"q": "w"}, answers), **options
    )


def _marks(spans):
    return tuple(Highlight(start, start + length) for start, length in spans)


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
    assert (shown.note.text, shown.badge, shown.passages[0].heading) == (
        "",
        "link only",
        "",
    )
    assert hit_view(hit(1, "T", "Other words.", note=note)).note.text == note.text


@pytest.mark.parametrize(
    ("section", "days", "under"),
    [
        ("2023-08-01 – 2023-08-11", "1–11 August 2023", ""),
        ("1–11 August 2023", "1–11 August 2023", ""),
        ("2023-08-15", "15 August 2023", ""),
        ("Training", "15 August 2023", "Training"),
        ("", "15 August 2023", ""),
    ],
)
def test_a_note_names_its_page_and_its_days(section, days, under):
    note = Note(
        "Words.", section=section, noted=date(2023, 8, 15), page="file:///a/t%20il.md"
    )
    found = hit(1, "T", "Other words.", note=note)
    shown = hit_view(found).note
    assert (shown.page, shown.days, shown.section) == ("t il.md", days, under)
    assert hit_view(found, [("file:///a/t%20il.md", "TIL")]).note.page == "TIL"


def test_the_bare_words_of_a_link_are_completed_by_its_host():
    note = Note("the post", "the post", page="https://www.links.example/")
    shown = hit_view(
        hit(1, "T", "Other words.", note=note, url="https://www.blog.example/p")
    )
    assert (shown.note.text, shown.note.page) == (
        "the post (blog.example)",
        "links.example",
    )
    odd = replace(note, page="javascript:alert(1)")
    shown = hit_view(hit(1, "T", "Other words.", note=odd))
    assert (shown.note.page, shown.note.link, shown.note.days) == (
        "a link page",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2024-06-03 – 2024-06-09", "3–9 June 2024"),
        ("2024-05-30 to 2024-06-02", "30 May – 2 June 2024"),
        ("2023-12-30–2024-01-02", "30 December 2023 – 2 January 2024"),
        ("2024-06-03", "3 June 2024"),
        ("2024-13-03", ""),
        ("June", ""),
    ],
)
def test_days_are_written_out_once(text, days):
    assert plain_days(text) == days


def test_the_title_opens_the_article_at_the_answer():
    found = hit(1, "T", "Words.", url="https://example.org/")
    assert hit_view(found).link == "https://example.org/#step"
    assert hit_view(replace(found, passages=())).link == "https://example.org/"
    odd = replace(found.passages[0], url="javascript:alert(1)")
    assert hit_view(replace(found, passages=(odd,))).link == "https://example.org/"


def test_a_passage_that_only_opens_the_article_has_no_link_of_its_own():
    whole = hit(1, "T", "Words.", url="https://example.org/")
    own = hit_view(whole).passages[0].link
    assert own == "https://example.org/#step"
    same = hit(1, "T", "", url=own, passages=whole.passages)
    assert hit_view(same).passages[0].link == ""


def test_a_short_result_is_one_quote_from_its_answer_on():
    text = "Before it. " * 9 + "The answer is this. After it."
    start = text.index("The answer")
    found = hit(1, "T", text)
    passage = replace(
        found.passages[0],
        answer=Highlight(start, start + 19),
        highlights=(Highlight(0, 6), Highlight(start + 4, start + 10)),
        heading="Top › Below",
    )
    found = replace(found, passages=(passage, passage))
    (shown,) = hit_view(found, short=True).passages
    runs = list(runs_of(shown.blocks[0]))
    assert "".join(run.text for run in runs) == "The answer is this. After it."
    assert "".join(run.text for run in runs if run.answers) == "The answer is this."
    assert [run.text for run in runs if run.marked] == ["answer"]
    assert (shown.begins_within, shown.heading) == (True, "Below")
    whole = hit_view(found)
    assert (len(whole.passages), whole.passages[0].heading) == (2, "Top › Below")
    assert not whole.passages[0].begins_within


BLOCKS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30)), max_size=4)


@settings(deadline=None)
@given(
    st.text(min_size=1, max_size=120),
    st.tuples(st.integers(0, 119), st.integers(1, 50)),
    SPANS,
    BLOCKS,
)
def test_what_is_cut_off_before_an_answer_moves_all_spans_alike(
    text, answer, spans, blocks
):
    start = min(answer[0], len(text) - 1)
    found = hit(1, "T", text).passages[0]
    passage = replace(
        found,
        answer=Highlight(start, start + answer[1]),
        highlights=_marks(spans),
        blocks=tuple(
            ShownBlock(first, first + length, "paragraph") for first, length in blocks
        ),
        start=7,
    )
    cut = from_answer(passage)
    if start <= LEAD:
        assert cut is passage
        return
    moved = len(text) - len(cut.text)
    assert (cut.text, cut.start, cut.answer) == (
        text[start:],
        7 + moved,
        Highlight(0, answer[1]),
    )
    for before, after in (
        (passage.highlights, cut.highlights),
        (passage.blocks, cut.blocks),
    ):
        kept = [one for one in before if one.end > start]
        assert [(max(one.start, start), one.end) for one in kept] == [
            (one.start + moved, one.end + moved) for one in after
        ]


def test_a_post_of_a_list_has_its_state_where_its_text_is_not_whole():
    post = post_view(Article("https://www.a.example/1", " ", evidence="summary"))
    assert (post.title, post.site, post.badge) == (
        "https://www.a.example/1",
        "a.example",
        "summary only",
    )
    assert post_view(Article("https://a.example/1", "T", "A")).badge == ""


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
        *[("x", "article?url=file%3A%2F%2F%2Fx")] * 2,
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
