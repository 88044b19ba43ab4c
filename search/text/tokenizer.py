"""The words of a text as the full text index stores them: folded, and stemmed in the
language of the text.

    running words  Deep-learning in C++ 1.24.1  →  deep learn in c++ 1.24.1

Writing without spaces (Chinese, Japanese, Thai, …) and Korean, which glues particles to
its words, are stored character by character and looked for in pairs. The one door to
snowballstemmer.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

import snowballstemmer

from search.text.folding import fold, with_plain_letters
from search.text.languages import ELIDING, OWN_LETTERS, STEMMERS

# Kana, Han, Hangul, Thai, Lao, Burmese, Khmer.
UNSPACED = (
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
LETTERS = rf"(?:[0-9A-Za-z_]++(?![^\x00-\x7f])|(?:(?![{UNSPACED}])[\w{_MARKS}]|(?<=[lL])·(?=[lL]))+)"
UNIT = re.compile(rf"[{UNSPACED}][{_MARKS}]*")
UNIT_RUN = re.compile(rf"(?:{UNIT.pattern})+")
WORD = re.compile(
    rf"""(?<![\w.])v?\d+(?:\.\d+)+[a-z]*\d*(?!\w)      # 1.24.1, v2.0rc1
       | (?<!\w)[A-Za-z](?:\+\+|\#)(?!\w)              # C++, F#
       | {LETTERS}""",
    re.VERBOSE,
)
TOKEN = re.compile(rf"{UNIT.pattern}|(?:{WORD.pattern})", re.VERBOSE)
_VERSION = re.compile(r"v?(\d+(?:\.\d+)+.*)")

_ELISION = re.compile(
    r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|[dns]?all|dell|nell|coll|sull|dall|gl|un|quest|quell)['’](?=\w)",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"(?<=\w)['’]s(?!\w)")

# Letters of the words that are stemmed: shorter ones have no endings, longer ones are
# no words, and take the stemmers their time.
_STEMMED = range(3, 65)
_ENGLISH = "porter"  # the stemmer, for unknown languages too
_REMEMBERED = 100_000  # words; an article's words come again in the next one
_stemmers = {
    name: snowballstemmer.stemmer(name) for name in sorted(set(STEMMERS.values()))
}
_lock = threading.Lock()  # a stemmer keeps the word in itself while it works

# Between letters of one word: ⑴ and ﷺ stand for several, ŀ is half of the l·l of Catalan.
_NO_WORD = dict.fromkeys(map(ord, " (),·"))

_ASCII = frozenset(map(chr, range(128)))

# Where in the text a form begins and ends, and the form.
Placed = tuple[int, int, str]


def has_word(text: str) -> bool:
    """Say if there is anything that the full text index would take for a word."""
    return next(running(text), None) is not None


def running(
    text: str, language: str = "", initials: Collection[str] = ()
) -> Iterator[Placed]:
    """Yield the words in their order. An elided article (l', dell') and a possessive 's
    are no words.

    With ``initials`` the form of a word that begins otherwise may be "": stemming takes
    most of the time, and only changes a word's end.
    """
    stemmer = STEMMERS.get(language, _ENGLISH)
    skipped = _other_letters(frozenset(initials))
    # Blanks stand for the clitics, so that all places stay those of the text.
    for found in TOKEN.finditer(without_clitics(text, language)):
        word = found[0]
        if word[0] in skipped:
            yield *found.span(), ""
        elif form := _stem(word, stemmer):  # an accent without a letter is no word
            yield *found.span(), form


def running_forms(text: str, language: str = "") -> tuple[str, ...]:
    """Return the words of ``running`` without their places, in half the time."""
    stemmer = STEMMERS.get(language, _ENGLISH)
    words = TOKEN.findall(without_clitics(text, language))
    # An accent without a letter is no word.
    return tuple(filter(None, [_stem(word, stemmer) for word in words]))


def vocabulary(text: str) -> Iterator[str]:
    """Yield the words of spaced writing as they are written, in lower case, each as
    often as it stands there, for the correction of typing slips."""
    return filter(None, map(_written, WORD.findall(text)))


def stem(word: str, language: str = "") -> str:
    """Return one word as the index stores it: folded, without the endings of its
    language."""
    return _stem(word, STEMMERS.get(language, _ENGLISH))


def has_english_stemmer(language: str) -> bool:
    """Say if words of this language are stemmed as English, for want of a stemmer or
    because they are."""
    return STEMMERS.get(language, _ENGLISH) == _ENGLISH


def stemmed_alike(languages: Collection[str]) -> list[str]:
    """Return one language of each stemmer that these need, first English, which is ""
    as whatever is unknown."""
    known = [code for code in sorted(languages) if code in STEMMERS and code != "en"]
    by_stemmer = {STEMMERS[code]: code for code in known}
    return ["", *by_stemmer.values()]


def without_clitics(text: str, language: str) -> str:
    """Return a text of the same length with spaces for elided articles and possessive
    's."""
    if language in ELIDING:
        return _ELISION.sub(lambda found: " " * len(found.group()), text)
    if language in ("", "en") and ("'s" in text or "’s" in text):
        return _POSSESSIVE.sub("  ", text)
    return text


@lru_cache(maxsize=100)  # a question's words are looked for in some forty passages
def _other_letters(initials: frozenset[str]) -> frozenset[str]:
    if not initials:
        return frozenset()
    return frozenset(one for one in _ASCII if one.lower() not in initials)


@lru_cache(maxsize=_REMEMBERED)
def _written(word: str) -> str:
    """Return a word as the vocabulary has it, "" where it has it not."""
    if len(word) < 2 or any(map(str.isdigit, word)):
        return ""
    return unicodedata.normalize("NFC", word).lower()


@lru_cache(maxsize=_REMEMBERED)
def _stem(word: str, stemmer: str) -> str:
    # Of writing without spaces a character is a word; half-width ones are the same.
    if UNIT.match(word):
        return unicodedata.normalize("NFKC", word)
    if version := _VERSION.fullmatch(word):
        return fold(version[1])
    return fold(_without_ending(word, stemmer))


def _without_ending(word: str, stemmer: str) -> str:
    # Decomposed and composed again on both sides, as ligatures may have capitals in them.
    small = unicodedata.normalize("NFKC", word).casefold()
    plain = unicodedata.normalize("NFKC", small).translate(_NO_WORD)
    if len(plain) not in _STEMMED:
        return plain
    # Porter's knows no accents, the others need them.
    if stemmer == _ENGLISH:
        plain = fold(plain)
    else:
        plain = with_plain_letters(plain, OWN_LETTERS[stemmer])
    with _lock:
        return str(_stemmers[stemmer].stemWord(plain))
