"""The findings that snapshots of one generation share, for all threads.

Nothing is looked up here.
"""

from __future__ import annotations

from search.index.sqlite.scopes.labels import KeptLabels
from search.index.sqlite.words.kept import KeptWords


class Kept:
    """The words and the labels of one generation, as far as they were asked for."""

    def __init__(self) -> None:
        self.words = KeptWords()
        self.labels = KeptLabels()
