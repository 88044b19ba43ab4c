"""An overview of an index for who has not asked yet: newest articles and questions that
it answers.

It ranks nothing and needs no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest

from search.snapshot_port import Snapshot
from search.text.languages import STOP_WORDS
from search.types import Article, Filters

EXAMPLES = 3
SAMPLE = 200  # articles that are looked through for questions
SHORTEST, LONGEST = 12, 64  # characters of an example, to fit a line of a telephone
TELLING_WORDS = 2  # at least so many, or it says nothing without its article
SHORTEST_TELLING = 4  # letters
_LONG_WORD = re.compile(rf"\w{{{SHORTEST_TELLING},}}")
# Characters of writing that has no spaces, which are worth a word each.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_NUMBERING = re.compile(r"^[\d.)\s]+(?=\D)")
_ASKING = re.compile(r"(?i)(what|why|how|which|when|who|where|is|are|does|do|can)\b")


def newest(
    index: Snapshot, filters: Filters, *, limit: int, offset: int = 0
) -> tuple[Article, ...]:
    """Return the newest articles that have a text, one for each text."""
    # More than asked for, as copies and bare links are left out: nobody pages far here.
    ids = index.newest(2 * (offset + limit) + 10, filters)
    copies = index.duplicates(ids)
    articles = index.articles(ids)
    seen: set[int] = set()
    found = []
    for number in ids:
        text = number
        if number in copies:
            text = copies[number].representative
        if text not in seen and articles[number].evidence != "link":
            found.append(articles[number])
        seen.add(text)
    return tuple(found[offset : offset + limit])


def link_pages(index: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return the address and title of each link page that has a title, and of the saved
    pages, whose notes are alike."""
    return tuple(
        (source.source, source.title)
        for source in index.coverage()
        if source.kind in ("linkpage", "saved") and source.title
    )


def example_questions(index: Snapshot) -> tuple[str, ...]:
    """Return a few questions that the index's own titles and headings ask, or titles
    where those ask none; the same ones for the same generation."""
    titles = index.sample_titles(SAMPLE)
    stored = index.passages(list(chain.from_iterable(ids for _, ids in titles)))
    articles = index.articles([one.article for one in stored.values()])
    by_site: dict[str, list[str]] = {}
    for title, ids in titles:
        texts = [title]
        passages = [stored[number] for number in ids]
        article = articles[passages[0].article]
        if not article.nosnippet:
            texts += [
                one.passage.heading[-1] for one in passages if one.passage.heading
            ]
        by_site.setdefault(article.site or article.host, []).extend(texts)
    # In turns, so that the examples are of several sites.
    turns = chain.from_iterable(zip_longest(*by_site.values()))
    return tuple(_best(filter(None, turns)))[:EXAMPLES]


def _best(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts that can be asked: plain questions, other questions, the rest."""
    known = dict.fromkeys(_NUMBERING.sub("", " ".join(text.split())) for text in texts)
    worthy = list(filter(_says_enough, known))
    questions = [text for text in worthy if text.endswith(("?", "？"))]
    plain = filter(_ASKING.match, questions)
    yield from dict.fromkeys([*plain, *questions, *worthy])


def _says_enough(text: str) -> bool:
    long_words = _LONG_WORD.findall(text)
    telling = [word for word in long_words if word.casefold() not in STOP_WORDS]
    count = len(telling) + len(_UNSPACED.findall(text)) // 2
    return SHORTEST <= len(text) <= LONGEST and count >= TELLING_WORDS
