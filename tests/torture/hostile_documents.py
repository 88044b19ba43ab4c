"""PDF files, notebooks, texts and exports that are made to hold a reader up."""

from __future__ import annotations

import json
import zlib

from indexer.documents.read_page import read
from indexer.local.exports import read_export
from tests.torture.made import URL, Documents, M, flate


def raw_pdf(
    *objects: bytes, trailer: bytes = b"/Root 1 0 R", table: bool = True
) -> bytes:
    """A PDF file of these objects, numbered from 1."""
    made, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return bytes(made) + b"trailer << /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, trailer, start if table else 0
    )  # fmt: skip


def stream(content: bytes, about: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (
        len(content),
        about,
        content,
    )


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>"


def pdf_of(content: bytes, about: bytes = b"", *more: bytes) -> bytes:
    """A PDF file of one page with this content stream."""
    sheet = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >> >>"
    )
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return raw_pdf(CATALOG, pages, sheet, stream(content, about), FONT, *more)


def pdf_tree(width: int, depth: int) -> bytes:
    """A page tree whose nodes all hold the same next one many times: width ** depth
    pages."""
    nodes = [
        b"<< /Type /Pages /Count %d /Kids [%b] >>"
        % (width ** (depth - n), b"%d 0 R " % (n + 3) * width)
        for n in range(depth)
    ]
    return raw_pdf(CATALOG, *nodes, b"<< /Type /Page /MediaBox [0 0 9 9] >>")


def pdf_objects(count: int) -> bytes:
    """A file that is one compressed stream of many objects."""
    heads = b"".join(b"%d %d " % (n + 10, 5 * n) for n in range(count))
    packed = zlib.compress(heads + b"null " * count, 9)
    about = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (count, len(heads))
    return raw_pdf(
        CATALOG,
        b"<< /Type /Pages /Count 1 /Kids [10 0 R] >>",
        stream(packed, about),
        table=False,
    )


def chained_pdf() -> bytes:
    """Cross-reference tables that name each other for ever."""
    body = raw_pdf(CATALOG, b"<< /Type /Pages /Count 0 /Kids [] >>")
    at = body.rindex(b"xref\n0")
    return body.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % at)


def notebook(cells: str) -> bytes:
    return ('{"nbformat": 4, "cells": [' + cells + "]}").encode()


def wordpress(inside: str) -> bytes:
    head = '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="x"><channel>'
    item = "<item><title>a</title><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>{}</item>"
    return f"{head}{item.format(inside)}</channel></rss>".encode()


def as_ghost(post: dict[str, object]) -> bytes:
    posts = [{"slug": "a", "status": "published", "title": "a"} | post]
    return json.dumps({"db": [{"data": {"posts": posts}}]}).encode()


DOCUMENTS: Documents = {
    "a tree of 10^30 pages": lambda: (read, (pdf_tree(10, 30), URL + ".pdf")),
    "a tree of 5,000 levels": lambda: (read, (pdf_tree(1, 5000), URL + ".pdf")),
    "a tree that holds itself": lambda: (
        read,
        (
            raw_pdf(CATALOG, b"<< /Type /Pages /Count 9999999 /Kids [2 0 R 2 0 R] >>"),
            URL + ".pdf",
        ),
    ),
    "a count of pages that is a lie": lambda: (
        read,
        (
            raw_pdf(CATALOG, b"<< /Type /Pages /Count 99999999999 /Kids [] >>"),
            URL + ".pdf",
        ),
    ),
    "tables that name each other": lambda: (read, (chained_pdf(), URL + ".pdf")),
    "a million objects in a stream": lambda: (
        read,
        (pdf_objects(500_000), URL + ".pdf"),
    ),
    "a stream of 1 GB": lambda: (
        read,
        (pdf_of(flate(1000 * M), b"/Filter /FlateDecode"), URL + ".pdf"),
    ),
    "a stream packed ten times": lambda: (
        read,
        (
            pdf_of(flate(100 * M), b"/Filter [" + b"/FlateDecode " * 10 + b"]"),
            URL + ".pdf",
        ),
    ),
    "a predictor of many columns": lambda: (
        read,
        (
            pdf_of(
                flate(50 * M),
                b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 1 >>",
            ),
            URL + ".pdf",
        ),
    ),
    "run lengths": lambda: (
        read,
        (pdf_of(b"\x81a" * 2 * M, b"/Filter /RunLengthDecode"), URL + ".pdf"),
    ),
    "LZW": lambda: (
        read,
        (pdf_of(b"\x80\x0b\x60\x50" * M, b"/Filter /LZWDecode"), URL + ".pdf"),
    ),
    "ASCII85": lambda: (
        read,
        (pdf_of(b"z" * 5 * M, b"/Filter /ASCII85Decode"), URL + ".pdf"),
    ),
    "operators": lambda: (
        read,
        (pdf_of(b"BT /F 9 Tf (a) Tj ET " * 300_000), URL + ".pdf"),
    ),
    "saved states": lambda: (read, (pdf_of(b"q " * 2 * M), URL + ".pdf")),
    "open arrays": lambda: (read, (pdf_of(b"[" * 2 * M), URL + ".pdf")),
    "open strings": lambda: (read, (pdf_of(b"(" * 2 * M), URL + ".pdf")),
    "open dictionaries": lambda: (
        read,
        (
            raw_pdf(b"<<" * 500_000, b"<< /Type /Pages /Count 0 /Kids [] >>"),
            URL + ".pdf",
        ),
    ),
    "forms within themselves": lambda: (
        read,
        (
            pdf_of(
                b"/X Do " * 20,
                b"",
                stream(
                    b"/X Do " * 20,
                    b"/Type /XObject /Subtype /Form /Resources << /XObject << /X 6 0 R >> >>",
                ),
            ),
            URL + ".pdf",
        ),
    ),
    "references in a circle": lambda: (
        read,
        (raw_pdf(b"2 0 R", b"1 0 R", trailer=b"/Root 1 0 R"), URL + ".pdf"),
    ),
    "marks of objects": lambda: (
        read,
        (b"%PDF-1.4\n" + b"1 0 obj\n" * M, URL + ".pdf"),
    ),
    "starts of tables": lambda: (
        read,
        (b"%PDF-1.4\n" + b"startxref\n9\n" * M, URL + ".pdf"),
    ),
    "a file of spaces": lambda: (read, (b"%PDF-1.4\n" + b" " * 20 * M, URL + ".pdf")),
    "lines of a PDF": lambda: (
        read,
        (pdf_of(b"BT /F 9 Tf 9 TL " + b"(a. .) ' " * 100_000 + b"ET"), URL + ".pdf"),
    ),
    "a cell of 10 MB": lambda: (
        read,
        (
            notebook('{"cell_type": "markdown", "source": "' + "[a](" * 300_000 + '"}'),
            URL + ".ipynb",
        ),
    ),
    "a million cells": lambda: (
        read,
        (
            notebook(",".join(['{"cell_type": "markdown", "source": "a"}'] * 300_000)),
            URL + ".ipynb",
        ),
    ),
    "a notebook nested deep": lambda: (read, (notebook("[" * 100_000), URL + ".ipynb")),
    "a notebook of huge numbers": lambda: (
        read,
        (
            notebook(
                '{"cell_type": "heading", "source": "a", "level": ' + "9" * M + "}"
            ),
            URL + ".ipynb",
        ),
    ),
    "a text of lines": lambda: (read, (b"a\n" * M, URL + ".txt")),
    "a text of blanks": lambda: (read, (b" \n" * M + b"a", URL + ".txt")),
    "a text of rules": lambda: (read, (b"=" * 2 * M + b"\n" + b"-" * M, URL + ".txt")),
    "a text of marks": lambda: (read, (b"- " * M, URL + ".txt")),
    "an export nested deep": lambda: (
        read_export,
        (wordpress("<content:encoded>x</content:encoded>" + "<a>" * M), URL),
    ),
    "an export of entities": lambda: (
        read_export,
        (b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + wordpress("&a;"), URL),
    ),
    "an export of 300,000 posts": lambda: (
        read_export,
        (
            wordpress(
                "</item>" + "<item><title>a</title><wp:status>publish</wp:status>"
                "<wp:post_type>post</wp:post_type></item>" * 200_000 + "<item>"
            ),
            URL,
        ),
    ),
    "Ghost nested deep": lambda: (
        read_export,
        (as_ghost({"lexical": '{"root": {"children": ' + "[" * 100_000}), URL),
    ),
    "Ghost's cards": lambda: (
        read_export,
        (
            as_ghost(
                {
                    "mobiledoc": json.dumps(
                        {"sections": [[10, -1]] * M, "cards": [["html", {"html": "x"}]]}
                    )
                }
            ),
            URL,
        ),
    ),
}
