"""The quotes that an answer is composed of: those of the articles that answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from search.types import Answer, Hit, HitPassage
from web.hit_view import opening_link
from web.request_params import Question
from web.search_links import answering

# The quotes of a page: three of its first article, one of each other. With the prompt
# they are some 2,500 tokens, which leaves room in the 4,096 that Ollama reads by default.
# https://docs.ollama.com/context-length
MOST_QUOTES = 12
MOST_CHARACTERS = 8000  # of all of them
LONGEST = 1500  # characters of one; most have 600


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one article; ``number`` counts from 1, ``link`` opens the article there,
    "" where no click may lead."""

    number: int
    title: str
    site: str
    published: date | None
    text: str
    link: str

    def as_json(self) -> dict[str, object]:
        """The quote in the form of GET /api/answer."""
        return {
            "n": self.number,
            "title": self.title,
            "site": self.site,
            "published": self.published.isoformat() if self.published else None,
            "text": self.text,
            "url": self.link,
        }


def quotes_of(
    answer: Answer, question: Question, asked: Mapping[str, str]
) -> tuple[Quote, ...]:
    """Number the quotes of the articles that answer, none where nothing does.

    ``asked`` are the parameters that lead back from an article that is read here.
    """
    quotes: list[Quote] = []
    room = MOST_CHARACTERS
    for hit, passage in _passages(answer, question):
        text = _shortened(passage.text.strip())
        room -= len(text)
        if room < 0 or len(quotes) == MOST_QUOTES:
            break
        quotes.append(
            Quote(
                number=len(quotes) + 1,
                title=hit.title.strip() or hit.url,
                site=hit.site,
                published=hit.published,
                text=text,
                link=opening_link(replace(hit, passages=(passage,)), asked),
            )
        )
    return tuple(quotes)


def _passages(answer: Answer, question: Question) -> Iterator[tuple[Hit, HitPassage]]:
    """Yield what the page shows of each article that answers: of the very first all its
    quotes, of the others the best."""
    count = max(0, answering(answer) - question.offset)
    for place, hit in enumerate(answer.hits[:count], question.offset):
        shown = hit.passages
        if place > 0:
            shown = shown[:1]
        for passage in shown:
            if passage.text.strip():
                yield hit, passage


def _shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST].rstrip()}…"
