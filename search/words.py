"""Words as the full text index sees them: folded, stemmed, and CJK writing character by character."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

from snowballstemmer import stemmer

# Han and kana are written without spaces. Hangul is not among them: Korean parts its words.
_CJK = "\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
# Marks that belong to the letter before them: Latin, Cyrillic, Hebrew, Arabic, the scripts of India, Thai.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0903\u093a-\u0963\u0981-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
WORD = re.compile(rf"(?:(?![{_CJK}])[\w{_MARKS}])+")
CJK_RUN = re.compile(rf"[{_CJK}]+")
TOKEN = re.compile(rf"[{_CJK}]|{WORD.pattern}")  # as the full text index parts spaced() text
_CJK_CHARACTER = re.compile(rf"[{_CJK}]")

_porter = stemmer("porter")
_porter_lock = threading.Lock()  # the stemmer keeps the word in itself while it works


def spaced(text: str) -> str:
    """The text with each CJK character as a word of its own, for indexing and for matching alike."""
    return _CJK_CHARACTER.sub(r" \g<0> ", text)


def has_word(text: str) -> bool:
    """Whether there is anything that the full text index would take for a word."""
    return bool(WORD.search(text) or CJK_RUN.search(text))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What FTS5's "porter unicode61 remove_diacritics 2" makes of one word, but for rare letters."""
    folded = "".join(
        c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c)
    )
    if not 3 <= len(folded) <= 64 or not folded.isascii():
        return folded  # FTS5 stems nothing shorter or longer
    with _porter_lock:
        return str(_porter.stemWord(folded))
