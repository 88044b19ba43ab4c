"""An article's own words made into a question about it, and held out of it.

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

from indexer.evaluation.questions import JudgedQuestion
from search.text.sentences import sentence_starts
from search.text.tokenizer import TOKEN, UNIT, has_word
from search.types import Article, Block

RUN = 6  # words in a row that two texts on one subject hardly share by chance
# Words that a summary or note must add to the title, to ask for more than the title.
FEWEST_ADDED = 5
# Words of a heading, of which all but one not in the title: "Introduction" asks for
# nothing.
FEWEST_OF_HEADING = 3
SHORTEST_SENTENCE = 8  # words by which a section's sentence is recognised
FEWEST_SENTENCES = 2  # of a section that can be asked for
# Characters of a question: about what the longest questions that people type have.
LONGEST = 400
LARGEST_SUMMARY = 0.5  # of the article's words; a longer one is the article
LARGEST_LOSS = 0.5  # of the article's words that may be held out
_PROSE = ("paragraph", "caption", "item", "quote")
# Addresses, and the marks of phrases.
_UNASKED = re.compile(r"""https?://\S+|["“”„‟«»＂「」『』]""")
# What the query parser would take for an exclusion or a filter.
_OPERATOR = re.compile(r"(?<!\S)[-－]+(?=\w)|(?<=\w)[:：](?=\S)")


class UnusableText(Exception):
    """A text of which no question can be made, with the reason."""


@dataclass(frozen=True, slots=True)
class HeadedSection:
    """A heading of an article and the text up to the next one; places of blocks."""

    heading: int
    blocks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HeldOutQuestion:
    """A question about an article, and the places of the blocks that repeat it."""

    question: JudgedQuestion
    blocks: frozenset[int]


def question_of_text(
    article: Article, text: str, *, kind: str, source: str
) -> HeldOutQuestion:
    """Make a summary or note into a question.

    Raises UnusableText where it says no more than the title, is the article itself, or
    where too much would have to be held out.
    """
    words = _folded_words(text)
    # Titles are indexed with every passage: what they say is no question.
    whole = len(_folded_words(article.text))
    if len(set(words) - set(_folded_words(article.title))) < FEWEST_ADDED:
        raise UnusableText("says little more than the title")
    if len(words) > LARGEST_SUMMARY * whole:
        raise UnusableText("is as good as the whole article")
    asked = as_question(text)
    if not has_word(asked):
        raise UnusableText("holds nothing but addresses")
    runs = _word_runs(words)
    # Blocks are held out whole: a sentence taken out would leave a hole in the prose.
    lost = 0
    repeating = set()
    for place, block in enumerate(article.blocks):
        words_there = _folded_words(block.text)
        if not runs.isdisjoint(_word_runs(words_there)):
            repeating.add(place)
            lost += len(words_there)
    if lost > LARGEST_LOSS * whole:
        raise UnusableText("repeats too much of the article")
    question = JudgedQuestion(asked, kind, (article.url,), source=source)
    return HeldOutQuestion(question, frozenset(repeating))


def question_of_heading(
    article: Article, *, common: Collection[str], out: Collection[int], source: str
) -> HeldOutQuestion:
    """Make a heading into a question for its section; its repetitions are held out.

    ``common`` are the keys of headings over several articles, ``out`` the places that
    are held out already. Of several headings the middle one is taken: the first say
    most about the whole. Raises UnusableText.
    """
    usable = []
    for section in headed_sections(article):
        key = heading_key(article.blocks[section.heading])
        spans = _sentences(article, section)
        # Nothing would be left to answer with, or no way to see that it is answered.
        if not {section.heading, *section.blocks}.isdisjoint(out):
            continue
        if key in common or len(spans) < FEWEST_SENTENCES:
            continue
        if _tells_more(key, article.title):
            usable.append((section, key, spans))
    if not usable:
        raise UnusableText("has no section whose heading tells it apart")
    # The first headings say most about the whole.
    section, key, spans = usable[len(usable) // 2]
    question = JudgedQuestion(
        as_question(article.blocks[section.heading].text),
        "heading",
        (article.url,),
        tuple(spans),
        source=source,
    )
    # Entries of a table of contents are among the repetitions.
    same = [i for i, block in enumerate(article.blocks) if heading_key(block) == key]
    return HeldOutQuestion(question, frozenset(same))


def headed_sections(article: Article) -> Iterator[HeadedSection]:
    """Give the headings that have text directly under them."""
    places = [i for i, block in enumerate(article.blocks) if block.kind == "heading"]
    for start, end in pairwise([*places, len(article.blocks)]):
        if end > start + 1:
            yield HeadedSection(start, tuple(range(start + 1, end)))


def heading_key(block: Block) -> str:
    """Return a heading's words, to compare it with others."""
    return " ".join(_folded_words(block.text))


def without_blocks(article: Article, out: Collection[int], *, notes: bool) -> Article:
    """Return an article without the blocks at these places.

    And without its notes where ``notes`` is set.
    """
    kept = tuple(block for i, block in enumerate(article.blocks) if i not in out)
    held_out = replace(article, blocks=kept)
    if notes:
        return replace(held_out, notes=())
    return held_out


def as_question(text: str) -> str:
    """Return a text as somebody would type it.

    No operators, no addresses, no longer than a long question.
    """
    visible = "".join(map(_visible, text))
    plain = " ".join(_OPERATOR.sub(" ", _UNASKED.sub(" ", visible)).split())
    if len(plain) <= LONGEST:
        return plain
    # At a space, unless the script has none.
    return plain[:LONGEST].rpartition(" ")[0] or plain[:LONGEST]


def _visible(character: str) -> str:
    """Return a character, a space in place of a control character."""
    is_control = unicodedata.category(character).startswith("C")
    if is_control and not character.isspace():
        return " "
    return character


def _tells_more(key: str, title: str) -> bool:
    """Tell if a heading says enough to ask for it, and not just what the title says."""
    words = set(key.split())
    fewest = FEWEST_OF_HEADING
    if UNIT.search(key):
        fewest *= 2  # in a script without spaces two characters make a word
    return len(words) >= fewest and len(words - set(_folded_words(title))) >= fewest - 1


def _sentences(article: Article, section: HeadedSection) -> list[str]:
    """Return the sentences of a section's prose that are long enough to recognise."""
    found: list[str] = []
    for block in (article.blocks[i] for i in section.blocks):
        if block.kind in _PROSE:
            borders = [*sentence_starts(block.text), len(block.text)]
            found += [block.text[a:b].strip() for a, b in pairwise(borders)]
    return [text for text in found if len(_folded_words(text)) >= SHORTEST_SENTENCE]


def _folded_words(text: str) -> list[str]:
    return [token.casefold() for token in TOKEN.findall(text)]


def _word_runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}
