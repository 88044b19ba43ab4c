from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.types import Highlight, Note
from tests.torture.scale import rounds
from tests.web.canned_engine import CODE, MATHS, PROSE, hit
from web.hit_view import followable, hit_view
from web.text_view import paragraphs, plain_date, plain_time

TEXTS = st.text(st.sampled_from("ab \n\té梯😀<&$;{"), max_size=60)
SPANS = st.lists(st.tuples(st.integers(0, 70), st.integers(1, 9)), max_size=6)


def _marks(spans):
    return tuple(Highlight(start, start + length) for start, length in spans)


def _joined(text, marks=()):
    return [
        "".join(p.text for p in paragraph.runs) for paragraph in paragraphs(text, marks)
    ]


@settings(max_examples=rounds(200, 1000), deadline=None)
@given(TEXTS, SPANS)
def test_the_runs_hold_every_word_once_and_in_order(text, spans):
    assert (
        "".join(_joined(text, _marks(spans))).split() == "".join(_joined(text)).split()
    )
    assert "".join("".join(_joined(text)).split()) == "".join(text.split())


@settings(max_examples=rounds(200, 1000), deadline=None)
@given(
    st.text(st.sampled_from("ab é梯😀"), min_size=1, max_size=60).filter(str.strip),
    SPANS,
)
def test_exactly_the_highlighted_characters_are_marked(text, spans):
    expected = {
        i
        for start, length in spans
        for i in range(start, start + length)
        if i < len(text)
    }
    (paragraph,) = paragraphs(text, _marks(spans))
    marked, at = set(), 0
    for run in paragraph.runs:
        marked |= set(range(at, at + len(run.text))) if run.marked else set()
        at += len(run.text)
    assert marked == expected
    assert at == len(text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (PROSE, ["prose"]),
        (CODE, ["prose", "code"]),
        (MATHS, ["prose", "code", "prose"]),
        ("a | b\nc | d", ["lines"]),
        (
            "import x\nx.run()\n\nNow we do this:\n\n# again\nx.run()",
            ["code", "prose", "code"],
        ),
        ("- la première ;\n- la deuxième (2019) ;\n- la troisième.", ["lines"]),
        (
            "Three things:\nthe first,\nthe second, and (of course)\nthe third.",
            ["lines"],
        ),
        ('int main(void)\n{\n\tputs("x");\n}', ["code"]),
        ("$ make install\n$ make run", ["code"]),
        ("First.\n\nSecond.", ["prose", "prose"]),
        ("  \n\n", []),
    ],
)
def test_code_is_told_from_prose(text, kinds):
    assert [paragraph.kind for paragraph in paragraphs(text, ())] == kinds


def test_code_keeps_its_lines_and_blank_lines():
    assert _joined(CODE)[1] == CODE.partition("\n\n")[2]


def test_a_mark_over_two_paragraphs_goes_on_in_the_second():
    first, second = paragraphs("one two\n\nthree four", (Highlight(4, 14),))
    assert [p.text for p in first.runs if p.marked] == ["two"]
    assert [p.text for p in second.runs if p.marked] == ["three"]


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


def test_the_sentence_that_answers_is_told_from_the_words_that_match():
    text = "Not this. But this one is it. Nor that."
    (paragraph,) = paragraphs(text, (Highlight(14, 22),), Highlight(10, 29))
    assert [(p.text, p.marked, p.answers) for p in paragraph.runs] == [
        ("Not this. ", False, False), ("But ", False, True), ("this one", True, True),
        (" is it.", False, True), (" Nor that.", False, False),
    ]  # fmt: skip


@pytest.mark.parametrize("answers", [True, False])
def test_a_sentence_is_marked_only_where_the_answer_is_trusted(answers):
    found = hit(1, "T", "One. Two.")
    passage = replace(found.passages[0], answer=Highlight(0, 4))
    shown = hit_view(replace(found, passages=(passage,)), answers=answers)
    assert any(p.answers for p in shown.passages[0].paragraphs[0].runs) is answers


def test_a_long_passage_is_seen_from_the_paragraph_that_answers_and_the_rest_folds():
    text = "\n\n".join(f"Paragraph {n} " + "x" * 280 for n in range(8))
    start = text.index("Paragraph 3")
    found = hit(1, "T", text)
    passage = replace(found.passages[0], answer=Highlight(start, start + 11))
    for answers in (True, False):
        (shown,) = hit_view(
            replace(found, passages=(passage,)), answers=answers
        ).passages
        first = ["".join(p.text for p in one.runs)[:11] for one in shown.paragraphs]
        assert first == [f"Paragraph {n}" for n in (3, 4, 5)]
        assert [len(shown.before), len(shown.after)] == [3, 2]


def test_a_short_passage_is_seen_whole_and_a_long_paragraph_too():
    short = replace(hit(1, "T", "One.\n\nTwo.").passages[0], answer=Highlight(6, 10))
    (shown,) = hit_view(replace(hit(1, "T", "-"), passages=(short,))).passages
    assert (len(shown.paragraphs), shown.before, shown.after) == (2, (), ())
    (shown,) = hit_view(hit(1, "T", "y" * 2000 + "\n\nMore.")).passages
    assert (len(shown.paragraphs), len(shown.before), len(shown.after)) == (1, 0, 1)
