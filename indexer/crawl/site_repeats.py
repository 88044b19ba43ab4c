"""The blocks that repeat on a site's pages, learnt from the pages themselves: a list of
all posts with their teasers, a notice, a signature. They are no post's own text.

Compares blocks word for word, by site. A block is repeated when it stands in FEWEST
articles that one run has read and in half of the site's; from then on the ledger knows
it, by a hash.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from search.types import Block

# Articles of a site with the same block from which no article owns it, and the least
# share of those that a run has read: two may quote each other, a series has one
# introduction, and a page of a month shows the posts of that month again.
FEWEST = 4
SHARE = 0.5
# Characters from which a block is never the same by chance; shorter ones go where they
# stand beside one that goes.
LONG = 60
# Kinds that stand in many posts for a reason are never taken out: code, formulas,
# tables.
_KINDS = ("paragraph", "item", "quote", "caption", "heading")

Hash = str  # in hexadecimal


@dataclass(slots=True)
class _Site:
    """The articles of a site that were read, the articles that each block was seen in
    that is not yet repeated, and those blocks that are."""

    articles: set[str] = field(default_factory=set)
    seen: dict[Hash, set[str]] = field(default_factory=lambda: defaultdict(set))
    repeated: set[Hash] = field(default_factory=set)


class SiteRepeats:
    """Takes out what repeats on a site's pages.

    ``known`` gives the hashes that the ledger has of a site.
    """

    def __init__(self, known: Callable[[str], Iterable[Hash]]) -> None:
        self._known = known
        self._sites: dict[str, _Site] = {}
        self.new: list[tuple[str, Hash]] = []
        """The sites and hashes that the ledger does not know yet."""
        self.affected: set[str] = set()
        """The articles that were read before it was known that they hold what repeats."""

    def without(self, url: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """Return the blocks of an article without what repeats on its site, all of them
        where no text would be left; remember them for those that follow."""
        site = self._site(url)
        site.articles.add(url)
        hashes = list(map(_hash, blocks))
        for key in dict.fromkeys(filter(None, hashes)):
            self._note(url, key, site)
        kept = _kept(blocks, hashes, site.repeated)
        if all(block.kind == "heading" for block in kept):
            return tuple(blocks)
        return kept

    def _note(self, url: str, key: Hash, site: _Site) -> None:
        if key in site.repeated:
            return
        articles = site.seen[key]
        articles.add(url)
        if len(articles) >= max(FEWEST, SHARE * len(site.articles)):
            site.repeated.add(key)
            self.new.append((urlsplit(url).netloc, key))
            self.affected.update(articles - {url})
            del site.seen[key]

    def _site(self, url: str) -> _Site:
        host = urlsplit(url).netloc
        if host not in self._sites:
            self._sites[host] = _Site(repeated=set(self._known(host)))
        return self._sites[host]


def _hash(block: Block) -> Hash:
    """Return what a block is known by, "" for one that is never taken out."""
    if block.kind not in _KINDS:
        return ""
    words = " ".join(block.text.split())
    return hashlib.blake2b(words.encode(), digest_size=12).hexdigest()


def _kept(
    blocks: Sequence[Block], hashes: Sequence[Hash], repeated: set[Hash]
) -> tuple[Block, ...]:
    """Return the blocks that stay: a short one goes only beside one that goes."""
    is_repeated = [key in repeated for key in hashes]
    goes = [
        repeats and len(block.text) >= LONG
        for repeats, block in zip(is_repeated, blocks, strict=True)
    ]
    for order in (range(1, len(goes)), range(len(goes) - 2, -1, -1)):
        for number in order:
            beside = number - order.step
            goes[number] |= is_repeated[number] and goes[beside]
    return tuple(
        block for block, is_gone in zip(blocks, goes, strict=True) if not is_gone
    )
