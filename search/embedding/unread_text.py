"""Pure: how much of a text is writing that a model was not made for."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
# a Han character says about as much as a word
_WORD = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+")


def unread_share(
    text: str, spans: NDArray[np.int32], unknown: NDArray[np.bool_]
) -> float:
    """The share, 0 to 1, of a text's words that its tokens don't stand for.

    ``spans``, shape (n, 2), is where each token begins and ends in the text,
    ``unknown``, shape (n,), whether it stands for whatever is not in the model's
    vocabulary. A word is not read where a token of it is unknown, nor where it is spelt
    out, letter by letter or in less, as all-MiniLM-L6-v2 spells Russian: its vector
    tells letters then and not what is meant. What lies beyond the model's window is
    left aside.
    """
    read = [
        _is_read(spans[inside], unknown[inside], written=found.end() - found.start())
        for found in _WORD.finditer(text)
        if (inside := (spans[:, 0] < found.end()) & (spans[:, 1] > found.start())).any()
    ]
    return 1 - sum(read) / len(read) if read else 0.0


def _is_read(
    spans: NDArray[np.int32], unknown: NDArray[np.bool_], *, written: int
) -> bool:
    if unknown.any():
        return False
    widest = int((spans[:, 1] - spans[:, 0]).max())
    return widest > 1 or (written == 1 and len(spans) == 1)
