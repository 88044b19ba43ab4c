"""Jupyter notebooks → articles: Markdown and code cells in their order, no outputs.
Pure.

The format: https://nbformat.readthedocs.io/en/latest/format_description.html; version
3, which has its cells in worksheets, still lies about.
"""

from __future__ import annotations

import json
from typing import Any

from indexer.documents.plain_text import LARGEST, extraction
from indexer.extract.article import Extraction, extract_fragment
from indexer.extract.page import ExtractError
from indexer.text.encoding import decode
from indexer.text.front_matter import front_matter
from indexer.text.markdown import render_markdown
from indexer.text.markup import legal
from search.types import Block

# bytes, as the fetcher's; most of a large notebook is pictures among its outputs
LARGEST_FILE = 20 << 20


def read_notebook(body: bytes, url: str) -> Extraction:
    """The article in a notebook. Raises ExtractError for one that is too large or
    broken."""
    if len(body) > LARGEST_FILE:
        raise ExtractError(
            f"{url} is a notebook of {len(body) / 1e6:.0f} MB; more than 20 MB are not read."
        )
    cells = _cells(body, url)
    blocks: list[Block] = []
    size = 0
    for cell in cells:
        source = _source(cell)
        size += len(source)
        if size > LARGEST:
            raise ExtractError(
                f"{url} is a notebook with more than {LARGEST:,} characters of text."
            )
        blocks += _blocks(cell, source, url)
    return extraction(url, tuple(blocks), _front(cells))


def _cells(body: bytes, url: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(decode(body, "utf-8"))
    except (ValueError, RecursionError) as error:
        raise ExtractError(
            f"{url} is a broken notebook: it can't be read as JSON."
        ) from error
    sheets = data.get("worksheets") if isinstance(data, dict) else None
    found = [data, *(sheets if isinstance(sheets, list) else [])]
    lists = [
        part["cells"]
        for part in found
        if isinstance(part, dict) and isinstance(part.get("cells"), list)
    ]
    if not lists:
        raise ExtractError(f"{url} is named as a notebook, but holds no cells.")
    return [cell for cells in lists for cell in cells if isinstance(cell, dict)]


def _blocks(cell: dict[str, Any], source: str, url: str) -> tuple[Block, ...]:
    kind = cell.get("cell_type")
    if not source.strip():
        return ()
    if kind == "markdown":
        return extract_fragment(render_markdown(source), url)
    if kind == "heading":
        level = cell.get("level")
        depth = level if isinstance(level, int) and 1 <= level <= 6 else 1
        return (Block("heading", " ".join(source.split()), depth),)
    return (Block("code", source.strip("\n")),) if kind == "code" else ()


def _source(cell: dict[str, Any]) -> str:
    """A cell's text: one string, or one a line; version 3 calls a code cell's
    otherwise."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return legal(source) if isinstance(source, str) else ""


def _front(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """The front matter that blog software (Quarto, fastpages) reads from a first raw
    cell."""
    if cells and cells[0].get("cell_type") == "raw":
        return front_matter(_source(cells[0]))[0]
    return {}
