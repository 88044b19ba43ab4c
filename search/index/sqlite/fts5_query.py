"""Pure: words and phrases of a question → MATCH expressions of the full text index.

A word is looked for as each language that the index holds would write it there, since a
question is too short to tell its own language; every alternative is quoted, so that
FTS5 reads nothing in it as syntax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from search.query.parser import Query
from search.text.languages import COMPOUNDING
from search.text.tokenizer import as_written, compound_parts, running, stemmed_alike


def any_of(query: Query, languages: Sequence[str]) -> str:
    """Any of the words, every phrase; "" where there is nothing to match."""
    required = [phrase(text, languages) for text in query.phrases]
    # The phrases stand among the words too: a passage with a phrase need not hold
    # another word.
    either = " OR ".join([*(term(text, languages) for text in query.words), *required])
    return " AND ".join([*required, f"({either})"]) if either else ""


def term(text: str, languages: Sequence[str]) -> str:
    """One word as typed, in any form that is indexed: inflected, in a compound, with
    its signs."""
    forms: list[str] = []
    for language in stemmed_alike(languages):
        forms += [_quoted([form]) for _, _, form in as_written(text, language)]
        words = [form for _, _, form in running(text, language)]
        forms.append(_quoted(words))
        if len(words) == 1 and language in COMPOUNDING:
            forms += [f"{_quoted([part])} *" for part in compound_parts(words[0])]
    return _either(forms)


def phrase(text: str, languages: Sequence[str]) -> str:
    """These words in this order; a word that is nothing without its signs (.NET) with
    them."""
    length = len(text.strip())
    whole = [
        form
        for start, end, form in as_written(text)
        if end - start == length and form[0] in "\\.#-"
    ]
    if whole:
        return _quoted(whole)
    runs = (
        [form for _, _, form in running(text, language)]
        for language in stemmed_alike(languages)
    )
    return _either(_quoted(run) for run in runs)


def _quoted(words: Sequence[str]) -> str:
    return '"{}"'.format(" ".join(words).replace('"', '""')) if words else ""


def _either(forms: Iterable[str]) -> str:
    found = list(dict.fromkeys(form for form in forms if form))
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})" if found else '""'
