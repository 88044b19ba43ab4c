"""Pure: the words of a text as the full text index holds them, folded and stemmed in
the text's language.

    running words  Deep-learning in C++ 1.24.1  →  deep learn in c++ 1.24.1
    other forms    pre-training → pretrain, \\nabla → \\nabla, as_strided → as strid

Writing without spaces (Chinese, Japanese, Thai, …) and Korean, which glues particles to
its words, are held character by character and looked for in pairs.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

import snowballstemmer

from search.text.languages import COMPOUNDING, ELIDING, STEMMERS

# Kana, Han, Hangul, Thai, Lao, Burmese, Khmer.
_UNSPACED = (
    "\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
    "\uac00-\ud7a3\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6"
    "\u1000-\u102a\u103f\u1780-\u17b3"
)
# Marks that belong to the letter before them: Latin, Cyrillic, Hebrew, Arabic, the
# scripts of India, Thai, Lao, Burmese, Khmer.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0903\u093a-\u0963\u0981-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u17b4-\u17d3"
)
# The first alternative only makes the common case quick.
_LETTERS = rf"(?:[0-9A-Za-z_]++(?![^\x00-\x7f])|(?:(?![{_UNSPACED}])[\w{_MARKS}])+)"
UNIT = re.compile(rf"[{_UNSPACED}][{_MARKS}]*")
UNIT_RUN = re.compile(rf"(?:{UNIT.pattern})+")
WORD = re.compile(
    rf"""(?<![\w.])v?\d+(?:\.\d+)+[a-z]*\d*(?!\w)      # 1.24.1, v2.0rc1
       | (?<!\w)[A-Za-z](?:\+\+|\#)(?!\w)              # C++, F#
       | {_LETTERS}""",
    re.VERBOSE,
)
TOKEN = re.compile(rf"{UNIT.pattern}|(?:{WORD.pattern})", re.VERBOSE)
_VERSION = re.compile(r"v?(\d+(?:\.\d+)+.*)")

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
_HYPHENATED = re.compile(
    rf"(?<![0-9A-Za-z_]){_LETTERS}(?:{_HYPHEN.pattern}{_LETTERS})+"
)
_CASES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # Index, ID and Map of IndexIDMap2
_CAMEL = re.compile(r"\w*[a-z]\d*[A-Z]\w*")
_PARTED = re.compile(r"[a-z]\d*[A-Z]|\w_\w|\.\d+\.")

_ELISION = re.compile(
    r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|[dns]?all|dell|nell|coll|sull|dall|gl|un|quest|quell)['’](?=\w)",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"(?<=\w)['’]s(?!\w)")

WORD_PART, REST = 4, 3
"""Letters at the least of a stem that is looked for in compounds, and of what stands
beside it there."""

_stemmers = {
    name: snowballstemmer.stemmer(name) for name in sorted(set(STEMMERS.values()))
}
_lock = threading.Lock()  # a stemmer keeps the word in itself while it works

_ASCII = "".join(map(chr, range(128)))

Placed = tuple[int, int, str]
"""Where in the text a form begins and ends, and the form."""


def has_word(text: str) -> bool:
    """Whether there is anything that the full text index would take for a word."""
    return next(running(text), None) is not None


def running(
    text: str, language: str = "", initials: Collection[str] = ()
) -> Iterator[Placed]:
    """The words in their order. An elided article (l', dell') and a possessive 's are
    no words.

    With ``initials`` the form of a word that begins otherwise may be "": stemming takes
    most of the time, and only changes a word's end.
    """
    text = _without_clitics(text, language)
    stemmer = STEMMERS.get(language, "porter")
    skipped = (
        frozenset(c for c in _ASCII if c.lower() not in initials)
        if initials
        else frozenset()
    )
    for found in TOKEN.finditer(text):
        word = found[0]
        if word[0] in skipped:
            yield *found.span(), ""
        elif form := _stem(word, stemmer):  # an accent without a letter is no word
            yield *found.span(), form


def other_forms(
    text: str, language: str = "", wanted: Collection[str] = ()
) -> Iterator[Placed]:
    """Under what else words may be looked for, in no particular order.

    That ``as_written`` gives, the parts of identifiers, the version that a version is a
    part of, a word without its accents; of a word that may be a compound all but its
    end as ``<form``, and all but its beginning, from the last letter on, as ``>mrof``.
    With ``wanted`` forms that aren't may be left out.
    """
    yield from as_written(text, language, wanted)
    is_porter = STEMMERS.get(language, "porter") == "porter"
    bare = _without_clitics(text, language)
    for start, end in _around(_PARTED, text) if is_porter else [(0, len(text))]:
        for found in WORD.finditer(bare, start, end):
            for form in _forms_of(found.group(), language):
                yield found.start(), found.end(), form


def as_written(
    text: str, language: str = "", wanted: Collection[str] = ()
) -> Iterator[Placed]:
    """Words with the signs that belong to them (\\nabla, --flag, #tag, .NET),
    hyphenated words as one."""
    for found in (
        _MARKED.finditer(text)
        if not wanted or any(form[0] in _SIGNS for form in wanted)
        else ()
    ):
        yield found.start(), found.end(), fold(found.group())
    for start, end in _around(_HYPHEN, text):
        for found in _HYPHENATED.finditer(text, start, end):
            if form := stem(_HYPHEN.sub("", found.group()), language):
                yield found.start(), found.end(), form


def _around(sign: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """The stretches between spaces that hold a sign, in order: what takes it is looked
    for nowhere else."""
    end = 0
    for found in sign.finditer(text):
        if found.start() >= end:
            start = (
                max(
                    end - 1, *(text.rfind(space, end, found.start()) for space in " \n")
                )
                + 1
            )
            ends = (
                place
                for space in " \n"
                if (place := text.find(space, found.end())) >= 0
            )
            end = min(ends, default=len(text))
            yield start, end


def stem(word: str, language: str = "") -> str:
    """One word as the index holds it: folded, and without the endings of its
    language."""
    return _stem(word, STEMMERS.get(language, "porter"))


def fold(text: str) -> str:
    """Without case, accents and the differences of forms that Unicode keeps for older
    encodings."""
    return "".join(
        c
        for c in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(c)
    )


def vocabulary(text: str) -> Iterator[str]:
    """The words of spaced writing as they are spelt, in lower case: what typing slips
    are told by."""
    for found in WORD.finditer(text):
        word = found.group()
        if len(word) > 1 and not any(c.isdigit() for c in word):
            yield unicodedata.normalize("NFC", word).lower()


@lru_cache(maxsize=100_000)
def _stem(word: str, name: str) -> str:
    if UNIT.match(word):
        return unicodedata.normalize("NFKC", word)
    if version := _VERSION.fullmatch(word):
        return version[1].casefold()
    plain = unicodedata.normalize("NFC", word.casefold())
    if not 3 <= len(plain) <= 64:
        return fold(plain)
    with _lock:
        return fold(
            _stemmers[name].stemWord(fold(plain) if name == "porter" else plain)
        )


@lru_cache(maxsize=100_000)
def _forms_of(word: str, language: str) -> tuple[str, ...]:
    forms: list[str] = []
    if "." in word:
        forms += (
            [_stem(word.rpartition(".")[0], "porter")] if word.count(".") > 1 else []
        )
    elif "_" in word.strip("_"):
        forms += [stem(part, language) for part in word.split("_") if part]
    elif _CAMEL.fullmatch(word):
        forms += [
            stem(part, language) for part in _CASES.findall(word) if len(part) > 1
        ]
    whole = stem(word, language)
    if (
        language in STEMMERS
        and not word.isascii()
        and (bare := stem(fold(word), language)) != whole
    ):
        forms.append(bare)
    if language in COMPOUNDING and len(whole) >= WORD_PART + REST and whole.isalpha():
        forms += [
            f"<{whole[:-REST]}",
            f">{whole[: REST - 1 : -1]}",
        ]  # no word is a compound of itself
    return tuple(filter(None, forms))


def compound_parts(form: str) -> tuple[str, ...]:
    """How the compounds that a stem is a part of begin in ``other_forms``; none where
    it is too short."""
    return (
        (f"<{form}", f">{form[::-1]}")
        if len(form) >= WORD_PART and form.isalpha()
        else ()
    )


def stemmed_alike(languages: Collection[str]) -> list[str]:
    """One language of each stemmer that these need, English (or what is unknown)
    first."""
    by_stemmer = {"porter": "en"} | {
        STEMMERS[code]: code for code in sorted(languages) if code in STEMMERS
    }
    return [code if code != "en" else "" for code in by_stemmer.values()]


def _without_clitics(text: str, language: str) -> str:
    if language in ELIDING:
        return _ELISION.sub(lambda found: " " * len(found.group()), text)
    if language in ("", "en"):
        return _POSSESSIVE.sub("  ", text)
    return text
