"""blog-search as a person and as a program use it."""

import json
import re
from datetime import date

import pytest

from search import __main__ as command
from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.serialization import as_json
from search.types import (
    Answer,
    Article,
    Block,
    Highlight,
    Hit,
    HitPassage,
    Note,
    Passage,
)

EVIL = "A\x1b[31mred\x9b2J\r\u202etitle"


@pytest.fixture(scope="module")
def directory(tmp_path_factory, real_embedder):
    path = tmp_path_factory.mktemp("index")
    text = (Block("paragraph", "x"),)
    words = "Sourdough bread rises slowly in a cold room.\n    code = 1"
    rising = Passage(words, ("Rising",), "rising", "Sourdough bread")
    one = Article(
        "https://a.example/1",
        "Cold dough",
        "The Blog",
        "Ann",
        date(2024, 1, 2),
        blocks=text,
    )
    two = Article("https://a.example/2", EVIL, EVIL, EVIL, blocks=text)
    noted = (Note("a talk about trains", noted=date(2023, 1, 1)),)
    three = Article("https://b.example/", "A talk", evidence="link", notes=noted)
    articles = [
        (one, (rising,)),
        (two, (Passage(f"Kayaks glide {EVIL} on the lake", (EVIL,)),)),
        (three, (Passage("a talk about trains", is_note=True),)),
    ]
    with SqliteWriter(path, real_embedder, splitter=1) as index:
        index.add(articles)
        index.commit()
    return path


@pytest.fixture
def ask(directory, real_embedder, capsys, monkeypatch):
    monkeypatch.setattr(
        command,
        "_engine",
        lambda path: Engine(open_index(path), embedder=real_embedder),
    )

    def run(*arguments, index=directory):
        code = command.main([*arguments, "--index", str(index)])
        return code, *capsys.readouterr()

    return run


def test_an_answer_on_a_pipe_is_plain_text(ask):
    code, out, err = ask("how", "does", "sourdough", "rise?")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    first = next(n for n, line in enumerate(lines) if line == " 1 Cold dough")
    assert lines[first + 1] == "   The Blog · Ann · 2024-01-02"
    assert "   Rising:" in lines
    assert "   Sourdough bread rises slowly in a cold room." in lines
    assert "       code = 1" in lines
    assert "   https://a.example/1#rising:~:text=Sourdough%20bread" in lines
    assert re.fullmatch(r"\d+ articles in \d+ ms", lines[-1])
    assert "\x1b" not in out


def test_hostile_text_does_nothing_to_the_terminal(ask):
    for arguments in (("kayaks glide on the lake",), ("kayaks", "-n", "1")):
        _, out, _ = ask(*arguments)
        assert "[31mred" in out
        assert out.replace("\n", "").isprintable()


def test_evidence_and_limit(ask):
    _, out, _ = ask("a talk about trains", "-n", "1")
    assert "link and note only" in out
    assert "a talk about trains" in out
    assert " 2 " not in out


def test_further_addresses_stand_below_the_first():
    places = (
        f"https://{EVIL}.example/",
        *(f"https://b.example/{n}" for n in range(1, 7)),
    )
    found = Hit(
        "https://a.example/",
        "T",
        "A",
        "",
        None,
        0.5,
        "article",
        None,
        (),
        also_at=places,
    )
    lines = command.render(
        Answer("q", 1.0, 1, True, (found,)), colour=False
    ).splitlines()
    first = lines.index("   https://a.example/")
    assert lines[first + 1].startswith("   also at https://A [31mred")
    assert lines[first + 2 : first + 8] == [
        *(f"   also at https://b.example/{n}" for n in range(1, 5)), "   and at 2 more", "",
    ]  # fmt: skip
    assert "\x1b" not in "".join(lines)


def test_json_is_the_answer_of_the_api(ask, directory, real_embedder):
    code, out, _ = ask("sourdough", "--json", "-n", "2")
    found = json.loads(out)
    expected = as_json(
        Engine(open_index(directory), embedder=real_embedder).search(
            "sourdough", limit=2
        )
    )
    assert code == 0
    assert found | {"took_ms": 0} == json.loads(json.dumps(expected)) | {"took_ms": 0}
    assert set(found) == {
        "query",
        "took_ms",
        "total",
        "weaker",
        "suggested",
        "confident",
        "corrected",
        "facets",
        "results",
    }
    assert set(found["results"][0]) == {
        "url", "title", "site", "author", "published", "score", "evidence", "note", "also_at",
        "dead_since", "archived", "passages",
    }  # fmt: skip
    assert set(found["results"][0]["passages"][0]) == {
        "text",
        "blocks",
        "heading",
        "url",
        "highlights",
        "answer",
        "score",
    }


def test_filters_are_options_too(ask):
    assert (
        json.loads(ask("a", "talk", "--site", "b.example", "--json")[1])["total"] == 1
    )
    assert (
        json.loads(ask("bread", "--after", "2024", "--before", "2024-02", "--json")[1])[
            "total"
        ]
        == 1
    )
    assert json.loads(ask("bread", "--author", "nobody", "--json")[1])["total"] == 0
    assert (
        ask("bread", "--author", "nobody")[1] == "Nothing in the index matches this.\n"
    )
    assert (
        json.loads(ask("bread", "--sort", "newest", "--json")[1])["results"][0][
            "published"
        ]
        == "2024-01-02"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["site:x"],
        ["-n", "0", "x"],
        ["x", "--after", "soon"],
        ["y" * 2001],
        ["a\x00b"],
        [" "],
    ],
)
def test_what_can_not_be_answered_is_2(ask, arguments):
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert err.endswith(".\n")


def test_wrong_use_is_2(ask):
    for arguments in ([], ["x", "--sort", "oldest"], ["x", "-n", "many"]):
        with pytest.raises(SystemExit) as ended:
            ask(*arguments)
        assert ended.value.code == 2


def test_without_an_index_it_is_3(ask, tmp_path):
    code, out, err = ask("bread", index=tmp_path / "none")
    assert (code, out) == (3, "")
    assert "blog-indexer add SOURCE" in err


def answer(text: str, *spans: tuple[int, int], **fields) -> Answer:
    passage = HitPassage(
        text, "", "https://a.example/", tuple(Highlight(*span) for span in spans), 0.5
    )
    hit = Hit("https://a.example/", "T", "", "", None, 0.5, "article", None, (passage,))
    return Answer("q", 1.0, 1, **({"confident": True, "hits": (hit,)} | fields))


def test_marks_and_wrapping_on_a_terminal():
    text = "one two three four five six seven eight nine ten"
    out = command.render(answer(text, (0, 3), (44, 48)), colour=True, width=30)
    assert f"{command.MARK}one{command.PLAIN} two" in out
    assert (
        f"{command.MARK} ten{command.PLAIN}" in out
        or f"{command.MARK}\n" in out
        or "ten" in out
    )
    shown = re.sub("\x1b\\[[0-9;]*m", "", out)
    assert max(map(len, shown.splitlines())) <= 30
    assert " ".join(shown.split()).count(text) == 1
    assert out.count(command.MARK) == 2
    assert command.render(answer(text, (0, 3)), colour=False).count("\x1b") == 0


def test_a_mended_question_is_named_with_the_way_back():
    first, second, *_ = command.render(
        answer("A text.", corrected="ka\x1byaks"), colour=True
    ).splitlines()
    assert (first, second) == (
        "Showing results for: ka yaks",
        "With --exact it is asked as typed.",
    )
    nothing = command.render(answer("", hits=(), corrected="kayaks"), colour=False)
    assert nothing.splitlines()[0] == "Showing results for: kayaks"
    assert nothing.splitlines()[-1] == "Nothing in the index matches this."


def test_a_slip_is_mended_unless_the_question_is_exact(ask):
    _, out, _ = ask("kayakks gilde on the lake")
    assert out.startswith("Showing results for: kayaks glide on the lake\n")
    _, out, _ = ask("--exact", "kayakks gilde on the lake")
    assert "Showing results" not in out


def test_a_mark_of_our_own_in_the_text_does_no_harm():
    out = command.render(answer("a \ue000 b \ue001 word", (8, 12)), colour=True)
    assert "\ue000" not in out
    assert out.count(command.MARK) <= 1


def test_of_a_page_that_asks_for_no_snippet_only_the_note_is_shown():
    note = Note("a fine talk about\x1b[31m trains", noted=date(2023, 1, 1))
    hit = Hit("https://a.example/", "A talk", "A", "", None, 0.5, "article", note, ())
    lines = command.render(
        Answer("q", 1.0, 1, confident=True, hits=(hit,)), colour=False
    ).splitlines()
    assert lines[:6] == [
        " 1 A talk",
        "   A",
        "",
        "   a fine talk about [31m trains",
        "",
        "   https://a.example/",
    ]


def test_where_nothing_answers_it_is_said():
    assert command.render(answer("x", confident=False), colour=False).startswith(
        "Nothing here seems to answer this"
    )
    assert (
        command.render(answer("x", hits=()), colour=False)
        == "Nothing in the index matches this."
    )
