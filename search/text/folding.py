"""Letters without what people leave out as they type: case, accents, ligatures, strokes.

    Łódź  →  lodz      smørrebrød  →  smorrebrod      cœur  →  coeur      ﬁne  →  fine

It knows no words and no languages.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial

# Letters that are letters of their own to Unicode, so that no decomposition leads from
# them to what is typed for them; all others are told by their names. The table is that
# of ICU and CLDR (Latin-ASCII), but for the last line: letters of African and Turkic
# languages (ə, ɔ, ɩ), which ICU leaves, as anyascii has them.
_LETTERS = {
    "æ": "ae", "œ": "oe", "ɶ": "oe", "ð": "d", "þ": "th", "ŋ": "n", "ı": "i", "ȷ": "j",
    "ĸ": "q", "ƕ": "hv", "ȸ": "db", "ȹ": "qp", "ɛ": "e", "ɡ": "g", "ƣ": "oi", "ɪ": "i",
    "ʉ": "u", "ə": "e", "ǝ": "e", "ɔ": "o", "ɩ": "i",
}  # fmt: skip
# Signs within words that no keyboard has: letters that stand for an apostrophe or its
# like (Hawaiʻi), the lengthening of Arabic letters, and the dot of ŀ.
_SILENT = frozenset("ʹʺʻʼʽʾʿˈˌꞌ\u0640·‧")
_VARIANT = re.compile(r"LATIN SMALL (?:LETTER|LIGATURE) ([A-Z]{1,2}) WITH .*")


class _Plain(dict[int, str]):
    """Characters as they are typed, each found when it is asked for."""

    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code))
        self[code] = plain
        return plain


def _plain(letter: str) -> str:
    if letter in _LETTERS:
        return _LETTERS[letter]
    if letter in _SILENT or unicodedata.combining(letter):
        return ""
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    variant = _VARIANT.fullmatch(unicodedata.name(letter, ""))
    if variant:  # ø is an o with stroke
        return variant[1].lower()
    return letter


_PLAIN = _Plain()


def fold(text: str) -> str:
    """Return a text without case, accents and the differences of forms that Unicode
    keeps for older encodings, its Latin letters as they are typed on any keyboard and
    its digits as 0 to 9."""
    if text.isascii():
        return text.lower()
    # Some letters have a case only once they are decomposed: ℌ, 𝐁.
    letters = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return unicodedata.normalize("NFKD", letters).translate(_PLAIN)


def with_plain_letters(word: str, own: str) -> str:
    """Return a composed word in small letters with foreign letters as they are typed,
    and all accents; ``own`` are letters that the language has beside a to z."""
    if word.isascii():
        return word
    return "".join(map(partial(_native, own), word))


def _native(own: str, letter: str) -> str:
    is_foreign = letter.isalpha() and letter not in own
    # What an accent makes of a letter is for the stemmer to know: é, å, й.
    if is_foreign and not unicodedata.decomposition(letter):
        return _PLAIN[ord(letter)]
    return letter
