"""A typed question as words, phrases, exclusions and filters.

    deep learning            any of these words, the more the better
    "policy gradient"        the passage has to hold these words in this order
    rye OR "spelt flour"     the passage has to hold one of them
    -keras  -"hot take"      the article must not hold them; rebase -i is text
    intitle:rye  intitle:"rye bread"   these words are in the title
    site:host  author:name   author:"Two Words"
    after:2021  before:2022-05   from 1 January 2021 on; up to 30 April 2022
    lang:de  lang:german     written in German
    tag:rye  -tag:news       tagged so, and not so
    collection:"To read"     of sources in this collection

``after`` names the first period that counts, ``before`` the first that doesn't, as in
Google and GitHub; Filters.before is the last day that counts. Where one of these
operators is given twice the last one holds, and a typed one wins over the filter of the
same name; all words of intitle: and all tags have to be there.
Anything else is text. Nothing is looked for here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise

from search.errors import QueryError
from search.query.alternatives import OR, alternatives, is_or
from search.query.days import first_day, last_day
from search.query.options import is_option
from search.text.languages import STOP_WORDS, language_code
from search.text.tokenizer import UNIT, UNIT_RUN, has_word
from search.types import Filters

LONGEST = 2000  # characters

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂「」『』", '"') | {"：": ":", "－": "-"})
_WHITE_SPACE = str.maketrans(dict.fromkeys("\t\n\r"))
_NO_TEXT = frozenset({"Cc", "Cs"})  # categories of control characters and surrogates
_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\ufeff\u00ad"))
_PART = re.compile(
    r"""(?P<minus>(?<!\S)-(?=["\w]))?   # -5, -i and --flag are text, see _is_exclusion
        (?:(?P<name>[^\W\d_]+):(?=[^\s]))?
        (?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))""",
    re.VERBOSE,
)
_SCHEME = re.compile(r"\A(?:https?://)?(?:www\.)?", re.IGNORECASE)
_OPERATORS = frozenset(
    {"site", "author", "after", "before", "lang", "intitle", "tag", "collection"}
)


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    ``text`` is what is embedded: all that was typed, phrases included, without
    operators. ``words`` are the terms for the full text index and for highlighting: no
    stop words where others remain, writing without spaces in pairs of characters.
    ``excluded`` holds words and phrases, and so does ``titled``, each of which is in
    the title. Of each of the ``alternatives`` one is in the passage. ``is_bound``:
    nothing was typed but what has to be there, in the title or as an alternative.
    """

    text: str
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    filters: Filters = Filters()  # noqa: RUF009  # frozen
    titled: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()
    is_bound: bool = False

    @property
    def likely_phrases(self) -> tuple[str, ...]:
        """The phrases that a passage may hold, and that count where it does: those of
        titles and alternatives."""
        bound = (*self.titled, *chain.from_iterable(self.alternatives))
        return tuple(dict.fromkeys(text for text in bound if " " in text))

    @property
    def all_phrases(self) -> tuple[str, ...]:
        """Those that have to be in the passage, then the likely ones."""
        return self.phrases + self.likely_phrases


def parse(text: str, filters: Filters = Filters()) -> Query:  # noqa: B008  # frozen
    """Read a question.

    Raises QueryError with a code: "empty", "too-long", "control-characters",
    "bad-date", "bad-language", "unsupported" (-site: and the like),
    "nothing-to-search".
    """
    _check(text)
    parts = list(_PART.finditer(_with_plain_quotes(text)))
    groups = alternatives(parts, _is_operator)
    joined = set(chain.from_iterable(groups))
    typed = _Typed(filters)
    for place, part in enumerate(parts):
        if place not in joined:
            typed.require_no_alternative(parts, place)
            typed.add(part)
        elif not is_or(part):
            typed.add_alternative(part)
    asked = " ".join(" ".join(typed.plain).split())
    if not has_word(asked):
        raise _nothing_left(typed.excluded, typed.filters)
    either = tuple(
        _distinct(map(_plain, parts[one.start : one.stop : 2])) for one in groups
    )
    titled = _distinct(typed.titled)
    query = Query(
        asked,
        (),
        _distinct(typed.phrases),
        _distinct(typed.excluded),
        typed.filters,
        titled,
        either,
        is_bound=bool(titled or either) and not typed.is_open,
    )
    has_phrases = bool(query.phrases or query.likely_phrases)
    return replace(query, words=_terms(typed.words, has_phrases=has_phrases))


def plain_parts(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the question with plain quotes and composed letters, and the spans of its
    parts that are text: not quoted, not excluded, not an operator or the like of
    one, nor joined by OR."""
    plain = unicodedata.normalize("NFC", _with_plain_quotes(text))
    spans: list[tuple[int, int]] = []
    parts = list(_PART.finditer(plain))
    joined = set(chain.from_iterable(alternatives(parts, _is_operator)))
    for place, part in enumerate(parts):
        if place in joined:
            continue
        if part["word"] and not part["minus"] and not part["name"]:
            spans.append(part.span())
    return plain, spans


@dataclass(slots=True)
class _Typed:
    """The parts of a question as they are read, one after the other."""

    filters: Filters
    plain: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    titled: list[str] = field(default_factory=list)
    is_open: bool = False  # something is asked that need not stand there as it is

    def require_no_alternative(self, parts: list[re.Match[str]], place: int) -> None:
        """Raise QueryError for an OR beside an operator, of which the last one would
        hold."""
        beside = parts[max(0, place - 1) : place + 2]
        is_between = len(beside) == 3 and is_or(parts[place])
        if is_between and any(map(_is_operator, beside)):
            raise QueryError(
                "unsupported",
                f"{OR} stands between two words or quoted phrases; ask once for each operator.",
            )

    def add_alternative(self, part: re.Match[str]) -> None:
        """Add a word or a phrase that OR joins to another."""
        self.plain.append(_plain(part))
        if " " not in self.plain[-1]:
            self.words.append(self.plain[-1])

    def add(self, part: re.Match[str]) -> None:
        name = part["name"] or ""
        value = _value(part)
        is_operator = _is_operator(part)
        if part["minus"] and name.lower() == "tag":
            without = tuple(dict.fromkeys((*self.filters.without_tags, value)))
            self.filters = replace(self.filters, without_tags=without)
        elif part["minus"] and is_operator:
            raise QueryError(
                "unsupported",
                f"-{name}: is not understood; leave out the minus or the operator.",
            )
        # A name that is no operator is text, as in note:this.
        elif is_operator and name.lower() == "intitle":
            self._add_title(value)
        elif is_operator and value:
            self.filters = _narrowed(self.filters, name.lower(), value)
        elif part["minus"] and _is_exclusion(part):
            self.excluded.append(f"{name} {value}".lstrip())
        elif part["word"] or name:
            self.is_open = True
            self.plain.append(part[0].replace('"', ""))
            self.words.append(self.plain[-1])
        else:
            self.plain.append(value)
            self.phrases.append(value)

    def _add_title(self, value: str) -> None:
        self.plain.append(value)
        self.titled.append(value)
        if " " not in value:
            self.words.append(value)


def _value(part: re.Match[str]) -> str:
    """Return what stands behind an operator's name, or the word or phrase itself."""
    return " ".join((part["word"] or part["phrase"] or "").split())


def _plain(part: re.Match[str]) -> str:
    """Return a part as it was typed, without its quotes."""
    return " ".join(part[0].replace('"', "").split())


def _is_operator(part: re.Match[str]) -> bool:
    return (part["name"] or "").lower() in _OPERATORS


def _check(text: str) -> None:
    if len(text) > LONGEST:
        raise QueryError(
            "too-long",
            f"The question has {len(text):,} characters; ask in at most {LONGEST:,}.",
        )
    categories = set(map(unicodedata.category, text.translate(_WHITE_SPACE)))
    if not categories.isdisjoint(_NO_TEXT):
        raise QueryError(
            "control-characters",
            "The question holds control characters; type it as plain text.",
        )
    if not text.translate(_INVISIBLE).strip():
        raise QueryError("empty", "Nothing was asked; type a question or a few words.")


def _nothing_left(excluded: list[str], filters: Filters) -> QueryError:
    sentence = "There is no word in the question; type a few words to look for."
    if excluded or filters != Filters():
        sentence = (
            "Operators and filters only narrow a search; add a few words to look for."
        )
    return QueryError("nothing-to-search", sentence)


def _with_plain_quotes(text: str) -> str:
    """Replace curly quotes; one without its partner is no more than a space."""
    text = text.translate(_QUOTES).translate(_INVISIBLE)
    if text.count('"') % 2 == 0:
        return text
    before, _, after = text.rpartition('"')
    return f"{before} {after}"


def _is_exclusion(part: re.Match[str]) -> bool:
    """Tell -word from the number -5, from the option -i and from a minus before
    something without words."""
    if part["phrase"] is not None:
        return has_word(part["phrase"])
    word = part["word"]
    if part["name"] or not has_word(word):
        return has_word(word)
    before, after = part.string[: part.start()], part.string[part.end() :]
    return not word[0].isdigit() and not is_option(before, word, after)


def _narrowed(filters: Filters, name: str, value: str) -> Filters:
    if name == "site":
        host = _SCHEME.sub("", value).partition("/")[0]
        return replace(filters, site=host.lower())
    if name == "author":
        return replace(filters, author=value)
    if name == "tag":
        return replace(filters, tags=tuple(dict.fromkeys((*filters.tags, value))))
    if name == "collection":
        return replace(filters, collection=value)
    if name == "lang":
        return replace(filters, language=language_code(value))
    if name == "after":
        return replace(filters, after=first_day(name, value))
    return replace(filters, before=last_day(name, value))


def _terms(words: list[str], *, has_phrases: bool) -> tuple[str, ...]:
    terms = _distinct(chain.from_iterable(map(_parts, words)))
    telling = tuple(term for term in terms if not _is_common(term))
    # Stop words are asked for only where nothing else is.
    if telling or has_phrases:
        return telling
    return terms


def _is_common(term: str) -> bool:
    return term.strip(".,;:!?()").replace("’", "'").casefold() in STOP_WORDS


def _parts(word: str) -> list[str]:
    """Return a typed word; of writing that knows no spaces each pair of neighbouring
    characters."""
    # One character of Chinese says little, and words there have two as a rule.
    parts = UNIT_RUN.sub(" ", word).split()
    for run in UNIT_RUN.findall(word):
        units = UNIT.findall(run)
        pairs = list(map("".join, pairwise(units)))
        parts += pairs or units
    return parts


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts with a word in them, each once."""
    return tuple(dict.fromkeys(filter(has_word, texts)))
