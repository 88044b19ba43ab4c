"""Articles in pieces: bounded, complete, and each piece found by what names the next."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.errors import QueryError
from search.types import Article, Block, Note
from web.agents.article_text import WITHHELD, article_text
from web.agents.room import ANSWER, size_of

URL = "https://a.example/post"
NEXT = re.compile(r"read_article with section=(\d+), page=(\d+)\.\Z")
WORDS = st.text(
    st.sampled_from("ab é梯😀\n\t.>#- "), min_size=1, max_size=3_000
).filter(str.strip)
BLOCKS = st.lists(
    st.one_of(
        WORDS.map(lambda text: Block("paragraph", text)),
        WORDS.map(lambda text: Block("code", text)),
        st.tuples(WORDS, st.integers(1, 6)).map(lambda one: Block("heading", *one)),
        st.tuples(WORDS, st.integers(1, 3)).map(lambda one: Block("item", *one)),
    ),
    max_size=30,
)


def long_article(sections=8, paragraphs=12):
    blocks = [Block("paragraph", "Before all headings.")]
    for number in range(1, sections + 1):
        blocks.append(Block("heading", f"Part {number}", 2))
        blocks += [
            Block("paragraph", f"Sentence {number}.{n} says something long. " * 6)
            for n in range(paragraphs)
        ]
    return Article(URL, "A long post", "A", "Ann", blocks=tuple(blocks))


def read_through(article):
    """All answers, as an agent gets them that goes on to the end."""
    answers = [article_text(article)]
    section = page = 0
    while found := NEXT.search(answers[-1]):
        here = int(found[1]), int(found[2])
        assert here > (section, page) or len(answers) == 1
        section, page = here
        answers.append(article_text(article, str(section), page))
    return answers


def letters(text):
    return "".join(text.split())


def test_the_outline_comes_first_and_each_section_can_be_opened():
    article = long_article()
    first = article_text(article)
    assert first.startswith(f"A long post\n{URL}\nA, Ann\n\nSections:\n1. (before")
    assert "\n9. Part 8 (2 pages)" in first
    assert "> Before all headings." in first
    by_number = article_text(article, "4")
    assert "> ## Part 3" in by_number
    assert "Part 2" not in by_number
    assert article_text(article, "part 3") == by_number
    # A quote's heading is a path.
    assert article_text(article, "A long post › Part 3") == by_number
    assert article_text(article, "4", 2) != by_number


def test_a_short_article_comes_whole():
    short = Article(URL, "Short", blocks=(Block("paragraph", "All there is."),))
    assert article_text(short) == (
        f"Short\n{URL}\n\n> All there is.\n\nThis is the end of the article."
    )


@pytest.mark.parametrize("section", ["10", "0", "Nonsense", "99999999999999"])
def test_a_section_that_is_not_there_is_named(section):
    with pytest.raises(QueryError, match=r"there are 1 to 9, listed if you leave"):
        article_text(long_article(), section)


def test_a_page_that_is_not_there_is_named():
    with pytest.raises(QueryError, match="Section 2 has 2 pages"):
        article_text(long_article(), "2", 7)


def test_what_a_page_asks_not_to_be_shown_is_not():
    secret = long_article()
    secret = Article(URL, "T", blocks=secret.blocks, nosnippet=True)
    for said in (article_text(secret), article_text(secret, "3")):
        assert WITHHELD in said
        assert "Sentence" not in said
        assert "Part" not in said


def test_a_link_alone_is_told_by_its_note():
    note = Note("Read this before touching it.", "the post")
    said = article_text(Article(URL, "T", evidence="link", notes=(note,)))
    assert "> Read this before touching it." in said
    assert "No text of it is indexed" in said


def test_the_longest_head_leaves_room_for_a_page():
    article = Article(
        URL + "/é" * 2_000,
        "梯" * 2_000,
        "é" * 2_000,
        "ü" * 2_000,
        evidence="summary",
        blocks=(*long_article().blocks, Block("code", "x" * 30_000)),
        notes=tuple(Note("梯" * 5_000) for _ in range(9)),
        archived="https://archive.example/" + "é" * 2_000,
    )
    answers = read_through(article)
    assert max(map(size_of, answers)) <= ANSWER
    assert answers[-1].endswith("This is the end of the article.")
    assert letters("".join(answers)).count("x") >= 30_000


@given(BLOCKS)
@settings(deadline=None)
def test_nothing_is_left_out_and_no_answer_is_too_long(blocks):
    article = Article(URL, "A post", blocks=tuple(blocks))
    answers = read_through(article)
    assert all(size_of(one) <= ANSWER for one in answers)
    said = letters(
        "".join(
            line.removeprefix(">")
            for one in answers
            for line in one.split("\n")
            if line.startswith(">")
        )
    )
    place = 0
    for block in blocks:
        wanted = letters(block.text)
        place = said.find(wanted, place)
        assert place >= 0
        place += len(wanted)
