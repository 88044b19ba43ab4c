"""Pure: what was typed, read as words, phrases, exclusions and filters.

    deep learning            any of these words, the more the better
    "policy gradient"        the passage has to hold these words in this order
    -keras  -"hot take"      the article must not hold them
    site:host  author:name   author:"Two Words"
    after:2021  before:2022-05   from 1 January 2021 on; up to 30 April 2022
    lang:de  lang:german     written in German

``after`` names the first period that counts, ``before`` the first that doesn't, as in
Google and GitHub; Filters.before is the last day that counts. Where an operator is
given twice the last one holds, and a typed one wins over the filter of the same name.
Anything else is text.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from search.errors import QueryError
from search.text.languages import STOP_WORDS, language_code
from search.text.tokenizer import UNIT, UNIT_RUN, has_word
from search.types import Filters

LONGEST = 2000  # characters

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂「」『』", '"') | {"：": ":", "－": "-"})
_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\ufeff\u00ad"))
_PART = re.compile(
    r"""(?P<minus>(?<!\S)-(?=["\w]))?   # -5 and --flag are text, see _is_exclusion
        (?:(?P<name>[^\W\d_]+):(?=[^\s]))?
        (?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))""",
    re.VERBOSE,
)
_DAY = re.compile(r"([12]\d{3})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_SCHEME = re.compile(r"(?:https?://)?(?:www\.)?([^/]*)", re.IGNORECASE)
_OPERATORS = ("site", "author", "after", "before", "lang")


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    ``text`` is what is embedded: all that was typed, phrases included, without
    operators. ``words`` are the terms for the full text index and for highlighting: no
    stop words where others remain, writing without spaces in pairs of characters.
    ``excluded`` holds words and phrases.
    """

    text: str
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    filters: Filters = Filters()  # noqa: RUF009  # frozen


def parse(text: str, filters: Filters = Filters()) -> Query:  # noqa: B008  # frozen
    """Read a question. Raises QueryError with a code: "empty", "too-long",
    "control-characters", "bad-date", "bad-language", "unsupported" (-site: and the
    like), "nothing-to-search"."""
    _check(text)
    plain: list[str] = []
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    for part in _PART.finditer(_plain(text)):
        minus, name, phrase, word = part.group("minus", "name", "phrase", "word")
        value = " ".join((phrase if word is None else word).split())
        if not minus and name and name.lower() in _OPERATORS and value:
            filters = _narrowed(filters, name.lower(), value)
        elif minus and _is_exclusion(name, value):
            excluded.append(f"{name} {value}" if name else value)
        elif phrase is not None and not name:
            plain.append(value)
            phrases.append(value)
        else:
            typed = part.group().replace('"', "")
            plain.append(typed)
            words.append(typed)
    asked = " ".join(" ".join(plain).split())
    if not has_word(asked):
        raise _nothing_left(excluded, filters)
    return Query(
        asked,
        _terms(words, bool(phrases)),
        _worded(phrases),
        _worded(excluded),
        filters,
    )


def plain_parts(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The question with plain quotes and composed letters, and where in it parts stand
    that are text: not quoted, not excluded, not an operator or what only looks like
    one."""
    plain = unicodedata.normalize("NFC", _plain(text))
    parts = (
        part
        for part in _PART.finditer(plain)
        if part["word"] and not (part["minus"] or part["name"])
    )
    return plain, [part.span() for part in parts]


def first_day(name: str, text: str) -> date:
    """The first day that counts for after:… Raises QueryError "bad-date"."""
    day = parse_day(text, last=False)
    if day is None:
        raise QueryError(
            "bad-date",
            f"{name}:{text} is no date; write a year, a month or a day: 2021, 2021-05, 2021-05-03.",
        )
    return day


def last_day(name: str, text: str) -> date:
    """The last day that counts for before:…, the eve of what it names. Raises
    QueryError "bad-date"."""
    return first_day(name, text) - timedelta(days=1)


def parse_day(text: str, *, last: bool) -> date | None:
    """The first or the last day of a year, a month or a day ("2021", "2021-05",
    "2021-05-03").

    None for anything else, also for days that no calendar has.
    """
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    year = int(found[1])
    month = int(found[2] or (12 if last else 1))
    if not 1 <= month <= 12:
        return None
    longest = monthrange(year, month)[1]
    day = int(found[3] or (longest if last else 1))
    return date(year, month, day) if 1 <= day <= longest else None


def _check(text: str) -> None:
    if len(text) > LONGEST:
        raise QueryError(
            "too-long",
            f"The question has {len(text):,} characters; ask in at most {LONGEST:,}.",
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n\r" for c in text):
        raise QueryError(
            "control-characters",
            "The question holds control characters; type it as plain text.",
        )
    if not text.translate(_INVISIBLE).strip():
        raise QueryError("empty", "Nothing was asked; type a question or a few words.")


def _nothing_left(excluded: list[str], filters: Filters) -> QueryError:
    if excluded or filters != Filters():
        sentence = (
            "Operators and filters only narrow a search; add a few words to look for."
        )
    else:
        sentence = "There is no word in the question; type a few words to look for."
    return QueryError("nothing-to-search", sentence)


def _plain(text: str) -> str:
    """With plain quotes; a quotation mark without its partner is no more than a
    space."""
    text = text.translate(_QUOTES).translate(_INVISIBLE)
    if text.count('"') % 2 == 0:
        return text
    before, _, after = text.rpartition('"')
    return f"{before} {after}"


def _is_exclusion(name: str | None, value: str) -> bool:
    """-word, but not the number -5 and not a minus before something that has no
    words."""
    if name and name.lower() in _OPERATORS:
        raise QueryError(
            "unsupported",
            f"-{name}: is not understood; leave out the minus or the operator.",
        )
    return has_word(value) and not (value[0].isdigit() and not name)


def _narrowed(filters: Filters, name: str, value: str) -> Filters:
    if name == "site":
        host = _SCHEME.match(value)
        return replace(filters, site=(host[1] if host else value).lower())
    if name == "author":
        return replace(filters, author=value)
    if name == "lang":
        return replace(filters, language=language_code(value))
    if name == "after":
        return replace(filters, after=first_day(name, value))
    return replace(filters, before=last_day(name, value))


def _terms(words: list[str], has_phrases: bool) -> tuple[str, ...]:
    terms = list(
        dict.fromkeys(term for word in words for term in _parts(word) if has_word(term))
    )
    telling = [term for term in terms if not _is_common(term)]
    return tuple(telling if telling or has_phrases else terms)


def _is_common(term: str) -> bool:
    return term.strip(".,;:!?()").replace("’", "'").casefold() in STOP_WORDS


def _parts(word: str) -> list[str]:
    """A typed word; of writing that knows no spaces each pair of neighbouring
    characters."""
    parts = UNIT_RUN.sub(" ", word).split()
    for run in UNIT_RUN.findall(word):
        units = UNIT.findall(run)
        parts.extend("".join(units[i : i + 2]) for i in range(max(1, len(units) - 1)))
    return parts


def _worded(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if has_word(text)))
