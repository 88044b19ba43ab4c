"""Markdown and plain text as articles: titles, dates, paragraphs; and what is told
apart from HTML."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.documents import plain_text as texts
from indexer.documents.dispatch import kind_of, read_document
from indexer.documents.plain_text import file_title
from indexer.documents.read_page import read
from indexer.extract.page import ExtractError
from search.types import Block
from tests.torture.scale import rounds

RAW = "https://raw.githubusercontent.com/ann/kiln/HEAD/"
POST = b"""---
title: Firing with ash
author: Ann
date: 2023-04-05
---
# Firing with ash

The *ash* melts at [1240 degrees](https://a.example/) and runs.

## What to watch

- the cones
- the colour

3. Warm up
4. Hold

```python
fire(cone=9)
```
"""
README = b"""<p align="center"><img src="logo.png"></p>

# kiln

[![build](https://ci.example/badge.svg)](https://ci.example/)

Plans firings so that the kettle is never cold.
"""


def test_markdown_has_the_metadata_of_its_front_matter_and_blocks_without_the_title():
    found = read_document(
        POST, "https://ann.example/ash.md", content_type="text/markdown"
    )
    assert found is not None
    assert (found.title, found.author, found.published) == (
        "Firing with ash",
        "Ann",
        date(2023, 4, 5),
    )
    assert found.blocks == (
        Block("paragraph", "The ash melts at 1240 degrees and runs."),
        Block("heading", "What to watch", 2),
        Block("item", "the cones", 1),
        Block("item", "the colour", 1),
        Block("item", "Warm up", 1, number=3),
        Block("item", "Hold", 1, number=4),
        Block("code", "fire(cone=9)"),
    )


def test_a_readme_as_github_serves_it_is_markdown_even_behind_html():
    found = read_document(
        README, RAW + "README.md", content_type="text/plain", charset="utf-8"
    )
    assert found is not None
    assert found.title == "kiln"
    assert found.blocks[-1].text == "Plans firings so that the kettle is never cold."


def test_the_first_heading_is_the_title_unless_something_stands_above_it():
    found = read_document(
        b"Some words.\n\n# Later\n\nMore.", RAW + "a.md", content_type="text/plain"
    )
    assert found is not None
    assert found.title == "Later"
    assert [block.kind for block in found.blocks] == [
        "paragraph",
        "heading",
        "paragraph",
    ]


@pytest.mark.parametrize(
    ("url", "title"),
    [
        (RAW + "README.md", "kiln"),
        (RAW + "docs/Ash%20glazes.md", "Ash glazes"),
        ("https://docs.google.com/document/d/1a/export?format=txt", ""),
        ("https://a.example/README", ""),
        ("https://a.example/notes/index.md", "notes"),
    ],
)
def test_a_text_without_a_heading_is_called_by_its_file(url, title):
    assert file_title(url) == title


TEXT = """Notes on clay
=============

Clay shrinks as it
dries, and again in the fire.

1. Wedge it.
2. Let it rest
   for a night.

    mix(clay, water)
    wait()
"""


def test_a_plain_text_has_paragraphs_items_and_code():
    found = read_document(
        TEXT.encode(), "https://a.example/clay.txt", content_type="text/plain"
    )
    assert found is not None
    assert found.title == "Notes on clay"
    assert found.blocks == (
        Block("paragraph", "Clay shrinks as it dries, and again in the fire."),
        Block("item", "Wedge it.", 1, number=1),
        Block("item", "Let it rest for a night.", 1, number=2),
        Block("code", "    mix(clay, water)\n    wait()"),
    )


def test_a_google_document_has_a_paragraph_a_line():
    long = "The kiln was built of soft brick. " * 10
    body = f"\ufeffHow the kiln was built\r\n\r\n\r\n{long}\r\nThen it was fired.\r\n* once".encode()
    found = read_document(body, "https://docs.google.com/document/d/1a/export?format=txt",
                          content_type="text/plain", charset="utf-8")  # fmt: skip
    assert found is not None
    assert found.title == "How the kiln was built"
    assert [block.text for block in found.blocks] == [
        long.strip(),
        "Then it was fired.",
        "once",
    ]


def test_a_program_is_one_block_of_code_under_its_name():
    found = read_document(
        b"import kiln\n\nkiln.fire()\n", RAW + "src/fire.py", content_type="text/plain"
    )
    assert found is not None
    assert found.title == "fire.py"
    assert found.blocks == (Block("code", "import kiln\n\nkiln.fire()"),)


@pytest.mark.parametrize(
    ("body", "url", "content_type"),
    [
        (b"<!doctype html><title>x</title>", "https://a.example/a.md", "text/plain"),
        (b"<html><p>Sign in</html>", "https://a.example/a.ipynb", ""),
        (b"# Ash", "https://a.example/ash.md", "text/html"),
        (b"<p>One</p><p>Two</p>", "https://a.example/1", "text/plain"),
        (b"words", "https://a.example/1", ""),
        (b"\x00\x01\x02", "https://a.example/1", "text/plain"),
        (b'{"a": 1}', "https://a.example/1", "application/json"),
        (b"PK\x03\x04", "https://a.example/1", "application/octet-stream"),
    ],
)
def test_what_is_no_document_is_left_to_the_reader_of_html(body, url, content_type):
    assert kind_of(body, url, content_type=content_type) is None


def test_a_text_too_large_to_be_an_article_is_refused_with_its_size(monkeypatch):
    monkeypatch.setattr(texts, "LARGEST", 100)
    with pytest.raises(
        ExtractError, match="a text of 101 characters; more than 100 are not read"
    ):
        read_document(
            b"x" * 101, "https://a.example/log.txt", content_type="text/plain"
        )


def test_reading_takes_a_document_for_what_it_is():
    reading = read(POST, RAW + "ash.md", content_type="text/plain")
    assert reading.whole
    assert reading.blocks[1].text == "What to watch"


@settings(max_examples=rounds(80, 1000), deadline=None)
@given(st.text(max_size=300), st.sampled_from(["a.md", "a.txt", "a.py", "README"]))
@example("A\n\r0", "a.txt")
def test_any_text_is_read_without_a_word_lost(text, name):
    found = read_document(
        text.encode("utf-8", "replace"), RAW + name, content_type="text/plain"
    )
    if found is not None and name != "a.md":
        # The first line of a text may be its title; else that is the file's name.
        title = found.title if found.title in text else ""
        kept = "".join([title, *(b.text for b in found.blocks)])
        assert {c for c in text if c.isalpha()} <= set(kept)
