"""The forms under which a word may be looked for besides its stem.

other forms   pre-training → pretrain, \\nabla → \\nabla, as_strided → as strid
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from search.text.languages import COMPOUNDING, STEMMERS
from search.text.tokenizer import (
    LETTERS,
    WORD,
    Placed,
    fold,
    has_english_stemmer,
    stem,
    without_clitics,
)

_MARKED = re.compile(
    r"""\\[A-Za-z]+                                    # TeX: \nabla
      | (?<![\w-])--[A-Za-z]\w*(?:-\w+)*               # --no-cache
      | (?<![\w&\#/])\#[^\W\d]\w*                      # #hashtag
      | (?<![\w./])\.[A-Za-z]\w*                       # .NET
    """,
    re.VERBOSE,
)
_SIGNS = "\\-#."  # that _MARKED begins with
_HYPHEN = re.compile("[-\u2010\u2011]")
_HYPHENATED = re.compile(rf"(?<![0-9A-Za-z_]){LETTERS}(?:{_HYPHEN.pattern}{LETTERS})+")
_CASES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # Index, ID and Map of IndexIDMap2
_CAMEL = re.compile(r"\w*[a-z]\d*[A-Z]\w*")
_PARTED = re.compile(r"[a-z]\d*[A-Z]|\w_\w|\.\d+\.")
_BREAKS = " \n"

WORD_PART = 4  # letters of a stem that is looked for in compounds, at the least
REST = 3  # letters beside it there, at the least
_REMEMBERED = 100_000  # words; an article's words come again in the next one


def other_forms(
    text: str, language: str = "", wanted: Collection[str] = ()
) -> Iterator[Placed]:
    """Yield the other forms of a text's words, in no particular order.

    They are those of ``as_written``, the parts of identifiers, the version that a
    version is a part of, a word without its accents; of a word that may be a compound
    all but its end as ``<form``, and all but its beginning, from the last letter on, as
    ``>mrof``. With ``wanted`` all other forms may be left out.
    """
    yield from as_written(text, language, wanted)
    bare = without_clitics(text, language)
    stretches = iter([(0, len(text))])
    # Only identifiers have other forms there, which are rare.
    if has_english_stemmer(language):
        stretches = _stretches_with(_PARTED, text)
    for start, end in stretches:
        for found in WORD.finditer(bare, start, end):
            for form in _forms_of(found.group(), language):
                yield found.start(), found.end(), form


def as_written(
    text: str, language: str = "", wanted: Collection[str] = ()
) -> Iterator[Placed]:
    """Yield words with the signs that belong to them (\\nabla, --flag, #tag, .NET), and
    hyphenated words as one.

    With ``wanted`` all other forms may be left out.
    """
    if not wanted or any(form[0] in _SIGNS for form in wanted):
        for found in _MARKED.finditer(text):
            yield found.start(), found.end(), fold(found.group())
    for start, end in _stretches_with(_HYPHEN, text):
        for found in _HYPHENATED.finditer(text, start, end):
            form = stem(_HYPHEN.sub("", found.group()), language)
            if form:
                yield found.start(), found.end(), form


def compound_parts(form: str) -> tuple[str, ...]:
    """Return the beginnings, in ``other_forms``, of the compounds that a stem is a part
    of; none where it is too short."""
    if len(form) < WORD_PART or not form.isalpha():
        return ()
    return f"<{form}", f">{form[::-1]}"


def _stretches_with(sign: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches between spaces that contain a sign, in order, as nothing else
    need be searched."""
    end = 0
    for found in sign.finditer(text):
        if found.start() < end:
            continue
        before = [text.rfind(space, end, found.start()) for space in _BREAKS]
        after = [text.find(space, found.end()) for space in _BREAKS]
        start = max(end, *(place + 1 for place in before))
        end = min((place for place in after if place >= 0), default=len(text))
        yield start, end


@lru_cache(maxsize=_REMEMBERED)
def _forms_of(word: str, language: str) -> tuple[str, ...]:
    forms = [stem(part, language) for part in _identifier_parts(word)]
    if word.count(".") > 1:  # 1.24 of 1.24.1
        forms.append(stem(word.rpartition(".")[0]))
    whole = stem(word, language)
    if language in STEMMERS and not word.isascii():
        bare = stem(fold(word), language)
        forms += {bare} - {whole}
    # no word is a compound of itself
    if language in COMPOUNDING and len(whole) >= WORD_PART + REST and whole.isalpha():
        forms += [f"<{whole[:-REST]}", f">{whole[: REST - 1 : -1]}"]
    return tuple(filter(None, forms))


def _identifier_parts(word: str) -> list[str]:
    if "." in word:
        return []
    if "_" in word.strip("_"):
        return list(filter(None, word.split("_")))
    if _CAMEL.fullmatch(word):
        return [part for part in _CASES.findall(word) if len(part) > 1]
    return []
