"""The texts that a model's configuration puts before a question and before a passage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

PASSAGE_PROMPTS = ("document", "passage", "corpus")  # names that models give to it


class Prompts(NamedTuple):
    """Both texts, "" where there is none."""

    question: str
    passage: str

    def noted(self) -> str:
        """Return them as the fingerprint is over them: "" where there are none."""
        return "\0".join(self) if any(self) else ""


def prompts_of(known: Mapping[str, Any]) -> Prompts:
    """Return the prompts among those that a model brings, by name.

    Raises TypeError for what is no text.
    """
    # Not left to encode_document, which takes the first name that is there, were it
    # empty: sentence-transformers 5 and 6 put an empty "document" beside a "passage"
    # that models bring.
    of_passages = filter(None, map(known.get, PASSAGE_PROMPTS))
    found = Prompts(known.get("query") or "", next(of_passages, ""))
    if not all(isinstance(text, str) for text in known.values()):
        raise TypeError("its prompts are no texts")
    return found
