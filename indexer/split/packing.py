"""Pieces packed into passages: up to a target within a section, what is tiny joined.

No heading gets lost: one with nothing beneath it goes into the text of a neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer.split.pieces import Piece
from indexer.split.sections import HeadingPath, Section


@dataclass(frozen=True, slots=True)
class Draft:
    """A passage to be: the pieces of its text and the headings above it."""

    path: HeadingPath
    pieces: list[Piece]
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes in tokens: the usual passage, the least that stands alone, room by path."""

    target: int
    tiny: int
    rooms: Mapping[HeadingPath, int]


class Packer:
    """Packs the pieces of one article. ``pieces`` are those of each block."""

    def __init__(self, pieces: Sequence[list[Piece]], sizes: Sizes) -> None:
        self._pieces = pieces
        self._sizes = sizes
        self._drafts: list[Draft] = []
        # Blocks that are in some draft's path or text.
        self._covered: set[int] = set()

    def pack(self, sections: Sequence[Section]) -> list[Draft]:
        """Return drafts of all sections, of which those of notes are the last."""
        article = [section for section in sections if not section.is_note]
        notes = sections[len(article) :]
        carried: list[Piece] = []
        for section, following in zip(article, [*article[1:], None], strict=True):
            carried = self._add(section, carried, following)
        for note in notes:
            self._add(note, [], None)
        return self._drafts

    def _add(
        self, section: Section, carried: list[Piece], following: Section | None
    ) -> list[Piece]:
        """Make a section's drafts, or return its pieces to go with the next section."""
        pieces = [*carried, *self._pieces_of(section.blocks)]
        # Too little to stand alone: it opens the next section's first passage.
        if following is not None and _tokens(pieces) < self._sizes.tiny:
            lost = self._lost(section.path, following.path)
            onward = _in_order([*pieces, *lost])
            if self._fits_before(onward, following):
                return onward
        if section.blocks:
            room = self._sizes.rooms[section.path]
            for group in self._groups(pieces, len(carried), room):
                self._keep(Draft(section.path, group, section.is_note))
        else:
            self._add_headings(section, pieces, following)
        return []

    def _add_headings(
        self, section: Section, pieces: list[Piece], following: Section | None
    ) -> None:
        """Keep the headings of a section without text, where no other passage does."""
        next_path = following.path if following else ()
        loose = _in_order([*pieces, *self._lost(section.path, next_path)])
        if not loose:
            return
        # What closes the article goes into the last draft, if it fits.
        if following is None and self._fits_behind_last(loose):
            last = self._drafts.pop()
            self._keep(Draft(last.path, [*last.pieces, *loose]))
            return
        # Headings that are the passage's text do not stand above it too.
        in_text = {piece.block for piece in loose}
        self._keep(Draft(tuple(i for i in section.path if i not in in_text), loose))

    def _keep(self, draft: Draft) -> None:
        self._drafts.append(draft)
        self._covered.update(draft.path, (piece.block for piece in draft.pieces))

    def _lost(self, path: HeadingPath, following: HeadingPath) -> list[Piece]:
        """Return the headings that no draft has, and the following path has not."""
        covered = self._covered.union(following)
        return self._pieces_of(i for i in path if i not in covered)

    def _pieces_of(self, blocks: Iterable[int]) -> list[Piece]:
        pieces: list[Piece] = []
        for block in blocks:
            pieces += self._pieces[block]
        return pieces

    def _fits_before(self, pieces: list[Piece], section: Section) -> bool:
        """Tell if pieces fit into a passage with the first piece of a section."""
        first = self._pieces_of(section.blocks[:1])[:1]
        return _tokens([*pieces, *first]) <= self._sizes.rooms[section.path]

    def _fits_behind_last(self, pieces: list[Piece]) -> bool:
        if not self._drafts:
            return False
        last = self._drafts[-1]
        return _tokens([*last.pieces, *pieces]) <= self._sizes.rooms[last.path]

    def _groups(
        self, pieces: list[Piece], carried: int, room: int
    ) -> list[list[Piece]]:
        """Return the pieces in groups of about the target."""
        # The first ``carried`` pieces stay with the one behind them.
        groups: list[list[Piece]] = []
        group = pieces[: carried + 1]
        size = _tokens(group)
        for piece in pieces[carried + 1 :]:
            if size + piece.tokens > self._limit(size, room):
                lead_in = self._lead_in(group, piece, room)
                groups.append(group[: len(group) - len(lead_in)])
                group = lead_in
                size = _tokens(group)
            group.append(piece)
            size += piece.tokens
        return self._without_tiny([*groups, group], room)

    def _limit(self, size: int, room: int) -> int:
        """Return the size up to which a group of this size may grow."""
        # Better a passage above the target than one that says too little.
        if size < self._sizes.tiny:
            return room
        return min(self._sizes.target, room)

    def _lead_in(self, group: list[Piece], following: Piece, room: int) -> list[Piece]:
        """Return a group's last piece if it belongs to what follows, as "We have:"."""
        last = group[-1]
        # A group of nothing else would be left empty.
        if not last.leads or len(group) == 1:
            return []
        fits = last.tokens + following.tokens <= room
        is_short = last.tokens < self._sizes.tiny
        if fits and is_short:
            return [last]
        return []

    def _without_tiny(self, groups: list[list[Piece]], room: int) -> list[list[Piece]]:
        """Return the groups with each tiny one joined to its neighbour, if it fits."""
        kept = groups[:1]
        for group in groups[1:]:
            # Either of the two may be the tiny one.
            sizes = _tokens(kept[-1]), _tokens(group)
            if min(sizes) < self._sizes.tiny and sum(sizes) <= room:
                kept[-1].extend(group)
            else:
                kept.append(group)
        return kept


def _tokens(pieces: Sequence[Piece]) -> int:
    return sum(piece.tokens for piece in pieces)


def _in_order(pieces: list[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: (piece.block, piece.start))
