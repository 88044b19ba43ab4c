"""What a run did, address by address, and who is told while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from indexer.ledger import SourceRecord

Result = Literal["article", "summary", "link", "unchanged", "failed", "excluded"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one address ended. ``reason`` says why it is not the whole article; ``tried`` is False
    where it was not its turn and what is held stays as it was."""

    url: str
    result: Result
    reason: str = ""
    tried: bool = True


@dataclass(slots=True)
class Report:
    """What a run did. ``sources`` pairs each source with its error, "" where all is well."""

    sources: list[tuple[SourceRecord, str]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    embedded: int = 0
    reused: int = 0
    stopped: bool = False


class Progress(Protocol):
    """Is told how far a run is."""

    def begin(self, what: str, total: int) -> None: ...
    def advance(self, text: str) -> None: ...
    def end(self) -> None: ...
