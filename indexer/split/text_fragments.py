"""Runs of words that open a page at a passage (``#:~:text=``), where they stand once in
the article."""

from __future__ import annotations

import re

PAGE_ANCHOR = "page="  # begins the anchor of a PDF's page: RFC 8118, section 3

_WORD = re.compile(r"\S+")
# maths and code look otherwise on the page than in the text
_UNSAFE = re.compile(r"[$`\\]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_CLAUSE_END = re.compile(r"[，。！？；：、,]")
_LOOK_AHEAD = 400  # characters of a passage that are looked at; twelve words are hardly ever longer
_FEWEST, _USUAL, _MOST = 4, 8, 12  # words in a run
_SHORTEST, _LONGEST = 6, 40  # characters in a run of a script without spaces


class Fragments:
    """Finds runs in one article; made once an article, as it folds the whole text."""

    def __init__(self, text: str) -> None:
        self._text = _folded(text)

    def opening(self, beginning: str) -> str:
        """The first 4 to 8 words of a passage, up to 12 where that makes them unique,
        else ""."""
        prose = _UNSAFE.split(beginning[:_LOOK_AHEAD], maxsplit=1)[0]
        whole = len(prose) == len(beginning)
        runs = (
            _clauses(prose)
            if _UNSPACED.search(prose[:20])
            else _runs(prose, whole=whole)
        )
        return next((run for run in runs if self._is_unique(run)), "")

    def _is_unique(self, run: str) -> bool:
        folded = _folded(run)
        found = self._text.find(folded)
        return found >= 0 and self._text.find(folded, found + 1) < 0


def _runs(prose: str, *, whole: bool) -> list[str]:
    words = _WORD.findall(prose)
    if not whole and words and not prose[-1].isspace():
        words.pop()  # it may be cut
    longest = min(len(words), _MOST)
    usual = min(longest, _USUAL)
    return [
        " ".join(words[:n]).rstrip(".,;:!?…")
        for n in range(usual, longest + 1)
        if n >= _FEWEST
    ]


def _clauses(prose: str) -> list[str]:
    """Beginnings that end before a mark, since browsers match only whole words."""
    ends = [m.start() for m in _CLAUSE_END.finditer(prose)]
    return [
        " ".join(prose[:end].split()) for end in ends if _SHORTEST <= end <= _LONGEST
    ]


def _folded(text: str) -> str:
    """Browsers match without regard to case and to how much white space there is."""
    return " ".join(text.split()).casefold()
