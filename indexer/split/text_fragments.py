"""Runs of words that open a page at a passage (``#:~:text=``).

A run is used only where it is in the article once.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"\S+")
# Math and code look otherwise on the page than in the text.
_UNSAFE = re.compile(r"[$`\\]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_CLAUSE_END = re.compile(r"[，。！？；：、,]")
# Characters at a passage's beginning; twelve words are hardly ever longer.
_LOOK_AHEAD = 400
_FEWEST, _USUAL, _MOST = 4, 8, 12  # words in a run
_SHORTEST, _LONGEST = 6, 40  # characters in a run of a script without spaces


class Fragments:
    """Finds runs in one article; made once an article, as it folds the whole text."""

    def __init__(self, text: str) -> None:
        self._text = _folded(text)

    def opening(self, beginning: str) -> str:
        """Return the first 4 to 8 words of a passage, "" where they are not unique.

        Up to 12 where that makes them so.
        """
        prose = _UNSAFE.split(beginning[:_LOOK_AHEAD], maxsplit=1)[0]
        if _UNSPACED.search(prose[:20]):
            runs = _clauses(prose)
        else:
            runs = _opening_runs(prose, whole=len(prose) == len(beginning))
        return next(filter(self._is_unique, runs), "")

    def _is_unique(self, run: str) -> bool:
        folded = _folded(run)
        found = self._text.find(folded)
        return found >= 0 and self._text.find(folded, found + 1) < 0


def _opening_runs(prose: str, *, whole: bool) -> list[str]:
    """Return the first words, the usual number of them first, then one more each."""
    words = _WORD.findall(prose)
    is_cut = not whole and not prose[-1:].isspace()
    if is_cut:
        del words[-1:]
    longest = min(len(words), _MOST)
    usual = max(_FEWEST, min(longest, _USUAL))
    texts = [" ".join(words[:count]) for count in range(usual, longest + 1)]
    return [text.rstrip(".,;:!?…") for text in texts]


def _clauses(prose: str) -> list[str]:
    """Return beginnings that end before a mark, as browsers match only whole words."""
    found: list[str] = []
    for mark in _CLAUSE_END.finditer(prose):
        if _SHORTEST <= mark.start() <= _LONGEST:
            found.append(" ".join(prose[: mark.start()].split()))
    return found


def _folded(text: str) -> str:
    """Return a text as browsers compare it: without case, white space as one space."""
    return " ".join(text.split()).casefold()
