"""The search for the element of a page that contains all of its article.

Names come first, as most themes say it (``post-content``, ``articleBody``,
``<article>``). Where they say nothing or contradict each other, a second text of the
article decides, the feed's or the one that trafilatura finds: the element wins whose
words, in order, agree with it best.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from indexer.extract.body import theme_names
from indexer.extract.dom import Element

_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|\w+")

# Words in a row that count as shared; single words are shared by chance.
RUN = 4
# By how much another element must agree better than the one that the names point at.
BETTER = 0.15
# A named body is doubted if it has less of the text than this share of the broader
# element around or beside it …
RIVAL = 0.5
# … and a broad one, if it has less than this of the whole page's.
BROAD_RIVAL = 0.8
# The agreement (F1, 0 to 1) from which a second text is believed at all.
_BELIEVED = 0.6
_SAME = 0.005  # agreements that differ by less are equal: the inner element wins
_NEARLY_ALL = 0.9
# The share of the feed's runs that must stand somewhere in the page.
_ON_PAGE = 0.2
# The share of an element's characters from which the feed's text is all of it.
_WHOLE_HINT = 0.8
# Words from which the feed's text, and any second text, can be compared with a page.
_FEWEST_HINT = 20
_FEWEST_SECOND = 50

_BODY_PROPERTIES = frozenset(["articleBody", "blogPost text", "text"])
_BROAD_ROLES = frozenset(["main", "article"])
_NO_BODIES = frozenset(["html", "body", "p", "a"])
_BOXES = frozenset(["div", "section", "article", "main", "center"])
# Elements that are compared with a second text as one.
_LEAVES = frozenset(["p", "pre", "h1", "h2", "h3", "h4", "h5", "h6"])
_size_of = attrgetter("size")  # 0 for what shows no text


@dataclass(frozen=True, slots=True)
class Body:
    """The element with an article, ``root`` itself at worst.

    ``is_named``: names that only an article's text has say so, and nothing else on the
    page speaks against it. ``is_by_feed``: the feed's text says so.
    """

    element: Element
    is_named: bool = False
    is_by_feed: bool = False


def find_body(root: Element, hint: str, second_text: Callable[[], str]) -> Body:
    """Find the element with the article.

    Sizes must be measured. ``hint`` is the plain text of the feed's version.
    ``second_text`` is only called where the page's names and the hint leave a doubt.
    """
    top = root.first("body") or root
    named = _whole(_named_bodies(root))
    broad = _largest(_broad_bodies(root))
    chosen, is_doubted = named, True
    if named is not None:
        is_doubted = named.unlinked < RIVAL * (broad or top).unlinked
    elif broad is not None:
        chosen = _narrowed(broad)
        is_doubted = broad.unlinked < BROAD_RIVAL * top.unlinked
    is_named = named is not None and not is_doubted
    if chosen is not None and _is_confirmed(chosen, top, hint, is_doubted=is_doubted):
        return Body(_narrowed(chosen), is_named, is_by_feed=_is_most(hint, chosen))
    better = _better_match(top, chosen, words_of(hint))
    if better is not None:
        return Body(better, is_by_feed=True)
    if is_doubted:
        better = _better_match(top, chosen, words_of(second_text()))
    if better is not None:
        return Body(better)
    return Body(_narrowed(chosen or top), is_named)


def _is_most(hint: str, element: Element) -> bool:
    """Tell whether a feed's text is as long as most of what an element shows."""
    return len("".join(hint.split())) >= _WHOLE_HINT * element.size


def body_by_name(root: Element) -> Element | None:
    """Return the body that the names point at, before anything is taken out."""
    return _whole(_named_bodies(root)) or _largest(_broad_bodies(root))


def _better_match(
    top: Element, chosen: Element | None, words: list[str]
) -> Element | None:
    """Return the element that agrees with a second text, if clearly better than the
    chosen one does."""
    if len(words) < _FEWEST_SECOND:
        return None
    found, agreement = best_match(top, words)
    needed = _BELIEVED
    if chosen is not None and agreement > needed:
        needed = max(needed, best_match(chosen, words)[1] + BETTER)
    if agreement > needed:
        return found
    return None


def _is_confirmed(
    chosen: Element, top: Element, hint: str, *, is_doubted: bool
) -> bool:
    """Tell whether nearly all that the page shares with the hint stands in the chosen
    element; without a hint, whether the page's names leave no doubt."""
    if not hint:
        return not is_doubted
    words = words_of(hint)
    if len(words) < _FEWEST_HINT:
        return False
    runs = word_runs(words)
    anywhere = len(_runs_in(top) & runs)
    inside = len(_runs_in(chosen) & runs)
    return anywhere >= _ON_PAGE * len(runs) and inside >= _NEARLY_ALL * anywhere


def _runs_in(element: Element) -> set[tuple[str, ...]]:
    return word_runs(words_of(" ".join(element.texts())))


def _named_bodies(root: Element) -> list[Element]:
    return list(filter(_is_named_body, root.elements()))


def _is_named_body(element: Element) -> bool:
    """Tell whether an element is named or marked as an article's text."""
    is_marked = element.get("itemprop") in _BODY_PROPERTIES
    is_of_wix = element.get("data-hook") == "post-description"
    is_named = element.tag not in _NO_BODIES and theme_names.BODY.is_of(element)
    return any((is_marked, is_of_wix, is_named))


def _broad_bodies(root: Element) -> list[Element]:
    return list(filter(_is_broad_body, root.elements()))


def _is_broad_body(element: Element) -> bool:
    """Tell whether an element may contain an article and what belongs to it."""
    is_marked = element.get("role") in _BROAD_ROLES
    is_box = element.tag in ("div", "section", "td")
    is_named = is_box and theme_names.BROAD_BODY.is_of(element)
    return any((element.tag in ("article", "main"), is_marked, is_named))


def _largest(candidates: list[Element]) -> Element | None:
    """Return the one with most prose; of several with nearly as much the innermost."""
    found = list(filter(_size_of, candidates))
    best = max(found, key=attrgetter("unlinked"), default=None)
    if best is None:
        return None
    enough = _NEARLY_ALL * best.unlinked
    inside = filter(best.contains, found)
    return [element for element in inside if element.unlinked >= enough][-1]


def _whole(candidates: list[Element]) -> Element | None:
    """Return the largest, or what contains it and its other parts: Movable Type sets
    entry-body and entry-more side by side."""
    best = _largest(candidates)
    if best is None:
        return None
    siblings = set(map(id, best.around.children))
    for part in filter(_size_of, candidates):
        if id(part) in siblings and part.get("class") != best.get("class"):
            return best.around
    return best


def _narrowed(element: Element) -> Element:
    """Go down through boxes that contain one box and nothing else."""
    while not any(map(str.strip, element.own_texts)):
        filled = list(filter(_size_of, element.child_elements))
        if len(filled) != 1 or filled[0].tag not in _BOXES:
            break
        element = filled[0]
    return element


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; a CJK character counts as one."""
    return _WORD.findall(text.lower())


def word_runs(words: list[str]) -> set[tuple[str, ...]]:
    """Return every RUN words that follow each other."""
    return set(_consecutive(words))


def _consecutive(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def best_match(top: Element, words: list[str]) -> tuple[Element, float]:
    """Return the element whose text agrees best with ``words``, and how well.

    That is F1 over runs of words, 0 to 1.
    """
    wanted = word_runs(words)
    counts: dict[int, tuple[int, int]] = {}  # of each element: words, runs shared
    best, best_agreement = top, 0.0
    for element in reversed(list(top.elements())):
        if element.tag in _LEAVES:
            own, below = words_of(" ".join(element.texts())), []
        else:
            own, below = words_of(" ".join(element.own_texts)), element.child_elements
        length = len(own)
        shared = sum(map(wanted.__contains__, _consecutive(own)))
        for child in below:
            length += counts[id(child)][0]
            shared += counts[id(child)][1]
        counts[id(element)] = length, shared
        agreement = 2 * shared / (length + len(words))
        if agreement > best_agreement + _SAME:
            best, best_agreement = element, agreement
    return best, best_agreement
