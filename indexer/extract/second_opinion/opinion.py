"""Another reader's text of an article, and how well it agrees with ours.

Compares runs of words only; decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.extract.body.find_body import RUN, word_runs, words_of
from search.types import Block

# Words from which an opinion is listened to: a shorter text is as likely a menu.
FEWEST_WORDS = 50
# The share of a block's runs of words from which it is confirmed.
_CONFIRMED = 0.5


@dataclass(frozen=True, slots=True)
class Opinion:
    """A text as another reader found it: its runs of words, and all of its words in a
    line with a space around each."""

    runs: frozenset[tuple[str, ...]]
    line: str

    def confirms(self, block: Block) -> bool:
        """Tell whether a block stands in the text."""
        words = words_of(block.text)
        if len(words) < RUN:
            return f" {' '.join(words)} " in self.line
        runs = word_runs(words)
        return len(runs & self.runs) >= _CONFIRMED * len(runs)

    def share_in(self, blocks: Sequence[Block]) -> float:
        """Return the share of its runs, 0 to 1, that stand in these blocks."""
        words = words_of("\n".join(block.text for block in blocks))
        return len(self.runs & word_runs(words)) / max(1, len(self.runs))


def closest_opinion(texts: Sequence[str], blocks: Sequence[Block]) -> Opinion | None:
    """Return the opinion of which most stands in our blocks; None where every text is
    too short to count."""
    opinions: list[Opinion] = []
    for text in texts:
        words = words_of(text)
        if len(words) >= FEWEST_WORDS:
            opinions.append(
                Opinion(frozenset(word_runs(words)), f" {' '.join(words)} ")
            )
    return max(opinions, key=lambda opinion: opinion.share_in(blocks), default=None)
