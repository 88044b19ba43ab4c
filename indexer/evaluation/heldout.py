"""Pure: an article's own words turned into a question about it, and taken out of it for
the run.

Three things beside an article say what it is about: the summary in its feed, a note on
a link page, and the headings over its sections. Each asks for the article (a heading
for its section) without anybody having judged it. What repeats the question word for
word is held out of the article, else nothing would be measured but exact matching: the
inverse cloze task of Lee, Chang & Toutanova, ACL 2019.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from indexer.evaluation.questions import Question
from search.text.sentences import sentence_starts
from search.text.tokenizer import TOKEN, UNIT, has_word
from search.types import Article, Block

RUN = 6  # words in a row that two texts on one subject hardly share by chance
FEWEST = 5  # words that a summary or note must add to the title, to ask for more than the title
# words, of which two not in the title: "Introduction" asks for nothing
FEWEST_OF_HEADING = 3
SHORTEST_SENTENCE = 8  # words by which a section's sentence is recognised
FEWEST_SENTENCES = 2  # of a section that can be asked for
LONGEST = 400  # characters of a question: about what the longest questions that people type have
LARGEST_SUMMARY = 0.5  # of the article's words; a longer one is the article
LARGEST_LOSS = 0.5  # of the article's words that may be held out
_UNASKED = re.compile(r"""https?://\S+|["“”„‟«»＂「」『』]""")
_OPERATOR = re.compile(r"(?<!\S)[-－]+(?=\w)|(?<=\w)[:：](?=\S)")


class Unusable(Exception):
    """Why an article's text makes no question."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of an article and the text under it, up to the next heading; places
    among the blocks."""

    heading: int
    blocks: tuple[int, ...]


def about(
    article: Article, text: str, *, kind: str, source: str
) -> tuple[Question, frozenset[int]]:
    """A summary or note as a question, and the places of the blocks that repeat it.

    Raises Unusable with the reason where it says no more than the title, is the article
    itself, or where too much would have to be held out.
    """
    words = _tokens(text)
    if len(set(words) - set(_tokens(article.title))) < FEWEST:
        raise Unusable("says little more than the title")
    whole = len(_tokens(article.text))
    if len(words) > LARGEST_SUMMARY * whole:
        raise Unusable("is as good as the whole article")
    question = Question(as_question(text), kind, (article.url,), source=source)
    if not has_word(question.text):
        raise Unusable("holds nothing but addresses")
    said = _runs(words)
    repeating = frozenset(
        i for i, block in enumerate(article.blocks) if said & _runs(_tokens(block.text))
    )
    if (
        sum(len(_tokens(article.blocks[i].text)) for i in repeating)
        > LARGEST_LOSS * whole
    ):
        raise Unusable("repeats too much of the article")
    return question, repeating


def about_section(
    article: Article, *, common: Collection[str], out: Collection[int], source: str
) -> tuple[Question, frozenset[int]]:
    """A heading as a question for its section, and the places of the blocks that are
    that heading.

    ``common`` are headings that stand over several articles, ``out`` the places that
    are held out already. Of several the middle one is taken: the first say most about
    the whole. Raises Unusable.
    """
    usable = [
        (section, spans)
        for section in sections(article)
        if not {section.heading, *section.blocks} & set(out)
        and _is_telling(
            heading_key(article.blocks[section.heading]), article.title, common
        )
        and len(spans := _sentences(article, section)) >= FEWEST_SENTENCES
    ]
    if not usable:
        raise Unusable("has no section whose heading tells it apart")
    section, spans = usable[len(usable) // 2]
    key = heading_key(article.blocks[section.heading])
    same = frozenset(
        i for i, block in enumerate(article.blocks) if heading_key(block) == key
    )  # contents too
    text = as_question(article.blocks[section.heading].text)
    return Question(text, "heading", (article.url,), tuple(spans), source=source), same


def sections(article: Article) -> Iterator[Section]:
    """The headings that have text directly under them."""
    places = [i for i, block in enumerate(article.blocks) if block.kind == "heading"]
    for start, end in pairwise([*places, len(article.blocks)]):
        if end > start + 1:
            yield Section(start, tuple(range(start + 1, end)))


def heading_key(block: Block) -> str:
    """A heading's words, to compare it with others."""
    return " ".join(_tokens(block.text))


def without(article: Article, out: Collection[int], *, notes: bool) -> Article:
    """The article less the blocks at these places, and less its notes where ``notes``
    is set."""
    kept = tuple(block for i, block in enumerate(article.blocks) if i not in out)
    return replace(article, blocks=kept, notes=() if notes else article.notes)


def as_question(text: str) -> str:
    """A text as somebody would type it: no operators, no addresses, no longer than a
    long question."""
    visible = "".join(
        c if c.isspace() or unicodedata.category(c)[0] != "C" else " " for c in text
    )
    plain = " ".join(_OPERATOR.sub(" ", _UNASKED.sub(" ", visible)).split())
    if len(plain) <= LONGEST:
        return plain
    return plain[:LONGEST].rpartition(" ")[0] or plain[:LONGEST]


def _is_telling(key: str, title: str, common: Collection[str]) -> bool:
    words = set(key.split())
    # two characters make a word
    fewest = FEWEST_OF_HEADING * (2 if UNIT.search(key) else 1)
    return (
        len(words) >= fewest
        and len(words - set(_tokens(title))) >= fewest - 1
        and key not in common
    )


def _sentences(article: Article, section: Section) -> list[str]:
    """The section's sentences that are long enough to be told from others, of its
    prose."""
    found = []
    for block in (article.blocks[i] for i in section.blocks):
        if block.kind in ("paragraph", "item", "quote"):
            starts = sentence_starts(block.text)
            parts = zip(starts, [*starts[1:], len(block.text)], strict=True)
            found += [block.text[start:end].strip() for start, end in parts]
    return [
        sentence for sentence in found if len(_tokens(sentence)) >= SHORTEST_SENTENCE
    ]


def _tokens(text: str) -> list[str]:
    return [token.casefold() for token in TOKEN.findall(text)]


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}
