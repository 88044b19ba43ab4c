"""Standing questions: kept with an index, each with the articles that are new for it.

It asks and stores nothing: what is decided here is decided from values alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from search.errors import QuestionRefused, QuestionUnknown

# All of it is one value that is written at once: 100 questions with everything that is
# kept of them are 5 MB.
MOST_QUESTIONS = 100
MOST_NOTED = 200  # articles that are kept as new for a question, the last ones noted
MOST_SEEN = 2_000  # keys of articles that a question does not take for new again
LONGEST_NAME = 60  # characters; a name is part of an address
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Noted:
    """An article that was new for a question: its id, and the time when that was noted,
    ISO 8601 in UTC.

    ``number`` grows with each that is noted, over all questions of an index.
    """

    number: int
    article: int
    at: str


@dataclass(frozen=True, slots=True)
class StandingQuestion:
    """A question that is asked again whenever the index has changed.

    ``upto`` is the greatest id of an article that it has been asked about. ``noted``
    are the new ones, newest first; ``seen`` the keys of those that answered when it was
    added, or were noted: an article that comes back under another id is not new.
    """

    name: str
    text: str
    upto: int = 0
    noted: tuple[Noted, ...] = ()
    seen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ValueError(f"not a name: {self.name!r}")


@dataclass(frozen=True, slots=True)
class Standing:
    """All standing questions of an index, in the order in which they were added.

    ``given`` is the last number that was given to an article noted, ``digested`` the
    last one that a digest has printed.
    """

    questions: tuple[StandingQuestion, ...] = ()
    given: int = 0
    digested: int = 0

    def question(self, name: str) -> StandingQuestion:
        """Return the question of a name; raises QuestionUnknown."""
        for one in self.questions:
            if one.name == name:
                return one
        raise QuestionUnknown(
            f"There is no standing question {name}. See those there are with:"
            " blog-indexer watch list"
        )

    def with_question(self, new: StandingQuestion) -> Standing:
        """Add a question; raises QuestionRefused where its name is taken, or where
        there are too many."""
        if any(one.name == new.name for one in self.questions):
            raise QuestionRefused(
                f"There is a standing question {new.name} already. Give this one another"
                " name with --name, or take that one out first: blog-indexer watch"
                f" remove {new.name}"
            )
        if len(self.questions) >= MOST_QUESTIONS:
            raise QuestionRefused(
                f"An index keeps {MOST_QUESTIONS} standing questions at most. Take one"
                " out first: blog-indexer watch remove NAME"
            )
        # At the end: lists and digests keep the order in which people asked.
        return replace(self, questions=(*self.questions, new))

    def without(self, name: str) -> Standing:
        """Take a question out; raises QuestionUnknown."""
        gone = self.question(name)
        left = tuple(one for one in self.questions if one != gone)
        return replace(self, questions=left)

    def with_noted(
        self, name: str, found: Mapping[str, int], *, upto: int, at: str
    ) -> Standing:
        """Note articles, ids by their keys, as new for a question that was asked about
        all up to an id; those that it has seen are not new.

        Nothing happens where the question is gone, or was asked about these meanwhile.
        """
        known = next((one for one in self.questions if one.name == name), None)
        if known is None or known.upto >= upto:
            return self
        # Whatever came back, or moved to another spelling of its address, has a new id.
        fresh = [key for key in found if key not in known.seen]
        # From the best down: the best of a run has its smallest number.
        noted = [
            Noted(number, found[key], at)
            for number, key in enumerate(fresh, self.given + 1)
        ]
        asked = replace(
            known,
            upto=upto,
            noted=(*reversed(noted), *known.noted)[:MOST_NOTED],
            seen=(*fresh, *known.seen)[:MOST_SEEN],
        )
        questions = tuple(asked if one == known else one for one in self.questions)
        return replace(self, questions=questions, given=self.given + len(fresh))

    def renumbered(self, ids: Mapping[int, int], upto: Mapping[int, int]) -> Standing:
        """Return the same of a copy of the index, where articles have other ids; those
        without one are left out. ``upto`` has the new value of each old one."""
        # Keys are of addresses, which are the same everywhere.
        questions = tuple(
            replace(
                one,
                upto=upto[one.upto],
                noted=tuple(
                    replace(noted, article=ids[noted.article])
                    for noted in one.noted
                    if noted.article in ids
                ),
            )
            for one in self.questions
        )
        return replace(self, questions=questions)


def is_name(text: str) -> bool:
    """Tell if a text may name a question: letters and digits, hyphens between."""
    return (
        len(text) <= LONGEST_NAME
        and text == text.casefold()
        and bool(_NAME.fullmatch(text))
    )


def name_for(question: str) -> str:
    """Make a name of a question's words; raises QuestionRefused where it has none."""
    # The operators' names stay, as they tell questions apart.
    text = unicodedata.normalize("NFC", question).casefold()
    name = ""
    for word in _WORD.findall(text):
        longer = f"{name}-{word}" if name else word[:LONGEST_NAME]
        if len(longer) > LONGEST_NAME:
            break  # whole words only
        name = longer
    # Signs alone make none; nor do a few letters that change when they are folded.
    if not is_name(name):
        raise QuestionRefused("The question makes no name; give it one with --name.")
    return name


def require_name(text: str) -> str:
    """Return the name that was typed; raises QuestionRefused where it can't be one."""
    if not is_name(text):
        raise QuestionRefused(
            f"{text!r} is no name of a standing question: it takes small letters and"
            f" digits, with hyphens between, {LONGEST_NAME} characters at most."
        )
    return text
