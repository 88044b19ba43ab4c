"""Everything that can go wrong in a way a person can put right.

    BlogsearchError            the message is one sentence that says what to do
    ├── QueryError             what was asked cannot be answered as it stands (has a .code)
    ├── ArticleUnknown         the index holds no article at the address
    ├── QuestionUnknown        no standing question has this name
    ├── QuestionRefused        a standing question can't be kept under this name
    ├── IndexAddressError      the address of an index cannot be used as it stands
    ├── IndexMissing           there is no index at this place yet
    ├── IndexDamaged           a file of the index is not what was written
    ├── IndexMismatch          the index was made by another model, splitter or version
    ├── IndexBusy              another process holds the lock
    ├── OpenedBeforeFork       this process was forked from one that uses the index
    ├── StorageFailed          the disk is full, failing or closed to this user
    └── ModelError             the embedding model cannot be loaded

The indexer's own errors (of fetching, of feeds, of sources) are children of
BlogsearchError that live in the modules that raise them.
"""


class BlogsearchError(Exception):
    """Base of every expected failure; ``str(error)`` is fit to be shown to a person."""


class QueryError(BlogsearchError):
    """The question cannot be answered; ``code`` is a stable word for machines."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ArticleUnknown(BlogsearchError):
    """The index holds no article at the address that was given."""


class QuestionUnknown(BlogsearchError):
    """No standing question has the name that was given."""


class QuestionRefused(BlogsearchError):
    """A standing question can't be kept as it stands, or under the name given."""


class IndexAddressError(BlogsearchError):
    """The address of an index, or what goes with it, cannot be used as it stands."""


class IndexMissing(BlogsearchError):
    """There is no index at this place yet."""


class IndexDamaged(BlogsearchError):
    """A file of the index is not what was written."""


class IndexMismatch(BlogsearchError):
    """The index was made by another model, splitter or version."""


class IndexBusy(BlogsearchError):
    """Another process is writing to this index."""


class OpenedBeforeFork(BlogsearchError):
    """The index was used before this process was forked; it has to be opened again."""


class StorageFailed(BlogsearchError):
    """A file can't be read or written: the disk is full or failing, or this user may
    not."""


class ModelError(BlogsearchError):
    """The embedding model cannot be loaded or used."""
