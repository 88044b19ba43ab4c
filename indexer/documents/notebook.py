"""The articles in Jupyter notebooks: Markdown and code cells in their order, no outputs.

The format: https://nbformat.readthedocs.io/en/latest/format_description.html; version
3, which has its cells in worksheets, still lies about.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import Any, cast

from indexer.documents.plain_text import LARGEST, with_front_matter
from indexer.extract.article import Extraction, extract_fragment
from indexer.extract.page import ExtractError
from indexer.extract.structured_data import dicts_in
from indexer.text.encoding import decode
from indexer.text.front_matter import split_front_matter
from indexer.text.markdown import render_markdown
from indexer.text.markup import legal
from search.types import Block

# Bytes, as the fetcher's; most of a large notebook is pictures among its outputs.
LARGEST_FILE = 20 << 20
# Levels of a heading; version 3 has cells of them.
_LEVELS = range(1, 7)


def read_notebook(body: bytes, url: str) -> Extraction:
    """Return the article in a notebook. Raises ExtractError for one that is too large
    or broken."""
    if len(body) > LARGEST_FILE:
        raise ExtractError(
            f"{url} is a notebook of {len(body) / 1e6:.0f} MB; more than 20 MB are not read."
        )
    cells = _cells(body, url)
    if sum(map(len, map(_source, cells))) > LARGEST:
        raise ExtractError(
            f"{url} is a notebook with more than {LARGEST:,} characters of text."
        )
    blocks: list[Block] = []
    for cell in cells:
        blocks += _cell_blocks(cell, url)
    return with_front_matter(url, tuple(blocks), _front_matter(cells))


def _cells(body: bytes, url: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(decode(body, "utf-8"))
    except (ValueError, RecursionError) as error:
        raise ExtractError(
            f"{url} is a broken notebook: it can't be read as JSON."
        ) from error
    lists = []
    for part in dicts_in([data, *_list_in(data, "worksheets")]):
        if isinstance(part.get("cells"), list):
            lists.append(part["cells"])
    if not lists:
        raise ExtractError(f"{url} is named as a notebook, but holds no cells.")
    return list(chain.from_iterable(map(dicts_in, lists)))


def _list_in(value: Any, key: str) -> list[Any]:
    if isinstance(value, dict) and isinstance(value.get(key), list):
        return cast(list[Any], value[key])
    return []


def _cell_blocks(cell: dict[str, Any], url: str) -> tuple[Block, ...]:
    source = _source(cell)
    if not source.strip():
        return ()
    match cell.get("cell_type"):
        case "markdown":
            return extract_fragment(render_markdown(source), url)
        case "heading":
            level = cell.get("level")
            if isinstance(level, int) and level in _LEVELS:
                depth = level
            else:
                depth = 1
            return (Block("heading", " ".join(source.split()), depth),)
        case "code":
            return (Block("code", source.strip("\n")),)
    return ()


def _source(cell: dict[str, Any]) -> str:
    """Return a cell's text, which is one string or one a line; version 3 has another
    name for a code cell's."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if isinstance(source, str):
        return legal(source)
    return ""


def _front_matter(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the front matter that blog software (Quarto, fastpages) reads from a first
    raw cell."""
    if cells and cells[0].get("cell_type") == "raw":
        return split_front_matter(_source(cells[0]))[0]
    return {}
