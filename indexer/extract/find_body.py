"""Where in a page the article is: the smallest element that holds all of it.

Names come first, as most themes say it (``post-content``, ``articleBody``,
``<article>``). Where they say nothing or contradict each other, a second text of the
article decides: the feed's version or what trafilatura found; the element that agrees
with it best, by words shared in order, wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from indexer.extract import theme_names as names
from indexer.extract.dom import Element

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|\w+")

RUN = 4
"""Words in a row that count as shared with the second text; single words are shared by
chance."""

BETTER = 0.15
"""By how much another element must agree better with a second text than the one the
names point at."""

RIVAL = 0.5
"""A named body that holds less of the text than this, compared with the broader element
around or beside it, is doubted and the second text is asked."""


def locate(root: Element, hint: str, second_opinion: Callable[[], str]) -> Element:
    """The element that holds the article, ``root`` itself at worst. Sizes must be
    measured.

    ``hint`` is the plain text of the feed's version, ``second_opinion`` is only called
    where the page's own names and the hint leave a doubt.
    """
    named = _whole(_candidates(root, _is_named_body))
    broad = _largest(_candidates(root, _is_broad_body))
    top = root.first("body") or root
    chosen = named or broad
    doubted = chosen is None or prose_size(chosen) < RIVAL * prose_size(broad or top)
    if named is None and broad is not None:
        doubted = prose_size(broad) < 0.8 * prose_size(top)
        chosen = _narrowed(broad)
    if chosen is not None and _agrees(chosen, top, hint):
        return _narrowed(chosen)
    if not doubted and chosen is not None and not hint:
        return _narrowed(chosen)
    return _arbitrated(top, chosen, hint, second_opinion if doubted else lambda: "")


def likely(root: Element) -> Element | None:
    """The body by its name alone, for what must not be taken out before it is looked
    for."""
    return _whole(_candidates(root, _is_named_body)) or _largest(
        _candidates(root, _is_broad_body)
    )


def _arbitrated(
    top: Element, chosen: Element | None, hint: str, second_opinion: Callable[[], str]
) -> Element:
    """The element that agrees best with a second text of the article, if that one knows
    better."""
    asked: tuple[Callable[[], str], ...] = (hint.strip, second_opinion)
    for ask in asked:
        words = words_of(ask())
        if len(words) < 50:
            continue
        found, agreement = best_match(top, words)
        if agreement > 0.6 and (
            chosen is None or agreement > best_match(chosen, words)[1] + BETTER
        ):
            return found
    return _narrowed(chosen if chosen is not None else top)


def _agrees(chosen: Element, top: Element, hint: str) -> bool:
    """Whether nearly all that the page shares with the hint stands in the chosen
    element."""
    words = words_of(hint)
    if len(words) < 20:
        return False
    runs = runs_of(words)
    anywhere = len(runs_of(words_of(" ".join(top.texts()))) & runs)
    inside = len(runs_of(words_of(" ".join(chosen.texts()))) & runs)
    return anywhere >= 0.2 * len(runs) and inside >= 0.9 * anywhere


def _holds(outer: Element, inner: Element) -> bool:
    return outer is inner or any(a is outer for a in inner.ancestors())


def prose_size(element: Element) -> int:
    return element.size - element.linked


def _candidates(root: Element, test: Callable[[Element], bool]) -> list[Element]:
    return [e for e in root.elements() if test(e)]


def _is_named_body(element: Element) -> bool:
    if element.attrs.get("itemprop") in ("articleBody", "blogPost text", "text"):
        return True
    if element.attrs.get("data-hook") == "post-description":  # Wix
        return True
    return any(
        name.lower() in names.BODY for name in element.names
    ) and element.tag not in (
        "html",
        "body",
        "p",
        "a",
    )


def _is_broad_body(element: Element) -> bool:
    if element.tag in ("article", "main") or element.attrs.get("role") in (
        "main",
        "article",
    ):
        return True
    return element.tag in ("div", "section", "td") and any(
        name.lower() in names.BROAD_BODY for name in element.names
    )


def _largest(candidates: Iterable[Element]) -> Element | None:
    """The one with most prose; of several that hold nearly as much the innermost."""
    found = [c for c in candidates if c.size > 0]
    if not found:
        return None
    best = max(found, key=prose_size)
    return [
        c for c in found if _holds(best, c) and prose_size(c) >= 0.9 * prose_size(best)
    ][-1]


def _whole(candidates: list[Element]) -> Element | None:
    """The largest, or what holds it and its other parts: Movable Type's entry-body and
    entry-more."""
    best = _largest(candidates)
    if best is None or best.parent is None:
        return best
    parts = [
        c
        for c in candidates
        if c.parent is best.parent and c.size and not _same_names(c, best)
    ]
    return best.parent if parts else best


def _same_names(one: Element, other: Element) -> bool:
    return one.attrs.get("class", "") == other.attrs.get("class", "")


def _narrowed(element: Element) -> Element:
    """Down through boxes that hold one box and nothing else."""
    while True:
        if any(isinstance(c, str) and c.strip() for c in element.children):
            return element
        filled = [c for c in element.children if not isinstance(c, str) and c.size > 0]
        if len(filled) != 1 or filled[0].tag not in (
            "div",
            "section",
            "article",
            "main",
            "center",
        ):
            return element
        element = filled[0]


def words_of(text: str) -> list[str]:
    """The words of a text, a CJK character counting as one, in lower case."""
    return _WORD.findall(text.lower())


def runs_of(words: list[str]) -> set[tuple[str, ...]]:
    """Every RUN words that follow each other."""
    return set(zip(*(words[i:] for i in range(RUN)), strict=False))


def best_match(top: Element, words: list[str]) -> tuple[Element, float]:
    """The element whose text agrees best with ``words``, and how well: F1 over runs of
    words, 0 to 1."""
    wanted = runs_of(words)
    shared: dict[int, int] = {}
    held: dict[int, int] = {}
    best, best_agreement = top, 0.0
    for element in reversed(list(top.elements())):
        own = words_of(" ".join(c for c in element.children if isinstance(c, str)))
        below = [c for c in element.children if not isinstance(c, str)]
        if _is_leaf(element):
            own, below = words_of(" ".join(element.texts())), []
        held[id(element)] = len(own) + sum(held[id(c)] for c in below)
        shared[id(element)] = sum(
            run in wanted for run in zip(*(own[i:] for i in range(RUN)), strict=False)
        ) + sum(shared[id(c)] for c in below)
        agreement = 2 * shared[id(element)] / (held[id(element)] + len(words))
        if agreement > best_agreement + 0.005:
            best, best_agreement = element, agreement
    return best, best_agreement


def _is_leaf(element: Element) -> bool:
    return element.tag in ("p", "pre", "h1", "h2", "h3", "h4", "h5", "h6")
