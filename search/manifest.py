"""The manifest of an index: its model, its splitter, its numbers and its calibration."""

from __future__ import annotations

from dataclasses import dataclass

from search.errors import IndexMismatch


@dataclass(frozen=True, slots=True)
class Manifest:
    """The numbers of one generation, written together with the rows.

    ``generation`` grows by one with each commit. ``vectors`` is the name of the vector
    file of the embedded home and ``vectors_sha256`` its checksum; it has the passages
    up to ``vectors_upto`` as they were when it was written. The background is
    that of search/ranking/confidence.py: mean and spread of cosines between articles.

    The calibration is that of search/index/calibration.py: ``everyday`` is the cosine
    of everyday questions, None where an older program wrote the index last;
    the scales of cosines and MaxSim are at 0 for the default model, whose own they
    are. ``uncalibrated`` and ``unexamined`` are how many passages came or went since the
    calibration, and since all rows were compared with their checksums. ``updated`` is
    ISO 8601 in UTC.
    """

    model: str
    fingerprint: str
    dimension: int
    splitter: int
    generation: int = 0
    vectors: str = ""
    vectors_sha256: str = ""
    vectors_upto: int = 0
    articles: int = 0
    passages: int = 0
    background_mean: float = 0.0
    background_spread: float = 0.0
    everyday: float | None = None
    cosine_foreign: float = 0.0
    cosine_own: float = 0.0
    max_sim_foreign: float = 0.0
    max_sim_own: float = 0.0
    uncalibrated: int = 0
    unexamined: int = 0
    updated: str = ""

    def is_of_same_model(self, other: Manifest) -> bool:
        """Tell if both were made with one model, so that their vectors can be
        compared."""
        return (self.model, self.fingerprint) == (other.model, other.fingerprint)

    def require(self, *, model: str, fingerprint: str = "", splitter: int = 0) -> None:
        """Raise IndexMismatch, naming the command that helps, where model or splitter
        differ.

        What is left out is not compared.
        """
        if self.model != model or (fingerprint and self.fingerprint != fingerprint):
            if self.model == model:
                other = "other weights of that name are"
            else:
                other = f"{model} was"
            raise IndexMismatch(
                f"This index was made with the model {self.model}, but {other} asked for. "
                f"Move the index over with: blog-indexer rebuild --model {model}"
            )
        if splitter and self.splitter != splitter:
            raise IndexMismatch(
                "This index was cut into passages by another version of the splitter. "
                "Bring it up to date with: blog-indexer rebuild"
            )
