"""The site that a question names, as people remember it: site:ruder.io, site:lilianweng.

Pure, and the same in all homes. The first part of what they type is looked for in the
names of sites, hosts and authors where nothing is called just so.
"""

from __future__ import annotations

from typing import NamedTuple

from search.text.folding import fold

SHORTEST_PART = 4  # characters of a name that are enough to guess it by


class AskedSite(NamedTuple):
    """A site's name as it is typed: as hosts are written, folded, and the part by which
    it is guessed, "" where that is too short."""

    name: str
    folded: str
    part: str

    def is_named(self, host: str, site: str) -> bool:
        """Tell if it is this host or a domain above it, or a site of this name."""
        return f".{host}".endswith(f".{self.name}") or fold(site) == self.folded


def asked_site(site: str) -> AskedSite:
    """Return what a question asks for with ``site:``."""
    name = site.casefold().removeprefix("www.")
    part = squashed(name.split(".")[0])
    return AskedSite(name, fold(name), part if len(part) >= SHORTEST_PART else "")


def squashed(*names: str) -> str:
    """Return names, a space between, without case, accents, spaces and punctuation."""
    return " ".join("".join(filter(str.isalnum, fold(name))) for name in names)
