"""Tags and names of collections as they are stored and compared.

Knows no source: what a feed, a file or a person calls a tag is theirs to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from search.text.folding import fold

MOST = 30  # names of one article; what has more is a list of keywords
LONGEST = 60  # characters; what is longer is a sentence
# What software puts in where nobody chose a category: WordPress's, in the languages of
# most of its sites, and what other software and themes have in its place.
_UNCHOSEN = """
Uncategorized, Uncategorised, Allgemein, Unkategorisiert, Non classé, Sin categoría, Sin categorizar, Senza categoria,
Sem categoria, Geen categorie, Niet gecategoriseerd, Okategoriserade, Ikke kategorisert, Ukategoriseret, Bez kategorii,
Nezařazené, Без рубрики, Без категорії, 未分類, 未分类, 미분류, Genel, General, Default, Untagged, No category, Post
"""
_GENERIC = frozenset(fold(name.strip()) for name in _UNCHOSEN.split(","))


def names_of(written: Iterable[str]) -> tuple[str, ...]:
    """Return names on one line each, the first spelling of each; no more than MOST, and
    none longer than LONGEST."""
    found: dict[str, str] = {}
    for text in written:
        name = " ".join(text.split())
        if 0 < len(name) <= LONGEST and len(found) < MOST:
            found.setdefault(fold(name), name)
    return tuple(found.values())


def tags_of(written: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of an article as they are stored: names without the sign before
    them, and none that says nothing of it, such as "Uncategorized"."""
    names = names_of(text.strip().lstrip("#") for text in written)
    return tuple(name for name in names if fold(name) not in _GENERIC)


@lru_cache(maxsize=100_000)  # articles of one blog have few different lists of them
def folded(names: tuple[str, ...]) -> frozenset[str]:
    """Return names as they are compared: without case and accents."""
    return frozenset(map(fold, names))
