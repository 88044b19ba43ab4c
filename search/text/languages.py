"""Languages as people name them: lang:de, lang:de-AT, lang:german and lang:deutsch are
one."""

from __future__ import annotations

import re

from search.errors import QueryError

_NAMES = """
ar arabic, bg bulgarian, ca catalan català, cs czech čeština, da danish dansk, de german deutsch, el greek,
en english, es spanish español, et estonian, fa persian farsi, fi finnish suomi, fr french français,
he hebrew, hi hindi, hr croatian, hu hungarian magyar, id indonesian, it italian italiano, ja japanese 日本語,
ko korean 한국어, lt lithuanian, lv latvian, nb norwegian norsk, nl dutch nederlands, no norwegian norsk,
pl polish polski, pt portuguese português, ro romanian, ru russian русский, sk slovak, sl slovenian,
sr serbian, sv swedish svenska, th thai, tr turkish türkçe, uk ukrainian українська, vi vietnamese,
zh chinese 中文
"""
_CODES = {
    name: names.split()[0] for names in _NAMES.split(",") for name in names.split()[1:]
}
_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*")


def language_code(text: str) -> str:
    """The ISO 639-1 code of a language given by code or name. Raises QueryError
    "bad-language"."""
    wanted = text.strip().casefold()
    if wanted in _CODES:
        return _CODES[wanted]
    if code := _CODE.fullmatch(wanted):
        return code[1]
    raise QueryError(
        "bad-language",
        f"lang:{text} is no known language; write its code: en, de, fr, zh.",
    )
