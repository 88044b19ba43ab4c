"""Addresses that open an article at an answer: which words they name."""

from urllib.parse import unquote

from search.results.text_fragments import answer_link
from search.types import Article, Block

URL = "https://b.example/post"


def link(text: str, answer: str, *, anchor: str = "", url: str = URL) -> str:
    article = Article(
        url, "T", blocks=tuple(Block("paragraph", one) for one in text.split("\n\n"))
    )
    start = article.text.index(answer)
    return unquote(
        answer_link(
            url, article, start=start, end=start + len(answer), anchor=anchor
        ).removeprefix(url)
    )


def test_a_short_answer_is_named_whole():
    assert (
        link(
            "Before it. The dough is sour by then. After.", "The dough is sour by then."
        )
        == "#:~:text=The dough is sour by then"
    )


def test_a_long_answer_is_named_by_its_ends():
    long = f"The dough is sour {'and then more so ' * 9}when it has risen."
    assert link(long, long) == "#:~:text=The dough is,it has risen"


def test_an_address_with_a_fragment_stays_as_it_is():
    assert link("Words that answer.", "Words that answer.", url=f"{URL}#one") == ""


def test_a_page_of_a_pdf_is_opened_by_its_number():
    assert link("Words that answer.", "Words that", anchor="page=3") == "#page=3"
