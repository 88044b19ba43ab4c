"""The response to each kind of error: status, stable code and a sentence.

Tells nothing of the inside of an error that nobody expected.
"""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from search.errors import (
    ArticleUnknown,
    BlogsearchError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    ModelError,
    QueryError,
    QuestionUnknown,
    StorageFailed,
)

# In the WSGI environment: seconds after which to ask again, of a request that waited too
# long for its turn and is to be answered by Busy.
RETRY_AFTER = "blogsearch.retry_after"


BUSY = "Too many questions are being answered just now; ask again in a moment."


class Busy(BlogsearchError):
    """Every place at the engine is taken, for about ``retry_after`` seconds."""

    def __init__(self, message: str = BUSY, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AnswersOff(BlogsearchError):
    """No language model is named that would compose answers."""

    def __init__(self) -> None:
        super().__init__(
            "No answers are composed here: no language model is named (BLOGSEARCH_LLM)."
        )


class FileUnavailable(BlogsearchError):
    """A local file that is not handed over, or not there."""


class NotSaved(BlogsearchError):
    """A page can't be saved; ``status`` and ``code`` are as in ErrorResponse."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Starting(BlogsearchError):
    """The model is still being loaded."""


class ForeignPage(BlogsearchError):
    """A page of another site asks, which a browser makes it say."""


class TooManyQuestions(BlogsearchError):
    """One client asks more than its share; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "Too many questions from your address; wait a little and ask again."
        )
        self.retry_after = retry_after


class UnknownHost(BlogsearchError):
    """The request names a host that this server does not answer for."""


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """``status`` is HTTP's, ``code`` a stable word, ``retry_after`` seconds, 0 for never."""

    status: int
    code: str
    message: str
    retry_after: int = 0


# A fault of the machine is put in our words: the error's own name folders, and are for
# the log.
_LOG_SAYS = "The server's log says more."
# The first class that fits decides: class, status, code, seconds to wait before another
# try, and the sentence, "" for the error's own.
_KINDS: tuple[tuple[type[BlogsearchError], int, str, int, str], ...] = (
    (ArticleUnknown, 404, "unknown-article", 0, ""),
    (QuestionUnknown, 404, "unknown-question", 0, ""),
    (FileUnavailable, 404, "no-such-file", 0, ""),
    (AnswersOff, 404, "answers-off", 0, ""),
    (
        IndexMissing,
        503,
        "no-index",
        60,
        "There is nothing in the index yet. Fill it with: blog-indexer add SOURCE",
    ),
    (IndexDamaged, 503, "index-damaged", 60, f"The index is damaged. {_LOG_SAYS}"),
    (
        IndexMismatch,
        503,
        "index-mismatch",
        60,
        f"The index was made by another version or model. {_LOG_SAYS}",
    ),
    (
        IndexBusy,
        503,
        "index-busy",
        5,
        "The index is being written; ask again in a moment.",
    ),
    (
        StorageFailed,
        503,
        "storage-failed",
        60,
        f"The index's disk can't be read. {_LOG_SAYS}",
    ),
    (
        ModelError,
        503,
        "model-error",
        60,
        f"The embedding model can't be loaded. {_LOG_SAYS}",
    ),
    (Starting, 503, "starting", 2, ""),
    (UnknownHost, 400, "unknown-host", 0, ""),
    (ForeignPage, 403, "foreign-page", 0, ""),
)

RETRY_SAVING = 60  # seconds
POST_ALONE = "This address takes what is sent to it, with POST."
_HTTP_WORDS = {
    400: ("bad-request", "This request could not be understood."),
    404: ("not-found", "There is nothing at this address."),
    405: ("method-not-allowed", "This address can only be read, with GET."),
    413: ("too-long", "This request is too long."),
}


def error_response_for(error: Exception) -> ErrorResponse:
    """Choose the response to an error."""
    match error:
        case QueryError(code="too-long"):
            return ErrorResponse(413, error.code, str(error))
        case QueryError():
            return ErrorResponse(400, error.code, str(error))
        case TooManyQuestions():
            return ErrorResponse(
                429, "too-many-questions", str(error), error.retry_after
            )
        case NotSaved():
            wait = RETRY_SAVING if error.status == 503 else 0
            return ErrorResponse(error.status, error.code, str(error), wait)
        case MethodNotAllowed(valid_methods=methods) if "GET" not in (methods or ()):
            return ErrorResponse(405, "method-not-allowed", POST_ALONE)
        case Busy():
            return ErrorResponse(503, "busy", str(error), error.retry_after)
        case HTTPException(code=int(status)) if 400 <= status < 500:
            code, message = _HTTP_WORDS.get(
                status, ("bad-request", "This request cannot be answered.")
            )
            return ErrorResponse(status, code, message)
    for kind, status, code, wait, sentence in _KINDS:
        if isinstance(error, kind):
            return ErrorResponse(status, code, sentence or str(error), wait)
    return ErrorResponse(
        500, "internal", "Something went wrong here; the server's log says what."
    )
