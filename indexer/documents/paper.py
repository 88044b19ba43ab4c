"""A paper as one article: what the page about it says, and the text of its document.

The page tells Google Scholar title, authors and date:
https://scholar.google.com/intl/en/scholar/inclusion.html#indexing
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from indexer.documents.latexml import is_latexml, read_latexml
from indexer.documents.paper_sites import paper_of
from indexer.documents.pdf import read_pdf
from indexer.extract.article import Extraction
from indexer.extract.body.find_body import words_of
from indexer.extract.dom import Element
from indexer.extract.metadata import read_metadata
from indexer.extract.page import ExtractError, ParsedPage, parse_page
from indexer.records import Page
from indexer.text.dates import first_date
from search.types import Block

# Words of a document that says more than its abstract; less is a message.
FEWEST_WORDS = 300
_FRONT = 40  # blocks at the beginning in which the text's first heading is looked for
_SITES = {
    "arxiv.org": "arXiv",
    "aclanthology.org": "ACL Anthology",
    "openaccess.thecvf.com": "CVF Open Access",
    "openreview.net": "OpenReview",
    "papers.nips.cc": "NeurIPS",
    "papers.neurips.cc": "NeurIPS",
    "proceedings.neurips.cc": "NeurIPS",
    "proceedings.mlr.press": "PMLR",
}
# Where pages have the abstract: PMLR and CVF by id, the ACL Anthology by class.
_ABSTRACTS = frozenset(["abstract", "acl-abstract"])
_LABEL = re.compile(r"^\s*abstract\b[\s:.—-]*", re.IGNORECASE)
# The first heading of the text, behind the abstract.
_BEGINNING = re.compile(r"^(?:1|I)?[.\s]*\s*introduction\b", re.IGNORECASE)


def is_paper(page: ParsedPage) -> bool:
    """Tell whether a page describes a paper to machines."""
    paper = paper_of(page.url)
    is_about = paper is not None and urlsplit(paper.own).path == urlsplit(page.url).path
    return is_about and "citation_title" in page.source


def read_paper(page: ParsedPage) -> Extraction:
    """Return the paper's abstract, with its authors and the day of its first version."""
    metas: dict[str, list[str]] = {}
    for meta in page.root.elements("meta"):
        content = " ".join(meta.get("content").split())
        if content:
            name = meta.get("name") or meta.get("property")
            metas.setdefault(name, []).append(content)
    first = {name: values[0] for name, values in metas.items()}
    authors = map(_forename_first, metas.get("citation_author", []))
    dates = ("citation_date", "citation_publication_date", "citation_online_date")
    day = next(filter(None, map(first.get, dates)), "")
    abstract = first.get("citation_abstract") or _abstract_in(page.root)
    if not abstract and urlsplit(page.url).hostname == "openreview.net":
        abstract = first.get("og:description", "")
    paper = paper_of(page.url)
    address = paper.own if paper else page.url
    return Extraction(
        address,
        first.get("citation_title", ""),
        author=", ".join(authors),
        site=_SITES.get(urlsplit(address).hostname or "", ""),
        published=first_date(day),
        blocks=tuple(Block("paragraph", text) for text in [abstract] if text),
    )


def with_document(about: Extraction, document: Page) -> Extraction:
    """Return a paper with the text of its document behind the abstract, each block with
    the address that opens the document there.

    Raises ExtractError where the document has no text to speak of.
    """
    body = _text_of(document, has_abstract=bool(about.blocks))
    if len(words_of(" ".join(block.text for block in body))) < FEWEST_WORDS:
        raise ExtractError("The paper's document has no text that can be read.")
    placed = tuple(_placed(block, document.final_url) for block in body)
    return replace(about, blocks=about.blocks + placed)


def _text_of(document: Page, *, has_abstract: bool) -> tuple[Block, ...]:
    if document.body.lstrip().startswith(b"%PDF-"):
        blocks = read_pdf(document.body, document.final_url).blocks
        return _without_front(blocks) if has_abstract else blocks
    page = parse_page(document.body, document.final_url, charset=document.charset)
    if not is_latexml(page.root):
        raise ExtractError("The paper's page holds no paper.")
    if read_metadata(page.root, page.url).asks.noindex:
        raise ExtractError("The paper's page asks to be kept out of search.")
    return read_latexml(page.root, has_abstract=has_abstract)


def _without_front(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks from the first section on: title, authors and abstract are known
    from the page about the paper."""
    headings = [n for n, block in enumerate(blocks[:_FRONT]) if block.kind == "heading"]
    beginnings = [n for n in headings if _BEGINNING.match(blocks[n].text)]
    if not beginnings:
        # Of another first section only its place is known.
        abstracts = [n for n in headings if _LABEL.match(blocks[n].text)]
        beginnings = [n for n in headings if abstracts and n > abstracts[0]]
    return blocks[min(beginnings, default=0) :]


def _placed(block: Block, address: str) -> Block:
    if block.anchor:
        return replace(block, anchor=f"{address}#{block.anchor}")
    return block


def _abstract_in(root: Element) -> str:
    for element in root.elements("div", "section", "p"):
        if _ABSTRACTS.intersection(element.names):
            return _LABEL.sub("", element.text)
    return ""


def _forename_first(name: str) -> str:
    last, _, first = name.partition(", ")
    return f"{first} {last}".strip()
