"""Notebooks as articles: cells in their order, no outputs, and hostile files refused in
a sentence."""

import json
from datetime import date

import pytest

from indexer.documents import notebook
from indexer.documents.dispatch import kind_of, read_document
from indexer.extract.page import ExtractError
from search.types import Block

URL = "https://raw.githubusercontent.com/ann/kiln/HEAD/ash.ipynb"


def cell(kind: str, source, **more) -> dict:
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def book(*cells, **more) -> bytes:
    return json.dumps(
        {
            "cells": list(cells),
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
            **more,
        }
    ).encode()


PICTURE = {
    "output_type": "display_data",
    "data": {"image/png": "iVBORw0KGgo" * 50, "text/plain": ["<Figure>"]},
}
ASH = book(
    cell("raw", "---\ntitle: Ash, measured\ndate: 2022-03-04\n---"),
    cell("markdown", ["# Ash\n", "\n", "We *weigh* the ash."]),
    cell(
        "code", ["ash = load()\n", "ash.plot()"], execution_count=1, outputs=[PICTURE]
    ),
    cell(
        "markdown", "## Results\n\n1. Cool.\n\n| cone | runs |\n|---|---|\n| 9 | yes |"
    ),
    cell("code", ""),
)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json", "application/x-ipynb+json", ""]
)
def test_cells_are_read_in_order_without_outputs(content_type):
    found = read_document(ASH, URL, content_type=content_type)
    assert found is not None
    assert (found.title, found.published) == ("Ash, measured", date(2022, 3, 4))
    assert found.blocks == (
        Block("heading", "Ash", 1),
        Block("paragraph", "We weigh the ash."),
        Block("code", "ash = load()\nash.plot()"),
        Block("heading", "Results", 2),
        Block("item", "Cool.", 1, number=1),
        Block("table", "cone | runs\n9 | yes"),
    )


def test_the_first_heading_is_the_title_and_a_notebook_is_known_by_its_shape():
    body = book(cell("markdown", "# Ash\nText."))
    found = read_document(
        body, "https://a.example/api/1", content_type="application/json"
    )
    assert found is not None
    assert (found.title, found.blocks) == ("Ash", (Block("paragraph", "Text."),))


def test_version_three_has_worksheets_inputs_and_heading_cells():
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Ash"},
        {"cell_type": "code", "input": "fire()"},
    ]
    body = json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode()
    found = read_document(body, URL, content_type="text/plain")
    assert found is not None
    assert (found.title, found.blocks) == ("Ash", (Block("code", "fire()"),))


def test_a_login_page_in_its_place_is_no_notebook():
    assert kind_of(b"<!DOCTYPE html><html>", URL, content_type="text/html") is None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (ASH[:200], "is a broken notebook"),
        (b'{"cells": ' + b"[" * 200_000, "is a broken notebook"),
        (b'{"nbformat": ' + b"9" * 100_000 + b', "cells": []}', "is a broken notebook"),
        (b"[1, 2]", "holds no cells"),
        (b'{"cells": {"a": 1}, "nbformat": 4}', "holds no cells"),
        (b"", "is a broken notebook"),
    ],
)
def test_a_broken_notebook_is_refused_in_a_sentence(body, sentence):
    with pytest.raises(ExtractError, match=sentence):
        read_document(body, URL, content_type="application/x-ipynb+json")


def test_a_notebook_of_forty_megabytes_is_refused_before_it_is_parsed():
    body = (
        b'{"cells": [{"cell_type": "markdown", "source": "'
        + b"x" * 40_000_000
        + b'"}]}'
    )
    with pytest.raises(ExtractError, match="a notebook of 40 MB; more than 20 MB"):
        read_document(body, URL, content_type="text/plain")


def test_a_notebook_of_too_much_text_is_refused(monkeypatch):
    monkeypatch.setattr(notebook, "LARGEST", 10)
    with pytest.raises(ExtractError, match="more than 10 characters"):
        read_document(ASH, URL, content_type="text/plain")


def test_odd_cells_are_passed_over():
    odd = [
        None,
        7,
        {"cell_type": "markdown"},
        cell("markdown", [1, "One."]),
        cell("video", "x"),
        cell("code", {}),
    ]
    found = read_document(book(*odd), URL, content_type="text/plain")
    assert found is not None
    assert found.blocks == (Block("paragraph", "One."),)


def test_deeply_nested_markdown_harms_no_other_cell():
    deep = [
        cell("markdown", ">" * 5000 + " deep"),
        cell("markdown", "- " * 5000 + "deep"),
    ]
    found = read_document(
        book(*deep, cell("markdown", "Flat.")), URL, content_type="text/plain"
    )
    assert found is not None
    assert found.blocks[-1] == Block("paragraph", "Flat.")
