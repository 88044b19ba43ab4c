"""Suggestions while a question is typed: titles, each with a line of its best quote.

Holds no markup: the page's script sets every text as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from search.text.sentences import sentence_starts
from search.types import Answer, Hit, HitPassage
from web.hit_view import opening_link
from web.request_params import Question, page_question

MOST = 5  # articles; more would reach below a phone's keyboard
LONGEST = 160  # characters of a quote: two lines under a title
SHORTEST = 60  # characters; a shorter block ("It has three parts:") says too little
# Characters that may stand before the first marked one; beyond, the quote begins later.
LEAD = 60


def typed_question(args: Mapping[str, str]) -> Question:
    """Read what has been typed so far, with the filters that the page has chosen."""
    question = page_question(args)
    return replace(question, sort="relevance", limit=MOST, offset=0)


def suggestions_as_json(answer: Answer, asked: Mapping[str, str]) -> dict[str, object]:
    """The articles that answer, in the form of GET /api/suggest; none where none does.

    ``asked`` are the parameters that lead back from an article that is read here.
    """
    hits: tuple[Hit, ...] = ()
    if answer.confident:
        hits = answer.hits[: answer.total]
    found = []
    for hit in hits:
        link = opening_link(hit, asked)
        if link:
            found.append(_as_json(hit, link))
    return {"query": answer.query, "suggestions": found}


def _as_json(hit: Hit, link: str) -> dict[str, object]:
    quote = ""
    spans: list[list[int]] = []
    if hit.passages:
        quote, spans = excerpt(hit.passages[0])
    return {
        "title": hit.title.strip() or hit.url,
        "site": hit.site,
        "url": link,
        "quote": quote,
        "highlights": spans,
    }


def excerpt(passage: HitPassage) -> tuple[str, list[list[int]]]:
    """Cut a passage to a line of ``LONGEST`` characters around what answers, with its
    highlights as spans of that line."""
    start = _start(passage)
    end = _end(passage, start)
    cut = passage.text[start:end]
    # One character for one, so that the spans stay true.
    line = "".join(" " if sign.isspace() else sign for sign in cut)
    spans = []
    for mark in passage.highlights:
        first, last = max(mark.start, start), min(mark.end, end)
        if first < last:
            spans.append([first - start, last - start])
    if passage.text[end:].strip():
        line += "…"
    return line, spans


def _start(passage: HitPassage) -> int:
    if passage.answer:
        return passage.answer.start
    if not passage.highlights or passage.highlights[0].start <= LEAD:
        return 0
    place = passage.highlights[0].start
    return max(at for at in sentence_starts(passage.text) if at <= place)


def _end(passage: HitPassage, start: int) -> int:
    """Find where a line that begins at ``start`` ends: with its block, where that is
    long enough to be understood, else at the last word that there is room for."""
    text = passage.text
    for block in passage.blocks:
        if block.end - start >= SHORTEST and block.start <= start:
            text = text[: block.end]
    if len(text) - start <= LONGEST:
        return len(text)
    # In scripts without spaces, anywhere.
    space = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
    if space > 0:
        return space
    return start + LONGEST
