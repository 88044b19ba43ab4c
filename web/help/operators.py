"""Operators with examples that an index can answer, made of its newest articles.

Asks nothing: where no article has what an operator is about, its example is no link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from search.text.languages import STOP_WORDS
from search.types import Article

SHORTEST = 3  # letters of a word in an example
LONGEST = 40  # characters of a name in an example, to fit a line of a telephone


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: an example, what it does, and the question that shows it, "" where
    this index has nothing to show it by."""

    example: str
    does: str
    question: str = ""


def operators(articles: Sequence[Article]) -> list[Operator]:
    """Return all operators, with examples of these articles."""
    word, other = (*_telling_words(articles), "", "")[:2]
    pair = f'"{word} {other}"' if other else ""
    site, author, tag, collection, language = (
        _first(articles, names)
        for names in (
            lambda one: (one.host or one.site,),
            lambda one: (one.author,),
            lambda one: one.tags,
            lambda one: one.collections,
            lambda one: (one.language,),
        )
    )
    year = max((one.dated[:4] for one in articles if one.dated), default="")

    def shown(name: str, value: str, does: str, *, sample: str) -> Operator:
        if not (value and word):
            return Operator(f"{name}{sample}", does)
        example = f"{name}{_quoted(value)}"
        return Operator(example, does, f"{word} {example}")

    return [
        Operator(pair or '"exact words"', "must stand there in this order", pair),
        Operator(
            f"{word} OR {other}" if other else 'rye OR "spelt flour"',
            "one of them must be there; OR in capitals, also between quoted phrases",
            f"{word} OR {other}" if other else "",
        ),
        Operator(
            f"{word} -{other}" if other else "-word",
            'must not be there; also -"two words"',
            f"{word} -{other}" if other else "",
        ),
        Operator(
            f"intitle:{word or 'word'}",
            'must be in the title; also intitle:"two words"',
            f"intitle:{word}" if word else "",
        ),
        shown("tag:", tag, "tagged so; -tag: leaves those out", sample="python"),
        shown(
            "collection:",
            collection,
            "from sources in this collection",
            sample='"To read"',
        ),
        shown("site:", site, "only this site", sample="example.org"),
        shown("author:", author, "only by this author", sample="name"),
        shown("lang:", language, "only in this language; or its name", sample="de"),
        shown("after:", year, "from this year, month or day on", sample="2020"),
        shown(
            "before:", _next(year), "before this year, month or day", sample="2023-06"
        ),
    ]


def _telling_words(articles: Iterable[Article]) -> list[str]:
    """Return two telling words that stand side by side in a title, or one where none has
    two."""
    found: list[str] = []
    for one in articles:
        words = one.title.split()
        telling = [word for word in words if _is_telling(word)]
        found = found or telling[:1]
        for pair in pairwise(words):
            if all(map(_is_telling, pair)):
                return list(pair)
    return found


def _is_telling(word: str) -> bool:
    # Capitals as those of OR would be read as an operator.
    is_word = len(word) >= SHORTEST and word.isalpha() and not word.isupper()
    return is_word and word.lower() not in STOP_WORDS


def _first(
    articles: Iterable[Article], names: Callable[[Article], Sequence[str]]
) -> str:
    """Return the first of these names of any article that fits an example."""
    every = (name for one in articles for name in names(one))
    fits = (name for name in every if name and '"' not in name and len(name) <= LONGEST)
    return next(fits, "")


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _next(year: str) -> str:
    return str(int(year) + 1) if year else ""
