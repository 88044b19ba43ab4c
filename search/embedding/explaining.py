"""The errors of libraries over a model's files, as sentences that say what to do.

Errors that say so already pass as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from search.embedding.model_check import first_line, shown
from search.errors import BlogsearchError, ModelError


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
_Model = TypeVar("_Model", bound=_Named)


def explaining(
    method: Callable[Concatenate[_Model, _Given], _Made],
) -> Callable[Concatenate[_Model, _Given], _Made]:
    """Raise ModelError for whatever a model's files make of the libraries that read
    them."""

    @wraps(method)
    def explained(
        self: _Model, /, *args: _Given.args, **kwargs: _Given.kwargs
    ) -> _Made:
        try:
            return method(self, *args, **kwargs)
        except BlogsearchError:
            raise
        except Exception as error:  # tokenizers raises Exception itself
            raise ModelError(
                f"The embedding model {shown(self.name)} can't be used: {first_line(error)}."
                " Name a sentence-transformers model or the path of one with --model."
            ) from error

    return explained
