"""Composing: a few answers at once, each sentence checked as the model writes it.

Only a sentence that cites quotes which are there is let through.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from web.answers.chat_stream import ChatStream
from web.answers.model_server import ModelServer
from web.answers.prompt import NOT_TOLD, messages
from web.answers.quotes import Quote
from web.answers.sentences import Sentence, SentenceReader, without_thoughts
from web.error_responses import Busy

AT_ONCE = 2  # answers; a model on the same machine is slow enough with one
BUSY = "As many answers as there may be are being composed; try again in a moment."
RETRY_AFTER = 10  # seconds; an answer takes a quarter of a minute or longer
MOST_CHARACTERS = 4000  # of an answer; five sentences have about 700

Reason = Literal["complete", "cut", "not-told", "nothing-left", "unanswered"]
_SENTENCES: dict[Reason, str] = {
    "complete": "",
    "cut": "The model wrote more than is shown.",
    "not-told": "The model finds no answer in the quotes.",
    "nothing-left": "No sentence that the model wrote names its quote, so none is shown.",
    "unanswered": "Nothing here answers this, so there are no quotes to compose an answer"
    " of.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an answer, with the number of sentences that were left out."""

    reason: Reason
    left_out: int = 0

    @property
    def message(self) -> str:
        """The end in words, "" where there is nothing to say of it."""
        parts = [_SENTENCES[self.reason]]
        if self.left_out and self.reason != "nothing-left":
            parts.append(_left_out(self.left_out))
        return " ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Silence:
    """The model is still at it."""


Event = Sentence | Silence | Outcome


@dataclass(frozen=True, slots=True)
class Material:
    """A question with the quotes that answer it, none where nothing does."""

    question: str
    quotes: tuple[Quote, ...]


class Composer:
    """Lets a model compose ``at_once`` answers side by side."""

    def __init__(self, server: ModelServer, *, at_once: int = AT_ONCE) -> None:
        self.model = server.shown_name
        self._server = server
        self._places = threading.BoundedSemaphore(at_once)

    def compose(
        self, search: Callable[[], Material], is_gone: Callable[[], bool]
    ) -> Composition:
        """Search, and prepare an answer of what was found; raises Busy where no place
        is free, else what ``search`` does.

        ``is_gone`` tells if whoever asked has left.
        """
        if not self._places.acquire(blocking=False):
            raise Busy(BUSY, retry_after=RETRY_AFTER)
        try:
            material = search()
        except BaseException:
            self._places.release()
            raise
        return Composition(self._server, material, is_gone, self._places.release)


class Composition:
    """One answer while it is composed; its place is taken until ``close``."""

    def __init__(
        self,
        server: ModelServer,
        material: Material,
        is_gone: Callable[[], bool],
        release: Callable[[], None],
    ) -> None:
        self.model = server.shown_name
        self.quotes = material.quotes
        self._server = server
        self._question = material.question
        self._is_gone = is_gone
        self._release: Callable[[], None] | None = release

    def events(self) -> Iterator[Event]:
        """Ask the model and yield what it writes, an Outcome last; raises ModelFailed.

        It ends without one where nobody waits for it any more.
        """
        if not self.quotes:
            yield Outcome("unanswered")
            return
        asked = messages(self._question, self.quotes)
        with closing(ChatStream(self._server, asked)) as stream:
            yield from self._check(stream)

    def _check(self, stream: ChatStream) -> Iterator[Event]:
        check, reader, written = _Check(len(self.quotes)), SentenceReader(), 0
        for piece in without_thoughts(stream):
            if self._is_gone():
                return
            written += len(piece)
            if written > MOST_CHARACTERS:
                break
            yield from filter(check.passes, reader.feed(piece))
            if not piece:
                yield Silence()
        # Of an answer that was cut the last words are half a sentence.
        is_cut = stream.is_cut or written > MOST_CHARACTERS
        if not is_cut:
            yield from filter(check.passes, reader.end())
        yield check.outcome(is_cut=is_cut)

    def close(self) -> None:
        """Give the place free."""
        release, self._release = self._release, None
        if release is not None:
            release()


class _Check:
    """Tells sentences that cite their quotes from others, and counts them."""

    def __init__(self, quotes: int) -> None:
        self._quotes = quotes
        self._shown = self._left_out = 0
        self._is_told = True

    def passes(self, sentence: Sentence) -> bool:
        """Tell if a sentence may be shown."""
        if NOT_TOLD in sentence.text.upper():
            self._is_told = False
            return False
        cited = sentence.citations
        if not cited or not all(1 <= number <= self._quotes for number in cited):
            self._left_out += 1
            return False
        self._shown += 1
        return True

    def outcome(self, *, is_cut: bool) -> Outcome:
        """Tell how the answer ended."""
        reason: Reason = "complete"
        if is_cut:
            reason = "cut"
        elif not self._shown:
            # What stands beside the model's "not told" is no answer either.
            reason = "nothing-left" if self._is_told else "not-told"
        return Outcome(reason, self._left_out)


def _left_out(count: int) -> str:
    if count == 1:
        return "1 sentence without a source was left out."
    return f"{count} sentences without a source were left out."
