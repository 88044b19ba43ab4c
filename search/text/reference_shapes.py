"""The shapes of lines in lists of references and footnotes.

Looks at no line's neighbours, as search/text/line_shapes.py.
"""

from __future__ import annotations

import re

# Characters of the longest entry of a bibliography: with fifteen authors and an address.
LONGEST_ENTRY = 700
_LONGEST_LINE = 300  # characters of "Cited as:"
_LONGEST_LINK = 2000  # characters of an address that stands alone
# Points from which a line is an entry of a bibliography wherever it stands, and from
# which it is one among others.
ENTRY = 5
LIKELY = 3

_BARE_LINK = re.compile(r"\W{0,4}(?:https?://|www\.)[^\s<>\"']++\s*+[)\]]?\Z", re.I)
_BIBTEX = re.compile(
    r"\s{0,9}@(?:article|book|booklet|conference|inbook|incollection|inproceedings|manual|mastersthesis|misc|online"
    r"|phdthesis|proceedings|techreport|unpublished|software|dataset)\s?[{(]",
    re.I,
)
_CITE_LINE = re.compile(
    r"(?:(?:or |you can )?(?:please )?(?:cited? (?:this|as|it as)\b|to cite this\b|use the bibtex\b|in bibtex\b"
    r"|bibtex ?(?:citation|entry)? ?(?=:)|for attribution\b"
    r"|(?:if|in case) you (?:find|found|used?|enjoy(?:ed)?|liked?)\b.{0,80}\bcit(?:e|ing)\b|zitieren\b"
    r"|zitier(?:weise|vorschlag)\b|pour citer\b|引用(?:本文|格式)).{0,160})(?:[:：]|\bas\Z)",
    re.I | re.S,
)
# "[12]", "[Abc+20]", "[^1]:", "^3".
_MARKER = re.compile(
    r"\s{0,3}(?:[\[【［]\^?\w[\w+\-.]{0,12}[\]】］]|\^ ?\d*)[:.]?\s*+(?=\S)"
)
_NUMBERED = re.compile(r"\d{1,3}[.)、]\s*+(?=\S)")
_NUMBER = re.compile(r"\W{0,3}([1-9]\d{0,2})\b")
_MARK_IN_TEXT = re.compile(r"(?<=\S)\[([1-9]\d{0,2})\]")
# "[1]: Some more on it", not "[1] show that …", which has the entry in a sentence.
_NOTE = re.compile(r"\[\^?\w{1,12}\](?::|\s?(?:https?:|[^\W_a-zß-ÿа-я]|[“\"'(]))")
# "References: the handbook", alone on its line.
_REFERENCE_LINE = re.compile(
    r"(?:references?|see|via|(?:verwendete )?quellen?|siehe|voir"
    r"|参考(?:链接|资料|文章|文献|自)?|原文(?:链接|地址)?|出处|来源|参照)"
    r"\s?[:：]\s?\S.{0,160}\Z",
    re.I,
)
_BACK_ARROWS = ("↩", "↩\ufe0e", "↩\ufe0f", "↑", "⤴", "⏎", "[return]")

# Names begin with a capital; "Surname, I.", "I. Surname", "Surname et al", "A & B".
_NAME = r"[A-ZÀ-ÞŁŚŠŽČİ][\w’'\-]{1,20}"
_INITIAL = r"[A-ZÀ-Þ]\."
_AUTHORS = re.compile(
    rf"(?:(?:van|von|de|der|den|del|la|le|di|da|dos|el|al) ){{0,2}}{_NAME}(?: {_NAME})?, ?"
    rf"(?:{_INITIAL}|{_NAME} {_INITIAL}|{_NAME}[,.(:]|{_NAME} \()"
    rf"|{_NAME} [A-ZÀ-Þ]{{1,3}}(?: Jr)? ?,"
    rf"|{_INITIAL} ?(?:-?{_INITIAL} ?){{0,3}}{_NAME}"
    rf"|(?:{_NAME},? |{_INITIAL} ){{1,4}}(?:et al|&|and {_NAME})"
    rf"|{_NAME}(?: {_NAME}){{1,3}}(?:, {_NAME}(?: {_NAME}){{1,3}}){{1,3}}[,.]"
)
_AUTHOR_AND_YEAR = re.compile(
    r"[^()]{3,300}\( ?(?:1[5-9]|20)\d\d[a-z]?(?:,[^()]{0,24})? ?\)[.,:] "
)
# A year in brackets, behind a comma or a full stop, or at the end.
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d[a-z]?(?![\w%])")
_BEFORE_YEAR = re.compile(
    r"(?:[(\[][^()\[\]]{0,20}|[,.;:]\s?(?:\w{3,9}\.?\s)?|[’'\s])\Z"
)
_BEFORE = 24  # characters before a year that are looked at
_AFTER_YEAR = re.compile(r"(?:[\-–/]\d{1,4})?(?:,[^()]{0,24})?\s?(?:[)\].,;:↩]|\Z)")
_SHORT_YEAR = re.compile(r"[A-Z]{2,8}\s?[’']\d\d\b")
_QUOTED = re.compile(r"[“\"„«《「][^“”\"„«»《》「」]{8,250}[”\"“»》」]")
_PAGES = re.compile(
    r"\d{1,4}\s?\(\d{1,4}\)[:,]\s?\d|\d{2,4}[-–]{1,2}\d{2,4}|出版社|学报"
)
_SENTENCE_INSIDE = re.compile(
    r"[a-z\])’”\"]{2}(?<!et al)[.!?] [A-Z][a-z]{0,20} [a-z]+ [a-z]+"
)
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_VENUE_WORDS = _set_of(
    """
    proceedings proc conference conf journal transactions trans workshop symposium preprint corr university press
    publisher publishers publishing verlag éditions vol volume pp pages retrieved accessed abgerufen consulté
    consultado geraadpleegd hrsg eds technical thesis dissertation neurips nips icml iclr aaai ijcai emnlp naacl
    eacl coling cvpr iccv eccv acl jmlr tacl kdd sigir siggraph interspeech icassp icra iros corl aistats colt
    usenix springer elsevier ieee acm wiley routledge blackwell penguin o'reilly nature science lncs
    """
)
# What an entry is numbered by elsewhere.
_IDENTIFIERS = frozenset(["arxiv", "doi", "isbn", "issn", "pmid", "pmc"])
# Words of someone who speaks to the reader.
_SPEAKING_WORDS = _set_of(
    """
    i i'm i've we we're you you're my our us your ich wir mir uns du nous je vous mon notre votre yo nosotros mi
    nuestro io noi ik wij мы я вы
    """
)


def is_bare_link(text: str) -> bool:
    """Tell if a line is nothing but an address."""
    start = text[:16]
    if "://" not in start and "www." not in start:
        return False
    return len(text) <= _LONGEST_LINK and _BARE_LINK.match(text) is not None


def is_bibtex(text: str) -> bool:
    """Tell if a block is an entry in BibTeX."""
    return "@" in text[:10] and _BIBTEX.match(text) is not None


def asks_to_cite(text: str) -> bool:
    """Tell if a line says how its article is to be cited: "Cited as:"."""
    may_lead = ":" in text or "：" in text or text.endswith(" as")
    if len(text) > _LONGEST_LINE or not may_lead:
        return False
    return _CITE_LINE.match(text) is not None


def is_marked(text: str) -> bool:
    """Tell if a line begins as in a list of references: "[12]", "[^1]:"."""
    return text[0] in "[【［^" and _MARKER.match(text) is not None


def is_numbered(text: str) -> bool:
    """Tell if a line begins with a number and a full stop."""
    return text[0].isdecimal() and _NUMBERED.match(text) is not None


def note_number(text: str) -> str:
    """Return the number with which a line begins, "" where there is none."""
    number = _NUMBER.match(text)
    if number:
        return number[1]
    return ""


def marks_in(text: str) -> list[str]:
    """Return the numbers of the notes that a text has marks of: "as known[3]"."""
    if "]" not in text:
        return []
    return _MARK_IN_TEXT.findall(text)


def begins_note(text: str) -> bool:
    """Tell if a line begins as a footnote does: "[1]: …"."""
    return text[0] == "[" and _NOTE.match(text) is not None


def is_reference(text: str) -> bool:
    """Tell if a block is a reference wherever it stands: an address, an entry in
    BibTeX, "Cited as: …", "References: …"."""
    if is_bare_link(text) or is_bibtex(text) or asks_to_cite(text):
        return True
    if len(text) > _LONGEST_LINE or text[-1] in ".。:：":
        return False
    return _REFERENCE_LINE.match(text) is not None


def leads_back(text: str) -> bool:
    """Tell if a line ends with a footnote's arrow back to the text."""
    return text.endswith(_BACK_ARROWS)


def reference_points(text: str) -> int:
    """Return how much speaks for a line's being an entry of a bibliography: LIKELY and
    more among others, ENTRY and more wherever it stands."""
    if len(text) > LONGEST_ENTRY:
        return 0
    points, body = _beginning(text)
    if not points and not _is_worth_a_look(text):
        return 0
    points += 2 * leads_back(body) + ("://" in body) + _points_of_words(body)
    if _AUTHOR_AND_YEAR.match(body):
        points += 2
    if _QUOTED.search(body):
        points += 1
    if _SENTENCE_INSIDE.search(body):
        points -= 2
    return points + _has_year(body)


def _beginning(text: str) -> tuple[int, str]:
    """Return the points for how a line begins, and what follows its number."""
    points = 0
    if text[0] in "[【［^" and (number := _MARKER.match(text)):
        points = 2
        text = text[number.end() :]
    elif text[0].isdecimal() and (number := _NUMBERED.match(text)):
        points = 1
        text = text[number.end() :]
    if _AUTHORS.match(text):
        points += 2
    return points, text


def _is_worth_a_look(text: str) -> bool:
    # One test after the other: this is asked of every paragraph of every article.
    return (
        text[0] in '“"„«《「'
        or "://" in text
        or "↩" in text
        or "arXiv" in text
        or "doi" in text
        or "ISBN" in text
    )


def _points_of_words(text: str) -> int:
    words = set(_WORD.findall(text.casefold().replace("’", "'")))
    points = 0
    if not _VENUE_WORDS.isdisjoint(words) or _PAGES.search(text):
        points += 1
    if not _IDENTIFIERS.isdisjoint(words):
        points += 2
    if not _SPEAKING_WORDS.isdisjoint(words):
        points -= 2
    return points


def _has_year(text: str) -> bool:
    """Tell if a year is set apart, as behind an entry's authors or at its end."""
    for year in _YEAR.finditer(text):
        start = max(0, year.start() - _BEFORE)
        before = _BEFORE_YEAR.search(text, start, year.start())
        if before and _AFTER_YEAR.match(text, year.end()):
            return True
    return "’" in text and _SHORT_YEAR.search(text) is not None
