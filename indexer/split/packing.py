"""Pieces packed into passages: up to a target within a section, what is tiny joined to
a neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.split.pieces import Piece


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under one heading, by number; ``path`` numbers the headings above,
    outermost first."""

    path: tuple[int, ...]
    blocks: list[int]
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A passage to be: the pieces of its text and the headings above it."""

    path: tuple[int, ...]
    pieces: list[Piece]
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Sizes:
    """Tokens: a passage's usual size, the least that stands by itself, the room beside
    each path."""

    target: int
    tiny: int
    rooms: dict[tuple[int, ...], int]


class Assembly:
    """Packs the pieces of each section into drafts and sees that no heading is lost."""

    def __init__(self, pieces: Sequence[list[Piece]], sizes: Sizes) -> None:
        self._pieces = pieces
        self._sizes = sizes
        self._drafts: list[Draft] = []
        # headings that stand in some draft's path or text
        self._covered: set[int] = set()

    def drafts(self, sections: Sequence[Section]) -> list[Draft]:
        article = [section for section in sections if not section.is_note]
        carried: list[Piece] = []
        for section, following in zip(article, [*article[1:], None], strict=True):
            carried = self._add(section, carried, following)
        for section in sections:
            if section.is_note:
                self._add(section, [], None)
        return self._drafts

    def _add(
        self, section: Section, carried: list[Piece], following: Section | None
    ) -> list[Piece]:
        """Make the section's drafts, or return its pieces where they are for the
        section that follows."""
        pieces = [
            *carried,
            *(piece for i in section.blocks for piece in self._pieces[i]),
        ]
        if following is not None and _tokens(pieces) < self._sizes.tiny:
            onward = sorted(
                [*pieces, *self._lost(section.path, following.path)], key=_position
            )
            if self._fits_before(onward, following):
                return onward
        if section.blocks:
            for group in self._packed(
                pieces, len(carried), self._sizes.rooms[section.path]
            ):
                self._keep(Draft(section.path, group, section.is_note))
        else:
            lost = self._lost(section.path, following.path if following else ())
            loose = sorted([*pieces, *lost], key=_position)
            if loose and (following is not None or not self._joined_to_last(loose)):
                self._keep(_loose_draft(loose, section.path))
        return []

    def _joined_to_last(self, pieces: list[Piece]) -> bool:
        """Put what closes the article with nothing beneath its headings into the last
        draft, if it fits."""
        if not self._drafts:
            return False
        last = self._drafts[-1]
        if _tokens(last.pieces) + _tokens(pieces) > self._sizes.rooms[last.path]:
            return False
        self._drafts.pop()
        self._keep(Draft(last.path, [*last.pieces, *pieces]))
        return True

    def _keep(self, draft: Draft) -> None:
        self._drafts.append(draft)
        self._covered.update(draft.path, (piece.block for piece in draft.pieces))

    def _lost(self, path: tuple[int, ...], following: tuple[int, ...]) -> list[Piece]:
        """The text of those headings that would stand nowhere if the next passage has
        that path."""
        lost = [i for i in path if i not in self._covered and i not in following]
        return [piece for i in lost for piece in self._pieces[i]]

    def _fits_before(self, pieces: list[Piece], section: Section) -> bool:
        first = self._pieces[section.blocks[0]][0].tokens if section.blocks else 0
        return _tokens(pieces) + first <= self._sizes.rooms[section.path]

    def _packed(
        self, pieces: list[Piece], carried: int, room: int
    ) -> list[list[Piece]]:
        """Pieces in groups of about the target; the first ``carried`` stay with the one
        behind them."""
        groups: list[list[Piece]] = []
        group: list[Piece] = []
        size = 0
        for i, piece in enumerate(pieces):
            limit = room if size < self._sizes.tiny else min(self._sizes.target, room)
            if group and i > carried and size + piece.tokens > limit:
                begun = self._lead_in(group, piece, room)
                groups.append(group[: len(group) - len(begun)])
                group, size = begun, _tokens(begun)
            group.append(piece)
            size += piece.tokens
        return self._without_tiny([*groups, group] if group else [], room)

    def _lead_in(self, group: list[Piece], following: Piece, room: int) -> list[Piece]:
        """The group's last piece, if it is a line such as "We have:" that belongs to
        what follows."""
        last = group[-1]
        moves = last.leads and len(group) > 1 and last.tokens < self._sizes.tiny
        return [last] if moves and last.tokens + following.tokens <= room else []

    def _without_tiny(self, groups: list[list[Piece]], room: int) -> list[list[Piece]]:
        kept: list[list[Piece]] = []
        for group in groups:
            small = min(_tokens(group), _tokens(kept[-1])) if kept else room
            if (
                kept
                and small < self._sizes.tiny
                and _tokens(kept[-1]) + _tokens(group) <= room
            ):
                kept[-1].extend(group)
            else:
                kept.append(group)
        return kept


def _loose_draft(pieces: list[Piece], path: tuple[int, ...]) -> Draft:
    """A passage out of headings: those that are its text do not stand above it too."""
    blocks = {piece.block for piece in pieces}
    return Draft(tuple(i for i in path if i not in blocks), pieces)


def _tokens(pieces: Sequence[Piece]) -> int:
    return sum(piece.tokens for piece in pieces)


def _position(piece: Piece) -> tuple[int, int]:
    return piece.block, piece.start
