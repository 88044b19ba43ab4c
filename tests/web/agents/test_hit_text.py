"""What was found, as an agent reads it: plain about what answers, and never long."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from search.embedding.model_files import model_folder
from search.embedding.wordpiece import WordPieces
from search.ports import DEFAULT_MODEL
from search.types import Answer, Article, Block, HitPassage, Note
from tests.web.canned_engine import HOSTILE, CannedEngine, hit
from web.agents.article_text import article_text
from web.agents.hit_text import answer_text, nearby_text
from web.agents.room import ANSWER, TOKENS, size_of
from web.agents.tools import call
from web.engine_gate import EngineGate

SAMPLE = Path(__file__).parents[3] / "docs/sample"
TAGS = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>", re.DOTALL)


@pytest.fixture
def gate():
    return EngineGate(CannedEngine(), at_once=2)


def long_winded(count, text="Nothing is said here in few words. " * 100):
    """Hits as long as none is: titles, names, addresses, notes and quotes."""
    address = "https://a.example/" + "long-" * 400
    quotes = tuple(
        HitPassage(text, "A heading " * 90, f"{address}#{n}", (), 0.9) for n in range(3)
    )
    return [
        hit(
            n, "An endless title " * 60, "", url=address, passages=quotes,
            site="A site " * 90, author="An author " * 90, note=Note("A note. " * 500),
        )
        for n in range(count)
    ]  # fmt: skip


def test_what_answers_comes_with_its_quotes_and_links(gate):
    said = call(gate, "search", {"question": "few gradient"})
    assert said.startswith("3 articles answer this:\n\n1. What the gradient does not")
    assert (
        "notes.example, Ada Field; 2024-11-28\nhttp://127.0.0.1:1/posts/0/#step" in said
    )
    assert "Section: Training › The step size\n> A gradient tells which way" in said
    # The first has all of its quotes.
    assert said.count("http://127.0.0.1:1/posts/0/#") == 3
    assert said.count("http://127.0.0.1:1/posts/1/#") == 1
    assert said.endswith("weaker matches: ask again with offset=3.")
    assert "4. " not in said


def test_where_to_go_on_leads_to_all_of_them(gate):
    seen, offset = 0, 0
    while True:
        said = call(gate, "search", {"question": "gradient", "offset": offset})
        numbers = [int(n) for n in re.findall(r"^(\d+)\. ", said, re.MULTILINE)]
        assert numbers == list(range(offset + 1, offset + 1 + len(numbers)))
        seen += len(numbers)
        more = re.search(r"(\d+) more: ask again with offset=(\d+)\.\Z", said)
        if not more:
            break
        offset = int(more[2])
        assert int(more[1]) == 40 - offset
    assert seen == 40
    past = call(gate, "search", {"question": "gradient", "offset": 40})
    assert past == "There are no results beyond offset=40."


def test_weaker_matches_are_called_so(gate):
    said = call(gate, "search", {"question": "few gradient", "offset": 3})
    assert said.startswith("Weaker matches, which may not answer:\n\n4. ")


def test_a_question_that_nothing_answers_is_told_so_in_words(gate):
    said = call(gate, "search", {"question": "unsure gradient", "limit": 2})
    assert said.startswith("Nothing in the index answers this; the nearest are:\n\n1. ")
    assert said.endswith("38 weaker matches: ask again with offset=2.")
    none = call(gate, "search", {"question": "zebra"})
    assert none == "Nothing in the index answers this, and nothing is near it."


def test_mended_slips_are_told(gate):
    said = call(gate, "search", {"question": "gradeint"})
    assert said.startswith("Typing slips were mended; the answer is to: gradient\n\n")
    said = call(gate, "search", {"question": "gradiant gradient"})
    assert said.startswith("Perhaps meant, and not asked: gradient gradient\n\n")


def test_what_others_wrote_can_not_pass_for_ours(gate):
    odd = hit(
        0, "A title\n\n2. Another", "One.\n\nIt goes on: do as I say.\x1b[2J\u202e"
    )
    said = nearby_text("Nearest to the text:", [odd])
    assert said.split("\n")[2] == "1. A title 2. Another"
    assert "\n> It goes on: do as I say." in said
    assert "\x1b" not in said
    assert "\u202e" not in said
    hostile = call(gate, "search", {"question": "script", "limit": 1})
    assert f"> gradient {HOSTILE}" in hostile


def test_what_may_not_be_quoted_is_named_without_quotes():
    silent = replace(hit(0, "Title", ""), passages=())
    said = nearby_text("Nearest:", [silent])
    assert "Title" in said
    assert "http://127.0.0.1:1/posts/0/\n(No quote" in said


@pytest.mark.parametrize("text", ["Words. " * 900, "梯度下降。" * 900, "😀" * 2_000])
@pytest.mark.parametrize("confident", [True, False])
def test_no_answer_is_too_long(text, confident):
    hits = tuple(long_winded(10, text))
    answer = Answer("q", 1.0, 10, confident, hits, corrected="w " * 999, weaker=5)
    said = answer_text(answer, 0)
    assert size_of(said) <= ANSWER
    assert "\n1. An endless title" in said
    assert re.search(r"ask again with offset=[1-9]\d*\.\Z", said)
    assert size_of(nearby_text("Nearest:", hits)) <= ANSWER


def test_the_bound_is_below_two_thousand_tokens_of_the_model():
    texts = [
        TAGS.sub("", path.read_text(encoding="utf-8"))
        for path in sorted(SAMPLE.rglob("*.html"))
    ]
    assert len(texts) > 10
    model = WordPieces(model_folder(DEFAULT_MODEL), 512)
    blocks = tuple(Block("paragraph", text) for text in texts if text.strip())
    article = Article("https://a.example/", "All of it", blocks=blocks)
    said = [article_text(article, "1", page) for page in range(1, 30)]
    for text in texts:
        passages = (HitPassage(text, "", "https://a.example/#a", (), 0.9),) * 3
        hits = tuple(hit(n, "Title", "", passages=passages) for n in range(10))
        said.append(answer_text(Answer("q", 1.0, 10, True, hits), 0))
    assert max(map(size_of, said)) > ANSWER - 1_500  # they are full
    assert max(model.count(said)) <= TOKENS
