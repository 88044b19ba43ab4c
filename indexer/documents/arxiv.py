"""An arXiv abstract's page → title, authors, abstract and date, from what it tells
Google Scholar. Pure.

https://scholar.google.com/intl/en/scholar/inclusion.html#indexing names these meta
elements.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from indexer.extract.article import Extraction
from indexer.extract.page import ParsedPage
from indexer.text.dates import first_date
from search.types import Block


def is_paper(page: ParsedPage) -> bool:
    """Tell whether a page of arXiv describes a paper to machines."""
    parts = urlsplit(page.url)
    is_abstract = parts.hostname == "arxiv.org" and parts.path.startswith("/abs/")
    described = ("citation_title", "citation_abstract")
    return is_abstract and all(name in page.source for name in described)


def read_paper(page: ParsedPage) -> Extraction:
    """The paper's abstract with who wrote it and when its first version came."""
    metas: dict[str, list[str]] = {}
    for element in page.root.elements():
        if element.tag == "meta" and element.attrs.get("content", "").strip():
            metas.setdefault(element.attrs.get("name", ""), []).append(
                element.attrs["content"]
            )
    said = {name: " ".join(values[0].split()) for name, values in metas.items()}
    blocks = tuple(
        Block("paragraph", text) for text in [said.get("citation_abstract", "")] if text
    )
    return Extraction(
        page.url,
        said.get("citation_title", ""),
        author=", ".join(
            _forename_first(name) for name in metas.get("citation_author", [])
        ),
        site="arXiv",
        published=first_date(said.get("citation_date", "")),
        blocks=blocks,
    )


def _forename_first(name: str) -> str:
    last, _, first = " ".join(name.split()).partition(", ")
    return f"{first} {last}".strip()
