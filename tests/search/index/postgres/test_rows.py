"""Rows of PostgreSQL's tables: what is written is read again."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.index.postgres import rows
from search.index.stored_vectors import as_stored
from search.port_values import StoredPassage, TokenBits
from search.types import Article, Block, Note, Passage


def read_again(article):
    """The article as its rows in articles and bylines give it."""
    byline = rows.byline_of(article)
    title, published, _, *rest = rows.article_values(article)
    place = (rows.clean(article.url), title, byline.site, byline.author)
    tags, collections, *_ = rows.names_values(article.tags, article.collections)
    return rows.article_of((*place, published, *rest, tags, collections))


def test_an_article_comes_back_from_its_rows():
    article = Article(
        "https://a.example/ä?b=1",
        'A "title"',
        site="Ölmühle",
        author="Zoë",
        published=date(2020, 2, 3),
        language="de",
        evidence="summary",
        blocks=(Block("heading", "Über", 2, "ueber"), Block("item", "eins", 1, "", 3)),
        notes=(Note("nice", "here", "links", date(2021, 1, 1), "file:///x", 4),),
        nosnippet=True,
        dead_since=date(2022, 2, 2),
        archived="https://archive.example/a",
    )
    assert read_again(article) == article
    byline = rows.byline_of(article)
    assert byline.host == "a.example"
    assert byline.squashed == "olmuhle aexample zoe"


@given(st.text(st.characters(exclude_categories=()), min_size=1))
def test_no_text_is_more_than_a_database_can_store(text):
    kept = rows.clean(text)
    assert "\0" not in kept
    assert len(kept) == len(text)
    kept.encode()
    block = Block("code", f"{text}.")
    article = Article("https://a.example/", text, blocks=(block,))
    assert read_again(article).title == kept
    # JSON escapes what PostgreSQL does not take.
    assert "\0" not in str(rows.article_values(article))


def test_a_passage_comes_back_from_its_row():
    passage = Passage("Some text", ("Top", 'In "it"'), "top", "Some", is_note=True)
    values = rows.passage_values(passage)
    assert rows.stored_passage_of((7, 2, *values, "ab12")) == StoredPassage(
        7, passage, "ab12", 2
    )


@given(st.integers(0, 10_000), st.sampled_from([1, 8, 64, 385]))
def test_vectors_come_back_as_the_embedded_home_stores_them(seed, dimension):
    vectors = np.random.default_rng(seed).standard_normal((5, dimension))
    vectors = vectors.astype(np.float32)
    vectors[1] = 0
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    stored = [(half.to_binary(), step) for half, step in rows.vector_values(vectors)]
    read = rows.vectors_of_rows(stored)
    kept = np.stack([as_stored(vector) for vector in vectors])
    assert read.tobytes() == kept.tobytes()
    again = [(half.to_binary(), step) for half, step in rows.vector_values(read)]
    assert again == stored


def test_no_vectors_have_the_shape_of_their_dimension():
    assert rows.vectors_of_rows([], 8).shape == (0, 8)


def test_token_bits_come_back():
    bits = np.arange(18, dtype=np.uint8).reshape(9, 2)
    found = TokenBits(bits, np.array([0, 4, 5], np.uint16))
    back = rows.token_bits_of(*rows.token_values(found), 15)
    assert (back.bits == bits).all()
    assert back.counts.tolist() == [0, 4, 5]
