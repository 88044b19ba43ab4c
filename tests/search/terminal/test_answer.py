"""An answer on a terminal and on a pipe: short, complete, and harmless."""

import re
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from search.terminal.answer import Wish, render
from search.terminal.capabilities import Terminal
from search.terminal.styled import styled, width
from search.types import Answer, Highlight, Hit, HitPassage, Note, ShownBlock

EVIL = "A\x1b[31mred\x9b2J\r\u202etitle"
SENTENCES = "The first of many sentences says little. " * 10
TEXT = f"{SENTENCES}Here is what answers. {SENTENCES}"
URL = "https://a.example/post#part:~:text=Here%20is,answers"
PIPE, SCREEN = Terminal(80), Terminal(80, colour=True)
LINKS = Terminal(80, colour=True, links=True)


def hit(number: int = 1, **fields) -> Hit:
    at = TEXT.index("Here")
    quoted = HitPassage(
        TEXT,
        "Part › Deeper",
        URL,
        (Highlight(at, at + 4),),
        0.5,
        Highlight(at, at + 21),
        (ShownBlock(0, len(TEXT), "paragraph"),),
    )
    usual = {
        "url": f"https://a.example/{number}", "title": f"Title {number}", "site": "The Blog",
        "author": "Ann", "published": date(2024, 1, 2), "score": 0.5, "evidence": "article",
        "note": None, "passages": (quoted,),
    }  # fmt: skip
    return Hit(**(usual | fields))


def answer(*hits: Hit, **fields) -> Answer:
    usual = {"total": len(hits), "confident": True, "hits": hits}
    return Answer("q", 12.3, **(usual | fields))


def unpainted(out: str) -> str:
    return re.sub("\x1b\\[[0-9;]*m|\x1b]8;;[^\x1b]*\x1b\\\\", "", out)


def test_one_result_on_a_pipe():
    assert render(answer(hit()), PIPE).splitlines() == [
        " 1 Title 1",
        "   The Blog · Ann · 2024-01-02 · Deeper",
        "   … »Here is what answers.« The first of many sentences says little. The first",
        "   of many sentences says little. The first of many sentences says little. The",
        "   first of many sentences says little. The first of many sentences says little.",
        "   The first of many sentences says little. The first of many sentences says …",
        f"   {URL}",
        "",
        "1 article answers · 12 ms",
    ]


@pytest.mark.parametrize("terminal", [PIPE, SCREEN, LINKS, Terminal(60, colour=True)])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": "A very long title indeed " * 9, "also_at": ("https://b.example/",)},
        {"dead_since": date(2025, 1, 1), "archived": "https://archive.example/1"},
        {"passages": (), "note": Note("word " * 200)},
    ],
)
def test_no_result_takes_more_than_eight_lines_of_the_screen(terminal, fields):
    out = unpainted(render(answer(hit(**fields), hit(2)), terminal))
    first = out[: out.index("\n 2 ")]
    assert first.endswith("\n")
    lines = first.splitlines()
    taken = sum(max(1, -(-width(styled(line)) // terminal.width)) for line in lines)
    assert taken <= 8


def test_a_long_address_keeps_its_anchor_on_a_terminal_and_all_on_a_pipe():
    long = f"{URL},{'word,' * 60}"
    shown = hit(passages=(HitPassage(TEXT, "", long, (), 0.5),))
    assert long in render(answer(shown), PIPE)
    on_screen = render(answer(shown), SCREEN)
    assert ":~:" not in on_screen
    assert "https://a.example/post#part" in on_screen
    assert long in render(answer(shown), LINKS)


def test_with_links_the_title_opens_at_the_answer():
    out = render(answer(hit()), LINKS)
    assert f"\x1b]8;;{URL}\x1b\\\x1b[1mTitle 1\x1b[0m\x1b]8;;\x1b\\" in out
    assert "   https://a.example/post\n" in unpainted(out)
    assert "\x1b]8" not in render(answer(hit()), SCREEN)


def test_colour_marks_the_answer_and_the_words_asked_for():
    out = render(answer(hit()), SCREEN)
    assert "\x1b[1;35mHere\x1b[0m\x1b[1m is what answers.\x1b[0m The first" in out
    assert "»" not in out
    assert "\x1b" not in render(answer(hit()), PIPE)


def test_context_gives_all_passages_whole_and_every_address():
    other = HitPassage(
        "Another place.", "Elsewhere", "https://a.example/post#b", (), 0.4
    )
    shown = hit(
        passages=(*hit().passages, other, other, other),
        also_at=tuple(f"https://b.example/{number}" for number in range(7)),
        archived="https://archive.example/1",
    )
    lines = render(answer(shown), PIPE, Wish(context=True)).splitlines()
    joined = " ".join(line.strip() for line in lines)
    assert (
        TEXT.replace("Here is what answers.", "»Here is what answers.«").strip()
        in joined
    )
    assert lines.count("   Elsewhere") == 2
    assert "   https://a.example/post#b" in lines
    assert "   archived copy: https://archive.example/1" in lines
    assert [line for line in lines if " at " in line] == [
        *(f"   also at https://b.example/{number}" for number in range(5)),
        "   and at 2 more",
    ]
    assert "also at 7 more" in render(answer(shown), PIPE)


def test_weaker_matches_are_counted_and_shown_when_asked_for():
    found = answer(*(hit(number) for number in range(1, 5)), total=2, weaker=18)
    out = render(found, PIPE)
    assert "Title 2" in out
    assert "Title 3" not in out
    assert out.endswith(
        "2 articles answer, 18 weaker matches (-n 20 shows them) · 12 ms"
    )
    out = render(found, PIPE, Wish(limit=4))
    assert out.index("Title 2") < out.index("Weaker matches:") < out.index("Title 3")
    many = answer(hit(), total=1, weaker=400)
    assert "(-n 50 shows more)" in render(many, PIPE)


def test_where_nothing_answers_it_names_three_and_what_to_do():
    found = answer(*(hit(number) for number in range(1, 6)), confident=False, total=0)
    lines = render(found, PIPE, Wish(index=Path("my index"))).splitlines()
    assert lines[0].startswith("Nothing in the index seems to answer this.")
    assert [line for line in lines if "Title" in line] == [
        f" {number} Title {number}" for number in (1, 2, 3)
    ]
    assert lines.count(f"   {URL}") == 3
    assert lines[-1].endswith("blog-indexer add --index 'my index' SOURCE")
    nothing = render(answer(), PIPE).splitlines()
    assert nothing[0] == "Nothing in the index matches this."
    assert len(nothing) == 3


def test_another_spelling_is_named_first():
    out = render(answer(hit(), corrected="ka\x1byaks"), SCREEN)
    assert out.startswith(
        "Showing results for: ka yaks\nWith --exact it is asked as typed.\n\n"
    )
    out = render(answer(suggested="kayaks"), PIPE)
    assert out.startswith("Did you mean: kayaks\n\nNothing in")


@pytest.mark.parametrize("terminal", [PIPE, SCREEN, LINKS])
@pytest.mark.parametrize("context", [False, True])
def test_hostile_text_does_nothing_to_the_terminal(terminal, context):
    quoted = HitPassage(EVIL, EVIL, f"https://{EVIL}/", (Highlight(0, 3),), 0.5)
    shown = hit(
        title=EVIL, site=EVIL, author=EVIL, passages=(quoted,),
        also_at=(f"https://{EVIL}",), archived=f"https://{EVIL}",
    )  # fmt: skip
    noted = hit(2, passages=(), note=Note(EVIL), url=EVIL)
    found = answer(shown, noted, suggested=EVIL, total=1, weaker=1)
    out = render(found, terminal, Wish(limit=5, context=context))
    assert "[31mred" in out
    assert unpainted(out).replace("\n", "").isprintable()


@pytest.mark.parametrize("terminal", [PIPE, SCREEN, LINKS])
def test_a_post_of_an_export_is_named_with_the_command_that_shows_it(terminal):
    """No program opens it, and a terminal that follows links would open the export."""
    url = "file:///home/me/my%20export.json?post=it's"
    shown = hit(url=url)
    passages = (replace(shown.passages[0], url=url),)
    found = answer(replace(shown, passages=passages))
    wish = Wish(index=Path("/elsewhere"))
    out = render(found, terminal, wish)
    (command,) = [line for line in unpainted(out).splitlines() if url[:20] in line]
    words = shlex.split(command)
    assert words == ["blog-indexer", "show", "--index", "/elsewhere", url]
    assert "]8;;file:" not in out
