"""The one table of languages: names, stemmers, stop words and how they write words.

Whatever a language is to the index or to a question stands here; texts are recognised
by indexer/text/language.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from search.errors import QueryError


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its ISO 639-1 code.

    ``names`` are what people call it after ``lang:``; ``stemmer`` is Snowball's name,
    ``letters`` those that it knows beside a to z and these with accents. ``compounds``:
    words are written together; ``elides``: so are articles, as in l'idée.
    """

    code: str
    names: str = ""
    stemmer: str = ""
    letters: str = ""
    compounds: bool = False
    elides: bool = False


_TABLE = (
    Language("ar", "arabic", "arabic"),
    Language("bg", "bulgarian"),
    Language("ca", "catalan català", "catalan", elides=True),
    Language("cs", "czech čeština", "czech"),
    Language("da", "danish dansk", "danish", letters="æø", compounds=True),
    Language("de", "german deutsch", "german", compounds=True),
    Language("el", "greek", "greek"),
    Language("en", "english", "porter"),  # Porter's is the one for unknown languages too
    Language("eo", "", "esperanto"),
    Language("es", "spanish español", "spanish"),
    Language("et", "estonian", "estonian"),
    Language("eu", "", "basque"),
    Language("fa", "persian farsi", "persian"),
    Language("fi", "finnish suomi", "finnish", compounds=True),
    Language("fr", "french français", "french", elides=True),
    Language("ga", "", "irish"),
    Language("he", "hebrew"),
    Language("hi", "hindi", "hindi"),
    Language("hr", "croatian"),
    Language("hu", "hungarian magyar", "hungarian"),
    Language("hy", "", "armenian"),
    Language("id", "indonesian", "indonesian"),
    Language("it", "italian italiano", "italian", elides=True),
    Language("ja", "japanese 日本語"),
    Language("ko", "korean 한국어"),
    Language("lt", "lithuanian", "lithuanian"),
    Language("lv", "latvian"),
    Language("nb", "", "norwegian", letters="æø", compounds=True),
    Language("ne", "", "nepali"),
    Language("nl", "dutch nederlands", "dutch", compounds=True),
    Language("nn", "", "norwegian", letters="æø", compounds=True),
    Language("no", "norwegian norsk", "norwegian", letters="æø", compounds=True),
    Language("pl", "polish polski", "polish", letters="ł"),
    Language("pt", "portuguese português", "portuguese"),
    Language("ro", "romanian", "romanian"),
    Language("ru", "russian русский", "russian"),
    Language("sk", "slovak"),
    Language("sl", "slovenian"),
    Language("sr", "serbian", "serbian", letters="đ"),
    Language("st", "", "sesotho"),
    Language("sv", "swedish svenska", "swedish", compounds=True),
    Language("ta", "", "tamil"),
    Language("th", "thai"),
    Language("tr", "turkish türkçe", "turkish", letters="ı"),
    Language("uk", "ukrainian українська"),
    Language("vi", "vietnamese"),
    Language("yi", "", "yiddish"),
    Language("zh", "chinese 中文"),
)  # fmt: skip
STEMMERS = {one.code: one.stemmer for one in _TABLE if one.stemmer}
OWN_LETTERS = {one.stemmer: one.letters for one in _TABLE}
COMPOUNDING = frozenset(one.code for one in _TABLE if one.compounds)
ELIDING = frozenset(one.code for one in _TABLE if one.elides)
_CODES = {name: one.code for one in _TABLE for name in one.names.split()}
_NAMES = {one.code: one.names.split()[0].capitalize() for one in _TABLE if one.names}

# Words too common to tell one article from another, in the languages of most blogs read
# so far. Left out are those that mean something in another of these languages ("die",
# "war", "man", "son").
_STOP_WORDS = {
    "en": """
a about after all also am an and any are as at be because been before being but by can could did do does
doing don't for from had has have having he her here him his how i i'm if in into is isn't it it's its just
let me more most my no not of off on one only or other our out over own same she should so some such than
that the their them then there these they this those through to too under until up very was we were what
what's when where which while who whom whose why will with would you your
""",
    "fr": """
au aux avec ce ces cette comme comment dans de des du elle en est et il ils je la le les leur lui mais mes
mon ne nous on ou où par pas plus pour pourquoi qu que quel quelle qui quoi sa se ses sont sur un une vous à
été être
""",
    "de": """
aber als am auch auf aus bei bin das dass dem den der des du ein eine einem einen einer es für habe hat ich
im ist kann mit nach nicht noch nur oder sich sie sind so über und von wann warum was welche wenn wer wie
wird wo zu zum zur
""",
    "es": """
al como con cuando cómo de del donde dónde el ella en es esta este está la las lo los más mi muy no o para
pero por porque que qué se si sin sobre su sus un una y ya
""",
}
_STOP_WORDS_OF = {code: frozenset(words.split()) for code, words in _STOP_WORDS.items()}
STOP_WORDS = frozenset().union(*_STOP_WORDS_OF.values())

_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_HAN = re.compile("[\u4e00-\u9fff]")
_SHARE_OF_HAN = 0.2  # of the characters; fewer are a word or two in another language


def language_code(text: str) -> str:
    """Return the ISO 639-1 code of a language given by code or name: de, de-AT, german
    and deutsch are one.

    Raises QueryError "bad-language".
    """
    wanted = text.strip().casefold()
    if wanted in _CODES:
        return _CODES[wanted]
    if code := _CODE.fullmatch(wanted):
        return code[1]
    raise QueryError(
        "bad-language",
        f"lang:{text} is no known language; write its code: en, de, fr, zh.",
    )


def language_name(text: str) -> str:
    """Return the English name of a language given by code or name, the text itself
    where the table has none."""
    wanted = text.strip().casefold()
    return _NAMES.get(_CODES.get(wanted, wanted), text)


def language_by_stop_words(words: Collection[str]) -> str:
    """Return the code of the language that has more stop words among these than all
    others together, "" where none has."""
    counts = {
        code: len(common.intersection(words)) for code, common in _STOP_WORDS_OF.items()
    }
    code = max(counts, key=lambda one: counts[one])
    # Languages share some of them: one "la" says nothing.
    others = sum(counts.values()) - counts[code]
    if counts[code] > others:
        return code
    return ""


def language_by_script(text: str) -> str:
    """Return the code of the language that the script gives away, else ""."""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    # Japanese has Han characters too, but never without kana in a sentence.
    han = len(_HAN.findall(text))
    if han and han >= _SHARE_OF_HAN * len(text):
        return "zh"
    return ""
