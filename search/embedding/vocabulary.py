"""The share of a text's words that a model's vocabulary does not cover."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
# a Han character says about as much as a word
_WORD = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+")


def unknown_share(
    text: str, spans: NDArray[np.int32], unknown: NDArray[np.bool_]
) -> float:
    """Return the share, 0 to 1, of a text's words that its tokens don't represent.

    ``spans``, shape (n, 2), is where each token begins and ends in the text,
    ``unknown``, shape (n,), says if it stands for something that is not in the model's
    vocabulary. A word is unknown where a token of it is, and where it is written letter
    by letter or in less, as all-MiniLM-L6-v2 writes Russian: its vector then says
    letters, and not what is meant. Words beyond the model's window are left aside.
    """
    words = known = 0
    for word in _WORD.finditer(text):
        # A token may begin before the word: that of a space and its first letters.
        inside = (spans[:, 0] < word.end()) & (spans[:, 1] > word.start())
        if inside.any():  # else it lies beyond the model's window
            words += 1
            known += _is_known(word, spans[inside], unknown[inside])
    if words:
        return 1 - known / words
    return 0.0


def _is_known(
    word: re.Match[str], spans: NDArray[np.int32], unknown: NDArray[np.bool_]
) -> bool:
    if unknown.any():
        return False
    widest = int((spans[:, 1] - spans[:, 0]).max())
    is_one_letter = len(word[0]) == len(spans) == 1
    return widest > 1 or is_one_letter
