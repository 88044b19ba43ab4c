"""A link page that leads to documents which harm readers: each ends as what it is, with
a reason."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader, PdfWriter

from indexer.documents.pdf import PAGES
from tests.pdfs import column, pdf
from tests.runs import Runs, outcome
from tests.sites import serving


def locked() -> bytes:
    writer, body = (
        PdfWriter(clone_from=PdfReader(BytesIO(pdf([column(["Ash."])])))),
        BytesIO(),
    )
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(body)
    return body.getvalue()


def test_hostile_documents_stay_links_with_a_reason_and_hold_nothing_up(
    tmp_path, workers
):
    pages = [
        column([f"On page {n} there are words about ash."]) for n in range(1, PAGES + 1)
    ]
    pages += [[]] * (5000 - len(pages))
    notebook = (
        b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "'
        + b"x" * 40_000_000
        + b'"}]}'
    )
    documents = {
        "locked.pdf": (locked(), "application/pdf", "password"),
        "scan.pdf": (pdf([[], [], []], scan=True), "application/pdf", "pictures"),
        "huge.ipynb": (notebook, "application/json", "larger than|more than"),
        "long.pdf": (pdf(pages), "application/pdf", ""),
    }
    with serving() as site:
        lines = (
            f"- 2024-05-06 [The {name}]({site.url('/')}{name}) on ash\n"
            for name in documents
        )
        site.put("/links.md", "# Links\n\n" + "".join(lines), kind="text/markdown")
        for name, (body, kind, _) in documents.items():
            site.put(f"/{name}", body, kind=kind)
        runs = Runs(tmp_path / "index", workers)
        report = runs.add(site.url("/links.md"))
        held = runs.articles()
        for name, (_, _, words) in documents.items():
            article, ended = (
                held[site.url(f"/{name}")],
                outcome(report, site.url(f"/{name}")),
            )
            assert article.notes[0].anchor_text == f"The {name}"
            assert article.evidence == ("link" if words else "article")
            assert any(word in ended.detail for word in words.split("|")), ended.detail
        assert "of 5,000 pages" in held[site.url("/long.pdf")].blocks[-1].text
