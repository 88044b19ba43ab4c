"""The language an article is written in, by its own words. The one door to py3langid."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from search.types import Block

# Characters looked at; a language shows within the first screen.
SAMPLE = 3_000
# The probability from which an answer is believed. Of the 1,757 articles of eight
# archives all that were looked at are right; the others have a line or two of names.
SURE = 0.9

_NO_PROSE_KINDS = frozenset({"code", "math", "table"})
# no blog's, but often guessed of lists of names
_INVENTED_OR_DEAD = frozenset({"eo", "la", "vo"})
# Formulas, addresses, file names and whatever else has digits or signs of programs in
# it are of no language.
_NO_PROSE = re.compile(r"\$[^$\n]{1,200}\$|\S*[\d/@_{}<>=\\]\S*")
_LETTER = re.compile(r"[^\W\d_]")


def detect_language(
    title: str, blocks: Iterable[Block], notes: Iterable[str] = ()
) -> str:
    """Return the ISO 639-1 code of the prose, as "en"; "" where it is too little to
    tell.

    The claims of pages and feeds are not asked: themes and blog programs leave them at
    their own language.
    """
    prose = [block.text for block in blocks if block.kind not in _NO_PROSE_KINDS]
    # As much again as is looked at, for what is taken out.
    text = "\n".join((title, *prose, *notes))[: 2 * SAMPLE]
    text = _NO_PROSE.sub(" ", text)[:SAMPLE]
    if _LETTER.search(text) is None:
        return ""
    language, probability = _identifier().classify(text)
    if probability >= SURE:
        return str(language)
    return ""


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    short = {label for label in identifier.nb_classes if len(label) == 2}
    identifier.set_languages(sorted(short - _INVENTED_OR_DEAD))
    return identifier
