"""The paper behind a page of arXiv: title, authors, abstract and date.

It is read from what the page tells Google Scholar:
https://scholar.google.com/intl/en/scholar/inclusion.html#indexing
"""

from __future__ import annotations

from urllib.parse import urlsplit

from indexer.extract.article import Extraction
from indexer.extract.page import ParsedPage
from indexer.text.dates import first_date
from search.types import Block

_REQUIRED = ("citation_title", "citation_abstract")


def is_paper(page: ParsedPage) -> bool:
    """Tell whether a page of arXiv describes a paper to machines."""
    parts = urlsplit(page.url)
    is_abstract = parts.hostname == "arxiv.org" and parts.path.startswith("/abs/")
    return is_abstract and all(map(page.source.__contains__, _REQUIRED))


def read_paper(page: ParsedPage) -> Extraction:
    """Return the paper's abstract, with its authors and the day of its first version."""
    metas: dict[str, list[str]] = {}
    for meta in page.root.elements("meta"):
        content = " ".join(meta.get("content").split())
        if content:
            metas.setdefault(meta.get("name"), []).append(content)
    first = {name: values[0] for name, values in metas.items()}
    abstract = filter(None, [first.get("citation_abstract")])
    authors = map(_forename_first, metas.get("citation_author", []))
    return Extraction(
        page.url,
        first.get("citation_title", ""),
        author=", ".join(authors),
        site="arXiv",
        published=first_date(first.get("citation_date", "")),
        blocks=tuple(Block("paragraph", text) for text in abstract),
    )


def _forename_first(name: str) -> str:
    last, _, first = name.partition(", ")
    return f"{first} {last}".strip()
