"""blog-search as a person and as a program use it."""

import json
import re
import time
from datetime import date

import pytest

from search import __main__ as command
from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.serialization import as_json
from search.types import Article, Block, Note, Passage

EVIL = "A\x1b[31mred\x9b2J\r\u202etitle"


@pytest.fixture(scope="module")
def directory(tmp_path_factory, real_embedder):
    path = tmp_path_factory.mktemp("index")
    text = (Block("paragraph", "x"),)
    words = "Sourdough bread rises slowly in a cold room.\n    code = 1"
    bread = (Block("heading", "Rising", 2, "rising"), Block("paragraph", words))
    rising = Passage(words, ("Rising",), "rising", "Sourdough bread")
    one = Article(
        "https://a.example/1",
        "Cold dough",
        "The Blog",
        "Ann",
        date(2024, 1, 2),
        blocks=bread,
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
    assert lines[first + 1] == "   The Blog · Ann · 2024-01-02 · Rising"
    assert "Sourdough bread rises slowly in a cold room." in out
    assert any(line.startswith("   https://a.example/1#") for line in lines)
    assert re.fullmatch(r"\d+ articles? answers?.* · \d+ ms", lines[-1])
    assert "\x1b" not in out


def test_hostile_text_does_nothing_to_the_terminal(ask):
    for arguments in (("kayaks glide on the lake",), ("kayaks", "-n", "1")):
        _, out, _ = ask(*arguments)
        assert "[31mred" in out
        assert out.replace("\n", "").isprintable()


def test_evidence_and_limit(ask):
    _, out, _ = ask("a talk about trains", "-n", "1")
    assert "link only" in out
    assert "a talk about trains" in out
    assert "\n 2 " not in out


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
        "generation",
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
        "dead_since", "archived", "tags", "collections", "passages",
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
    assert json.loads(ask("talk", "--site", "b.example", "--json")[1])["total"] == 1
    assert (
        json.loads(ask("bread", "--after", "2024", "--before", "2024-02", "--json")[1])[
            "total"
        ]
        == 1
    )
    assert json.loads(ask("bread", "--author", "nobody", "--json")[1])["total"] == 0
    nothing = ask("bread", "--author", "nobody")[1]
    assert nothing.startswith("Nothing in the index matches this.\n")
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
    assert f"blog-indexer add --index {tmp_path / 'none'} SOURCE" in err


def test_a_slip_is_mended_unless_the_question_is_exact(ask):
    _, out, _ = ask("kayakks gilde on the lake")
    assert out.startswith("Showing results for: kayaks glide on the lake\n")
    _, out, _ = ask("--exact", "kayakks gilde on the lake")
    assert "Showing results" not in out


def test_context_shows_more_of_the_same_articles(ask):
    short, whole = (ask("sourdough", *more)[1] for more in ([], ["--context"]))
    assert "   Rising\n" in whole
    assert "   Rising\n" not in short


def test_loading_the_model_is_no_time_of_the_question(directory, real_embedder):
    class SlowToLoad:
        def __getattr__(self, name):
            if name == "name":
                time.sleep(0.5)
            return getattr(real_embedder, name)

    engine = Engine(open_index(directory), embedder=SlowToLoad())
    began = time.perf_counter()
    answer = engine.search("sourdough")
    assert time.perf_counter() - began >= 0.5 + answer.took_ms / 1000
