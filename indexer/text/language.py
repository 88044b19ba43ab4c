"""The language an article is written in, told from its own words; the only import of
py3langid."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from search.types import Block

SAMPLE = 3_000
"""Characters looked at; a language shows within the first screen."""

SURE = 0.9
"""Probability from which an answer is believed. Over the 1,757 articles of eight
archives what is believed is right in all that were looked at; what isn't has a line or
two of names."""

_SAYS_NOTHING = ("code", "math", "table")
# no blog's, but often guessed of lists of names
_INVENTED_OR_DEAD = frozenset({"eo", "la", "vo"})
# Formulas, addresses, file names and whatever else holds digits or signs of programs is
# of no language.
_NO_PROSE = re.compile(r"\$[^$\n]{1,200}\$|\S*[\d/@_{}<>=\\]\S*")


def detect_language(
    title: str, blocks: Iterable[Block], notes: Iterable[str] = ()
) -> str:
    """The ISO 639-1 code of the prose, as "en"; "" where it is too little to tell.

    What pages and feeds claim isn't asked: themes and blog programs leave it at their
    own language.
    """
    prose = (block.text for block in blocks if block.kind not in _SAYS_NOTHING)
    text = "\n".join((title, *prose, *notes))[: 2 * SAMPLE]
    text = _NO_PROSE.sub(" ", text)[:SAMPLE]
    if not any(character.isalpha() for character in text):
        return ""
    language, probability = _identifier().classify(text)
    return str(language) if probability >= SURE else ""


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    short = {label for label in identifier.nb_classes if len(label) == 2}
    identifier.set_languages(sorted(short - _INVENTED_OR_DEAD))
    return identifier
