"""The forms under which a word may be looked for besides its stem.

other forms   pre-training → pretrain, 16GB → 16 gb, \\nabla → \\nabla, as_strided → as strid
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from search.text.folding import fold
from search.text.languages import COMPOUNDING, STEMMERS
from search.text.numbers import long_numbers, number_parts, spellings
from search.text.tokenizer import (
    LETTERS,
    WORD,
    Placed,
    has_english_stemmer,
    running_forms,
    stem,
    without_clitics,
)

_MARKED = re.compile(
    r"""\\[A-Za-z]+                                    # TeX: \nabla
      | (?<![\w-])--[A-Za-z]\w*(?:-\w+)*               # --no-cache
      | (?<!\S)-[A-Za-z]\w*                           # -xzf
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
# Without any of these nothing is parted, which most texts are spared to be searched for.
_PARTING = re.compile(r"[A-Z](?<=[a-z\d][A-Z])|_|\.(?=\d)")
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(r"\d(?=[^\W\d_])|\d(?<=[^\W\d_]\d)")  # a digit at a letter
_BREAK = re.compile(r"[ \n]|\Z")

WORD_PART = 4  # letters of a stem that is looked for in compounds, at the least
REST = 3  # letters beside it there, at the least
_REMEMBERED = 100_000  # words; an article's words come again in the next one


Run = tuple[str, ...]
"""The forms of words that stand one after the other."""


@lru_cache(maxsize=1000)  # a question's words are looked for in some forty passages
def runs_of(text: str, language: str = "") -> tuple[Run, ...]:
    """Return the words of a term or phrase in all ways in which they may be written,
    first as they are; () where it has none."""
    ways = list(spellings(text))
    # Stemmers know accents: a text without them may have other stems.
    if language in STEMMERS and not text.isascii():
        ways.append(fold(text))
    found = [running_forms(way, language) for way in ways]
    return tuple(dict.fromkeys(filter(None, found)))


def other_forms(
    text: str, language: str = "", wanted: Collection[str] = ()
) -> Iterator[Placed]:
    """Yield the other forms of a text's words, in no particular order.

    They are those of ``as_written``, the parts of identifiers, numbers apart from their
    units and names, the version that a version is a part of, a word without its
    accents; of a word that may be a compound
    all but its end as ``<form``, and all but its beginning, from the last letter on, as
    ``>mrof``. With ``wanted`` all other forms may be left out.
    """
    yield from as_written(text, language, wanted)
    if _DIGIT.search(text):
        for start, end in _stretches_with(_NUMBERED, text):
            for first, last, part in number_parts(text[start:end]):
                yield start + first, start + last, stem(part, language)
        yield from long_numbers(text)
    stretches = [(0, len(text))]
    # Only identifiers have other forms there, which are rare.
    if has_english_stemmer(language):
        stretches = []
        if _PARTING.search(text):
            stretches = list(_stretches_with(_PARTED, text))
    if not stretches:
        return
    bare = without_clitics(text, language)
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
        space = text.rfind(" ", end, found.start())
        line_end = text.rfind("\n", end, found.start())
        start = max(end, space + 1, line_end + 1)
        after = _BREAK.search(text, found.end())
        end = after.start() if after else len(text)
        yield start, end


@lru_cache(maxsize=_REMEMBERED)
def _forms_of(word: str, language: str) -> tuple[str, ...]:
    forms = [stem(part, language) for part in _identifier_parts(word)]
    if word.count(".") > 1:
        # 1.24 is a part of 1.24.1, but 1 is no part of 1.24 that anyone looks for.
        forms.append(stem(word.rpartition(".")[0]))
    whole = stem(word, language)
    # Stemmers know accents: "über" and "uber" may end in different stems.
    if language in STEMMERS and not word.isascii():
        bare = stem(fold(word), language)
        forms += {bare} - {whole}
    if language in COMPOUNDING:
        forms += _compound_forms(whole)
    return tuple(filter(None, forms))


def _compound_forms(whole: str) -> tuple[str, ...]:
    """Return a stem without its end and, backwards, without its beginning."""
    # Something of it is left out, as no word is a compound of itself.
    if len(whole) < WORD_PART + REST or not whole.isalpha():
        return ()
    return f"<{whole[:-REST]}", f">{whole[: REST - 1 : -1]}"


def _identifier_parts(word: str) -> list[str]:
    if "." in word:  # a version, which has no parts
        return []
    if "_" in word.strip("_"):
        return list(filter(None, word.split("_")))
    if not _CAMEL.fullmatch(word):
        return []
    # A single letter, as the X of useXAxis, would be found everywhere.
    return [part for part in _CASES.findall(word) if len(part) > 1]
