"""Pure: an exception → what a person and a program are told about it."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.exceptions import HTTPException

from search.errors import (
    ArticleUnknown,
    BlogsearchError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    ModelError,
    QueryError,
)


class Busy(BlogsearchError):
    """Every place at the engine is taken."""


class TooManyQuestions(BlogsearchError):
    """One address asks more than its share; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many questions from this address; wait a little and ask again.")
        self.retry_after = retry_after


class UnknownHost(BlogsearchError):
    """The request names a host that this server does not answer for."""


@dataclass(frozen=True, slots=True)
class Problem:
    """``status`` is the HTTP status, ``code`` a stable word; ``retry_after`` in seconds, 0 for never."""

    status: int
    code: str
    message: str
    retry_after: int = 0


# The first class that fits decides: (class, status, code, seconds to wait before another try).
_KINDS: tuple[tuple[type[BlogsearchError], int, str, int], ...] = (
    (ArticleUnknown, 404, "unknown-article", 0),
    (IndexMissing, 503, "no-index", 0),
    (IndexDamaged, 503, "index-damaged", 0),
    (IndexMismatch, 503, "index-mismatch", 0),
    (IndexBusy, 503, "index-busy", 5),
    (ModelError, 503, "model-error", 0),
    (Busy, 503, "busy", 1),
    (UnknownHost, 400, "unknown-host", 0),
)

_HTTP_WORDS = {
    400: ("bad-request", "This request could not be understood."),
    404: ("not-found", "There is nothing at this address."),
    405: ("method-not-allowed", "This address can only be read, with GET."),
    413: ("too-long", "This request is too long."),
}


def problem_of(error: Exception) -> Problem:
    """What to answer; an error nobody expected tells nothing of its inside."""
    match error:
        case QueryError():
            return Problem(413 if error.code == "too-long" else 400, error.code, str(error))
        case TooManyQuestions():
            return Problem(429, "too-many-questions", str(error), error.retry_after)
        case HTTPException(code=int(status)) if 400 <= status < 500:
            code, message = _HTTP_WORDS.get(status, ("bad-request", "This request cannot be answered."))
            return Problem(status, code, message)
    for kind, status, code, wait in _KINDS:
        if isinstance(error, kind):
            return Problem(status, code, str(error), wait)
    return Problem(500, "internal", "Something went wrong here; the server's log says what.")
